"""Availability: a bar and its words for each day, the shortest notice, and time off."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.fields import choice, field, form_sheet
from omnicrm.components.parts import banner, button, button_link, icon
from omnicrm.components.settings import part, settings_page
from omnicrm.state.availability import AvailabilityState
from omnicrm.state.base import PageState
from omnicrm.state.shell import ShellState

COPIES = [("one", "This day only"), ("weekdays", "Monday to Friday"), ("all", "Every day")]
SCALE = (6, 10, 14, 18, 22)


@rx.page("/settings/availability", title="Availability · OmniCRM", on_load=[AvailabilityState.load, ShellState.refresh])
def availability() -> rx.Component:
    return settings_page(
        "Availability",
        part(
            "Weekly hours",
            rx.cond(
                ~AvailabilityState.is_set,
                banner(
                    "You have not set your hours yet. Until then every day from 8:00 to 20:00 counts as open.",
                    tone="info",
                ),
            ),
            rx.el.div(
                *[rx.el.span(str(hour)) for hour in SCALE], class_name="scale dt", custom_attrs={"aria-hidden": "true"}
            ),
            rx.el.ul(rx.foreach(AvailabilityState.days, _day), class_name="hrs"),
        ),
        part(
            "Notice",
            rx.el.form(
                field(
                    "Shortest notice, hours",
                    "minimum_notice_hours",
                    default_value=AvailabilityState.notice,
                    key=AvailabilityState.notice,
                    input_mode="numeric",
                    help="Nothing sooner is suggested. 0: from now on",
                ),
                button("Save", type="submit", disabled=PageState.busy),
                on_submit=AvailabilityState.save_notice,
                class_name="row t",
                custom_attrs={"noValidate": True},
            ),
        ),
        part(
            "Time off",
            rx.cond(
                AvailabilityState.off.length() > 0,
                rx.el.ul(rx.foreach(AvailabilityState.off, _off)),
                rx.el.p("No time off ahead. Holidays and courses go here.", class_name="m2"),
            ),
            end=button(icon("plus", "s"), "Add time off", on_click=AvailabilityState.open_off),
        ),
        _hours_sheet(),
        _off_sheet(),
        here="availability",
        below="Free times are worked out from these and from Google’s busy times, in "
        + AvailabilityState.place
        + " time.",
        back=("More", "/more"),
    )


def _day(day: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            rx.el.span(day.name, class_name="b"),
            rx.el.span(
                rx.foreach(day.bars, lambda bar: rx.el.i(style={"left": bar[0], "width": bar[1]})),
                class_name="hbar dt",
                custom_attrs={"aria-hidden": "true"},
            ),
            rx.el.span(day.words, class_name=rx.cond(day.words == "Closed", "m2", "")),
            icon("pencil", "s"),
            rx.el.span("Change", class_name="sr"),
            type="button",
            class_name="hr1",
            on_click=AvailabilityState.edit(day.weekday),
        ),
        key=day.name,
    )


def _off(row: rx.Var) -> rx.Component:
    return rx.el.li(
        rx.el.div(rx.el.div(row.reason, class_name="b"), rx.el.div(row.when, class_name="s m2"), class_name="grow"),
        rx.cond(
            row.booked != "",
            rx.fragment(
                rx.el.span(icon("circle-alert", "s"), row.booked, class_name="st bad"),
                button_link("Look", to="/calendar?day=" + row.day.to(str)),
            ),
        ),
        button("Remove", kind="ghost", on_click=AvailabilityState.remove_off(row.id)),
        class_name="lr wrap",
        key=row.id,
    )


def _hours_sheet() -> rx.Component:
    def stretch(number: int) -> rx.Component:
        at = 2 * (number - 1)
        return rx.el.div(
            field("From" if number == 1 else "And from", f"from_{number}", kind="time", default_value=_typed(at)),
            field("To", f"to_{number}", kind="time", default_value=_typed(at + 1)),
            class_name="fg",
        )

    return form_sheet(
        AvailabilityState.day_name,
        *[stretch(number) for number in (1, 2, 3)],
        rx.cond(
            PageState.field_errors.contains("hours"),
            rx.el.p(
                icon("circle-alert", "s"), " ", PageState.field_errors["hours"], class_name="help bad", role="alert"
            ),
        ),
        choice("These hours are for", "days", COPIES),
        open=AvailabilityState.weekday >= 0,
        on_close=AvailabilityState.close,
        on_submit=AvailabilityState.save_hours,
        note="Leave all of it empty for a day on which you are closed.",
    )


def _typed(position: int) -> rx.Var:
    return AvailabilityState.typed[position]


def _off_sheet() -> rx.Component:
    return form_sheet(
        "Time off",
        field("What for", "reason", max_length=200, auto_complete="off"),
        rx.el.div(
            field("First day", "first", kind="date", default_value=AvailabilityState.today),
            field("Last day", "last", kind="date", help="Empty: one day"),
            field("From", "begins", kind="time", help="Empty: all day"),
            field("Until", "ends", kind="time"),
            class_name="fg",
        ),
        open=AvailabilityState.adding,
        on_close=AvailabilityState.close,
        on_submit=AvailabilityState.add_off,
        note="Nothing that is booked is moved or cancelled.",
    )
