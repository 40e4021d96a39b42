"""Reads again what an index found: in which fields of the payload a value stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from worker.admin.filters import Filters, term_of
from worker.delivery.payloads import payloads
from worker.settings import Connection as Setup
from worker.store.db.tables import events
from worker.store.terms.keys import Hashing, hashing
from worker.store.terms.values import normal, scalars, stands_in

SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class _Hit:
    seq: int
    connection: str
    request_id: str
    position: int
    subject: str


class Hits:
    """Of one search by a term. `found_in`: what was read so far, by seq; what holds it nowhere is none."""

    def __init__(self, conn: Connection, connections: Mapping[str, Setup], wanted: Filters) -> None:
        self._connections = connections
        self._field = wanted.field
        self._terms = frozenset(map(term_of, wanted.term))
        self._hashing = hashing(conn) if wanted.term else None
        self.found_in: dict[int, tuple[str, ...]] = {}

    def check(self, conn: Connection, seqs: Sequence[int]) -> Collection[int]:
        by = events.c
        columns = (by.seq, by.connection, by.request_id, by.position, by.subject)
        hits = [_Hit(*row) for row in conn.execute(select(*columns).where(by.seq.in_(seqs)))]
        said = payloads(conn, self._connections, hits)
        for hit in hits if self._hashing else ():
            fields = self._fields(hit, said.get(hit.seq), self._hashing)
            if fields and (self._field is None or any(stands_in(self._field, name) for name in fields)):
                self.found_in[hit.seq] = fields
        return self.found_in.keys()

    def _fields(self, hit: _Hit, payload: object, known: Hashing | None) -> tuple[str, ...]:
        named = [(SUBJECT, hit.subject), *scalars(payload)]
        spelled = [(name, normal(value)) for name, value in named]
        assert known is not None, "there is a key once there are terms"
        return tuple(dict.fromkeys(name for name, text in spelled if text and known.term(text) in self._terms))
