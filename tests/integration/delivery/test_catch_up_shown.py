"""What catching up brought is an event like any other, and how far it has come is told everywhere."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from redis import Redis
from sqlalchemy import update

from tests.fakes.lists import BOKNING, Listing, connection
from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from tests.integration.delivery.test_catch_up import moment, read_on, run, started, webhook
from tests.integration.delivery.test_sweep import queued
from worker.admin import catching_up
from worker.admin import connection as detail
from worker.admin import event as admin_event
from worker.admin.event_request import received
from worker.admin.masking import Masking
from worker.admin.parts import Opened
from worker.admin.refusals import Conflict
from worker.alerts.facts import Look
from worker.delivery.catch_up import CatchUp
from worker.delivery.jobs import Jobs
from worker.delivery.planning import StoredRequests, planned
from worker.delivery.sweep import Sweep
from worker.errors import SourceForbidden
from worker.instruments.measure import opened
from worker.instruments.silence import silences
from worker.settings import Settings
from worker.store import Store
from worker.store.db.clock import after
from worker.store.db.tables import cursors as table
from worker.store.events.events import by_id, latest_requests
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.store.sources import cursors

ANNA = Actor("anna", "command")


def settings_of(url: str, of: object = None) -> Settings:
    return Settings(database_url=url, connections={"bokning": of or connection()})  # type: ignore[dict-item]


def brought(store: Store) -> str:
    reader = Listing()
    reader.put("Å-1", moment(store, 60), namn="Åsa")
    run(store, reader)
    (event,) = read_on(store)
    found: str = event.id
    return found


def test_its_event_is_planned_by_the_type_that_is_stored_with_it(store: Store) -> None:
    """No header tells it, and the connector's own requests are forms."""
    event = brought(store)
    with store.read() as conn:
        waiting = by_id(conn, event)
    found = StoredRequests(store, BOKNING, [waiting]).event(waiting, "bokning")
    assert (found.type, found.subject, found.payload["namn"]) == ("booking.changed", "booking:Å-1", "Åsa")
    plans, outcomes = planned(store, connection(), [waiting], 5)
    assert plans == []
    assert [(each.status, each.reason) for each in outcomes] == [("ignored", "a test sender wants nothing")]


def test_the_events_page_shows_it(sqlite_store: Store) -> None:
    event = brought(sqlite_store)
    parts = Opened(settings_of(f"sqlite:///{sqlite_store.file}"), {}, 1)
    found = admin_event.find(parts, event).value
    assert found is not None
    shown = received(found, parts.settings, Masking(masks=False))
    assert (shown.method, shown.path, shown.kind, shown.position) == ("READ", "/bookings", "json", 0)
    assert shown.body is not None
    assert json.loads(shown.body)[0]["namn"] == "Åsa"
    places = {each.what: each.place for each in shown.read}
    assert places == {"id": None, "type": None, "subject": '"booking" + id', "time": "changed"}
    assert "Åsa" not in (received(found, parts.settings, Masking()).body or "")
    parts.store.close()


def test_it_is_no_request_of_its_sender_that_could_be_a_case(store: Store) -> None:
    brought(store)
    webhook(store, "2", moment(store))
    with store.read() as conn:
        assert [request.body for request in latest_requests(conn, "bokning", 5)] == [b"{}"]


def test_a_sender_whose_webhooks_stay_away_is_silent_whatever_is_read_there(store: Store) -> None:
    brought(store)
    with store.read() as conn:
        assert silences(conn, ["bokning"], {})["bokning"].quiet is None


def test_a_person_has_it_read_now_and_that_is_kept(sqlite_store: Store) -> None:
    started(sqlite_store)
    parts = Opened(settings_of(f"sqlite:///{sqlite_store.file}"), {}, 1)
    due = {"bokning": (900.0, ["booking"])}
    with sqlite_store.read() as conn:
        assert cursors.due(conn, due) == []
    then = moment(sqlite_store, 86400)
    catching_up.read_now(parts, ANNA, "bokning", then)
    with sqlite_store.read() as conn:
        assert cursors.due(conn, due) == ["bokning"]
        (found,) = cursors.progress(conn)
        (deed,) = audit.listed(conn)
    assert found.since == then
    assert (deed.act, deed.about, deed.outcome) == (
        "catch-up",
        "connection/bokning",
        f"since {then.isoformat(timespec='seconds')}",
    )
    parts.store.close()


