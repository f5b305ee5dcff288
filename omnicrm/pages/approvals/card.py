"""One proposal in full: sentence, fields with their evidence, the words it rests on, and the decision."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.evidence import highlighted, number
from omnicrm.components.parts import button, icon, icon_of, kbd
from omnicrm.components.status import flag, status
from omnicrm.pages.approvals.editors import editor
from omnicrm.state.approvals import ApprovalsState, SheetsState

ICONS = (
    "calendar-sync",
    "calendar-plus",
    "calendar-x",
    "user-plus",
    "user-pen",
    "phone",
    "list-checks",
    "banknote",
    "reply",
)


def card(view: rx.Var) -> rx.Component:
    """The open card, or one that waits behind it: the stylesheet shows the first that has not gone."""
    failed = view.status == "execution_failed"
    return ui.decision_card(
        rx.el.div(
            _top(view, failed),
            rx.el.h2(view.sentence, class_name="xl"),
            rx.el.p(view.consequence, class_name="s m2"),
            rx.cond(view.amended != "", rx.el.p(view.amended, class_name="s m2")),
            rx.cond(failed, _failed(view)),
            rx.cond(view.excerpt.length() > 0, _excerpt(view)),
            rx.el.div(rx.foreach(view.fields, lambda field: _field(view, field)), class_name="flds"),
            rx.cond(view.source.length() > 0, _source(view)),
            rx.cond(view.reply_id != "", _drafted(view)),
            class_name="qs",
            custom_attrs={"tabIndex": "-1"},
        ),
        rx.cond(failed, _failed_bar(view), rx.cond(ApprovalsState.edits == view.id, _edit_bar(view), _bar(view))),
        key=view.id,
        card_id=view.id,
        goes=["approve"],
        refused=ApprovalsState.refused,
        on_act=lambda what: ApprovalsState.act(view.id, what),
        on_reject=SheetsState.ask(view.id),
        on_later=SheetsState.ask_when(view.id),
        class_name="pc",
        custom_attrs={"aria-label": view.sentence},
    )


def _top(view: rx.Var, failed: rx.Var) -> rx.Component:
    clear = rx.cond(view.accuracy != "", view.band_label + ": " + view.accuracy, view.band_label)
    return rx.el.div(
        rx.el.span(icon_of(view.icon, *ICONS, size="s"), view.type_label, class_name="row g6 s m2"),
        rx.cond(
            failed,
            status("approvals", view),
            rx.fragment(
                rx.el.span(parts.confidence(view.band, clear), class_name="dt"),
                rx.el.span(parts.confidence(view.band), class_name="ph"),
            ),
        ),
        class_name="row sp top",
    )


def _field(view: rx.Var, field: rx.Var) -> rx.Component:
    return rx.cond(field.kind == "prose", _prose(view, field), _line(view, field))


def _line(view: rx.Var, field: rx.Var) -> rx.Component:
    mine = ApprovalsState.edits == view.id
    opened = mine & (ApprovalsState.editor.slot == field.name)
    changed = mine & ApprovalsState.changed.contains(field.name)
    value = rx.cond(
        field.editable,
        rx.el.button(
            field.value,
            type="button",
            class_name=rx.cond(changed, "v changed", "v"),
            aria_label=field.label + ": " + field.value + ". Edit",
            aria_expanded=opened,
            on_click=rx.cond(opened, ApprovalsState.close_editor, ApprovalsState.open_field(view.id, field.name)),
        ),
        rx.el.span(field.value, class_name="v fixed"),
    )
    change = rx.cond(
        (field.old != "") & ~changed,
        rx.el.span(
            rx.el.s(field.old, class_name="was"), rx.el.span(" → ", class_name="arrow m2"), value, class_name="change"
        ),
        value,
    )
    said = rx.cond(
        changed,
        rx.el.span(" your change", class_name="s m2 nw"),
        rx.fragment(
            rx.cond(field.inferred != "", rx.el.span(" ", field.inferred, class_name="s m2")),
            rx.cond(
                field.note != "",
                rx.cond(
                    field.note_tone == "ok",
                    rx.el.span(" ", flag(field.note, "check", "ok")),
                    rx.el.span(" ", flag(field.note, "triangle-alert", "wait")),
                ),
            ),
        ),
    )
    leave = button(
        "Leave out",
        kind="ghost z1",
        aria_label="Leave out: " + field.label,
        on_click=ApprovalsState.leave_out(view.id, field.name),
    )
    return rx.fragment(
        rx.el.div(
            rx.el.span(field.label, class_name="k"),
            rx.el.span(change, " ", rx.foreach(field.badges, number), said),
            rx.cond(
                opened,
                button("Close", kind="ghost z1", on_click=ApprovalsState.close_editor),
                rx.cond(field.can_leave_out, leave, rx.el.span()),
            ),
            class_name="fld",
        ),
        rx.cond(opened, editor(view)),
    )


def _prose(view: rx.Var, field: rx.Var) -> rx.Component:
    """The words of a reply: changed in place, copied; sending them stays with the practitioner's own mail."""
    return rx.el.div(
        rx.el.label(
            rx.el.span(field.label, class_name="lab"),
            rx.el.textarea(
                name="body",
                default_value=field.raw,
                rows="8",
                class_name="inp voice",
                on_blur=lambda text: ApprovalsState.set_value(view.id, field.name, text),
            ),
        ),
        rx.el.div(
            button(icon("copy", "s"), "Copy", custom_attrs={"data-copy": "textarea[name=body]"}),
            rx.el.span("Nothing is sent from here: paste it where you write.", class_name="s m2"),
            class_name="row wrap",
        ),
        class_name="col noswipe",
    )


