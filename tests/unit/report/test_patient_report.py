"""The pages about one virtual patient, and what the command line says."""

import csv
import io
import re
import sys
from html.parser import HTMLParser

import pytest

from euexia import parameters
from euexia.cli.main import main
from euexia.core.errors import InputError
from euexia.population import archetypes
from euexia.report import driver_report, patient_report, patient_words
from euexia.study import drivers, recovery
from euexia.study.regimen import parse
from euexia.study.single_patient import simulate_patient

PARAMETERS = parameters.load()
OUTSIDE = re.compile(r'(?:src|href)="(?!#)[^"]*"|@import|url\((?!#)')


@pytest.fixture(scope="module")
def course():
    regimens = [parse(text, PARAMETERS) for text in ("anamorelin 100 mg daily", "exercise 70 %")]
    none = parse("none", PARAMETERS)
    return simulate_patient(
        archetypes.load("nsclc"), regimens, weeks=12, parameters=PARAMETERS, reference=none
    )


@pytest.fixture(scope="module")
def explained():
    patient = archetypes.load("nsclc")
    wanted = [parse(text, PARAMETERS) for text in ("anamorelin 100 mg daily", "exercise")]
    gains = recovery.recover(patient, parameters=PARAMETERS, regimens=wanted, draws=20)
    return drivers.explain(patient, parameters=PARAMETERS), gains


class Balanced(HTMLParser):
    """Notes tags that are closed but were not open."""

    def __init__(self):
        super().__init__()
        self.open, self.faults = [], []

    def handle_starttag(self, tag, attributes):
        """Note an open tag."""
        if tag not in ("meta", "br", "wbr", "path", "use", "line", "rect", "circle", "image"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        """Close the last open tag."""
        if tag in ("path", "use", "line", "rect", "circle", "image"):
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def assert_stands_alone(text):
    """A page is balanced, needs nothing from elsewhere, and says what it is not."""
    page = Balanced()
    page.feed(text)
    assert page.faults == []
    assert page.open == []
    assert OUTSIDE.search(text) is None
    assert "Research use only" in text
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL).lower().split()


def test_the_page_of_a_course_stands_alone(course, tmp_path):
    page = patient_report.write_course(tmp_path / "p", course)
    assert_stands_alone(page.read_text(encoding="utf-8"))
    assert {path.name for path in (tmp_path / "p").iterdir()} == {"report.html", "course.csv", "figures"}
    with pytest.raises(InputError, match="not empty"):
        patient_report.write_course(tmp_path / "p", course)


def test_the_table_holds_every_value(course):
    rows = list(csv.DictReader(io.StringIO(patient_report.course_table(course))))
    assert len(rows) == 3 * len(course.days) * len(course.values)
    last = next(
        row
        for row in rows
        if row["day"] == "84" and row["measure"] == "body_weight" and "anam" in row["treatment"]
    )
    gap = course.values["body_weight"][1, -1] - course.values["body_weight"][0, -1]
    assert float(last["difference"]) == gap


def test_everything_the_table_promises_is_followed(course):
    """Weight, fat, lean, muscle, grip, CRP, GDF-15, intake, appetite and FAACT."""
    assert len(patient_words.followed(course)) == len(patient_words.FOLLOWED) == 10
    row = patient_words.value_rows(course, 1)[0]
    assert row == ("Body weight [kg]", "66.0", "67.0 (+1.17)", "67.6 (+1.91)", "68.1 (+2.53)")
    assert patient_words.weeks_shown(course) == (0, 4, 8, 12)


@pytest.mark.slow
def test_the_page_of_the_drivers_stands_alone(explained, tmp_path):
    page = driver_report.write_drivers(tmp_path / "e", *explained, PARAMETERS.hash)
    text = page.read_text(encoding="utf-8")
    assert_stands_alone(text)
    for words in ("Shapley", "Appetite lost to GDF-15", "no confidence interval", "middle 90 %"):
        assert words in text
    rows = list(csv.DictReader(io.StringIO((tmp_path / "e" / "drivers.csv").read_text(encoding="utf-8"))))
    parts = [
        float(r["value"])
        for r in rows
        if r["outcome"] == "body_weight" and r["part"] == "from health to today"
    ]
    assert sum(parts[1:]) == pytest.approx(parts[0], abs=1e-6)


@pytest.mark.slow
def test_the_words_say_how_much_and_to_what(explained):
    until, ahead = driver_report.sentences(explained[0])
    assert until.startswith(
        "Until today 5.26 kg of body weight lost (most of it to appetite lost to GDF-15 2.64"
    )
    assert ahead.startswith("In the next 12 weeks, as things stand, 0.41 kg of body weight lost")
    assert "anamorelin" in driver_report.best(explained[1])


@pytest.fixture
def euexia(monkeypatch, capsys, tmp_path):
    """Give a function that runs a command line in an empty folder: (exit code, output, messages)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["euexia", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, *capsys.readouterr()

    return call


def test_the_command_shows_the_lives_side_by_side(euexia, tmp_path):
    code, output, messages = euexia(
        "patient", "nsclc", "--treat", "anamorelin 100 mg daily", "--weeks", "12", "--out", "p"
    )
    assert code == 0
    assert "Body weight [kg]" in output
    assert "+2.53" in output
    assert "Research use only" in messages
    assert (tmp_path / "p" / "report.html").exists()


def test_the_template_that_is_printed_can_be_read(euexia, tmp_path):
    code, output, _ = euexia("patient", "--template")
    assert code == 0
    assert output == archetypes.template()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("patient",), "Name a patient: gdf15_high"),
        (("patient", "nscl"), "Did you mean 'nsclc'"),
        (("patient", "nsclc", "--treat", "anamorelan 100 mg daily"), "Did you mean 'anamorelin'"),
        (("patient", "nsclc", "--treat", "anamorelin 100 kcal daily"), "cannot be converted"),
        (("patient", "nsclc", "--treat", "anamorelin 900 mg daily"), "plausible range"),
        (("patient", "nsclc", "--weeks", "0"), "Ask for 1 to 104 weeks"),
        (("explain", "nobody.yaml"), "There is no file"),
    ],
)
def test_a_mistake_is_said_with_its_way_out(euexia, words, said):
    code, output, messages = euexia(*words)
    assert code == 2
    assert output == ""
    assert said in messages.replace("\n", " ")
