"""A mapping to begin with: what the names and labels of an export suggest, every guess marked as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from euexia.core import datafile
from euexia.core.errors import InputError, OutputError
from euexia.core.quantities import canonical_unit
from euexia.criteria import written_units
from euexia.criteria.measures import MEASURES
from euexia.formats import fhir
from euexia.formats.dataset import DataType
from euexia.formats.redcap import EVENT, Export
from euexia.formats.redcap_dictionary import FieldKind
from euexia.standards import plain_tables, redcap
from euexia.standards.mapping import TrialMapping
from euexia.standards.mapping_tables import Texts

_UNIT = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{4}")
_WEEK = re.compile(r"(week|month|day)_?(\d+)")
DAYS: Mapping[str, float] = {"day": 1.0, "week": 7.0, "month": 28.0}
BASELINE = ("baseline", "screening", "randomisation", "randomization")
LOOKED_AT = 200
EXAMPLE = ("export.csv", "dictionary.csv", "mapping.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """The content of ``data/standards/redcap_guesses.yaml``."""

    measures: Mapping[str, tuple[str, ...]]
    subjects: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One column of a table, as far as it is known without a mapping."""

    table: str
    name: str
    label: str
    is_date: bool
    choices: Mapping[str, str]
    is_identity: bool = False


@cache
def _guesses() -> Guesses:
    place = files("euexia.data") / "standards" / "redcap_guesses.yaml"
    return datafile.load(place, "list of words", Guesses)


def template(path: Path) -> str:
    """Return the text of a mapping for a REDCap export, a project XML or plain tables.

    Raises InputError for FHIR, which is read by its codes, and for files that cannot be read.
    """
    if fhir.is_fhir(path):
        raise InputError(
            f"'{path}' is FHIR: it is read by its codes, without a mapping. See 'euexia check {path}'."
        )
    if redcap.recognise(path, None) or (path.is_file() and redcap.export_and_dictionary(path)[1] is not None):
        return _of_redcap(path)
    return _of_tables(path)


