"""The few lines that a run leaves on the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from euexia.study.operating import Estimate, OperatingCharacteristics
    from euexia.study.replicate import StudyResult


def summarise(study: StudyResult) -> RenderableType:
    """Return response rates, power, type I error and the answer, each with its Monte-Carlo error."""
    operating = study.operating
    from euexia.study.answer import look_sentences

    said = dict.fromkeys((*operating.answer[:1], *look_sentences(operating)))
    answer = (Text(f"\n{sentence}") for sentence in said)
    return Group(Text(), _arms(operating), Text(), _analyses(study), *answer)


def _arms(operating: OperatingCharacteristics) -> Table:
    run = f"{operating.trials} trials of {operating.size} patients, seed {operating.seed}"
    table = Table(title=f"{operating.protocol_id}: {run}", title_justify="left", title_style="bold")
    table.add_column("Arm")
    table.add_column("Patients", justify="right")
    if any(arm.responder_rate.trials for arm in operating.as_modelled.arms):
        _add_responses(table, operating)
    else:
        _add_disposition(table, operating)
    return table


def _add_responses(table: Table, operating: OperatingCharacteristics) -> None:
    table.add_column("Responders, drug as modelled", justify="right")
    table.add_column("Responders, drug without effect", justify="right")
    without = {arm.arm: arm for arm in operating.without_effect.arms}
    for arm in operating.as_modelled.arms:
        null = without[arm.arm].responder_rate
        table.add_row(arm.label, f"{round(arm.patients, 1):g}", percent(arm.responder_rate), percent(null))


def _add_disposition(table: Table, operating: OperatingCharacteristics) -> None:
    """Say what became of the patients, where nobody responds or fails to."""
    shown = ("completed", "died", "withdrew")
    for name in shown:
        table.add_column(name.capitalize(), justify="right")
    for arm in operating.as_modelled.arms:
        shares = (percent(arm.disposition[name]) for name in shown)
        table.add_row(arm.label, f"{round(arm.patients, 1):g}", *shares)


def _analyses(study: StudyResult) -> Table:
    table = Table(caption="± is one Monte-Carlo standard error.", caption_justify="left")
    table.add_column("Primary analysis")
    table.add_column("Power as modelled", justify="right")
    table.add_column("Type I error", justify="right")
    table.add_column("Exact power as hoped", justify="right")
    for row in _rows(study):
        table.add_row(*row)
    return table


def _rows(study: StudyResult) -> Iterator[tuple[str, str, str, str]]:
    labels = {arm.name: arm.label for arm in study.protocol.arms}
    endpoints = {endpoint.name: endpoint.label for endpoint in study.protocol.endpoints}
    null = {analysis.analysis: analysis.rejection for analysis in study.operating.without_effect.analyses}
    planned = {analysis.name: analysis for analysis in study.protocol.analyses}
    primary = [analysis for analysis in study.operating.as_modelled.analyses if analysis.primary]
    several = len({analysis.endpoint for analysis in primary}) > 1
    for analysis in primary:
        plan = planned[analysis.analysis]
        against = labels[analysis.control] if analysis.control else f"{100 * (plan.null or 0):g} %"
        power = study.operating.design.get(analysis.analysis, {}).get("power")
        hoped = f"{100 * power:.2f} % at {100 * plan.alternative:g} %" if power and plan.alternative else "–"
        about = f"{endpoints[analysis.endpoint]}: " if several else ""
        name = f"{about}{labels[analysis.arm]} against {against}"
        yield name, rejections(analysis.rejection), rejections(null[analysis.analysis]), hoped


def percent(estimate: Estimate) -> str:
    """Return a share in per cent, with one Monte-Carlo standard error."""
    if estimate.trials == 0:
        return "no trial"
    decimals = 1 if 100 * estimate.error >= 1 else 2
    return f"{100 * estimate.value:.{decimals}f} ± {100 * estimate.error:.{decimals}f} %"


def rejections(estimate: Estimate) -> str:
    """Return how often a test rejects; for never and always, of how many trials."""
    if estimate.value in (0, 1) and estimate.trials:
        return f"{'none' if estimate.value == 0 else 'all'} of {estimate.trials} trials"
    return percent(estimate)
