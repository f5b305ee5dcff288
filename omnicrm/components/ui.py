"""The parts of `ui.jsx` as Reflex components: shortcuts, toast, sheet, decision card, drafts."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.element import Element

_LIBRARY = "$/public" + rx.asset("ui.jsx", shared=True)


def _text(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class _Ui(rx.Component):
    library = _LIBRARY


class Shortcuts(_Ui):
    """Keys for whatever carries `data-keys`, listed by `?`; silent while typing and while a dialog is open."""

    tag = "Shortcuts"
    enabled: rx.Var[bool]


class Toast(_Ui):
    """Shows PageState's `toast` when its n changes; `on_back` is its button, Undo or "anyway"."""

    tag = "Toast"
    toast: rx.Var[Any]
    hydrated: rx.Var[bool]
    on_back: rx.EventHandler[rx.event.no_args_event_spec]


class Sheet(_Ui):
    """A dialog from 1024 px, a sheet from the bottom below."""

    tag = "Sheet"
    open: rx.Var[bool]
    label: rx.Var[str]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class DecisionCard(_Ui):
    """One thing to decide; `data-act` buttons and swipes reach `on_act`; the card leaves before the answer is in."""

    tag = "DecisionCard"
    card_id: rx.Var[str]
    goes: rx.Var[list[str]]
    refused: rx.Var[str]
    on_act: rx.EventHandler[_text]
    on_reject: rx.EventHandler[rx.event.no_args_event_spec]
    on_later: rx.EventHandler[rx.event.no_args_event_spec]


class OnVisible(_Ui):
    tag = "OnVisible"
    tick: rx.Var[int]
    on_seen: rx.EventHandler[rx.event.no_args_event_spec]


class Draft(_Ui):
    """Inside a form: keeps what is typed on this device until `saved` grows."""

    tag = "Draft"
    name: rx.Var[str]
    saved: rx.Var[int]


class Every(_Ui):
    tag = "Every"
    seconds: rx.Var[int]
    on: rx.Var[bool]
    on_tick: rx.EventHandler[rx.event.no_args_event_spec]


class InPlace(_Ui):
    """Around a form that opened where its value stood: focused at once, Escape says `on_cancel`."""

    tag = "InPlace"
    name: rx.Var[str]
    on_cancel: rx.EventHandler[rx.event.no_args_event_spec]


class Upload(_Ui):
    """A button that sends a file to /files with `fields`; `on_refused` gets the sentence of the refusal."""

    tag = "Upload"
    fields: rx.Var[dict[str, str]]
    accept: rx.Var[str]
    label: rx.Var[str]
    on_done: rx.EventHandler[rx.event.no_args_event_spec]
    on_refused: rx.EventHandler[_text]


class OnChange(_Ui):
    """For pushes: says `on_change` when `value` becomes another one."""

    tag = "OnChange"
    value: rx.Var[int]
    on_change: rx.EventHandler[rx.event.no_args_event_spec]


class Only(_Ui):
    """Its children from 1024 px (`wide`) or below: for what is heavy, or what is a sheet on a phone."""

    tag = "Only"
    wide: rx.Var[bool]


class Centred(_Ui):
    """The last child of a row that scrolls sideways: its current link is brought into sight."""

    tag = "Centred"


class Settled(_Ui):
    """Two children: the body, and what stands there until its data have come; later readings leave the body there."""

    tag = "Settled"
    ready: rx.Var[bool]


class NativeForm(Element):
    """A form that the browser itself posts: for `/auth/…`, where a new cookie needs a new page."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


class PlainLink(Element):
    """The browser's own link: for a place within the page, which the router would make an address of."""

    tag = "a"
    href: rx.Var[str]


shortcuts = Shortcuts.create
toast = Toast.create
sheet = Sheet.create
decision_card = DecisionCard.create
on_visible = OnVisible.create
draft = Draft.create
every = Every.create
only = Only.create
upload = Upload.create
in_place = InPlace.create
centred = Centred.create
settled = Settled.create
on_change = OnChange.create
native_form = NativeForm.create
plain_link = PlainLink.create