@pytest.mark.parametrize(
    ("of", "why"),
    [(connection(period=None), "is set not to"), (connection(connector=replace(BOKNING, source=None)), "can't list")],
)
def test_where_nothing_is_caught_up_with_it_is_refused(sqlite_store: Store, of: object, why: str) -> None:
    parts = Opened(settings_of(f"sqlite:///{sqlite_store.file}", of), {}, 1)
    with pytest.raises(Conflict, match=why):
        catching_up.read_now(parts, ANNA, "bokning")
    parts.store.close()


def test_metrics_alerts_and_the_connections_page_tell_of_it(sqlite_store: Store) -> None:
    settings = settings_of(f"sqlite:///{sqlite_store.file}")
    parts = Opened(settings, {}, 1)
    failing = Listing(failures=[SourceForbidden("the token of bokning is not accepted")])
    brought(sqlite_store)
    with sqlite_store.write() as conn:
        cursors.ask(conn, "bokning", ["booking"])
    CatchUp(sqlite_store, lambda _of: failing, "w").run(connection())
    with sqlite_store.write() as conn:
        conn.execute(update(table).values(ended_at=after(-5000)))

    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in opened(sqlite_store, settings, {}).families()
        for sample in family.samples
    }
    assert samples["relay_catch_up_events_total", "bokning", "brought"] == 1
    assert samples["relay_catch_up_events_total", "bokning", "dead"] == 0
    assert 5000 <= samples["relay_catch_up_age_seconds", "bokning", "booking"] < 5100
    assert samples["relay_connection_unread", "bokning"] == 1
    assert samples["relay_events_received_total", "bokning"] == 0
    (of,) = Look(sqlite_store, settings, parts.keys, lambda: True).facts().connections
    assert of.unread == "the token of bokning is not accepted"
    with sqlite_store.read() as conn:
        shown = catching_up.catching_up(conn, connection())
    assert (shown.every, list(shown.kinds)) == (900.0, ["booking"])
    assert [(each.brought, each.failing) for each in shown.lists] == [(1, of.unread)]
    facts = detail.facts(settings, connection())
    assert [(each.value, each.usual) for each in facts.settings if each.name == "catch_up"] == [("900 s", True)]
    parts.store.close()


def test_the_sweep_calls_for_it_once_and_a_worker_does_it(room: Room, redis: Redis) -> None:
    room.settings = replace(room.settings, connections={**room.settings.connections, "bokning": connection()})
    sweep = replace(room.runtime.sweep, settings=room.settings)
    assert isinstance(sweep, Sweep)
    for _ in range(2):
        sweep.run()
    assert queued(redis, "priority") == [("relay.catch_up", "bokning")]

    reader = Listing()
    reader.put("1", moment(room.store, 60))
    parts = room.runtime
    jobs = Jobs(
        store=room.store,
        settings=room.settings,
        wakeups=parts.wakeups,
        singletons=parts.singletons,
        delivery=parts.delivery,
        sweep=sweep,
        probing=parts.probing,
        rechecks=parts.rechecks,
        watch=parts.watch,
        catching_up=CatchUp(room.store, lambda _of: reader, "w"),
        renewing=lambda _connection: None,
        backfilling=lambda _connection: None,
    )
    jobs.catch_up("bokning")
    jobs.catch_up("nobody's")
    assert len(read_on(room.store)) == 1
    redis.flushall()
    sweep.run()
    assert queued(redis, "priority") == []


def test_commands_tell_how_far_it_is(room: Room, desk: Desk) -> None:
    assert desk("connections", "show", "butik").stdout.splitlines()[0].split() == ["connection", "butik"]
    refused = desk("connections", "catch-up", "butik", "--since", "7d")
    assert refused.exit_code == 2
    assert "butik can't list what has changed at its sender" in refused.output
    assert desk("connections", "show", "nobodys").exit_code == 2
    then = moment(room.store, 86400)
    with room.store.write() as conn:
        cursors.ask(conn, "butik", ["order"], then)
    shown = json.loads(desk("connections", "show", "butik", "--json").stdout)
    assert (shown["connection"], [each["kind"] for each in shown["catch_up"]]) == ("butik", ["order"])
    assert "order" in desk("connections", "show", "butik").stdout
