"""Read every REDCap project and FHIR file of a folder: what was found in each, and what was not understood.

    python benchmarks/records.py FOLDER

FOLDER holds ``redcap_samples`` (folders with data.csv, a dictionary or project.xml) and ``fhir_samples``.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from euexia.core.errors import EuexiaError
from euexia.formats import fhir, redcap
from euexia.standards.read import read


def main() -> None:
    """Print a line for each file, and a line for each kind of remark."""
    folder = Path(sys.argv[1])
    for project in sorted(path for path in (folder / "redcap_samples").iterdir() if path.is_dir()):
        for line in of_project(project):
            print(line)
    for path in (*sorted((folder / "fhir_samples").glob("*json")), folder / "fhir_samples"):
        for line in of_resources(path):
            print(line)


def of_project(folder: Path) -> Iterator[str]:
    """Give what reading each export of a project found, with each of its dictionaries."""
    dictionaries = [path for path in sorted(folder.glob("*.csv")) if redcap.is_dictionary(path)]
    projects = [path for path in sorted(folder.glob("*.xml")) if redcap.is_project(path)]
    exports = [path for path in sorted(folder.glob("*.csv")) if path not in dictionaries]
    pairs = [(export, known) for export in exports for known in (*dictionaries, *projects)]
    for path, dictionary in (*pairs, *((project, None) for project in projects)):
        begun = time.perf_counter()
        found = redcap.read(path, dictionary, keep_going=True)
        seconds = time.perf_counter() - begun
        told = ", ".join(f"{name} {one.dataset.records}" for name, one in found.instruments.items())
        faults = sum(len(one) for one in found.faults.values())
        beside = f" + {dictionary.name}" if dictionary else ""
        name = f"{folder.name}/{path.name}{beside}"
        yield f"{name}: {told} rows; {len(found.notes)} notes, {faults} faults; {seconds:.2f} s"
        yield from (f"    {fault}" for one in found.faults.values() for fault in one)


def of_resources(path: Path) -> Iterator[str]:
    """Give what reading a file or folder of resources found."""
    begun = time.perf_counter()
    resources = fhir.read(path)
    counts = ", ".join(f"{kind} {len(ones)}" for kind, ones in resources.resources.items())
    yield f"{path.name}: {counts}; {len(resources.notes)} notes"
    try:
        data, understanding = read(path)
    except EuexiaError as error:
        yield f"    refused: {error}"
        return
    readings = {name: int((part.value == part.value).sum()) for name, part in data.readings.items()}
    topics = Counter(f"{remark.level.value} ({remark.topic})" for remark in understanding.remarks)
    yield f"    {data.size} subjects; readings {readings}; {time.perf_counter() - begun:.2f} s"
    yield from (f"    {count} remarks {topic}" for topic, count in topics.items())


if __name__ == "__main__":
    main()
