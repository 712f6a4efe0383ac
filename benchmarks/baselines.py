"""Virtual patients beside published baselines, and what selection does to them.

Run: ``python benchmarks/baselines.py`` (half a minute).  ``--write PAGE`` puts the tables between the marks
of a page, ``--figures FOLDER`` draws regression to the mean.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from builders.selection import crp_above, crp_course, weight_slopes
from euexia import parameters
from euexia.report.dots import dots_svg
from euexia.study import baseline

DAYS = {
    "-7": "screening, day -7",
    "0": "baseline, day 0",
    "3": "day 3",
    "7": "day 7",
    "14": "day 14",
    "28": "day 28",
}
QUARTERS = {
    "": "all patients",
    "_quick": "the quarter that had lost most",
    "_slow": "the quarter that had lost least",
}
LIMIT = 30.0
FAR = 0.25


def baselines() -> str:
    """Return the table of baselines as Markdown."""
    rows = [
        "| | of | published (SD) | simulated (SD) | standardised difference | study |",
        "|---|---|---|---|---|---|",
    ]
    for line in baseline.compare():
        how = f", {line.summary.value}" if line.spread is not None else ""
        unit = f" [{line.unit}]" if line.unit else ""
        who = f"enrolled in `{line.who}`" if line.enrolled else f"referred, `{line.who}`"
        apart = f"{line.apart:+.2f}"
        told = f"**{apart}**" if abs(line.apart) > FAR else apart
        seen = "" if line.verified else ", not seen at the source"
        remark = f" ({line.remark})" if line.remark else ""
        rows.append(
            f"| {line.label}{how}{unit} | {who} | {_number(line.published, line.published_sd)}{seen} "
            f"| {_number(line.simulated, line.spread)} | {told} | `{line.study}`{remark} |".replace(
                "-0.", "−0."
            )
        )
    return "\n".join(rows)


def _number(value: float, deviation: float | None) -> str:
    return f"{value:.2f}" if deviation is None else f"{value:.2f} ({deviation:.2f})"


def selection() -> tuple[str, dict[str, str]]:
    """Return the table of regression to the mean, and its figures by file name."""
    before = weight_slopes(parameters.load())
    after = weight_slopes(parameters.load(overlays=("known_misfits",)))
    course, (first, second) = crp_course(), crp_above(LIMIT)
    rows = [
        "| change of weight, placebo of ROMANA 1 [% a month] | before | in the trial, reference set "
        "| in the trial, mechanisms on |",
        "|---|---|---|---|",
        *(
            f"| {label} | {before['before' + key]:.2f} | {before['in_trial' + key]:.2f} "
            f"| {after['in_trial' + key]:.2f} |"
            for key, label in QUARTERS.items()
        ),
        "",
        "| CRP, those enrolled for 30 mg/L or more, no drug effect | geometric mean [mg/L] |",
        "|---|---|",
        *(f"| {label} | {course[day]:.0f} |" for day, label in DAYS.items()),
        "",
        f"At screening {100 * first:.0f} % have a reading above 30 mg/L, on day 0 {100 * second:.0f} %.",
    ]
    series = {
        "before the trial": [before["before" + key] for key in QUARTERS],
        "in the trial, reference set": [before["in_trial" + key] for key in QUARTERS],
        "in the trial, mechanisms on": [after["in_trial" + key] for key in QUARTERS],
    }
    weight = dots_svg(
        list(QUARTERS.values()), series, title="Who is chosen for loss of weight loses less afterwards",
        second="Placebo of ROMANA 1, six simulated trials; readings on the scales",
        across="change of weight [% a month]", line=0.0, line_label="no change",
    )  # fmt: skip
    crp = dots_svg(
        list(DAYS.values()), {"reading, geometric mean": [course[day] for day in DAYS]},
        title="Who is chosen for a high CRP has a lower one at the next visit",
        second="Patients enrolled for 30 mg/L or more, no effect of the drug, four simulated trials",
        across="C-reactive protein [mg/L]", line=course["-7"], line_label="at screening",
    )  # fmt: skip
    return "\n".join(rows).replace("| -", "| −"), {"selection-weight.svg": weight, "selection-crp.svg": crp}


def put(page: str, mark: str, text: str) -> str:
    """Return a page with a text between its marks."""
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    head, _, rest = page.partition(begin)
    return f"{head}{begin}\n{text}\n{end}{rest.partition(end)[2]}"


def main() -> None:
    """Print the tables; write them into a page and draw the figures where asked."""
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--write", type=Path, help="page with the marks of the tables")
    reader.add_argument("--figures", type=Path, help="folder for the figures")
    asked = reader.parse_args()
    compared, (selected, figures) = baselines(), selection()
    print(compared, selected, sep="\n\n")
    if asked.write is not None:
        page = put(asked.write.read_text(encoding="utf-8"), "baselines", compared)
        asked.write.write_text(put(page, "selection", selected), encoding="utf-8")
    if asked.figures is not None:
        for name, text in figures.items():
            (asked.figures / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
