"""The examples that close every help text."""

from __future__ import annotations

from rich.markup import escape


def examples(*commands: str, remark: str = "") -> str:
    """Return example commands, one per line, as the help text shows them."""
    lines = ["[bold]Examples[/bold]", *(f"[cyan]$ {escape(command)}[/cyan]" for command in commands)]
    text = "\n".join(lines)
    return f"{text}\n\n{remark}" if remark else text
