"""Who may use the studio: a one-time token or a password becomes a session, told by a cookie."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from euexia.studio.settings import Limits, Settings

Clock = Callable[[], float]
MOST_TOKENS = 32
"""Unused at a time."""
SECONDS_PER_HOUR = 3600.0
SECONDS_PER_MINUTE = 60.0


@dataclass(slots=True)
class Session:
    """One browser that was let in."""

    name: str = field(repr=False)
    used: float
    allowance: float
    """Requests that may still be made at once."""


@dataclass(slots=True)
class Sessions:
    """The sessions of a studio, in memory only."""

    settings: Settings
    clock: Clock = time.monotonic
    _open: dict[str, Session] = field(default_factory=dict)
    _tokens: set[str] = field(default_factory=set)
    _attempts: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.settings.is_shared:
            self._tokens.add(self.settings.token)

    @property
    def limits(self) -> Limits:
        """Return what a session is allowed."""
        return self.settings.limits

    def exchange(self, token: str) -> Session | None:
        """Return a new session for a token that was not used yet; None otherwise."""
        for known in self._tokens:
            if hmac.compare_digest(known.encode(), token.encode()):
                self._tokens.remove(known)
                return self._begin()
        return None

    def invite(self) -> str:
        """Return a further one-time token, for another browser of the same person."""
        token = secrets.token_urlsafe(32)
        while len(self._tokens) >= MOST_TOKENS:
            self._tokens.pop()
        self._tokens.add(token)
        return token

    def may_try(self) -> bool:
        """Return whether a password may be tried now; every try counts, whoever makes it."""
        now = self.clock()
        self._attempts = [moment for moment in self._attempts if now - moment < SECONDS_PER_MINUTE]
        if len(self._attempts) >= self.limits.password_attempts_per_minute:
            return False
        self._attempts.append(now)
        return True

    def log_in(self, password: str) -> Session | None:
        """Return a new session for the right password; None otherwise."""
        wanted = self.settings.password
        if wanted is None or not hmac.compare_digest(wanted.encode(), password.encode()):
            return None
        return self._begin()

    def find(self, name: str) -> Session | None:
        """Return the session of a cookie, used now; None if there is none or it is too old."""
        session = self._open.get(name)
        if session is None:
            return None
        now = self.clock()
        if now - session.used > self.limits.session_hours * SECONDS_PER_HOUR:
            del self._open[name]
            return None
        rate = self.limits.requests_per_second
        session.allowance = min(2 * rate, session.allowance + rate * (now - session.used))
        session.used = now
        return session

    def end(self, name: str) -> None:
        """Forget a session."""
        self._open.pop(name, None)

    def _begin(self) -> Session:
        if len(self._open) >= self.limits.sessions:
            oldest = min(self._open.values(), key=lambda session: session.used)
            del self._open[oldest.name]
        name = secrets.token_urlsafe(32)
        rate = self.limits.requests_per_second
        self._open[name] = Session(name=name, used=self.clock(), allowance=2 * rate)
        return self._open[name]


def take(session: Session) -> bool:
    """Count a request; return whether it may be made."""
    if session.allowance < 1:
        return False
    session.allowance -= 1
    return True
