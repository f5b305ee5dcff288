"""Choosing a client within a sheet: a search, a few rows to tap, and somebody new in one more tap."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components.parts import avatar, icon
from omnicrm.state.base import PageState


def client_search(
    choices: rx.Var, sought: rx.Var, *, on_find: Any, on_choose: Any, on_add: Any, label: str = "Who is it for?"
) -> rx.Component:
    """`on_find(text)`, `on_choose(id)`; `on_add` takes who was sought into the book."""
    return rx.el.div(
        rx.el.label(
            icon("search", "s"),
            rx.el.input(
                type="search",
                placeholder=label,
                aria_label=label,
                auto_complete="off",
                on_change=lambda text: on_find(text).debounce(200),
            ),
            class_name="inp",
        ),
        field_error("client"),
        rx.el.div(
            rx.foreach(
                choices,
                lambda one: rx.el.button(
                    avatar(one.initials, "sm"),
                    rx.el.span(
                        rx.el.span(one.name, class_name="b one bk"), rx.el.span(one.detail, class_name="s m2 one bk")
                    ),
                    type="button",
                    class_name="who",
                    on_click=on_choose(one.id),
                ),
            ),
            rx.cond(
                sought != "",
                rx.el.button(
                    rx.el.span(icon("plus"), class_name="av sm"),
                    rx.el.span("New client: ", sought, class_name="b one bk"),
                    type="button",
                    class_name="who acc",
                    on_click=on_add,
                ),
            ),
            aria_label="Clients",
            role="group",
        ),
        class_name="f",
    )


def field_error(name: str) -> rx.Component:
    """What is wrong with a field, where something is."""
    return rx.cond(
        PageState.field_errors.contains(name),
        rx.el.p(icon("circle-alert", "s"), " ", PageState.field_errors[name], class_name="help bad", role="alert"),
    )


def kind_of(kind: str) -> dict[str, str]:
    """The type of an input. `numeric` is text with the keyboard of digits: what a number field says is no text."""
    return {"type": "text", "input_mode": "numeric"} if kind == "numeric" else {"type": kind}
