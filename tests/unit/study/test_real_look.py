"""A look of the protocol taken at the data of one trial."""

import numpy as np
import pytest

from builders.plain_trials import DUE, one_arm_protocol, plain_protocol, plain_source, response_source
from euexia.core.errors import InputError, TrialDataError, UnknownNameError
from euexia.protocol.design import Boundary, Drop, Interim, Shape
from euexia.study.adaptive import carry_out
from euexia.study.look_plan import plan_looks
from euexia.study.real_look import take
from euexia.trialdata.trialdata import first_trials


def look(name="half", **changes):
    given = {"analysis": "strength_drug", "information": 0.5, "executed": True, **changes}
    return Interim(name=name, **given)


def one_trial(protocol, effect=0.0, seed=4):
    source = plain_source(protocol, 1, effects={"drug": effect}, seed=seed)
    return source.conduct(source.arm)


def test_a_look_at_real_data_is_that_of_simulated_trials():
    protocol = plain_protocol(look(efficacy=Boundary(shape=Shape.POCOCK), futility=Boundary(p_value=0.5)))
    plan = plan_looks(protocol)
    source = plain_source(protocol, 3, effects={"drug": 0.3})
    course = carry_out(plan, source)
    data = first_trials(source.conduct(source.arm), 1)
    found = take(data, protocol, "half")
    assert found.analyses == ("strength_drug",)
    assert found.data.size == 50
    assert "on day 77 of the trial, when 50 patients had reached" in found.sentences[0]
    assert f"Z towards benefit is {course.looks.statistic[0, 0]:.3f}" in found.sentences[1]
    assert "for efficacy from 2.178 on and for futility below 0.000" in found.sentences[1]


@pytest.mark.parametrize(
    ("effect", "binding", "said"),
    [
        (1.5, False, "It stops for efficacy."),
        (-1.5, False, "not binding"),
        (-1.5, True, "stops for futility."),
    ],
)
def test_what_follows_is_said(effect, binding, said):
    gain, loss = Boundary(shape=Shape.OBRIEN_FLEMING), Boundary(p_value=0.5)
    protocol = plain_protocol(look(efficacy=gain, futility=loss, binding=binding))
    assert said in take(one_trial(protocol, effect), protocol, "half").sentences[1]


def test_earlier_looks_do_not_close_the_later_ones():
    """The trial went on after a boundary that is not binding was crossed; so does the reading of it."""
    looks = [look(f"look_{n}", information=n / 10, futility=Boundary(p_value=0.1)) for n in (3, 6)]
    protocol = plain_protocol(*looks)
    found = take(one_trial(protocol, -1.0), protocol, "look_6")
    assert "when 60 patients had reached" in found.sentences[0]


def test_a_look_that_only_drops_says_so():
    at = look(drop=Drop(analyses=("strength_low", "strength_high"), keep=1), analysis="strength_low")
    protocol = plain_protocol(at, size=90, arms=("low", "high", "control"))
    source = plain_source(protocol, 1, effects={})
    found = take(source.conduct(source.arm), protocol, "half")
    assert found.analyses == ("strength_low", "strength_high")
    assert "only which arms go on" in found.sentences[1]


def test_a_first_stage_counts_responders():
    at = Interim(
        name="first",
        analysis="response_drug",
        patients=10,
        executed=True,
        futility=Boundary(responders=1),
        binding=True,
    )
    protocol = one_arm_protocol(at, size=29, null=0.1, alternative=0.3, alpha=0.05)
    source = response_source(protocol, 1, rate=0.0)
    found = take(source.conduct(source.arm), protocol, "first")
    assert (
        found.sentences[1]
        == "0 of 10 patients responded; the trial stops at 1 or fewer. It stops for futility."
    )


def test_what_has_not_come_yet_is_said():
    protocol = plain_protocol(look(efficacy=Boundary(p_value=0.001)))
    data = one_trial(protocol)
    few = {name: column[:, :30] for name, column in data.subjects.items()}
    with pytest.raises(InputError, match="waits for 50 patients, and the data hold 30"):
        take(_of(data, few), protocol, "half")
    with pytest.raises(UnknownNameError, match="There is no interim look called 'hal'"):
        take(data, protocol, "hal")
    bare = {name: column for name, column in data.subjects.items() if name != "enrolled_day"}
    with pytest.raises(TrialDataError, match="nobody can tell what was known when"):
        take(_of(data, bare), protocol, "half")


def _of(data, subjects):
    from dataclasses import replace

    size = subjects["arm"].shape[1]
    readings = {
        name: replace(part, day=part.day[:, :size], value=part.value[:, :size])
        for name, part in data.readings.items()
    }
    return replace(data, subjects=subjects, readings=readings)


def test_the_day_of_a_look_has_the_window_of_its_visit():
    from dataclasses import replace

    protocol = plain_protocol(look(efficacy=Boundary(p_value=0.001)))
    visits = (protocol.schedule.visits[0], replace(protocol.schedule.visits[1], window=5.0))
    wide = replace(protocol, schedule=replace(protocol.schedule, visits=visits))
    assert plan_looks(wide).due == (DUE + 5.0,)
    assert np.isclose(plan_looks(wide).final_due, DUE + 5.0)
