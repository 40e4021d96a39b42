"""Counts the calls to Upsales that new, changed, unchanged and repeated events cost.

python -m bench.calls [--events 1000] [--domains]

Beside it the same events through what is written first everywhere: search, then make or change.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.house import BEGAN, House, Layout, house, within
from worker.store.ledger import journal

NEW, CHANGED, SAME, AGAIN, BURST = 0.30, 0.25, 0.25, 0.10, 0.10
AT_ONCE = 50
"""Events that come in together; the next ones come when these have been delivered."""
BURST_LENGTH = 5
RELAY, NAIVE = "relay", "naive"
KNOWN_BEFORE = {"name": "Redan Där AB", "orgNo": "556999-0019", "users": [{"id": 1}]}
"""Every account has a company before the first event."""
ASKED_ONCE = re.compile(r"\blimit=1$|%22id%22")
"""In the two searches of a process that show whether Upsales takes an `or`."""


@dataclass(slots=True)
class Story:
    """Draws events about companies, and remembers what Upsales must be told: `changes` counts a thing once a round."""

    random: random.Random
    domains: bool = False
    told: list[dict[str, Any]] = field(default_factory=list)
    known: dict[int, dict[str, Any]] = field(default_factory=dict)
    changes: int = 0
    ticks: int = 0

    def round(self) -> Sequence[Mapping[str, Any]]:
        drawn = self.random.choices(
            ("new", "changed", "same", "again", "burst"), (NEW, CHANGED, SAME, AGAIN, BURST / BURST_LENGTH), k=AT_ONCE
        )
        kinds = Counter(drawn)
        others = self.random.sample(
            sorted(self.known), min(len(self.known), kinds["changed"] + kinds["same"] + kinds["burst"])
        )
        events = [self._told(len(self.known), "new", phone=True) for _ in range(kinds["new"])]
        for kind in ("changed", "same"):
            events += [self._told(others.pop(), kind, phone=kind == "changed") for _ in range(kinds[kind]) if others]
        for _ in range(kinds["burst"]):
            if others:
                number = others.pop()
                events += [self._told(number, "burst", phone=True, counts=not place) for place in range(BURST_LENGTH)]
        again = self.random.sample(self.told, min(len(self.told), kinds["again"]))
        self.told += events
        return [*events, *again]

    def _company(self, number: int) -> dict[str, Any]:
        known = {"id": f"K-{number}", "name": f"Åkeri {number} AB", "orgNo": _org_no(number)}
        return {**known, "webpage": f"https://www.akeri{number}.example/"} if self.domains else known

    def _told(self, number: int, kind: str, *, phone: bool, counts: bool = True) -> dict[str, Any]:
        self.ticks += 1
        data = self.known.get(number) or self._company(number)
        if phone:
            data = {**data, "phone": f"+4670{self.ticks:07d}"}
            self.changes += counts
        self.known[number] = data
        time = BEGAN + timedelta(seconds=self.ticks)
        return {"id": f"{kind} {self.ticks}", "type": "account.upsert", "time": time.isoformat(), "data": data}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Calls by what they were for. `things`: records that stand in Upsales in the end."""

    events: int
    creates: int
    updates: int
    searches: int
    reads: int
    lookups: int
    things: int

    @property
    def calls(self) -> int:
        return self.creates + self.updates + self.searches + self.reads + self.lookups


def main() -> int:
    options = _options()
    story = Story(random.Random(options.seed), options.domains)
    rounds: list[Sequence[Mapping[str, Any]]] = []
    while sum(len(events) for events in rounds) < options.events:
        rounds.append(story.round())
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as scratch:
        layout = Layout(keys={RELAY: "nyckel-relay"})
        with house(Path(scratch), layout) as place:
            place.sandbox("POST", "/keys", {"name": NAIVE, "key": "nyckel-naive", "account": 2})
            place.sandbox("POST", "/keys", {"name": "people", "key": "nyckel-people", "account": 1})
            with httpx.Client(base_url=f"{place.sandbox_url}/api/v2", trust_env=False) as people:
                people.post("/accounts", params={"token": "nyckel-people"}, json=KNOWN_BEFORE).raise_for_status()
            place.start_workers(2)
            for events in rounds:
                place.accept(RELAY, events)
                within(120, lambda: "pending" not in place.statuses(), "a round is delivered")
            with httpx.Client(base_url=f"{place.sandbox_url}/api/v2", trust_env=False) as client:
                for events in rounds:
                    for event in events:
                        search_then_write(client, event["data"])
            events_sent = sum(len(events) for events in rounds)
            costs = {name: _cost(place, name, account, events_sent) for name, account in ((RELAY, 1), (NAIVE, 2))}
            reads_of_updates = _reads_of_updates(place)
    return _report(costs, story, reads_of_updates)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--domains", action="store_true", help="companies have a website as well as number and name")
    return parser.parse_args()


