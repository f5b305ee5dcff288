"""Who is in a program: a table with a mark for each session from 1024 px, the marks under the name below."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.parts import avatar, icon, icon_of
from omnicrm.state.program import ProgramState
from omnicrm.state.program_people import ProgramPeopleState

_card = ProgramState.card
_PAID = ("circle-check", "circle-dashed", "circle")
_STATUS = ("circle-pause", "circle-check", "ban")


def people() -> rx.Component:
    return rx.cond(
        ProgramState.rows.length() > 0,
        rx.fragment(
            _table(),
            rx.el.ul(rx.foreach(ProgramState.rows, _line), class_name="rows ph"),
            rx.cond(
                ProgramState.following != "",
                ui.on_visible(tick=ProgramState.rows.length(), on_seen=ProgramState.more),
            ),
        ),
        rx.cond(
            ProgramState.tab == "left",
            parts.empty("users", "Nobody left", "Who leaves the program stands here."),
            parts.empty("user-plus", "Nobody is enrolled yet", "Enrol the first one; they are found by name."),
        ),
    )


def _table() -> rx.Component:
    def heading(column: rx.Var) -> rx.Component:
        return rx.el.th(column.day, class_name=rx.cond(column.next, "c acc b", "c"), scope="col")

    table = rx.el.table(
        rx.el.thead(
            rx.el.tr(
                rx.el.th("Name", scope="col"),
                rx.foreach(_card.columns, heading),
                rx.el.th("Progress", scope="col"),
                rx.cond(_card.with_credits, rx.el.th("Credits", scope="col")),
                rx.el.th("Status", scope="col"),
                rx.cond(_card.with_price, rx.el.th("Payment", scope="col")),
                rx.cond(_card.with_price, rx.el.th("Paid", class_name="num", scope="col")),
            )
        ),
        rx.el.tbody(rx.foreach(ProgramState.rows, _row)),
        class_name="pmat",
    )
    return rx.el.div(table, class_name="pscroll dt")


def _row(row: rx.Var) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.button(
                avatar(row.initials, "sm"),
                rx.el.span(row.name, class_name="b one"),
                type="button",
                class_name="row",
                on_click=ProgramPeopleState.open_person(row.contact_id),
            )
        ),
        rx.foreach(row.marks, lambda mark: rx.el.td(_mark(mark), class_name="c")),
        rx.el.td(_progress(row)),
        rx.cond(_card.with_credits, rx.el.td(_credits(row))),
        rx.el.td(_status(row)),
        rx.cond(_card.with_price, rx.el.td(_payment(row))),
        rx.cond(_card.with_price, rx.el.td(row.paid, class_name="num")),
    )


def _line(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            avatar(row.initials),
            rx.el.span(
                rx.el.span(row.name, class_name="b bk"),
                rx.cond(
                    row.marks.length() > 0,
                    rx.el.span(
                        rx.el.span(
                            rx.foreach(row.marks, _mark), class_name="mini", custom_attrs={"aria-hidden": "true"}
                        ),
                        rx.el.span(row.marks_words, class_name="sr"),
                    ),
                ),
                rx.cond(_card.with_credits, _credits(row)),
                class_name="grow",
            ),
            rx.el.span(
                rx.cond(row.status != "active", _status(row)),
                rx.cond(row.paid_label != "", _payment(row)),
                class_name="col g4 ends",
            ),
            type="button",
            class_name="lr",
            on_click=ProgramPeopleState.open_person(row.contact_id),
        )
    )


def _mark(mark: rx.Var) -> rx.Component:
    def one(tone: str, words: str, name: str | None = None) -> rx.Component:
        inner = [icon(name, "s")] if name else []
        return rx.el.span(*inner, rx.el.span(words, class_name="sr"), class_name=f"pm {tone}")

    return rx.match(
        mark,
        ("present", one("p", "present", "check")),
        ("late", one("l", "late", "clock")),
        ("no_show", one("n", "no-show", "x")),
        ("cancelled", one("o", "called off", "minus")),
        one("o", "open"),
    )


def _progress(row: rx.Var) -> rx.Component:
    return rx.cond(
        row.progress != "",
        rx.el.span(
            rx.el.span(row.progress, class_name="s nw"),
            rx.el.span(
                rx.el.i(style={"width": row.percent.to_string() + "%"}),
                class_name="prog",
                custom_attrs={"aria-hidden": "true"},
            ),
            class_name="pbar",
        ),
    )


def _credits(row: rx.Var) -> rx.Component:
    return rx.el.span(
        rx.el.span(icon("ticket", "s"), row.credits, class_name="st " + row.credits_tone.to(str)),
        rx.cond(row.renew, rx.el.span(", renew?", class_name="s bad")),
        rx.cond(row.until != "", rx.el.span(row.until, class_name="xs m2 bk")),
    )


def _status(row: rx.Var) -> rx.Component:
    return rx.cond(
        row.status == "active",
        rx.el.span("Active", class_name="m2"),
        rx.el.span(
            icon_of(row.status_icon, *_STATUS, size="s"), row.status_label, class_name="st " + row.status_tone.to(str)
        ),
    )


def _payment(row: rx.Var) -> rx.Component:
    return rx.el.span(
        icon_of(row.paid_icon, *_PAID, size="s"), row.paid_label, class_name="st " + row.paid_tone.to(str)
    )
