"""What opens over a session: another time, calling off, details, finding a client, its history."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.clients import client_search, field_error, kind_of
from omnicrm.components.fields import check, field
from omnicrm.components.parts import button, button_link, chip, icon
from omnicrm.components.repeat import plan
from omnicrm.state.base import PageState
from omnicrm.state.sessions.cancelling import REASONS, CancelState
from omnicrm.state.sessions.editing import EditState
from omnicrm.state.sessions.moving import MoveState
from omnicrm.state.sessions.page import SessionState
from omnicrm.state.sessions.roster import RosterState

_card = SessionState.card


def all_of_them() -> list[rx.Component]:
    return [_move(), _cancel(), _edit(), _people(), _person(), _history()]


def _move() -> rx.Component:
    again = rx.cond(MoveState.in_the_way != "", "Move all the same", "Move")
    words = rx.cond(MoveState.plan_words != "", "Move " + MoveState.plan_words, again)
    return _form(
        "move",
        "Another time",
        rx.cond(
            MoveState.slots.length() > 0,
            rx.el.div(
                rx.foreach(
                    MoveState.slots,
                    lambda one: rx.el.button(
                        one.date,
                        rx.el.b(one.time),
                        rx.el.span(one.words, class_name="s ok"),
                        type="button",
                        class_name="frt",
                        custom_attrs={"aria-pressed": one.key == MoveState.day + "T" + MoveState.time},
                        on_click=MoveState.pick(one.key),
                    ),
                ),
                class_name="frts",
                role="group",
                aria_label="Free times",
            ),
        ),
        rx.el.div(
            _typed("Day", "day", "date", MoveState.day, MoveState.set_day),
            _typed("Begins", "time", "time", MoveState.time, MoveState.set_time),
            _typed("Minutes", "minutes", "numeric", MoveState.minutes, MoveState.set_minutes),
            class_name="fg three",
        ),
        _reach(MoveState),
        rx.el.div(
            _said(MoveState.clocks, "clock"),
            _said(MoveState.in_the_way, "triangle-alert"),
            _said(MoveState.caution, "triangle-alert"),
            role="status",
        ),
        plan(MoveState),
        on_submit=MoveState.move,
        save=words,
        note="The Google event follows. Nobody is told.",
    )


def _cancel() -> rx.Component:
    who = rx.cond(
        _card.contact_id != "",
        rx.el.div(
            chip(
                rx.cond(_card.first_name != "", _card.first_name + " cancels", "The client cancels"),
                on=CancelState.who == "client",
                on_click=CancelState.set_who("client"),
            ),
            chip("I cancel", on=CancelState.who == "practitioner", on_click=CancelState.set_who("practitioner")),
            class_name="chips",
            role="group",
            aria_label="Who cancels",
        ),
    )
    waive = rx.cond(
        CancelState.late & (CancelState.who == "client") & (CancelState.reach == "this"),
        check("Count it as late", CancelState.counts, kind="switch", on_change=CancelState.set_counts),
    )
    return _form(
        "cancel",
        "Cancel this session",
        who,
        rx.el.p(CancelState.meant, class_name="apart1", role="status"),
        waive,
        _reach(CancelState),
        rx.el.div(
            *[chip(words, on=CancelState.reason == words, on_click=CancelState.set_reason(words)) for words in REASONS],
            class_name="chips apart1",
            role="group",
            aria_label="Why",
        ),
        rx.el.label(
            rx.el.span("Reason", class_name="lab"),
            rx.el.input(
                name="reason",
                value=CancelState.reason,
                on_change=CancelState.set_reason,
                class_name="inp",
                auto_complete="off",
            ),
            rx.el.p("For you alone", class_name="help"),
            field_error("reason"),
            class_name="f",
        ),
        on_submit=CancelState.cancel,
        save=rx.cond(CancelState.reached != "", "Cancel " + CancelState.reached, "Cancel it"),
        note="Its Google event goes. Nothing is deleted here, and it can be undone.",
        keep="Keep it",
    )


def _edit() -> rx.Component:
    return _form(
        "edit",
        "Edit this session",
        field("Called", "title", default_value=_card.title),
        field("Place", "location", default_value=_card.location),
        field("Meeting link", "meeting_url", kind="url", default_value=_card.meeting_url, help="Begins with https://"),
        rx.cond(
            _card.kind == "class",
            field("Places", "capacity", kind="number", default_value=_card.capacity.to_string()),
            rx.el.input(type="hidden", name="capacity", value="1"),
        ),
        _reach(EditState),
        on_submit=EditState.save,
        save="Save",
    )


def _people() -> rx.Component:
    title = rx.match(
        SessionState.sheet,
        ("walk_in", "Who walked in?"),
        ("place", "Who gets a place?"),
        "Who waits for a place?",
    )
    search = client_search(
        SessionState.choices,
        SessionState.sought,
        on_find=RosterState.find,
        on_choose=lambda key: RosterState.choose(key, False),
        on_add=RosterState.add_client,
        label="Find a client",
    )
    open_ = (SessionState.sheet == "walk_in") | (SessionState.sheet == "place") | (SessionState.sheet == "wait")
    return ui.sheet(
        rx.el.div(
            rx.el.h2(title),
            rx.el.div(search, class_name="ds"),
            rx.el.div(button("Close", custom_attrs={"data-close": "true"}), class_name="foot"),
            class_name="col",
            style={"minHeight": 0},
        ),
        open=open_,
        label="Find a client",
        on_close=SessionState.close,
    )


def _person() -> rx.Component:
    person = SessionState.person
    return ui.sheet(
        rx.cond(
            person,
            rx.el.div(
                rx.el.h2(person.name),
                rx.el.div(person.detail, class_name="s " + person.tone.to(str)),
                rx.el.div(
                    rx.cond(
                        person.status == "registered",
                        button(
                            icon("calendar-x", "s"),
                            "Called off",
                            kind="wide",
                            on_click=RosterState.call_off(person.contact_id),
                        ),
                        button(
                            icon("undo-2", "s"),
                            "Nothing said yet",
                            kind="wide",
                            on_click=RosterState.mark(person.contact_id, "registered"),
                        ),
                    ),
                    button_link(
                        icon("user", "s"), "Open the client", to="/contacts/" + person.contact_id.to(str), kind="wide"
                    ),
                    class_name="col apart1",
                ),
                rx.el.div(button("Close", custom_attrs={"data-close": "true"}), class_name="foot"),
                class_name="col",
            ),
        ),
        open=SessionState.sheet == "person",
        label="One person",
        on_close=SessionState.close,
    )


def _history() -> rx.Component:
    return ui.sheet(
        rx.el.div(
            rx.el.h2("What happened to it"),
            rx.el.ol(
                rx.foreach(
                    SessionState.history,
                    lambda line: rx.el.li(
                        rx.el.div(
                            line.words,
                            rx.cond(line.by != "", rx.el.span(line.by, class_name="s m2 bk")),
                            class_name="grow",
                        ),
                        rx.el.span(line.when, class_name="s m2 nw"),
                        class_name="lr",
                    ),
                ),
                class_name="ds",
            ),
            rx.el.div(button("Close", custom_attrs={"data-close": "true"}), class_name="foot"),
            class_name="col",
            style={"minHeight": 0},
        ),
        open=SessionState.sheet == "history",
        label="History",
        on_close=SessionState.close,
    )


def _reach(state: Any) -> rx.Component:
    """Of a series: this one, this and the following, or all that are to come."""
    options = (("this", "This session"), ("following", "This and following"), ("all", "All to come"))
    return rx.cond(
        _card.series_id != "",
        rx.el.div(
            *[chip(words, on=state.reach == key, on_click=state.set_reach(key)) for key, words in options],
            class_name="chips apart1",
            role="group",
            aria_label="Which of the series",
        ),
    )


def _form(
    sheet: str, title: str, *fields: Any, on_submit: Any, save: Any, note: str = "", keep: str = "Close"
) -> rx.Component:
    return ui.sheet(
        rx.el.form(
            rx.el.h2(title),
            rx.el.div(*fields, *([rx.el.p(note, class_name="help apart1")] if note else []), class_name="ds"),
            rx.el.div(
                button(keep, custom_attrs={"data-close": "true"}),
                button(rx.cond(PageState.busy, "Saving…", save), kind="solid", type="submit", disabled=PageState.busy),
                class_name="foot",
            ),
            on_submit=on_submit,
            class_name="col",
            custom_attrs={"noValidate": True},
            style={"minHeight": 0},
        ),
        open=SessionState.sheet == sheet,
        label=title,
        on_close=SessionState.close,
    )


def _typed(label: str, name: str, kind: str, value: rx.Var, change: Any) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="lab"),
        rx.el.input(name=name, class_name="inp", value=value, on_change=change, **kind_of(kind)),
        field_error(name),
        class_name="f",
    )


def _said(words: rx.Var, name: str) -> rx.Component:
    return rx.cond(
        words != "",
        rx.el.div(rx.el.span(icon(name, "s"), class_name="warn"), rx.el.span(words), class_name="conf s"),
    )
