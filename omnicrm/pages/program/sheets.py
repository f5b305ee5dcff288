"""Sheets of a program's page: enrol, one person with the ledger, credits by hand, classes."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.fields import field, form_sheet
from omnicrm.components.parts import avatar, button, button_link, icon
from omnicrm.state.base import PageState
from omnicrm.state.program import ProgramState
from omnicrm.state.program_people import ProgramPeopleState as People

_card = ProgramState.card
_person = People.person


def sheets() -> list[rx.Component]:
    return [_enrol(), _one(), _correct(), _move(), _prolong(), _classes(), _attach()]


def _enrol() -> rx.Component:
    return ui.sheet(
        rx.el.h2("Enrol"),
        rx.el.p("Tap who comes in. Credits of a package are there at once.", class_name="s m2"),
        rx.el.div(
            _search("Whom?"),
            rx.el.div(
                rx.foreach(People.choices, lambda one: _who(one, People.enrol(one.id, False))),
                role="group",
                aria_label="Clients",
            ),
            class_name="ds",
        ),
        _foot(),
        open=People.sheet == "enrol",
        label="Enrol",
        on_close=People.close,
    )


def _one() -> rx.Component:
    def turn(name: str, words: str, to: str, when: rx.Var) -> rx.Component:
        return rx.cond(when, button(icon(name, "s"), words, on_click=People.turn(_person.contact_id, to, False)))

    status = _person.status
    inside = (status == "active") | (status == "paused")
    known = rx.fragment(
        rx.el.div(
            avatar(_person.initials),
            rx.el.div(
                rx.el.h2(_person.who),
                rx.el.div(
                    _person.status_label,
                    ", since ",
                    _person.since,
                    rx.cond(_person.until != "", ", " + _person.until.to(str), ""),
                    class_name="s m2",
                ),
                class_name="grow",
            ),
            button_link("Open", icon("chevron-right", "s"), to="/contacts/" + _person.contact_id.to(str), kind="ghost"),
            class_name="row",
        ),
        rx.el.div(
            rx.cond(
                _person.renew,
                rx.el.div(
                    rx.el.span(icon("ticket"), class_name="warn"),
                    rx.el.span("The last credit is used. Offer a renewal?", class_name="grow"),
                    button("Renew", kind="amber", on_click=People.enrol(_person.contact_id, False)),
                    class_name="bn above",
                ),
            ),
            rx.el.div(
                rx.cond(
                    inside & (_person.bought > 0) & ~_person.renew,
                    button(icon("plus", "s"), "Sell again", on_click=People.enrol(_person.contact_id, False)),
                ),
                turn("circle-pause", "Pause", "paused", status == "active"),
                turn("play", "Go on", "active", status != "active"),
                turn("circle-check", "Finish", "completed", inside),
                turn("log-out", "Take out", "cancelled", status != "cancelled"),
                class_name="row wrap above",
            ),
            rx.cond(People.movements.length() > 0, _ledger()),
            class_name="ds",
        ),
        _foot(),
    )
    return ui.sheet(
        rx.cond(_person, known), open=People.sheet == "person", label="One enrolment", on_close=People.close
    )


def _ledger() -> rx.Component:
    def entry(row: rx.Var) -> rx.Component:
        return rx.el.tr(
            rx.el.td(
                rx.el.span(row.words, class_name=rx.cond(row.taken_back, "m2 bk", "b bk")),
                rx.el.span(row.when, rx.cond(row.detail != "", ", " + row.detail.to(str), ""), class_name="s m2 bk"),
            ),
            rx.el.td(row.change, class_name="num"),
            rx.el.td(row.left, class_name="num b"),
        )

    return rx.fragment(
        rx.el.div(
            button("Correct", on_click=People.open_sheet("correct")),
            button("Move", on_click=People.open_sheet("move")),
            button("Other end date", on_click=People.open_sheet("prolong")),
            class_name="row wrap",
        ),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("Credits", scope="col"),
                    rx.el.th("Change", class_name="num", scope="col"),
                    rx.el.th("Left", class_name="num", scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(People.movements, entry)),
        ),
    )


def _correct() -> rx.Component:
    return form_sheet(
        "Correct credits",
        rx.el.div(
            field("By how many", "credits", kind="number", help="Such as 1 or -1", auto_complete="off"),
            field("Why", "note", auto_complete="off"),
            class_name="fg k",
        ),
        note=rx.cond(_person, _person.who.to(str) + " has " + _person.number.to_string() + " now.", ""),
        open=People.sheet == "correct",
        on_close=People.close,
        on_submit=People.correct,
    )


def _move() -> rx.Component:
    chosen = rx.el.div(
        rx.el.span("To", class_name="k"),
        rx.el.span(People.taker_name, class_name="b"),
        class_name="fld",
    )
    return form_sheet(
        "Move credits",
        field("How many", "credits", kind="number", min=1, auto_complete="off"),
        rx.cond(People.taker != "", chosen),
        _search("To whom?"),
        rx.cond(
            PageState.field_errors.contains("taker"),
            rx.el.p(
                icon("circle-alert", "s"), " ", PageState.field_errors["taker"], class_name="help bad", role="alert"
            ),
        ),
        rx.el.div(
            rx.foreach(People.choices, lambda one: _who(one, People.choose_taker(one.id, one.name))),
            role="group",
            aria_label="Clients",
        ),
        note="They hold as long as they did.",
        open=People.sheet == "move",
        on_close=People.close,
        on_submit=People.move_credits,
        save="Move",
    )


def _prolong() -> rx.Component:
    return form_sheet(
        "How long they hold",
        field(
            "Last day",
            "until",
            kind="date",
            default_value=rx.cond(_person, _person.until_on, ""),
            help="Empty: without end. What ran out comes back.",
        ),
        open=People.sheet == "prolong",
        on_close=People.close,
        on_submit=People.prolong,
    )


def _classes() -> rx.Component:
    return form_sheet(
        "Book classes",
        rx.el.div(
            field("First on", "first_on", kind="date"),
            field("At", "begins_at", kind="time"),
            field("Minutes", "duration_minutes", kind="number", min=5, default_value="60"),
            field("Weeks", "number", kind="number", min=1, default_value="1", help="The same hour every week"),
            field("Places", "places", kind="number", min=2, help="Empty: those of the program"),
            field("Where", "location"),
            class_name="fg",
        ),
        note="Everybody who is enrolled has a place in each.",
        open=People.sheet == "classes",
        on_close=People.close,
        on_submit=People.book_classes,
        save="Book",
    )


def _attach() -> rx.Component:
    def session(row: rx.Var) -> rx.Component:
        return rx.el.button(
            rx.el.span(
                rx.el.span(row.when, class_name="b bk cap"),
                rx.el.span(row.title, rx.cond(row.who != "", ", " + row.who.to(str), ""), class_name="s m2 bk"),
                class_name="grow",
            ),
            icon("plus", "s"),
            type="button",
            class_name="lr",
            on_click=People.attach(row.id),
        )

    return ui.sheet(
        rx.el.h2("Take a session in"),
        rx.el.div(
            rx.cond(
                People.free_sessions.length() > 0,
                rx.foreach(People.free_sessions, session),
                parts.empty("calendar", "Nothing to take in", "Every session of the next 90 days has its program."),
            ),
            class_name="ds",
        ),
        _foot(),
        open=People.sheet == "attach",
        label="Take a session in",
        on_close=People.close,
    )


def _search(words: str) -> rx.Component:
    return rx.el.label(
        icon("search", "s"),
        rx.el.input(
            type="search",
            placeholder=words,
            aria_label=words,
            on_change=lambda text: People.find(text).debounce(200),
        ),
        class_name="inp",
    )


def _who(one: rx.Var, pressed: object) -> rx.Component:
    return rx.el.button(
        avatar(one.initials, "sm"),
        rx.el.span(rx.el.span(one.name, class_name="b one bk"), rx.el.span(one.detail, class_name="s m2 one bk")),
        type="button",
        class_name="who",
        on_click=pressed,
    )


def _foot() -> rx.Component:
    return rx.el.div(button("Close", custom_attrs={"data-close": "true"}), class_name="foot")
