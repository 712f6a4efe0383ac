"""The split of the evidence into what is fitted and what judges."""

from euexia import evidence
from euexia.evidence.row import Use
from euexia.evidence.split import rows_for, split_hash, studies_of

FIXED = "5ac194ecbd8905667a8b19a5bab4000c0d7e3d018962ac61760230582172b1f9"
"""The split as it was committed before anything was fitted (docs/explanation/calibration.md).

A change of this number is a new split: whatever was fitted before is void and must be fitted again.
"""
NAMED = ("anamorelin_romana2", "anamorelin_ono7643_04", "ponsegromab_phase1b_crawford2024")
"""Trials that the notes on the science of the model hold out by name (validation list, entries 14 and 20)."""


def test_the_split_is_the_one_that_was_fixed_before_fitting() -> None:
    """The number is that of the files as committed before the first calibration."""
    assert split_hash() == FIXED


def test_no_study_is_on_both_sides() -> None:
    """Rows of one trial share its patients; one side would tell of the other."""
    assert not set(studies_of(Use.CALIBRATION)) & set(studies_of(Use.HOLDOUT))


def test_at_least_a_third_of_the_studies_is_held_out() -> None:
    """The rule that was set for the split."""
    fitted, held = studies_of(Use.CALIBRATION), studies_of(Use.HOLDOUT)
    assert len(held) / (len(held) + len(fitted)) >= 1 / 3


def test_the_trials_held_out_by_name_are_held_out() -> None:
    """Named before the first line of the model was written."""
    assert set(NAMED) <= set(studies_of(Use.HOLDOUT))


def test_only_verified_rows_with_a_value_are_used() -> None:
    """The loader refuses others; here the files that ship are read once more."""
    for use in (Use.CALIBRATION, Use.HOLDOUT):
        assert all(entry.row.verified and entry.row.value is not None for entry in rows_for(use))


def test_a_study_for_context_has_no_used_row() -> None:
    """MENAC's figures are from memory: not verified, so neither fitted nor held out."""
    assert "menac2024" in evidence.shipped()
    assert "menac2024" not in {*studies_of(Use.CALIBRATION), *studies_of(Use.HOLDOUT)}
