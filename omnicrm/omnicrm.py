"""The application, put together: pages, routes, jobs, and what stands around them. Nowhere else are they joined."""

from __future__ import annotations

import importlib
import pkgutil

import reflex as rx

from omnicrm import pages
from omnicrm.components import theme
from omnicrm.state import gate


def _import_pages() -> None:
    for module in pkgutil.walk_packages(pages.__path__, f"{pages.__name__}."):
        importlib.import_module(module.name)


_import_pages()
app = rx.App(
    stylesheets=theme.STYLESHEETS,
    head_components=theme.head(),
    html_lang="en",
    toaster=None,  # toasts are our own: Reflex' need script from the server, which the policy forbids
)
gate.install(app)
