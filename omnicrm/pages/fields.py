"""Own fields: what a practitioner wants to know of every client, beside what everybody asks."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.fields import choice, field, form_sheet
from omnicrm.components.parts import button, icon
from omnicrm.components.settings import part, settings_page
from omnicrm.state.fields import KINDS, FieldsState
from omnicrm.state.shell import ShellState


@rx.page("/settings/fields", title="Own fields · OmniCRM", on_load=[FieldsState.load, ShellState.refresh])
def fields() -> rx.Component:
    return settings_page(
        "Own fields",
        part(
            "What you want to know of every client",
            rx.cond(
                FieldsState.rows.length() > 0,
                rx.el.ul(rx.foreach(FieldsState.rows, _row)),
                rx.el.p(
                    "No field yet. A shoe size, a studio key, the day of a doctor’s letter: define it here, and it "
                    "stands on every client’s page, in imports, filters and rules.",
                    class_name="m2 above",
                ),
            ),
        ),
        form_sheet(
            "New field",
            field("Name", "name", auto_focus=True, auto_complete="off"),
            choice("What stands in it", "kind", [*KINDS]),
            field("The list", "choices", help="For “one of a list”: with commas between them", auto_complete="off"),
            open=FieldsState.adding,
            on_close=FieldsState.close,
            on_submit=FieldsState.define,
        ),
        here="fields",
        actions=(button(icon("plus", "s"), "New field", kind="solid", keys="n", on_click=FieldsState.start),),
    )


def _row(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.span(row.name, class_name="b bk"), rx.el.span(row.about, class_name="s m2 bk"), class_name="grow"
        ),
        button(
            icon("trash-2", "s"),
            kind="ghost ico",
            aria_label="Remove " + row.name.to(str),
            on_click=FieldsState.remove(row.name),
        ),
        class_name="lr",
        key=row.name,
    )
