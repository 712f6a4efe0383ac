"""A run on disk while it grows: a manifest and parts of consecutive trials, each whole or not there at all.

What is on disk at any moment can be continued: a part is written beside its place and moved there in one
step, and only then named in the manifest, which is replaced in one step too.  A part that is not as the
manifest says is set aside and computed again.  One process at a time may write.

Parts end at fixed trials.  One that had to end earlier is taken up again by a run that goes on, so that the
folder of an interrupted run is in the end that of a run without interruption, byte for byte.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from euexia.core.errors import InputError, OutputError
from euexia.core.whole_file import write_whole
from euexia.study import parts
from euexia.study.block import Block
from euexia.study.folder_lock import LOCK, locked
from euexia.study.series import SeriesBlock, add_all

MANIFEST = "manifest.json"
FORMAT = "euexia-run/2"
PARTS, PROTOCOL = "parts", "protocol.yaml"
GOES_ON = "--resume goes on from there."
"""How the note of an error ends that tells what is kept."""
STAGING = ".part-"
"""How the names of parts begin that are not whole yet."""
DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part as the manifest names it: its folder, which trials it holds, and the SHA-256 of its tables."""

    name: str
    first_trial: int
    trials: int
    tables: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run is made from, and how far it has come."""

    protocol: str
    size: int
    seed: int
    planned_trials: int
    versions: Mapping[str, str]
    hashes: Mapping[str, str]
    overlays: tuple[str, ...]
    command: str
    trials_per_part: int = 1
    until: str = ""
    """The stopping rule; empty where the number of trials alone decides."""
    met: bool = False
    """Whether the stopping rule ended the run."""
    parts: tuple[Part, ...] = ()

    @property
    def trials(self) -> int:
        """Return how many trials are on disk."""
        return sum(part.trials for part in self.parts)

    @property
    def is_complete(self) -> bool:
        """Return whether every planned trial is there, or as many as the stopping rule asked for."""
        return self.met or self.trials >= self.planned_trials

    def same_run(self, other: Manifest) -> tuple[str, ...]:
        """Return in words everything in which another run could not continue this one."""
        pairs = [
            (what, str(getattr(self, what)), str(getattr(other, what)))
            for what in ("protocol", "size", "seed")
        ]
        for kind, mine, theirs in (
            ("hash of the", self.hashes, other.hashes),
            ("version of", self.versions, other.versions),
        ):
            names = sorted({*mine, *theirs})
            pairs += [(f"{kind} {name}", _short(mine.get(name)), _short(theirs.get(name))) for name in names]
        return tuple(f"{what} {there} there, {now} now" for what, there, now in pairs if there != now)


def _short(text: str | None) -> str:
    return "none" if text is None else text[:12]


def load_manifest(folder: Path) -> Manifest:
    """Return the manifest of a run folder.  Raises InputError for what is none, or one of another form."""
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"The folder '{folder}' is no run of Euexia: it holds no {MANIFEST}.")
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"'{path}' cannot be read: {error}. The run cannot be continued; start a new one."
        ) from error
    if written.get("format") != FORMAT:
        raise InputError(
            f"'{path}' has the form '{written.get('format')}'; this version of Euexia writes '{FORMAT}'. Use "
            "the version that made it, or start a new run."
        )
    kept: dict[str, Any] = {name: written[name] for name in Manifest.__dataclass_fields__ if name in written}
    try:
        kept["overlays"] = tuple(kept["overlays"])
        kept["parts"] = tuple(Part(**part) for part in kept["parts"])
        return Manifest(**kept)
    except (KeyError, TypeError) as error:
        raise InputError(f"'{path}' lacks what a manifest must say ({error}). Start a new run.") from error


@dataclass(slots=True)
class RunFolder:
    """A run folder that this process writes; without a folder nothing is kept."""

    folder: Path | None
    manifest: Manifest
    set_aside: tuple[str, ...] = ()
    """Parts that were not as the manifest said."""
    _waiting: list[tuple[Block, Block]] = field(default_factory=list)
    """Blocks of the next part, without their readings."""
    _series: dict[str, SeriesBlock] = field(default_factory=dict)
    """The readings of the waiting blocks, summed at once: they are most of what a block holds."""
    _reopened: tuple[Part, ...] = ()
    """The last part, where it ended early: its trials go into the part that takes its place."""

    def blocks(self) -> Iterator[tuple[Block, Block]]:
        """Yield the trials on disk, in order; each part is read when it is asked for."""
        if self.folder is None:
            return
        for part in self.manifest.parts:
            found = parts.read_part(self.folder / PARTS / part.name)
            yield found
            if part is self.manifest.parts[-1] and self._ends_early(part):
                self._wait(*found)
                self._reopened = (part,)

    def _ends_early(self, part: Part) -> bool:
        """Return whether a part begins where parts begin, but does not end where they end."""
        per_part = self.manifest.trials_per_part
        return part.first_trial % per_part == 0 and part.trials < per_part

    def append(self, modelled: Block, without_effect: Block) -> None:
        """Add the next trials; they reach the disk when a part is full.  Raises OutputError."""
        if self.folder is None:
            return
        self._wait(modelled, without_effect)
        if (modelled.first_trial + modelled.trials) % self.manifest.trials_per_part == 0:
            self.flush()

    def _wait(self, modelled: Block, without_effect: Block) -> None:
        self._series |= add_all(self._series, modelled.series)
        self._waiting.append((replace(modelled, series={}), without_effect))

    def flush(self) -> None:
        """Write what is waiting as a part, whole or not at all.  Raises OutputError."""
        if self.folder is None or len(self._waiting) == len(self._reopened):
            return
        modelled = replace(parts.join([block for block, _ in self._waiting]), series=self._series)
        without_effect = parts.join([block for _, block in self._waiting])
        kept = tuple(part for part in self.manifest.parts if part not in self._reopened)
        full = (modelled.first_trial + modelled.trials) % self.manifest.trials_per_part == 0
        name = f"{len(kept):06d}" if full else f"{len(kept):06d}-{modelled.trials}"
        try:
            tables = self._write(name, modelled, without_effect)
            part = Part(name=name, first_trial=modelled.first_trial, trials=modelled.trials, tables=tables)
            manifest = replace(self.manifest, parts=(*kept, part))
            write_manifest(self.folder, manifest)
            self.manifest = manifest
        except OSError as error:
            raise not_written(self.folder, error) from error
        for earlier in self._reopened:
            shutil.rmtree(self.folder / PARTS / earlier.name, ignore_errors=True)
        self._waiting, self._series, self._reopened = [], {}, ()

    def _write(self, name: str, modelled: Block, without_effect: Block) -> dict[str, str]:
        """Put a part in its place in one step, and return the SHA-256 of its tables.  Raises OSError."""
        assert self.folder is not None
        target = self.folder / PARTS / name
        staging = Path(tempfile.mkdtemp(dir=self.folder / PARTS, prefix=STAGING))
        try:
            parts.write_part(staging, modelled, without_effect)
            tables = {table: _digest(staging / f"{table}.parquet") for table in parts.tables_of(modelled)}
            staging.chmod(0o755)
            if target.exists():  # written, but not named in the manifest before the process ended
                shutil.rmtree(target)
            staging.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return tables

    def conclude(self, *, met: bool) -> None:
        """Write what is waiting, and whether the stopping rule ended the run.  Raises OutputError."""
        self.flush()
        if self.folder is None or self.manifest.met == met:
            return
        self.manifest = replace(self.manifest, met=met)
        try:
            write_manifest(self.folder, self.manifest)
        except OSError as error:
            raise not_written(self.folder, error) from error


def not_written(folder: Path, error: OSError) -> OutputError:
    """Return the error of a run that could not go on being written."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    why = "the disk is full" if full else str(error.strerror or error)
    way_out = "Make room" if full else "See to the folder"
    return OutputError(
        f"The run in '{folder}' could not be written further: {why}. The trials that are there are kept. "
        f"{way_out}, then continue with --resume."
    )


