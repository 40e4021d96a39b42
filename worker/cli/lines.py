"""Prints rows as they come, a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from worker.cli.folding import wrapped
from worker.cli.output import cell, json_text, say, say_text


class Lines:
    """Prints rows one after the other as they come: JSON lines, or a line each, which goes on below where the terminal ends."""

    def __init__(self, columns: Sequence[str], *, as_json: bool) -> None:
        self._columns = columns
        self._as_json = as_json
        self._widths = dict.fromkeys(columns, 0)

    def show(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if self._as_json:
            for row in rows:
                say(json_text(row, indent=None))
            return
        told = [{column: cell(row.get(column)) for column in self._columns} for row in rows]
        for cells in told:
            self._widen(cells)
        for cells in told:
            say_text(self._line(cells))

    def _widen(self, cells: Mapping[str, str]) -> None:
        """Columns stand under each other, as far as it is known how wide they are."""
        from rich.cells import cell_len

        self._widths = {column: max(width, cell_len(cells[column])) for column, width in self._widths.items()}

    def _line(self, cells: Mapping[str, str]) -> str:
        from rich.cells import cell_len

        padded = [cells[column] + " " * (self._widths[column] - cell_len(cells[column])) for column in self._columns]
        line = "  ".join(each for each in padded if each).rstrip()
        return "\n".join(wrapped(line, indent=4))
