"""A fabricated trial, to test the report without the simulator: plausible numbers, none a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from euexia.analyse.result import Result
from euexia.core.logic import Comparison
from euexia.endpoints.table import DerivedEndpoint, EndpointTable
from euexia.parameters import Parameter, ParameterSet, Source, Status
from euexia.protocol.analysis_plan import (
    Analysis,
    Endpoint,
    EndpointKind,
    Estimand,
    Method,
    Role,
)
from euexia.protocol.protocol import (
    Accrual,
    Arm,
    Assumption,
    Criterion,
    Protocol,
    Randomisation,
    RandomisationMethod,
    Schedule,
    Treatment,
    Visit,
)
from euexia.protocol.statement import Condition, Quantity
from euexia.study.operating import (
    AnalysisCharacteristics,
    ArmCharacteristics,
    Estimate,
    OperatingCharacteristics,
    Scenario,
    ScreeningCharacteristics,
)
from euexia.study.provenance import Provenance
from euexia.study.series import characterise, reduce_data
from euexia.trialdata.trialdata import Dosing, Events, Readings, ScreeningLog, TrialData

ARMS = ("fixed", "crp_guided", "control")
LABELS = {
    "fixed": "Lenalidomide 25 mg",
    "crp_guided": "Lenalidomide guided by CRP",
    "control": "Basic care alone",
}
SHARES = {"fixed": 0.21, "crp_guided": 0.14, "control": 0.05}
START = {"body_weight": 66.0, "lean_mass_ct": 47.0, "handgrip_strength": 27.0, "crp": 62.0}
SLOPE = {
    "fixed": {"body_weight": -0.1, "lean_mass_ct": 0.6, "handgrip_strength": 1.5, "crp": -20.0},
    "crp_guided": {"body_weight": -0.6, "lean_mass_ct": 0.2, "handgrip_strength": 0.9, "crp": -14.0},
    "control": {"body_weight": -2.0, "lean_mass_ct": -1.0, "handgrip_strength": -0.8, "crp": 6.0},
}
SCATTER = {"body_weight": 11.0, "lean_mass_ct": 8.0, "handgrip_strength": 8.0, "crp": 25.0}
NOISE = {"body_weight": 2.0, "lean_mass_ct": 1.3, "handgrip_strength": 3.0, "crp": 14.0}
TERMS = ("neutropenia", "thrombocytopenia", "venous_thromboembolism", "rash")
QUANTILES = ("0.05", "0.25", "0.5", "0.75", "0.95")


@dataclass(frozen=True)
class Fabricated:
    """Everything ``report.write`` takes."""

    protocol: Protocol
    data: TrialData
    results: tuple[Result, ...]
    endpoints: EndpointTable
    provenance: Provenance
    parameters: ParameterSet
    operating: OperatingCharacteristics | None


def fabricate_protocol(
    title: str = "Lenalidomide against inflammatory cancer cachexia", size: int = 100
) -> Protocol:
    """Return a protocol of three arms in the shape of the shipped one."""
    response = Condition(
        all=(
            Condition(
                measure="lean_mass_ct",
                of=Quantity.PERCENT_CHANGE,
                comparison=Comparison.ABOVE,
                threshold=0.02,
            ),
            Condition(
                measure="handgrip_strength", of=Quantity.CHANGE, comparison=Comparison.AT_LEAST, threshold=4.0
            ),
        )
    )
    visits = tuple(
        Visit(name=f"week {week}", day=7.0 * week, measures=("body_weight", "crp")) for week in range(0, 9, 2)
    )
    analyses = (
        *(_test(arm) for arm in ARMS[:2]),
        _against_control("response_vs"),
        _against_control("crp_vs"),
    )
    return Protocol(
        id="lenalidomide",
        title=title,
        registry="NCT01127386",
        question="Does lenalidomide raise the response rate from 5 % to 25 %?",
        population="inflammatory_cachexia",
        size=size,
        eligibility=(
            Criterion(id="crp", text="CRP of at least 30 mg/L", require=_at_least("crp", 30.0)),
            Criterion(
                id="weight_loss",
                text="Lost weight: 2 % in 2 months or 5 % in 6 months",
                require=_at_least("crp", 1.0),
            ),
            Criterion(
                id="creatinine",
                text="Creatinine clearance of at least 50 mL/min",
                require=_at_least("creatinine_clearance", 50.0),
            ),
        ),
        arms=tuple(
            Arm(
                name=arm,
                label=LABELS[arm],
                ratio=ratio,
                treatments=(Treatment(drug="lenalidomide", dose=25.0),),
            )
            for arm, ratio in zip(ARMS, (2, 2, 1), strict=True)
        ),
        randomisation=Randomisation(method=RandomisationMethod.PERMUTED_BLOCKS, block_size=5),
        accrual=Accrual(candidates_per_month=8.0),
        background=(Treatment(drug="basic_cachexia_management"),),
        rules={},
        schedule=Schedule(screening=-7.0, treatment=56.0, follow_up=84.0, visits=visits),
        endpoints=(
            Endpoint(
                name="response",
                label="Response of lean body mass and handgrip",
                kind=EndpointKind.RESPONDER,
                role=Role.PRIMARY,
                day=56.0,
                condition=response,
            ),
            Endpoint(
                name="crp_change",
                label="Change of CRP",
                kind=EndpointKind.CHANGE,
                role=Role.SECONDARY,
                day=56.0,
                measure="crp",
                higher_is_better=False,
            ),
        ),
        estimands={"response": Estimand(endpoint="response"), "crp_change": Estimand(endpoint="crp_change")},
        analyses=analyses,
        assumptions=(Assumption(about="CRP step rule", text="The public record does not give the steps."),),
    )


def _test(arm: str) -> Analysis:
    return Analysis(
        name=f"response_{arm}",
        endpoint="response",
        method=Method.EXACT_BINOMIAL,
        arm=arm,
        null=0.05,
        alternative=0.25,
        one_sided=True,
        primary=True,
    )


def _against_control(name: str) -> Analysis:
    of_response = name == "response_vs"
    return Analysis(
        name=name,
        endpoint="response" if of_response else "crp_change",
        method=Method.FISHER if of_response else Method.MEAN_DIFFERENCE,
        arm="fixed",
        control="control",
    )


def _at_least(measure: str, threshold: float) -> Condition:
    return Condition(measure=measure, comparison=Comparison.AT_LEAST, threshold=threshold)


def fabricate_data(trials: int, size: int, rng: np.random.Generator, *, all_dead: bool = False) -> TrialData:
    """Return a stack of trials with drifting measures, deaths, withdrawals and events."""
    arm = np.tile(np.array([0, 1, 0, 1, 2]), (trials, size // 5)).astype(float)
    death = np.where(rng.random((trials, size)) < 0.18, rng.uniform(10, 110, (trials, size)), np.nan)
    if all_dead:
        death = np.full((trials, size), 12.0)
    withdrawal = np.where(rng.random((trials, size)) < 0.1, rng.uniform(5, 80, (trials, size)), np.nan)
    withdrawal[death <= withdrawal] = np.nan
    last = np.fmin(np.fmin(death, withdrawal), 84.0)
    days = np.arange(0, 63, 14.0)
    readings = {name: _readings(name, arm, days, last, rng) for name in START}
    subjects = {
        "arm": arm,
        "age": rng.normal(66, 9, arm.shape),
        "sex": (rng.random(arm.shape) < 0.6).astype(float),
        "height": rng.normal(170, 8, arm.shape),
        "enrolled_day": np.sort(rng.uniform(0, 900, arm.shape), axis=1),
        "death_day": np.where(death <= 84, death, np.nan),
        "withdrawal_day": np.where(withdrawal <= 84, withdrawal, np.nan),
        "treatment_stop_day": np.where(rng.random(arm.shape) < 0.15, rng.uniform(5, 56, arm.shape), np.nan),
        "last_contact_day": last,
    }
    decisions = np.arange(0, 57, 3.5)
    levels = np.array([5.0, 10.0, 15.0, 20.0, 25.0])
    step = np.minimum(4, (decisions / 7 * rng.uniform(0.2, 0.9, (*arm.shape, 1))).astype(int))
    dose = np.where(arm[..., None] == 0, 25.0, np.where(arm[..., None] == 1, levels[step], 0.0))
    dose = np.where(decisions > last[..., None], np.nan, dose)
    return TrialData(
        protocol_id="lenalidomide",
        arms=ARMS,
        subjects=subjects,
        readings=readings,
        dosing={
            "lenalidomide": Dosing(
                drug="lenalidomide",
                planned=decisions,
                dose=dose,
                reason=np.zeros(dose.shape, dtype=np.int64),
                reasons=("start",),
            )
        },
        events=_events(trials, size, rng),
        screening=_screening(trials, size, rng),
    )


def _readings(name: str, arm: Any, days: Any, last: Any, rng: np.random.Generator) -> Readings:
    start = np.maximum(START[name] + SCATTER[name] * rng.standard_normal(arm.shape), START[name] / 3)
    slope = np.array([SLOPE[a][name] for a in ARMS])[arm.astype(int)] + NOISE[name] * rng.standard_normal(
        arm.shape
    )
    value = start[..., None] + slope[..., None] * days / 56
    value = np.where(
        (days > last[..., None]) | (rng.random(value.shape) < 0.03), np.nan, np.maximum(value, 0.5)
    )
    if name == "lean_mass_ct":
        value[..., 1:-1] = np.nan
    visits = tuple(f"week {day / 7:.0f}" for day in days)
    return Readings(visits=visits, planned=days, day=np.broadcast_to(days, value.shape).copy(), value=value)


def _events(trials: int, size: int, rng: np.random.Generator) -> Events:
    rows = trials * size // 3
    grade = rng.integers(1, 5, rows)
    return Events(
        trial=np.sort(rng.integers(0, trials, rows)),
        subject=rng.integers(0, size, rows),
        day=rng.uniform(0, 84, rows),
        term=np.array(TERMS)[rng.integers(0, len(TERMS), rows)],
        grade=grade,
        serious=grade >= 4,
    )


def _screening(trials: int, size: int, rng: np.random.Generator) -> ScreeningLog:
    rows = int(size * 1.9)
    enrolled = np.zeros((trials, rows), dtype=bool)
    for row in enrolled:
        row[rng.choice(rows, size, replace=False)] = True
    failed = (rng.random((trials, rows, 3)) < np.array([0.6, 0.4, 0.2])).astype(np.int8)
    failed[..., 0] |= (failed.sum(axis=-1) == 0).astype(np.int8)
    failed[enrolled] = 0
    return ScreeningLog(
        trial=np.repeat(np.arange(trials), rows),
        candidate=np.tile(np.arange(rows), trials),
        day=np.tile(np.linspace(0, 900, rows), trials),
        enrolled=enrolled.ravel(),
        failed=failed.reshape(-1, 3),
        criteria=("crp", "weight_loss", "creatinine"),
    )


def fabricate_endpoints(data: TrialData) -> EndpointTable:
    """Return the endpoints at week 8, before the estimand."""
    lean, grip = data.readings["lean_mass_ct"].value, data.readings["handgrip_strength"].value
    lean_change = lean[..., -1] / lean[..., 0] - 1
    grip_change = grip[..., -1] - grip[..., 0]
    unknown = np.isnan(lean_change) | np.isnan(grip_change)
    value = np.where(unknown, np.nan, ((lean_change > 0.02) & (grip_change >= 4)).astype(float))
    nothing = np.full(value.shape, np.nan)
    dead = data.subjects["death_day"] <= 56
    withdrawn = data.subjects["withdrawal_day"] <= 56
    stopped = data.subjects["treatment_stop_day"] <= 56
    response = DerivedEndpoint(
        name="response",
        value=value,
        baseline=nothing,
        dead=dead,
        withdrawn=withdrawn,
        stopped=stopped,
        exposure=np.fmin(data.subjects["last_contact_day"], 56.0),
        components={
            "lean mass on CT up by more than 2 %": np.where(
                np.isnan(lean_change), np.nan, lean_change > 0.02
            ),
            "handgrip up by at least 4 kg": np.where(np.isnan(grip_change), np.nan, grip_change >= 4),
        },
        changes={"lean_mass_ct": lean_change, "handgrip_strength": grip_change},
    )
    arm = data.subjects["arm"].astype(np.int64)
    return EndpointTable(protocol_id=data.protocol_id, arms=ARMS, arm=arm, endpoints={"response": response})


def fabricate_results(data: TrialData, table: EndpointTable) -> tuple[Result, ...]:
    """Return results whose intervals are roughly right and whose names are exact."""
    response = np.nan_to_num(table.endpoints["response"].value)
    counts = {arm: (response * (table.arm == index)).sum(axis=1) for index, arm in enumerate(ARMS)}
    sizes = {arm: (table.arm == index).sum(axis=1).astype(float) for index, arm in enumerate(ARMS)}
    results = []
    for arm in ARMS[:2]:
        rate, spread = counts[arm] / sizes[arm], np.sqrt(0.12 / sizes[arm])
        results.append(
            _result(
                f"response_{arm}", arm, None, "exact_binomial", "response rate", rate, spread, counts, sizes
            )
        )
    difference = counts["fixed"] / sizes["fixed"] - counts["control"] / sizes["control"]
    spread = np.full(data.trials, 0.08)
    results.append(
        _result(
            "response_vs", "fixed", "control", "fisher", "risk difference", difference, spread, counts, sizes
        )
    )
    mean = np.full(data.trials, -26.0)
    results.append(
        _result(
            "crp_vs",
            "fixed",
            "control",
            "mean_difference",
            "difference in means",
            mean,
            spread * 80,
            counts,
            sizes,
        )
    )
    return tuple(results)


def _result(
    name: str,
    arm: str,
    control: str | None,
    method: str,
    effect: str,
    estimate: Any,
    spread: Any,
    counts: dict[str, Any],
    sizes: dict[str, Any],
) -> Result:
    numbers = {"responders": counts[arm], "analysed": sizes[arm]}
    if control is not None:
        numbers |= {"responders_control": counts[control], "analysed_control": sizes[control]}
    means = effect == "difference in means"
    return Result(
        analysis=name,
        endpoint="crp_change" if means else "response",
        method=method,
        arm=arm,
        control=control,
        estimand="All randomised; death and missing values count as no response.",
        measure_of_effect=effect,
        unit="mg/L" if means else "1",
        estimate=estimate,
        low=estimate - 1.96 * spread if means or control else np.maximum(0, estimate - 1.96 * spread),
        high=estimate + 1.96 * spread,
        level=0.95,
        p_value=np.full(estimate.shape, 0.0312),
        reject=estimate > 0.12,
        alpha=0.05,
        one_sided=control is None,
        numbers={} if means else numbers,
        settled={"death": np.round(sizes[arm] / 8), "missing": np.round(sizes[arm] / 10)},
        design={"critical_value": 5.0, "level": 0.0480, "power": 0.9840} if control is None else {},
        notes=("Exact one-sided test.",),
    )


def fabricate_operating(
    data: TrialData, table: EndpointTable, results: tuple[Result, ...], trials: int = 1000
) -> OperatingCharacteristics:
    """Return operating characteristics in the shape of the study package's."""
    arms = tuple(_arm(data, table, index, arm, trials) for index, arm in enumerate(ARMS))
    scenario = Scenario(
        name="as_modelled",
        label="as modelled",
        analyses=tuple(_characteristics(result, trials, 0.62) for result in results),
        arms=arms,
    )
    null = Scenario(
        name="without_effect",
        label="lenalidomide without effect",
        analyses=tuple(_characteristics(result, trials, 0.045) for result in results),
        arms=arms,
    )
    return OperatingCharacteristics(
        protocol_id=data.protocol_id,
        trials=trials,
        planned_trials=trials,
        size=data.size,
        seed=1,
        as_modelled=scenario,
        without_effect=null,
        screening=ScreeningCharacteristics(
            screened=Estimate(value=191.3, error=0.4, trials=trials),
            enrolled=Estimate(value=100.0, error=0.0, trials=trials),
            months=Estimate(value=29.1, error=0.1, trials=trials),
            refused={
                "CRP of at least 30 mg/L": Estimate(value=0.31, error=0.002, trials=trials),
                "Lost weight: 2 % in 2 months or 5 % in 6 months": Estimate(
                    value=0.22, error=0.002, trials=trials
                ),
                "Creatinine clearance of at least 50 mL/min": Estimate(
                    value=0.09, error=0.001, trials=trials
                ),
            },
        ),
        design={
            f"response_{arm}": {"critical_value": 5.0, "level": 0.0480, "power": 0.9840, "size": 40.0}
            for arm in ARMS[:2]
        },
        answer=(
            "With 40 patients per arm the design can tell 25 % from 5 %, but the modelled drug does not "
            "reach 25 %.",
            "In 1000 simulated trials the fixed dose reached a mean response rate of 21.0 %.",
        ),
    )


