"""Published results are set beside the same figure of simulated trials."""

import dataclasses

import numpy as np
import pytest

from builders import make_protocol
from euexia.core.errors import DataFileError, InputError, UnknownNameError
from euexia.protocol import loads
from euexia.protocol.analysis_plan import Analysis, Method
from euexia.protocol.published import Published
from euexia.study.block import AnalysisBlock
from euexia.study.published import Figures

LEAN = Published(
    name="lean", study="anamorelin_romana1", row="lbm_change_anamorelin", analysis="inflammation"
)


def blocks(**numbers):
    values = np.linspace(-1.0, 3.0, 401)
    part = AnalysisBlock(
        estimate=values,
        low=values,
        high=values,
        p_value=values,
        reject=values > 0,
        decided=values > 0,
        numbers={name: values + shift for name, shift in numbers.items()},
        measure_of_effect="difference in means",
        unit="kg",
        design={},
    )
    return [type("Part", (), {"analyses": {"inflammation": part}})()]


def compare(protocol, blocks):
    figures = Figures(protocol=protocol)
    for block in blocks:
        figures.add(block)
    return figures.compare()


def plan(published):
    analysis = Analysis(
        name="inflammation",
        endpoint="inflammation",
        method=Method.MEAN_DIFFERENCE,
        arm="treated",
        control="control",
    )
    return dataclasses.replace(make_protocol(), analyses=(analysis,), published=(published,))


def test_the_prediction_interval_is_of_one_trial():
    """Temel et al. 2016: 0.99 kg (0.61 to 1.36); trials spread evenly over -1 to 3 kg."""
    (found,) = compare(plan(LEAN), blocks())
    assert (found.published, found.low, found.high, found.unit) == (0.99, 0.61, 1.36, "kg")
    assert (found.mean, found.predicted_low, found.predicted_high) == pytest.approx((1.0, -0.9, 2.9))
    assert found.inside
    assert found.verified
    assert found.error == pytest.approx(0.01)


def test_a_number_of_the_control_is_of_the_control():
    published = dataclasses.replace(LEAN, row="lbm_change_placebo", figure="mean_control")
    (found,) = compare(plan(published), blocks(mean_control=10.0))
    assert found.arm == "control"
    assert found.control is None
    assert not found.inside


def test_a_figure_or_a_row_that_is_not_there_is_named():
    with pytest.raises(UnknownNameError, match="published result 'lean'"):
        compare(plan(dataclasses.replace(LEAN, figure="median")), blocks(mean=0.0))
    with pytest.raises(UnknownNameError, match="anamorelin_romana1"):
        compare(plan(dataclasses.replace(LEAN, row="lbm")), blocks())
    with pytest.raises(InputError, match="has no value"):
        compare(plan(dataclasses.replace(LEAN, row="overall_survival_1yr")), blocks())


def test_a_protocol_names_the_analysis_that_is_compared(lenalidomide_text):
    written = lenalidomide_text + (
        "\npublished:\n  wrong: {study: lenalidomide_blum2022, row: a, analysis: response_fixd}\n"
    )
    with pytest.raises(DataFileError, match=r"published\.wrong\.analysis.*response_fixed"):
        loads(written, "mine.yaml")


@pytest.fixture
def lenalidomide_text():
    from euexia import protocol

    return protocol.load("lenalidomide").source_text


def test_a_difference_printed_the_other_way_round_is_turned_round():
    """Gordon et al. 2005: placebo minus thalidomide -2.59 kg (-4.3 to -0.8)."""
    gordon = Published(
        name="week_4",
        study="thalidomide_gordon2005",
        row="difference_weight_change_week_4",
        analysis="inflammation",
        reversed=True,
    )
    (found,) = compare(plan(gordon), blocks())
    assert (found.published, found.low, found.high) == (2.59, 0.8, 4.3)


def test_only_a_difference_can_be_turned_round(lenalidomide_text):
    text = f"""{lenalidomide_text}
published:
  median:
    study: anamorelin_romana1
    row: lbm_change_anamorelin
    analysis: response_fixed
    figure: analysed
    reversed: true
"""
    with pytest.raises(DataFileError, match=r"published\.median\.reversed: only a difference"):
        loads(text, "trial.yaml")
