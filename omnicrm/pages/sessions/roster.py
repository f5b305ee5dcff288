"""The roster: everybody with a place, one tap each; who walked in; who waits."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.parts import avatar, button, icon
from omnicrm.components.parts import section as part
from omnicrm.components.roster_keys import roster_keys
from omnicrm.components.status import flag
from omnicrm.state.sessions.page import SessionState
from omnicrm.state.sessions.roster import RosterState

_MARKS = (("present", "check", "Present"), ("late", "clock", "Late"), ("no_show", "user-x", "No-show"))


def roster() -> rx.Component:
    return rx.el.section(rx.cond(SessionState.roster, rx.fragment(_counts(), _people(), _more(), _waiting())))


def offers() -> rx.Component:
    """A place has freed, and somebody waits for it."""
    return rx.foreach(
        SessionState.offers,
        lambda offer: rx.el.div(
            rx.el.span(icon("bell", "s"), class_name="acc"),
            rx.el.span(offer.sentence, class_name="grow"),
            button("Give it", kind="solid", on_click=RosterState.fulfil(offer.entry_id)),
            class_name="bn info",
            key=offer.entry_id,
        ),
    )


def _counts() -> rx.Component:
    known = SessionState.roster
    return rx.el.div(
        rx.el.span(known.words, class_name="b wd"),
        rx.el.span(
            flag(rx.fragment(known.present, " present"), "check", "ok"),
            flag(rx.fragment(known.late, " late"), "clock", "wait"),
            flag(rx.fragment(known.no_show, " no-show"), "user-x", "bad"),
            rx.el.span(known.open, " open", class_name="s m2"),
            rx.cond(known.used != "", rx.el.span(icon("ticket", "s"), known.used, class_name="st quiet")),
            class_name="row wrap cnt",
            custom_attrs={"aria-live": "polite"},
        ),
        class_name="sh wrap",
    )


def _people() -> rx.Component:
    return rx.cond(
        SessionState.roster.rows.length() > 0,
        roster_keys(rx.el.ul(rx.foreach(SessionState.roster.rows, _person))),
        rx.el.p("Nobody has a place yet.", class_name="m2"),
    )


def _person(row: rx.Var) -> rx.Component:
    return rx.el.li(
        avatar(row.initials),
        rx.el.button(
            rx.el.span(row.name, class_name="b one bk"),
            rx.cond(row.detail != "", rx.el.span(row.detail, class_name="s one bk " + row.tone.to(str))),
            type="button",
            class_name="nm",
            on_click=RosterState.show(row.contact_id),
        ),
        rx.el.div(
            *[_mark(row, *mark) for mark in _MARKS],
            class_name="att",
            role="radiogroup",
            aria_label=row.name,
        ),
        class_name="ro",
        key=row.contact_id,
    )


def _mark(row: rx.Var, word: str, name: str, label: str) -> rx.Component:
    return rx.el.button(
        icon(name, "s"),
        rx.el.span(label),
        type="button",
        role="radio",
        class_name=f"{word} mk",
        aria_label=label,
        custom_attrs={"aria-checked": row.status == word, "data-mark": word},
        on_click=RosterState.mark(row.contact_id, word),
    )


def _more() -> rx.Component:
    return rx.fragment(
        rx.cond(
            SessionState.card.status != "cancelled",
            rx.el.div(
                rx.el.button(
                    rx.el.span(icon("plus"), class_name="av pl"),
                    rx.el.span("Add a walk-in", class_name="b"),
                    type="button",
                    class_name="lr acc",
                    custom_attrs={"data-keys": "n"},
                    on_click=RosterState.start("walk_in"),
                ),
                rx.cond(
                    SessionState.card.open,
                    rx.el.div(
                        button(icon("user-plus", "s"), "Give a place", on_click=RosterState.start("place")),
                        button(icon("hourglass", "s"), "Waiting list", on_click=RosterState.start("wait")),
                        class_name="row wrap",
                    ),
                ),
            ),
        ),
        rx.cond(
            SessionState.roster.called_off.length() > 0,
            rx.el.p("Called off: ", SessionState.roster.called_off.join(", "), class_name="s m2 apart1"),
        ),
    )


def _waiting() -> rx.Component:
    return rx.cond(
        SessionState.waiting.length() > 0,
        part(
            "Waiting list",
            rx.foreach(
                SessionState.waiting,
                lambda one: rx.el.div(
                    avatar(one.initials, "sm"),
                    rx.el.div(
                        rx.el.div(one.name, class_name="b one"),
                        rx.el.div("for ", one.for_what, ", since ", one.since, class_name="s m2 one"),
                        class_name="grow",
                    ),
                    button("Take off", kind="ghost", on_click=RosterState.leave(one.id)),
                    class_name="lr",
                    key=one.id,
                ),
            ),
            class_name="apart",
        ),
    )
