"""At the side of a client's page: consents, health notes, further addresses and numbers, and their sheets."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.fields import check, field, form_sheet
from omnicrm.components.parts import button, icon
from omnicrm.state.contact import ContactState
from omnicrm.state.contact_private import PrivateState


def further() -> rx.Component:
    """Every address and number beside the first ones."""
    return rx.fragment(
        rx.foreach(
            ContactState.card.others,
            lambda one: rx.el.div(
                rx.el.span(rx.el.span(one.name, class_name="m2"), " ", one.value, class_name="s pre grow"),
                button(
                    icon("x", "s"),
                    kind="ghost ico",
                    aria_label="Forget " + one.value.to(str),
                    on_click=PrivateState.forget(one.value),
                ),
                class_name="row",
            ),
        ),
        button(icon("plus", "s"), "Address or number", kind="ghost", on_click=PrivateState.open_adding),
    )


def consents() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Consent"),
        rx.foreach(
            PrivateState.consents,
            lambda one: rx.fragment(
                check(
                    one.name,
                    one.granted,
                    kind="switch",
                    help=one.words,
                    on_change=lambda on: PrivateState.consent(one.kind, on),
                ),
                rx.foreach(one.history, lambda words: rx.el.div("before: ", words, class_name="xs m2")),
            ),
        ),
        class_name="sd",
    )


def health() -> rx.Component:
    opened = rx.fragment(
        rx.cond(
            PrivateState.health != "",
            rx.el.p(PrivateState.health, class_name="voice pre"),
            rx.el.p("Nothing is written yet.", class_name="s m2"),
        ),
        rx.el.div(
            button(icon("pencil-line", "s"), "Write", on_click=PrivateState.write),
            button(icon("eye-off", "s"), "Hide", kind="ghost", on_click=PrivateState.hide),
            class_name="row wrap above",
        ),
    )
    return rx.el.div(
        rx.el.h2("Health notes"),
        rx.cond(
            PrivateState.shown,
            opened,
            rx.fragment(
                rx.el.p("Kept encrypted; no search and no assistant reads them.", class_name="s m2"),
                button(icon("eye", "s"), "Show", on_click=PrivateState.show),
            ),
        ),
        class_name="sd",
    )


def sheets() -> list[rx.Component]:
    return [
        form_sheet(
            "Health notes",
            field("What to know", "health", kind="textarea", rows="8", default_value=PrivateState.health),
            open=PrivateState.writing,
            on_close=PrivateState.close,
            on_submit=PrivateState.save_health,
        ),
        form_sheet(
            "Another address or number",
            field("Mail address or phone number", "value", auto_focus=True, auto_complete="off"),
            field("What it is", "label", help="Such as work, or her husband", auto_complete="off"),
            open=PrivateState.adding,
            on_close=PrivateState.close,
            on_submit=PrivateState.add,
        ),
    ]
