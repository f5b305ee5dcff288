"""A chart as inline SVG: the geometry comes worked out from the domain, colours and words are the page's own."""

from __future__ import annotations

import reflex as rx


def chart(of: rx.Var, label: rx.Var) -> rx.Component:
    """Bars or a line, drawn in a square of 100 that is stretched to its place; its words are HTML around it."""
    return rx.el.div(
        rx.el.div(
            rx.foreach(of.ticks, lambda word: rx.el.span(word.text, class_name="axt", style=_top(word))),
            rx.el.svg(
                rx.foreach(of.ticks, lambda word: rx.el.svg.path(d=_across(word), class_name="ax")),
                rx.cond(of.line == "", rx.el.svg.path(d="M0 100H100", class_name="ax")),
                rx.foreach(of.bars, _bar),
                rx.el.svg.path(d=of.line, class_name="ln"),
                view_box="0 0 100 100",
                custom_attrs={"preserveAspectRatio": "none", "aria-label": label},
                role="img",
            ),
            rx.foreach(of.dots, lambda word: rx.el.span(class_name="dotp", style=_at(word))),
            rx.foreach(of.dots, _value),
            rx.foreach(of.numbers, _value),
            class_name=rx.cond(of.ticks.length() > 0, "plot ticked", "plot"),
        ),
        rx.el.div(
            rx.foreach(
                of.labels,
                lambda word: rx.el.span(
                    word.text, class_name="lb " + word.side.to(str), style={"left": word.left.to_string() + "%"}
                ),
            ),
            class_name=rx.cond(of.ticks.length() > 0, "under ticked", "under"),
        ),
        class_name="ch",
    )


def _bar(bar: rx.Var) -> rx.Component:
    return rx.el.svg.rect(
        x=bar.x.to_string(),
        y=bar.y.to_string(),
        width=bar.width.to_string(),
        height=bar.height.to_string(),
        rx="0.7",
        ry="1.4",
        class_name="bar " + bar.tone.to(str),
    )


def _value(word: rx.Var) -> rx.Component:
    return rx.el.span(word.text, class_name="v " + word.side.to(str), style=_at(word))


def _across(word: rx.Var) -> rx.Var:
    return "M0 " + word.top.to_string() + "H100"


def _at(word: rx.Var) -> dict[str, rx.Var]:
    return {"left": word.left.to_string() + "%", "top": word.top.to_string() + "%"}


def _top(word: rx.Var) -> dict[str, rx.Var]:
    return {"top": word.top.to_string() + "%"}
