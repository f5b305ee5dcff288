"""The sheet in which a course or a package is written down. A page that shows its button also puts the sheet in."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.fields import check, field, form_sheet
from omnicrm.components.parts import chip
from omnicrm.state.program_form import ProgramFormState

_typed = ProgramFormState.typed
_course = ProgramFormState.kind == "course"


def program_sheet() -> rx.Component:
    return form_sheet(
        rx.cond(ProgramFormState.sheet == "edit", "Edit program", "New program"),
        rx.el.div(
            chip("Package", on=~_course, on_click=ProgramFormState.choose("package")),
            chip("Course", on=_course, on_click=ProgramFormState.choose("course")),
            class_name="chips above",
            role="group",
            aria_label="What it is",
        ),
        _known("Name", "name"),
        rx.cond(_course, _of_course(), _of_package()),
        rx.el.div(
            _known("Price", "price", input_mode="decimal"),
            _known("Places", "capacity", kind="number", min=1, help="Empty: no limit"),
            class_name="fg",
        ),
        _rules(),
        _known("What it is about", "description", kind="textarea", rows="3"),
        rx.cond(
            ProgramFormState.sheet == "new",
            check("Keep it as a draft for now", rx.Var.create(False), name="draft"),
        ),
        open=ProgramFormState.sheet != "",
        on_close=ProgramFormState.close,
        on_submit=ProgramFormState.save,
    )


def _of_package() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            _known("Sessions in it", "credits_per_enrollment", kind="number", min=1),
            _known("Good for days", "valid_days", kind="number", min=1, help="Empty: without end"),
            class_name="fg",
        ),
        _service("Pays for", "Any session"),
    )


def _of_course() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            _known("First day", "start_date", kind="date"),
            _known("Last day", "end_date", kind="date"),
            _known("Sessions", "total_sessions", kind="number", min=1, help="As planned"),
            _known("Credits each", "credits_per_enrollment", kind="number", min=1, help="Empty: the price is all"),
            class_name="fg",
        ),
        _service("Service", "None"),
    )


def _rules() -> rx.Component:
    """What missing a session costs; of no matter without credits."""
    return rx.el.fieldset(
        rx.el.legend("Also uses a credit", class_name="lab"),
        check("A no-show", _typed.no_show_uses_credit, name="no_show_uses_credit"),
        check("A late cancellation", _typed.late_cancel_uses_credit, name="late_cancel_uses_credit"),
    )


def _service(label: str, none: str) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="lab"),
        rx.el.select(
            rx.el.option(none, value=""),
            rx.foreach(ProgramFormState.services, lambda one: rx.el.option(one["words"], value=one["value"])),
            name="service",
            default_value=_typed.service_id,
            key=_typed.service_id + ProgramFormState.services.length().to_string(),
            class_name="inp",
        ),
        class_name="f",
    )


def _known(label: str, name: str, **props: object) -> rx.Component:
    return field(label, name, default_value=getattr(_typed, name), auto_complete="off", **props)
