"""Tables of patients in memory: each belongs to one session, and is forgotten when nobody asks for it."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from euexia.studio.settings import Limits
from euexia.studio.tables import Table

SECONDS_PER_MINUTE = 60.0


@dataclass(slots=True)
class Upload:
    """One table, and when it was last asked for."""

    table: Table
    session: str
    used: float


class Uploads:
    """The tables of a studio; nothing of them is written anywhere."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._kept: OrderedDict[str, Upload] = OrderedDict()

    def add(self, table: Table, session: str) -> str:
        """Keep a table and return its name; the oldest goes when there are too many."""
        self.expire()
        while len(self._kept) >= self._limits.uploads:
            self._kept.popitem(last=False)
        name = secrets.token_hex(16)
        self._kept[name] = Upload(table=table, session=session, used=self._clock())
        return name

    def get(self, name: str, session: str) -> Table | None:
        """Return a table of a session; None if it is not there, or another's."""
        self.expire()
        found = self._kept.get(name)
        if found is None or found.session != session:
            return None
        found.used = self._clock()
        self._kept.move_to_end(name)
        return found.table

    def forget(self, name: str, session: str) -> bool:
        """Forget a table; return whether it was there."""
        if self.get(name, session) is None:
            return False
        del self._kept[name]
        return True

    def expire(self) -> None:
        """Forget what nobody has asked for in a while."""
        oldest = self._clock() - self._limits.upload_minutes * SECONDS_PER_MINUTE
        for name in [name for name, upload in self._kept.items() if upload.used < oldest]:
            del self._kept[name]

    def __len__(self) -> int:
        return len(self._kept)
