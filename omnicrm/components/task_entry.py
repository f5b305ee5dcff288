"""The line that adds a task: what is understood of it stands under it as chips before it is saved."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.components import ui
from omnicrm.components.parts import button, icon, icon_of
from omnicrm.state.base import PageState
from omnicrm.state.entry import EntryState

_ICONS = ("calendar", "repeat", "flag", "folder", "user")


def task_entry(label: str, *hidden: rx.Component, name: str, today: Any = False, keys: str = "n") -> rx.Component:
    """`hidden` are inputs of the form: project, contact, session, section. Kept as typed until it is saved. `today`:
    what names no day is for today."""
    return rx.el.form(
        rx.el.label(
            icon("plus"),
            rx.el.input(
                name="title",
                placeholder=label,
                aria_label="Add a task",
                auto_complete="off",
                max_length=300,
                on_change=lambda text: EntryState.understand(text).debounce(250),
                custom_attrs={"data-keys": keys, "aria-describedby": "understood"},
            ),
            class_name="inp grow",
        ),
        *hidden,
        _hidden_today(today),
        button("Add", kind="solid", type="submit", disabled=PageState.busy),
        rx.cond(
            PageState.field_errors.contains("title"),
            rx.el.p(
                icon("circle-alert", "s"), " ", PageState.field_errors["title"], class_name="help bad", role="alert"
            ),
        ),
        _understood(today),
        ui.draft(name=name, saved=EntryState.added),
        on_submit=EntryState.add,
        reset_on_submit=True,
        class_name="add",
        custom_attrs={"noValidate": True},
    )


def hidden(name: str, value: Any) -> rx.Component:
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)


def _hidden_today(today: Any) -> rx.Component:
    return hidden("today", rx.cond(today, "yes", ""))


def _understood(today: Any) -> rx.Component:
    no_day = rx.el.button(
        icon("calendar", "s"),
        "Today",
        icon("x", "s"),
        type="button",
        class_name="chip",
        aria_label="Today: not meant",
        on_click=EntryState.drop("due"),
    )
    return rx.el.div(
        rx.cond(EntryState.undated & today, no_day),
        rx.foreach(EntryState.chips, _chip),
        rx.cond(
            (EntryState.people.length() > 0),
            rx.el.label(
                icon("user", "s"),
                rx.el.span("Client", class_name="sr"),
                rx.el.select(
                    rx.el.option("Which one?", value=""),
                    rx.foreach(EntryState.people, lambda one: rx.el.option(one.words, value=one.id)),
                    value=EntryState.chosen,
                    on_change=EntryState.choose,
                ),
                class_name="chip sel",
            ),
        ),
        id="understood",
        class_name="und",
        role="status",
    )


def _chip(chip: rx.Var) -> rx.Component:
    return rx.el.button(
        icon_of(chip.icon, *_ICONS, size="s"),
        chip.words,
        icon("x", "s"),
        type="button",
        class_name="chip",
        aria_label=chip.words + ": not meant",
        on_click=EntryState.drop(chip.kind),
        key=chip.kind,
    )
