"""Asks of things whether an event brought them, as they are or newer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection as Transaction

from worker.delivery.listed import Shown, brought
from worker.settings import Connection
from worker.store.sources.told import WORKED, there, told


def known_of(conn: Transaction, connection: Connection, shown: Sequence[Shown]) -> Sequence[bool]:
    ids = [each for one in shown for each in (one.caught_up, one.backfilled)]
    stored = there(conn, connection.name, ids, WORKED)
    kinds = {one.kind: {each.thing: each.subject for each in shown if each.kind == one.kind} for one in shown}
    by_kind = {kind: told(conn, connection.name, kind, things, WORKED) for kind, things in kinds.items()}
    return [brought(connection.connector, one, stored, by_kind[one.kind]) for one in shown]
