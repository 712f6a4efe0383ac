"""The command line as its user meets it: what is said, where, and with which exit code."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from euexia.cli import progress, summary, trial_commands
from euexia.cli.main import main
from euexia.core.errors import NumericalError, OutputError
from euexia.study import replicate, store
from euexia.study.operating import Estimate

COMMANDS = ("demo", "run", "protocols", "show", "check", "draft", "parameters", "definitions")


@pytest.fixture
def euexia(monkeypatch, capsys, tmp_path):
    """Give a function that runs a command line in an empty folder: (exit code, output, messages)."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["euexia", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        output, messages = capsys.readouterr()
        assert "Traceback" not in messages
        return ended.value.code or 0, output, messages

    return call


@pytest.fixture
def no_simulation(monkeypatch):
    """Make simulating a failure: a mistake must be said before anything is computed."""

    def refuse(*arguments, **named):
        raise AssertionError("the simulation began")

    monkeypatch.setattr(replicate, "run", refuse)


def estimate(value):
    return Estimate(value=value, error=0.01, trials=40)


def study(trials=40, planned=40):
    """Give the little of a study that the summary reads."""
    arms = [SimpleNamespace(arm="fixed", label="Fixed dose", patients=40.0, responder_rate=estimate(0.125))]
    rejection = SimpleNamespace(
        analysis="a",
        endpoint="response",
        arm="fixed",
        control=None,
        primary=True,
        rejection=estimate(0.5),
    )
    scenario = SimpleNamespace(arms=arms, analyses=[rejection], looks=None)
    operating = SimpleNamespace(
        protocol_id="lenalidomide",
        trials=trials,
        planned_trials=planned,
        size=100,
        seed=1,
        as_modelled=scenario,
        without_effect=scenario,
        answer=("No: not by far.", "More."),
        design={"a": {"power": 0.9998}},
    )
    protocol = SimpleNamespace(
        arms=[SimpleNamespace(name="fixed", label="Fixed dose")],
        endpoints=[SimpleNamespace(name="response", label="Response")],
        analyses=[SimpleNamespace(name="a", null=0.05, alternative=0.25)],
    )
    return SimpleNamespace(operating=operating, protocol=protocol, notices=(), stopping=None)


@pytest.fixture
def quick(monkeypatch):
    """Stand in for simulating and writing; returns the arguments that ``replicate.run`` was called with."""
    seen = {}

    def run(protocol, *, progress, **named):
        seen.update(named, size=protocol.size)
        progress(named["trials"], named["trials"])
        return study()

    monkeypatch.setattr(replicate, "run", run)
    monkeypatch.setattr(store, "conclude", lambda folder, result, report: folder / "report.html")
    return seen


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_text_has_examples(euexia, command):
    code, output, _ = euexia(command, "--help")
    assert code == 0
    assert f"$ euexia {command}" in output


def test_the_first_help_text_lists_every_command_and_the_intended_use(euexia):
    code, output, _ = euexia("--help")
    assert code == 0
    assert all(f" {command} " in output for command in COMMANDS)
    assert "Research use only" in output


def test_version(euexia):
    from euexia.version import __version__

    assert euexia("--version") == (0, f"euexia {__version__}\n", "")


