"""Reads whole tables in pages, so that nobody waits and memory stays small."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Row, Table, select, tuple_

from worker.store.db.engine import Store

Item = TypeVar("Item")

AT_ONCE = 500
BODIES_AT_ONCE = 50
"""Requests, whose bodies may be a megabyte each."""


Progress: TypeAlias = Callable[[str, int], None]
"""Is told how many rows of a table have been looked through, or erased."""


def pages(
    store: Store,
    table: Table,
    columns: Sequence[ColumnElement[Any]],
    progress: Progress,
    size: int = AT_ONCE,
) -> Iterator[Sequence[Row[Any]]]:
    """Rows of the primary key and the columns, in the key's order. What is written meanwhile may be missed."""
    keys = list(table.primary_key.columns)
    last: tuple[Any, ...] | None = None
    seen = 0
    while True:
        statement = select(*keys, *columns).order_by(*keys).limit(size)
        if last is not None:
            statement = statement.where(tuple_(*keys) > tuple_(*last))
        with store.read() as conn:
            rows = conn.execute(statement).all()
        seen += len(rows)
        progress(table.name, seen)
        if rows:
            yield rows
            last = tuple(rows[-1][: len(keys)])
        if len(rows) < size:
            return


def in_chunks(wanted: Sequence[Item], size: int = AT_ONCE) -> Iterator[Sequence[Item]]:
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]
