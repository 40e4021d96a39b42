"""Follows several growing files, and puts each file's name before its lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path


class Following:
    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._read = dict.fromkeys(files, 0)
        self._width = max((len(name) for name in files), default=0)

    def new_lines(self) -> Iterator[str]:
        """Whole lines only: what is still being written comes the next time."""
        for name, path in self._files.items():
            for line in self._new(name, path):
                yield f"{name:<{self._width}} | {line}"

    def _new(self, name: str, path: Path) -> list[str]:
        try:
            size = path.stat().st_size
            if size < self._read[name]:  # it was rotated away
                self._read[name] = 0
            with path.open("rb") as file:
                file.seek(self._read[name])
                whole, _, _ = file.read().rpartition(b"\n")
        except OSError:
            return []
        if not whole:
            return []
        self._read[name] += len(whole) + 1
        return whole.decode("utf-8", "replace").split("\n")
