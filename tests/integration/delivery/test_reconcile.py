"""Reconciling: every drift is found and nothing else, what may be repaired is, and a restored database is linked again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Table, delete, insert, select, update

from tests.fakes.shop import READ_AT, ListReader, connector, order
from tests.integration.delivery.room import Room
from tests.integration.delivery.test_backfill import Site
from worker.cli import relay as command
from worker.cli.context import Installation
from worker.delivery.reconcile.run import Asked, Reconciling
from worker.devkit.neighbour import Neighbour, served
from worker.errors import GoneAtSource
from worker.settings import Connection
from worker.sources.ports import Thing
from worker.store.db.tables import events, metadata
from worker.store.people import audit
from worker.store.sources import reconciliations
from worker.store.sources.reconciliations import Reconciliation

SOURCE = connector.source
assert SOURCE is not None
READABLE = replace(
    connector, source=replace(SOURCE, kinds={"order": replace(SOURCE.kinds["order"], get="/orders/{id}")})
)
SHOP = Connection(name="butik", connector=READABLE, settings=None, writes=READABLE.writes)
DRIFTS = (
    "none", "missing", "dead", "unlinked", "behind", "person", "both", "only made with it", "gone", "extra", "waiting",
)  # fmt: skip


@dataclass
class Orders(ListReader):
    """What the sender has; `archived` are in no list, and there all the same."""

    archived: Sequence[Any] = ()
    got: list[str] = field(default_factory=list)

    def get(self, kind: str, thing: str, *, event: str | None = None) -> Thing:  # noqa: ARG002 - the port's signature
        self.got.append(thing)
        for each in (*self.things, *self.archived):
            if str(each["id"]) == thing:
                return Thing(kind=kind, id=thing, body=each, read_at=READ_AT)
        raise GoneAtSource(f"{kind} is gone")


class Shop(Site):
    def reconcile(self, reader: ListReader, **asked: Any) -> Reconciliation:
        """Whoever waits for room has the workers work."""
        crm = self.runtime.binding.clients.of(SHOP).on_behalf(None, behind=True)
        made = Reconciling(self.store, self.runtime.settings, SHOP, reader, crm, pause=lambda _seconds: self.work())
        return made.run(Asked(kinds=["order"], **asked))

    def work(self) -> None:
        self.room.come()
        self.deliver()

    def deliver_all(self) -> None:
        """A quick machine uses up a window of ten seconds, and waits for the next one."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with self.store.read() as conn:
                if not conn.execute(select(events.c.id).where(events.c.status == "pending").limit(1)).all():
                    return
            self.work()
            time.sleep(0.1)
        raise AssertionError("some event waits for ever")

    def told_by(self, number: int) -> Mapping[str, Any]:
        return next(each for each in self.orders() if each["description"] == f"Bod #{number}")

    def change(self, number: int, **fields: Any) -> None:
        self.upsales("PUT", f"orders/{self.told_by(number)['id']}", fields)

    def remove(self, number: int) -> None:
        path = f"/api/v2/orders/{self.told_by(number)['id']}?token=nyckel-butik-%C3%A5%C3%A4%C3%B6"
        assert self.sandbox.client.open(path, method="DELETE").status_code == 200


@pytest.fixture
def site(room: Room) -> Iterator[Shop]:
    made = Shop(room)
    yield made
    made.runtime.close()


def tables(site: Shop) -> dict[Table, list[dict[str, Any]]]:
    """A backup."""
    with site.store.read() as conn:
        return {table: [dict(row._mapping) for row in conn.execute(select(table))] for table in metadata.sorted_tables}


def restore(site: Shop, backup: dict[Table, list[dict[str, Any]]]) -> None:
    with site.store.write() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(delete(table))
        for table, rows in backup.items():
            if rows:
                conn.execute(insert(table), rows)


def company(number: int) -> str:
    return f"559999{number % 7:04}"


