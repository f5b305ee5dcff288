"""The address without a path: where the day begins."""

from __future__ import annotations

import reflex as rx


@rx.page("/", title="OmniCRM", on_load=rx.redirect("/today", replace=True))
def home() -> rx.Component:
    return rx.el.main(rx.el.a("Today", href="/today"), id="main")
