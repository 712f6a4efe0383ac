"""Parameters: strict files, canonical values, overlays, hashes, and honesty about sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from euexia import parameters
from euexia.core.errors import DataFileError, UnknownNameError
from euexia.drugs import lenalidomide
from euexia.parameters import Status, load, shipped_overlays
from euexia.parameters.references import load_references
from euexia.physiology import body


def test_values_are_canonical() -> None:
    """39.5 MJ/kg is 9440.727 kcal/kg, 13 kJ/kg/day is 3.107 kcal/kg/day (Hall 2011, as listed in kcal)."""
    found = load()
    assert found.value("energy_balance.fat_energy_density") == pytest.approx(9440.727, abs=1e-3)
    assert found.value("energy_balance.lean_energy_density") == pytest.approx(1816.444, abs=1e-3)
    assert found.value("energy_balance.glycogen_energy_density") == pytest.approx(4206.501, abs=1e-3)
    assert found.value("expenditure.fat_expenditure") == pytest.approx(3.107, abs=1e-3)
    assert found.value("expenditure.lean_expenditure") == pytest.approx(21.989, abs=1e-3)
    assert found["energy_balance.fat_energy_density"].printed == "39.5 MJ/kg"


def test_every_constant_of_the_model_is_there() -> None:
    """The blocks' named tuples are filled from files alone."""
    found = load()
    assert body.constants(found).muscle.muscle_turnover == 0.0139
    assert found.constants("lenalidomide", lenalidomide.Constants).maximal_suppression == 0.45


def test_unknown_parameter_names_the_nearest() -> None:
    """A misspelt name is met with the right one."""
    with pytest.raises(UnknownNameError, match=r"Did you mean 'muscle\.muscle_turnover'"):
        load().value("muscle.muscle_turnovr")


def test_overlays_replace_and_change_the_hash() -> None:
    """Overlays act in order; the reference set itself is untouched; each set has its own hash."""
    reference = load()
    hashes = {reference.hash}
    for name in shipped_overlays():
        changed = load(overlays=(name,))
        hashes.add(changed.hash)
        assert changed.overlays == (name,)
    assert len(hashes) == 1 + len(shipped_overlays())
    optimistic = load(overlays=("lenalidomide_optimistic",))
    assert optimistic.value("lenalidomide.maximal_suppression") == 0.9
    assert optimistic.value("lenalidomide.appetite_effect") == 0
    assert reference.value("lenalidomide.maximal_suppression") == 0.45
    assert load().hash == reference.hash


def test_overlay_from_a_file_reports_every_fault(tmp_path: Path) -> None:
    """Unknown names, wrong units and values out of their own range come together."""
    file = tmp_path / "mine.yaml"
    entry = "status: assumed, source: {key: assumption, where: test}"
    file.write_text(
        "overlay: mine\nabout: test\nparameters:\n"
        f"  muscle.muscle_turnovr: {{value: 1, unit: 1/day, {entry}}}\n"
        f"  muscle.other_turnover: {{value: 1, unit: kg, {entry}}}\n"
        f"  gdf15.healthy: {{value: 1, unit: ng/mL, low: 2, high: 3, {entry}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(DataFileError) as caught:
        load(overlays=(file,))
    message = str(caught.value)
    assert "3 faults" in message
    for word in ("Did you mean 'muscle.muscle_turnover'", "cannot be converted", "not between low"):
        assert word in message


def test_unknown_set_and_overlay_are_refused() -> None:
    """Closed choices."""
    with pytest.raises(UnknownNameError, match="parameter set"):
        load("referense")
    with pytest.raises(UnknownNameError, match="lenalidomide_optimistic"):
        load(overlays=("lenalidomide_optimisti",))


def test_every_parameter_says_what_it_is_and_where_it_comes_from() -> None:
    """Meaning and place are words; verified numbers have a source; sources are listed, and used.

    Sources of overlays are listed as well; that of calibrated sets may be there before any of them.
    """
    references = load_references()
    used = {"calibration"}
    sets = (load(), *(load(overlays=(name,)) for name in shipped_overlays()))
    for parameter in (entry for chosen in sets for entry in chosen.values()):
        assert len(parameter.meaning) > 10, parameter.name
        assert len(parameter.source.where) > 3, parameter.name
        used.add(parameter.source.key)
        assert parameter.source.key in references, parameter.name
        if parameter.status is Status.VERIFIED:
            assert parameter.source.key != "assumption", parameter.name
    assert used == set(references)


def test_ranges_of_separate_rates_do_not_meet() -> None:
    """The closed form of C-reactive protein needs the signal to be faster than the protein."""
    found = load()
    signal, protein = found["inflammation.signal_turnover"], found["inflammation.crp_turnover"]
    assert signal.low is not None
    assert protein.high is not None
    assert protein.high < signal.low


def test_parameters_are_a_mapping() -> None:
    """All the usual ways to look."""
    found = parameters.load()
    assert len(found) == len(list(found)) > 150
    assert "muscle.muscle_turnover" in found
    assert set(found.block("prokinetic")) == {"appetite_effect"}
