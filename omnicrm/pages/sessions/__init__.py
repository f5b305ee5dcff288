"""One session: who, when, where; how it goes on; what was written; what happened to it."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.booking import booking_sheet
from omnicrm.components.layout import page
from omnicrm.components.note_editor import note_button, note_editor
from omnicrm.components.parts import button, button_link, go, icon
from omnicrm.components.status import flag, status
from omnicrm.pages.sessions import roster, sheets
from omnicrm.state.booking import BookingState
from omnicrm.state.notes import NoteState
from omnicrm.state.sessions.cancelling import CancelState
from omnicrm.state.sessions.editing import EditState
from omnicrm.state.sessions.moving import MoveState
from omnicrm.state.sessions.page import SessionState
from omnicrm.state.sessions.roster import RosterState
from omnicrm.state.shell import ShellState

_card = SessionState.card
_is_class = _card.kind == "class"


@rx.page("/sessions/[session_id]", title="Session · OmniCRM", on_load=[SessionState.load, ShellState.refresh])
def session() -> rx.Component:
    return page(
        "Session",
        rx.cond(SessionState.gone, _gone(), rx.cond(_card, _body())),
        booking_sheet(),
        note_editor(),
        ui.on_change(value=NoteState.saved, on_change=SessionState.reload),
        *sheets.all_of_them(),
        current="calendar",
        back=("Today", "/"),
        head=_head(),
        bar=rx.cond(_card, _bar()),
        reread=SessionState.reload,
    )


def _head() -> rx.Component:
    known = rx.fragment(
        rx.cond(_is_class, rx.fragment(), parts.avatar(_card.initials, "xl j")),
        rx.el.div(
            rx.el.h1(rx.cond(_card.who != "", _card.who, _card.title)),
            rx.el.div(
                rx.cond(_card.who != "", rx.fragment(_card.title, ", "), ""),
                _card.when,
                rx.cond(_card.location != "", rx.fragment(", ", _card.location), ""),
                class_name="m2 s",
            ),
            rx.cond(_card.their_time != "", rx.el.div(_card.their_time, class_name="m2 s")),
            class_name="grow",
        ),
        rx.cond(
            _card.kind != "proposed",
            rx.el.div(
                rx.el.div(note_button(session=_card.id.to(str)), class_name="dt"),
                rx.cond(
                    _card.meeting_url != "",
                    ui.plain_link(
                        icon("video", "s"),
                        "Join",
                        href=_card.meeting_url,
                        class_name="btn jade",
                        custom_attrs={"target": "_blank", "rel": "noopener noreferrer"},
                    ),
                ),
                rx.cond(
                    _card.open,
                    rx.fragment(
                        button(icon("calendar-sync", "s"), "Move", on_click=MoveState.start),
                        button(icon("calendar-x", "s"), "Cancel", on_click=CancelState.start),
                    ),
                ),
                rx.cond(
                    _card.status != "cancelled",
                    button(icon("pencil-line", "s"), "Edit", keys="e", on_click=EditState.start),
                ),
                class_name="row wrap",
            ),
        ),
    )
    return rx.el.header(rx.cond(_card, known, rx.el.h1("Session", class_name="m2")), class_name="idh")


def _body() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.cond(_card.kind == "proposed", _proposed()),
            rx.cond(_card.cancelled != "", parts.banner(_card.cancelled, tone="info", name="calendar-x")),
            roster.offers(),
            rx.cond(_is_class, roster.roster(), _one_to_one()),
            class_name="col g24",
        ),
        _side(),
        class_name="cols",
    )


def _proposed() -> rx.Component:
    return go(
        icon("inbox", "l"),
        rx.el.span("This session is proposed. It waits for your yes.", class_name="grow b"),
        icon("chevron-right"),
        to="/approvals?open=" + _card.approval_id.to(str),
        class_name="appr",
    )


def _one_to_one() -> rx.Component:
    return rx.fragment(
        rx.cond(
            _card.before != "",
            rx.el.section(
                rx.el.div(icon("pin", "s"), "Last note, ", _card.before_when, class_name="row s m2"),
                rx.el.p(_card.before, class_name="voice big pre"),
                aria_label="Last note",
            ),
        ),
        _notes(),
        _tasks(),
    )


def _notes() -> rx.Component:
    return rx.cond(
        _card.notes.length() > 0,
        parts.section(
            rx.cond(_is_class, "Note for this class", "Note on this session"),
            rx.foreach(
                _card.notes,
                lambda note: rx.el.div(
                    rx.el.div(
                        rx.cond(note.pinned, icon("pin", "s")),
                        rx.cond(note.title != "", rx.el.span(note.title, class_name="b")),
                        rx.el.span(note.when, class_name="s m2"),
                        class_name="row",
                    ),
                    rx.el.button(
                        note.content, type="button", class_name="voice pre snote", on_click=NoteState.open(note.id)
                    ),
                    class_name="col g4",
                    key=note.id,
                ),
            ),
        ),
    )


def _tasks() -> rx.Component:
    return rx.cond(
        _card.tasks.length() > 0,
        parts.section(
            "Follow-up",
            rx.foreach(
                _card.tasks,
                lambda task: go(
                    rx.cond(task.done, icon("circle-check", "s"), icon("square", "s")),
                    rx.el.span(task.title, class_name="grow"),
                    rx.el.span(task.due, class_name="s m2"),
                    to="/tasks",
                    class_name="lr",
                    key=task.id,
                ),
            ),
        ),
    )


def _side() -> rx.Component:
    def fact(name: str, words: rx.Var, tone: object = "m2") -> rx.Component:
        return rx.cond(words != "", rx.el.div(rx.el.span(icon(name, "s"), class_name=tone), words, class_name="row t"))

    return rx.el.aside(
        rx.el.div(
            status("sessions", _card),
            fact("calendar-check", _card.google, _card.google_tone),
            rx.cond(_card.google_tone == "bad", button("Ask Google again", on_click=SessionState.ask_again)),
            rx.foreach(_card.clashes, lambda words: fact("triangle-alert", words, "warn")),
            fact("ticket", _card.credits, _card.credits_tone),
            rx.cond(_card.unpaid != "", flag(_card.unpaid, "circle-alert", "bad")),
            class_name="col s",
        ),
        rx.cond(
            _card.contact_id != "",
            go(
                rx.el.span("All about ", _card.first_name, class_name="grow b"),
                icon("chevron-right", "s"),
                to="/contacts/" + _card.contact_id.to(str),
                class_name="lr",
            ),
        ),
        rx.cond(_is_class, rx.fragment(_notes(), _tasks())),
        rx.cond(_card.series_id != "", _series()),
        button(icon("history", "s"), "What happened to it", kind="wide", on_click=SessionState.show_history),
        class_name="col g24",
    )


def _series() -> rx.Component:
    return parts.section(
        "Series",
        rx.el.div(_card.series, ", ", _card.series_left, class_name="s"),
        rx.cond(_card.series_left_out != "", rx.el.div(_card.series_left_out, class_name="s m2")),
        rx.cond(
            _card.series_undo != "",
            button(
                icon("undo-2", "s"), _card.series_undo, on_click=SessionState.put_series_back(_card.series_id.to(str))
            ),
        ),
    )


def _bar() -> rx.Component:
    """What comes next, under the thumb."""
    done = rx.cond(_is_class, "Finish class", "Done")
    again = button(
        icon("calendar-plus", "s"), "Book again", on_click=BookingState.again(_card.contact_id, _card.service_id)
    )
    note = rx.el.div(note_button(session=_card.id.to(str)), class_name="ph")
    going = rx.fragment(
        button(done, kind="solid grow ph", on_click=SessionState.finish(True)),
        button(done, kind="solid fin dt", on_click=SessionState.finish(True)),
        rx.cond(
            _is_class,
            button(icon("user-plus", "s"), "Walk-in", kind="ph", on_click=RosterState.start("walk_in")),
            button(icon("user-x", "s"), "No-show", on_click=SessionState.finish(False)),
        ),
        note,
        rx.cond(
            _is_class,
            rx.el.span(SessionState.roster.open_words, "Finishing can be undone.", class_name="s m2 dt"),
            rx.fragment(),
        ),
    )
    follow_up = button(icon("list-checks", "s"), "Follow-up", on_click=SessionState.follow_up)
    over = rx.fragment(
        note, follow_up, button("Open again", on_click=SessionState.reopen), rx.cond(_is_class, rx.fragment(), again)
    )
    return rx.el.div(
        rx.match(
            _card.status,
            ("pending_ai_confirmation", button_link("Decide", to="/approvals", kind="solid grow")),
            ("cancelled", button("Book it again", kind="solid", on_click=CancelState.uncancel(False))),
            ("completed", over),
            ("no_show", over),
            rx.cond(_card.begun, going, rx.fragment(note, rx.cond(_is_class, rx.fragment(), again))),
        ),
        class_name="barb",
    )


def _gone() -> rx.Component:
    return parts.empty(
        "calendar-x",
        "This session is not in your calendar",
        "The address may be wrong, or its booking was taken back.",
        button_link("To the calendar", to="/calendar", kind="solid"),
    )
