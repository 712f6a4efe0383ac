"""The project XML of REDCap: a CDISC ODM file with the project's dictionary and, if asked for, its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from euexia.core.datafile import read_text
from euexia.core.errors import InputError
from euexia.formats.files import fault, refusal
from euexia.formats.redcap_dictionary import SYNONYMS, Dictionary, Field, FieldKind, choices_of, made
from euexia.formats.redcap_header import EVENT, INSTANCE, INSTRUMENT, STRUCTURE
from euexia.formats.tree import every, part, text
from euexia.formats.xml_tree import parse_xml

if TYPE_CHECKING:
    from pandas import DataFrame

KIND = "REDCap project XML"
FIRST = 4000


def is_project(path: Path) -> bool:
    """Say whether a file is the project XML of REDCap."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            first = file.read(FIRST)
    except OSError:
        return False
    return "<ODM" in first and "projectredcap.org" in first


def read_project(path: Path | str) -> tuple[Dictionary, DataFrame]:
    """Return the dictionary and the data (no rows if the file has none) as an export would write them."""
    place = Path(path)
    try:
        root, tree = parse_xml(read_text(place), place.name)
    except InputError as error:
        raise refusal(place.name, KIND, [fault("the file", str(error))]) from error
    if root != "ODM":
        raise refusal(place.name, KIND, [fault("the file", f"its root is '{root}', not 'ODM'.", line=1)])
    dictionary = _dictionary(tree, place.name)
    return dictionary, _frame(tree, dictionary)


def _dictionary(tree: Mapping[str, Any], file: str) -> Dictionary:
    version = part(tree, "Study", "MetaDataVersion")
    lists = {text(one, "@OID"): one for one in every(version, "CodeList")}
    items = {text(one, "@OID"): one for one in every(version, "ItemDef")}
    fields: dict[str, Field] = {}
    strange = {text(item, "@FieldType") for item in items.values()} - {"", *SYNONYMS, *FieldKind}
    if strange:
        faults = [fault("ItemDef", f"there is no field type '{kind}'.") for kind in sorted(strange)]
        raise refusal(file, KIND, faults)
    for group in every(version, "ItemGroupDef"):
        form = text(group, "@OID").partition(".")[0]
        for reference in every(group, "ItemRef"):
            item = items.get(text(reference, "@ItemOID"))
            if item is not None:
                found = _field(item, form, lists)
                if found.name != f"{form}_complete" and found.name not in STRUCTURE:
                    fields.setdefault(found.name, found)
    if not fields:
        raise refusal(file, KIND, [fault("MetaDataVersion", "holds no fields.", "Export the project again.")])
    codes = dict(choices_of(text(tree, "Study", "GlobalVariables", "MissingDataCodes")))
    return Dictionary(fields=tuple(fields.values()), missing_codes=codes)


def _field(item: Any, form: str, lists: Mapping[str, Any]) -> Field:
    listed = lists.get(text(item, "CodeListRef", "@CodeListOID"))
    kind = FieldKind(SYNONYMS.get(text(item, "@FieldType"), text(item, "@FieldType") or "text"))
    checkbox = text(listed, "@CheckboxChoices").replace("|", " | ")
    choices = " | ".join(
        f"{text(one, '@CodedValue')}, {_translated(one, 'Decode')}" for one in every(listed, "CodeListItem")
    )
    checks = {text(one, "@Comparator"): text(one, "CheckValue") for one in every(item, "RangeCheck")}
    entry = {
        "name": text(item, "@Variable"),
        "form": form,
        "label": _translated(item, "Question"),
        "choices": text(item, "@Calculation") or checkbox or choices,
        "validation": text(item, "@TextValidationType"),
        "low": checks.get("GE", ""),
        "high": checks.get("LE", ""),
        "branching": text(item, "@BranchingLogic"),
        "note": text(item, "@FieldNote"),
        "identifier": text(item, "@Identifier"),
    }
    return made(entry, kind)


def _translated(item: Any, name: str) -> str:
    found = part(item, name, "TranslatedText")
    return text(found, "#text") if isinstance(found, dict) else text(item, name, "TranslatedText")


def _frame(tree: Mapping[str, Any], dictionary: Dictionary) -> DataFrame:
    """Return the data as one table, a row for each record, event and repeated instance."""
    import pandas as pd

    repeating = {
        (text(one, "@UniqueEventName"), text(one, "@RepeatInstrument"))
        for one in every(
            tree, "Study", "GlobalVariables", "RepeatingInstrumentsAndEvents", "RepeatingInstruments",
            "RepeatingInstrument",
        )
    }  # fmt: skip
    events = {
        text(one, "@UniqueEventName")
        for one in every(
            tree, "Study", "GlobalVariables", "RepeatingInstrumentsAndEvents", "RepeatingEvents",
            "RepeatingEvent",
        )
    }  # fmt: skip
    only = len({event for event, _ in repeating}) <= 1
    rows: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for subject in every(tree, "ClinicalData", "SubjectData"):
        for event, event_key, form in _forms(subject):
            name = text(form, "@FormOID").removeprefix("Form.")
            repeats = (event, name) in repeating or (
                not event and only and name in {one for _, one in repeating}
            )
            instrument = name if repeats else ""
            instance = text(form, "@FormRepeatKey") if repeats else event_key if event in events else ""
            key = (text(subject, "@SubjectKey"), event, instrument, instance)
            cells = rows.setdefault(key, {})
            cells.update(_cells(form))
    table = [
        {
            **cells,
            dictionary.record_field: record,
            EVENT: event,
            INSTRUMENT: instrument,
            INSTANCE: instance,
        }
        for (record, event, instrument, instance), cells in rows.items()
    ]
    frame = pd.DataFrame(table, dtype=object).fillna("")
    frame = frame[
        [name for name in frame.columns if name not in (EVENT, INSTRUMENT, INSTANCE) or frame[name].any()]
    ]
    frame.index = range(2, len(frame) + 2)  # type: ignore[assignment]
    return frame


def _forms(subject: Any) -> Iterator[tuple[str, str, Any]]:
    """Give event, its repeat and data of each instrument of a record."""
    for form in every(subject, "FormData"):
        yield "", "", form
    for event in every(subject, "StudyEventData"):
        name = text(event, "@UniqueEventName") or text(event, "@StudyEventOID").removeprefix("Event.")
        for form in every(event, "FormData"):
            yield name, text(event, "@StudyEventRepeatKey"), form


def _cells(form: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for group in every(form, "ItemGroupData"):
        for item in every(group, "ItemData"):
            found[text(item, "@ItemOID")] = text(item, "@Value")
        for item in every(group, "ItemDataBase64Binary"):
            found[text(item, "@ItemOID")] = text(item, "@DocName") or "[document]"
    return found
