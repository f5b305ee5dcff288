"""The calendar's grids (`grid.jsx`) as a component: only this page loads them."""

from __future__ import annotations

from typing import Any

import reflex as rx

rx.asset("drag.jsx", shared=True)  # what grid.jsx imports lies beside it
rx.asset("month.jsx", shared=True)


def _one(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (value,)


def _two(day: rx.Var[str], time: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return day, time


def _moved(
    session: rx.Var[str], day: rx.Var[str], at: rx.Var[str], minutes: rx.Var[int], seen: rx.Var[str]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[str], rx.Var[int], rx.Var[str]]:
    return session, day, at, minutes, seen


class CalendarGrid(rx.Component):
    """Month, week or day. All times are the practitioner's wall clock, without an offset."""

    library = "$/public" + rx.asset("grid.jsx", shared=True)
    tag = "CalendarGrid"

    view: rx.Var[str]
    first: rx.Var[str]
    count: rx.Var[int]
    day: rx.Var[str]
    month: rx.Var[str]
    anchor: rx.Var[str]
    blocks: rx.Var[list[Any]]
    hours: rx.Var[list[Any]]
    now: rx.Var[str]
    zone: rx.Var[Any]
    twelve: rx.Var[bool]
    phone: rx.Var[bool]
    selected: rx.Var[str]
    held: rx.Var[str]
    answered: rx.Var[int]
    on_open: rx.EventHandler[_one]
    on_day: rx.EventHandler[_one]
    on_key: rx.EventHandler[_one]
    on_book: rx.EventHandler[_two]
    on_move: rx.EventHandler[_moved]


grid = CalendarGrid.create
