"""Reports in folders of their own: of many simulated trials, or of trials that are handed over."""

from __future__ import annotations

from pathlib import Path

from euexia import parameters as parameter_files
from euexia.analyse.result import Result
from euexia.core.errors import OutputError
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.report.files import write
from euexia.study import provenance, store
from euexia.study.provenance import Provenance
from euexia.study.replicate import StudyResult
from euexia.trialdata.trialdata import TrialData

PYTHON = """import euexia
protocol = euexia.load_protocol({protocol!r})
data = euexia.simulate(protocol, trials={trials}{seed})
endpoints = euexia.derive(data, protocol)
results = euexia.analyse(endpoints, protocol)
euexia.report("report", protocol=protocol, data=data, results=results{seed})"""


def write_study(folder: Path | str, study: StudyResult) -> Path:
    """Write the report of a run into its folder, and return the path of the report.

    The folder is the one that ``study.replicate.run`` kept the trials in.  Raises OutputError when the report
    cannot be written; the trials are kept.
    """

    def write_report(place: Path) -> Path:
        try:
            return write(
                place,
                protocol=study.protocol,
                data=study.example,
                results=study.example_results,
                operating=study.operating,
                provenance=study.provenance,
                parameters=study.parameters,
                convergence=study.convergence,
                stopping=study.stopping,
            )
        except OutputError as error:
            # the place is a staging folder; the store says it of the folder that was asked for
            raise (error.__cause__ if isinstance(error.__cause__, OSError) else error) from None

    return store.conclude(Path(folder), study, write_report)


def write_trials(
    folder: Path | str,
    *,
    protocol: Protocol,
    data: TrialData,
    results: tuple[Result, ...],
    seed: int | None = None,
    parameters: ParameterSet | None = None,
) -> Path:
    """Write a report of trials into a new folder and return the path of the report.

    results: the planned analyses of ``data``.  seed: what ``data`` was simulated with, to be named.
    parameters: of the model that simulated ``data``; the reference set if None.
    Raises InputError for a folder that is not empty, and OutputError when it cannot be written.
    """
    store.check_folder(Path(folder))
    chosen = parameter_files.load() if parameters is None else parameters
    named = "" if seed is None else f", seed={seed}"
    made = Provenance(
        seed=seed,
        versions=provenance.versions(),
        hashes=provenance.hashes(protocol, chosen),
        command="",
        python=PYTHON.format(protocol=protocol.id, trials=data.trials, seed=named),
    )
    return write(folder, protocol=protocol, data=data, results=results, provenance=made, parameters=chosen)
