"""The empty application's: the same pipeline as OmniCRM's, nothing of its pages. See bench/blank.py."""

import reflex as rx

from omnicrm.core import frontend

config = rx.Config(
    app_name="blank",
    api_url=frontend.BAKED_API_URL,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    cors_allowed_origins=[],
    state_manager_mode="memory",
    frontend_compression_formats=["brotli", "gzip"],
    plugins=[
        frontend.SlimRadix(("gray", "jade"), rx.theme(accent_color="jade")),
        frontend.SameOrigin(),
        frontend.Stable(),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