def _share(value: float, patients: float) -> Estimate:
    return Estimate(value=value, error=float(np.sqrt(value * (1 - value) / patients)), trials=1000)


def _arm(data: TrialData, table: EndpointTable, index: int, arm: str, trials: int) -> ArmCharacteristics:
    patients = float((table.arm == index).sum(axis=1).mean())
    rng = np.random.default_rng(index)
    rates = np.sort(rng.binomial(int(patients), SHARES[arm], trials) / patients)
    response = table.endpoints["response"]
    adverse = {}
    for order, term in enumerate(TERMS):
        adverse[term] = _share(0.3 / (order + 1), 4000)
        adverse[f"{term}_grade_3_or_more"] = _share(0.1 / (order + 1), 4000)
    one_hot = table.arm[..., None] == np.arange(len(ARMS))
    blocks = reduce_data(data, one_hot)
    series = {name: characterise(name, block)[index] for name, block in blocks.items()}
    return ArmCharacteristics(
        arm=arm,
        label=LABELS[arm],
        patients=patients,
        analysed=patients,
        responder_rate=_share(SHARES[arm], trials * patients),
        responder_rates=rates,
        disposition={
            "completed": _share(0.74, 4000),
            "died": _share(0.12, 4000),
            "withdrew": _share(0.14, 4000),
            "stopped_treatment": _share(0.2, 4000),
        },
        adverse_events=adverse | {"serious_adverse_event": _share(0.33, 4000)},
        series=series,
        components={text: _share(0.3, 4000) for text in response.components or {}},
    )


