"""Tables 14.1 and 14.3 of an analysed trial: disposition, baseline, estimands, accounting, safety."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from euexia.criteria.measures import MEASURES
from euexia.endpoints import windows
from euexia.protocol.analysis_words import POPULATIONS, SUMMARIES, strategy_in_words
from euexia.protocol.condition import in_words
from euexia.report.analysis_material import ONE, AnalysisMaterial
from euexia.report.clinical_table import ClinicalRow, ClinicalTable
from euexia.report.formatting import NOT_KNOWN, SPACE, number, percent, range_of, sentence_case, weeks

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
EVERYBODY = "All randomised patients"
SEVERE = 3
EVENT_NAMES = {
    "death": "Death",
    "discontinuation": "Treatment stopped",
    "rescue": "Rescue begun, or crossover",
    "missing": "Reading missing",
}
DECIDED = {
    "observed": "own readings",
    "death": "death",
    "discontinuation": "treatment stopped",
    "rescue": "rescue or crossover",
    "missing": "missing readings",
    "outside": "outside the population",
    "without_covariate": "without a covariate",
    "not_analysed": "not analysed",
}
SUBJECT_UNITS = {"age": "years", "height": "cm"}


class Groups:
    """The columns of a table of patients: every arm, and all patients together."""

    def __init__(self, material: AnalysisMaterial) -> None:
        self.members = [material.members(arm.name) for arm in material.arms]
        self.members.append(np.ones(material.data.size, dtype=bool))
        labels = [*(arm.label for arm in material.arms), "Total"]
        self.columns = tuple(
            f"{label}\n(N={int(who.sum())})" for label, who in zip(labels, self.members, strict=True)
        )

    def counts(self, flags: Flags) -> tuple[str, ...]:
        """Return how many of each column a flag is true for, with their share."""
        return tuple(share_text(int((flags & who).sum()), int(who.sum())) for who in self.members)


def share_text(part: int, whole: int) -> str:
    """Return ``12 (24.0 %)``; a dash for the share of nobody."""
    return f"{part}{SPACE}({percent(part / whole) if whole else NOT_KNOWN})"


def disposition(material: AnalysisMaterial, source: str) -> ClinicalTable:
    """Return what became of the patients: up to the last endpoint, and over the whole follow-up."""
    groups, data = Groups(material), material.data
    end = material.protocol.schedule.follow_up
    last = max((endpoint.day for endpoint in material.protocol.endpoints), default=end)
    stop = _day(material, "treatment_stop_day")
    with np.errstate(invalid="ignore"):
        untreated = stop <= windows.DAY_TOLERANCE
    rows = [
        ClinicalRow(label="Randomised", cells=groups.counts(np.ones(data.size, dtype=bool))),
        ClinicalRow(label="Treated", cells=groups.counts(~untreated)),
    ]
    for day in dict.fromkeys((last, end)):
        rows += _became(material, groups, day)
    return ClinicalTable(
        number="14.1.1",
        title="Disposition of patients",
        population=EVERYBODY,
        columns=groups.columns,
        rows=tuple(rows),
        footnotes=(
            "Treated: treatment was not stopped on or before day 0. Completed: alive, not withdrawn, and "
            "followed to that day. Stopped treatment: alive and in the trial, before the planned end of "
            "treatment.",
        ),
        source=source,
    )


def _became(material: AnalysisMaterial, groups: Groups, day: float) -> Iterator[ClinicalRow]:
    window = max((visit.window for visit in material.protocol.schedule.visits), default=0.0)
    with np.errstate(invalid="ignore"):
        died = _day(material, "death_day") <= day
        withdrew = (_day(material, "withdrawal_day") <= day) & ~died
        lost = (_day(material, "last_contact_day") < day - window) & ~died & ~withdrew
        stopped = _day(material, "treatment_stop_day") < min(day, material.protocol.schedule.treatment)
    yield ClinicalRow(label=f"By week {weeks(day)}")
    for label, who in (
        ("Completed", ~died & ~withdrew & ~lost),
        ("Stopped treatment, stayed in the trial", stopped & ~died & ~withdrew & ~lost),
        ("Died", died),
        ("Withdrew", withdrew),
        ("No contact up to that day", lost),
    ):
        yield ClinicalRow(label=label, cells=groups.counts(who), indent=1)


def _day(material: AnalysisMaterial, name: str) -> Floats:
    column = material.data.subjects.get(name)
    return np.full(material.data.size, np.nan) if column is None else np.asarray(column[ONE], dtype=float)


def baseline(material: AnalysisMaterial, source: str) -> ClinicalTable:
    """Return who the patients were: the last reading up to day 0 of everything that was read."""
    groups = Groups(material)
    rows: list[ClinicalRow] = []
    for name, unit in SUBJECT_UNITS.items():
        if np.isfinite(_day(material, name)).any():
            rows += _described(groups, sentence_case(name), unit, _day(material, name), 0)
    sex = _day(material, "sex")
    rows += _coded(groups, "Sex", ("woman", "man"), sex)
    for name, readings in material.data.readings.items():
        value = np.asarray(windows.baseline(readings).value[ONE], dtype=float)
        measure = MEASURES.get(name)
        if measure is None or not np.isfinite(value).any():
            continue
        if measure.is_coded:
            words = measure.categories or ("no", "yes")
            rows += _coded(groups, measure.label, words, value)
        else:
            rows += _described(groups, measure.label, measure.unit, value, measure.decimals)
    return ClinicalTable(
        number="14.1.2",
        title="Baseline characteristics",
        population=EVERYBODY,
        columns=groups.columns,
        rows=tuple(rows),
        footnotes=("Last reading up to day 0. SD: standard deviation.",),
        source=source,
    )


def _described(groups: Groups, label: str, unit: str, value: Floats, decimals: int) -> Iterator[ClinicalRow]:
    parts = [value[who & np.isfinite(value)] for who in groups.members]
    yield ClinicalRow(label=f"{label} [{unit}]" if unit else label)
    yield ClinicalRow(label="n", cells=tuple(str(part.size) for part in parts), indent=1)
    yield ClinicalRow(
        label="Mean (SD)", cells=tuple(_mean_and_spread(part, decimals + 1) for part in parts), indent=1
    )
    yield ClinicalRow(
        label="Median",
        cells=tuple(
            number(float(np.median(part)), decimals + 1) if part.size else NOT_KNOWN for part in parts
        ),
        indent=1,
    )
    yield ClinicalRow(
        label="Minimum to maximum",
        cells=tuple(
            range_of(float(part.min()), float(part.max()), decimals) if part.size else NOT_KNOWN
            for part in parts
        ),
        indent=1,
    )


def _mean_and_spread(part: Floats, decimals: int) -> str:
    if not part.size:
        return NOT_KNOWN
    spread = float(part.std(ddof=1)) if part.size > 1 else float("nan")
    return f"{number(float(part.mean()), decimals)} ({number(spread, decimals)})"


def _coded(groups: Groups, label: str, words: Sequence[str], value: Floats) -> Iterator[ClinicalRow]:
    if not np.isfinite(value).any():
        return
    yield ClinicalRow(label=label)
    for code, word in enumerate(words):
        yield ClinicalRow(label=word, cells=groups.counts(value == code), indent=1)
    unknown = np.isnan(value)
    if unknown.any():
        yield ClinicalRow(label="not known", cells=groups.counts(unknown), indent=1)


def estimands(material: AnalysisMaterial, source: str) -> ClinicalTable:
    """Return what every analysis estimates: population, intercurrent events, summary."""
    rows: list[ClinicalRow] = []
    for name in dict.fromkeys(material.planned[r.analysis].estimand_name for r in material.results):
        estimand = material.protocol.estimands[name]
        endpoint = material.endpoints[estimand.about]
        mine = [r.analysis for r in material.results if material.planned[r.analysis].estimand_name == name]
        rows.append(ClinicalRow(label=f"{endpoint.label}, week {weeks(endpoint.day)}: estimand '{name}'"))
        who = POPULATIONS[estimand.population] or "all randomised patients"
        if estimand.subgroup is not None:
            who += f", only with {in_words(estimand.subgroup)} at baseline"
        said = {"Population": who}
        for event, label in EVENT_NAMES.items():
            said[label] = strategy_in_words(getattr(estimand, event), endpoint.kind)
        said |= {"Summary": SUMMARIES[estimand.summary], "Analyses": ", ".join(mine)}
        rows += [ClinicalRow(label=label, cells=(text,), indent=1) for label, text in said.items()]
    return ClinicalTable(
        number="14.1.3",
        title="Estimands: what each analysis estimates",
        population="",
        columns=("What is done",),
        rows=tuple(rows),
        stub="Attribute",
        footnotes=("After ICH E9(R1).",),
        source=source,
    )


def accounting(material: AnalysisMaterial, source: str) -> ClinicalTable:
    """Return for every analysis and arm how many were randomised, analysed, and decided by what."""
    settled = [name for result in material.results for name in result.settled]
    used = [name for name in DECIDED if name in settled]
    rows: list[ClinicalRow] = []
    for result in material.results:
        rows.append(ClinicalRow(label=result.analysis))
        for suffix, arm in material.arms_of(result):
            cells = [_whole(result.numbers[f"{key}{suffix}"]) for key in ("randomised", "analysed")]
            cells += [_whole(result.settled.get(f"{name}{suffix}")) for name in used]
            rows.append(ClinicalRow(label=material.styles[arm].label, cells=tuple(cells), indent=1))
    return ClinicalTable(
        number="14.1.4",
        title="Accounting of randomised patients by analysis",
        population=EVERYBODY,
        columns=("Randomised", "Analysed", *(sentence_case(DECIDED[name]) for name in used)),
        rows=tuple(rows),
        stub="Analysis and arm",
        footnotes=(
            "Every randomised patient is decided by exactly one of: own readings, an intercurrent event "
            "under its strategy, missing readings, or by being outside the population. Without a covariate: "
            "left out of the analysis for that alone.",
        ),
        source=source,
    )


def _whole(values: Floats | None) -> str:
    return NOT_KNOWN if values is None else number(float(values[ONE]), 0)


def adverse_events(material: AnalysisMaterial, source: str) -> ClinicalTable:
    """Return patients with adverse events: any, severe, serious, and by term."""
    groups, events = Groups(material), material.data.events
    here = (events.trial == ONE) & (events.day >= 0)
    rows = [
        ClinicalRow(label="Any adverse event", cells=_affected(groups, events.subject, here)),
        ClinicalRow(
            label="Grade 3 or more",
            cells=_affected(groups, events.subject, here & (events.grade >= SEVERE)),
            indent=1,
        ),
        ClinicalRow(
            label="Serious", cells=_affected(groups, events.subject, here & events.serious), indent=1
        ),
    ]
    for term in sorted(set(events.term[here].tolist())):
        chosen = here & (events.term == term)
        rows.append(ClinicalRow(label=sentence_case(term), cells=_affected(groups, events.subject, chosen)))
        rows.append(
            ClinicalRow(
                label="Grade 3 or more",
                cells=_affected(groups, events.subject, chosen & (events.grade >= SEVERE)),
                indent=1,
            )
        )
    return ClinicalTable(
        number="14.3.1",
        title="Adverse events: patients (share) and events",
        population=EVERYBODY,
        columns=groups.columns,
        rows=tuple(rows),
        footnotes=(
            "Patients with at least one event (share of the column) and, after the semicolon, events. "
            "Patients who died or withdrew stay in the denominator; their events count up to then.",
        ),
        source=source,
    )


def _affected(groups: Groups, subject: NDArray[np.int64], chosen: Flags) -> tuple[str, ...]:
    cells = []
    for who in groups.members:
        mine = subject[chosen & who[subject]]
        cells.append(f"{share_text(len(set(mine.tolist())), int(who.sum()))}; {mine.size}")
    return tuple(cells)
