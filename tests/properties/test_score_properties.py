"""What scores and grades must do whatever the readings are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from euexia.core.logic import FALSE, TRUE, UNKNOWN
from euexia.criteria import dosing_labels, responders, toxicity, tumour_response
from euexia.criteria import questionnaires_eortc as eortc
from euexia.criteria import questionnaires_facit as facit
from euexia.criteria.questionnaires_eortc import Direction
from euexia.criteria.questionnaires_pro_ctcae import Attribute, composite_grade
from euexia.criteria.responders import AfterDeath
from euexia.criteria.toxicity import Ctcae, LowTerm

ANSWERS = st.lists(
    st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, 8.0, 9.0, float("nan")]), min_size=39, max_size=39
)
FOUR = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, float("nan")]), min_size=1, max_size=8)
COUNT = st.floats(0, 300)


@given(term=st.sampled_from(list(LowTerm)), one=COUNT, other=COUNT, limit=st.floats(0.5, 300))
def test_a_lower_value_is_never_a_lower_grade(term: LowTerm, one: float, other: float, limit: float) -> None:
    low, high = sorted((one, other))
    grades = toxicity.low_grade(term, [low, high], limit, version=Ctcae.V5)
    assert grades[0] >= grades[1]


@given(term=st.sampled_from(list(LowTerm)), value=COUNT, limit=st.floats(0.5, 300))
def test_a_grade_told_without_a_limit_is_the_grade_with_it(term: LowTerm, value: float, limit: float) -> None:
    without = toxicity.low_grade(term, value, np.nan, version=Ctcae.V5)
    assert without in (-1, toxicity.low_grade(term, value, limit, version=Ctcae.V5))


@given(count=st.floats(0, 3))
def test_version_6_never_grades_neutrophils_higher(count: float) -> None:
    """Its bounds lie lower: with a limit of 1.5 or more no count is graded worse than by version 5."""
    old, new = (toxicity.low_grade(LowTerm.NEUTROPHILS, count, 2.0, version=version) for version in Ctcae)
    assert new <= old


@given(creatinine=st.floats(20, 900), limit=st.floats(60, 120), baseline=st.floats(20, 900))
def test_creatinine_told_without_a_leg_is_the_grade_with_it(
    creatinine: float, limit: float, baseline: float
) -> None:
    grade = toxicity.creatinine_grade(creatinine, limit, baseline, version=Ctcae.V5)
    assert toxicity.creatinine_grade(creatinine, limit, np.nan, version=Ctcae.V5) in (-1, grade)
    assert toxicity.creatinine_grade(creatinine, np.nan, baseline, version=Ctcae.V5) in (-1, grade)


@given(items=ANSWERS)
def test_scales_stay_within_their_ranges(items: list[float]) -> None:
    found = facit.faact(items)
    ranges = {
        "physical": 28, "social": 28, "emotional": 24, "functional": 28, "anorexia_cachexia": 48,
        "fact_g": 108, "total": 156, "trial_outcome_index": 104,
    }  # fmt: skip
    for name, highest in ranges.items():
        score = float(getattr(found, name))
        assert np.isnan(score) or -1e-9 <= score <= highest + 1e-9


@given(items=ANSWERS, place=st.integers(0, 38))
def test_a_better_answer_never_lowers_a_scale(items: list[float], place: int) -> None:
    if items[place] not in (0.0, 1.0, 2.0, 3.0):
        return
    before = facit.faact(items)
    step = 1.0 if facit.FAACT_ITEMS[place] in facit.NOT_REVERSED else -1.0
    changed = [*items[:place], items[place] + step, *items[place + 1 :]]
    if changed[place] < 0:
        return
    after = facit.faact(changed)
    for name in ("physical", "social", "emotional", "functional", "anorexia_cachexia", "total"):
        one, other = float(getattr(before, name)), float(getattr(after, name))
        assert np.isnan(one) == np.isnan(other)
        assert np.isnan(one) or other >= one - 1e-9


@given(items=FOUR, seed=st.integers(0, 100))
def test_the_order_of_items_in_a_scale_does_not_matter(items: list[float], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(items))
    scores = [
        eortc.eortc_scale(np.asarray(items)[places], direction=Direction.SYMPTOM)
        for places in (np.arange(len(items)), order)
    ]
    np.testing.assert_allclose(*scores)


@given(items=FOUR)
def test_function_and_symptom_add_up_to_a_hundred(items: list[float]) -> None:
    parts = [eortc.eortc_scale(items, direction=direction) for direction in Direction]
    total = float(parts[0] + parts[1])
    assert np.isnan(total) or total == pytest.approx(100)


@given(items=FOUR)
def test_prorating_is_filling_in_the_mean(items: list[float]) -> None:
    score = eortc.eortc_scale(items, direction=Direction.SYMPTOM)
    answered = [item for item in items if not np.isnan(item)]
    enough = 2 * len(answered) >= len(items)
    assert np.isnan(score) != enough
    if enough:
        assert score == pytest.approx((np.mean(answered) - 1) / 3 * 100)


@pytest.mark.parametrize(
    "attributes", [names for size in (1, 2, 3) for names in itertools.combinations(Attribute, size)]
)
def test_a_worse_answer_never_lowers_a_composite(attributes: tuple[Attribute, ...]) -> None:
    """All 175 printed cells: along every attribute the grade only rises; a misprint would show."""
    codes = np.stack(np.meshgrid(*[np.arange(5)] * len(attributes), indexing="ij"))
    grades = composite_grade(dict(zip(attributes, codes, strict=True)))
    for axis in range(len(attributes)):
        assert (np.diff(grades, axis=axis) >= 0).all()


@given(
    clearance=st.floats(1, 200),
    row=st.sampled_from(list(dosing_labels.LABELS)),
    dialysis=st.sampled_from([0.0, 1.0, float("nan")]),
)
def test_full_dose_is_given_only_to_known_good_kidneys(clearance: float, row, dialysis: float) -> None:
    found = dosing_labels.lenalidomide_renal_dose(clearance, dialysis, region=row[0], indication=row[1])
    full = found.adjustment == dosing_labels.FULL
    assert full == (dialysis == 0 and clearance >= dosing_labels.LABELS[row].moderate_below * (1 - 1e-9))


@given(baseline=st.floats(10, 300), share=st.floats(0.1, 1), growth=st.floats(-1, 2))
def test_progression_needs_both_share_and_length(baseline: float, share: float, growth: float) -> None:
    nadir = baseline * share
    now = nadir * (1 + growth)
    found = tumour_response.target_response(baseline, nadir, now)
    if found == tumour_response.PROGRESSIVE:
        assert now >= nadir * 1.2 * (1 - 1e-9)
        assert now - nadir >= 5 * (1 - 1e-9)


@given(
    response=st.sampled_from([TRUE, FALSE, UNKNOWN]),
    died=st.sampled_from([0.0, 1.0]),
    strategy=st.sampled_from(AfterDeath),
)
def test_nobody_responds_after_death(response: int, died: float, strategy: AfterDeath) -> None:
    found = responders.with_deaths(response, died, strategy)
    if died:
        assert found != TRUE
    else:
        assert found == response


@given(
    patients=st.lists(
        st.tuples(
            st.one_of(st.floats(-20, 20), st.just(float("nan"))),
            st.one_of(st.integers(1, 100).map(float), st.just(float("nan"))),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_worst_ranks(patients: list[tuple[float, float]]) -> None:
    """Every death ranks below every survivor; ranks sum to n (n + 1) / 2."""
    values, days = np.asarray(patients).T
    ranks = responders.worst_rank(values, days)
    died = ~np.isnan(days)
    alive = ~died & ~np.isnan(values)
    if died.any() and alive.any():
        assert ranks[died].max() < ranks[alive].min()
    count = int(died.sum() + alive.sum())
    assert np.nansum(ranks) == pytest.approx(count * (count + 1) / 2)
    assert np.isnan(ranks[~died & ~alive]).all()
