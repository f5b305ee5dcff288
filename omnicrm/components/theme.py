"""What the application's frame needs beside its pages: theme, stylesheets, head."""

from __future__ import annotations

import reflex as rx

THEME = {
    "appearance": "inherit",
    "accent_color": "jade",
    "gray_color": "sand",
    "radius": "medium",
    "scaling": "100%",
    "panel_background": "solid",
}
COLOURS = ("gray", "sand", "jade", "amber", "tomato", "sky")  # every Radix colour that a stylesheet names
STYLESHEETS = [
    "/omni.css",
    "/shell.css",
    "/controls.css",
    "/approvals.css",
    "/pages.css",
    "/programs.css",
    "/calendar.css",
    "/sessions.css",
    "/imports.css",
    "/notes.css",
]


def head() -> list[rx.Component]:
    """Manifest, icons and the service worker: files of ours, no inline script."""
    return [
        rx.el.meta(name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        rx.el.meta(name="theme-color", content="#f9f9f8", media="(prefers-color-scheme: light)"),
        rx.el.meta(name="theme-color", content="#191918", media="(prefers-color-scheme: dark)"),
        rx.el.meta(name="mobile-web-app-capable", content="yes"),
        rx.el.meta(name="robots", content="noindex"),
        rx.el.link(rel="manifest", href="/manifest.webmanifest"),
        rx.el.link(rel="icon", href="/icons/mark.svg", type="image/svg+xml"),
        rx.el.link(rel="apple-touch-icon", href="/icons/apple-touch-icon.png"),
        rx.el.link(
            rel="preload",
            href="/fonts/figtree-latin-wght-normal.woff2",
            custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
        ),
        rx.el.script(src="/sw-register.js", defer=True),
    ]