def search_then_write(client: httpx.Client, data: Mapping[str, Any]) -> None:
    """Without a memory of its own: what was written and what it is called is asked of Upsales each time."""
    token = {"token": "nyckel-naive"}
    body = {name: value for name, value in data.items() if name != "id"}
    found = client.get("/accounts", params={**token, "orgNo": f"eq:{data['orgNo']}"}).json()["data"]
    if found:
        client.put(f"/accounts/{found[0]['id']}", params=token, json=body).raise_for_status()
    else:
        user = client.get("/users", params=token).json()["data"][0]["id"]
        client.post("/accounts", params=token, json={**body, "users": [{"id": user}]}).raise_for_status()


def _cost(place: House, name: str, account: int, events: int) -> Cost:
    calls = place.calls(key=name)
    kinds = Counter(_kind(call) for call in calls)
    things = place.sandbox("GET", f"/state?account={account}&resource=accounts")["accounts"][str(account)]["records"]
    return Cost(
        events=events, creates=kinds["create"], updates=kinds["update"], searches=kinds["search"], reads=kinds["read"],
        lookups=kinds["lookup"], things=len(things.get("accounts", ())),
    )  # fmt: skip


def _kind(call: Mapping[str, Any]) -> str:
    if call["resource"] != "accounts" or ASKED_ONCE.search(call["query"]):
        return "lookup"
    if call["method"] == "GET":
        return "read" if call["path"].rpartition("/")[2].isdigit() else "search"
    return "create" if call["method"] == "POST" else "update"


def _reads_of_updates(place: House) -> int:
    """Reads that the journal tells were made for events about things that were known."""
    with place.store.read() as conn:
        calls = journal.listed(conn, resource="account", limit=1_000_000)
    made = {call.event for call in calls if call.method == "POST"}
    return sum(call.method == "GET" and call.event not in made for call in calls)


def _report(costs: Mapping[str, Cost], story: Story, reads_of_updates: int) -> int:
    print(f"{'':22} {'relay':>8} {'search, then write':>20}")
    relay, naive = costs[RELAY], costs[NAIVE]
    for name in ("events", "creates", "updates", "searches", "reads", "lookups", "things", "calls"):
        print(f"{name:22} {getattr(relay, name):8} {getattr(naive, name):20}")
    writes = {name: (cost.creates + cost.updates) / story.changes for name, cost in costs.items()}
    per_create = {
        name: (cost.searches if name == RELAY else cost.creates) / cost.creates for name, cost in costs.items()
    }
    per_event = {name: cost.calls / cost.events for name, cost in costs.items()}
    print(f"{'writes per change':22} {writes[RELAY]:8.2f} {writes[NAIVE]:20.2f}")
    print(f"{'reads per create':22} {per_create[RELAY]:8.2f} {per_create[NAIVE]:20.2f}")
    print(f"{'reads per update':22} {reads_of_updates / max(relay.updates, 1):8.2f} {1.0:20.2f}")
    print(f"{'calls per event':22} {per_event[RELAY]:8.2f} {per_event[NAIVE]:20.2f}")
    kept = (
        writes[RELAY] <= 1.0
        and per_create[RELAY] <= 1.0
        and reads_of_updates == 0
        and relay.things == len(story.known) + 1
    )
    return 0 if kept else 1


def _org_no(number: int) -> str:
    digits = f"556{number:06d}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return f"{digits}{-sum(d // 10 + d % 10 for d in doubled) % 10}"


if __name__ == "__main__":
    sys.exit(main())
