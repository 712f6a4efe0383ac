"""From the data of one trial, real or simulated, to every analysis its protocol plans."""

from __future__ import annotations

import hashlib
import json
import platform
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from euexia.analyse.plan import look_up
from euexia.analyse.result import Result
from euexia.analyse.run import check_plan, estimate
from euexia.analyse.several import with_adjustment, without_adjustment
from euexia.core.choices import choose
from euexia.core.errors import InputError, NumericalError, TrialDataError
from euexia.endpoints import EndpointTable, derive
from euexia.protocol import fingerprint, shipped
from euexia.protocol.analysis_plan import Analysis
from euexia.protocol.protocol import Protocol
from euexia.standards.read import read as read_files
from euexia.standards.understanding import Understanding
from euexia.study import real_look
from euexia.trialdata.trialdata import TrialData
from euexia.version import __version__

Progress = Callable[[int, int, str], None]
"""Called before each analysis with how many are done, how many there are, and the name of the next."""
PACKAGES = ("numpy", "scipy")
"""Packages whose version can move a number of an analysis."""
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSource:
    """The data of one trial, and where they came from.

    path, mapping: as given.  hash: SHA-256 of the files and their names.
    """

    data: TrialData
    understanding: Understanding
    path: str
    mapping: str | None
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """A planned analysis that could not be done on these data at all, and why."""

    analysis: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialAnalysis:
    """Every analysis of a trial.

    table: the endpoints that could be derived.  results: in the order of the protocol.  remarks: what must
    be said of the analyses as a whole.  command: the command line that does all of it again.
    """

    protocol: Protocol
    source: TrialSource
    table: EndpointTable
    results: tuple[Result, ...]
    not_done: tuple[NotDone, ...]
    remarks: tuple[str, ...]
    versions: Mapping[str, str]
    hashes: Mapping[str, str]
    command: str


def read(path: Path | str, *, mapping: Path | str | None = None, protocol: Protocol) -> TrialSource:
    """Read the data of one trial: Euexia's own tables, or any standard that can be read.

    Raises InputError for files that are no trial data, or for more than one trial.
    """
    data, understanding = read_files(path, mapping, protocol)
    if data.trials != 1:
        raise InputError(
            f"'{path}' holds {data.trials} trials; an analysis is of one. Give the tables of one of them."
        )
    if understanding.standard == "own tables" and data.protocol_id != protocol.id:
        raise TrialDataError(
            f"'{path}' holds data of the trial '{data.protocol_id}', but the protocol is '{protocol.id}'. "
            "Give the protocol under which the data were collected."
        )
    return TrialSource(
        data=replace(data, protocol_id=protocol.id),
        understanding=understanding,
        path=str(path),
        mapping=None if mapping is None else str(mapping),
        hash=file_hash(Path(path), None if mapping is None else Path(mapping)),
    )


def file_hash(path: Path, mapping: Path | None = None) -> str:
    """Return the SHA-256 of a file, or of every file of a folder with its name, and of the mapping."""
    digest = hashlib.sha256()
    inside = sorted(part for part in path.rglob("*") if part.is_file()) if path.is_dir() else [path]
    for part in (*inside, *(() if mapping is None else (mapping,))):
        digest.update(part.name.encode())
        with part.open("rb") as stream:
            while block := stream.read(CHUNK):
                digest.update(block)
    return digest.hexdigest()


