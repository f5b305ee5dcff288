"""Where a page meets the login: leaving the application for a page that the server renders."""

from __future__ import annotations

import reflex as rx


class Leave(rx.Component):
    """Goes to `to` as soon as it is shown."""

    library = "$/public" + rx.asset("session.jsx", shared=True)
    tag = "Leave"
    to: rx.Var[str]


leave = Leave.create
