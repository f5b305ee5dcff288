"""Form fields: label above, help under it, the error in the help's place; sheets for short forms."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components.parts import button, icon
from omnicrm.components.ui import sheet
from omnicrm.state.base import PageState


def field(label: str, name: str, *, help: str = "", kind: str = "text", **props: Any) -> rx.Component:
    """An input with its label. `name` is the form's key, and that of its error in `field_errors`."""
    control = rx.el.textarea if kind == "textarea" else rx.el.input
    if kind != "textarea":
        props["type"] = kind
    return _labelled(label, name, help, control(name=name, **_control(name), **props))


def choice(
    label: str, name: str, options: list[tuple[str, str]] | rx.Var, *, help: str = "", **props: Any
) -> rx.Component:
    """A native select of (value, words)."""
    if isinstance(options, rx.Var):
        inner: Any = rx.foreach(options, lambda option: rx.el.option(option["words"], value=option["value"]))
        return _labelled(label, name, help, rx.el.select(inner, name=name, **_control(name), **props))
    inner = [rx.el.option(words, value=value) for value, words in options]
    return _labelled(label, name, help, rx.el.select(*inner, name=name, **_control(name), **props))


def check(label: Any, on: Any, *, kind: str = "check", help: Any = None, **props: Any) -> rx.Component:
    """A checkbox (`check`) or a switch with its words; the whole line is the target."""
    words = rx.el.span(
        label, *([rx.el.span(help, class_name="s m2 bk")] if help is not None else []), class_name="grow"
    )
    role = {"role": "switch"} if kind == "switch" else {}
    box = rx.el.input(
        type="checkbox", default_checked=on, key=on.to_string(), class_name=kind, custom_attrs=role, **props
    )
    return rx.el.label(*([words, box] if kind == "switch" else [box, words]), class_name="opt")


def search_box(label: str, *, value: Any = None, **props: Any) -> rx.Component:
    """A search with its icon; named for readers by `label`, which also stands in it."""
    shown = {} if value is None else {"default_value": value}
    return rx.el.label(
        icon("search", "s"),
        rx.el.input(
            type="search", placeholder=label, aria_label=label, custom_attrs={"data-keys": "/"}, **shown, **props
        ),
        class_name="inp",
    )


def form_sheet(
    title: Any, *fields: rx.Component, open: Any, on_close: Any, on_submit: Any, save: Any = "Save", note: Any = None
) -> rx.Component:
    """A short form as dialog or sheet: Cancel and one solid button; Enter saves."""
    return sheet(
        rx.el.form(
            rx.el.h2(title),
            *([rx.el.p(note, class_name="s m2")] if note is not None else []),
            rx.el.div(*fields, class_name="ds"),
            rx.el.div(
                button("Cancel", custom_attrs={"data-close": "true"}),
                button(rx.cond(PageState.busy, "Saving…", save), kind="solid", type="submit", disabled=PageState.busy),
                class_name="foot",
            ),
            on_submit=on_submit,
            class_name="col",
            custom_attrs={"novalidate": "true"},
            style={"minHeight": 0},
        ),
        open=open,
        label=title,
        on_close=on_close,
    )


def _labelled(label: str, name: str, help: str, control: rx.Component) -> rx.Component:
    said = rx.el.p(help, class_name="help", id=f"help-{name}") if help else rx.fragment()
    return rx.el.label(
        rx.el.span(label, class_name="lab"),
        control,
        rx.cond(
            _error(name),
            rx.el.p(icon("circle-alert", "s"), " ", _error(name), class_name="help bad", role="alert"),
            said,
        ),
        class_name="f",
    )


def _control(name: str) -> dict[str, Any]:
    return {"class_name": "inp", "aria_invalid": rx.cond(_error(name), "true", "false")}


def _error(name: str) -> rx.Var[str]:
    return PageState.field_errors.get(name, "")
