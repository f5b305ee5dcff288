"""Which contacts are shown: views and groups at the side, the filters that are on, how many there are."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.parts import button, go, icon
from omnicrm.state.contacts import ContactsState


def views(stages: tuple[tuple[str, str], ...]) -> rx.Component:
    """The column at the left of a desktop."""
    by_stage = [
        rx.el.button(
            words,
            rx.el.span(ContactsState.counts.get(value or "all", 0), class_name="n"),
            type="button",
            custom_attrs={
                "aria-pressed": (ContactsState.filter.stage == value)
                & (ContactsState.active.length() == (1 if value else 0))
            },
            on_click=ContactsState.show_stage(value),
        )
        for value, words in stages
    ]
    return rx.el.div(
        rx.el.div("Views", class_name="h"),
        *by_stage,
        rx.foreach(
            ContactsState.views,
            lambda view: rx.el.button(
                icon("bookmark", "s"),
                rx.el.span(view.name, class_name="one"),
                type="button",
                custom_attrs={"aria-pressed": ContactsState.view == view.id},
                on_click=ContactsState.show_view(view.id),
            ),
        ),
        rx.cond(ContactsState.groups.length() > 0, _groups()),
        go(icon("tags", "s"), "Groups and tags", to="/groups", class_name="manage"),
        class_name="gl",
        role="group",
        aria_label="Views and groups",
    )


def _groups() -> rx.Component:
    return rx.fragment(
        rx.el.div("Groups", class_name="h"),
        rx.foreach(
            ContactsState.groups,
            lambda group: rx.el.button(
                rx.el.span(class_name="dot " + group.color),
                group.name,
                rx.cond(
                    group.smart,
                    rx.el.span(icon("sparkles", "s"), rx.el.span("by its rules", class_name="sr"), class_name="n"),
                    rx.el.span(group.count, class_name="n"),
                ),
                type="button",
                custom_attrs={"aria-pressed": ContactsState.filter.group == group.id},
                on_click=ContactsState.show_group(group.id),
            ),
        ),
    )


def narrowed() -> rx.Component:
    """The row above the list: what is filtered by, and how many are shown."""
    return rx.el.div(
        rx.foreach(
            ContactsState.active,
            lambda one: rx.el.button(
                one.words,
                icon("x", "s"),
                type="button",
                class_name="chip",
                aria_label="Without the filter " + one.words,
                on_click=ContactsState.drop(one.field),
            ),
        ),
        rx.el.button(
            icon("list-filter", "s"),
            "Filter",
            type="button",
            class_name="chip dashed",
            on_click=ContactsState.open_sheet("filter"),
        ),
        go(icon("tags", "s"), "Groups and tags", to="/groups", class_name="chip ph"),
        rx.el.button(
            rx.cond(ContactsState.selecting, "Stop selecting", "Select"),
            type="button",
            class_name="chip ph",
            on_click=ContactsState.start_selecting,
        ),
        rx.cond(
            ContactsState.view != "",
            button(
                icon("bookmark-x", "s"),
                "Remove this view",
                kind="ghost",
                on_click=ContactsState.remove_view(ContactsState.view),
            ),
            rx.cond(
                ContactsState.active.length() > 0,
                rx.fragment(
                    button(
                        icon("bookmark-plus", "s"),
                        "Keep as view",
                        kind="ghost",
                        on_click=ContactsState.open_sheet("view"),
                    ),
                    button(
                        icon("sparkles", "s"),
                        "Save as smart group",
                        kind="ghost",
                        on_click=ContactsState.open_sheet("smart"),
                    ),
                ),
            ),
        ),
        rx.el.span(
            ContactsState.found,
            rx.cond(ContactsState.following != "", "+", ""),
            " shown",
            class_name="s m2 nw end",
            role="status",
        ),
        class_name="row wrap narrowing",
    )
