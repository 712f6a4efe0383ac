"""Reference pages that come from the code: commands, the public interface, and the front page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import blocks
import gallery
import typer.main

import euexia
from euexia.cli.main import app

ROOT = Path(__file__).resolve().parents[2]


SHELL = ("help", "install_completion", "show_completion")
"""Options that every command line has."""


def write(pages: Path) -> None:
    """Write every generated page."""
    written = {"index.md": front(), "reference/python/index.md": interface()}
    written |= {f"reference/commands/{name}.md": text for name, text in commands()}
    written["reference/commands/index.md"] = command_index()
    for name, text in written.items():
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        (pages / name).write_text(text, encoding="utf-8")
    gallery.write(pages)
    blocks.write(pages)


def front() -> str:
    """Return the README, whose links go out from docs/."""
    text = (ROOT / "README.md").read_text(encoding="utf-8").replace("](docs/", "](")
    return re.sub(
        r"\[([^\]]*)\]\((LICENSE|NOTICE|CITATION\.cff|[a-z]+/[^)]*|reference/README\.md)\)", _kept, text
    )


def _kept(found: re.Match[str]) -> str:
    """Keep a link to a page of the site; show that to a file of the repository as its name."""
    target = found.group(2).rstrip("/")
    if (ROOT / "docs" / target).is_dir():
        return f"[{found.group(1)}]({target}/README.md)"
    inside = (ROOT / "docs" / target).exists()
    return found.group(0) if inside else f"{found.group(1)} (`{target}`)"


def interface() -> str:
    """Return the page of the public interface: functions, then what they take and give, then errors."""
    homes = euexia._HOMES | euexia._STAGES
    kinds: dict[str, list[str]] = {"Functions": [], "What they take and give": [], "Errors": []}
    for name in homes:
        error = name.endswith("Error")
        kinds["Errors" if error else "What they take and give" if name[0].isupper() else "Functions"].append(
            name
        )
    lines = ["# Python interface", "", "What `import euexia` offers.", ""]
    for kind, names in kinds.items():
        lines += [f"## {kind}", ""]
        for name in sorted(names):
            lines += [f"### euexia.{name}", "", f"::: {_place(*homes[name])}", ""]
    return "\n".join(lines)


def _place(module: str, name: str) -> str:
    """Return where something is defined: a function may have the name of its module."""
    value = getattr(import_module(module), name)
    return f"{value.__module__}.{value.__qualname__}"


def command_index() -> str:
    """Return the list of commands."""
    rows = [
        f"| [`euexia {name}`]({name}.md) | {_first_line(command.help)} |" for name, command in _commands()
    ]
    return "\n".join(["# Commands", "", "| command | what it does |", "|---|---|", *rows, ""])


def commands() -> Iterator[tuple[str, str]]:
    """Yield a page for each command, with its examples and options."""
    for name, command in _commands():
        yield name, "\n".join(_described(f"euexia {name}", command, 1))


def _commands() -> list[tuple[str, Any]]:
    found: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    return sorted((name, command) for name, command in found.items() if not command.hidden)


def _described(name: str, command: Any, level: int) -> Iterator[str]:
    yield f"{'#' * level} {name}\n"
    yield f"{_prose(command.help)}\n"
    if command.epilog:
        examples = re.findall(r"\[cyan\](.*?)\[/cyan\]", command.epilog)
        yield "\n".join(["```console", *examples, "```", ""])
    options = [row for parameter in command.params for row in _option(parameter)]
    if options:
        yield "\n".join(["| | | default |", "|---|---|---|", *options, ""])
    for inner, below in sorted(getattr(command, "commands", {}).items()):
        yield from _described(f"{name} {inner}", below, level + 1)


def _option(parameter: Any) -> Iterator[str]:
    if getattr(parameter, "hidden", False) or parameter.name in SHELL:
        return
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.param_type_name == "argument":
        names = parameter.metavar or parameter.name.upper()
    value = parameter.default
    default = "" if isinstance(value, bool) or not isinstance(value, (int, float, str)) else f"{value}"
    text = re.sub(r"\[/?\w+\]", "", " ".join((getattr(parameter, "help", "") or "").split()))
    yield "| " + " | ".join(part.replace("|", "\\|") for part in (f"`{names}`", text, default)) + " |"


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0].replace("|", "\\|")


def _prose(text: str | None) -> str:
    """Return help as Markdown: typer's marks of layout are its own."""
    return (text or "").replace("\b", "").replace("\f", "").strip()
