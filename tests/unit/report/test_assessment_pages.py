"""The pages about real patients: whole, escaped, readable without colour, true to the answers."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from euexia.assess.checks import check
from euexia.assess.reading import read
from euexia.assess.template import EXAMPLE
from euexia.core.errors import InputError
from euexia.report.assessment import write_assessment


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Write the assessment of the example table, one weight of it made impossible, one name made nasty."""
    place = tmp_path_factory.mktemp("assessment")
    table = place / "patients.csv"
    text = EXAMPLE.replace("A-002", "<script>A-002").replace("body_weight,77.2,kg", "body_weight,44.45,kg")
    table.write_text(text, encoding="utf-8")
    write_assessment(place / "out", check(read(table).record))
    return place / "out"


def test_every_file_is_there(folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "assessment.csv",
        "assessment.parquet",
        "findings.csv",
        "cohort.html",
        "cards",
        "figures",
    }
    assert len(list((folder / "cards").iterdir())) == 2


def test_the_tables_say_the_same(folder):
    written = pd.read_csv(folder / "assessment.csv", keep_default_na=False, na_values={"value": [""]})
    packed = pd.read_parquet(folder / "assessment.parquet")
    assert len(written) == len(packed) > 0
    key = (packed["patient"] == "A-001") & (packed["definition"] == "fearon2011")
    row = packed[key & (packed["date"] == pd.Timestamp("2026-07-13"))].iloc[0]
    assert (row["answer"], row["met"]) == ("TRUE", "weight_loss")
    assert set(packed["answer"]) == set(written["answer"])


def test_what_was_given_is_escaped(folder):
    for page in [folder / "cohort.html", *(folder / "cards").iterdir()]:
        text = page.read_text(encoding="utf-8")
        assert "<script>" not in text
        assert "Research use only" in text
    assert "&lt;script&gt;A-002" in (folder / "cohort.html").read_text(encoding="utf-8")


class _Identifiers(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.targets = [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.found += [given["id"]] if "id" in given else []
        self.targets += [given["href"]] if tag == "a" else []


def test_links_lead_somewhere_and_identifiers_are_unique(folder):
    for page in [folder / "cohort.html", *(folder / "cards").iterdir()]:
        parser = _Identifiers()
        parser.feed(page.read_text(encoding="utf-8"))
        assert len(parser.found) == len(set(parser.found))
        for target in parser.targets:
            name, _, anchor = target.partition("#")
            other = page if not name else (page.parent / name).resolve()
            assert other.is_file()
            if anchor:
                assert f'id="{anchor}"' in other.read_text(encoding="utf-8")


def test_a_card_says_status_trend_drivers_and_what_to_read_next(folder):
    text = (folder / "cards" / "0001-A-001.html").read_text(encoding="utf-8")
    plain = re.sub(r"<[^>]+>", " ", text)
    assert "44.5 kg stands beside" in plain
    assert "6.2 % of body weight lost in 182 days: 80.0 to 75.0 kg" in plain.replace("\u00a0", " ")
    assert "C-reactive protein 42 mg/L (above 10)" in plain
    assert "What to read next" in plain
    assert "settles" in plain


def test_a_full_folder_is_not_written_over(folder):
    with pytest.raises(InputError, match="not empty"):
        write_assessment(folder, None)