def seeded(site: Shop, number: int) -> tuple[dict[int, str], list[Any]]:
    """Orders with a drift each, and what the sender has of them now."""
    random = Random(4711)
    drifts = {
        each: DRIFTS[each % len(DRIFTS)] if each < len(DRIFTS) else random.choice(DRIFTS) for each in range(number)
    }
    now = {each: order(each, company(each), notes="från början") for each in drifts}
    delivered = [each for each, drift in drifts.items() if drift not in ("missing", "dead", "unlinked", "waiting")]
    for each in delivered:
        site.live(now[each], f"live {each}")
    site.deliver_all()
    backup = tables(site)
    for each in (each for each, drift in drifts.items() if drift == "unlinked"):
        site.live(now[each], f"live {each}")
    site.deliver_all()
    restore(site, backup)
    for each, drift in drifts.items():
        _drift(site, now, each, drift)
    return drifts, [thing for each, thing in now.items() if drifts[each] != "extra"]


def _drift(site: Shop, now: dict[int, Any], number: int, drift: str) -> None:
    match drift:
        case "dead" | "waiting":
            site.live(now[number], f"live {number}")
            if drift == "dead":
                with site.store.write() as conn:
                    conn.execute(update(events).where(events.c.event_id == f"live {number}").values(status="dead"))
        case "behind":
            now[number] = order(number, company(number), minute=5, notes="nyare")
        case "person":
            site.change(number, notes="säljarens ord")
        case "both":
            site.change(number, notes="säljarens ord")
            now[number] = order(number, company(number), minute=5, notes="nyare")
        case "only made with it":
            site.change(number, date="2026-12-24")
        case "gone":
            site.remove(number)


FOUND = {
    "missing": "missing", "dead": "missing", "unlinked": "unlinked", "behind": "different", "person": "different",
    "both": "different", "gone": "gone", "extra": "extra",
}  # fmt: skip


NUMBER = {"sqlite": int(os.environ.get("RECONCILE_DRIFTS", "66")), "postgresql": 2 * len(DRIFTS)}
"""Of things. A drift of each kind comes first; 200 take a minute or two."""


def writes(site: Shop) -> int:
    return len(site.sandbox.calls(method="PUT")) + len(site.sandbox.calls(method="POST"))


def one_by_one(site: Shop) -> int:
    return sum(call["path"].rpartition("/orders/")[2].isdigit() for call in site.sandbox.calls(method="GET"))


def told(done: Reconciliation) -> set[tuple[str, str]]:
    return {(each.what, each.thing) for each in done.findings if each.resource == "order"}


def expected(drifts: Mapping[int, str], left: Sequence[str]) -> set[tuple[str, str]]:
    return {(FOUND[drift], str(each)) for each, drift in drifts.items() if drift in left}


def test_every_drift_is_found_and_nothing_else_and_what_may_be_is_repaired(site: Shop) -> None:
    number = NUMBER[site.store.engine.dialect.name]
    drifts, things = seeded(site, number)
    reader = Orders(things, size=50)
    before = one_by_one(site)

    found = site.reconcile(reader)

    assert told(found) == expected(drifts, list(FOUND))
    assert {each.because for each in found.findings if drifts[int(each.thing)] == "dead"} == {"dead"}
    by = {drifts[int(each.thing)]: each.fields for each in found.findings if each.what == "different"}
    assert by == {"behind": {"notes": "behind"}, "person": {"notes": "person"}, "both": {"notes": "person"}}
    assert found.counts["waiting"] == sum(drift == "waiting" for drift in drifts.values())
    # Records are read many at a time; what differs, is gone or would be linked is asked for once more.
    assert one_by_one(site) - before <= sum(found.counts[what] for what in ("different", "gone", "unlinked"))

    site.reconcile(reader, repair=True)
    site.deliver_all()
    left = ("person", "both", "extra")
    again = site.reconcile(reader)
    assert told(again) == expected(drifts, left)
    assert again.counts["things"] == len(things)
    gone = sum(drift == "gone" for drift in drifts.values())
    assert len(site.orders()) == number - gone


def test_a_repair_that_is_done_twice_writes_nothing_and_people_are_written_over_by_command_alone(site: Shop) -> None:
    drifts, things = seeded(site, len(DRIFTS))
    reader = Orders(things)
    site.reconcile(reader, repair=True)
    site.deliver_all()

    before = writes(site)
    site.reconcile(reader, repair=True)
    site.deliver_all()
    assert writes(site) == before

    site.reconcile(reader, repair=True, over_people=True)
    site.deliver_all()
    assert told(site.reconcile(reader)) == expected(drifts, ("extra",))


