"""The command ``euexia``: its commands, and what becomes of errors."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from euexia.cli import (
    analyse_commands,
    assess_commands,
    calibrate_commands,
    compare_commands,
    credibility_commands,
    data_commands,
    definition_commands,
    design_commands,
    endpoint_commands,
    evidence_commands,
    infer_commands,
    mapping_commands,
    model_commands,
    parameter_commands,
    patient_commands,
    plain_commands,
    population_commands,
    protocol_commands,
    protocol_document_commands,
    runs_commands,
    schema_commands,
    studio_commands,
    trial_commands,
    validate_commands,
)
from euexia.cli.consoles import complain
from euexia.cli.examples import examples
from euexia.core.errors import EuexiaError, OutputError
from euexia.version import __version__

DEBUG = "--debug"
FAULT_OF_EUEXIA = 1
GOES_ON = "--resume goes on from there."
"""How a note of an error ends that tells what is kept of a run."""

app = typer.Typer(
    name="euexia",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"euexia {__version__}")
        raise typer.Exit


@app.callback(
    epilog=examples(
        "euexia demo",
        "euexia show lenalidomide",
        "euexia run lenalidomide --trials 1000",
        remark="Research use only: Euexia is no medical device and gives no medical advice.",
    )
)
def euexia(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
    debug: Annotated[bool, typer.Option(DEBUG, help="Show where in the program an error arose.")] = False,
) -> None:
    """Design, simulate, run and read trials against cancer cachexia."""


trial_commands.add_to(app)
runs_commands.add_to(app)
compare_commands.add_to(app)
protocol_commands.add_to(app)
data_commands.add_to(app)
mapping_commands.add_to(app)
protocol_document_commands.add_to(app)
schema_commands.add_to(app)
parameter_commands.add_to(app)
assess_commands.add_to(app)
analyse_commands.add_to(app)
definition_commands.add_to(app)
design_commands.add_to(app)
endpoint_commands.add_to(app)
evidence_commands.add_to(app)
patient_commands.add_to(app)
population_commands.add_to(app)
infer_commands.add_to(app)
credibility_commands.add_to(app)
model_commands.add_to(app)
studio_commands.add_to(app)
plain_commands.add_to(app)
calibrate_commands.add_to(app)
validate_commands.add_to(app)


def main() -> None:
    """Run the command line; every error becomes a message and an exit code."""
    words = sys.argv[1:]
    debug = DEBUG in words
    try:
        app([word for word in words if word != DEBUG])
    except EuexiaError as error:
        sys.exit(_report(error, str(error), error.exit_code, debug=debug))
    except OSError as error:
        where = f" '{error.filename}'" if error.filename else ""
        sys.exit(_report(error, f"{error.strerror or error}{where}.", OutputError.exit_code, debug=debug))
    except Exception as error:  # the last resort: a fault of Euexia, said as such
        text = f"This is a fault of Euexia, not yours: {type(error).__name__}: {error}"
        sys.exit(_report(error, text, FAULT_OF_EUEXIA, debug=debug))


def _report(error: Exception, text: str, code: int, *, debug: bool) -> int:
    """Write the message of an error, or, for debugging, raise it again."""
    if debug:
        raise error
    kept = "".join(f"\n{note}" for note in getattr(error, "__notes__", ()) if note.endswith(GOES_ON))
    hint = (
        "" if code in (2, OutputError.exit_code) else f"\nThe same command with {DEBUG} shows where it arose."
    )
    complain(text + kept + hint)
    return code
