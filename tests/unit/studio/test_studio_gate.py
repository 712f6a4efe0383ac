"""The gate: who is let in, and what is refused; each attack is on the list of studio-security.md."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from euexia.studio.settings import Limits

HERE = "http://127.0.0.1:8765"


def test_nothing_is_told_without_a_session(studio: Any, stranger: Any) -> None:
    """A stranger gets neither data nor the page, but told what to do."""
    browser = stranger(studio)
    assert browser.get("/api/about").status_code == 401
    assert browser.get("/api/openapi.json").status_code == 401
    assert "once" in browser.get("/").text
    assert browser.post("/api/design/check", json={"start": "romana1"}).status_code == 401


def test_a_token_is_exchanged_once_for_a_strict_cookie(studio: Any, stranger: Any) -> None:
    """The address is cleaned, the cookie cannot be read by scripts nor sent from other sites."""
    first = stranger(studio)
    answer = first.get(f"/?token={studio.settings.token}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert first.get("/api/about").status_code == 200
    assert stranger(studio).get(f"/?token={studio.settings.token}").status_code == 403
    assert first.get(f"/?token={studio.settings.token}").status_code == 303  # a reload by who is in


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1:9", "127.0.0.1.evil.example:8765", ""]
)
def test_foreign_hosts_are_refused(studio: Any, guest: Any, host: str) -> None:
    """DNS rebinding: a name that leads here is not a name of the studio."""
    browser = guest(studio)
    assert browser.get("/api/about", headers={"host": host}).status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "https://127.0.0.1:1",
        "http://127.0.0.1:8765.evil.example",
        "file://",
        "[",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_foreign_origins_are_refused(studio: Any, guest: Any, origin: str, method: str) -> None:
    """Also with a valid cookie; CORS headers are never sent."""
    answer = guest(studio).request(method, "/api/runs/x", headers={"origin": origin})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_change_must_say_its_origin(studio: Any, guest: Any) -> None:
    """Cross-site request forgery: browsers always send the origin of a POST."""
    browser = guest(studio)
    del browser.headers["origin"]
    assert browser.post("/api/design/check", json={"start": "romana1"}).status_code == 403
    assert browser.get("/api/about").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_requests_of_other_sites_are_refused(studio: Any, guest: Any, site: str) -> None:
    """Even a GET, such as an image of another page."""
    assert guest(studio).get("/api/about", headers={"sec-fetch-site": site}).status_code == 403


def test_preflights_and_other_methods_are_not_served(studio: Any, guest: Any) -> None:
    """There is no CORS to ask for."""
    browser = guest(studio)
    for method in ("OPTIONS", "PUT", "PATCH", "TRACE", "CONNECT"):
        assert browser.request(method, "/api/about").status_code == 405


def test_every_answer_carries_the_safe_headers(studio: Any, stranger: Any, guest: Any) -> None:
    """No inline script, no framing, no sniffing, no caching: also of refusals."""
    for answer in (stranger(studio).get("/"), guest(studio).get("/"), guest(studio).get("/api/about")):
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_large_bodies_are_refused_before_they_are_read(make: Any, guest: Any) -> None:
    """By the length they state, and, without one, while they come."""
    browser = guest(make(Limits(body_bytes=1000, upload_bytes=2000)))
    big = {"content-type": "application/json"}
    assert browser.post("/api/design/check", content=b"x" * 1001, headers=big).status_code == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 400

    assert browser.post("/api/design/check", content=pieces(), headers=big).status_code == 413
    form = {"file": ("a.csv", b"y" * 2500)}
    assert browser.post("/api/assess/columns", files=form).status_code == 413
    lying = {**big, "content-length": "-5"}
    assert browser.post("/api/design/check", content=b"{}", headers=lying).status_code in (400, 413)


def test_too_many_requests_are_slowed_down(make: Any, guest: Any) -> None:
    """A session may burst to twice its rate."""
    browser = guest(make(Limits(requests_per_second=5)))
    statuses = [browser.get("/api/about").status_code for _ in range(30)]
    assert 429 in statuses
    assert statuses[:9] == [200] * 9


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/..%2fsettings.py",
        "/static//etc/passwd",
        "/static/....//settings.py",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/\x00",
    ],
)
def test_paths_lead_nowhere_else(studio: Any, guest: Any, path: str) -> None:
    """Path traversal: only the page's own files and the page itself."""
    answer = guest(studio).get(path.replace("\x00", "%00"))
    assert answer.status_code in (200, 404)
    assert "LOOPBACK" not in answer.text
    assert "root:" not in answer.text


