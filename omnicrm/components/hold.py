"""A long press: the finger's way to choose a row."""

from __future__ import annotations

import reflex as rx


def _text(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


class Hold(rx.Component):
    """Around rows with `data-hold`: tells `on_hold` whose row a finger rested on for half a second."""

    library = "$/public" + rx.asset("hold.jsx", shared=True)
    tag = "Hold"
    on_hold: rx.EventHandler[_text]


hold = Hold.create
