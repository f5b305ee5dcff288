"""Where a page meets the login: sign out, leave, and read again when something changed elsewhere."""

from __future__ import annotations

from typing import Any

import reflex as rx

from omnicrm.state.push import Live

_LIBRARY = "$/public" + rx.asset("session.jsx", shared=True)


class Leave(rx.Component):
    library = _LIBRARY
    tag = "Leave"
    to: rx.Var[str]


class PostForm(rx.Component):
    """A form that is really posted, to a route of ours."""

    library = _LIBRARY
    tag = "PostForm"
    action: rx.Var[str]


class _Live(rx.Component):
    library = _LIBRARY
    tag = "Live"
    value: rx.Var[int]
    on_change: rx.EventHandler[rx.event.no_args_event_spec]


def live(reads_again: Any) -> rx.Component:
    """Put it anywhere on a page: `reads_again` runs when this practitioner's data changed in a job or another tab."""
    return _Live.create(value=Live.version, on_change=reads_again)


def sign_out(*children: Any, class_name: str = "") -> rx.Component:
    """A real form around a submit button: signing out is a request, not an event."""
    return PostForm.create(*children, action="/auth/logout", class_name=class_name)


leave = Leave.create
