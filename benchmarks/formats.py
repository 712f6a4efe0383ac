"""Read every dataset of a folder, or time 250,000 laboratory rows against pyreadstat and pandas.

    python benchmarks/formats.py FOLDER [--encoding NAME]   datasets, rows, notes; equality of formats
    python benchmarks/formats.py --speed [ROWS]             seconds and peak memory, with ratios

Each timing runs in a process of its own; memory is its highest resident size less that before the work (from
/proc, so on Linux only). pyreadstat is timed where it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

DEFAULT_ROWS = 250_000
RUNS = 3
PANDAS_JSON = """
with open("lb.json", encoding="utf-8") as file:
    read = json.load(file)
frame = pandas.DataFrame(read["rows"], columns=[one["name"] for one in read["columns"]])
"""
RELATIVE = 1e-11  # official files print doubles with 12 digits

MEASURE = """
import pathlib, sys, time
sys.path[:0] = {paths!r}
def status(name):
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
{imports}
pathlib.Path("/proc/self/clear_refs").write_text("5")  # the highest size starts anew
before = status("VmRSS")
begin = time.perf_counter()
{work}
seconds = time.perf_counter() - begin
print(seconds, status("VmHWM") - before)
"""


def main() -> None:
    """Print one of the two tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--encoding", default="cp1252", help="for files that are not UTF-8")
    parser.add_argument("--speed", nargs="?", type=int, const=DEFAULT_ROWS, metavar="ROWS")
    chosen = parser.parse_args()
    if chosen.folder is None and chosen.speed is None:
        parser.error("give a folder, or --speed")
    if chosen.folder is not None:
        print_folder(chosen.folder, chosen.encoding)
    if chosen.speed is not None:
        print_speed(chosen.speed)


def print_folder(folder: Path, encoding: str) -> None:
    """Read every file below a folder; print what came of it, and whether formats agree."""
    from euexia.core.errors import DataFileError
    from euexia.formats.dataset import NoteKind
    from euexia.formats.read import ending_format, read

    paths = [
        one
        for one in sorted(folder.rglob("*"))
        if one.is_file() and ending_format(one) is not None and "schema" not in one.name
    ]
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    twins = defaultdict(list)
    for path in paths:
        kind = "".join(path.suffixes[-2:]).lower() if path.suffix == ".gz" else path.suffix.lower()
        row = counts[f"{path.relative_to(folder).parts[0]}  {kind}" if path.parent != folder else kind]
        row[0] += 1
        try:
            datasets = read(path)
        except DataFileError as error:
            print(f"refused: {error}".replace(str(folder), "."))
            row[4] += 1
            try:
                datasets = read(path, encoding=encoding)
                print(f"  read with encoding {encoding}")
            except DataFileError:
                continue
        for dataset in datasets:
            row[1] += 1
            row[2] += dataset.records
            row[3] += sum(note.kind is NoteKind.ODD for note in dataset.notes)
            twins[path.name.split(".")[0]].append((path, dataset))
    print(f"\n{'':48} files datasets      rows  odd  refused at first")
    for name, (files, datasets_read, rows, odd, refused) in sorted(counts.items()):
        print(f"{name:48} {files:5} {datasets_read:8} {rows:9,} {odd:4} {refused:5}")
    print_equality(folder, {name: several for name, several in twins.items() if len(several) > 1})


def print_equality(folder, twins) -> None:
    """Say where the same dataset differs between formats."""
    from euexia.formats import tables
    from euexia.formats.compare import differences

    same = nearly = 0
    print()
    for several in twins.values():
        typed = next(
            (dataset for path, dataset in several if not path.name.endswith(".csv.gz")), several[0][1]
        )
        for path, dataset in several:
            if dataset is typed:
                continue
            if path.name.endswith(".csv.gz"):
                dataset = tables.read_csv(path, variables=typed.variables)
            found = differences(typed, dataset)
            same += not found
            nearly += bool(found) and not differences(typed, dataset, relative=RELATIVE)
            for one in found:
                print(f"{path.relative_to(folder)}: {one}")
    pairs = sum(len(several) - 1 for several in twins.values())
    print(
        f"\n{pairs} pairs of files of the same dataset: {same} equal to the last bit and character, {nearly}"
    )
    print(f"within {RELATIVE:g} (a printed file has 12 digits), {pairs - same - nearly} different.")


