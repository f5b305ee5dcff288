"""FullCalendar 6 as a component: only this page loads it."""

from __future__ import annotations

from typing import Any, ClassVar

import reflex as rx

VERSION = "6.1.19"


def _id(clicked: rx.Var) -> tuple[rx.Var[str], rx.Var[str]]:
    """Read in the browser: the event object itself is circular and cannot be sent."""
    return rx.Var(f"{clicked}.event.id", _var_type=str), rx.Var(f"{clicked}.event.extendedProps.kind", _var_type=str)


class FullCalendar(rx.NoSSRComponent):
    """Times are the practitioner's wall clock, given as UTC, so that the browser's own zone does not matter."""

    library = f"@fullcalendar/react@{VERSION}"
    tag = "FullCalendar"
    is_default = True
    lib_dependencies: ClassVar[list[str]] = [
        f"@fullcalendar/{name}@{VERSION}" for name in ("core", "timegrid", "daygrid")
    ]

    plugins: rx.Var[list[Any]]
    initial_view: rx.Var[str]
    initial_date: rx.Var[str]
    events: rx.Var[list[dict[str, Any]]]
    first_day: rx.Var[int]
    hidden_days: rx.Var[list[int]]
    now: rx.Var[str]
    now_indicator: rx.Var[bool]
    header_toolbar: rx.Var[bool]
    all_day_slot: rx.Var[bool]
    slot_min_time: rx.Var[str]
    slot_max_time: rx.Var[str]
    slot_duration: rx.Var[str]
    slot_label_interval: rx.Var[str]
    slot_label_content: rx.Var[Any]
    locale: rx.Var[str]
    day_header_format: rx.Var[dict[str, Any]]
    slot_event_overlap: rx.Var[bool]
    event_interactive: rx.Var[bool]
    expand_rows: rx.Var[bool]
    time_zone: rx.Var[str]
    height: rx.Var[str]
    event_content: rx.Var[Any]
    event_click: rx.EventHandler[_id]

    def add_imports(self) -> dict[str, Any]:
        return {f"@fullcalendar/timegrid@{VERSION}": rx.ImportVar(tag="timeGridPlugin", is_default=True)}

    @classmethod
    def create(cls, **props: Any) -> rx.Component:
        fixed = {
            "plugins": rx.Var("[timeGridPlugin]"),
            "header_toolbar": False,
            "all_day_slot": False,
            "now_indicator": True,
            "slot_duration": "00:30:00",
            "slot_label_interval": "01:00",
            "slot_label_content": rx.Var("(a) => a.date.getUTCHours() + ':00'"),
            "locale": "en-gb",
            "day_header_format": {"weekday": "short", "day": "numeric"},
            "slot_event_overlap": False,
            "event_interactive": True,
            "expand_rows": True,
            "time_zone": "UTC",
            "height": "100%",
            "event_content": rx.Var(
                "(a) => jsx('div', {className: 'evt'}, jsx('b', {}, a.event.title),"
                " a.event.extendedProps.short ? null : jsx('span', {}, a.event.extendedProps.sub))"
            ),
        }
        return super().create(**{**fixed, **props})


grid = FullCalendar.create
