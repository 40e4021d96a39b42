"""Keys that are lost and replaced while events flow, through real processes.

FLOW=5000 WITHOUT_KEY=60 pytest tests/integration/whole/test_keys_in_use.py
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.house import House, Layout, company, house, within
from worker.store.events import events
from worker.store.ledger import journal

COMPANIES = 100
FLOW = int(os.environ.get("FLOW", "300"))
WITHOUT_KEY = float(os.environ.get("WITHOUT_KEY", "3"))
WORKERS, THREADS = 2, 8
PROBES = 1 + math.ceil(math.log2(1 + WITHOUT_KEY / 15))
"""Whether a key works again is asked after 5 s, then after 15, 30, 60 …"""
GOOD = {"delivered", "superseded"}


@contextmanager
def flowing(place: House, first: int) -> Iterator[None]:
    """Events about the same companies, again and again, while something happens to their key; numbered on from `first`."""

    def tell() -> None:
        for start in range(first, first + FLOW, 50):
            numbers = range(start, start + 50)
            place.accept("butik", [company(number % COMPANIES, number) for number in numbers])
            time.sleep(0.25)

    done = place.statuses().get("delivered", 0)
    teller = threading.Thread(target=tell)
    teller.start()
    within(60, lambda: place.statuses().get("delivered", 0) > done + FLOW // 10, "deliveries flow")
    yield
    teller.join()
    within(90 + FLOW / 20, lambda: "pending" not in place.statuses(), "everything is delivered")


def told(place: House, calls: Sequence[Mapping[str, Any]]) -> Mapping[int, Sequence[int]]:
    """By record, which versions Upsales was told, in its order."""
    found: dict[int, list[int]] = {}
    for call in calls:
        if call["write"] and call["status"] == 200:
            found.setdefault(call["id"], []).append(call["body"]["noEmployees"])
    return found


def check_everything_arrived_in_order(place: House, number: int) -> None:
    assert set(place.statuses()) <= GOOD
    assert sum(place.statuses().values()) == number
    versions = told(place, place.calls())
    assert len(versions) == COMPANIES
    assert all(older < newer for of_one in versions.values() for older, newer in pairwise(of_one))
    assert sorted(of_one[-1] for of_one in versions.values()) == list(range(number - COMPANIES, number))


def test_a_key_is_rotated_and_the_next_one_deleted_while_events_flow(tmp_path: Path) -> None:
    """Under load a rotation fails no call, and a key that is gone loses nothing."""
    layout = Layout(keys={"butik": "nyckel-ett"}, delivery={"threads": str(THREADS)})
    with house(tmp_path, layout) as place:
        place.start_workers(WORKERS)
        with flowing(place, 0):
            place.sandbox("POST", "/keys", {"name": "butik-2", "key": "nyckel-två"})
            rotated = place.relay("keys", "rotate", "butik", stdin="nyckel-två\n")
            assert rotated.returncode == 0, rotated.stderr
            assert "may be deleted in Upsales" in rotated.stdout
            place.sandbox("DELETE", "/keys/butik")
        check_everything_arrived_in_order(place, FLOW)
        assert {call["status"] for call in place.calls()} == {200}
        assert {call["key"] for call in place.calls()} == {"butik", "butik-2"}
        with place.store.read() as conn:
            assert len({call.fingerprint for call in journal.listed(conn, limit=5 * FLOW)}) == 2

        with flowing(place, FLOW):
            place.sandbox("DELETE", "/keys/butik-2")
            within(20, lambda: place.state("butik").paused, "the connection is paused")
            time.sleep(WITHOUT_KEY)
            asked = [call["path"].rpartition("/")[2] == "self" for call in place.calls() if call["status"] == 401]
            assert asked.count(False) <= WORKERS * THREADS
            assert asked.count(True) <= WORKERS + PROBES
            accepted = sum(place.statuses().values())

            place.sandbox("POST", "/keys", {"name": "butik-3", "key": "nyckel-tre"})
            place.put_key("butik", "nyckel-tre")
            within(10, lambda: place.state("butik").runs, "the new key resumes the connection")
            assert sum(place.statuses().values()) >= accepted
        check_everything_arrived_in_order(place, 2 * FLOW)
        with place.store.read() as conn:
            assert {event.attempts for event in events.listed(conn, limit=2 * FLOW)} == {0}
