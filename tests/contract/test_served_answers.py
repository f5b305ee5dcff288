"""What every answer of the running application carries, and what it refuses, whatever page or route it is."""

from __future__ import annotations

import re
import signal
import socket
import time

import httpx
import pytest

from tests.serving import Served, serving


def test_it_says_that_it_lives_and_is_ready(served: Served) -> None:
    assert served.get("/healthz").text == "alive\n"
    assert served.get("/readyz").text == "ready\n"


def test_figures_are_for_this_machine_only(served: Served) -> None:
    assert "omnicrm_http_requests_total" in served.get("/metrics").text
    assert served.get("/metrics", x_forwarded_for="203.0.113.5").status_code == 403


@pytest.mark.parametrize("path", ["/signed-out", "/login", "/register", "/no/such/page", "/omni.css"])
def test_the_usual_protections_are_on_every_answer(served: Served, path: str) -> None:
    headers = served.get(path, origin="https://evil.example").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "camera=()" in headers["permissions-policy"]
    assert not [name for name in headers if name.startswith("access-control-")]


def test_a_page_that_did_not_change_keeps_the_policy_it_came_with(served: Served) -> None:
    first = served.get("/signed-out", accept="text/html")
    again = served.get("/signed-out", accept="text/html", if_none_match=first.headers["etag"])
    assert again.status_code == 304
    assert "content-security-policy" not in again.headers


def test_a_page_runs_its_own_inline_scripts_and_no_others(served: Served) -> None:
    answer = served.get("/signed-out", accept="text/html")
    policy = answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert "unsafe-eval" not in policy
    assert policy.count("'sha256-") >= len(re.findall(r"<script(?![^>]*src=)", answer.text)) > 0
    assert f"ws://{served.host}" in policy


def test_hashed_files_are_kept_by_browsers_and_pages_are_not(served: Served) -> None:
    page = served.get("/signed-out", accept="text/html")
    script = re.search(r"/assets/[\w.-]+\.js", page.text)
    assert script
    asset = served.get(script.group(), accept_encoding="br, gzip")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-encoding"] == "br"
    assert page.headers["cache-control"] == "no-cache"


def test_a_page_is_answered_without_a_redirect(served: Served) -> None:
    assert served.get("/signed-out", accept="text/html").status_code == 200


def test_nothing_in_the_bundle_names_the_address_that_was_baked_in(served: Served) -> None:
    page = served.get("/signed-out", accept="text/html")
    for script in set(re.findall(r"/assets/[\w.-]+\.js", page.text)):
        assert "same-origin.invalid" not in served.get(script).text


@pytest.mark.parametrize("path", ["/_upload", "/_upload/x", "/_event", "/_event/?EIO=4&transport=polling"])
def test_the_frameworks_own_doors_are_shut(served: Served, path: str) -> None:
    assert served.get(path).status_code == 404


def test_plain_http_is_for_this_machine_only(served: Served) -> None:
    answer = served.get("/login", host="practice.example")
    assert answer.status_code == 403
    assert "https" in answer.text
    assert served.get("/healthz", host="practice.example").status_code == 200


@pytest.mark.parametrize("host", ["", "a b", "evil.example/path", "x" * 300])
def test_a_host_that_is_none_is_refused(served: Served, host: str) -> None:
    assert raw(served, f"GET /login HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").startswith(
        ("HTTP/1.1 400", "HTTP/1.1 403")
    )


@pytest.mark.outside(6)
def test_another_site_cannot_post(served: Served) -> None:
    answer = httpx.post(f"{served.url}/auth/login", data={"email": "a"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_body_that_is_too_large_is_refused_unread(served: Served) -> None:
    answer = httpx.post(f"{served.url}/auth/login", content=b"x" * 1_200_000, headers=FORM)
    assert answer.status_code == 413


def test_odd_paths_are_not_found(served: Served) -> None:
    assert served.get("/%00").status_code == 404
    assert served.get("/" + "x" * 3000).status_code == 404
    assert served.get("/..%2f..%2fetc/passwd").status_code == 404


def test_behind_a_proxy_that_ends_tls_any_name_is_served(database: str) -> None:
    with serving(TRUSTED_PROXY_HOPS="1") as server:
        through = {"host": "practice.example", "x_forwarded_proto": "https", "x_forwarded_for": "203.0.113.5"}
        answer = server.get("/register", accept="text/html", **through)
        assert answer.status_code == 200
        assert "max-age" in answer.headers["strict-transport-security"]
        page = server.get("/signed-out", accept="text/html", **through)
        assert page.status_code == 200
        assert "wss://practice.example" in page.headers["content-security-policy"]
        assert server.get("/metrics", **through).status_code == 403
        assert server.get("/login", host="practice.example").status_code == 403, "without TLS it stays refused"


def test_it_ends_within_ten_seconds_with_a_request_half_way(database: str) -> None:
    with serving() as server:
        half = socket.create_connection(("localhost", int(server.host.split(":")[1])))
        half.sendall(b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nemail=")
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=15)
        assert time.monotonic() - began < 10
        half.close()


def raw(server: Served, request: str) -> str:
    with socket.create_connection(("localhost", int(server.host.split(":")[1])), timeout=10) as connection:
        connection.sendall(request.encode())
        return connection.recv(4096).decode("latin-1")
