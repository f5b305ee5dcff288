"""The words a proposal rests on: amber, numbered, tied to their fields."""

from __future__ import annotations

import reflex as rx


def number(n: rx.Var[str]) -> rx.Component:
    """The badge of one piece of evidence. Its field and its highlight carry the same one."""
    return rx.el.span(n, class_name="ev", custom_attrs={"data-ev": n, "aria-hidden": "true"})


def highlighted(pieces: rx.Var, *, keys: bool = False) -> rx.Component:
    """A text cut into pieces {text, n}: those with a number are marked. With `keys`, 1 to 9 jump to them."""
    return rx.foreach(pieces, lambda piece: _piece(piece, keys))


def _piece(piece: rx.Var, keys: bool) -> rx.Component:
    attrs = {"data-ev": piece["n"]}
    if keys:
        attrs |= {"data-keys": piece["n"], "tabIndex": "-1"}
    return rx.cond(
        piece["n"] != "",
        rx.el.mark(number(piece["n"]), piece["text"], custom_attrs=attrs),
        rx.el.span(piece["text"]),
    )
