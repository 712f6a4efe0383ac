"""Runs that are kept: an ordinary run folder with its report, written by a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import os
import secrets
import shlex
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from euexia import protocol as protocols
from euexia.core.errors import EuexiaError
from euexia.studio.designs import Design
from euexia.studio.runs import OVER, STEPS, UNEXPECTED, Order, Run, Runs, State
from euexia.study import run_registry

PROTOCOL = "protocol.yaml"
NICE = 10
"""Kept runs give way to the designs that somebody looks at."""
FIGURES, PROGRESS, DONE, FAILED = "figures", "progress", "done", "failed"
EXTRA = "-downloads"
"""Ending of the folder beside a run's own that holds what a run folder does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAsked:
    """What the process of a kept run is told."""

    text: str
    name: str
    trials: int
    seed: int
    folder: Path


@dataclass(slots=True, kw_only=True)
class KeptRun(Run):
    """A run with a folder."""

    folder: Path
    _process: Any = None
    _waiting: threading.Event = field(default_factory=threading.Event)

    @property
    def extra(self) -> Path:
        """Return the folder of what is written besides the run's own files."""
        return self.folder.with_name(f"{self.folder.name}{EXTRA}")

    def entry(self) -> dict[str, Any]:
        """Return the run as a list shows it, with its folder and how to go on with it."""
        order = self.order
        words = ["euexia", "run", str(self.folder / PROTOCOL), "--trials", str(order.trials)]
        words += ["--seed", str(order.seed), "--out", str(self.folder), "--resume"]
        return {**Run.entry(self), "folder": str(self.folder), "resume": shlex.join(words)}

    def stop(self) -> None:
        """End the process; the parts that are written stay."""
        if self._process is not None:
            self._process.kill()


class Keeper:
    """Writes kept runs, a few at a time."""

    def __init__(self, runs: Runs, folder: Path, at_once: int = 1) -> None:
        self._runs = runs
        self._folder = folder
        self._places = threading.Semaphore(at_once)
        self._lock = threading.Lock()
        self._kept: list[KeptRun] = []

    def begin(self, order: Order) -> KeptRun:
        """Queue a kept run.  Raises InputError, TooManyError."""
        self._runs.check(order)
        with self._lock:
            folder = self._free(order.design.start)
            run = KeptRun(id=secrets.token_hex(8), order=order, session=order.session, folder=folder)
            self._runs.enter(run)
            self._kept.append(run)
        threading.Thread(target=self._follow, args=(run,), daemon=True).start()
        return run

    def restore(self) -> None:
        """List the runs that earlier studios have left in the folder, the newest first."""
        if not self._folder.is_dir():
            return
        found = [run for run in run_registry.find([self._folder]) if run.manifest is not None]
        for run in sorted(found, key=lambda run: run.changed, reverse=True):
            try:
                self._runs.restore(_earlier(run))
            except EuexiaError:  # a folder that was changed by hand is listed by ``euexia runs``, not here
                continue

    def close(self) -> None:
        """End every process; what is written stays and can be continued."""
        for run in self._kept:
            run.finish(State.CANCELLED)
            run.stop()

    def _free(self, name: str) -> Path:
        taken = {run.folder for run in self._kept}
        number = 1
        while (folder := self._folder / f"{name}-{number:04d}").exists() or folder in taken:
            number += 1
        return folder

    def _follow(self, run: KeptRun) -> None:
        """Wait for a place, start the process, and tell what it says."""
        with self._places:
            if run.state in OVER:
                return
            try:
                self._work(run)
            except (EOFError, OSError):
                run.finish(State.FAILED, f"The run ended by itself. It goes on with: {run.entry()['resume']}")

    def _work(self, run: KeptRun) -> None:
        order = run.order
        asked = KeepAsked(
            text=order.design.yaml,
            name=PROTOCOL,
            trials=order.trials,
            seed=order.seed,
            folder=run.folder,
        )
        context = multiprocessing.get_context("spawn")
        pipe, other_end = context.Pipe(duplex=False)
        run._process = context.Process(target=keep, args=(other_end, asked), daemon=True)
        run._process.start()
        other_end.close()
        run.state = State.RUNNING
        try:
            while run.state not in OVER:
                _take(run, *pipe.recv())
        except EOFError:
            if run.state not in OVER:
                raise
        finally:
            run.stop()
            run._process.join()
            pipe.close()


