"""A backfill: behind live events, each thing once whoever is killed, and the orders of others are adopted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Connection as Conn
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, update

from tests.fakes.shop import ADOPTION, ListReader, order, shop
from tests.integration.delivery.room import Room
from tests.integration.store.examples import event as told
from worker.admin import batch_views, batches
from worker.cli import relay
from worker.cli.context import Installation
from worker.delivery.backfill.feed import Feed
from worker.errors import SourceUnavailable
from worker.runtime import Runtime
from worker.settings import Connection
from worker.sources.ports import Reader
from worker.store.batches import backfills
from worker.store.batches.backfills import ROOM, Asked
from worker.store.db.clock import db_now
from worker.store.db.tables import batches as batches_table
from worker.store.db.tables import events
from worker.store.events.arrival import Arrival
from worker.store.events.intake import accept
from worker.store.people.audit import Actor

ANNA = Actor("anna", "command")
SHOP = shop(adoption=ADOPTION)


class Killed(BaseException):
    """The process ends here."""


class Site:
    """A shop beside a room, with a worker of its own."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.store = room.store
        self.sandbox = room.sandbox
        self.runtime = Runtime(replace(room.settings, connections={"butik": SHOP}), room.environ)
        self.feed = Feed(self.store)
        self.upsales("POST", "products", {"name": "Kätting", "articleNo": "A-1"})

    def upsales(self, method: str, path: str, body: Any) -> Any:
        answer = self.sandbox.client.open(
            f"/api/v2/{path}?token=nyckel-butik-%C3%A5%C3%A4%C3%B6", method=method, json=body
        )
        assert answer.status_code == 200, answer.text
        return answer.json["data"]

    def begin(self, counted: int = 0) -> int:
        with self.store.write() as conn:
            asked = Asked(
                connection="butik", kinds=["order"], counted=counted, a_minute=99_999, by="anna", key="nyckel"
            )
            return backfills.start(conn, asked)

    def step(self, seq: int, reader: Reader) -> bool:
        with self.store.write() as conn:
            conn.execute(update(batches_table).values(next_at=db_now()))
        return self.feed.step(SHOP, seq, reader)

    def read_all(self, seq: int, reader: Reader) -> None:
        """As the workers do, which deliver meanwhile."""
        for _ in range(100):
            if batch_views.shown(self.store, seq).state != "running":
                return
            self.step(seq, reader)
            self.deliver()
        raise AssertionError("it never ends")

    def deliver(self) -> None:
        with self.store.read() as conn:
            waiting = conn.execute(select(events.c.subject).where(events.c.status == "pending")).scalars().all()
        for subject in waiting:
            self.runtime.delivery.run("butik", subject)

    def live(self, thing: dict[str, Any], event_id: str, url: str = "") -> None:
        """As its webhook tells it."""
        new = told(event_id, f"order:{thing['id']}", minute=int(thing["updated_at"][14:16]), type="order.created")
        body = json.dumps([thing]).encode()
        with self.store.write() as conn:
            accept(
                conn,
                [
                    Arrival(
                        request_id=new.id,
                        connection="butik",
                        method="READ",
                        url=url,
                        headers=(),
                        body=body,
                        events=(new,),
                    )
                ],
            )

    def fates(self) -> dict[str, str]:
        with self.store.read() as conn:
            return {row.event_id: row.status for row in conn.execute(select(events.c.event_id, events.c.status))}

    def orders(self) -> Sequence[Any]:
        return self.sandbox.records("orders")

    def __call__(self, *arguments: str, answer: str | None = None) -> Result:
        installation = Installation(self.room.environ)
        live = replace(self.room.settings, connections={"butik": SHOP})
        installation.__dict__ |= {"settings": live, "live_settings": live, "store": self.store, "runtime": self.runtime}
        result = CliRunner().invoke(relay, arguments, input=answer, obj=installation)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result


@pytest.fixture
def site(room: Room) -> Iterator[Site]:
    made = Site(room)
    yield made
    made.runtime.close()


@contextmanager
def killed_at(site: Site, wanted: Callable[[str], bool]) -> Iterator[None]:
    """The process ends before it runs such a statement."""

    def listen(_conn: Conn, _cursor: Any, statement: str, *_: Any) -> None:
        if wanted(statement):
            raise Killed

    sqlalchemy_event.listen(site.store.engine, "before_cursor_execute", listen)
    with pytest.raises(Killed):
        yield
    sqlalchemy_event.remove(site.store.engine, "before_cursor_execute", listen)


def test_each_thing_becomes_what_its_webhook_would_have_made_once_and_nobody_is_notified(site: Site) -> None:
    things = [order(number, f"559999000{number % 3}") for number in range(25)]
    site.read_all(site.begin(), ListReader(things))
    assert len(site.orders()) == 25
    assert len(site.sandbox.records("accounts")) == 3
    assert set(site.fates().values()) == {"delivered"}
    posts = [call for call in site.sandbox.calls(method="POST") if call["path"].endswith("/orders")]
    assert {call["body"]["notify"] for call in posts} == {False}

    site.read_all(seq := _again(site), ListReader(things))
    assert batch_views.shown(site.store, seq).progress.taken == 0  # type: ignore[union-attr]
    assert len(site.orders()) == 25


