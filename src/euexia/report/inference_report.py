"""Write what is believed of one person: the page, the forecast as a table, the figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from euexia.criteria.measures import MEASURES
from euexia.population import load as load_population
from euexia.report.content import Chapter, Drawn, Fold, Listing, Prose, Table
from euexia.report.formatting import joined, number, percent, signed, weeks
from euexia.report.inference_figures import DECIMALS, benefit_picture, forecast_picture
from euexia.report.patient_report import PAGE, write_pages
from euexia.report.plain_page import render_plain
from euexia.study.drivers import CHANNELS
from euexia.study.drivers import OUTCOMES as EXPLAINED
from euexia.study.forecast import OUTCOMES, Course, Forecast
from euexia.study.store import check_folder

FORECAST = "forecast.csv"
SHOWN = ("body_weight", "handgrip_strength", "crp")
LARGEST = 3
LEARNED = 0.1
"""Share of the spread below which readings have told nothing of an input."""
RESEARCH = (
    "Research use only. This is what a model would say of such readings, not a prognosis, and no advice: "
    "nobody should be treated, or refused treatment, because of it."
)


def write_inference(folder: Path, found: Forecast) -> Path:
    """Write a forecast into a new folder; return the path of the page.

    Raises InputError for a folder that is not empty, OutputError when it cannot be written.
    """
    check_folder(folder)
    chapters = _chapters(found)
    page = render_plain(
        f"Patient {found.inference.record.patient}: what the readings say",
        chapters,
        eyebrow="One person's record, read by the model",
        lead=(*sentences(found), RESEARCH),
        shows="what a model believes of one record",
        parameters_hash=found.inference.parameters.hash,
        table=FORECAST,
    )
    return write_pages(folder, {PAGE: page.encode(), FORECAST: forecast_table(found).encode()}, chapters)


def sentences(found: Forecast) -> tuple[str, ...]:
    """Return the answer: the course without treatment, what drives it, and what each treatment may give."""
    return (_ahead(found), _why(found), *(_gain(found, course) for course in found.courses[1:]))


def _ahead(found: Forecast) -> str:
    course = found.courses[0]
    parts = []
    for measure in SHOWN:
        low, middle, high = course.interval(measure)[:, -1]
        places, unit = DECIMALS[measure], MEASURES[measure].unit
        parts.append(
            f"{MEASURES[measure].short} {number(middle, places)} {unit} "
            f"({number(low, places)} to {number(high, places)})"
        )
    text = f"In {found.weeks:g} weeks without treatment, were the person to live: {'; '.join(parts)}."
    alive = f" The model puts the chance to live so long at {percent(float(course.alive[-1].mean()), 0)}."
    beyond = ""
    if course.beyond:
        beyond = (
            f" In {percent(course.beyond)} of the draws the wasting goes beyond what the model can follow."
        )
    return text + alive + beyond


def _why(found: Forecast) -> str:
    shares = found.shares[EXPLAINED[0]]
    largest = sorted(CHANNELS, key=lambda channel: -shares[channel.name].median)[:LARGEST]
    parts = tuple(
        f"{channel.label[:1].lower()}{channel.label[1:]} {number(shares[channel.name].median)} kg "
        f"({number(shares[channel.name].low)} to {number(shares[channel.name].high)})"
        for channel in largest
        if shares[channel.name].median > 0
    )
    return (
        f"Behind the weight lost until the first visit stand above all: {joined(parts)}."
        if parts
        else ("The model finds no mechanism that has taken weight until the first visit.")
    )


def _gain(found: Forecast, course: Course) -> str:
    words = []
    for outcome in OUTCOMES:
        gain = found.benefit(course, outcome)
        places = 1 if outcome != "skeletal_muscle_area" else 0
        words.append(
            f"{MEASURES[outcome].short} {signed(gain.median, places)} {MEASURES[outcome].unit} "
            f"({signed(gain.low, places)} to {signed(gain.high, places)})"
        )
    return f"With {course.regimen.label}, beyond no treatment: {'; '.join(words)}."


def _chapters(found: Forecast) -> tuple[Chapter, ...]:
    chapters = [Chapter(id="forecast", title="Forecast", blocks=(Drawn(picture=forecast_picture(found)),))]
    if len(found.courses) > 1 or found.left_out:
        chapters.append(Chapter(id="benefit", title="Treatments", blocks=tuple(_treatments(found))))
    chapters += [
        Chapter(id="drivers", title="Drivers", blocks=(_driver_table(found),)),
        Chapter(id="learned", title="What the readings told", blocks=tuple(_learned(found))),
        Chapter(id="readings", title="Readings", blocks=tuple(_readings(found))),
    ]
    return tuple(chapters)


def _treatments(found: Forecast) -> Iterator[Drawn | Listing | Prose]:
    if len(found.courses) > 1:
        yield Drawn(picture=benefit_picture(found))
        yield Prose(
            text="Every difference is between two lives of the same person, so what both share is cancelled. "
            "What a treatment does is taken from the model's stated numbers, many of which are assumed; "
            "their uncertainty is not in these intervals (euexia explain and euexia parameters say more)."
        )
    if found.left_out:
        yield Listing(items=tuple((label, why) for label, why in found.left_out.items()))


def _driver_table(found: Forecast) -> Table:
    def cell(outcome: str, channel: str) -> str:
        share = found.shares[outcome][channel]
        return f"{number(share.median, 1)} ({number(share.low, 1)} to {number(share.high, 1)})"

    return Table(
        caption="Taken from health to the first visit: median and middle 90 % of the draws",
        columns=("", *(f"{MEASURES[outcome].short} [{MEASURES[outcome].unit}]" for outcome in EXPLAINED)),
        rows=tuple(
            (channel.label, *(cell(outcome, channel.name) for outcome in EXPLAINED)) for channel in CHANNELS
        ),
        note="Shapley values of the model's mechanisms; a negative share spares.",
    )


def _learned(found: Forecast) -> Iterator[Prose | Table]:
    learned = found.inference.learned()
    columns = load_population(found.inference.population).columns
    told = sorted((name for name in learned if learned[name] >= LEARNED), key=lambda name: -learned[name])
    untold = [name.replace("_", " ") for name in learned if learned[name] < LEARNED]
    rows = []
    for name in told:
        values = getattr(found.inference.inputs, name)
        meaning = columns[name].meaning if name in columns else name
        spread = f"{number(float(values.mean()), 2)} ± {number(float(values.std()), 2)}"
        rows.append((meaning, spread, percent(learned[name], 0)))
    yield Table(
        caption="Characteristics that the readings inform",
        columns=("", "Mean ± SD", "Spread taken away"),
        rows=tuple(rows),
        note="Against people of the same sex, age and height in the population.",
    )
    if untold:
        yield Prose(
            text=f"The readings say nothing, or next to nothing, of {joined(tuple(untold))}: there the "
            "population speaks, not the person."
        )


def _readings(found: Forecast) -> Iterator[Prose | Table | Fold]:
    inference = found.inference
    record = inference.record
    yield Prose(
        text=f"First visit {record.first_visit.isoformat()}; readings until {weeks(inference.day)} later, "
        f"under {inference.given.label}. Population: {load_population(inference.population).title}. "
        f"{inference.particles:,} draws, seed {inference.seed}; two independent sets agree within "
        f"{number(inference.sample.disagreement, 2)} standard deviations."
    )
    rows = []
    for reading, truth, surprise in zip(
        record.readings, inference.explained, inference.surprise, strict=True
    ):
        places = DECIMALS.get(reading.measure, 1)
        expected = f"{number(float(truth.mean()), places + 1)} ± {number(float(truth.std()), places + 1)}"
        rows.append(
            (
                f"Day {reading.day:g}",
                MEASURES[reading.measure].label,
                f"{reading.value:g} {MEASURES[reading.measure].unit}",
                expected,
                signed(float(surprise), 1),
            )
        )
    table = Table(
        caption="Every reading that was used",
        columns=("", "Measure", "Read", "Believed to be true", "Surprise [SD]"),
        rows=tuple(rows),
        wordy=(1,),
    )
    yield Fold(summary=f"{len(rows)} readings", blocks=(table,))
    for text in record.left_out:
        yield Prose(text=text)


def forecast_table(found: Forecast) -> str:
    """Return every forecast as tidy CSV: quantiles of the truth and of readings."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    header = (
        "treatment",
        "day",
        "measure",
        "unit",
        "kind",
        "low_90",
        "low_50",
        "median",
        "high_50",
        "high_90",
    )
    writer.writerow(header)
    for course in found.courses:
        for measure in course.truth:
            for kind in ("truth", "reading"):
                wide = course.interval(measure, "0.9", reading=kind == "reading")
                narrow = course.interval(measure, "0.5", reading=kind == "reading")
                for place, day in enumerate(course.days + found.inference.day):
                    values = (wide[0], narrow[0], wide[1], narrow[2], wide[2])
                    cells = (repr(float(value[place])) for value in values)
                    unit = MEASURES[measure].unit
                    writer.writerow((course.regimen.label, f"{day:g}", measure, unit, kind, *cells))
    return buffer.getvalue()
