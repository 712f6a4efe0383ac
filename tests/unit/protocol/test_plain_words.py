"""The protocol in plain words: complete, honest about what is assumed, and within the width of a terminal."""

from __future__ import annotations

from euexia import protocol
from euexia.criteria.measures import MEASURES
from euexia.protocol.sections import Bullets, Paragraph, Section, Table, plain_text

PROTOCOL = protocol.load("lenalidomide")
WORDS = protocol.words(PROTOCOL)


def test_every_part_is_there() -> None:
    titles = [section.title for section in protocol.sections(PROTOCOL)]
    assert titles == [
        "Question",
        "Who may enter",
        "Arms",
        "How the dose is decided",
        "Visits",
        "Endpoints",
        "What counts when things go otherwise",
        "Analyses",
        "What is assumed",
    ]


def spoken() -> str:
    """Every word of the sections, without layout."""
    texts: list[str] = []
    for section in protocol.sections(PROTOCOL):
        for block in section.blocks:
            match block:
                case Paragraph():
                    texts.append(block.text)
                case Bullets():
                    texts.extend(block.items)
                case Table():
                    texts.extend(cell for row in block.rows for cell in row)
    return " ".join(texts)


def test_content_is_there() -> None:
    text = spoken()
    for part in (
        *(criterion.text for criterion in PROTOCOL.eligibility),
        *(assumption.text for assumption in PROTOCOL.assumptions),
        *(arm.label for arm in PROTOCOL.arms),
        *(endpoint.label for endpoint in PROTOCOL.endpoints),
        "starting with 5 mg once a day",
        "raise the dose by one level, once the present dose was taken for 1 week",
        "reduce the dose to at most 10 mg",
        "change of lean mass from baseline > 2 % and change of handgrip from baseline ≥ 4.0 kg",
        "exact binomial test against a response rate of 5 %, hoping for 25 %",
    ):
        assert part in text


def test_every_line_fits() -> None:
    assert max(len(line) for line in WORDS.splitlines()) <= 100


def test_no_identifier_shows() -> None:
    """Names with underscores are for files; only names of rules, quoted, may appear."""
    words = {word.strip(".,;:()") for word in WORDS.split() if "_" in word}
    assert words == {f"'{name}'" for name in PROTOCOL.rules}
    assert not any(name in WORDS for name in MEASURES if "_" in name)


def test_layout_of_blocks() -> None:
    section = Section(
        title="T",
        blocks=(
            Paragraph(text="one two"),
            Bullets(items=("a b",)),
            Table(columns=("A", "B"), rows=(("1", "two"),)),
        ),
    )
    assert plain_text((section,)) == "T\n=\n\none two\n\n- a b\n\nA  B\n-  ---\n1  two\n"