def write_manifest(folder: Path, manifest: Manifest, **more: Any) -> None:
    """Replace the manifest in one step.  Raises OSError."""
    content = {
        "format": FORMAT,
        "complete": manifest.is_complete,
        "trials": manifest.trials,
        **{name: getattr(manifest, name) for name in Manifest.__dataclass_fields__ if name != "parts"},
        **more,
        "parts": [
            {name: getattr(part, name) for name in Part.__dataclass_fields__} for part in manifest.parts
        ],
    }
    write_whole(folder / MANIFEST, (json.dumps(content, indent=1) + "\n").encode())


@contextmanager
def opened(
    folder: Path | None, manifest: Manifest, *, resume: bool, protocol_text: str
) -> Iterator[RunFolder]:
    """Open a run folder for writing: a new one, or with ``resume`` one that has begun; None keeps nothing.

    manifest: of the run that is asked for.  With ``resume`` the trials on disk are checked against their own
    manifest, and kept; the planned number of trials may have grown.  Whatever error ends the run, the trials
    that are finished are written first.  Raises InputError for another run's folder or a folder that is in
    use, OutputError when it cannot be written.
    """
    if folder is None:
        yield RunFolder(folder=None, manifest=manifest)
        return
    with ExitStack() as held:
        try:
            (folder / PARTS).mkdir(parents=True, exist_ok=True)
            held.enter_context(locked(folder))
            run = _resumed(folder, manifest) if resume else _begun(folder, manifest, protocol_text)
        except OSError as error:
            raise not_written(folder, error) from error
        try:
            yield run
        except OutputError:
            raise
        except BaseException as error:
            run.flush()
            there, planned = run.manifest.trials, run.manifest.planned_trials
            if not there and not resume:
                _undo(folder)
                raise
            error.add_note(f"{there} of {planned} trials are kept in '{folder}'; {GOES_ON}")
            raise


