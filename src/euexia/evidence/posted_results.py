"""Results posted in a register as rows of evidence; verified, as they are read from the register itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from euexia.core.errors import InputError
from euexia.evidence.row import About, Limits, Row, Statistic, Study, StudyArm, Topic
from euexia.formats.registry_record import (
    FlowCount,
    PostedComparison,
    PostedMeasure,
    PostedValue,
    RegistryRecord,
)

STATISTICS = {
    "MEAN": Statistic.MEAN,
    "LEAST_SQUARES_MEAN": Statistic.LEAST_SQUARES_MEAN,
    "MEDIAN": Statistic.MEDIAN,
    "COUNT_OF_PARTICIPANTS": Statistic.COUNT,
}
"""What a posted table gives, where the register says it; NUMBER may be a count, a share or anything."""
DEVIATIONS, ERRORS = ("STANDARD_DEVIATION",), ("STANDARD_ERROR", "STANDARD_ERROR_OF_THE_MEAN")
LIMITS = {
    "95%_CONFIDENCE_INTERVAL": Limits.CONFIDENCE_95,
    "90%_CONFIDENCE_INTERVAL": Limits.CONFIDENCE_90,
    "FULL_RANGE": Limits.RANGE,
    "INTER-QUARTILE_RANGE": Limits.QUARTILES,
}
LEVELS = {95.0: Limits.CONFIDENCE_95, 90.0: Limits.CONFIDENCE_90}
_WEEK = re.compile(r"\bweeks?\s+(\d+)\b|\b(\d+)\s+weeks?\b", re.IGNORECASE)


def posted_results(record: RegistryRecord) -> Study:
    """Return what a register posted about a trial as a study; every number keeps its table's title.

    Raises InputError for a record without posted results.
    """
    if not record.has_results:
        raise InputError(
            f"The record {record.registry} has no posted results, so there are no rows of evidence in it."
        )
    rows: dict[str, Row] = {}
    for row in _rows(record):
        _add(rows, row)
    return Study(
        id=record.registry.lower(),
        topic=Topic.TRIAL,
        citation=f"{record.official_title or record.title}. ClinicalTrials.gov, {record.registry}",
        population="; ".join(record.conditions),
        treatment="; ".join(item.name for item in record.interventions),
        registry=(record.registry,),
        design={
            name: value
            for name, value in (
                ("phase", record.phase),
                ("allocation", record.allocation),
                ("masking", record.masking),
                ("model", record.model),
                ("start", record.start),
                ("completion", record.completion),
            )
            if value
        },
        size="" if record.enrolment is None else str(record.enrolment),
        arms={_key(arm.label): StudyArm(dose=_flat(arm.description), verified=True) for arm in record.arms},
        eligibility={},
        endpoints={
            f"{role}_{index}": f"{outcome.measure} ({outcome.time_frame})"
            for role, outcomes in (("primary", record.primary), ("secondary", record.secondary))
            for index, outcome in enumerate(outcomes, start=1)
        },
        rows=rows,
        sources=(f"https://clinicaltrials.gov/study/{record.registry}",),
    )


def _rows(record: RegistryRecord) -> Iterator[Row]:
    source = f"ClinicalTrials.gov, {record.registry}, posted results"
    for count in record.flow:
        yield _flow(count, source)
    for about, measures in ((About.BASELINE, record.baseline), (About.OUTCOME, record.outcomes)):
        for measure in measures:
            for value in measure.values:
                yield _value(about, measure, value, source)
            for comparison in measure.comparisons:
                yield _comparison(measure, comparison, source)


def _flow(count: FlowCount, source: str) -> Row:
    return Row(
        about=About.COURSE if count.is_reason else About.SIZE,
        measure=count.what,
        arm=count.group,
        when=count.period,
        statistic=Statistic.COUNT,
        value=count.count,
        unit="patients",
        source=source,
        verified=True,
    )


def _value(about: About, measure: PostedMeasure, value: PostedValue, source: str) -> Row:
    has_limits = value.low is not None and value.high is not None
    limits = LIMITS.get(measure.dispersion) if has_limits else None
    return Row(
        about=about,
        measure=" / ".join(part for part in (measure.title, value.category) if part),
        arm=value.group,
        weeks=_weeks(measure.time_frame),
        when=measure.time_frame,
        statistic=_statistic(measure, value),
        value=value.value,
        unit=measure.unit,
        low=value.low if limits else None,
        high=value.high if limits else None,
        limits=limits,
        sd=value.spread if measure.dispersion in DEVIATIONS else None,
        se=value.spread if measure.dispersion in ERRORS else None,
        dispersion="" if limits else _dispersion(measure, value),
        n=value.n,
        text=value.text,
        note=_flat(measure.population),
        source=source,
        verified=True,
    )


def _statistic(measure: PostedMeasure, value: PostedValue) -> Statistic:
    if value.value is None:
        return Statistic.WORDS
    return STATISTICS.get(measure.parameter, Statistic.AS_PRINTED)


def _dispersion(measure: PostedMeasure, value: PostedValue) -> str:
    if value.low is None and value.high is None:
        return ""
    return f"{measure.dispersion.replace('_', ' ').lower()} {value.low} to {value.high}"


def _comparison(measure: PostedMeasure, comparison: PostedComparison, source: str) -> Row:
    level = None if comparison.level is None else LEVELS.get(comparison.level)
    known = level is not None and comparison.low is not None and comparison.high is not None
    return Row(
        about=About.DIFFERENCE,
        measure=measure.title,
        contrast=" against ".join(comparison.groups),
        weeks=_weeks(measure.time_frame),
        when=measure.time_frame,
        statistic=Statistic.WORDS if comparison.value is None else Statistic.DIFFERENCE,
        value=comparison.value,
        unit=measure.unit,
        low=comparison.low if known else None,
        high=comparison.high if known else None,
        limits=level if known else None,
        se=comparison.spread if comparison.dispersion in ERRORS else None,
        p=comparison.p,
        below=comparison.p_below,
        method="; ".join(part for part in (comparison.method, comparison.parameter) if part),
        text="" if comparison.value is not None or comparison.p is not None else "no estimate was posted",
        note=_flat(comparison.note),
        source=source,
        verified=True,
    )


def _weeks(time_frame: str) -> tuple[float, ...]:
    """Return the one week a time frame names; none where it names none or several."""
    found = {float(first or second) for first, second in _WEEK.findall(time_frame)}
    return tuple(found) if len(found) == 1 else ()


def _add(rows: dict[str, Row], row: Row) -> None:
    base = _key(f"{row.about} {row.measure} {row.arm or row.contrast}")[:80].strip("_")
    key, number = base, 2
    while key in rows:
        key, number = f"{base}_{number}", number + 1
    rows[key] = row


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _flat(text: str) -> str:
    return " ".join(text.split())
