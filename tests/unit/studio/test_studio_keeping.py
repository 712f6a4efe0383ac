"""Kept runs: an ordinary run folder that the command line understands, with everything to download."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import pytest

from euexia import protocol as protocols
from euexia.study import replicate, run_registry

ASKED = {
    "start": "thalidomide_pancreatic",
    "changes": {"size": 20},
    "trials": 12,
    "seed": 3,
    "background": True,
}
PATIENCE = 300.0


def waited(browser: Any, name: str) -> dict[str, Any]:
    """Return the run when it is over."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE:
        found: dict[str, Any] = browser.get(f"/api/runs/{name}").json()
        if found["state"] not in ("queued", "running"):
            return found
        time.sleep(0.5)
    raise AssertionError("the run did not end")


@pytest.mark.slow
def test_a_kept_run_is_an_ordinary_run_folder(browser: Any, studio: Any, make: Any, guest: Any) -> None:
    """Complete for ``euexia runs``, its figures those of replicate.run, continued to the same bits."""
    name = browser.post("/api/design/runs", json=ASKED).json()["run"]
    found = waited(browser, name)
    assert found["state"] == "done", found["message"]
    (kept,) = run_registry.find([studio.settings.folder])
    assert kept.state is run_registry.State.COMPLETE
    protocol = protocols.load(kept.folder / "protocol.yaml")
    assert protocol.size == 20
    whole = replicate.run(protocol, trials=12, seed=3, workers=1).operating
    shown = {entry["analysis"]: entry["value"] for entry in found["figures"]["power"]}
    assert shown == {entry.analysis: entry.rejection.value for entry in whole.as_modelled.analyses}
    more = replicate.run(protocol, trials=14, seed=3, workers=1, folder=kept.folder, resume=True)
    fresh = replicate.run(protocol, trials=14, seed=3, workers=1)
    assert more.operating.as_modelled.analyses == fresh.operating.as_modelled.analyses

    listed = {entry["name"]: entry for entry in browser.get(f"/api/runs/{name}/files").json()}
    assert {"report.html", "results.json", "plain.html", "sdtm.zip", "adam.zip", "trials.csv"} <= set(listed)
    assert any(entry.startswith("figures/") and entry.endswith(".svg") for entry in listed)
    assert any(entry.startswith("figures/") and entry.endswith(".png") for entry in listed)
    assert (
        json.loads(browser.get(f"/api/runs/{name}/files/results.json").text)["schema"] == "euexia-results/1"
    )
    with zipfile.ZipFile(io.BytesIO(browser.get(f"/api/runs/{name}/files/sdtm.zip").content)) as archive:
        assert any(entry.endswith("dm.xpt") for entry in archive.namelist())
    report = browser.get(f"/api/runs/{name}/files/report.html")
    assert "sandbox" in report.headers["content-security-policy"]
    for path in (
        "../manifest.json",
        "figures/../manifest.json",
        "manifest.json",
        "parts/000000/results.parquet",
    ):
        assert browser.get(f"/api/runs/{name}/files/{path}").status_code == 404
    assert "made-up patients" in browser.get(f"/api/runs/{name}/plain").json()["html"]

    later = make(folder=studio.settings.folder)
    later.application.state.keeper.restore()
    (listed_again,) = guest(later).get("/api/runs").json()
    assert listed_again["state"] == "done"
    assert listed_again["trials"] == 14
    assert len(guest(later).get(f"/api/runs/{listed_again['run']}/files").json()) > 10


@pytest.mark.slow
def test_a_kept_run_is_cancelled_and_can_go_on(browser: Any, studio: Any) -> None:
    """Its process ends; the list says how to continue what was written."""
    name = browser.post("/api/design/runs", json={**ASKED, "trials": 9000}).json()["run"]
    time.sleep(3)
    assert browser.delete(f"/api/runs/{name}").json()["state"] == "cancelled"
    run = studio.application.state.runs.get(name)
    begun = time.monotonic()
    while run._process is not None and run._process.is_alive() and time.monotonic() - begun < 10:
        time.sleep(0.1)
    assert run._process is None or not run._process.is_alive()
    entry = browser.get(f"/api/runs/{name}").json()
    assert entry["resume"].endswith("--resume")
    assert str(studio.settings.folder) in entry["folder"]
