"""The search for a better design: which values of a protocol do best, from few simulations.

All designs live the same chance (common random numbers), so they differ by what they are.  A space of few
families of designs is simulated whole; of a large one, a spread of families first and then, batch by batch,
those that a surrogate thinks promising.  What is recommended is the best of many and looks better than it is;
it is simulated again with another seed, and that figure is the one to quote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from euexia import parameters as parameter_files
from euexia.core.errors import DataFileError, InputError
from euexia.parameters import ParameterSet
from euexia.protocol.loader import loads
from euexia.protocol.protocol import Protocol
from euexia.protocol.variation import changes_in_words, vary
from euexia.study import executor, feasibility, provenance, search_folder, surrogate
from euexia.study.costs import Costs
from euexia.study.operating import Estimate
from euexia.study.search_choice import ENOUGH, Beliefs, Chooser, Simulated
from euexia.study.search_goal import ALL_ARMS, Question
from euexia.study.search_simulation import Table, Task, simulate_families, tasks_of
from euexia.study.search_space import Space
from euexia.study.summary import mean
from euexia.study.trial_figures import ARM, COST

BATCH = 4
"""Families chosen at a time."""
FIRST_SHARE = 0.4
"""Share of the families that are spread over the space before the surrogate is asked."""
PATIENTS_ALONE = 8
"""Fewest families that a search by surrogate is given."""

MOST_FORESEEN = 20_000

Progress = Callable[[int, int], None]
"""Called with (families done, families planned at most)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Designs that are no valid protocol, and why."""

    points: tuple[int, ...]
    words: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found, before anything is confirmed."""

    space: Space
    question: Question
    parameters: ParameterSet
    costs: Costs
    trials: int
    seed: int
    simulated: tuple[Simulated, ...]
    """In the order of the designs."""
    left_out: tuple[LeftOut, ...]
    beliefs: Beliefs | None
    """Of every design (of the simulated ones where there are very many); None without a surrogate."""
    ranking: tuple[int, ...]
    """Simulated designs that meet the goals, the best first."""
    nearest: int
    families: int
    """Families that were simulated."""
    stopped: bool = False
    """Whether it was interrupted."""

    @property
    def is_grid(self) -> bool:
        """Return whether every valid design was simulated."""
        return len(self.simulated) + sum(len(e.points) for e in self.left_out) == self.space.points

    def values(self, point: int) -> Mapping[str, Estimate]:
        """Return the figures of a simulated design."""
        return next(entry.values for entry in self.simulated if entry.point == point)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a search is carried out."""

    trials: int
    seed: int
    families: int
    """Most families of designs to simulate."""
    folder: Path
    overlays: tuple[str, ...] = ()
    costs: Costs = field(default_factory=Costs)
    workers: int | None = None
    resume: bool = False


def search(space: Space, question: Question, plan: Plan, *, progress: Progress | None = None) -> Search:
    """Search the designs of a space.

    On KeyboardInterrupt what is finished is kept and judged.  Raises InputError for a plan that cannot be, or
    a space without any valid design; OutputError when the folder cannot be written.
    """
    if plan.trials < 2:
        raise InputError(f"{plan.trials} trials of a design say nothing. Give at least 2.")
    run = _Run(space=space, question=question, plan=plan)
    run.begin()
    stopped = False
    try:
        run.go(progress)
    except KeyboardInterrupt:
        stopped = True
    if not run.tables:
        if stopped:
            raise KeyboardInterrupt
        raise InputError(_nothing_valid(run.left_out))
    return run.finish(stopped=stopped)


def _nothing_valid(left_out: Sequence[LeftOut]) -> str:
    told = "\n".join(f"  - {entry.words}: {entry.reason}" for entry in left_out[:5])
    return f"None of the designs is a valid protocol. The first:\n{told}"


@dataclass(slots=True)
class _Run:
    """A search under way."""

    space: Space
    question: Question
    plan: Plan
    chooser: Chooser = field(init=False)
    chosen: ParameterSet = field(init=False)
    families: tuple[tuple[int, ...], ...] = field(init=False)
    tables: dict[int, Table] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    tried: set[int] = field(default_factory=set)
    judged: dict[int, Simulated] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chooser = Chooser(self.space, self.question)
        self.families = self.space.families
        self.chosen = parameter_files.load(overlays=self.plan.overlays)

    def begin(self) -> None:
        """Begin or take up the folder."""
        protocol = self.space.protocol
        asked = search_folder.Asked(
            protocol=protocol.id,
            vary=tuple(
                f"{axis.path}={','.join(axis.words(k) for k in range(len(axis.values)))}"
                for axis in self.space.axes
            ),
            trials=self.plan.trials,
            seed=self.plan.seed,
            overlays=self.plan.overlays,
            versions=provenance.versions(),
            hashes=provenance.hashes(protocol, self.chosen),
        )
        search_folder.begin(self.plan.folder, asked, resume=self.plan.resume)

    def go(self, progress: Progress | None) -> None:
        """Simulate family after family until enough is known."""
        everything = range(len(self.families))
        if len(self.families) <= self.plan.families:
            self._simulate(list(everything), progress)
            return
        if not surrogate.is_available():
            raise InputError(surrogate.MISSING)
        most = max(PATIENTS_ALONE, self.plan.families)
        first = max(PATIENTS_ALONE // 2, round(FIRST_SHARE * most))
        self._simulate(self.chooser.first(everything, first), progress)
        while len(self.tried) < most:
            batch = self._promising(min(BATCH, most - len(self.tried)))
            if not batch:
                return
            self._simulate(batch, progress)

    def _promising(self, count: int) -> list[int]:
        """Return the families to simulate next; none where no design promises enough."""
        open_families = [family for family in range(len(self.families)) if family not in self.tried]
        if not open_families:
            return []
        simulated = self._simulated()
        if not simulated:
            return self.chooser.first(open_families, count)
        points = sorted(
            {entry.point for entry in simulated}
            | {point for family in open_families for point in self.families[family]}
        )
        beliefs = self.chooser.beliefs(simulated, points)
        promise = self.chooser.promise(beliefs, simulated)
        best = {
            family: max(promise[beliefs.places[point]] for point in self.families[family])
            for family in open_families
        }
        ranked = sorted(open_families, key=lambda family: (-best[family], family))
        return [family for family in self._apart(ranked, count) if best[family] > ENOUGH]

    def _apart(self, ranked: Sequence[int], count: int) -> list[int]:
        """Return the best families that are no neighbours: a batch must not ask one thing twice."""
        chosen: list[int] = []
        for family in ranked:
            levels = np.array(self.space.levels(self.families[family][0]))
            others = (np.array(self.space.levels(self.families[other][0])) for other in chosen)
            if all(int(np.abs(levels - other).sum()) > 1 for other in others):
                chosen.append(family)
            if len(chosen) == count:
                break
        return chosen

    def _simulate(self, families: Sequence[int], progress: Progress | None) -> None:
        """Bring the figures of families: from the folder, or by simulation."""
        tasks: list[Task] = []
        designs: dict[int, tuple[int, ...]] = {}
        for family in families:
            self.tried.add(family)
            protocols = self._valid(family)
            points = tuple(protocols)
            if not points:
                continue
            kept = search_folder.read_tables(self.plan.folder, self._names(points), self.plan.trials)
            if kept is not None:
                self._take(points, kept)
                continue
            designs[family] = points
            tasks += tasks_of(
                family,
                list(protocols.values()),
                self.chosen,
                trials=self.plan.trials,
                seed=self.plan.seed,
            )
        crew = executor.Processes(self.plan.workers)
        planned = max(len(self.tried), min(self.plan.families, len(self.families)))
        done = len(self.tried) - len(designs)
        if progress is not None:
            progress(done, planned)
        for family, tables, _ in simulate_families(crew, tasks):
            search_folder.write_tables(self.plan.folder, self._names(designs[family]), tables)
            self._take(designs[family], tables)
            done += 1
            if progress is not None:
                progress(done, planned)

    def _take(self, points: Sequence[int], tables: Iterable[Table]) -> None:
        self.tables.update(zip(points, tables, strict=True))

    def _names(self, points: Sequence[int]) -> list[str]:
        return [search_folder.point_name(point, self.space.points) for point in points]

    def _valid(self, family: int) -> dict[int, Protocol]:
        """Return the designs of a family that are valid protocols, and note the others."""
        found: dict[int, Protocol] = {}
        refused: dict[str, list[int]] = {}
        for point in self.families[family]:
            try:
                found[point] = self._protocol(point)
            except InputError as error:
                refused.setdefault(_reason(error), []).append(point)
        for reason, points in refused.items():
            words = changes_in_words(self.space.changes(points[0]))
            more = f" (and {len(points) - 1} more)" if len(points) > 1 else ""
            self.left_out.append(LeftOut(points=tuple(points), words=words + more, reason=reason))
        return found

    def _protocol(self, point: int) -> Protocol:
        """Return a design, and write its file."""
        origin = self.space.protocol
        changes = self.space.changes(point)
        text = vary(origin.source_text, changes, file=origin.source_name)
        text = f"# {origin.source_name} with {changes_in_words(changes)}\n{text}"
        name = search_folder.point_name(point, self.space.points)
        protocol = loads(text, f"{name}.yaml")
        feasibility.check(protocol)
        search_folder.write_protocol(self.plan.folder, name, text)
        return protocol

    def _simulated(self) -> list[Simulated]:
        for point, table in self.tables.items():
            if point not in self.judged:
                values = {name: mean(values) for name, values in priced(table, self.plan.costs).items()}
                self.judged[point] = Simulated(point=point, values=values)
        return [self.judged[point] for point in sorted(self.judged)]

    def _foreseen(self, simulated: Sequence[Simulated]) -> Sequence[int]:
        """Return the designs whose figures are guessed in the end: all, unless they are very many."""
        if self.space.points <= MOST_FORESEEN:
            return range(self.space.points)
        return [entry.point for entry in simulated]

    def finish(self, *, stopped: bool) -> Search:
        """Return what was found."""
        simulated = self._simulated()
        beliefs = None
        if len(simulated) > 2 and surrogate.is_available():
            beliefs = self.chooser.beliefs(simulated, self._foreseen(simulated))
        return Search(
            space=self.space,
            question=self.question,
            parameters=self.chosen,
            costs=self.plan.costs,
            trials=self.plan.trials,
            seed=self.plan.seed,
            simulated=tuple(simulated),
            left_out=tuple(self.left_out),
            beliefs=beliefs,
            ranking=tuple(self.chooser.recommended(simulated, beliefs)),
            nearest=self.chooser.nearest(simulated, beliefs),
            families=len(self.tried),
            stopped=stopped,
        )


def _reason(error: InputError) -> str:
    """Return why a design is left out, in a line."""
    if isinstance(error, DataFileError):
        return "; ".join(f"{fault.place}: {fault.problem}" for fault in error.faults)
    return str(error).splitlines()[0]


def priced(table: Table, costs: Costs) -> Table:
    """Return the figures of trials with their cost, where it is known, and the power of all arms at once."""
    found = dict(table)
    arms = [values for name, values in table.items() if name.startswith(ARM)]
    found[ALL_ARMS] = np.min(arms, axis=0) if arms else table["success"]
    if costs.are_known and "duration" in table:
        found[COST] = costs.price(
            patients=table["patients"],
            visits=table["patients"] * table["visits"],
            screened=table["screened"],
            months=table["duration"],
        )
    return found
