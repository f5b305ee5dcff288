"""Today: sessions with each client's last note, what waits, what matters, the days after."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.booking import book_button, booking_sheet
from omnicrm.components.layout import page
from omnicrm.components.note_editor import note_button, note_editor
from omnicrm.components.parts import button_link, go, icon, icon_of, section
from omnicrm.components.status import flag, status
from omnicrm.state.booking import BookingState
from omnicrm.state.notes import NoteState
from omnicrm.state.shell import ShellState
from omnicrm.state.today import TodayState

PROPOSAL_ICONS = (
    "calendar-sync",
    "calendar-plus",
    "calendar-x",
    "user-plus",
    "user-pen",
    "list-checks",
    "banknote",
    "reply",
)
_card = TodayState.card


@rx.page("/today", title="Today · OmniCRM", on_load=[TodayState.load, ShellState.refresh])
@rx.page("/", title="Today · OmniCRM", on_load=[TodayState.load, ShellState.refresh])
def today() -> rx.Component:
    return page(
        rx.cond(_card, _card.greeting, "Today"),
        rx.cond(_card, rx.el.div(_sessions(), _side(), class_name="cols")),
        booking_sheet(),
        note_editor(),
        ui.on_change(value=NoteState.saved + BookingState.booked, on_change=TodayState.load),
        current="today",
        above=rx.cond(_card, rx.el.span(_card.date, ", ", _card.now), "\u00a0"),
        reread=TodayState.load,
        actions=(rx.el.div(note_button(), class_name="dt"), rx.el.div(book_button(), class_name="dt")),
        bar=rx.el.div(
            parts.button(
                icon("calendar-plus", "s"), "Book", kind="solid grow", on_click=BookingState.start("", "", "")
            ),
            note_button(kind="grow"),
            class_name="barb ph",
        ),
    )


def _sessions() -> rx.Component:
    return rx.el.section(
        rx.cond(TodayState.waiting > 0, _strip()),
        rx.foreach(
            TodayState.offers,
            lambda offer: rx.el.div(
                rx.el.span(icon("bell", "s"), class_name="acc"),
                rx.el.span(offer.sentence, class_name="grow"),
                parts.button("Give it", on_click=TodayState.fulfil(offer.entry_id, offer.session_id)),
                class_name="bn info",
                key=offer.entry_id,
            ),
        ),
        rx.el.div(rx.el.h2("Sessions today"), rx.el.span(_card.to_come, class_name="end"), class_name="sh"),
        rx.cond(
            _card.sessions.length() > 0,
            rx.el.ol(rx.foreach(_card.sessions, _session)),
            parts.empty("sun", "No session today", "The day is yours, or somebody's who asks for it."),
        ),
        rx.cond(_card.days.length() > 0, _next_days()),
    )


def _strip() -> rx.Component:
    """The phone's way into the queue, first of all."""
    return go(
        rx.el.span(icon("inbox", "l"), class_name="acc"),
        rx.el.span(
            rx.el.span(TodayState.waiting, " approvals waiting", class_name="b bk"),
            rx.el.span(TodayState.waiting_words, class_name="s m2 bk"),
            rx.cond(_card.failed != "", flag(_card.failed, "circle-alert", "bad")),
            class_name="grow",
        ),
        icon("chevron-right"),
        to="/approvals",
        class_name="appr ph",
    )


