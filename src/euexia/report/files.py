"""Write a report: the page, the results for programs and the figures, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

from euexia.analyse.result import Result
from euexia.core.errors import OutputError
from euexia.core.whole_file import write_whole
from euexia.endpoints import EndpointTable, derive
from euexia.parameters import ParameterSet
from euexia.protocol.protocol import Protocol
from euexia.report import page, results
from euexia.report.drawing import Drawings
from euexia.report.material import Material
from euexia.study.convergence import Convergence
from euexia.study.operating import OperatingCharacteristics
from euexia.study.provenance import Provenance
from euexia.study.stopping import Stopping
from euexia.trialdata.trialdata import TrialData

REPORT = "report.html"
RESULTS = "results.json"
FIGURES = "figures"


def write(
    folder: Path | str,
    *,
    protocol: Protocol,
    data: TrialData,
    results: tuple[Result, ...],
    provenance: Provenance,
    parameters: ParameterSet,
    operating: OperatingCharacteristics | None = None,
    endpoints: EndpointTable | None = None,
    convergence: tuple[Convergence, ...] = (),
    stopping: Stopping | None = None,
) -> Path:
    """Write ``report.html``, ``results.json`` and ``figures/`` into a folder; return the report's path.

    data: the trial (or stack of trials) shown; its first trial is the example read patient by patient.
    results: its planned analyses.  operating: with it the report is of the design, over many simulated
    trials; without it, of ``data`` alone.  endpoints: derived from ``data`` when not given.
    convergence, stopping: how the figures of ``operating`` settled, and how a stopping rule ended.

    Equal arguments give equal bytes.  Raises OutputError when a file cannot be written.
    """
    material = Material(
        protocol=protocol,
        data=data,
        results=results,
        table=derive(data, protocol) if endpoints is None else endpoints,
        provenance=provenance,
        parameters=parameters,
        operating=operating,
        convergence=convergence,
        stopping=stopping,
    )
    return write_files(Path(folder), files(material))


def files(material: Material) -> dict[str, bytes]:
    """Return every file of a report, by its path inside the folder."""
    content = page.chapters(material)
    drawings = Drawings()
    found: dict[str, bytes] = {}
    for chapter in content:
        for picture in chapter.pictures():
            for name, file in drawings.files(picture).items():
                found[f"{FIGURES}/{name}"] = file
    shown = page.render(material, content, drawings.inline_svg)
    return found | {REPORT: shown.encode(), RESULTS: results.to_json(material).encode()}


def write_files(folder: Path, contents: dict[str, bytes]) -> Path:
    """Write files by their path inside a folder, each whole or not at all; return the path of the report."""
    try:
        (folder / FIGURES).mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_whole(folder / name, content)
    except OSError as error:
        raise OutputError(
            f"The report could not be written to '{folder}': {error.strerror or error}. "
            "Choose another folder, or make room."
        ) from error
    return folder / REPORT
