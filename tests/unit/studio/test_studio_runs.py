"""Runs: numbers of ``euexia run`` bit for bit, in steps; limits; cancelling; streams; files."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

from euexia.studio import designs
from euexia.studio.pieces import Piece
from euexia.studio.pool import Pool, Work
from euexia.studio.runs import STEPS, Order, Simulation, State
from euexia.studio.settings import Limits
from euexia.studio.trials import simulate_piece
from euexia.study.tally import Tally

SMALL: dict[str, Any] = {"start": "thalidomide_pancreatic", "changes": {"size": 20}, "trials": 100}


def simulation(trials: int = 30, seed: int = 5) -> Simulation:
    design = designs.changed(SMALL["start"], SMALL["changes"])
    assert design.protocol is not None
    order = Order(
        design=design,
        protocol=design.protocol,
        changes={},
        trials=trials,
        seed=seed,
        label="",
        session="s",
        tab="",
    )
    return Simulation(id="x", order=order, tally=Tally(design.protocol))


def test_work_is_given_out_only_as_far_as_the_next_figures() -> None:
    """10 trials, then 30: whatever the size of the pieces."""
    run = simulation(trials=100)
    pieces = []
    while (piece := run.next_piece()) is not None:
        pieces.append(piece.argument)
    assert sum(piece.trials for piece in pieces) == STEPS[0]
    assert [piece.first_trial for piece in pieces] == sorted({piece.first_trial for piece in pieces})


def test_beginning_listing_and_cancelling(browser: Any) -> None:
    """A new run of the same tab cancels the one before; another tab's goes on."""
    begun = [
        browser.post("/api/design/runs", json={**SMALL, "tab": tab}).json()["run"] for tab in ("a", "b", "a")
    ]
    states = {entry["run"]: entry["state"] for entry in browser.get("/api/runs").json()}
    assert [states[name] for name in begun] == ["cancelled", "queued", "queued"]
    assert browser.delete(f"/api/runs/{begun[1]}").json()["state"] == "cancelled"
    stream = browser.get(f"/api/runs/{begun[1]}/events").text
    assert "event: done" in stream
    assert json.loads(stream.rpartition("data: ")[2])["state"] == "cancelled"


def test_limits_of_runs(make: Any, guest: Any) -> None:
    """Trials, patients, seed, runs at once: each refused with a message."""
    browser = guest(make(Limits(runs_per_session=2, trials=500, patients=50_000, patients_per_trial=300)))
    for wrong, status in (
        ({"trials": 501}, 422),
        ({"trials": 0}, 422),
        ({"seed": -1}, 422),
        ({"seed": 2**60}, 422),
        ({"changes": {"size": 301}}, 422),
        ({"trials": 500, "changes": {"size": 200}}, 422),
        ({"changes": {"schedule.treatment": 400}}, 422),
        ({"start": "../../etc/passwd"}, 404),
    ):
        answer = browser.post("/api/design/runs", json={**SMALL, **wrong})
        assert answer.status_code == status, (wrong, answer.text)
    for _ in range(2):
        assert browser.post("/api/design/runs", json=SMALL).status_code == 200
    assert browser.post("/api/design/runs", json=SMALL).status_code == 429


def test_runs_that_are_over_are_forgotten_in_turn(make: Any, guest: Any) -> None:
    """Memory does not grow with the number of runs."""
    browser = guest(make(Limits(finished_runs=3)))
    for _ in range(8):
        browser.post("/api/design/runs", json={**SMALL, "tab": "t"})
    assert len(browser.get("/api/runs").json()) <= 5


def test_unknown_runs(browser: Any) -> None:
    """404 for every route of a run that is not there."""
    for path in ("", "/events", "/files", "/files/report.html", "/plain"):
        assert browser.get(f"/api/runs/none{path}").status_code == 404
    assert browser.delete("/api/runs/none").status_code == 404


def test_files_of_a_run_lead_nowhere_else(browser: Any) -> None:
    """Only names of the list; what is downloaded may run nothing."""
    name = browser.post("/api/design/runs", json=SMALL).json()["run"]
    listed = [entry["name"] for entry in browser.get(f"/api/runs/{name}/files").json()]
    assert listed == ["protocol.yaml", "plain.html"]
    page = browser.get(f"/api/runs/{name}/files/plain.html")
    assert page.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in page.headers["content-security-policy"]
    for path in ("../../etc/passwd", "..%2f..%2fsecret", "%2e%2e/x", "figures/../x", "protocol.yaml%00.html"):
        assert browser.get(f"/api/runs/{name}/files/{path}").status_code == 404
    plain = browser.get(f"/api/runs/{name}/plain").json()
    assert plain["reading_grade"] <= 8
    assert plain["terms"]


@pytest.mark.slow
def test_figures_are_those_of_a_run_of_the_command_line() -> None:
    """After 10 and after 30 trials: bit for bit those of study.replicate.run with as many trials and seed."""
    from euexia.study import replicate

    run = simulation(trials=30)
    shown = []
    while not run.is_over:
        piece = run.next_piece()
        assert piece is not None
        run.deliver(piece, simulate_piece(piece.argument))
        if run.latest is not None and run.latest not in shown:
            shown.append(run.latest)
    assert [figures["trials"] for figures in shown] == [10, 30]
    for figures in shown:
        whole = replicate.run(run.order.protocol, trials=figures["trials"], seed=5, workers=1).operating
        assert figures["answer"] == list(whole.answer)
        for entry, analysis in zip(figures["power"], whole.as_modelled.analyses, strict=True):
            assert entry["value"] == analysis.rejection.value
            assert entry["effect"]["value"] == analysis.effect.value
            assert entry["hits"].count("1") == round(analysis.rejection.value * figures["trials"])
        for series in figures["series"]:
            for arm, kept in zip(series["arms"], whole.as_modelled.arms, strict=True):
                wanted = kept.series[series["measure"]]
                np.testing.assert_array_equal(np.array(arm["mean"], dtype=float), wanted.mean)
                np.testing.assert_array_equal(np.array(arm["sd"], dtype=float), wanted.sd)
        for entry, arm in zip(figures["arms"], whole.as_modelled.arms, strict=True):
            assert entry["disposition"]["died"]["value"] == arm.disposition["died"].value
            assert entry["disposition"]["died"]["se"] == arm.disposition["died"].error
    assert run.state is State.DONE


@pytest.mark.slow
def test_work_that_is_cancelled_stops_in_its_middle() -> None:
    """Seconds of work are given up at once, and the process goes on with the next with warm engines."""
    pool = Pool(1)
    pool.start()
    try:
        text = designs.shipped_text("thalidomide_pancreatic")
        small = Piece(text=text, name="t.yaml", seed=1, first_trial=0, trials=2)
        from euexia.studio.pool import Single

        first = Single(work=Work(name="block", argument=small))
        pool.add(first)
        first.future.result(timeout=300)
        large = Single(
            work=Work(
                name="block", argument=Piece(text=text, name="t.yaml", seed=1, first_trial=0, trials=400)
            )
        )
        pool.add(large)
        time.sleep(0.5)
        process = pool._hands[0]._process.pid
        large.cancelled = True
        begun = time.monotonic()
        after = Single(work=Work(name="warm", argument=None))
        pool.add(after)
        after.future.result(timeout=60)
        assert time.monotonic() - begun < 3.0  # 0.2 s on a machine that does nothing else
        assert not large.future.done()
        assert pool._hands[0]._process.pid == process
    finally:
        pool.close()
