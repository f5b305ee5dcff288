"""Sign-in, sign-up and sign-out over HTTP: the statuses that scripts rely on, the cookie, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from omnicrm.core import config, ids
from omnicrm.core.db import transaction
from omnicrm.core.errors import SignedOut, Unavailable
from omnicrm.domain import accounts
from omnicrm.routes import auth, samples
from tests.web import PASSWORD, client, cookie, person, registered

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def configured(monkeypatch):
    def configure(**changes: str) -> None:
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        config.settings.cache_clear()

    yield configure
    monkeypatch.undo()
    config.settings.cache_clear()


def page(browser):
    """What the application answers a browser."""
    return browser.get("/contacts")


# Registration


def test_registering_signs_in():
    browser = client()
    answer = browser.post("/auth/register", data=person())
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert page(browser).text == "a page"


def test_an_address_that_has_an_account_conflicts():
    _, typed = registered()
    for address in (typed["email"], typed["email"].upper(), f"  {typed['email']}  "):
        answer = client().post("/auth/register", data=person(email=address))
        assert answer.status_code == 409
        assert "already" in answer.text
        assert cookie(answer) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"email": "maya at home"}, "email"),
        ({"email": ""}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(changes, field):
    typed = person(**changes)
    answer = client(html=False).post("/auth/register", data=typed)
    assert answer.status_code == 422
    assert field in answer.json()["fields"]
    assert cookie(answer) is None
    assert client().post("/auth/login", data={"email": person()["email"], "password": PASSWORD}).status_code == 401


def test_the_form_comes_back_with_what_was_typed_but_never_the_password():
    answer = client().post("/auth/register", data=person(email="maya <script> at home", password="short"))
    assert answer.status_code == 422
    assert "maya &lt;script&gt; at home" in answer.text
    assert 'value="Maya Lindqvist"' in answer.text
    assert "short" not in answer.text.replace("shortest", "")
    assert 'aria-invalid="true"' in answer.text


def test_registrations_from_one_address_are_limited(clock):
    browser = client(html=False)
    codes = [
        browser.post("/auth/register", data=person(name="")).status_code
        for _ in range(accounts.REGISTRATIONS.attempts + 1)
    ]
    assert codes[-1] == 429
    clock.advance(timedelta(hours=1, seconds=1))
    assert browser.post("/auth/register", data=person()).status_code == 303


# Sign-in


def test_signing_in_gives_a_cookie_that_script_cannot_read():
    _, typed = registered()
    answer = client().post("/auth/login", data={"email": typed["email"], "password": PASSWORD})
    assert answer.status_code == 303
    line = cookie(answer).lower()
    assert "httponly" in line
    assert "samesite=lax" in line
    assert "path=/" in line
    assert "domain" not in line


def test_behind_tls_the_cookie_is_secure_and_bound_to_the_host():
    typed = person()
    browser = client("https://app.stillwater.example")
    answer = browser.post("/auth/register", data=typed)
    line = cookie(answer, "__Host-omnicrm")
    assert line is not None
    assert "Secure" in line
    assert cookie(answer, "omnicrm") is None
    assert page(browser).text == "a page"


def test_plain_http_is_refused_elsewhere_than_here():
    for path, fields in (("/auth/register", person()), ("/auth/login", {"email": "a@b.example", "password": "x"})):
        answer = client("http://app.stillwater.example").post(path, data=fields)
        assert answer.status_code == 403
        assert "not encrypted" in answer.text
        assert cookie(answer) is None


def test_a_proxy_that_is_configured_may_speak_tls_for_us(configured):
    configured(TRUSTED_PROXY_HOPS="1")
    browser = client("http://app.stillwater.example", **{"x-forwarded-proto": "https"})
    assert cookie(browser.post("/auth/register", data=person()), "__Host-omnicrm") is not None


@pytest.mark.parametrize("password", ["wrong", "A boat in the reeds", "a boat in the reeds "])
def test_a_wrong_password_is_told_like_a_wrong_address(password):
    _, typed = registered()
    wrong = client(html=False).post("/auth/login", data={"email": typed["email"], "password": password})
    nobody = client(html=False).post("/auth/login", data={"email": person()["email"], "password": password})
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert wrong.json() == nobody.json()
    assert cookie(wrong) is None


@pytest.mark.parametrize("fields", [{}, {"email": "a@b.example"}, {"password": "x"}, {"email": "", "password": ""}])
def test_missing_fields_are_named(fields):
    answer = client(html=False).post("/auth/login", data=fields or {"other": "1"})
    assert answer.status_code == 422
    assert answer.json()["fields"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"email": "a@b.example", "password": "x"}', "application/json"),
        (b"", "text/plain"),
        (b"email=a%00b&password=x", "application/x-www-form-urlencoded"),
        (b"email=" + b"x" * 20_000, "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", "multipart/form-data; boundary=x"),
        (b"&".join(b"f%d=1" % number for number in range(200)), "application/x-www-form-urlencoded"),
    ],
)
def test_what_is_no_form_is_refused_in_words(content, kind):
    answer = client(html=False).post("/auth/login", content=content, headers={"content-type": kind})
    assert answer.status_code in (400, 422)
    assert answer.text


def test_tries_run_out_with_the_moment_to_try_again(clock):
    _, typed = registered()
    browser = client()
    wrong = {"email": typed["email"], "password": "wrong"}
    answers = [browser.post("/auth/login", data=wrong) for _ in range(accounts.BY_PAIR.attempts + 1)]
    assert [answer.status_code for answer in answers] == [401] * accounts.BY_PAIR.attempts + [429]
    assert "3 tries are left" in answers[2].text
    assert int(answers[-1].headers["retry-after"]) == 15 * 60
    right = {**wrong, "password": PASSWORD}
    assert browser.post("/auth/login", data=right).status_code == 429, "the right password does not break the limit"
    clock.advance(timedelta(minutes=15, seconds=1))
    assert browser.post("/auth/login", data=right).status_code == 303


def test_a_forwarded_address_does_not_give_new_tries():
    _, typed = registered()
    wrong = {"email": typed["email"], "password": "wrong"}
    for number in range(accounts.BY_PAIR.attempts):
        client(address="same", **{"x-forwarded-for": f"198.51.100.{number}"}).post("/auth/login", data=wrong)
    answer = client(address="same", **{"x-forwarded-for": "198.51.100.99"}).post("/auth/login", data=wrong)
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/contacts?page=2", "/contacts?page=2"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/%0d%0aset-cookie:x=1", "/%0d%0aset-cookie:x=1"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("javascript:alert(1)", "/"),
        ("/auth/logout", "/"),
        ("contacts", "/"),
    ],
)
def test_the_way_on_stays_on_this_site(wanted, given):
    _, typed = registered()
    answer = client().post("/auth/login", data={"email": typed["email"], "password": PASSWORD, "next": wanted})
    assert answer.headers["location"] == given
    assert len([key for key, _ in answer.headers.multi_items() if key == "set-cookie"]) == 1


def test_signing_in_again_ends_the_login_before():
    browser, typed = registered()
    former = browser.cookies["omnicrm"]
    browser.post("/auth/login", data={"email": typed["email"], "password": PASSWORD})
    thief = client()
    thief.cookies.set("omnicrm", former)
    assert page(thief).status_code == 303
    assert page(browser).status_code == 200


# Sign-out


def test_signing_out_ends_the_login_and_clears_the_device():
    browser, _ = registered()
    kept = browser.cookies["omnicrm"]
    answer = browser.post("/auth/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert answer.headers["clear-site-data"] == '"storage"'
    assert 'omnicrm=""' in cookie(answer)
    browser.cookies.set("omnicrm", kept)
    assert page(browser).headers["location"] == "/login?next=%2Fcontacts"


def test_signing_out_without_a_login_is_no_error():
    assert client().post("/auth/logout").status_code == 303


def test_a_link_does_not_sign_out():
    browser, _ = registered()
    assert cookie(browser.get("/auth/logout")) is None
    assert page(browser).status_code == 200


# Pages


def test_the_pages_carry_a_policy_and_are_not_kept():
    registered()
    for path in ("/login", "/register"):
        answer = client().get(path)
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert "<script>" not in answer.text
        assert "onclick" not in answer.text


def test_who_is_signed_in_needs_no_sign_in():
    browser, _ = registered()
    assert browser.get("/login?next=/tasks").headers["location"] == "/tasks"
    assert browser.get("/register").headers["location"] == "/"


def test_a_page_without_a_login_leads_to_the_sign_in_and_back():
    registered()
    answer = client().get("/contacts?query=jo")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fcontacts%3Fquery%3Djo")
    assert 'value="/contacts?query=jo"' in client().get(answer.headers["location"]).text


@pytest.mark.parametrize("path", ["/omni.css", "/assets/entry-abc.js", "/signed-out", "/signed-out/"])
def test_files_are_for_everybody(path):
    assert client().get(path).text == "a page"


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "../../etc/passwd", "' or 1=1 --", "a" * 5000])
def test_a_made_up_cookie_is_nobody(token):
    browser = client()
    browser.cookies.set("omnicrm", token)
    assert page(browser).status_code == 303
    assert browser.get("/connect/google").headers["location"].startswith("/login")


# Other sites


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "http://localhost:3001", "https://localhost:80"],
)
@pytest.mark.parametrize("path", ["/auth/login", "/auth/register", "/auth/logout", "/contacts"])
@pytest.mark.outside(6)
def test_other_sites_post_nothing(origin, path):
    browser, typed = registered()
    answer = browser.post(path, data=typed, headers={"origin": origin})
    assert answer.status_code == 403
    assert cookie(answer) is None
    assert not [key for key in answer.headers if key.startswith("access-control-")]
    assert page(browser).status_code == 200, "still signed in"


def test_our_own_pages_post():
    browser, _ = registered()
    assert browser.post("/auth/logout", headers={"origin": "http://localhost"}).status_code == 303


@pytest.mark.parametrize("path", ["/_event/?EIO=4&transport=polling", "/_event", "/_upload", "/_upload/x"])
def test_the_frameworks_side_doors_are_shut(path):
    browser, _ = registered()
    assert browser.get(path).status_code == 404
    assert browser.post(path, content=b"x").status_code == 404


@pytest.mark.outside(23)
def test_nothing_secret_is_logged(caplog):
    browser, typed = registered(password="a planted secret word")
    client().post("/auth/login", data={"email": typed["email"], "password": "another planted secret"})
    browser.post("/auth/logout")
    assert "planted secret" not in caplog.text
    assert ids.token_hash("x") not in caplog.text


# Sample data


@pytest.fixture
def sample(monkeypatch):
    made = []
    monkeypatch.setattr(samples, "_furnish", made.append)
    monkeypatch.setattr(auth, "_sample_is_offered", True)
    return made


def test_looking_around_gives_a_practice_of_ones_own(sample):
    assert "/auth/sample" in client().get("/register").text
    browser = client()
    answer = browser.post("/auth/sample", data={"time_zone": "Asia/Kathmandu"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/approvals")
    assert page(browser).status_code == 200
    with transaction(sample[0]) as db:
        me = accounts.practitioner(db)
    assert (me.business_name, me.time_zone) == ("Stillwater", "Asia/Kathmandu")
    other = client()
    other.post("/auth/sample", data={"time_zone": "nowhere"})
    assert len(set(sample)) == 2


def test_a_sample_that_cannot_be_made_leaves_no_account(sample, monkeypatch):
    def away(user_id):
        sample.append(user_id)
        raise Unavailable("The sample Google account does not answer. Try again in a moment.")

    monkeypatch.setattr(samples, "_furnish", away)
    answer = client().post("/auth/sample", data={"time_zone": ""})
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert cookie(answer) is None
    with transaction(sample[0]) as db, pytest.raises(SignedOut):
        accounts.practitioner(db)


def test_samples_are_limited(sample):
    browser = client()
    codes = [browser.post("/auth/sample", data={"time_zone": ""}).status_code for _ in range(21)]
    assert codes[-1] == 429


def test_where_samples_are_not_offered_there_is_no_button():
    assert "/auth/sample" not in client().get("/register").text
    assert client().post("/auth/sample", data={"time_zone": ""}).status_code == 404
