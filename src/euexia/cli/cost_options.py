"""Options that say what a trial costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euexia.core.errors import InputError

if TYPE_CHECKING:
    from euexia.study.costs import Costs

CostFile = Annotated[
    Path | None,
    typer.Option(
        "--costs",
        help="YAML file of costs: per_patient, per_visit, per_candidate, per_month, currency.",
        show_default="none",
    ),
]
PatientCost = Annotated[float, typer.Option(min=0, help="Cost of a randomised patient.")]
VisitCost = Annotated[float, typer.Option(min=0, help="Cost of a planned visit of a patient.")]
CandidateCost = Annotated[float, typer.Option(min=0, help="Cost of a screened candidate.")]
MonthCost = Annotated[float, typer.Option(min=0, help="Cost of a month of the trial.")]


def costs_of(file: Path | None, patient: float, visit: float, candidate: float, month: float) -> Costs:
    """Return the costs of a file, or of the options; raise InputError for both."""
    from euexia.study.costs import Costs, checked, load_costs

    if file is None:
        return checked(Costs(per_patient=patient, per_visit=visit, per_candidate=candidate, per_month=month))
    if any((patient, visit, candidate, month)):
        raise InputError(f"Costs are given in '{file}' and as options. Give them in one of the two.")
    return load_costs(file)