def write_example(folder: Path) -> tuple[str, ...]:
    """Write the invented REDCap project into a folder that is new or empty; return the names of the files.

    Raises InputError for a folder that holds anything, OutputError when it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"'{folder}' exists and is not empty; nothing was changed. Choose another folder.")
    place = files("euexia.data") / "standards" / "examples" / "redcap"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in EXAMPLE:
            (folder / name).write_text((place / name).read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"'{folder}' cannot be written: {error.strerror or error}.") from error
    return EXAMPLE


def _of_redcap(path: Path) -> str:
    export = redcap.read_export(path, TrialMapping(), path.parent)
    dictionary = redcap.export_and_dictionary(path)[1]
    candidates = list(_fields(export))
    events = _events(export)
    lines = [*_head(path, export.dictionary.record_field)]
    lines += [f"dictionary: {dictionary.name}"] if dictionary is not None else []
    lines += _visits(events)
    return "\n".join([*lines, *_subjects(candidates), *_readings(candidates, EVENT if events else "")]) + "\n"


def _of_tables(path: Path) -> str:
    tables = plain_tables.tables_of(path, TrialMapping())
    if not tables:
        raise InputError(f"'{path}' holds no table (.csv, .tsv, .xlsx, .parquet).")
    candidates = [
        Candidate(table=name, name=column, label="", is_date=_looks_like_dates(texts), choices={})
        for name, table in tables.items()
        for column, texts in table.columns.items()
    ]
    first = candidates[0].name
    lines = [*_head(path, first), *_visits(())]
    return "\n".join([*lines, *_subjects(candidates), *_readings(candidates, "")]) + "\n"


def _head(path: Path, identifier: str) -> Iterator[str]:
    yield f"# What the columns of {path.name} mean for a trial.  Whatever has a 'guess' was guessed from"
    yield "# names and labels alone: look through it, correct it, and take the guess away."
    yield f"# euexia check {path.name} --mapping THIS_FILE"
    yield "trial: my-trial"
    yield f"identifier: {identifier}"
    yield "# arms: [placebo, drug]        # order of the arms; the first is the control"
    yield "# dates: dmy                   # for dates such as 31.12.2025; ISO dates need nothing"
    yield "# decimal: comma               # for numbers such as 75,3"
    yield '# missing: ["-99"]             # codes that say that nothing was read'


def _visits(events: Sequence[str]) -> list[str]:
    if not events:
        return ["# visits:", "#   week_4: {day: 28, first: 21, last: 35}"]
    lines = [
        "visits:                        # guess: planned days by the names of the events; say the windows"
    ]
    for event in events:
        name = re.sub(r"_arm_\d+[a-z]?$", "", event)
        found = _WEEK.search(name)
        day = "0" if any(word in name for word in BASELINE) else ""
        day = f"{DAYS[found.group(1)] * int(found.group(2)):g}" if found else day
        if day:
            lines.append(f"  {name}: {{day: {day}, names: [{event}], guess: by its name}}")
        else:
            lines.append(f"#  {name}: {{day: ?, names: [{event}]}}")
    is_empty = all(line.startswith("#") for line in lines[1:])
    return [f"# {lines[0]}", *lines[1:]] if is_empty else lines


def _subjects(candidates: Sequence[Candidate]) -> Iterator[str]:
    """Give the section of subjects: every fact whose words are met, as a guess."""
    yield "subjects:"
    met = 0
    table = ""
    for fact, words in _guesses().subjects.items():
        found = next((one for one in candidates if _matches(one, words) and _fits(one, fact)), None)
        if found is None:
            yield f"#  {fact}: {{column: ?}}"
            continue
        met += 1
        if not table:
            table = found.table
            yield f"  table: {_written(table)}"
        codes = ", ".join(f'"{code}": {_written(label)}' for code, label in found.choices.items())
        parts = [f"column: {_written(found.name)}"]
        parts += [f"table: {_written(found.table)}"] if found.table != table else []
        parts += [f"codes: {{{codes}}}"] if codes else []
        parts += [f"unit: {_unit_in(found, fact) or '?'}"] if fact == "height" else []
        parts += [f"guess: by its {'label' if found.label else 'name'}"]
        yield f"  {fact}: {{{', '.join(parts)}}}"
    if not met:
        yield "  table: ''"


def _readings(candidates: Sequence[Candidate], visit: str) -> Iterator[str]:
    """Give the section of readings: the columns of each table whose words are met, as guesses."""
    found: dict[str, list[tuple[Candidate, str]]] = {}
    for one in candidates:
        measure = next((name for name, words in _guesses().measures.items() if _matches(one, words)), "")
        if measure and not one.is_date and not one.is_identity:
            found.setdefault(one.table, []).append((one, measure))
    if not found:
        yield "# readings:"
        yield "#   - {table: ?, date: ?, columns: {weight: {measure: body_weight, unit: kg}}}"
        return
    yield "readings:"
    for table, columns in found.items():
        date = next((one.name for one in candidates if one.table == table and one.is_date), "")
        yield f"  - table: {_written(table)}"
        yield f"    date: {_written(date)}  # guess: the first column of dates" if date else "    # date: ?"
        if visit:
            yield f"    visit: {visit}"
        yield "    columns:"
        for one, measure in columns:
            unit = _unit_in(one, measure)
            needed = (
                canonical_unit(MEASURES[measure].kind) != "1" if not MEASURES[measure].is_coded else False
            )
            told = f", unit: {_written(unit)}" if unit else ", unit: '?'" if needed else ""
            why = f"by its {'label' if one.label else 'name'}"
            yield f"      {_written(one.name)}: {{measure: {measure}{told}, guess: {why}}}"


def _fields(export: Export) -> Iterator[Candidate]:
    labels = {field.name: field for field in export.dictionary.fields}
    for name, instrument in export.instruments.items():
        for variable in instrument.dataset.variables:
            field = labels.get(variable.name)
            if field is None or field.kind is FieldKind.CALC:
                continue
            yield Candidate(
                table=name,
                name=variable.name,
                label=field.label,
                is_date=variable.data_type in (DataType.DATE, DataType.DATETIME),
                choices=field.choices,
                is_identity=field.identifies or field.name == export.dictionary.record_field,
            )


def _events(export: Export) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for instrument in export.instruments.values():
        if EVENT in instrument.dataset:
            found.update(dict.fromkeys(event for event in instrument.dataset[EVENT] if event))
    return tuple(found)


def _matches(one: Candidate, words: Sequence[str]) -> bool:
    text = f" {one.name.lower()} {re.sub(r'[_.]+', ' ', one.name.lower())} {one.label.lower()} "
    return any(re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) for word in words)


def _fits(one: Candidate, fact: str) -> bool:
    dated = fact in ("randomised", "birth", "death", "withdrawal", "last_contact")
    return one.is_date == dated and not one.is_identity if fact != "birth" else one.is_date


def _unit_in(one: Candidate, measure: str) -> str:
    """Return the unit in the brackets of a label or at the end of a name, if it is one of the measure."""
    kind = MEASURES[measure].kind if measure in MEASURES else "height"
    for text in (*_UNIT.findall(one.label), one.name.rpartition("_")[2]):
        try:
            written_units.factor(text, measure, kind)
        except InputError:
            continue
        return str(text)
    return ""


def _looks_like_dates(texts: Texts) -> bool:
    filled = [text for text in texts[:LOOKED_AT] if text]
    return bool(filled) and all(_DATE.match(text) for text in filled)


def _written(text: str) -> str:
    """Return text as YAML writes it: quoted where it is not plain."""
    return text if re.fullmatch(r"[A-Za-z_][\w /%.-]*", text) else "'" + text.replace("'", "''") + "'"
