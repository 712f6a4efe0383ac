"""Values of a protocol file written anew: by path, by a designer's name, and what is refused."""

import pytest

from euexia.core.errors import DataFileError, InputError
from euexia.protocol import fingerprint, load, loads, shipped
from euexia.protocol.variation import changes_in_words, varied, vary
from euexia.protocol.written import Written


@pytest.fixture(scope="module")
def trial():
    return load("lenalidomide")


def test_only_the_value_is_written_anew(trial):
    text = vary(trial.source_text, {"size": 60})
    before, after = trial.source_text.splitlines(), text.splitlines()
    changed = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    assert len(changed) == 1
    assert changed[0][1].startswith("size: 60 ")
    assert "# [registry] planned enrolment" in changed[0][1]


def test_no_change_is_the_same_text(trial):
    assert vary(trial.source_text, {}) == trial.source_text


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_protocol_can_be_varied(name):
    protocol = load(name)
    assert varied(protocol, {"size": protocol.size + 40}).size == protocol.size + 40
    again = varied(protocol, {"accrual.candidates_per_month": protocol.accrual.candidates_per_month})
    assert fingerprint(again) == fingerprint(protocol)


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({"dosing.crp_guided.threshold": 20}, "below: 20 %}"),
        ({"dosing.crp_guided.threshold": "20 %"}, "below: 20 %}"),
        ({"rules.crp_guided.clauses.raise_for_crp.when.below": 20.5}, "below: 20.5 %}"),
        ({"dosing.crp_guided.wait": 2}, "after: 2 week "),
        ({"dosing.crp_guided.steps": ("5 mg", 10, 25)}, "levels: [5 mg, 10 mg, 25 mg]"),
        ({"eligibility.inflammation": 50}, "at_least: 50 mg/L}"),
        ({"eligibility.inflammation.at_least": "0.05 g/L"}, "at_least: 0.05 g/L}"),
        ({"arms.fixed.dose": 15}, "dose: 15 mg, every: 1 day, rule: fixed_safety"),
        ({"schedule.visits.check.days.3": "11 days"}, "[3 days, 7 days, 11 days,"),
    ],
)
def test_a_number_keeps_the_unit_that_stands_there(trial, changes, seen):
    assert seen in vary(trial.source_text, changes)


def test_the_size_of_an_arm_keeps_the_ratio(trial):
    smaller = varied(trial, {"arms.fixed.size": 20})
    assert smaller.size == 50
    assert [arm.ratio for arm in smaller.arms] == [arm.ratio for arm in trial.arms]


def test_the_sizes_of_all_arms_become_the_ratio(trial):
    other = varied(trial, {"arms.fixed.size": 20, "arms.crp_guided.size": 30, "arms.control.size": 10})
    assert other.size == 60
    assert [arm.ratio for arm in other.arms] == [2, 3, 1]
    assert other.randomisation.block_size == 6


@pytest.mark.parametrize("week", [2, 4, 6, 12, 16, "45 days"])
def test_the_week_of_an_endpoint_moves_its_visit(trial, week):
    """What was read at week 8, treatment and dose checks move; the visit at which it lands is taken in."""
    moved = varied(trial, {"endpoints.primary.week": week})
    days = 45.0 if week == "45 days" else 7.0 * week
    lead = moved.endpoints[0]
    assert lead.day == days
    visit = next(visit for visit in moved.schedule.visits if visit.day == days)
    assert {"lean_mass_ct", "handgrip_strength"} <= set(visit.measures)
    assert moved.schedule.treatment == days
    assert moved.schedule.follow_up >= days
    checks = [visit.day for visit in moved.schedule.visits if visit.dose_check]
    assert max(checks) < days
    if days > 7:
        assert days - max(checks) <= 7


def test_several_days_of_an_endpoint_move_at_their_end():
    moved = varied(load("ponsegromab"), {"endpoints.primary.week": 16})
    assert moved.endpoints[0].days == (28.0, 56.0, 112.0)
    earlier = varied(load("ponsegromab"), {"endpoints.primary.week": 8})
    assert earlier.endpoints[0].days == (28.0, 56.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sze": 1}, "Did you mean 'size'"),
        ({"arms.fixd.size": 20}, "Did you mean 'fixed'"),
        ({"arms.fixed.ratoi": 2}, "Did you mean 'ratio'"),
        ({"size.x": 1}, "'size' is a single value"),
        ({"rules.crp_guided": 1}, "is a group of values"),
        ({"dosing.crp_guided.steps": 5}, "Give a list"),
        ({"size": (1, 2)}, "is no list"),
        ({"eligibility.weight_loss": 3}, "has 2 limits"),
        ({"eligibility.adults": 18}, "Did you mean 'adult'"),
        ({"dosing.fixed_safety.threshold": 3}, "0 clauses that raise"),
        ({"arms.control.dose": 5}, "no treatment with a dose"),
        ({"arms.fixed.size": 20, "size": 80}, "both change 'size'"),
        ({"arms.fixed.size": 20, "arms.control.size": 10}, "do not say that of the others"),
        ({"arms.fixed.size": 20.5}, "is a number of patients"),
        ({"endpoints.primary.week": "soon"}, "is a number of weeks"),
        ({"endpoints.primary.week": -1}, "after randomisation"),
        ({"endpoints.primary.week": ("4", "8")}, "is one week"),
    ],
)
def test_what_fits_nothing_is_refused_with_its_path(trial, changes, said):
    with pytest.raises(InputError, match=said):
        varied(trial, changes)


def test_a_result_that_is_no_protocol_is_told_with_the_change(trial):
    with pytest.raises(DataFileError, match=r"protocol with arms.fixed.dose=7 .*\n.*not a level"):
        varied(trial, {"arms.fixed.dose": 7})
    with pytest.raises(DataFileError, match="expected a whole number"):
        varied(trial, {"size": "a # b"})


def test_text_that_would_break_the_file_is_quoted(trial):
    text = vary(trial.source_text, {"title": 'Colons: "quotes" # and more'})
    assert loads(text, "x.yaml").title == 'Colons: "quotes" # and more'


def test_a_place_that_is_one_with_another_is_refused():
    written = Written("a: &x {b: 1}\nc: *x\n", "x.yaml")
    with pytest.raises(InputError, match="alias"):
        written.rewritten({"c.b": 2})


def test_lists_and_groups_in_lines_are_replaced_up_to_their_last_value():
    written = Written("a:\n  - 1 mg  # one\n  - 2 mg\n# about b\nb: 3\n", "x.yaml")
    assert written.rewritten({"a": (5, "6 mg")}) == "a:\n  [5 mg, 6 mg]\n# about b\nb: 3\n"
    assert written.rewritten({"b": None}) == "a:\n  - 1 mg  # one\n  - 2 mg\n# about b\n"


def test_changes_are_told_as_they_are_given():
    assert changes_in_words({"a": 1, "b": ("5 mg", 2.5)}) == "a=1 b=[5 mg, 2.5]"
