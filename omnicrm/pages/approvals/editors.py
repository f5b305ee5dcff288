"""A field of a proposal, opened in place: day and time, client, date, amount, a choice, plain text."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts
from omnicrm.components.parts import icon
from omnicrm.state.approvals import ApprovalsState

_editor = ApprovalsState.editor


def editor(view: rx.Var) -> rx.Component:
    """The open editor, by its kind."""
    return rx.el.div(
        rx.match(
            _editor.kind,
            ("datetime", _moment(view)),
            ("client", _client(view)),
            ("service", _service(view)),
            ("date", _typed(view, "date")),
            ("minutes", _typed(view, "number")),
            _typed(view, "text"),
        ),
        rx.cond(
            _editor.error != "",
            rx.el.p(icon("circle-alert", "s"), " ", _editor.error, class_name="help bad", role="alert"),
        ),
        class_name="ed noswipe",
    )


def _moment(view: rx.Var) -> rx.Component:
    days = rx.el.div(
        rx.foreach(
            _editor.days,
            lambda day: rx.el.button(
                day.name,
                rx.el.b(day.number),
                type="button",
                role="radio",
                class_name=rx.cond(day.was, "was", ""),
                custom_attrs={"aria-checked": day.on},
                on_click=ApprovalsState.set_day(view.id, day.date),
            ),
        ),
        class_name="dy",
        role="radiogroup",
        aria_label="Day",
    )
    weeks = rx.el.div(
        parts.button(
            icon("chevron-left", "s"), "Earlier days", kind="ghost z1", on_click=ApprovalsState.move_days(view.id, -7)
        ),
        parts.button(
            "Later days", icon("chevron-right", "s"), kind="ghost z1", on_click=ApprovalsState.move_days(view.id, 7)
        ),
        class_name="row sp",
    )
    return rx.fragment(
        days,
        weeks,
        rx.el.div(
            _stepper("Begins", _editor.time, "Earlier", "Later", lambda by: ApprovalsState.shift(view.id, by, 0)),
            rx.cond(
                _editor.span != "",
                _stepper("Length", _editor.span, "Shorter", "Longer", lambda by: ApprovalsState.shift(view.id, 0, by)),
            ),
            class_name="tm",
        ),
        rx.cond(
            _editor.warning != "",
            rx.el.div(
                rx.el.span(icon("triangle-alert", "s"), class_name="warn"),
                rx.el.span(_editor.warning),
                class_name="s row t g6",
                role="status",
            ),
        ),
        rx.cond(
            _editor.free.length() > 0,
            rx.el.div(
                rx.el.span("Free on that day", class_name="s m2"),
                rx.foreach(
                    _editor.free,
                    lambda time: parts.chip(
                        time, on=_editor.time == time, on_click=ApprovalsState.set_time(view.id, time)
                    ),
                ),
                class_name="fr",
            ),
        ),
    )


def _stepper(label: str, value: rx.Var, less: str, more: str, step: object) -> rx.Component:
    return rx.el.div(
        rx.el.span(label, class_name="lab"),
        rx.el.div(
            rx.el.button(icon("minus"), type="button", aria_label=less, on_click=step(-15)),
            rx.el.b(value, aria_live="polite"),
            rx.el.button(icon("plus"), type="button", aria_label=more, on_click=step(15)),
            class_name="stp",
        ),
    )


def _client(view: rx.Var) -> rx.Component:
    return rx.fragment(
        rx.el.label(
            icon("search", "s"),
            rx.el.input(
                type="search",
                aria_label="Search clients",
                auto_focus=True,
                on_change=lambda text: ApprovalsState.find_client(view.id, text).debounce(200),
            ),
            class_name="inp",
        ),
        rx.el.div(
            rx.foreach(
                _editor.people,
                lambda one: rx.el.button(
                    parts.avatar(one.initials, "sm"),
                    rx.el.span(
                        rx.el.span(one.name, class_name="b one bk"), rx.el.span(one.more, class_name="s m2 one bk")
                    ),
                    type="button",
                    role="option",
                    class_name="who",
                    custom_attrs={"aria-selected": one.on},
                    on_click=ApprovalsState.set_value(view.id, _editor.slot, one.id),
                ),
            ),
            role="listbox",
            aria_label="Clients",
        ),
    )


def _service(view: rx.Var) -> rx.Component:
    return rx.el.div(
        rx.foreach(
            _editor.options,
            lambda name: parts.chip(
                name, on=_editor.value == name, on_click=ApprovalsState.set_value(view.id, _editor.slot, name)
            ),
        ),
        class_name="tags",
        role="group",
        aria_label="Service",
    )


def _typed(view: rx.Var, kind: str) -> rx.Component:
    return rx.el.label(
        rx.el.span(_editor.label, class_name="lab"),
        rx.el.input(
            type=kind,
            default_value=_editor.value,
            key=view.id + _editor.slot,
            auto_focus=True,
            class_name="inp",
            on_change=lambda text: ApprovalsState.set_value(view.id, _editor.slot, text).debounce(300),
        ),
    )
