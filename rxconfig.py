"""Read by Reflex at every command and start: no side effects here."""

import reflex as rx

from omnicrm.components import theme
from omnicrm.core import frontend

config = rx.Config(
    app_name="omnicrm",
    api_url=frontend.BAKED_API_URL,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    cors_allowed_origins=[],  # routes.handshake compares Origin with Host
    state_manager_mode="memory",  # `serve` says "redis" for several workers
    redis_token_expiration=900,  # seconds a page's state outlives its last event, in memory as well
    frontend_compression_formats=["brotli", "gzip"],  # in ties the first one is sent
    plugins=[
        frontend.SlimRadix(theme.COLOURS, rx.theme(**theme.THEME)),
        frontend.SameOrigin(),
        frontend.Versioned(),
        frontend.Stable(),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
