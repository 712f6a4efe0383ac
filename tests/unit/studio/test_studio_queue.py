"""The queue before the processes, and what a page is told of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from euexia.studio.pool import Pool, Series, Work
from euexia.studio.runs import State


@dataclass
class Fake:
    """A job that always has more to do."""

    session: str
    rank: tuple[int, ...]
    cancelled: bool = False
    is_over: bool = False
    given: list[int] = field(default_factory=list)

    def next_piece(self) -> Work:
        """Return the next piece."""
        self.given.append(len(self.given))
        return Work(name="warm", argument=None)

    def deliver(self, piece: Work, outcome: Any) -> None:
        """Nothing is made of it."""

    def fail(self, error: BaseException) -> None:
        """Nothing is made of it."""


def taken(pool: Pool) -> Any:
    found = pool.take()
    assert found is not None
    return found[0]


def test_who_has_seen_least_goes_first() -> None:
    """What has shown no figures yet goes before what is being refined, whatever came first."""
    pool = Pool(0)
    refined, new = Fake("a", (1, 3)), Fake("b", (1, 0))
    pool.add(refined)
    pool.add(new)
    assert [taken(pool) for _ in range(3)] == [new, new, new]


def test_equals_take_turns_by_session() -> None:
    """A session with three runs gets no more turns than one with a single run."""
    pool = Pool(0)
    many = [Fake("a", (1, 0)) for _ in range(3)]
    one = Fake("b", (1, 0))
    for job in (*many, one):
        pool.add(job)
    turns = [taken(pool).session for _ in range(8)]
    assert turns.count("a") == turns.count("b") == 4


def test_what_is_cancelled_is_dropped() -> None:
    """It gets no turn, and is forgotten."""
    pool = Pool(0)
    gone, there = Fake("a", (0,), cancelled=True), Fake("b", (5,))
    pool.add(gone)
    pool.add(there)
    assert taken(pool) is there
    assert gone.given == []
    assert pool.waiting == 1


def test_a_series_never_does_two_things_at_once() -> None:
    """So that getting ready leaves the other processes to people."""
    series = Series(works=[Work(name="warm", argument=None)] * 2)
    first = series.next_piece()
    assert first is not None
    assert series.next_piece() is None
    series.deliver(first, None)
    assert series.next_piece() is not None
    assert series.is_over


def test_a_closed_pool_gives_nothing() -> None:
    """Its threads end."""
    pool = Pool(0)
    pool.close()
    assert pool.take() is None


def test_a_page_that_comes_back_gets_the_newest_figures_first(browser: Any, studio: Any) -> None:
    """With Last-Event-ID nothing that it has seen comes again; NaN comes as null."""
    asked = {"start": "thalidomide_pancreatic", "trials": 20}
    name = browser.post("/api/design/runs", json=asked).json()["run"]
    run = studio.application.state.runs.get(name)
    run.show({"trials": 10, "value": float("nan")})
    run.show({"trials": 20})
    run.finish(State.DONE)
    stream = browser.get(f"/api/runs/{name}/events").text
    assert stream.count("event: estimate") == 1
    assert '"trials":20' in stream
    assert stream.rstrip().rpartition("event: ")[2].startswith("done")
    number = next(line.removeprefix("id: ") for line in stream.splitlines() if line.startswith("id: "))
    again = browser.get(f"/api/runs/{name}/events", headers={"last-event-id": number}).text
    assert "event: estimate" not in again
    assert "event: done" in again
    shown = browser.get(f"/api/runs/{name}").json()
    assert shown["figures"] == {"trials": 20}


def test_a_failure_is_told_in_words(browser: Any, studio: Any) -> None:
    """The message of an error of ours; of others only that it is our fault."""
    from euexia.core.errors import InputError

    for error, told in (
        (InputError("Too few patients."), "Too few patients."),
        (ValueError("x"), "fault of Euexia"),
    ):
        name = browser.post("/api/design/runs", json={"start": "romana1", "trials": 20}).json()["run"]
        studio.application.state.runs.get(name).fail(error)
        stream = browser.get(f"/api/runs/{name}/events").text
        assert "event: failed" in stream
        assert told in stream
