"""``euexia studio``: the whole of Euexia as a page on one's own machine."""

from __future__ import annotations

import os
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from euexia.cli.consoles import results, tell
from euexia.cli.examples import examples
from euexia.core.errors import InputError

PASSWORD_VARIABLE = "EUEXIA_STUDIO_PASSWORD"
SHORTEST_PASSWORD = 10
INSTALL = "The studio needs packages that are not installed. Install them with: pip install 'euexia[studio]'"


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        epilog=examples(
            "euexia studio",
            "euexia studio --port 8080 --no-browser",
            "euexia studio --host 0.0.0.0 --password",
            remark="Research use only: Euexia is no medical device and gives no medical advice.",
        )
    )(studio)


def studio(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on; others reach only this machine's own.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    password: Annotated[
        bool,
        typer.Option(
            "--password",
            help=f"Ask for a password that others must know; or set {PASSWORD_VARIABLE}.",
        ),
    ] = False,
    name: Annotated[
        list[str] | None,
        typer.Option(help="Further name under which others reach this machine; may be given again."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for runs that are kept.")] = Path("euexia-studio"),
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Processes that simulate.", show_default="one per processor"),
    ] = None,
) -> None:
    """Design trials, follow patients and read evidence in a page on this machine; Ctrl-C ends it."""
    try:
        from euexia.studio import application, serving
        from euexia.studio.settings import Settings
    except ModuleNotFoundError as error:
        raise InputError(f"{INSTALL} ({error.name} is missing).") from error
    from euexia.study.executor import default_workers

    secret = _password(wanted=password, is_loopback=serving.is_loopback(host))
    listening = serving.bind(host, port)
    settings = Settings(
        host=host,
        port=listening.getsockname()[1],
        password=secret,
        names=tuple(name or ()),
        folder=out,
        workers=workers or default_workers(),
    )
    made = application.create(settings)
    shown = serving.address(host, settings.port, None if settings.is_shared else settings.token)
    if settings.is_shared:
        tell(
            f"Other machines can reach this studio at {host}, with the password. The traffic is NOT "
            "encrypted: put a server with TLS in front of it where the network is not your own."
        )

    def ready() -> None:
        results.print(f"Studio: {shown}", markup=False, soft_wrap=True)
        tell("Ctrl-C ends it.")
        if browser and not settings.is_shared:
            webbrowser.open(shown)

    serving.serve(made.gate, listening, ready)


def _password(*, wanted: bool, is_loopback: bool) -> str | None:
    """Return the password of a shared studio; None where only this machine reaches it."""
    if is_loopback:
        if wanted:
            raise InputError("On this machine alone no password is asked for. Give --host too, or neither.")
        return None
    found = os.environ.get(PASSWORD_VARIABLE) or (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True) if wanted else ""
    )
    if not found:
        raise InputError(
            "A studio that other machines can reach needs a password: add --password to be asked for one, or "
            f"set {PASSWORD_VARIABLE}."
        )
    if len(found) < SHORTEST_PASSWORD:
        raise InputError(f"The password is shorter than {SHORTEST_PASSWORD} characters. Choose a longer one.")
    return str(found)
