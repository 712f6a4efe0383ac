"""A trial succeeds when every primary analysis of an arm rejects, on the patient's side."""

import dataclasses

import numpy as np
import pytest

from builders import make_protocol
from euexia.protocol.analysis_plan import Analysis, Endpoint, EndpointKind, Method, Role
from euexia.study.block import AnalysisBlock
from euexia.study.success import gains_upward, is_ratio, neutral, successes

CHANGE = Endpoint(
    name="grip",
    label="Grip",
    kind=EndpointKind.CHANGE,
    role=Role.PRIMARY,
    day=56.0,
    measure="handgrip_strength",
)
LOWER = dataclasses.replace(CHANGE, name="crp", measure="crp", higher_is_better=False)


def analysis(name, endpoint, method=Method.MEAN_DIFFERENCE):
    return Analysis(
        name=name, endpoint=endpoint, method=method, arm="treated", control="control", primary=True
    )


def block(**found):
    """Give what ``successes`` reads of a block: estimates and decisions by analysis."""
    parts = {}
    for name, (estimate, decided) in found.items():
        values = np.array(estimate, dtype=float)
        parts[name] = AnalysisBlock(
            estimate=values,
            low=values,
            high=values,
            p_value=values,
            reject=np.ones(len(values), dtype=bool),
            decided=np.array(decided, dtype=bool),
            numbers={},
            measure_of_effect="difference in means",
            unit="kg",
            design={},
        )
    return type("Part", (), {"analyses": parts})()


def test_all_primary_analyses_must_succeed_and_in_the_right_direction():
    plan = make_protocol(
        endpoints=(CHANGE, LOWER), analyses=(analysis("grip", "grip"), analysis("crp", "crp")), estimands={}
    )
    blocks = [
        block(grip=([1.0, 1.0, -1.0], [1, 0, 1]), crp=([-9.0, -9.0, -9.0], [1, 1, 1])),
        block(grip=([1.0, 1.0], [1, 1]), crp=([9.0, np.nan], [1, 1])),
    ]
    found = successes(plan, blocks)
    assert list(found) == ["treated"]
    # trial 2: grip does not reject; 3: grip is harmed; 4: CRP rises; 5: CRP is not known
    np.testing.assert_array_equal(found["treated"], [True, False, False, False, False])


@pytest.mark.parametrize(
    ("method", "upward", "none"),
    [
        (Method.COX, False, 1.0),
        (Method.WIN_RATIO, True, 1.0),
        (Method.WIN_ODDS, True, 1.0),
        (Method.NET_BENEFIT, True, 0.0),
        (Method.RESTRICTED_MEAN, True, 0.0),
        (Method.MMRM, True, 0.0),
    ],
)
def test_each_method_knows_its_side(method, upward, none):
    assert gains_upward(method, CHANGE) is upward
    assert neutral(analysis("a", "grip", method)) == none


def test_a_ratio_is_known_by_its_name():
    assert is_ratio("hazard ratio")
    assert is_ratio("win odds")
    assert not is_ratio("difference in means")
