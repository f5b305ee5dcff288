"""The sheets over the queue: why not, approve many, the whole mail, changed since."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.evidence import highlighted
from omnicrm.components.fields import field
from omnicrm.components.parts import button, icon_of
from omnicrm.pages.approvals.card import ICONS, mail_head
from omnicrm.state.approvals import SheetsState


def reject() -> rx.Component:
    """One tap on a reason, one on Reject. What is remembered is said before."""
    return ui.sheet(
        rx.el.form(
            rx.el.h2("Why not?"),
            rx.el.p(SheetsState.rejecting_sentence, class_name="s m2"),
            rx.el.div(
                rx.foreach(SheetsState.reasons, _reason),
                role="radiogroup",
                aria_label="Reason",
                class_name="ds",
            ),
            rx.el.div(
                button("Keep it", custom_attrs={"data-close": "true"}),
                button(
                    rx.cond(
                        (SheetsState.reason == "sender") | (SheetsState.reason == "kind"),
                        "Reject and remember",
                        "Reject",
                    ),
                    kind="solid",
                    type="submit",
                    disabled=SheetsState.busy,
                ),
                class_name="foot",
            ),
            on_submit=SheetsState.reject,
            class_name="col",
        ),
        open=SheetsState.rejecting != "",
        label="Reject this proposal",
        on_close=SheetsState.close,
    )


def _reason(reason: rx.Var) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="reason",
            value=reason.value,
            default_checked=reason.value == "none",
            on_change=SheetsState.choose_reason(reason.value),
            class_name="radio",
        ),
        rx.el.span(
            rx.el.span(reason.words, class_name=rx.cond(SheetsState.reason == reason.value, "b", "")),
            rx.cond(
                (reason.more != "") & (SheetsState.reason == reason.value),
                rx.el.span(reason.more, class_name="s m2 bk"),
            ),
        ),
        class_name="opt",
    )


def later() -> rx.Component:
    """One tap on a moment; another one can be picked."""
    return ui.sheet(
        rx.el.form(
            rx.el.h2("When should it come back?"),
            rx.el.p(SheetsState.putting_off_sentence, class_name="s m2"),
            rx.el.div(
                rx.foreach(SheetsState.moments, _moment),
                rx.el.div(
                    rx.el.div(field("Another time", "until", kind="datetime-local"), class_name="grow"),
                    button("Put off", type="submit", disabled=SheetsState.busy),
                    class_name="row own",
                ),
                class_name="ds",
            ),
            rx.el.div(button("Keep it here", custom_attrs={"data-close": "true"}), class_name="foot"),
            on_submit=SheetsState.put_off_until,
            class_name="col",
            custom_attrs={"novalidate": "true"},
        ),
        open=SheetsState.putting_off != "",
        label="Put this proposal off",
        on_close=SheetsState.close,
    )


def _moment(moment: rx.Var) -> rx.Component:
    return rx.el.button(
        rx.el.span(moment.words, class_name="b grow"),
        rx.el.span(moment.when, class_name="m2 s"),
        type="button",
        class_name="opt when",
        on_click=SheetsState.put_off(moment.until),
    )


def many() -> rx.Component:
    """What happens, one line each; then what does not. The button carries the number and follows the ticks."""
    return ui.sheet(
        rx.el.h2("Approve these ", SheetsState.many.length()),
        rx.el.p(SheetsState.many_words, " Untick what you want to read first.", class_name="s m2"),
        rx.el.div(rx.foreach(SheetsState.many, _one_of_many), class_name="ds"),
        rx.el.div(
            rx.foreach(
                SheetsState.sums,
                lambda one: rx.el.span(
                    icon_of(one.icon, "mail-x", "calendar-check", "undo-2", size="s"), one.words, class_name="row"
                ),
            ),
            class_name="col g6 s sums",
        ),
        rx.el.div(
            button("Cancel", custom_attrs={"data-close": "true"}),
            button(
                rx.cond(SheetsState.busy, "Saving…", "Approve " + SheetsState.ticked.length().to_string()),
                kind="solid",
                on_click=SheetsState.approve_many,
                disabled=SheetsState.busy | (SheetsState.ticked.length() == 0),
            ),
            class_name="foot",
        ),
        open=SheetsState.many.length() > 0,
        label="Approve these",
        on_close=SheetsState.close,
    )


def _one_of_many(line: rx.Var) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            default_checked=True,
            on_change=lambda on: SheetsState.tick(line.id, on),
            class_name="check",
        ),
        rx.el.span(icon_of(line.icon, *ICONS), class_name="acc"),
        rx.el.span(
            rx.el.span(line.sentence, class_name="b"),
            rx.el.span(line.consequence, class_name="s m2 bk"),
            class_name="grow",
        ),
        class_name="opt",
    )


def whole_mail() -> rx.Component:
    """On the phone: the mail in full, its words marked."""
    return ui.sheet(
        rx.cond(
            SheetsState.reading,
            rx.fragment(
                rx.el.div(mail_head(SheetsState.reading), class_name="mail flat"),
                rx.el.div(highlighted(SheetsState.reading.source), class_name="voice pre ds"),
            ),
        ),
        rx.el.div(button("Close", kind="solid", custom_attrs={"data-close": "true"}), class_name="foot"),
        open=rx.cond(SheetsState.reading, True, False),
        label="The whole message",
        on_close=SheetsState.close,
    )


def changed_since() -> rx.Component:
    """Undo after a change: before, as approved, now; three ways, the mildest first."""
    return ui.sheet(
        rx.el.h2("This changed since you approved it"),
        rx.el.p(SheetsState.undoing_words, class_name="s m2"),
        rx.el.div(
            rx.el.div(
                rx.el.span(rx.el.span("Field", class_name="sr"), class_name="h"),
                rx.el.span("Before", class_name="h"),
                rx.el.span("You approved", class_name="h"),
                rx.el.span("Now", class_name="h"),
                rx.foreach(
                    SheetsState.difference,
                    lambda row: rx.fragment(
                        rx.el.span(row.label, class_name="k"),
                        rx.el.span(row.before),
                        rx.el.span(row.approved, class_name="m2"),
                        rx.el.span(row.now, class_name=rx.cond(row.differs, "ch", "")),
                    ),
                ),
                class_name="df",
            ),
            rx.el.div(rx.foreach(SheetsState.ways, _way), role="radiogroup", aria_label="How to undo"),
            class_name="ds",
        ),
        rx.el.div(
            button("Cancel", custom_attrs={"data-close": "true"}),
            button("Do it", kind="solid", on_click=SheetsState.undo_as_chosen, disabled=SheetsState.busy),
            class_name="foot",
        ),
        open=SheetsState.undoing != "",
        label="Changed since you approved it",
        on_close=SheetsState.close,
    )


def _way(way: rx.Var) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="way",
            value=way.value,
            default_checked=SheetsState.ways[0].value == way.value,
            on_change=SheetsState.choose_way(way.value),
            class_name="radio",
        ),
        rx.el.span(
            rx.el.span(way.label, class_name="b"), rx.el.span(way.detail, class_name="s m2 bk"), class_name="grow"
        ),
        class_name="opt box",
    )
