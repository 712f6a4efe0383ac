"""Read a trial's registry record in any of the forms in which ClinicalTrials.gov gives it away."""

from __future__ import annotations

import json
from typing import Any

from euexia.core.errors import InputError
from euexia.formats.registry_current import is_current, read_current
from euexia.formats.registry_legacy import is_legacy, parse_legacy, read_legacy
from euexia.formats.registry_record import RegistryRecord
from euexia.formats.registry_table import is_table, read_table


def is_structured(written: str) -> bool:
    """Return whether a text is a record as JSON, XML or table, rather than as lines."""
    return written.lstrip("\ufeff \t\r\n")[:1] in ("{", "<", "[") or is_table(written)


def read_registry_record(written: str, name: str) -> RegistryRecord:
    """Return a record given as JSON (API version 2, or the old form), XML (the old form) or table (CSV).

    written: the text of the file.  name: the file's, for messages.  Raises InputError, also for a record
    without arms, interventions or outcomes, and for a file that holds several records.
    """
    record = read_table(written, name) if is_table(written) else _read(_tree(written, name), name)
    missing = [
        what
        for what, entries in (
            ("a title", record.title),
            ("interventions", record.interventions),
            ("primary outcomes", record.primary),
        )
        if not entries
    ]
    if missing:
        raise InputError(
            f"{name} is a registry record without {' and without '.join(missing)}; no protocol can be begun "
            "from it. Is it an observational study, or cut short?"
        )
    return record


def _tree(written: str, name: str) -> Any:
    if written.lstrip("\ufeff \t\r\n").startswith("<"):
        return parse_legacy(written.lstrip("\ufeff"), name)
    try:
        return json.loads(written.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        raise InputError(
            f"{name} is not valid JSON (line {error.lineno}, column {error.colno}): {error.msg}. Is it "
            "complete?"
        ) from error


def _read(tree: Any, name: str) -> RegistryRecord:
    if isinstance(tree, dict) and isinstance(tree.get("studies"), list):
        tree = tree["studies"]
    if isinstance(tree, list):
        if len(tree) != 1:
            raise InputError(f"{name} holds {len(tree)} records. Give one record a file.")
        tree = tree[0]
    if is_current(tree):
        return read_current(tree)
    if is_legacy(tree):
        return read_legacy(tree)
    raise InputError(
        f"{name} is no ClinicalTrials.gov record: it has neither 'protocolSection' (API version 2) nor "
        "'id_info' (the older form). Download the study as JSON from its page."
    )
