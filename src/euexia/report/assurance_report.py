"""The page of an assurance."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

from euexia.core.quantities import canonical_unit
from euexia.parameters import Parameter
from euexia.report.assurance_figures import distribution_picture, influence_picture
from euexia.report.content import Chapter, Drawn, Fold, Listing, Prose, Table
from euexia.report.formatting import number, percent
from euexia.report.patient_report import PAGE, write_pages
from euexia.report.plain_page import render_plain
from euexia.study.assurance import Assurance, Influence, figure_of
from euexia.study.assurance_words import sentences

TABLE, RESULTS = "draws.csv", "results.json"
FIRST = 15


def write_assurance(folder: Path, found: Assurance) -> Path:
    """Write the page, its figures and its numbers; return the path of the page.  Raises OutputError."""
    chapters = (
        Chapter(
            id="power", title="The power", blocks=(Drawn(picture=distribution_picture(found)), _split(found))
        ),
        Chapter(
            id="influences",
            title="Which uncertainty costs most",
            blocks=(Drawn(picture=influence_picture(found)), *_influences(found)),
        ),
        _how(found),
    )
    page = render_plain(
        f"Assurance: {found.protocol.id}",
        chapters,
        eyebrow="Power under uncertain parameters",
        about=found.protocol.title,
        lead=tuple(sentences(found)),
        shows="what a model's virtual trials do, not what a trial will find",
        parameters_hash=found.uncertainty.parameters.hash,
        table=TABLE,
    )
    contents = {
        PAGE: page.encode(),
        TABLE: _csv(found).encode(),
        RESULTS: (json.dumps(results(found), indent=1) + "\n").encode(),
    }
    return write_pages(folder, contents, chapters)


def _split(found: Assurance) -> Table:
    power, wrong = found.power, found.false_success
    rows = tuple(
        (
            label,
            percent(one.expected),
            f"{100 * one.error:.1f}",
            f"{100 * one.error_of_draws:.1f}",
            f"{100 * one.error_of_trials:.1f}",
            f"{100 * math.sqrt(one.variance):.1f}",
        )
        for label, one in (("Expected power", power), ("Expected success if the drug does nothing", wrong))
    )
    return Table(
        caption="Expected power and its error, in percentage points",
        columns=(
            "",
            "Expected",
            "Error",
            "of it: draws too few",
            "of it: trials too few",
            "SD of the power over the draws",
        ),
        rows=rows,
        note="Errors are standard errors; the two parts add up as squares. More draws take the first away, "
        "more trials at each draw the second. The SD over the draws stays whatever one simulates: "
        "only better "
        "knowledge of the parameters takes it away.",
    )


def _influences(found: Assurance) -> tuple[Table | Fold, ...]:
    columns = ("Parameter", "What it is", "Range", "Share of variance [%]", "Low to high [points]", "Worth")
    rows = tuple(_row(found, one) for one in found.influences)
    first = Table(
        caption="Parameters by their share in the variance of the power",
        columns=columns,
        rows=rows[:FIRST],
        wordy=(1, 2),
        note="Low to high: change of power from the lowest to the highest tenth of the draws of the number. "
        "Worth: points of power that knowing the number first would gain, were a trial run only where its "
        f"power is at least {100 * found.plan.worth:g} %.",
    )
    if len(rows) <= FIRST:
        return (first,)
    rest = Table(caption="All uncertain parameters", columns=columns, rows=rows, wordy=(1, 2))
    return first, Fold(summary=f"All {len(rows)} uncertain parameters", blocks=(rest,))


def _row(found: Assurance, one: Influence) -> tuple[str, ...]:
    entry, share = one.parameter, one.share
    ranged = entry.name not in found.uncertainty.posterior
    return (
        entry.name,
        entry.meaning,
        _range(entry) if ranged else "posterior",
        f"{100 * share.index:.0f} ± {100 * share.index_error:.0f}",
        number(100 * share.slope, 0),
        f"{100 * share.value:.1f} ± {100 * share.value_error:.1f}",
    )


def _range(entry: Parameter) -> str:
    unit = canonical_unit(entry.kind)
    return f"{entry.low:g} to {entry.high:g} {'' if unit == '1' else unit}".strip()


def _how(found: Assurance) -> Chapter:
    plan, uncertain = found.plan, found.uncertainty
    items = [("Draws", f"{len(found.used):,} of {plan.draws:,}"), ("Trials at each draw", f"{plan.trials:,}")]
    items += [("Seed", str(plan.seed)), ("Drawn from their ranges", f"{len(uncertain.ranged)} parameters")]
    if uncertain.posterior:
        items.append(
            ("Drawn together from a posterior", f"{len(uncertain.posterior)} parameters, {uncertain.source}")
        )
    text = (
        "A parameter with a range falls below or above its stated value with equal chance, evenly as "
        "far as the "
        "end of the range: the stated value is the median, and no draw lies outside what the file calls "
        "plausible. Parameters with ranges are drawn independently, because nothing in the files "
        "says how they "
        "hang together; a posterior is drawn row by row, so that what hangs together stays so. Each draw has "
        "trials of its own, so the chance of one draw is not that of another."
    )
    method = (
        "The share of a parameter is the variance of the power that is to be expected given the parameter (a "
        "quadratic in its ranks, adjusted for the terms fitted), over the variance of the power without its "
        "Monte-Carlo part; errors are from 400 bootstrap samples of the draws."
    )
    return Chapter(
        id="how",
        title="How it was computed",
        blocks=(Listing(items=tuple(items)), Prose(text=text), Prose(text=method)),
    )


def _csv(found: Assurance) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    figures = sorted(found.stated)
    names = found.uncertainty.names
    writer.writerow(["draw", *figures, *names, "fault"])
    for draw in found.draws:
        values = [draw.figures.get(figure, "") for figure in figures]
        writer.writerow([draw.number, *values, *(draw.values[name] for name in names), draw.fault])
    return stream.getvalue()


def results(found: Assurance) -> dict[str, Any]:
    """Return everything as JSON knows it."""
    power = found.power
    return {
        "schema": "euexia-assurance/1",
        "protocol": found.protocol.id,
        "figure": figure_of(found.plan),
        "draws": len(found.used),
        "failed_draws": len(found.draws) - len(found.used),
        "trials": found.plan.trials,
        "seed": found.plan.seed,
        "expected_power": power.expected,
        "error": power.error,
        "error_of_draws": power.error_of_draws,
        "error_of_trials": power.error_of_trials,
        "sd_over_draws": math.sqrt(power.variance),
        "stated_power": found.stated[figure_of(found.plan)],
        "worth": found.plan.worth,
        "chance_of_worth": found.chance,
        "chance_error": found.chance_error,
        "value_of_knowing_everything": found.perfect,
        "influences": [
            {
                "parameter": one.parameter.name,
                "index": one.share.index,
                "index_error": one.share.index_error,
                "low_to_high": one.share.slope if math.isfinite(one.share.slope) else None,
                "value": one.share.value,
                "value_error": one.share.value_error,
            }
            for one in found.influences
        ],
        "sentences": list(sentences(found)),
        "parameters": found.uncertainty.parameters.hash,
    }
