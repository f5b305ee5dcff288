"""The least that a Reflex page can be: one number, one button, one handler that adds one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import reflex as rx

from omnicrm.routes.shield import Shield, Slashes


class Counter(rx.State):
    number: int = 0

    @rx.event
    def add(self):
        self.number += 1


def index() -> rx.Component:
    return rx.el.main(
        rx.cond(rx.State.is_hydrated, rx.el.p(Counter.number, id="number")),
        rx.el.button("Add one", on_click=Counter.add, id="add"),
    )


def server() -> Any:
    """Served as OmniCRM is, but for sign-in, routes and jobs."""
    static = Path(os.environ["REFLEX_WEB_WORKDIR"]) / "build" / "client"
    return Shield(Slashes(app(), static), static)


app = rx.App(toaster=None)
app.add_page(index, route="/", title="Empty")
