"""What the studio is started with, and what it allows."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Hosts that only this machine can reach."""
RESEARCH = "Research use only: Euexia is no medical device and gives no medical advice."


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much anybody may ask for at once."""

    body_bytes: int = 1 << 20
    """Of a request without a file."""
    upload_bytes: int = 20 << 20
    """Of a file of patients."""
    upload_rows: int = 50_000
    upload_columns: int = 500
    upload_cells: int = 2_000_000
    unpacked_bytes: int = 200 << 20
    """Of a compressed file, when unpacked."""
    compression_ratio: float = 100.0
    """Unpacked over packed size: more is no table."""
    uploads: int = 10
    """Kept in memory at a time."""
    upload_minutes: float = 60.0
    """After which a file that nobody asked for is forgotten."""
    trials: int = 10_000
    """Of one run."""
    patients_per_trial: int = 2_000
    patients: int = 5_000_000
    """Of one run, over all its trials."""
    runs_per_session: int = 12
    """Unfinished at a time; a further one is refused."""
    runs: int = 40
    """Unfinished at a time, of all sessions."""
    finished_runs: int = 100
    """Kept in memory; the oldest goes first."""
    requests_per_second: float = 40.0
    """Of one session, on average; bursts of twice as many."""
    password_attempts_per_minute: int = 5
    session_hours: float = 24.0
    """After which a session that was not used has to begin anew."""
    sessions: int = 200
    event_streams: int = 100
    """Open at a time, of all sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one studio is served."""

    host: str = "127.0.0.1"
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    """Exchanged once for a session."""
    password: str | None = field(default=None, repr=False)
    """Asked for instead of the token where others can reach the studio."""
    names: tuple[str, ...] = ()
    """Further names of this machine under which a shared studio is reached."""
    folder: Path = Path("euexia-studio")
    """Where runs are kept that are asked to be kept."""
    workers: int = 1
    limits: Limits = field(default_factory=Limits)

    @property
    def is_shared(self) -> bool:
        """Return whether other machines can reach the studio."""
        return self.host not in LOOPBACK
