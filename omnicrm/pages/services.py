"""Services and prices: what can be booked; each opens in its place."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components import parts
from omnicrm.components.fields import field
from omnicrm.components.parts import button, icon
from omnicrm.components.settings import part, settings_page
from omnicrm.state.base import PageState
from omnicrm.state.services import ServicesState
from omnicrm.state.shell import ShellState

COLORS = (("jade", "Green"), ("sky", "Blue"), ("amber", "Yellow"), ("tomato", "Red"))
_card = ServicesState.card


@rx.page("/settings/services", title="Services · OmniCRM", on_load=[ServicesState.load, ShellState.refresh])
def services() -> rx.Component:
    return settings_page(
        "Services and prices",
        rx.cond(ServicesState.opened == "new", _form(new=True)),
        rx.cond(
            ServicesState.rows.length() > 0,
            rx.el.ul(rx.foreach(ServicesState.rows, _row), class_name="svs"),
            rx.cond(
                ServicesState.opened != "new",
                parts.empty(
                    "hand-heart",
                    "Nothing can be booked yet",
                    "Add what you offer: its name, how long it takes, and what it costs.",
                ),
            ),
        ),
        rx.cond(
            ServicesState.archived.length() > 0,
            part("Archived", rx.el.ul(rx.foreach(ServicesState.archived, _archived))),
        ),
        here="services",
        back=("More", "/more"),
        actions=(button(icon("plus", "s"), "New service", keys="n", kind="solid", on_click=ServicesState.add),),
    )


def _row(row: rx.Var) -> rx.Component:
    is_open = ServicesState.opened == row.id
    return rx.el.li(
        rx.el.button(
            rx.el.span(class_name="bar " + row.color.to(str)),
            rx.el.span(
                rx.el.span(row.name, class_name="b bk"),
                rx.el.span(row.detail, class_name="s m2 bk"),
                class_name="grow",
            ),
            rx.el.span(row["length"], class_name="m2 nw"),
            rx.el.span(rx.cond(row.price != "", row.price, "by agreement"), class_name="b nw"),
            rx.el.span(row.policy, class_name="s m2 nw dt"),
            rx.cond(is_open, icon("chevron-up", "s"), icon("chevron-down", "s")),
            type="button",
            class_name="sv",
            custom_attrs={"aria-expanded": rx.cond(is_open, "true", "false")},
            on_click=ServicesState.open(row.id),
        ),
        rx.cond(is_open, _form(new=False)),
        key=row.id,
    )


def _archived(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.span(row.name, class_name="grow m2"),
        button("Offer it again", on_click=ServicesState.restore(row.id)),
        class_name="lr",
        key=row.id,
    )


def _form(*, new: bool) -> rx.Component:
    return rx.el.form(
        _typed("Name", "name", max_length=200),
        rx.el.div(
            _typed("Length, minutes", "duration_minutes", mode="numeric"),
            _typed("Price", "price", mode="decimal", help="Empty: by agreement"),
            _typed("Tax, per cent", "tax_rate", mode="decimal"),
            _typed("Places", "capacity", mode="numeric", help="More than 1 makes it a class"),
            _typed("Break before, minutes", "buffer_before_minutes", mode="numeric"),
            _typed("Break after, minutes", "buffer_after_minutes", mode="numeric"),
            _typed("Where", "location", max_length=200),
            _typed("Cancel until, hours before", "cancellation_window_hours", mode="numeric", help="Later is late"),
            class_name="fg three",
        ),
        _colours(),
        _typed("Description", "description", kind="textarea", max_length=5000),
        rx.el.div(
            button(rx.cond(PageState.busy, "Saving…", "Save"), kind="solid", type="submit", disabled=PageState.busy),
            button("Cancel", on_click=ServicesState.close),
            rx.el.span(class_name="grow"),
            *([] if new else [button(icon("archive", "s"), "Archive", on_click=ServicesState.archive(_card.id))]),
            class_name="row wrap",
        ),
        on_submit=ServicesState.save,
        class_name="card svf",
        aria_label="New service" if new else "Edit the service",
        custom_attrs={"noValidate": True},
    )


def _typed(label: str, name: str, *, mode: str = "text", **more: Any) -> rx.Component:
    return field(label, name, default_value=_card[name], input_mode=mode, auto_complete="off", **more)


def _colours() -> rx.Component:
    one = [
        rx.el.label(
            rx.el.input(
                type="radio",
                name="color",
                value=value,
                default_checked=rx.cond(_card.color == "", "jade", _card.color) == value,
                class_name="radio",
            ),
            rx.el.span(class_name=f"dot {value}"),
            words,
            class_name="row",
        )
        for value, words in COLORS
    ]
    return rx.el.fieldset(rx.el.legend("Colour", class_name="lab"), rx.el.div(*one, class_name="row wrap cols4"))
