"""Every row of the proof run: the product's value beside that of the document and of the published trial.

Run: ``python benchmarks/scenarios.py`` (under a minute).  Changes from day 0 in kg, of FAACT in points; CRP
is the value at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from builders.scenarios import BASELINE, BASELINE_NAMES, SCENARIOS, Proof

SHORT = {
    "body_weight": "weight",
    "fat_mass": "fat",
    "lean_mass_dxa": "lean",
    "handgrip_strength": "grip",
    "faact_acs": "FAACT",
    "crp": "CRP",
}


def main() -> None:
    """Print the table."""
    proof = Proof()
    print(f"{'baseline: product / document':32s}" + "".join(f"{name:>20s}" for name in BASELINE))
    found = {name: proof.baseline(name) for name in BASELINE}
    for place, quantity in enumerate(BASELINE_NAMES):
        cells = (f"{found[name][place]:10.2f} /{row[place]:8g}" for name, (_, row) in BASELINE.items())
        print(f"{quantity:32s}" + "".join(cells))
    print()
    print(f"{'scenario':44s} {'measure':7s} {'product':>8s} {'document':>8s} {'published':>9s}")
    for row in SCENARIOS:
        changes = proof.simulate(row)
        for name, expected in row.document.items():
            published = f"{row.published[name]:9.2f}" if name in row.published else " " * 9
            note = f"  {row.argued[name]}" if name in row.argued else ""
            print(f"{row.name:44s} {SHORT[name]:7s} {changes[name]:8.2f} {expected:8.2f} {published}{note}")


if __name__ == "__main__":
    main()
