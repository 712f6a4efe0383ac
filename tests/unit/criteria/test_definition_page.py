"""The page of every definition: complete, up to date, and plain about what was not checked."""

from pathlib import Path

import pytest

from euexia.criteria.catalogue import DEFINITIONS
from euexia.criteria.definition import CATEGORY, FLAG, Definition, Input
from euexia.criteria.definition_page import checked, markdown, unit

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "definitions.md"


def test_the_page_is_up_to_date():
    """To write it again: ``euexia definitions --format markdown > docs/reference/definitions.md``."""
    assert PAGE.read_text(encoding="utf-8") == markdown(DEFINITIONS)


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_every_definition_has_its_row_with_source_and_options(name):
    definition = DEFINITIONS[name]
    (row,) = [line for line in markdown(DEFINITIONS).splitlines() if line.startswith(f"| `{name}` (")]
    assert definition.source.rstrip(".").replace("|", "\\|") in row
    assert all(f"`{option}`: " in row for option in definition.options)
    assert row.endswith(f"{checked(definition)} |".replace("||", "|"))


def test_every_reading_has_its_row():
    rows = [line for line in markdown(DEFINITIONS).splitlines() if line.startswith("| `")]
    for definition in DEFINITIONS.values():
        for entry in definition.inputs:
            assert any(row.startswith(f"| `{entry.name}` | ") for row in rows), entry.name


def items(*numbers, **changes):
    """Give the readings of numbered items."""
    return tuple(Input(name=f"item_{number}", kind="points", meaning="x", **changes) for number in numbers)


def made(**changes):
    """Give a definition, with something about it changed."""
    return Definition(id="made", version="1", source="Someone 2000", source_verified=True, **changes)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (items(1, 2, 3), "| `item_1` to `item_3` points |"),
        (items(9, 10, 12), "| `item_9` to `item_10` points, `item_12` points |"),
        ((*items(1), *items(2, required=False)), "| `item_1` points, [`item_2` points] |"),
    ],
)
def test_numbered_items_are_gathered_where_they_are_alike(inputs, said):
    assert said in markdown({"made": made(inputs=inputs)})


def test_units_are_said_in_words():
    assert unit(Input(name="a", kind=FLAG, meaning="x")) == "yes/no"
    assert (
        unit(Input(name="a", kind=CATEGORY, meaning="x", categories=("big", "small"))) == "one of big, small"
    )
    assert unit(Input(name="a", kind="fraction", meaning="x")) == "fraction"
    assert unit(Input(name="a", kind="mass", meaning="x")) == "kg"


def test_what_was_not_checked_is_named():
    assert checked(made()) == "yes"
    assert checked(made(unverified=("bands", "sum"))) == "not yet: bands; sum"
    unseen = Definition(id="made", version="1", source="Someone 2000", source_verified=False)
    assert checked(unseen) == "not yet: all of it"
    assert "1 definitions: 0 checked at the source, 1 not yet in all parts" in markdown({"made": unseen})
