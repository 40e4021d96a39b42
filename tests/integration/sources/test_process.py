"""A process that listens: killed, started again, told to stop."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.fakes.ledger_sender import LedgerSender, serving
from tests.integration.conftest import Databases
from tests.integration.sources.listening import PATIENCE, event_ids, standing, state, until
from worker.store import Store, open_store
from worker.store.instruments import processes

ROOT = Path(__file__).parents[3]


def _start(database: str, url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.integration.sources.process", database, url], cwd=ROOT)


def _owner(store: Store) -> int:
    found = standing(store)
    assert found is not None
    return int((found.owner or "").rpartition(":")[2])


def test_a_process_that_is_killed_is_replaced_by_the_one_that_waits(sqlite_databases: Databases) -> None:
    database = sqlite_databases.migrated()
    store = open_store(database)
    sender = LedgerSender()
    with serving(sender) as url:
        both = {process.pid: process for process in (_start(database, url), _start(database, url))}
        until(lambda: state(store) == "listening", "one of them listens")
        first = both.pop(_owner(store))
        (second,) = both.values()
        told = [sender.tell()]
        until(lambda: len(event_ids(store)) == 1, "it is stored")
        with store.read() as conn:
            assert "listener" in {each.kind for each in processes.every(conn) if each.alive}
        first.send_signal(signal.SIGKILL)
        first.wait()
        told.append(sender.tell())
        until(lambda: len(event_ids(store)) == 2, "the other takes over")
        second.send_signal(signal.SIGTERM)
        assert second.wait(PATIENCE) == 0
        found = standing(store)
        assert found is not None
        assert (found.state, found.alive) == ("stopped", False)
    assert event_ids(store) == [f"4711:customers:{offset}" for offset in told]
    store.close()
    sqlite_databases.drop(database)
