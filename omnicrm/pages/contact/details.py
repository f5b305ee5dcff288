"""The facts at the side of a client's page: each opens where it stands, Enter keeps it, Escape leaves it."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.parts import button, icon
from omnicrm.state.base import PageState
from omnicrm.state.contact import ContactState


def details() -> rx.Component:
    return rx.fragment(
        rx.el.dl(rx.foreach(ContactState.details, _fact), class_name="fx"),
        rx.cond(
            ContactState.blanks.length() > 0,
            rx.el.details(
                rx.el.summary("What is not known yet", class_name="s m2"),
                rx.el.dl(rx.foreach(ContactState.blanks, _fact), class_name="fx"),
                class_name="blanks",
            ),
        ),
    )


def _fact(one: rx.Var) -> rx.Component:
    closed = rx.el.button(
        rx.cond(one.shown != "", rx.el.span(one.shown, class_name="pre"), rx.el.span("Add", class_name="m2")),
        type="button",
        class_name="ef",
        aria_label=one.label.to(str) + ": " + one.shown.to(str) + ", change",
        custom_attrs={"data-field": one.name},
        on_click=ContactState.open_field(one.name),
    )
    return rx.el.div(
        rx.el.dt(one.label, class_name="m2"),
        rx.el.dd(rx.cond(ContactState.field == one.name, _opened(one), closed)),
        class_name="fact",
        key=one.name,
    )


def _opened(one: rx.Var) -> rx.Component:
    wrong = PageState.field_errors.get("value", "")
    common = {
        "name": "value",
        "class_name": "inp",
        "aria_label": one.label,
        "aria_invalid": rx.cond(wrong, "true", "false"),
        "default_value": one.value,
    }

    def typed(kind: str, **more: object) -> rx.Component:
        return rx.el.input(type=kind, auto_complete="off", **common, **more)

    control = rx.match(
        one.kind,
        ("choice", rx.el.select(rx.foreach(one.options, lambda o: rx.el.option(o.words, value=o.value)), **common)),
        ("long", rx.el.textarea(rows="4", **common)),
        ("date", typed("date")),
        ("tel", typed("tel")),
        ("email", typed("email")),
        ("number", typed("text", input_mode="decimal")),
        typed("text"),
    )
    return ui.in_place(
        rx.el.form(
            control,
            rx.el.div(
                button(icon("check", "s"), "Save", kind="solid", type="submit", disabled=PageState.busy),
                button("Leave it", kind="ghost", on_click=ContactState.close_field),
                class_name="row",
            ),
            rx.cond(wrong, rx.el.p(icon("circle-alert", "s"), " ", wrong, class_name="help bad", role="alert")),
            on_submit=ContactState.save_field,
            custom_attrs={"novalidate": "true"},
        ),
        name=one.name,
        on_cancel=ContactState.close_field,
    )
