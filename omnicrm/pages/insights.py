"""Insights: a sentence that reads each chart, the chart, its numbers as a table and as a file."""

from __future__ import annotations

import reflex as rx

from omnicrm.components import parts, ui
from omnicrm.components.chart import chart
from omnicrm.components.fields import field, form_sheet
from omnicrm.components.layout import page
from omnicrm.components.parts import chip, icon
from omnicrm.state.insights import InsightsState
from omnicrm.state.shell import ShellState

_RANGES = (("4w", "4 weeks"), ("12w", "12 weeks"), ("year", "A year"))


@rx.page("/insights", title="Insights · OmniCRM", on_load=[InsightsState.load, ShellState.refresh])
def insights() -> rx.Component:
    return page(
        "Insights",
        rx.el.div(_ranges(), class_name="ph above"),
        rx.el.p(InsightsState.words, class_name="s m2"),
        rx.cond(
            InsightsState.empty,
            parts.empty(
                "chart-column",
                "No session in this time",
                "Choose a longer stretch, or book a session: what happens is counted by itself.",
            ),
            rx.el.div(rx.foreach(InsightsState.figures, _figure), class_name="ig"),
        ),
        form_sheet(
            "From when to when",
            rx.el.div(
                field("First day", "first", kind="date", default_value=InsightsState.first),
                field("Last day", "last", kind="date", default_value=InsightsState.last),
                class_name="fg",
            ),
            open=InsightsState.choosing,
            on_close=InsightsState.close,
            on_submit=InsightsState.between,
            save="Show",
        ),
        current="insights",
        actions=(
            rx.el.div(_ranges(), class_name="dt"),
            _file("/export/insights/all", "CSV"),
        ),
    )


def _ranges() -> rx.Component:
    return rx.el.div(
        *[chip(words, on=InsightsState.kind == kind, on_click=InsightsState.show(kind)) for kind, words in _RANGES],
        chip("Other…", on=InsightsState.kind == "custom", on_click=InsightsState.choose),
        class_name="chips",
        role="group",
        aria_label="From when to when",
    )


def _figure(one: rx.Var) -> rx.Component:
    return rx.el.figure(
        rx.el.figcaption(
            rx.el.h2(one.title),
            rx.el.div(
                one.what,
                rx.cond(
                    one.legend.length() > 0,
                    rx.el.span(
                        rx.el.span(class_name="swt"),
                        one.legend[0],
                        rx.el.span(class_name="swt two"),
                        one.legend[1],
                        class_name="legend",
                    ),
                ),
                class_name="s m2",
            ),
        ),
        chart(one.chart, one.what + ". " + one.title),
        rx.el.details(
            rx.el.summary("The numbers"),
            rx.el.table(
                rx.el.thead(rx.el.tr(rx.foreach(one.head, lambda cell: rx.el.th(cell, scope="col")))),
                rx.el.tbody(
                    rx.foreach(one.rows, lambda row: rx.el.tr(rx.foreach(row.cells, lambda cell: rx.el.td(cell))))
                ),
            ),
            _file("/export/insights/" + one.id.to(str), "CSV of these"),
        ),
        custom_attrs={"data-figure": one.id},
    )


def _file(address: str | rx.Var[str], words: str) -> rx.Component:
    return ui.plain_link(
        icon("download", "s"),
        words,
        href=address + InsightsState.query,
        class_name="btn",
        custom_attrs={"download": "download"},  # saved in place: a load would take the page with it
    )
