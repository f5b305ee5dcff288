"""The words a proposal rests on: amber, numbered, tied to their fields."""

from __future__ import annotations

import reflex as rx


def number(badge: rx.Var) -> rx.Component:
    """The badge of one piece of evidence. Its field and its highlight carry the same one."""
    return rx.el.span(badge, class_name="ev", custom_attrs={"data-ev": badge.to_string(), "aria-hidden": "true"})


def highlighted(segments: rx.Var, *, keys: bool = False) -> rx.Component:
    """A text cut into segments {text, badge}: those with a badge are marked. With `keys`, 1 to 9 jump to them."""
    return rx.foreach(segments, lambda segment: _segment(segment, keys))


def _segment(segment: rx.Var, keys: bool) -> rx.Component:
    badge = segment.badge.to_string()
    attrs = {"data-ev": badge}
    if keys:
        attrs |= {"data-keys": badge, "tabIndex": "-1"}
    return rx.cond(
        segment.badge > 0,
        rx.el.mark(number(segment.badge), segment.text, custom_attrs=attrs),
        rx.el.span(segment.text),
    )
