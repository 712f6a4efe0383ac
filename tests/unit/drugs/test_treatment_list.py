"""The list of treatments in the documentation is the registry."""

from __future__ import annotations

import re
from pathlib import Path

from euexia import drugs, parameters

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "treatments.md"


def test_every_treatment_is_listed_with_its_highest_amount() -> None:
    """Name and highest amount of every row are those of the product, in its order."""
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (\S+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    chosen = parameters.load()
    assert rows == [(name, f"{drugs.highest_amount(name, chosen):g}") for name in drugs.DRUGS]
