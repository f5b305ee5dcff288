"""What we change in Reflex's build: one origin whatever the host, small Radix, the same bytes for the same sources."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import reflex as rx
from reflex.utils import prerequisites

from omnicrm.core.bundle import STATE_SCHEMA, BuildFailed
from omnicrm.core.css import prune

# Reflex bakes its address into the bundle, port included; this one is replaced by the page's own origin.
BAKED_API_URL = "http://same-origin.invalid"

_BAKED = re.compile(r"""(["'`])(?:ws|http)://same-origin\.invalid(/[\w/-]*)\1""")
_RADIX = "@radix-ui/themes"


class SameOrigin(rx.plugins.Plugin):
    """One bundle for every host name and port, behind TLS or not."""

    def post_build(self, **context: Any) -> None:
        replaced = 0
        for script in Path(context["static_dir"]).rglob("*.js"):
            text, count = _BAKED.subn(r'(globalThis.location.origin+"\2")', script.read_text())
            if count:
                script.write_text(text)
                replaced += count
        if not replaced:
            raise BuildFailed("No baked address was found in the bundle: pages would call a server that is not theirs.")


class SlimRadix(rx.plugins.RadixThemesPlugin):  # type: ignore[misc]  # its package carries no types
    """Radix Themes with the colours, components and breakpoints that the pages use."""

    def __init__(self, colours: Iterable[str], theme: rx.Component) -> None:
        super().__init__(theme=theme)
        self.colours = tuple(colours)

    def get_frontend_dependencies(self, **context: Any) -> tuple[str, ...]:
        return ()  # named here, the library would come whole; the pages' own imports bring what they use

    def get_stylesheet_paths(self, **context: Any) -> tuple[str, ...]:
        return (
            f"{_RADIX}/tokens/base.css",
            *(f"{_RADIX}/tokens/colors/{colour}.css" for colour in self.colours),
            f"{_RADIX}/components.css",
            f"{_RADIX}/utilities.css",
        )

    def post_build(self, **context: Any) -> None:
        static = Path(context["static_dir"])
        used = {name for script in static.rglob("*.js") for name in re.findall(r"rt-[A-Z]\w*", script.read_text())}
        for sheet in static.rglob("__reflex_global_styles*.css"):
            sheet.write_text(prune(sheet.read_text(), used))


class Stable(rx.plugins.Plugin):
    """Nothing of the moment goes into the bundle; what the server must agree on is noted beside it."""

    def pre_compile(self, **context: Any) -> None:
        # Its time of the last run is bundled, and changes every name that depends on it.
        prerequisites.set_last_reflex_run_time = lambda: None
        noted = prerequisites.get_web_dir() / "reflex.json"
        version = json.loads(noted.read_text())["version"]
        noted.write_text(json.dumps({"version": version, "project_hash": 0, "last_reflex_run_datetime": ""}))

    def post_build(self, **context: Any) -> None:
        backend = prerequisites.get_web_dir() / "backend"
        backend.mkdir(exist_ok=True)
        (backend / STATE_SCHEMA).write_text(rx.State._to_frontend_schema())


class Versioned(rx.plugins.Plugin):
    """Puts a name for this very build into the service worker, whose caches go with it."""

    def post_build(self, **context: Any) -> None:
        static = Path(context["static_dir"])
        worker = static / "sw.js"
        if not worker.exists():
            return
        names = sorted(str(file.relative_to(static)) for file in (static / "assets").rglob("*"))
        build = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
        worker.write_text(worker.read_text().replace("__BUILD__", build))
