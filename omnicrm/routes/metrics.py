"""Figures for whoever looks after an installation: no path, no name, nothing of a practice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_requests = Counter("omnicrm_http_requests_total", "Answered requests.", ("method", "status"))
_seconds = Histogram("omnicrm_http_request_seconds", "Time to answer a request.")
_sockets = Gauge("omnicrm_open_sockets", "Open pages of this process.")


def request(method: str, status: int, seconds: float) -> None:
    """Count one answer. Methods that nobody defined count as one."""
    _requests.labels(method if method in _METHODS else "other", str(status)).inc()
    _seconds.observe(seconds)


@contextmanager
def socket() -> Iterator[None]:
    with _sockets.track_inprogress():
        yield