def test_a_shared_studio_asks_for_its_password(make: Any, stranger: Any) -> None:
    """No token there; few tries a minute; the cookie is the same strict one."""
    studio = make(host="0.0.0.0", password="correct horse battery")
    browser = stranger(studio)
    assert browser.get("/").headers["location"] == "/login"
    assert browser.get(f"/?token={studio.settings.token}").status_code == 403
    assert browser.post("/login", data={"password": "wrong"}).status_code == 403
    answer = browser.post("/login", data={"password": "correct horse battery"})
    assert answer.status_code == 303
    assert browser.get("/api/about").json()["shared"]
    others = [stranger(studio).post("/login", data={"password": str(n)}).status_code for n in range(6)]
    assert others[-1] == 429
    assert stranger(studio).post("/login", data={"password": "x" * 5000}).status_code in (413, 429)


def test_behind_tls_the_cookie_is_secure(make: Any, stranger: Any) -> None:
    """A server with TLS in front keeps host and origin; its name was given with --name."""
    studio = make(host="0.0.0.0", password="correct horse battery", names=("trials.example.org",))
    browser = stranger(studio, host="trials.example.org", origin="https://trials.example.org")
    answer = browser.post("/login", data={"password": "correct horse battery"})
    assert answer.status_code == 303
    assert "secure" in answer.headers["set-cookie"].lower()


def test_log_in_from_another_site_is_refused(make: Any, stranger: Any) -> None:
    """A form of another page cannot log anybody in."""
    studio = make(host="0.0.0.0", password="correct horse battery")
    browser = stranger(studio, origin="http://evil.example")
    assert browser.post("/login", data={"password": "correct horse battery"}).status_code == 403


def test_secrets_do_not_show(studio: Any) -> None:
    """Neither token nor password appear where settings are printed."""
    assert studio.settings.token not in repr(studio.settings)
    assert "password=" not in repr(studio.settings)


def test_sessions_end_when_they_are_not_used(make: Any, guest: Any) -> None:
    """After the hours that the limits say."""
    studio = make(Limits(session_hours=1))
    browser = guest(studio)
    now = studio.sessions.clock()
    studio.sessions.clock = lambda: now + 3601
    assert browser.get("/api/about").status_code == 401


def test_another_browser_is_invited_once(studio: Any, guest: Any, stranger: Any) -> None:
    """By an address with a token of its own; a stranger cannot invite."""
    url = guest(studio).post("/api/invitation").json()["url"]
    path = url.removeprefix(HERE)
    assert stranger(studio).get(path).status_code == 303
    assert stranger(studio).get(path).status_code == 403
    assert stranger(studio).post("/api/invitation").status_code == 401


def test_no_sockets(studio: Any) -> None:
    """There are no web sockets to be taken over."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(studio.gate({"type": "websocket", "path": "/api/about", "headers": []}, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_messages_never_say_where_in_the_program(studio: Any, guest: Any) -> None:
    """An unknown name, a wrong form, a wrong address: a message, no trace."""
    browser = guest(studio)
    for answer in (
        browser.get("/api/protocols/nope"),
        browser.post("/api/design/check", json={"start": 3}),
        browser.post("/api/design/check", content=b"{", headers={"content-type": "application/json"}),
        browser.get("/api/nothing"),
        browser.get(f"{HERE}/api/runs/<script>/events"),
    ):
        assert 400 <= answer.status_code < 500
        assert answer.json()["error"]["message"]
        assert "Traceback" not in answer.text
        assert ".py" not in answer.text
