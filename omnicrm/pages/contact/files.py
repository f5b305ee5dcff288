"""On a client's page: the photo, and the files at the side."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.parts import button, icon, icon_of
from omnicrm.state.contact import ContactState
from omnicrm.state.contact_files import FilesState

_card = ContactState.card


def portrait() -> rx.Component:
    """The photo, or initials; a press chooses another one."""
    shown = rx.cond(
        _card.photo != "",
        rx.el.img(src=f"/files/photo/{_card.id}?v={_card.photo}", alt="", class_name="av xl photo"),
        parts.avatar(_card.initials, "xl j"),
    )
    return ui.upload(
        shown,
        rx.el.span(icon("camera", "s"), class_name="cam"),
        fields={"contact": _card.id, "kind": "photo"},
        accept="image/jpeg,image/png,image/webp,image/gif",
        label=rx.cond(_card.photo != "", "Change the photo", "Add a photo"),
        on_done=FilesState.photographed,
        on_refused=FilesState.refused,
        class_name="pic",
    )


def files() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Files"),
        rx.foreach(FilesState.files, _file),
        rx.el.div(
            ui.upload(
                icon("paperclip", "s"),
                "Add a file",
                fields={"contact": _card.id, "kind": "file"},
                accept="",
                label="Add a file",
                on_done=FilesState.came,
                on_refused=FilesState.refused,
                class_name="btn ghost",
            ),
            rx.cond(
                _card.photo != "",
                button(icon("image-off", "s"), "Remove the photo", kind="ghost", on_click=FilesState.remove_photo),
            ),
            class_name="row wrap",
        ),
        class_name="sd",
    )


def _file(file: rx.Var) -> rx.Component:
    return rx.el.div(
        icon_of(file.icon, "image", "file-text", size="s"),
        ui.plain_link(
            rx.el.span(file.name, class_name="b bk one"),
            rx.el.span(file.about, class_name="xs m2 bk"),
            href="/files/" + file.id.to(str),
            class_name="grow fileline",
            custom_attrs={"download": "download"},
        ),
        button(
            icon("trash-2", "s"),
            kind="ghost ico",
            aria_label="Remove " + file.name.to(str),
            on_click=FilesState.remove(file.id),
        ),
        class_name="row",
        key=file.id,
    )