def test_what_was_made_after_a_backup_that_was_restored_is_linked_and_not_made_again(site: Shop) -> None:
    site.live(order(1), "live 1")
    site.deliver_all()
    backup = tables(site)
    for number in (2, 3):
        site.live(order(number, company(number), notes="som såld"), f"live {number}")
    site.deliver_all()
    site.change(3, notes="säljarens ord")
    restore(site, backup)
    reader = Orders([order(1), *(order(number, company(number), notes="som såld") for number in (2, 3))])

    found = site.reconcile(reader)
    assert {(each.what, each.thing) for each in found.findings} == {("unlinked", "2"), ("unlinked", "3")}
    assert {each.because for each in found.findings if each.resource == "order"} == {"found by marker"}

    site.reconcile(reader, repair=True)
    site.deliver_all()
    assert len(site.orders()) == 3
    assert site.told_by(3)["notes"] == "säljarens ord"
    left = site.reconcile(reader, repair=True).findings
    site.deliver_all()
    assert [(each.what, each.thing, dict(each.fields), each.mends) for each in left] == [
        ("different", "3", {"notes": "unsure"}, False)
    ]
    assert site.told_by(3)["notes"] == "säljarens ord"


def test_what_is_archived_is_no_leftover_and_a_part_of_a_list_tells_of_none(site: Shop) -> None:
    for number in (1, 2, 3):
        site.live(order(number), f"live {number}")
    site.deliver_all()
    reader = Orders([order(1)], archived=[order(2)])

    assert told(site.reconcile(reader)) == {("extra", "3")}
    assert reader.got == ["2", "3"]
    for asked in ({"since": READ_AT}, {"limit": 0}):
        part = site.reconcile(reader, **asked)
        assert not told(part)
        assert not part.whole


def test_what_several_things_miss_is_told_once_and_without_what_may_name_somebody(site: Shop) -> None:
    found = site.reconcile(Orders([order(1), order(2)], size=1)).findings
    assert [(each.what, each.resource, each.key) for each in found] == [
        ("missing", "account", None),
        ("missing", "order", "order:1"),
        ("missing", "order", "order:2"),
    ]


def relay(site: Shop, connection: Connection, *arguments: str) -> Result:
    """As the command does, with the runtime's own reader."""
    live = replace(site.room.settings, connections={"butik": connection})
    installation = Installation(site.room.environ)
    installation.__dict__ |= {"settings": live, "live_settings": live, "store": site.store, "runtime": site.runtime}
    result = CliRunner().invoke(command, arguments, obj=installation)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_the_command_reads_the_sender_over_http_and_says_what_it_found(room: Room) -> None:
    source = READABLE.source
    assert source is not None
    sender = Neighbour(source, token="bodens-token")
    for number in (1, 2):
        sender.things.put("order", str(number), order(number))
    room.environ["RELAY_BUTIK_TOKEN"] = "bodens-token"
    site = Shop(room)
    with served(sender) as url:
        connection = replace(SHOP, source_url=url)
        site.live(order(1), "live 1")
        site.deliver_all()
        site.change(1, notes="säljarens ord")

        shown = relay(site, connection, "reconcile", "butik").output
        assert "2 things looked at: 1 missing, 0 unlinked, 1 different, 0 gone, 0 extra." in shown
        assert "notes (person)" in shown
        assert "säljarens ord" not in shown

        repaired = json.loads(
            relay(site, connection, "reconcile", "butik", "--repair", "--by", "anna", "--json").stdout
        )
        assert repaired["counts"]["repairs"] == 1
        site.deliver_all()
        again = json.loads(relay(site, connection, "reconcile", "butik", "--json").stdout)
        assert [(each["what"], each["thing"]) for each in again["findings"]] == [("different", "1")]

    with site.store.write() as conn:
        assert [(deed.who, deed.act, deed.about) for deed in audit.listed(conn)] == [
            ("anna", "reconcile", "connection/butik")
        ]
        assert reconciliations.get(conn, again["id"]) is not None
        reconciliations.purge(conn, -1.0)
        assert reconciliations.last(conn, ["butik"]) == []
    assert "with --repair" in relay(site, SHOP, "reconcile", "butik", "--over-people").output
    bare = replace(SHOP, connector=replace(READABLE, source=None))
    assert "lists nothing of its sender" in relay(site, bare, "reconcile", "butik").output
    site.runtime.close()
