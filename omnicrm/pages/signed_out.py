"""Where a page goes when its login has ended: on to the sign-in, by a full load, so that the socket ends too."""

from __future__ import annotations

import reflex as rx

from omnicrm.components.session import leave


@rx.page("/signed-out", title="Signed out · OmniCRM")
def signed_out() -> rx.Component:
    return rx.el.main(
        leave(to="/login"),
        rx.el.p("You are signed out. ", rx.el.a("Sign in", href="/login"), class_name="m2"),
        class_name="body",
    )