MISTAKES = {
    "no trials": (["run", "lenalidomide", "--trials", "0"], 2, "--trials"),
    "fewer than no trials": (["run", "lenalidomide", "--trials", "-5"], 2, "--trials"),
    "trials in words": (["run", "lenalidomide", "--trials", "many"], 2, "--trials"),
    "a seed below nought": (["run", "lenalidomide", "--seed", "-1"], 2, "--seed"),
    "no workers": (["run", "lenalidomide", "--workers", "0"], 2, "'auto'"),
    "workers in words": (["run", "lenalidomide", "--workers", "some"], 2, "'some'"),
    "too few patients": (["run", "lenalidomide", "--size", "3"], 2, "at least 5"),
    "a slip in the name": (["run", "lenalidomid"], 2, "Did you mean 'lenalidomide'?"),
    "a file that is not there": (["run", "nowhere.yaml"], 2, "nowhere.yaml"),
    "no rule": (["run", "lenalidomide", "--until", "soon"], 2, "'soon' is no stopping rule"),
    "a figure that is not known": (["run", "lenalidomide", "--until", "powr se < 1 %"], 2, "Did you mean"),
    "no scheduler": (["run", "lenalidomide", "--scheduler", "here"], 2, "'here' is no scheduler"),
    "workers of a cluster": (
        ["run", "lenalidomide", "--scheduler", "tcp://127.0.0.1:1", "--workers", "2"],
        2,
        "Leave --workers out",
    ),
    "continuing nowhere": (["run", "lenalidomide", "--resume"], 2, "name it with --out"),
    "an unknown command": (["rum"], 2, "rum"),
    "an unknown option": (["run", "lenalidomide", "--trails", "5"], 2, "--trials"),
    "an unknown overlay": (["run", "lenalidomide", "--parameters", "sunny"], 2, "sunny"),
    "an overlay that is not there": (["run", "lenalidomide", "--parameters", "sunny.yaml"], 2, "sunny.yaml"),
    "an unknown block": (["parameters", "musle"], 2, "Did you mean 'muscle'?"),
    "an unknown status": (["parameters", "--status", "guessed"], 2, "assumed"),
    "an unknown layout": (["show", "lenalidomide", "--format", "pdf"], 2, "markdown"),
    "a record that is not there": (["draft", "nowhere.txt"], 2, "nowhere.txt"),
    "no arguments": (["run"], 2, "PROTOCOL"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_the_way_out(euexia, no_simulation, mistake):
    words, code, fragment = MISTAKES[mistake]
    ended, output, messages = euexia(*words)
    assert ended == code
    assert fragment in " ".join(messages.split())
    assert output == ""


def test_every_fault_of_a_protocol_is_named_with_its_line(euexia, no_simulation, tmp_path):
    (tmp_path / "mine.yaml").write_text("protocol: mine\nsize: many\nbananas: 3\n")
    for command in ("run", "check", "show"):
        code, _, messages = euexia(command, "mine.yaml")
        assert code == 2
        assert "line 2" in messages
        assert "line 3" in messages


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00binary", b"", b"- a\n- b\n", b"a: [1\n", b"a: 1\na: 2\n", b"text only"]
)
def test_a_file_that_is_no_protocol_is_refused(euexia, no_simulation, tmp_path, content):
    (tmp_path / "mine.yaml").write_bytes(content)
    code, _, messages = euexia("run", "mine.yaml")
    assert code == 2
    assert "mine.yaml" in messages


def test_a_folder_is_no_protocol(euexia, no_simulation, tmp_path):
    (tmp_path / "folder").mkdir()
    code, _, messages = euexia("run", "folder")
    assert code in (2, 3)
    assert "folder" in messages


def test_a_folder_with_something_in_it_is_refused_before_any_work(euexia, no_simulation, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    for words in (["run", "lenalidomide", "--out", "mine"], ["demo", "--out", "mine"]):
        code, _, messages = euexia(*words)
        assert code == 2
        assert "not empty" in messages
    code, _, messages = euexia("run", "lenalidomide", "--out", "mine", "--overwrite")
    assert code == 2
    assert "not a run of Euexia" in messages
    assert (tmp_path / "mine" / "thesis.tex").read_text() == "years of work"


def test_a_file_in_the_place_of_the_folder_is_refused(euexia, no_simulation, tmp_path):
    (tmp_path / "mine").write_text("")
    for place in ("mine", "mine/deeper"):
        code, _, messages = euexia("run", "lenalidomide", "--out", place)
        assert code == 2
        assert "'mine" in messages


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder in which nobody can write")
def test_an_unwritable_folder_is_refused_before_any_work(euexia, no_simulation):
    code, _, messages = euexia("run", "lenalidomide", "--out", "/proc/mine")
    assert code == 3
    assert "cannot be written" in messages


def test_a_run_passes_on_what_was_asked_and_says_where_the_report_is(euexia, quick):
    words = ["--trials", "40", "--seed", "7", "--size", "50", "--workers", "1", "--out", "my run"]
    code, output, messages = euexia("run", "lenalidomide", *words)
    assert code == 0
    assert "12.5 ± 1.0 %" in output
    assert "50.0 ± 1.0 %" in output
    assert "99.98 % at 25 %" in " ".join(output.split())
    assert "No: not by far." in output
    assert output.rstrip().endswith("Report: my run/report.html")
    assert "40 of 40 trials" in messages
    command = "euexia run lenalidomide --trials 40 --seed 7 --size 50"
    assert quick == {
        "trials": 40,
        "seed": 7,
        "size": 50,
        "workers": 1,
        "overlays": (),
        "command": command,
        "folder": Path("my run"),
        "resume": False,
        "until": "",
        "on": None,
    }
    assert "is known to ±1 percentage points (one Monte-Carlo standard error) from 40 trials" in output
    assert "a look takes 1,000. 160 trials would halve that (--trials 160 --resume)." in output


@pytest.mark.parametrize(
    ("value", "trials", "said"),
    [
        (0.0, 40, "none of 40 trials"),
        (1.0, 40, "all of 40 trials"),
        (0.5, 40, "50.0 ± 1.0 %"),
        (0.0, 0, "no trial"),
    ],
)
def test_never_and_always_are_said_with_the_number_of_trials(value, trials, said):
    """A Monte-Carlo error of nought after 40 trials would claim too much."""
    assert summary.rejections(Estimate(value=value, error=0.01, trials=trials)) == said


def test_the_demo_never_overwrites(euexia, quick, tmp_path):
    assert "euexia-demo/report.html" in euexia("demo")[1]
    (tmp_path / "euexia-demo").mkdir()
    assert "euexia-demo-2/report.html" in euexia("demo")[1]


def test_what_an_interrupt_left_is_reported_with_its_own_exit_code(euexia, quick, monkeypatch):
    monkeypatch.setattr(replicate, "run", lambda protocol, **named: study(trials=16))
    code, output, messages = euexia("run", "lenalidomide", "--trials", "40")
    assert code == 130
    assert "Report:" in output
    assert "Stopped after 16 of 40 trials" in messages


def test_an_interrupt_before_any_result_writes_nothing(euexia, quick, monkeypatch, tmp_path):
    def interrupted(protocol, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(replicate, "run", interrupted)
    code, output, messages = euexia("run", "lenalidomide")
    assert (code, output) == (130, "")
    assert "before the first part" in messages
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (OutputError("The disk is full."), 3, "The disk is full."),
        (NumericalError("The run-in did not converge."), 4, "did not converge"),
        (OSError(28, "No space left on device", "somewhere"), 3, "No space left on device 'somewhere'"),
        (ZeroDivisionError("division by zero"), 1, "a fault of Euexia, not yours"),
    ],
)
def test_every_kind_of_failure_has_its_exit_code(euexia, quick, monkeypatch, error, code, said):
    def fail(*arguments, **named):
        raise error

    monkeypatch.setattr(store, "conclude", fail)
    ended, _, messages = euexia("run", "lenalidomide")
    assert ended == code
    assert said in messages


def test_debug_shows_where_an_error_arose(euexia, quick, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["euexia", "run", "lenalidomid", "--debug"])
    with pytest.raises(Exception, match="no protocol called"):
        main()


def test_show_reads_a_protocol_back(euexia):
    code, text, _ = euexia("show", "lenalidomide")
    assert code == 0
    assert "handgrip" in text
    code, markdown, _ = euexia("show", "lenalidomide", "--format", "markdown")
    assert code == 0
    assert markdown.startswith("# ")
    assert "\n## " in markdown
    assert "| --- |" in markdown


def test_a_draft_is_written_once_and_names_what_the_record_does_not_say(euexia, tmp_path):
    (tmp_path / "record.txt").write_text(euexia("draft", "--example")[1])
    code, output, messages = euexia("draft", "record.txt", "--out", "mine.yaml")
    assert (code, output) == (0, "")
    assert "euexia check mine.yaml" in messages
    text = (tmp_path / "mine.yaml").read_text()
    assert "TODO" in text
    code, _, messages = euexia("draft", "record.txt", "--out", "mine.yaml")
    assert code == 2
    assert "not overwritten" in messages
    code, _, messages = euexia("draft", "record.txt", "--out", "nowhere/mine.yaml")
    assert code == 3
    assert "cannot be written" in messages
    assert euexia("draft", "record.txt")[1] == text
    code, _, messages = euexia("check", "mine.yaml")
    assert code == 2
    assert "still to be decided" in messages


@pytest.mark.parametrize("text", ["", "A title\nand some words", "A|B|C"])
def test_what_is_no_record_is_refused(euexia, tmp_path, text):
    (tmp_path / "record.txt").write_text(text)
    code, output, messages = euexia("draft", "record.txt", "--out", "mine.yaml")
    assert (code, output) == (2, "")
    assert "record.txt" in messages
    assert not (tmp_path / "mine.yaml").exists()


def test_protocols_lists_what_ships(euexia):
    code, output, _ = euexia("protocols")
    assert code == 0
    assert "lenalidomide" in output


def test_check_says_that_a_protocol_is_valid(euexia):
    code, _, messages = euexia("check", "lenalidomide")
    assert code == 0
    assert "valid protocol" in messages


def test_parameters_are_listed_by_status(euexia):
    _, everything, _ = euexia("parameters")
    code, assumed, messages = euexia("parameters", "--status", "assumed")
    assert code == 0
    assert "[verified]" in everything
    assert "[assumed]" in assumed
    assert "[verified]" not in assumed
    assert "parameters." in messages


def test_output_that_is_cut_off_is_no_error():
    """``euexia show lenalidomide | head -1`` ends quietly."""
    command = f"{sys.executable} -c 'from euexia.cli.main import main; main()' show lenalidomide | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout
    assert "Traceback" not in done.stderr


def test_progress_without_a_terminal_is_a_few_lines(capsys):
    with progress.trial_progress(1000) as report:
        for done in range(1, 1001):
            report(done, 1000)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Simulating 1000 trials ..."
    assert len(lines) == 1 + progress.LINES
    assert lines[-1] == "1000 of 1000 trials"


def test_the_command_that_is_recorded_can_be_typed():
    """Words with spaces are quoted; what was not asked for is not repeated."""
    command = trial_commands._command("run", {"--seed": 3, "--size": None}, "my trial.yaml")
    assert command == "euexia run 'my trial.yaml' --seed 3"
