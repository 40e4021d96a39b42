"""Reads a file of things as a sender's API is read: JSON lines or CSV."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from worker.errors import ConfigError, NoToken
from worker.sdk.connector import Connector
from worker.sources.ports import Page, Reader, Thing

SIZE = 500
"""Items of a page."""
LONGEST_VALUE = 10 * 1024 * 1024
csv.field_size_limit(LONGEST_VALUE)


@dataclass
class FileReader:
    """The bookmark of a page is how many items come before it.

    `columns`: of CSV, the dotted path in the payload where what stands under a name belongs; a name that is not there is one itself.
    `needed`: names that must be there. `source`: reads the sender's API, for what a mapping needs beside a line.
    """

    path: Path
    kind: str
    columns: Mapping[str, str] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    source: Reader | None = None
    _begun: tuple[int, Iterator[Any]] | None = None

    @cached_property
    def digest(self) -> str:
        with self._opened("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def written_at(self) -> datetime:
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    def get(self, kind: str, thing: str, *, event: str | None = None) -> Thing:
        """Raises NoToken where the sender is not read, and the failures of a source."""
        if self.source is None:
            raise NoToken(f"{kind}: the sender has no API that is read")
        return self.source.get(kind, thing, event=event)

    def page(self, kind: str, since: datetime | None, bookmark: str | None = None) -> Page:  # noqa: ARG002 - the port's signature
        """Raises ConfigError for a line that can't be read."""
        begin = int(bookmark or 0)
        position, rest = self._begun or (0, self._items())
        if position > begin:
            position, rest = 0, self._items()
        items = list(islice(rest, begin - position, begin - position + SIZE))
        self._begun = (begin + len(items), rest)
        following = str(begin + SIZE) if len(items) == SIZE else None
        return Page(kind=kind, items=items, bookmark=following, read_at=self.written_at)

    def _items(self) -> Iterator[Any]:
        with self._opened("r") as file:
            yield from self._rows(file) if self.path.suffix.lower() == ".csv" else self._lines(file)

    def _opened(self, mode: str) -> Any:
        try:
            return self.path.open(mode) if "b" in mode else self.path.open(mode, encoding="utf-8-sig", newline="")
        except OSError as error:
            raise ConfigError(f"{self.path}: {error.strerror or type(error).__name__}") from None

    def _rows(self, file: Any) -> Iterator[Mapping[str, Any]]:
        """A semicolon separates where there is no comma among the names: so Excel writes in the Nordic countries."""
        names = file.readline()
        file.seek(0)
        rows = csv.reader(file, delimiter=";" if names.count(";") > names.count(",") else ",")
        try:
            header = [name.strip() for name in next(rows, ())]
            unknown = sorted(self.needed - set(header))
            if unknown:
                raise ConfigError(f"{self.path}: it has no column {unknown[0]!r}; there are: {', '.join(header)}")
            for row in rows:
                if any(row):
                    yield payload_of([self.columns.get(name, name) for name in header], row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.path} line {rows.line_num}: it can't be read ({error})") from None

    def _lines(self, file: Any) -> Iterator[Any]:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                raise ConfigError(f"{self.path} line {number}: it is no JSON; a line holds one thing") from None


def reader_of(connector: Connector, path: Path, kind: str, columns: Sequence[str]) -> FileReader:
    """`columns` go before the connector's own. Raises ConfigError."""
    told = columns_of(columns)
    return FileReader(path, kind, {**connector.columns.get(kind, {}), **told}, frozenset(told))


def payload_of(paths: Sequence[str], row: Sequence[str]) -> Mapping[str, Any]:
    """What a row tells, each value where its path says. An empty one tells nothing."""
    payload: dict[str, Any] = {}
    told = ((path.split("."), value.strip()) for path, value in zip(paths, row, strict=False))
    for (*outer, last), value in told:
        inner: Any = payload
        for step in outer if value else ():
            inner = inner.setdefault(step, {})
            if not isinstance(inner, dict):
                raise ConfigError(f"columns: {'.'.join(outer)} and {'.'.join([*outer, last])} can't both be there")
        if value and last:
            inner[last] = value
    return payload


def columns_of(told: Sequence[str]) -> Mapping[str, str]:
    """`Name=path` for each. Raises ConfigError."""
    found = {}
    for each in told:
        name, equals, path = each.partition("=")
        if not (equals and name.strip() and path.strip()):
            raise ConfigError(f"--columns {each}: write the column and the path, such as E-mail=customer.email")
        found[name.strip()] = path.strip()
    return found
