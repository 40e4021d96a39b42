"""Folds long text to the width of the terminal."""

from __future__ import annotations


def wrapped(text: str, *, indent: int) -> list[str]:
    """On a terminal as many lines as it needs, all but the first indented; else one."""
    from rich.console import Console

    console = Console()
    return folded(text, console.width, indent) if console.is_terminal else [text]


def folded(text: str, width: int, indent: int) -> list[str]:
    """At blanks, where there are some."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.text import Text

    if cell_len(text) <= width:
        return [text]
    console = Console(width=width)
    lines = [line.plain.rstrip() for line in Text(text).wrap(console, width, tab_size=8)]
    head = lines[0]
    rest = [line.plain.rstrip() for line in Text(text[len(head) :].lstrip()).wrap(console, width - indent, tab_size=8)]
    return [head, *(" " * indent + line for line in rest)]