def _session(row: rx.Var) -> rx.Component:
    is_next = row.id == TodayState.next_id
    tone = rx.cond(
        is_next, "ses next", rx.cond(row.kind == "proposed", "ses prop", rx.cond(row.past, "ses done", "ses"))
    )
    to = rx.cond(row.kind == "proposed", "/approvals", "/sessions/" + row.id.to(str))
    return rx.el.li(
        rx.el.div(rx.el.span(row.time, class_name="b bk"), rx.el.span(row["length"], class_name="s m2")),
        rx.el.div(class_name="rail"),
        rx.el.div(
            rx.el.div(
                go(row.who, to=to, class_name="name"),
                rx.cond(is_next, rx.el.span(row.distance, class_name="st acc")),
                class_name="row g6 wrap",
            ),
            rx.el.div(
                row.detail,
                rx.cond(row.places != "", rx.fragment(", ", row.places, " places"), ""),
                rx.cond(row.their_time != "", rx.fragment(", ", row.their_time), ""),
                class_name="s m2",
            ),
            rx.cond((row.note != "") & ~row.past, rx.el.p(row.note, class_name="voice two")),
            rx.cond(is_next, _next_acts(row)),
            class_name="what",
        ),
        rx.el.div(
            rx.cond(row.unpaid != "", flag(row.unpaid, "circle-alert", "bad")),
            rx.cond(
                row.credits != "", rx.el.span(icon("ticket", "s"), row.credits, class_name="st " + row.credits_tone)
            ),
            rx.cond((row.kind == "proposed") | row.past, status("sessions", row)),
            rx.cond(
                row.past & ~row.written & (row.kind != "proposed"),
                parts.button(
                    icon("notebook-pen", "s"),
                    "Write up",
                    rx.el.span(" ", row.who, class_name="sr"),
                    kind="amber z1",
                    on_click=NoteState.write("", row.id, "", ""),
                ),
            ),
            class_name="flags",
        ),
        class_name=tone,
        key=row.id,
    )


def _next_acts(row: rx.Var) -> rx.Component:
    """What is done with the session that comes next."""
    words = (icon("video", "s"), "Open call")
    call = rx.el.a(*words, href=row.call, target="_blank", rel="noopener noreferrer", class_name="btn solid")
    return rx.cond(row.call != "", rx.el.div(call, class_name="row acts3"))


def _next_days() -> rx.Component:
    return rx.el.div(
        rx.el.div(rx.el.h2("Next days"), rx.el.span(_card.days_words, class_name="end"), class_name="sh"),
        rx.el.div(
            rx.foreach(
                _card.days,
                lambda day: go(
                    rx.el.span(day.day, class_name="b"), rx.el.span(day.words), to="/calendar?day=" + day.date
                ),
            ),
            class_name="nx3",
        ),
        class_name="nx",
    )


def _side() -> rx.Component:
    approvals = section(
        "Approvals",
        rx.foreach(
            _card.approvals,
            lambda row: go(
                rx.el.span(icon_of(row.icon, *PROPOSAL_ICONS), class_name="acc"),
                rx.el.span(row.sentence, class_name="grow"),
                to="/approvals?open=" + row.id,
                class_name="lr",
            ),
        ),
        rx.cond(
            _card.failed != "",
            go(flag(_card.failed, "circle-alert", "bad"), to="/approvals", class_name="lr"),
        ),
        button_link("Go through all ", TodayState.waiting, to="/approvals", kind="wide"),
        end=rx.fragment(TodayState.waiting, " waiting"),
        class_name="dt",
    )
    return rx.el.div(
        rx.cond(TodayState.waiting > 0, approvals),
        section(
            "What matters",
            rx.cond(
                _card.priorities.length() > 0,
                rx.foreach(_card.priorities, _priority),
                rx.el.p("Nothing is due. Add what you want to remember under Tasks.", class_name="m2"),
            ),
        ),
        class_name="col g24",
    )


def _priority(row: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.cond(
            row.kind == "task",
            rx.el.input(
                type="checkbox",
                default_checked=False,
                class_name="check",
                aria_label="Done: " + row.title,
                on_change=TodayState.finish(row.id),
            ),
            rx.cond(
                row.kind == "renewal",
                rx.el.span(icon("ticket"), class_name="wait"),
                rx.el.span(icon("circle-alert"), class_name="bad"),
            ),
        ),
        go(row.title, rx.el.span(row.detail, class_name="s m2 bk cap"), to=row.link, class_name="grow"),
        class_name="lr",
        key=row.id,
    )