@pytest.mark.parametrize(
    ("event_id", "url", "notified"),
    [("backfill:order:1", "", True), ("evt_1", "backfill:order", False)],
    ids=["a sender that begins its ids so", "the sender's own event"],
)
def test_what_a_backfill_brought_is_told_by_its_request_whatever_the_event_is_called(
    site: Site, event_id: str, url: str, notified: object
) -> None:
    site.live(order(1), event_id, url)
    site.deliver()
    (post,) = [call for call in site.sandbox.calls(method="POST") if call["path"].endswith("/orders")]
    assert post["body"].get("notify", True) is notified


def _again(site: Site) -> int:
    with site.store.write() as conn:
        asked = Asked(connection="butik", kinds=["order"], a_minute=99_999, by="anna", key="en till")
        return backfills.start(conn, asked)


def test_no_more_than_a_few_wait_at_a_time_and_what_was_begun_is_taken_back_by_a_cancel(site: Site) -> None:
    seq = site.begin(counted=60)
    reader = ListReader([order(number) for number in range(60)], size=50)
    while site.step(seq, reader):
        pass
    assert len(site.fates()) == ROOM

    batches.cancel(site.store, ANNA, seq)
    assert not site.fates()
    assert batch_views.shown(site.store, seq).taken_back == 60


@pytest.mark.parametrize("statement", ["INSERT INTO requests", "UPDATE backfills", "UPDATE batches"])
def test_whoever_is_killed_while_it_takes_things_takes_none_twice(site: Site, statement: str) -> None:
    things = [order(number) for number in range(12)]
    seq = site.begin()
    site.step(seq, ListReader(things, size=4))
    with killed_at(site, lambda text: text.startswith(statement)):
        site.feed.step(SHOP, seq, ListReader(things, size=4))
    site.feed = Feed(site.store)

    site.read_all(seq, ListReader(things, size=4))

    assert len(site.orders()) == 12
    assert len(site.sandbox.calls(method="POST")) == len(site.orders()) + len(site.sandbox.records("accounts")) + 1


def test_what_a_live_event_brought_is_known_and_nothing_older_is_written_over_it(site: Site) -> None:
    site.live(order(1, minute=30, notes="nytt"), "webhook 1")
    site.deliver()
    site.read_all(site.begin(), ListReader([order(1, minute=30), order(2)]))
    assert set(site.fates()) == {"webhook 1", "backfill:order:2:2026-11-02T12:00:00+00:00"}

    site.read_all(_again(site), ListReader([order(1, minute=10, notes="gammalt")]))
    assert [each["notes"] for each in site.orders() if each["description"] == "Bod #1"] == ["nytt"]


def test_an_order_of_another_integration_is_adopted_by_a_live_event_and_by_a_backfill(site: Site) -> None:
    company = site.upsales("POST", "accounts", {"name": "Åkeri 001 AB", "orgNo": "5599990001"})["id"]
    rows = [{"product": {"id": site.sandbox.records("products")[-1]["id"]}, "quantity": 1, "price": 100}]
    for number in (1, 2, 10):
        told = {"description": f"Annan import, order #{number}", "client": {"id": company}, "user": {"id": 1}}
        site.upsales("POST", "orders", {**told, "stage": {"id": 1}, "date": "2026-10-01", "orderRow": rows})
    writes = len(site.sandbox.calls(method="POST"))

    site.live(order(1), "webhook 1")
    site.deliver()
    site.read_all(site.begin(), ListReader([order(1), order(2), order(3)]))

    assert len(site.orders()) == 4
    assert len(site.sandbox.calls(method="POST")) == writes + 1
    assert [len(each["orderRow"]) for each in site.orders()] == [1, 1, 1, 1]


def test_a_sender_that_can_not_be_read_is_tried_again_later_and_the_status_says_why(site: Site) -> None:
    class Away(ListReader):
        def page(self, *_: Any, **__: Any) -> Any:
            raise SourceUnavailable("bod.example answered 503")

    def readers(_connection: Connection) -> Reader:
        return Away(())

    seq = site.begin()
    site.feed.run(SHOP, readers)
    assert "bod.example answered 503" in site("backfill", "status").stdout
    assert not site.feed.step(SHOP, seq, ListReader([order(1)]))


def test_a_file_is_planned_and_read(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "order.csv"
    lines = [
        "Ordernr;Org.nr;Företag;Ändrad",
        "1;5599990001;Åkeri Öst AB;2026-11-02T12:00:00Z",
        "2;5599990001;Åkeri Öst AB;",
    ]
    file.write_text("\n".join(lines), "utf-8")
    arguments = ("backfill", "butik", "--file", str(file), "--kind", "order.updated")

    planned = site(*arguments, "--dry-run", "--json")
    assert json.loads(planned.stdout)["made"] == {"account": 1, "order": 2}
    assert not site.orders()
    assert not site.fates()

    assert site(*arguments, answer="y\n").exit_code == 0
    site.deliver()
    assert len(site.orders()) == 2
    assert "Nothing is left to bring in." in site(*arguments).output
