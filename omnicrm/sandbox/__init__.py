"""The loopback stand-in for Google: OAuth and OpenID Connect, Gmail v1, Calendar v3, and faults on demand."""

from omnicrm.sandbox.server import Running, app, serve, start
from omnicrm.sandbox.store import Store

__all__ = ["Running", "Store", "app", "serve", "start"]
