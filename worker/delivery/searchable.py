"""Makes the payloads of new events searchable, some seconds after they came."""

from __future__ import annotations

import time
from collections.abc import Mapping

from worker.delivery.payloads import payloads
from worker.settings import Connection
from worker.store import Store
from worker.store.terms import stored
from worker.store.terms.keys import hashing, made_hashing
from worker.store.terms.values import chosen, tells_of_nobody

AT_ONCE = 500
IN_ONE_TRANSACTION = 100
"""Whoever takes webhooks in, or delivers, waits for no more than that."""
LONGEST = 1.5
"""Seconds of one run: the next one goes on."""


def make_searchable(store: Store, connections: Mapping[str, Connection]) -> int:
    """Until nothing is left, or the time is over. Answers how many events. Whatever it is ended by, the next run goes on there."""
    begun, number = time.monotonic(), 0
    while True:
        done = _some(store, connections)
        number += done
        if done < AT_ONCE or time.monotonic() - begun > LONGEST:
            return number


def _some(store: Store, connections: Mapping[str, Connection]) -> int:
    """What is read is not written where it changed meanwhile: then it is read again."""
    with store.read() as conn:
        waiting = stored.unsearched(conn, AT_ONCE)
        said = payloads(conn, connections, waiting)
    if not waiting:
        return 0
    texts = {
        each: chosen(said.get(each.seq), None if tells_of_nobody(each.subject) else each.subject) for each in waiting
    }
    number = 0
    for start in range(0, len(waiting), IN_ONE_TRANSACTION):
        with store.write() as conn:
            known = hashing(conn) or made_hashing(conn)
            some = {
                each: [known.term(text) for text in texts[each]] for each in waiting[start : start + IN_ONE_TRANSACTION]
            }
            number += stored.store(conn, some)
    return number
