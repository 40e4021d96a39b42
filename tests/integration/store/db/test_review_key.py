"""Revision 0007: what earlier releases wrote into a reason becomes data, and their workers go on beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from worker.plan import QualifiedKey
from worker.store import Store, open_store
from worker.store.db.migrate import MIGRATIONS, migrate
from worker.store.events.events import show
from worker.store.events.replay import revive_reviewed

NOON = int(datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp()) * 1_000_000
DECIDE = "look in Upsales, then `relay review adopt` or `relay review create`"
UNDECIDED = "whether it was made waits for a person: decide that first, see `relay review list`, then replay this one"
ADDED = text(
    "INSERT INTO events (id, request_id, position, connection, event_id, type, subject, time, status, reason, received_at)"
    " VALUES (:id, 'r', 0, 'butik', :id, 'account.upsert', :id, :noon, :status, :reason, :noon)"
)
"""As a worker of revision 0006 adds one: nothing of what came later is named."""


def account(key: str, connection: str = "butik") -> QualifiedKey:
    return QualifiedKey(connection, "account", key)


TOLD = {
    "several": (
        "2 records in Upsales match account 'K-1': 17, 18",
        (account("K-1"), (17, 18)),
    ),
    "more than are told": (
        f"11 records in Upsales match account 'K-1': {', '.join(map(str, range(10)))}",
        (account("K-1"), ()),
    ),
    "a quote in the key": (
        """2 records in Upsales match account "Åsa's: Öl": 17, 18""",
        (account("Åsa's: Öl"), (17, 18)),
    ),
    "both quotes in the key": (
        r"""2 records in Upsales match account 'Åsa\'s "Öl"': 17, 18""",
        (account("""Åsa's "Öl\""""), (17, 18)),
    ),
    "no mark": (
        f"a create of comment 'M-1' got no answer, and it has no mark to be found by: {DECIDE}",
        (QualifiedKey("butik", "comment", "M-1"), ()),
    ),
    "three days": (
        f"a create of account 'K-1' got no answer, and what became of it could not be found out for 3 days: {DECIDE}",
        (account("K-1"), ()),
    ),
    "no call": ("account 'K-1' was begun, and no call tells how it ended", (account("K-1"), ())),
    "another connection's": (
        f"account 'K-1' of kassa has the same orgNo, and {UNDECIDED}",
        (account("K-1", "kassa"), ()),
    ),
    "a link": (f"it links to account 'K-1' of butik, and {UNDECIDED}", (account("K-1"), ())),
    "twice": (
        "account 'K-1' was made more than once: 17, 18. Merge them in Upsales.",
        (account("K-1"), (17, 18)),
    ),
    "perhaps twice": (
        "whether account 'K-1' was made twice could not be found out: 400: nej. Look at it in Upsales.",
        (account("K-1"), ()),
    ),
    "an update": (
        "what an update of account 17 did could not be put right: 400: account 'K-1'. Look at it in Upsales.",
        (None, (17,)),
    ),
    "what no database holds": (r"account 'K\x00' was begun, and no call tells how it ended", (None, ())),
    "anything else": ("två poster, säger Åsa om account 'K-1'", (None, ())),
    "nothing": (None, (None, ())),
}


@pytest.fixture
def old(empty_database_url: str, tmp_path: Path) -> Iterator[Store]:
    """A database of revision 0006."""
    migrations = Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations"))
    for later in (path for path in (migrations / "versions").glob("*.py") if path.name >= "0007"):
        later.unlink()
    store = open_store(empty_database_url)
    migrate(store, migrations=migrations)
    yield store
    store.close()


def add(store: Store, event: str, reason: str | None, status: str = "review") -> None:
    with store.write() as conn:
        conn.execute(ADDED, {"id": event, "noon": NOON, "status": status, "reason": reason})


def asked(store: Store, event: str) -> tuple[QualifiedKey | None, tuple[int, ...]]:
    with store.read() as conn:
        found = show(conn, event)
    assert found is not None
    return found.review_key, found.candidates


def test_what_is_in_review_already_is_told_by_its_reason(old: Store) -> None:
    for event, (reason, _) in TOLD.items():
        add(old, event, reason)
    add(old, "dead", "2 records in Upsales match account 'K-1': 17, 18", "dead")

    migrate(old)

    assert {event: asked(old, event) for event in TOLD} == {event: then for event, (_, then) in TOLD.items()}
    assert asked(old, "dead") == (None, ())
    assert revive_reviewed(old, "butik", "inget väntar här", account("K-1")) == 7


def test_a_worker_of_the_revision_before_goes_on(old: Store) -> None:
    migrate(old)
    add(old, "e1", "2 records in Upsales match account 'K-1': 17, 18")
    assert asked(old, "e1") == (None, ())
    assert revive_reviewed(old, "butik", "e1", account("K-1")) == 1
