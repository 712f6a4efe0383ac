"""The public interface is a chosen list; importing it costs nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import euexia

CHOSEN = [
    "DataFileError",
    "EndpointTable",
    "EuexiaError",
    "InputError",
    "NumericalError",
    "OperatingCharacteristics",
    "OutputError",
    "ParameterSet",
    "Protocol",
    "Result",
    "StudyResult",
    "TrialData",
    "TrialDataError",
    "UnitError",
    "UnknownNameError",
    "WorkerError",
    "__version__",
    "analyse",
    "derive",
    "draft_protocol",
    "load_parameters",
    "load_protocol",
    "operating_characteristics",
    "report",
    "report_study",
    "simulate",
]

NUMERICS = ("jax", "matplotlib", "numpy", "pandas", "pint", "pyarrow", "scipy", "yaml")


def test_the_list_is_the_chosen_one():
    """A name enters or leaves the public interface on purpose: here and in euexia/__init__.py."""
    assert euexia.__all__ == CHOSEN
    assert dir(euexia) == CHOSEN


@pytest.mark.parametrize("name", CHOSEN)
def test_every_name_is_there_and_documented(name):
    value = getattr(euexia, name)
    assert name == "__version__" or value.__doc__


@pytest.mark.parametrize("stage", ["analyse", "report", "simulate"])
def test_a_stage_is_a_package_and_can_be_called(stage):
    package = getattr(euexia, stage)
    assert package.__name__ == f"euexia.{stage}"
    with pytest.raises(TypeError, match="argument"):
        package()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="analyze"):
        euexia.analyze  # noqa: B018


def test_type_checkers_are_told_what_is_loaded():
    """The imports for type checkers name the same homes as the table that is used at run time."""
    tree = ast.parse(Path(euexia.__file__).read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test))
    told = {
        alias.asname or alias.name: (node.module, alias.name) for node in block.body for alias in node.names
    }
    assert told == euexia._HOMES | euexia._STAGES


@pytest.mark.parametrize("command", ["import euexia", "from euexia.cli.main import app; app(['--help'])"])
def test_no_numerics_are_loaded_for_a_glance(command):
    """Help must come at once: under 0.3 s, which no numerical package would allow."""
    code = f"import sys\ntry:\n    {command}\nexcept SystemExit:\n    pass\nprint('\\nLOADED', *sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = output.split("LOADED")[1].split()
    assert "euexia" in loaded
    assert [name for name in loaded if name in NUMERICS] == []


HEAVY = ("jax", "matplotlib", "pandas", "pint", "pyarrow", "scipy", "sklearn", "dask", "duckdb")
"""What takes longer to load than a command that simulates nothing may take: 0.5 s."""


@pytest.mark.parametrize(
    "arguments", ["show lenalidomide", "protocols", "parameters", "evidence", "definitions", "run --help"]
)
def test_nothing_heavy_is_loaded_where_nothing_is_simulated(arguments):
    code = (
        "import sys\nfrom euexia.cli.main import app\n"
        f"try:\n    app({arguments.split()})\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('\\nLOADED', *sys.modules)"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = output.rsplit("LOADED", 1)[1].split()
    assert [name for name in loaded if name in HEAVY] == []