def _begun(folder: Path, manifest: Manifest, protocol_text: str) -> RunFolder:
    (folder / PROTOCOL).write_text(protocol_text, encoding="utf-8")
    write_manifest(folder, manifest)
    return RunFolder(folder=folder, manifest=manifest)


def _undo(folder: Path) -> None:
    """Remove what was begun of a run that came to nothing, and the folder where nothing else is in it."""
    for name in (MANIFEST, PROTOCOL, LOCK):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / PARTS, ignore_errors=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _resumed(folder: Path, asked: Manifest) -> RunFolder:
    found = load_manifest(folder)
    differences = found.same_run(asked)
    if differences:
        lines = "\n".join(f"  - {difference}" for difference in differences)
        raise InputError(
            f"The run in '{folder}' cannot be continued by this one; its trials would be others:\n{lines}\n"
            "Give what it was made with, or start a new run with another --out."
        )
    kept, damaged = checked(folder, found.parts)
    for part in damaged:
        _set_aside(folder, part)
    for leftover in leftovers(folder, replace(found, parts=kept)):
        shutil.rmtree(leftover, ignore_errors=True)
    planned = max(asked.planned_trials, sum(part.trials for part in kept))
    manifest = replace(
        asked,
        parts=kept,
        planned_trials=planned,
        command=asked.command or found.command,
        trials_per_part=found.trials_per_part,
    )
    write_manifest(folder, manifest)
    return RunFolder(folder=folder, manifest=manifest, set_aside=tuple(part.name for part in damaged))


def checked(folder: Path, named: Sequence[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return the parts that follow each other without a gap and are as written, and the others."""
    kept: list[Part] = []
    expected = 0
    for index, part in enumerate(named):
        place = folder / PARTS / part.name
        whole = part.first_trial == expected and all(
            (place / f"{table}.parquet").is_file() and _digest(place / f"{table}.parquet") == digest
            for table, digest in part.tables.items()
        )
        if not whole:
            return tuple(kept), tuple(named[index:])
        kept.append(part)
        expected += part.trials
    return tuple(kept), ()


def leftovers(folder: Path, manifest: Manifest) -> tuple[Path, ...]:
    """Return what ended processes left among the parts: begun and not finished, or replaced by others."""
    named = {part.name for part in manifest.parts}
    return tuple(place for place in sorted((folder / PARTS).glob("*")) if place.name not in named)


def _set_aside(folder: Path, part: Part) -> None:
    place = folder / PARTS / part.name
    if place.exists():
        aside = folder / DAMAGED
        aside.mkdir(exist_ok=True)
        shutil.rmtree(aside / part.name, ignore_errors=True)
        place.rename(aside / part.name)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