def _earlier(found: run_registry.Run) -> KeptRun:
    """Return a run of an earlier studio.  Raises InputError for a folder without its protocol."""
    manifest = found.manifest
    assert manifest is not None
    protocol = protocols.load(found.folder / PROTOCOL)
    design = Design(
        start=protocol.id, yaml=protocol.source_text, controls=(), differences=(), protocol=protocol
    )
    order = Order(
        design=design,
        protocol=protocol,
        changes={},
        trials=manifest.planned_trials,
        seed=manifest.seed,
        label=found.folder.name,
        session="",
        tab="",
        background=True,
    )
    is_done = found.state is run_registry.State.COMPLETE
    run = KeptRun(
        id=secrets.token_hex(8),
        order=order,
        folder=found.folder,
        state=State.DONE if is_done else State.CANCELLED,
        done=manifest.trials,
        started=found.changed,
    )
    run.message = "" if is_done else f"It was not finished. It goes on with: {run.entry()['resume']}"
    return run


def _take(run: KeptRun, kind: str, content: Any) -> None:
    if kind == PROGRESS:
        run.done = max(run.done, content)
        run.version += 1
    elif kind == FIGURES:
        run.done = content["trials"]
        run.show(content)
    elif kind == DONE:
        run.finish(State.DONE)
    else:
        run.finish(State.FAILED, content)


def keep(pipe: Any, asked: KeepAsked) -> None:
    """Simulate, write the run folder and its report, and say how far it is; runs in a process of its own."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    try:
        _keep(pipe, asked)
        pipe.send((DONE, None))
    except EuexiaError as error:
        pipe.send((FAILED, str(error)))
    except Exception as error:  # goes to whoever asked, whatever it is
        pipe.send((FAILED, f"{UNEXPECTED} ({type(error).__name__})."))


def _keep(pipe: Any, asked: KeepAsked) -> None:
    from euexia.report import write_study
    from euexia.studio.snapshots import snapshot
    from euexia.study import replicate

    protocol = protocols.loads(asked.text, asked.name)
    asked.folder.parent.mkdir(parents=True, exist_ok=True)
    command = shlex.join(
        ["euexia", "run", PROTOCOL, "--trials", str(asked.trials), "--seed", str(asked.seed)]
    )
    steps = [step for step in STEPS if step < asked.trials]
    for step in (*steps, asked.trials):
        study = replicate.run(
            protocol,
            trials=step,
            seed=asked.seed,
            workers=1,
            folder=asked.folder,
            resume=(asked.folder / "manifest.json").exists(),
            progress=lambda done, planned: pipe.send((PROGRESS, done)),
            command=command,
        )
        figures = snapshot(protocol, study.operating, planned=asked.trials, hits={}, each={})
        pipe.send((FIGURES, figures))
    write_study(asked.folder, study)
    _write_extra(asked.folder.with_name(f"{asked.folder.name}{EXTRA}"), study)


def _write_extra(folder: Path, study: Any) -> None:
    """Write the page in plain words, and the first trial as CDISC datasets."""
    import shutil
    import tempfile

    from euexia.report.plain_language import plain_page
    from euexia.report.plain_language_facts import of_operating
    from euexia.report.plain_language_page import full_page
    from euexia.standards import export

    folder.mkdir(parents=True, exist_ok=True)
    page = full_page(plain_page(study.protocol, of_operating(study.operating)))
    (folder / "plain.html").write_text(page, encoding="utf-8")
    for standard in export.Standard:
        with tempfile.TemporaryDirectory() as place:
            target = Path(place) / standard.value
            export.write(target, study.example, standard, export.FileFormat.XPT, protocol=study.protocol)
            shutil.make_archive(str(folder / standard.value), "zip", root_dir=place)


def as_json(figures: Mapping[str, Any]) -> str:
    """Return figures as JSON text."""
    return json.dumps(figures, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
