"""REDCap: exports of data with their dictionary, and project XML, as tidy datasets.

``read(export, dictionary)`` reads raw and labelled CSV exports of classic and longitudinal projects, with
repeated instruments and events; ``read(project.xml)`` a project XML that holds its data.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from euexia.core.errors import InputError
from euexia.formats.redcap_dictionary import Dictionary, is_dictionary, read_dictionary
from euexia.formats.redcap_export import Export, divide
from euexia.formats.redcap_header import EVENT, INSTANCE, INSTRUMENT
from euexia.formats.redcap_odm import is_project, read_project
from euexia.formats.text_cells import read_pieces
from euexia.formats.text_numbers import Decimal

__all__ = [
    "EVENT",
    "INSTANCE",
    "INSTRUMENT",
    "Dictionary",
    "Export",
    "is_dictionary",
    "is_project",
    "read",
    "read_dictionary",
    "read_project",
]


def read(
    path: Path | str,
    dictionary: Path | str | Dictionary | None = None,
    *,
    decimal: Decimal | None = None,
    missing: Collection[str] = (),
    encoding: str = "utf-8",
    keep_going: bool = False,
) -> Export:
    """Return the instruments of an export as tidy datasets.

    dictionary: the project's data dictionary or project XML; not needed for a project XML with data.
    decimal, missing: the decimal mark and missing-data codes where the files do not tell.  keep_going: leave
    cells that cannot be read missing and return their faults, instead of raising.
    Raises InputError without a dictionary, DataFileError with every fault.
    """
    place = Path(path)
    if is_project(place):
        found, frame = read_project(place)
        if frame.empty:
            raise InputError(f"'{place}' holds no data, only the project. Export it again with its data.")
        export = divide(frame, found, place.name, decimal=decimal, missing=missing)
    else:
        known = _dictionary(place, dictionary, encoding)
        import pandas as pd

        frame = pd.concat(list(read_pieces(place, encoding)))
        export = divide(frame, known, place.name, decimal=decimal, missing=missing)
    if not keep_going:
        export.refuse()
    return export


def _dictionary(place: Path, given: Path | str | Dictionary | None, encoding: str) -> Dictionary:
    if given is None:
        raise InputError(
            f"'{place}' cannot be read as a REDCap export without its data dictionary: what a code means, "
            "which columns are boxes of one question and how dates are entered stands there alone. Download "
            "the dictionary of the project and give it too."
        )
    if isinstance(given, Dictionary):
        return given
    source = Path(given)
    return read_project(source)[0] if is_project(source) else read_dictionary(source, encoding=encoding)
