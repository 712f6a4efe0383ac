"""The gate before every request: right host and origin, a session, a bounded body, safe headers."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from euexia.studio.answers import problem
from euexia.studio.sessions import Session, Sessions, take
from euexia.studio.settings import LOOPBACK, Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE = ("GET", "HEAD")
METHODS = (*SAFE, "POST", "DELETE")
PAGE_WITHOUT_SESSION = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Euexia studio: no access</title></head>
<body><main><h1>This page needs the link that started it</h1>
<p>Open the address that <code>euexia studio</code> printed. It can be used once: if it was used before, stop
the studio with Ctrl-C and start it again.</p></main></body></html>"""
PAGE_LOGIN = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Euexia studio: log in</title></head>
<body><main><h1>Euexia studio</h1>{remark}
<form method="post" action="/login"><p><label>Password <input type="password" name="password" required
autocomplete="current-password" autofocus></label> <button>Log in</button></p></form></main></body></html>"""


class TooLarge(HTTPException):
    """The body of a request is larger than is allowed."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"The request is larger than the {limit / (1 << 20):g} MB that are allowed.")


@dataclass(slots=True)
class Gate:
    """The outermost layer of the studio."""

    application: ASGIApp
    settings: Settings
    sessions: Sessions
    _names: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        self._names = frozenset(name.lower() for name in _names_of(self.settings))

    @property
    def cookie(self) -> str:
        """Return the name of the cookie; studios on several ports do not share it."""
        return f"euexia_studio_{self.settings.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on one request."""
        if scope["type"] == "lifespan":
            await self.application(scope, receive, send)
            return
        if scope["type"] != "http":  # there are no web sockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        guarded = _with_headers(send)
        answer = self._refusal(scope) or await self._entrance(scope, receive)
        if answer is not None:
            await answer(scope, receive, guarded)
            return
        session = self._session(scope)
        answer = self._unauthorised(scope) if session is None else self._too_many(session)
        if answer is not None:
            await answer(scope, receive, guarded)
            return
        scope.setdefault("state", {})["session"] = "" if session is None else session.name
        await self._pass_on(scope, receive, guarded)

    def _refusal(self, scope: Scope) -> Response | None:
        """Refuse a foreign host or origin, and methods that are not served."""
        headers = Headers(scope=scope)
        if scope["method"] not in METHODS:
            return problem(405, f"The method {scope['method'][:10]} is not served.")
        host = headers.get("host", "")
        if not self._is_ours(host):
            return problem(403, "This studio is not served under that host name.")
        origin = headers.get("origin")
        if origin is not None and not _same(origin, host):
            return problem(403, "Requests from other origins are refused.")
        site = headers.get("sec-fetch-site", "same-origin")
        is_page = scope["path"] == "/" and scope["method"] in SAFE
        if site not in ("same-origin", "none") and not is_page:
            return problem(403, "Requests from other sites are refused.")
        if scope["method"] not in SAFE and origin is None:
            return problem(403, "A request that changes something must say its origin.")
        return None

    def _is_ours(self, host: str) -> bool:
        name, port = _split(host)
        if port not in (str(self.settings.port), ""):
            return False
        if name in self._names:
            return True
        return self.settings.is_shared and _is_address(name)

    async def _entrance(self, scope: Scope, receive: Receive) -> Response | None:
        """Let somebody in by token or password."""
        if scope["path"] == "/login" and self.settings.is_shared:
            return await self._log_in(scope, receive)
        if scope["path"] != "/" or scope["method"] not in SAFE:
            return None
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if not token:
            return None
        session = self.sessions.exchange(token)
        if session is None:
            is_known = self._session(scope) is not None
            return (
                RedirectResponse("/", status_code=303)
                if is_known
                else HTMLResponse(PAGE_WITHOUT_SESSION, 403)
            )
        return self._welcome(session, scope)

    async def _log_in(self, scope: Scope, receive: Receive) -> Response:
        if scope["method"] != "POST":
            return HTMLResponse(PAGE_LOGIN.format(remark=""))
        if not self.sessions.may_try():
            return HTMLResponse(PAGE_LOGIN.format(remark="<p>Too many tries. Wait a minute.</p>"), 429)
        try:
            body = await _body(receive, limit=4096)
        except TooLarge:
            return problem(413, "That is no password.")
        given = parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]
        session = self.sessions.log_in(given)
        if session is None:
            return HTMLResponse(PAGE_LOGIN.format(remark="<p>That is not the password.</p>"), 403)
        return self._welcome(session, scope)

    def _welcome(self, session: Session, scope: Scope) -> Response:
        answer = RedirectResponse("/", status_code=303)
        is_secure = (
            Headers(scope=scope).get("origin", "").startswith("https://")
        )  # a server with TLS in front
        answer.set_cookie(
            self.cookie, session.name, httponly=True, samesite="strict", path="/", secure=is_secure
        )
        return answer

    def _session(self, scope: Scope) -> Session | None:
        for line in Headers(scope=scope).getlist("cookie"):
            try:
                found = SimpleCookie(line).get(self.cookie)
            except CookieError:
                continue
            if found is not None:
                return self.sessions.find(found.value)
        return None

    def _unauthorised(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if path.startswith("/static/"):
            return None  # the page's own files hold no secrets, and the log-in page may want one
        if path.startswith("/api/"):
            return problem(401, "Open the studio by the link that it printed when it started.")
        if self.settings.is_shared:
            return RedirectResponse("/login", status_code=303)
        return HTMLResponse(PAGE_WITHOUT_SESSION, 401)

    def _too_many(self, session: Session) -> Response | None:
        return None if take(session) else problem(429, "Too many requests at once. Wait a second.")

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, with a body of bounded size."""
        limits = self.settings.limits
        limit = limits.upload_bytes if scope["path"] == "/api/assess/columns" else limits.body_bytes
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > limit:
            await problem(413, TooLarge(limit).detail)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge(limit)
            return message

        await self.application(scope, counted, send)


def _names_of(settings: Settings) -> Iterable[str]:
    yield from LOOPBACK
    if settings.is_shared:
        yield socket.gethostname()
        yield socket.getfqdn()
        yield settings.host
        yield from settings.names


def _split(host: str) -> tuple[str, str]:
    """Return name and port of a Host header."""
    try:
        parts = urlsplit(f"//{host}")
        return (parts.hostname or "").lower(), "" if parts.port is None else str(parts.port)
    except ValueError:
        return "", "none"


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(origin: str, host: str) -> bool:
    """Return whether an origin is that of the page itself."""
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


async def _body(receive: Receive, *, limit: int) -> bytes:
    found = bytearray()
    while True:
        message = await receive()
        found += message.get("body", b"")
        if len(found) > limit:
            raise TooLarge(limit)
        if not message.get("more_body", False):
            return bytes(found)


def _with_headers(send: Send) -> Send:
    """Return a sender that adds the safe headers where the answer has none of its own."""

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            missing = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in present]
            message = {**message, "headers": [*message["headers"], *missing]}
        await send(message)

    return guarded