def _excerpt(view: rx.Var) -> rx.Component:
    """The phone's three lines; the whole mail is one tap away."""
    return rx.el.div(
        highlighted(view.excerpt),
        rx.el.div(
            view.source_name,
            rx.cond(view.source_name != "", ", ", ""),
            view.source_when,
            " ",
            rx.el.button(
                "Read it all", type="button", class_name="link noswipe", on_click=SheetsState.read_all(view.id)
            ),
            class_name="s m2 by",
        ),
        class_name="quote voice ph",
    )


def _source(view: rx.Var) -> rx.Component:
    return rx.el.div(
        mail_head(view), rx.el.div(highlighted(view.source, keys=True), class_name="voice pre"), class_name="mail dt"
    )


def mail_head(view: rx.Var) -> rx.Component:
    """Who wrote, about what, when."""
    return rx.el.header(
        rx.cond(view.source_kind == "event", icon("calendar"), parts.avatar(view.source_initials, "sm j")),
        rx.el.div(
            rx.el.div(view.source_name, " ", rx.el.span(view.source_email, class_name="m2 light"), class_name="b one"),
            rx.el.div(highlighted(view.source_subject), class_name="s m2 one"),
            class_name="grow",
        ),
        rx.el.span(view.source_when, class_name="s m2 nw cap bk"),
    )


def _drafted(view: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.el.span(icon("reply"), class_name="acc"),
        rx.el.div(
            rx.el.div("A reply is drafted for this", class_name="b"),
            rx.el.div(view.reply, class_name="voice one"),
            class_name="grow",
        ),
        button("Read it", on_click=ApprovalsState.open(view.reply_id)),
        class_name="row t g12 checks",
    )


def _failed(view: rx.Var) -> rx.Component:
    return rx.fragment(
        parts.banner(rx.el.div(view.error, class_name="b"), tone="err"),
        rx.el.h3("What was tried"),
        rx.el.ol(
            rx.foreach(
                view.tries,
                lambda one: rx.el.li(
                    rx.el.span(one.what, class_name="grow"), rx.el.span(one.when, class_name="m2"), class_name="row s"
                ),
            ),
            class_name="tries",
        ),
    )


def _bar(view: rx.Var) -> rx.Component:
    return rx.el.div(
        button(
            rx.el.span(icon("check"), class_name="ph"),
            _yes(view),
            kbd("A"),
            kind="solid",
            keys="a",
            act="approve",
        ),
        button(
            rx.el.span(icon("pencil-line", "s"), class_name="ph"),
            "Edit",
            kbd("E"),
            keys="e",
            on_click=ApprovalsState.edit(view.id),
        ),
        button(rx.el.span(icon("alarm-clock", "s"), class_name="ph"), "Later", kbd("S"), keys="s", act="later"),
        button(rx.el.span(icon("x", "s"), class_name="ph"), "Reject", kbd("R"), keys="r", act="reject"),
        rx.el.span(kbd("J"), " ", kbd("K"), " down, up \u2003", kbd("X"), " select", class_name="end s m2 nw dt"),
        class_name="barb pacts",
    )


def _edit_bar(view: rx.Var) -> rx.Component:
    return rx.el.div(
        button(
            rx.cond(ApprovalsState.approve_words != "", ApprovalsState.approve_words, _yes(view)),
            kbd("A"),
            kind="solid",
            keys="a",
            act="approve",
        ),
        button(
            icon("undo-2", "s"),
            rx.cond(ApprovalsState.approve_words != "", "Drop the change", "Close"),
            kbd("Esc"),
            keys="escape",
            on_click=ApprovalsState.drop_change(view.id),
        ),
        rx.el.span("Your change is saved when you approve", class_name="end s m2 nw dt"),
        class_name="barb pacts editing",
    )


def _failed_bar(view: rx.Var) -> rx.Component:
    return rx.el.div(
        button(
            icon("refresh-cw", "s"), "Try again", kind="solid", keys="a", on_click=ApprovalsState.retry(view.id, False)
        ),
        rx.cond(
            view.can_undo,
            rx.fragment(
                button("Leave it here only", on_click=ApprovalsState.keep_here(view.id)),
                button("Take it back", keys="r", on_click=SheetsState.undo(view.id)),
            ),
            button("Reject", keys="r", act="reject"),
        ),
        rx.el.span("The others are not held up", class_name="end s m2 nw dt"),
        class_name="barb pacts",
    )


def _yes(view: rx.Var) -> rx.Component:
    """What approving a reply means is not what its word says."""
    return rx.cond(view.type == "reply.draft", "Keep the draft", "Approve")
