"""Binds connections to another account, and gives up what they had begun to make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.admin.parts import Parts
from worker.admin.pausing import about
from worker.plan import QualifiedKey
from worker.store.events import replay
from worker.store.lanes import accounts
from worker.store.lanes.connections import State
from worker.store.ledger import reviews
from worker.store.people import audit
from worker.store.people.audit import Actor


def rebind(parts: Parts, actor: Actor, bound: State, why: str | None) -> None:
    """`bound`: as it was. Recorded in the last of its many transactions: whoever is stopped before does it once more."""
    told = f"was bound to account {bound.account} ({bound.account_name})"
    accounts.rebind(
        parts.store,
        bound.name,
        lambda conn: audit.record(conn, actor, "rebind", about(bound.name), why=why, outcome=told),
    )


def settle(
    parts: Parts, actor: Actor, name: str, keys: Sequence[QualifiedKey], why: str | None
) -> Iterator[tuple[QualifiedKey, int]]:
    """Give up their creates, each in a transaction of its own. Answers how many events are tried again for each."""
    horizon = parts.settings.upsales.settled_after
    with parts.store.write() as conn:
        # Before the first of them: whoever is stopped in between has done some.
        told = f"{len(keys)} creates without an answer are given up"
        audit.record(conn, actor, "settle", about(name), why=why, outcome=told)
    for key in keys:
        reviews.make_again(parts.store, name, key.key, verify_in=horizon)
        yield key, replay.revive_reviewed(parts.store, name, "", key)


def restored(parts: Parts, actor: Actor, why: str | None) -> int:
    """All connections look for what was made before. Answers how many there are."""
    with parts.store.write() as conn:
        number = accounts.restored(conn)
        audit.record(conn, actor, "restored", "relay", why=why, outcome=f"{number} connections")
        return number
