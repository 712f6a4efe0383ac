"""Every shipped protocol judged by every endpoint, with the real engine; and what may not change a bit."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from euexia import protocol
from euexia.analyse import run as analyse
from euexia.cli.main import app
from euexia.core.errors import InputError
from euexia.endpoints.derive import derive
from euexia.protocol.protocol import Protocol
from euexia.report.endpoint_comparison import RESULTS, comparison_files, write_comparison
from euexia.study import endpoint_comparison, simulated
from euexia.study.endpoint_comparison import Comparison, compare
from euexia.study.endpoint_comparison_block import losses
from euexia.study.endpoint_comparison_list import load
from euexia.study.endpoint_comparison_plan import OWN, plan

TRIALS = 4


def small(name: str) -> Protocol:
    loaded = protocol.load(name)
    return replace(loaded, size=12 * sum(arm.ratio for arm in loaded.arms))


@cache
def compared(name: str) -> Comparison:
    return compare(small(name), trials=TRIALS, seed=3, workers=1, powers=())


def has_control(name: str) -> bool:
    return any(analysis.control is not None for analysis in protocol.load(name).analyses)


@pytest.mark.slow
@pytest.mark.parametrize("name", protocol.shipped())
def test_every_protocol_is_judged_by_every_endpoint(name: str) -> None:
    if not has_control(name):
        with pytest.raises(InputError, match="arm"):
            compared(name)
        return
    found = compared(name)
    judged = {verdict.judgement for verdict in found.verdicts}
    assert set(load()) <= judged <= {OWN, *load()}
    for verdict in found.verdicts:
        assert 0 <= verdict.power.value <= 1
        assert 0 <= verdict.lost <= 1
        assert verdict.losses["lost_by_death"] <= verdict.losses["died"]


@pytest.mark.slow
def test_own_primary_is_what_it_is_without_the_comparison() -> None:
    """More readings move no other: the protocol's own analyses give the same bits as in the plain trial."""
    plain = small("romana1")
    judged = plan(plain, load()).variant
    own = [analysis.name for analysis in plain.analyses if analysis.primary]
    found = []
    for design in (plain, judged):
        results = analyse(derive(simulated.simulate(design, trials=2, seed=3), design), design)
        found.append({result.analysis: result.estimate for result in results})
    for name in own:
        assert np.array_equal(found[0][name], found[1][name], equal_nan=True)


@pytest.mark.slow
def test_blocks_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """One block or one per trial: equal files, sizes included."""
    whole = compare(small("romana1"), trials=TRIALS, seed=3, workers=1, powers=(0.8,))
    monkeypatch.setattr(endpoint_comparison, "PATIENTS_PER_BLOCK", 1)
    parts = compare(small("romana1"), trials=TRIALS, seed=3, workers=1, powers=(0.8,))
    assert comparison_files(parts) == comparison_files(whole)


@pytest.mark.slow
def test_stopping_keeps_what_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C after the second block: two trials are judged, and the page says so."""
    monkeypatch.setattr(endpoint_comparison, "PATIENTS_PER_BLOCK", 1)

    def stop(done: int, planned: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    found = compare(small("romana1"), trials=TRIALS, seed=3, workers=1, powers=(), progress=stop)
    assert (found.trials, found.planned_trials) == (2, TRIALS)
    assert b"stopped early" in comparison_files(found)["report.html"]


@pytest.mark.slow
def test_losses_add_up() -> None:
    """Everybody randomised is analysed, or lost for one reason."""
    design = plan(small("romana1"), load())
    table = derive(simulated.simulate(design.variant, trials=2, seed=3), design.variant)
    question = next(q for q in design.questions if q.judgement == "weight")
    (died, *lost, failed), randomised = losses(design, table, question)
    analysed = int((~np.isnan(table.endpoints["judged_by_weight"].value)).sum())
    assert randomised == table.arm.size
    assert analysed + sum(lost) == randomised
    assert lost[0] <= died
    assert failed == 0


@pytest.mark.slow
def test_files_say_everything(tmp_path: Path) -> None:
    found = compared("romana1")
    page = write_comparison(tmp_path / "out", found).read_text(encoding="utf-8")
    content = json.loads((tmp_path / "out" / RESULTS).read_text(encoding="utf-8"))
    assert len(content["verdicts"]) == len(found.verdicts)
    assert "not stated here" in page
    assert "marginal" in page
    assert 'role="img"' in page
    for verdict in found.verdicts:
        assert verdict.label.replace("'", "&#39;") in page
    assert (tmp_path / "out" / "endpoints.csv").read_text().count("\n") == len(found.verdicts) + 1
    with pytest.raises(InputError, match="not empty"):
        write_comparison(tmp_path / "out", found)


@pytest.mark.slow
def test_command_writes_a_report(tmp_path: Path) -> None:
    words = ["endpoints", "romana1", "--trials", "2", "--size", "30", "--workers", "1"]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert done.exit_code == 0
    assert "succeeds in" in done.output
    assert (tmp_path / "out" / "report.html").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("romana1", "--week", "13"), "no visit in week 13"),
        (("romana1", "--arm", "placebo"), "Arms it compares"),
        (("romana1", "--size", "3"), "too small"),
        (("no-such-trial",), "no protocol called"),
        (("romana1", "--endpoints", "no-such-file.yaml"), "no file"),
    ],
)
def test_wrong_words_are_explained(words: tuple[str, ...], said: str) -> None:
    found = CliRunner().invoke(app, ["endpoints", *words])
    assert found.exit_code != 0
    assert said in str(found.exception)