def _characteristics(result: Result, trials: int, rejection: float) -> AnalysisCharacteristics:
    values = np.quantile(result.estimate, [float(q) for q in QUANTILES])
    return AnalysisCharacteristics(
        analysis=result.analysis,
        endpoint=result.endpoint,
        arm=result.arm,
        control=result.control,
        measure_of_effect=result.measure_of_effect,
        unit=result.unit,
        primary=result.control is None,
        rejection=_share(rejection, trials),
        effect=Estimate(value=float(result.estimate.mean()), error=0.002, trials=trials),
        quantiles=dict(zip(QUANTILES, values.tolist(), strict=True)),
    )


def fabricate_parameters() -> ParameterSet:
    """Return a small set of parameters of every status."""
    names = [f"block.parameter_{index}" for index in range(12)]
    entries = {
        name: Parameter(
            name=name,
            meaning=f"Meaning {index}",
            kind="mass",
            value=1.5 * index,
            low=0.0,
            high=3.0 * index,
            spread=0.1,
            status=list(Status)[index % 4],
            source=Source(key="hall2011", where="table 1"),
            printed=f"{1.5 * index} kg",
        )
        for index, name in enumerate(names)
    }
    return ParameterSet("fabricated", entries)


def fabricate(
    *,
    trials: int = 12,
    size: int = 100,
    operating: bool = True,
    title: str | None = None,
    all_dead: bool = False,
) -> Fabricated:
    """Return a whole fabricated study."""
    protocol = fabricate_protocol(size=size) if title is None else fabricate_protocol(title, size)
    data = fabricate_data(trials, size, np.random.default_rng(1), all_dead=all_dead)
    table = fabricate_endpoints(data)
    results = fabricate_results(data, table)
    provenance = Provenance(
        seed=1,
        versions={"euexia": "0.1.0", "numpy": "2.4.6"},
        hashes={"protocol": "a" * 64, "parameters": "b" * 64},
        command="euexia run lenalidomide --trials 1000 --seed 1",
        python="import euexia\n\nprotocol = euexia.load_protocol('lenalidomide')",
    )
    return Fabricated(
        protocol=protocol,
        data=data,
        results=results,
        endpoints=table,
        provenance=provenance,
        parameters=fabricate_parameters(),
        operating=fabricate_operating(data, table, results) if operating else None,
    )


@pytest.fixture(scope="session")
def fabricated() -> Fabricated:
    """Return the whole study with operating characteristics."""
    return fabricate()


@pytest.fixture(scope="session")
def make() -> Any:
    """Return the function that fabricates a study."""
    return fabricate