def analyse(
    source: TrialSource,
    protocol: Protocol,
    *,
    only: Sequence[str] = (),
    progress: Progress | None = None,
    look: str | None = None,
) -> TrialAnalysis:
    """Do every planned analysis of a trial, or those named.

    An analysis that the data do not allow is named with the reason; the others are done.
    look: an interim look of the protocol; only its analyses are done, on the data as they were on its day.
    Raises UnknownNameError for an analysis the protocol does not plan, InputError for a plan that cannot be
    done whatever the data, or when none of its analyses can be done on these.
    """
    check_plan(protocol)
    taken = None if look is None else real_look.take(source.data, protocol, look)
    if taken is not None:
        source = replace(source, data=taken.data)
        only = tuple(only) or taken.analyses
    wanted = _chosen(protocol, only)
    arms_only = replace(protocol, endpoints=(), analyses=())
    table = derive(source.data, arms_only)  # what is wrong with the data as a whole is said at once
    results: list[Result] = []
    not_done: list[NotDone] = []
    for done, analysis in enumerate(wanted):
        if progress is not None:
            progress(done, len(wanted), analysis.name)
        try:
            own = derive(source.data, _only(protocol, analysis))
            results.append(estimate(look_up(own, protocol, analysis, with_curves=True)))
        except (InputError, NumericalError) as error:
            not_done.append(NotDone(analysis=analysis.name, reason=str(error)))
            continue
        table = replace(
            table, endpoints={**table.endpoints, **own.endpoints}, columns={**table.columns, **own.columns}
        )
    if progress is not None:
        progress(len(wanted), len(wanted), "")
    if wanted and not results:
        listed = "\n".join(f"  - {each.analysis}: {each.reason}" for each in not_done)
        raise InputError(f"None of the analyses of '{protocol.id}' can be done on these data:\n{listed}")
    adjusted, remarks = _together(results, protocol)
    return TrialAnalysis(
        protocol=protocol,
        source=source,
        table=table,
        results=adjusted,
        not_done=tuple(not_done),
        remarks=(*(() if taken is None else taken.sentences), *remarks),
        versions=versions(),
        hashes={"protocol": fingerprint(protocol), "data": source.hash},
        command=command_line(source, protocol, only, look),
    )


def versions() -> dict[str, str]:
    """Return the versions of Euexia, Python and the packages that can move a number."""
    found = {name: metadata.version(name) for name in PACKAGES}
    return {"euexia": __version__, "python": platform.python_version(), **found}


def command_line(
    source: TrialSource, protocol: Protocol, only: Sequence[str] = (), look: str | None = None
) -> str:
    """Return the command line that does these analyses again."""
    words = ["euexia", "analyse", protocol_argument(protocol), source.path]
    if source.mapping is not None:
        words += ["--mapping", source.mapping]
    for name in only:
        words += ["--analysis", name]
    words += [] if look is None else ["--look", look]
    return shlex.join(words)


def python_lines(source: TrialSource, protocol: Protocol, analysis: str) -> str:
    """Return the Python that does one analysis again."""
    mapping = "" if source.mapping is None else f", mapping={json.dumps(source.mapping)}"
    return "\n".join(
        (
            "import euexia",
            "from euexia.study import real",
            "",
            f"protocol = euexia.load_protocol({json.dumps(protocol_argument(protocol))})",
            f"trial = real.read({json.dumps(source.path)}, protocol=protocol{mapping})",
            f"found = real.analyse(trial, protocol, only=[{json.dumps(analysis)}])",
            "print(found.results[0])",
        )
    )


def protocol_argument(protocol: Protocol) -> str:
    """Return what loads the protocol: its name if it ships with the package, else its file."""
    name = protocol.source_name
    if protocol.id in shipped() and (not name or name == f"{protocol.id}.yaml"):
        return protocol.id
    return name or protocol.id


def _chosen(protocol: Protocol, only: Sequence[str]) -> tuple[Analysis, ...]:
    named = {analysis.name: analysis for analysis in protocol.analyses}
    for name in only:
        choose("analysis", name, named, asked_in=f"protocol '{protocol.id}'")
    return tuple(analysis for analysis in protocol.analyses if not only or analysis.name in only)


def _only(protocol: Protocol, analysis: Analysis) -> Protocol:
    """Return the protocol with one analysis and its endpoint."""
    endpoints = tuple(endpoint for endpoint in protocol.endpoints if endpoint.name == analysis.endpoint)
    return replace(protocol, endpoints=endpoints, analyses=(analysis,))


def _together(results: Sequence[Result], protocol: Protocol) -> tuple[tuple[Result, ...], list[str]]:
    """Return the results with what several tests do to each other, and what must be said of that."""
    plan = protocol.multiplicity
    if plan is None:
        return tuple(without_adjustment(results, protocol)), []
    absent = list(_absent(plan.analyses, results))
    if not absent:
        return with_adjustment(results, plan), []
    return tuple(results), [
        f"The procedure '{plan.procedure.value}' decides over all its tests together, but "
        f"{', '.join(absent)} {'was' if len(absent) == 1 else 'were'} not done: no adjusted decision."
    ]


def _absent(names: Sequence[str], results: Sequence[Result]) -> Iterator[str]:
    done = {result.analysis for result in results}
    return (name for name in names if name not in done)
