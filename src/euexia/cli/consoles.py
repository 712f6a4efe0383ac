"""Where the command line writes: results to standard output, everything else to standard error."""

from __future__ import annotations

from rich.console import Console

results = Console(highlight=False)
messages = Console(stderr=True, highlight=False)


def complain(text: str) -> None:
    """Write an error message."""
    messages.print("Error: ", style="bold red", end="")
    messages.print(text, markup=False, soft_wrap=True)


def tell(text: str) -> None:
    """Write a word about what is going on."""
    messages.print(text, markup=False, soft_wrap=True)
