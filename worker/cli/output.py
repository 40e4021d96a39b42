"""Prints lists, for people as a table and for programs as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from worker.cli.folding import folded
from worker.plan import QualifiedKey

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
    # https://www.unicode.org/reports/tr9/'s marks, which turn text around
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    # without width, or blank where something stands
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
    # joiners belong into emoji and some scripts, and nowhere else
    "|(?<![\u0600-\U0010ffff])[\u200c\u200d]|[\u200c\u200d](?![\u0600-\U0010ffff])"
)
"""What a terminal obeys, or does not show: control characters but tab and newline, and all that is there without being seen."""


def printable(text: str) -> str:
    """Each such character as its escape."""
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def one_line(text: str) -> str:
    return printable(text.replace("\n", " "))


def say(text: str = "", *, err: bool = False, nl: bool = True, **style: Any) -> None:
    """Print one line, whatever is in the text. Everything that commands say goes through here or `say_text`."""
    click.secho(one_line(text), err=err, nl=nl, **style)


def say_text(text: str, *, indent: str = "", err: bool = False) -> None:
    """Print text of several lines."""
    click.echo("\n".join(indent + printable(line) for line in text.split("\n")), err=err)


def confirmed(question: str) -> bool:
    return click.confirm(one_line(question), err=True)


LONG = frozenset(
    {
        "reason",
        "says",
        "why",
        "error",
        "changed",
        "subject",
        "what",
        "type",
        "because",
        "handles",
        "ignores",
        "writes",
        "settings",
        "review_key",
        "candidates",
        "which is",
        "told by",
    }
)
"""Columns whose cells may be folded. What is in others is copied into other commands, or read at a glance."""
FOLDED = 16
"""To how many characters at the least."""
GAP = 2

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def show(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str = "Nothing.") -> None:
    if as_json:
        print_json(rows)
    elif rows:
        _table(rows, columns)
    else:
        say(empty)


def print_json(value: Any) -> None:
    click.echo(json_text(value))


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """JSON that a terminal can show: escaped in it, the text is the same for a program."""
    written = json.dumps(_plain(value), ensure_ascii=False, indent=indent)
    return UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], written)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, QualifiedKey):
        return asdict(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if console.is_terminal:
        # What is empty in each row only takes room.
        columns = [column for column in columns if any(cell(row.get(column)) for row in rows)]
    cells = [[cell(row.get(column)) for column in columns] for row in rows]
    if not console.is_terminal:
        console.width = sum(_widths(cells, columns))
    elif sum(_widths(cells, columns, folding=True)) > console.width:
        _blocks(cells, columns, console.width)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=column not in LONG)
    for row in cells:
        table.add_row(*map(Text, row))
    console.print(table)


def _widths(cells: Sequence[Sequence[str]], columns: Sequence[str], *, folding: bool = False) -> list[int]:
    """Of the columns, with the gap behind each; a long one that may be folded takes less."""
    from rich.cells import cell_len

    found = []
    for number, column in enumerate(columns):
        widest = max(cell_len(text) for text in (column, *(row[number] for row in cells)))
        found.append(GAP + (min(widest, FOLDED) if folding and column in LONG else widest))
    return found


def _blocks(cells: Sequence[Sequence[str]], columns: Sequence[str], width: int) -> None:
    """One under the other, where a terminal is too narrow for a table."""
    indent = max(map(len, columns)) + 1
    for row in cells:
        for column, text in zip(columns, row, strict=True):
            if text:
                say_text("\n".join(folded(f"{column.replace('_', ' '):<{indent}}{text}", width, indent)))
        say()


def utc(time: datetime) -> str:
    """The one way in which people are told a time."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        value = ", ".join(str(each) for each in (sorted(value) if isinstance(value, set | frozenset) else value))
    return one_line(str(value))