def laboratory(rows: int):
    """Make laboratory rows of the shape of LB, from formulas, without chance."""
    import numpy as np

    from euexia.formats.dataset import DataType, Metadata, Variable, number_column, of_columns, text_column

    index = np.arange(rows)
    tests = ["ALB", "ALT", "AST", "BILI", "CREAT", "CRP", "GDF15", "HGB", "NEUT", "PLAT"]
    value = np.round(20 + 15 * np.sin(index * 0.37) + (index % 977) / 97, 2)
    day = np.datetime64("2024-01-01") + (index % 400)
    texts = {
        "STUDYID": np.full(rows, "EUX-LAB").tolist(),
        "DOMAIN": np.full(rows, "LB").tolist(),
        "USUBJID": [f"EUX-LAB-{number // 250:05d}" for number in index.tolist()],
        "LBTESTCD": [tests[number % 10] for number in index.tolist()],
        "LBTEST": [f"Measurement of {tests[number % 10]} in serum or plasma" for number in index.tolist()],
        "LBCAT": ["CHEMISTRY" if number % 3 else "HAEMATOLOGY" for number in index.tolist()],
        "LBORRES": [f"{number:.2f}" for number in value.tolist()],
        "LBORRESU": ["g/L" if number % 2 else "U/L" for number in index.tolist()],
        "LBSTRESC": [f"{number:.2f}" for number in value.tolist()],
        "LBSTRESU": ["g/L" if number % 2 else "U/L" for number in index.tolist()],
        "LBNRIND": ["HIGH" if number % 11 == 0 else None for number in index.tolist()],
        "VISIT": [f"WEEK {number % 25}" for number in index.tolist()],
        "LBDTC": day.astype(str).tolist(),
    }
    numbers = {
        "LBSEQ": index % 250 + 1.0,
        "LBSTRESN": np.where(index % 53 == 0, np.nan, value),
        "LBSTNRLO": np.full(rows, 10.5),
        "LBSTNRHI": np.full(rows, 40.25),
        "VISITNUM": index % 25 + 0.0,
        "LBDY": index % 400 + 1.0,
    }
    columns = {name: text_column(column) for name, column in texts.items()}
    columns |= {name: number_column(column) for name, column in numbers.items()}
    described = [Variable(name=name, label=name.title()) for name in texts]
    described += [Variable(name=name, label=name.title(), data_type=DataType.FLOAT) for name in numbers]
    made = of_columns("LB", columns, label="Laboratory", variables=described)
    from dataclasses import replace

    return replace(made, metadata=Metadata(created="2026-01-01T00:00:00"))


def print_speed(rows: int) -> None:
    """Time reading and writing against pyreadstat and pandas alone."""
    from euexia.formats import dataset_json, xpt

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = laboratory(rows)
        xpt.write(folder / "lb.xpt", made)
        dataset_json.write(folder / "lb.json", made)
        made.frame().to_pickle(folder / "lb.pickle")
        sizes = {one: (folder / one).stat().st_size / 1e6 for one in ("lb.xpt", "lb.json")}
        shown = ", ".join(f"{one} {size:.0f} MB" for one, size in sizes.items())
        print(f"{rows:,} rows of {len(made.names)} variables; {shown}")
        del made
        ours_first = "import euexia.formats.read, euexia.formats.xpt as x, euexia.formats.dataset_json as j"
        ours_first += ", pyarrow, pickle"
        pandas_first = "import pandas, json"
        tasks = [
            ("XPT read", "euexia", ours_first, "x.read('lb.xpt')"),
            ("XPT read", "pandas", pandas_first,
             "pandas.read_sas('lb.xpt', format='xport', encoding='utf-8')"),
            ("XPT read", "pyreadstat", "import pyreadstat, pandas", "pyreadstat.read_xport('lb.xpt')"),
            ("JSON read", "euexia", ours_first, "j.read('lb.json')"),
            ("JSON read", "pandas", pandas_first, PANDAS_JSON),
            ("XPT write", "euexia", ours_first + "; d = x.read('lb.xpt')[0]", "x.write('out.xpt', d)"),
            ("XPT write", "pyreadstat", "import pyreadstat, pandas; f = pandas.read_pickle('lb.pickle')",
             "pyreadstat.write_xport(f, 'out.xpt', file_format_version=5)"),
            ("JSON write", "euexia", ours_first + "; d = x.read('lb.xpt')[0]", "j.write('out.json', d)"),
            ("JSON write", "pandas", "import pandas; f = pandas.read_pickle('lb.pickle')",
             "f.to_json('out.json', orient='split', index=False)"),
        ]  # fmt: skip
        best: dict[tuple[str, str], tuple[float, float]] = {}
        for _ in range(RUNS):
            for job, who, imports, work in tasks:
                if who == "pyreadstat" and importlib.util.find_spec("pyreadstat") is None:
                    continue
                seconds, memory = measured(imports, work, folder)
                old = best.get((job, who), (seconds, memory))
                best[(job, who)] = (min(old[0], seconds), min(old[1], memory))
        for (job, who), (seconds, memory) in best.items():
            mine = best[(job, "euexia")]
            times, sizes_ratio = seconds / mine[0], memory / max(mine[1], 1)
            ratio = f"   {times:5.1f} x the time, {sizes_ratio:5.1f} x the memory"
            print(f"{job:11} {who:11} {seconds:7.2f} s {memory:8.0f} MiB{ratio}")


def measured(imports: str, work: str, folder: Path) -> tuple[float, float]:
    """Run some work in a process of its own; its seconds and the memory it added, in MiB."""
    code = MEASURE.format(paths=sys.path, imports=imports, work=work)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


if __name__ == "__main__":
    main()
