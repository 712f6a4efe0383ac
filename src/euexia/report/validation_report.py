"""Write a validation: one page, a table, the numbers for programs, and its figures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from math import isfinite
from pathlib import Path
from typing import Any

from euexia.evidence.row import Use
from euexia.evidence.twin import Measured, load_twin
from euexia.report import validation_words as words
from euexia.report.content import Block, Chapter, Drawn, Fold, Listing, Prose, Table
from euexia.report.drawing import Drawings
from euexia.report.files import FIGURES, REPORT, RESULTS, write_files
from euexia.report.formatting import NOT_KNOWN, number, percent
from euexia.report.plain_page import render_plain
from euexia.report.validation_figures import courses, forest
from euexia.study.store import check_folder
from euexia.study.validation import CALIBRATED, PREDICTORS, UNCALIBRATED, Score, Validation, Verdict

SCHEMA = "euexia-validation/1"
TABLE = "validation.csv"
SCORED = (Use.HOLDOUT, Use.CALIBRATION)
ABOUT = (
    "Every published figure that has a virtual twin, beside what the model predicts for one more trial of "
    "the same size, and beside two predictors that know no model."
)


def write_validation(folder: Path, validation: Validation) -> Path:
    """Write the page, its figures and its numbers into a new folder; return the path of the page.

    Raises InputError for a folder that is not empty, OutputError when it cannot be written.
    """
    check_folder(folder)
    return write_files(folder, validation_files(validation))


def validation_files(validation: Validation) -> dict[str, bytes]:
    """Return every file of a validation, by its path in the folder; equal arguments give equal bytes."""
    content = chapters(validation)
    drawings = Drawings()
    found: dict[str, bytes] = {}
    for chapter in content:
        for picture in chapter.pictures():
            found |= {f"{FIGURES}/{name}": file for name, file in drawings.files(picture).items()}
    page = render_plain(
        "Prediction of published trials",
        content,
        eyebrow="Why believe it",
        lead=words.sentences(validation),
        shows="simulated twins of published trials",
        parameters_hash=validation.parameters_hash,
        about=ABOUT,
        table=TABLE,
    )
    return found | {
        REPORT: page.encode(),
        RESULTS: to_json(validation).encode(),
        TABLE: table_text(validation).encode(),
    }


def chapters(validation: Validation) -> tuple[Chapter, ...]:
    """Return the chapters of the page."""
    curves = courses(validation)
    found: list[tuple[str, str, tuple[Block, ...]]] = [
        ("scores", "How well, and better than what", tuple(_scores(validation))),
        ("forest", "Every figure", (Drawn(picture=forest(validation)), _every(validation))),
    ]
    if curves is not None:
        found.append(("courses", "Survival and completion", (Drawn(picture=curves),)))
    found.append(("twins", "How like is compared with like", (_twins(validation),)))
    return tuple(Chapter(id=name, title=title, blocks=blocks) for name, title, blocks in found)


def _scores(validation: Validation) -> Iterator[Block]:
    yield coverage_table(validation)
    for use in SCORED:
        if validation.score(CALIBRATED, use).rows:
            yield error_table(validation, use)
            lost = tuple(words.not_beaten(validation, use))
            if lost:
                yield Prose(
                    text=f"Of the figures {words.USES[use]}, something errs less than the calibrated "
                    "model on: " + "; ".join(lost) + "."
                )
    missing = ", ".join(words.MEASURED[measured][0] for measured in words.NOT_MEASURED)
    yield Prose(text=f"Asked for but not printed by any verified row with a twin: {missing}.")


def coverage_table(validation: Validation) -> Table:
    """Return the coverage of both models, fitted and held out."""
    rows = []
    for predictor in (CALIBRATED, UNCALIBRATED):
        for use in SCORED:
            score = validation.score(predictor, use)
            count = sum(entry.target.use is use for entry in validation.verdicts)
            if not count:
                continue
            rows.append(
                (
                    words.NAMES[predictor],
                    words.USES[use],
                    str(count),
                    *(_share(score.coverage[which]) for which in ("narrow", "wide", "without")),
                )
            )
    return Table(
        caption="Coverage: published figures inside the prediction interval",
        columns=("Predictor", "Figures", "Number", "80 %", "95 %", "95 %, without discrepancy"),
        rows=tuple(rows),
        wordy=(1,),
        note="The two naive predictors give a number and no interval.",
    )


def _share(value: float) -> str:
    return percent(value, 0) if isfinite(value) else NOT_KNOWN


def error_table(validation: Validation, use: Use) -> Table:
    """Return the mean absolute error by what is measured, for all predictors on the same figures."""
    scores = [validation.score(predictor, use) for predictor in PREDICTORS]
    counts = scores[0].counts
    rows = [
        (
            f"{words.MEASURED[measured][0]} [{words.MEASURED[measured][1]}]",
            str(counts[measured]),
            *(words.mean_error(score, measured) for score in scores),
        )
        for measured in Measured
        if measured in counts
    ]
    rows.append(("All, in SDs of sampling and discrepancy", str(scores[0].rows), *map(_overall, scores)))
    return Table(
        caption=f"Mean absolute error, figures {words.USES[use]}",
        columns=("Measured", "Number", *(words.NAMES[predictor] for predictor in PREDICTORS)),
        rows=tuple(rows),
        note="Only figures that every predictor says something of.",
    )


def _overall(score: Score) -> str:
    return number(score.standardised, 2) if isfinite(score.standardised) else NOT_KNOWN


def _every(validation: Validation) -> Fold:
    rows = tuple(_cells(entry) for entry in validation.verdicts)
    return Fold(
        summary="The same as a table",
        blocks=(
            Table(
                caption="Published and predicted, in own units",
                columns=(
                    "Twin",
                    "Figure",
                    "Use",
                    "Published (SE)",
                    "Predicted",
                    "80 %",
                    "95 %",
                    "Error",
                    "Error in SE",
                    "Uncalibrated",
                    "Unit",
                ),
                rows=rows,
                wordy=(1, 2),
            ),
        ),
    )


def _cells(entry: Verdict) -> tuple[str, ...]:
    target, found = entry.target, entry.predictions[CALIBRATED]
    errors = entry.standard_errors(CALIBRATED)
    return (
        target.twin,
        words.label(target),
        words.USES[target.use] + ("" if target.verified else ", not verified"),
        words.printed(target),
        words.value(found.mean, target),
        words.interval(*found.narrow, target),
        words.interval(*found.wide, target),
        words.value(entry.error(CALIBRATED), target),
        number(errors, 1) if isfinite(errors) else NOT_KNOWN,
        words.value(entry.predictions[UNCALIBRATED].mean, target),
        words.unit_of(target),
    )


def _twins(validation: Validation) -> Listing:
    names = dict.fromkeys(entry.target.twin for entry in validation.verdicts)
    items = []
    for name in names:
        twin = load_twin(name)
        notes = dict.fromkeys(comparison.note for comparison in twin.comparisons.values() if comparison.note)
        items.append((f"{name} ({twin.study})", " ".join([twin.matched, *notes])))
    return Listing(items=tuple(items))


def table_text(validation: Validation) -> str:
    """Return the verdicts as CSV, canonical units."""
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(_flat(validation.verdicts[0])), lineterminator="\n")
    writer.writeheader()
    writer.writerows(_flat(entry) for entry in validation.verdicts)
    return out.getvalue()


def _flat(entry: Verdict) -> dict[str, Any]:
    target = entry.target
    row: dict[str, Any] = {
        "figure": target.name,
        "study": target.study,
        "row": target.comparison.row,
        "use": target.use.value,
        "verified": target.verified,
        "measured": target.measured.value,
        "unit": target.unit,
        "published": target.value,
        "standard_error": target.se,
        "standard_error_from": target.se_from,
        "discrepancy": target.discrepancy,
    }
    for predictor in PREDICTORS:
        found = entry.predictions[predictor]
        row[predictor] = _known(found.mean)
        if predictor in (CALIBRATED, UNCALIBRATED):
            for which in ("narrow", "wide", "without"):
                row[f"{predictor}_{which}_low"], row[f"{predictor}_{which}_high"] = map(
                    _known, getattr(found, which)
                )
    return {key: _short(value) for key, value in row.items()}


def _known(value: float) -> float | None:
    return value if isfinite(value) else None


def _short(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def to_json(validation: Validation) -> str:
    """Return everything as JSON."""
    content = {
        "schema": SCHEMA,
        "calibrated": validation.calibrated,
        "draws": validation.draws,
        "seed": validation.seed,
        "split_sha256": validation.split,
        "parameters_sha256": validation.parameters_hash,
        "scores": [_score(score) for score in validation.scores if score.use in SCORED and score.rows],
        "figures": [_flat(entry) for entry in validation.verdicts],
        "courses": [
            {
                "twin": curve.twin,
                "share": "alive" if curve.what.value == "dead" else "in_trial",
                "week": list(curve.weeks),
                "mean": [_short(float(v)) for v in curve.mean],
                "low": [_short(float(v)) for v in curve.low],
                "high": [_short(float(v)) for v in curve.high],
            }
            for curve in validation.curves
        ],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _score(score: Score) -> dict[str, Any]:
    return {
        "predictor": score.predictor,
        "use": score.use.value,
        "figures": score.rows,
        "coverage": {name: _short(value) for name, value in score.coverage.items() if isfinite(value)},
        "mean_absolute_error": {measured.value: _short(error) for measured, error in score.errors.items()},
        "mean_absolute_error_in_sds": _short(score.standardised) if isfinite(score.standardised) else None,
    }
