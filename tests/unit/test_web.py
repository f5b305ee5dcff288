"""What a request says about itself is believed only as far as it can be."""

from __future__ import annotations

import pytest

from omnicrm.core import config, web


def scope(scheme: str = "http", client: str = "203.0.113.9", **headers: str) -> dict[str, object]:
    return {
        "type": "http",
        "scheme": scheme,
        "client": (client, 5),
        "headers": [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()],
    }


@pytest.fixture
def configured(monkeypatch):
    def configure(**changes: str) -> None:
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        config.settings.cache_clear()

    yield configure
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.mark.parametrize("origin", ["http://app.example:3000", "http://APP.example:3000"])
def test_our_own_pages_are_at_home(origin):
    assert web.same_origin(scope(host="app.example:3000", origin=origin))


def test_a_script_without_an_origin_is_no_foreign_page():
    assert web.same_origin(scope(host="app.example:3000"))


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "http://app.example",
        "http://app.example:3001",
        "http://app.example:3000.evil.example",
        "http://evil.example/app.example:3000",
        "http://app.example:3000@evil.example",
        "http://xapp.example:3000",
        "http://app.example:3000:3000",
        "file://app.example:3000",
        "http://[app.example:3000",
        "",
    ],
)
@pytest.mark.outside(6)
def test_foreign_origins_are_refused(origin):
    assert not web.same_origin(scope(host="app.example:3000", origin=origin))


def test_two_origins_are_refused():
    doubled = scope(host="app.example", origin="http://app.example")
    doubled["headers"] += [(b"origin", b"http://evil.example")]
    assert not web.same_origin(doubled)


def test_a_cross_site_fetch_is_refused_whatever_its_origin_says():
    assert not web.same_origin(scope(host="app.example", origin="http://app.example", sec_fetch_site="cross-site"))


def test_plain_pages_are_foreign_to_a_tls_site():
    assert not web.same_origin(scope("https", host="app.example", origin="http://app.example"))
    assert web.same_origin(scope("https", host="app.example:443", origin="https://app.example"))


def test_a_forwarded_address_is_not_believed_without_a_configured_proxy():
    assert web.client_address(scope(x_forwarded_for="198.51.100.1")) == "203.0.113.9"
    assert not web.is_https(scope(x_forwarded_proto="https"))


def test_a_forwarded_address_counts_as_far_as_proxies_are_configured(configured):
    configured(TRUSTED_PROXY_HOPS="1")
    assert web.client_address(scope(x_forwarded_for="10.9.9.9, 198.51.100.1")) == "198.51.100.1"
    assert web.client_address(scope()) == "203.0.113.9"
    assert web.is_https(scope(x_forwarded_proto="https"))


@pytest.mark.parametrize(
    ("name", "loopback"),
    [
        ("localhost:3000", True),
        ("127.0.0.1", True),
        ("[::1]:3000", True),
        ("app.localhost", True),
        ("localhost.evil.example", False),
        ("192.168.1.4:3000", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(name, loopback):
    assert web.is_loopback(scope(host=name)) is loopback


def test_the_cookie_is_taken_under_the_name_of_its_scheme():
    token = "a" * 43
    assert web.session_token(scope(cookie=f"other=1; omnicrm={token}")) == token
    assert web.session_token(scope("https", cookie=f"omnicrm={token}")) is None
    assert web.session_token(scope("https", cookie=f"__Host-omnicrm={token}")) == token


def test_two_cookies_of_the_name_are_none():
    assert web.session_token(scope(cookie=f"omnicrm={'a' * 43}; omnicrm={'b' * 43}")) is None
