"""A person is forgotten: found wherever they are kept, erased, and known as nobody when they come again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import KEYS, Room
from worker.admin import batches
from worker.admin.filters import Filters
from worker.errors import ConfigError
from worker.store.db.clock import after, db_now
from worker.store.db.tables import (
    calls,
    connections,
    erasures,
    events,
    identities,
    lanes,
    links,
    metadata,
    records,
    requests,
)
from worker.store.events import replay
from worker.store.people.audit import Actor
from worker.store.privacy.forget import execute, plan

ANNA = "anna.ost@exempel.se"
NAME = "Anna Öst"
PHONE = "+46 70 123 45 67"
WHY = "asked for on 2026-11-30"


def contact(room: Room, minute: int = 0, *, event_id: str = "", **data: Any) -> str:
    """A contact who is known by nothing but their address."""
    told = {"email": ANNA, "name": NAME, "phone": PHONE, "client": {"id": "K-1", "name": "Åkeri AB"}, **data}
    body = {"id": event_id or f"kontakt {minute}", "type": "contact.upsert", "data": {"id": ANNA, **told}}
    return room.take("butik", body | {"time": f"2026-11-02T12:{minute:02}:00Z"}).id


def call_back(room: Room, event_id: str, **data: str) -> str:
    """An activity that names its contact only in its text."""
    told = {"id": "A-1", "client": {"id": "K-1"}, "users": ["sales@example.com"], "date": "2026-11-02", **data}
    event = room.take("butik", {"id": event_id, "type": "activity.upsert", "data": told}).id
    done = room.run(event)
    assert done.status == "delivered", done.reason
    return event


def dump(room: Room) -> str:
    """All rows of all tables."""
    with room.store.read() as conn:
        tables = {table.name: [tuple(row) for row in conn.execute(select(table))] for table in metadata.sorted_tables}
    return repr(tables).replace("\\\\", "\\").lower()


def traces_left(room: Room) -> list[str]:
    found = dump(room)
    spelled = (
        ANNA,
        "anna%2eost",
        "anna.ost%40",
        "anna.ost\\u0040",
        NAME.lower(),
        "anna \\xf6st",
        "anna \\u00f6st",
        "123 45 67",
    )
    return [each for each in spelled if each in found]


def forget(room: Room, term: str = ANNA) -> Mapping[str, int]:
    return execute(room.store, plan(room.store, term), by="dpo", why=WHY).proof.counts


@pytest.fixture
def known(room: Room) -> str:
    """Anna is a contact in Upsales, and named in each place where something is kept."""
    delivered = room.run(contact(room))
    assert (delivered.status, delivered.reason) == ("delivered", None)
    ordered = call_back(room, "1", description=f"Call {NAME}", notes=f"About {ANNA.upper()}")
    with room.store.write() as conn:
        called = update(calls).where(calls.c.resource == "activity", calls.c.write)
        conn.execute(
            called.values(error=f"refused <{ANNA}>", changed={"notes": {"sent": f"Ring {ANNA}", "stored": ""}})
        )
        conn.execute(
            update(events)
            .where(events.c.id == ordered)
            .values(note=f"{ANNA} was left out", reason=f"'{ANNA}'", former={"reason": f"refused <{ANNA}>"})
        )
        conn.execute(connections.insert().values(name="kassa", failing=[f"contact:{ANNA}", "order:2"], reason=ANNA))
        conn.execute(lanes.insert().values(connection="kassa", subject=f"contact:{ANNA}", lease_until=db_now()))
    batches.create(room.store, Actor("per", "page"), "replay", Filters(subject=(f"contact:{ANNA}",)), key="k")
    return delivered.id


def test_nothing_of_a_person_is_left_and_the_proof_says_nothing_of_them(room: Room, known: str) -> None:
    assert traces_left(room)
    planned = plan(room.store, " Anna.OST@Exempel.SE ")
    assert not planned.obstacles
    assert {table for table, rows in planned.counts.items() if rows} == {
        "requests", "events", "calls", "records", "links", "identities", "lanes", "connections", "batches",
    }  # fmt: skip
    assert [each.resource for each in planned.own] == ["contact"]
    assert [each.resource for each in planned.mentioning] == ["activity"]

    done = execute(room.store, planned, by="dpo", why=WHY)

    assert traces_left(room) == []
    assert plan(room.store, ANNA).empty
    proof = done.proof
    assert (proof.by, proof.why, proof.done_at is not None, done.wiped) == ("dpo", WHY, True, True)
    assert proof.counts == planned.counts
    with room.store.read() as conn:
        assert conn.execute(select(connections.c.failing).where(connections.c.name == "kassa")).scalar_one() == [
            "order:2"
        ]


def test_who_is_not_the_person_stays(room: Room, known: str) -> None:
    joanna = room.run(contact(room, 5, id="jo" + ANNA, email="jo" + ANNA, name="Joanna Öst", event_id="joanna")).id
    forget(room)
    assert "jo" + ANNA in dump(room)
    with room.store.read() as conn:
        kept = conn.execute(select(requests.c.id).where(requests.c.id == room.event(joanna).request_id)).all()
        assert kept
        assert conn.execute(select(links.c.key).where(links.c.resource == "account")).scalars().all() == ["K-1"]


def test_an_old_webhook_that_is_sent_again_is_a_duplicate(room: Room) -> None:
    event = room.run(contact(room, event_id=f"sub {ANNA} 1")).id
    forget(room)
    again = room.take("butik", {"id": f"sub {ANNA} 1", "type": "contact.upsert", "data": {"id": ANNA, "email": ANNA}})
    assert (again.taken, again.id) == ("duplicate", event)
    assert traces_left(room) == []


@pytest.mark.parametrize("spelled", ["&#64;", "\\u0040", "%2540"])
def test_an_id_that_spells_the_address_in_another_way_is_recognised_too(room: Room, spelled: str) -> None:
    sent = f"sub {ANNA} 1".replace("@", spelled)
    event = room.run(contact(room, event_id=sent)).id
    forget(room)
    again = room.take("butik", {"id": sent, "type": "contact.upsert", "data": {"id": ANNA, "email": ANNA}})
    assert (again.taken, again.id) == ("duplicate", event)


def test_what_was_erased_is_never_written_to_upsales(room: Room) -> None:
    """Of a request that holds other people's events parts are left, in which texts are replaced."""
    event = contact(room)
    room.run(event)
    request = room.event(event).request_id
    parts = [
        {
            "id": f"p{n}",
            "type": "contact.upsert",
            "data": {"id": f"P-{n}", "email": email, "name": name, "client": {"id": "K-1"}},
        }
        for n, (email, name) in enumerate([(ANNA, NAME), ("bo@exempel.se", "Bo Ek"), ("eva@exempel.se", NAME)])
    ]
    with room.store.write() as conn:
        conn.execute(update(requests).where(requests.c.id == request).values(body=json.dumps(parts).encode()))
        old = conn.execute(select(events).where(events.c.id == event)).mappings().one()
        for n in range(3):
            other = {**old, "id": f"other{n}", "event_id": f"p{n}", "position": n, "subject": f"p{n}", "status": "dead"}
            del other["seq"]
            conn.execute(events.insert().values(**other))
    forget(room)
    before = room.sandbox.records("contacts")
    for n in range(3):
        replay.revive(room.store, f"other{n}")
    gone = "its request was erased, in whole or in part: send it again from the sender"
    assert [room.run(f"other{n}").status for n in range(3)] == ["dead", "delivered", "dead"]
    assert [room.event(f"other{n}").reason for n in range(3)] == [gone, None, gone]
    assert "[erased]" not in repr(room.sandbox.records("contacts"))
    assert len(room.sandbox.records("contacts")) == len(before) + 1


def test_a_dead_letter_that_is_sent_again_is_tried_with_what_is_sent_now(room: Room) -> None:
    event = contact(room, event_id=f"sub {ANNA} 1")
    with room.store.write() as conn:
        conn.execute(update(events).where(events.c.id == event).values(status="dead", reason=f"no user {ANNA}"))
        conn.execute(update(lanes).values(due_at=None))
    forget(room)
    assert room.fate(event) == ("dead", "[erased]")
    assert contact(room, 1, event_id=f"sub {ANNA} 1") == event
    assert room.run(event).status == "delivered"


def test_what_comes_later_is_about_the_same_record_and_made_no_second_time(room: Room, known: str) -> None:
    forget(room)
    later = room.run(contact(room, 30, name="Anna Väst"))
    assert (later.status, later.reason) == ("delivered", None)
    (found,) = room.sandbox.records("contacts")
    assert found["name"] == "Anna Väst"
    with room.store.read() as conn:
        assert ANNA in conn.execute(select(links.c.key).where(links.c.resource == "contact")).scalars().all()


def test_who_was_deleted_in_upsales_too_is_new_when_they_come_again(room: Room, known: str) -> None:
    (before,) = room.sandbox.records("contacts")
    forget(room)
    url = f"/api/v2/contacts/{before['id']}?token={quote(KEYS['butik'])}"
    assert room.sandbox.client.open(url, method="DELETE").status_code == 200
    later = room.run(contact(room, 30))
    assert (later.status, later.reason) == ("delivered", None)
    assert [each["email"] for each in room.sandbox.records("contacts")] == [ANNA]


def test_what_named_the_person_keeps_its_record(room: Room, known: str) -> None:
    forget(room)
    call_back(room, "2", description="Call back")
    assert [each["description"] for each in room.sandbox.records("activities")] == ["Call back"]


def test_nothing_is_erased_while_something_waits(room: Room, known: str) -> None:
    waiting = contact(room, 9)
    planned = plan(room.store, ANNA)
    assert [(each.kind, each.id) for each in planned.obstacles] == [("event", waiting)]
    with pytest.raises(ConfigError, match=f"waits, or is being delivered; wait for it, or relay events drop {waiting}"):
        execute(room.store, planned, by="dpo", why=WHY)
    assert ANNA in dump(room)
    room.ask(waiting, "twins")
    assert f"relay review adopt, create or drop {waiting}" in plan(room.store, ANNA).obstacles[0].ends


def test_nothing_is_erased_while_the_outcome_of_a_call_is_open(room: Room, known: str) -> None:
    with room.store.write() as conn:
        called = update(calls).where(calls.c.resource == "contact", calls.c.method == "POST")
        conn.execute(called.values(state="unknown", verify_at=after(60), sent={}))
    assert [each.kind for each in plan(room.store, ANNA).obstacles] == ["call"]


def test_nothing_is_erased_before_search_shows_what_was_made(room: Room, known: str) -> None:
    """Else whoever tells of the person next finds them neither here nor in Upsales, and makes them again."""
    (young,) = plan(room.store, ANNA, search_lag=60).obstacles[:1]
    assert (young.kind, young.ends) == ("call", "wait a minute")
    with room.store.write() as conn:
        conn.execute(update(calls).values(started_at=after(-61), duration=0))
    assert plan(room.store, ANNA, search_lag=60).obstacles == []


def test_what_waits_again_since_it_was_looked_at_is_not_erased(room: Room, known: str) -> None:
    planned = plan(room.store, ANNA)
    with room.store.write() as conn:
        conn.execute(update(events).where(events.c.id == known).values(status="pending"))
    with pytest.raises(ConfigError, match=f"event {known} of butik waits again"):
        execute(room.store, planned, by="dpo", why=WHY)


class Interrupted(Exception):
    """Whoever ran the command pressed Ctrl-C."""


@pytest.mark.parametrize("step", [0, 2, 5, 6, 7])
def test_interrupted_anywhere_it_is_run_again_and_proves_the_whole(room: Room, known: str, step: int) -> None:
    planned = plan(room.store, ANNA)
    steps = iter(range(100))

    def interrupt(_table: str, _rows: int) -> None:
        if next(steps) == step:
            raise Interrupted

    try:
        execute(room.store, planned, by="dpo", why=WHY, progress=interrupt)
    except Interrupted:
        again = plan(room.store, ANNA)
        assert not again.empty
        assert execute(room.store, again, by="other", why="again").proof.by == "dpo"
    assert traces_left(room) == []
    with room.store.read() as conn:
        (proof,) = conn.execute(select(erasures)).all()
    assert proof.counts == planned.counts
    assert proof.done_at is not None


@pytest.mark.parametrize("by", ["subject", "address"])
def test_interrupted_after_each_step_it_still_finds_the_rest(room: Room, by: str) -> None:
    """A subject tells of the address by the contact, and the company that was made for somebody is known by its key alone."""
    delivered = room.run(contact(room, id="4711"))
    with room.store.write() as conn:
        account = conn.execute(select(links.c.account)).scalars().first()
        made = {"connection": "kassa", "resource": "account", "key": f"home:{ANNA}:anna öst", "state": "linked"}
        conn.execute(links.insert().values(**made, account=account, record_id=99, created_at=db_now()))
        held = {"name": [NAME, 0, 1, "e", "kassa"]}
        conn.execute(records.insert().values(account=account, resource="account", record_id=99, fields=held))
    term = delivered.subject if by == "subject" else ANNA

    def interrupt(_table: str, rows: int) -> None:
        if rows:
            raise Interrupted

    done = []
    for _ in range(30):
        with suppress(Interrupted):
            done.append(execute(room.store, plan(room.store, term), by="dpo", why=WHY, progress=interrupt))
            break
    assert traces_left(room) == []
    assert [proof.proof.counts["records"] for proof in done] == [2]


def test_a_subject_stands_for_the_person_whom_its_events_wrote_to(room: Room) -> None:
    delivered = room.run(contact(room, id="4711"))
    planned = plan(room.store, delivered.subject)
    assert planned.found.person.addresses == {ANNA}
    execute(room.store, planned, by="dpo", why=WHY)
    assert traces_left(room) == []
    assert room.event(delivered.id).subject == delivered.subject


def test_of_a_request_that_tells_of_others_only_the_person_is_erased(room: Room) -> None:
    event = contact(room)
    room.run(event)
    people = [{"email": ANNA, "first": "Anna", "type": "open"}, {"email": "bo@exempel.se", "first": "Bo"}]
    request = room.event(event).request_id
    with room.store.write() as conn:
        conn.execute(update(requests).where(requests.c.id == request).values(body=json.dumps(people).encode()))
        old = conn.execute(select(events).where(events.c.id == event)).mappings().one()
        other = {**old, "id": "other", "event_id": "other", "position": 1, "subject": "bo", "reason": f"with {NAME}"}
        del other["seq"]
        conn.execute(events.insert().values(**other))
    forget(room)
    with room.store.read() as conn:
        body = json.loads(conn.execute(select(requests.c.body).where(requests.c.id == request)).scalar_one())
    assert body == [{"email": "[erased]", "first": "[erased]", "type": "[erased]"}, people[1]]
    assert traces_left(room) == []


def test_the_command_shows_asks_erases_and_lists(room: Room, desk: Desk, known: str) -> None:
    refused = desk("forget", ANNA, "--why", WHY, answer="erase\n")
    unasked = desk("forget", "-", "--why", WHY, answer=f"{ANNA}\n")
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (2, "relay: nothing was erased")
    assert (unasked.exit_code, "give --yes" in unasked.stderr) == (2, True)
    assert "Records of this person in Upsales: contact " in refused.stdout
    assert "The relay changes nothing in Upsales." in refused.stdout
    assert ANNA in dump(room)
    named = desk("forget", ANNA, "--why", f"{ANNA} asked", "--yes")
    assert "must not name the person" in named.stderr
    done = json.loads(desk("forget", ANNA, "--why", WHY, "--by", "Dora", "--json", answer="ERASE\n").stdout)
    assert (done["erasure"]["by"], done["erasure"]["counts"], done["wiped"]) == ("Dora", done["counts"], True)
    assert [each["resource"] for each in done["upsales"]["own"]] == ["contact"]
    again = desk("forget", ANNA, "--why", WHY)
    assert "by Dora." in again.stdout
    assert again.stdout.endswith("Nothing is kept of this person.\n")
    assert json.loads(desk("forget", "--list", "--json").stdout)[0]["why"] == WHY
    assert desk("forget", "nobody@exempel.se", "--why", WHY).stdout == "Nothing is kept of this person.\n"


def test_the_command_names_what_is_in_the_way(room: Room, desk: Desk, known: str) -> None:
    waiting = contact(room, 9)
    refused = desk("forget", ANNA, "--why", WHY, "--yes")
    assert refused.exit_code == 2
    assert f"relay events drop {waiting} --reason …" in refused.stderr
    assert desk("events", "drop", waiting, "--reason", "to be forgotten", "--yes").stdout == "1 dropped.\n"
    assert desk("forget", ANNA, "--why", WHY, "--yes").exit_code == 0
    assert traces_left(room) == []


def test_a_sqlite_file_and_its_log_hold_no_byte_of_the_person(room: Room, known: str) -> None:
    file = room.store.file
    if file is None:
        assert forget(room)
        return
    beside = (file, Path(f"{file}-wal"))
    for n in range(1, 15):
        # Records that grow move from page to page.
        room.run(contact(room, n, name=f"{NAME} {'x' * n}"))
    assert any(ANNA.encode() in each.read_bytes() for each in beside)
    forget(room)
    held = b"".join(each.read_bytes() for each in beside if each.exists()).lower()
    assert [each for each in (ANNA.encode(), NAME.lower().encode(), b"anna \\u00f6st") if each in held] == []


def test_an_older_database_is_compacted_after_asking(room: Room, desk: Desk) -> None:
    if room.store.file is None:
        assert desk("compact").stdout.startswith("PostgreSQL does this by itself")
        return
    assert desk("compact").stdout.endswith("There is nothing to give back, and it shrinks by itself.\n")
    with room.store.alone() as cursor:
        # As an earlier release made it.
        cursor.executescript("PRAGMA auto_vacuum = NONE; VACUUM")
    refused = desk("compact", answer="n\n")
    assert "webhooks are answered 503" in refused.stdout
    assert "Done" not in refused.stdout
    assert "It shrinks by itself from now on." in desk("compact", "--yes").stdout


def test_a_company_that_was_made_for_a_person_is_theirs(room: Room) -> None:
    """Its name may be the person's; the company that somebody works at is not."""
    room.run(contact(room))
    with room.store.write() as conn:
        account = conn.execute(select(links.c.account)).scalars().first()
        made = {"connection": "kassa", "resource": "account", "key": f"home:{ANNA}:anna öst", "state": "linked"}
        conn.execute(links.insert().values(**made, account=account, record_id=99, created_at=db_now()))
        held = {"name": [NAME, 0, 1, "e", "kassa"]}
        conn.execute(records.insert().values(account=account, resource="account", record_id=99, fields=held))
        known_as = {"account": account, "resource": "account", "field": "name", "value": NAME.lower(), "record_id": 99}
        conn.execute(identities.insert().values(**known_as, seen_at=db_now()))
    planned = plan(room.store, ANNA)
    assert [(each.resource, each.id) for each in planned.own if each.resource == "account"] == [("account", 99)]
    execute(room.store, planned, by="dpo", why=WHY)
    assert traces_left(room) == []
    with room.store.read() as conn:
        kept = conn.execute(select(links.c.key).where(links.c.record_id == 99)).scalar_one()
        assert conn.execute(select(records.c.fields).where(records.c.resource == "account")).scalar_one()["name"]
    assert kept.startswith("home:erased:")


def test_the_key_of_a_company_is_no_address(room: Room, known: str) -> None:
    """A company without a number is known by its name and its domain."""
    with room.store.write() as conn:
        account = conn.execute(select(links.c.account)).scalars().first()
        made = {"connection": "kassa", "resource": "account", "key": f"company:{ANNA}", "state": "linked"}
        conn.execute(links.insert().values(**made, account=account, record_id=98, created_at=db_now()))
    assert [each.resource for each in plan(room.store, ANNA).own] == ["contact"]


def test_webhooks_come_in_while_a_person_is_looked_for_and_erased(room: Room, known: str) -> None:
    taken: list[str] = []

    def come_in(_table: str, _rows: int) -> None:
        taken.append(room.company(len(taken)))

    execute(room.store, plan(room.store, ANNA, come_in), by="dpo", why=WHY, progress=come_in)
    assert len(taken) > 10
    assert {room.event(each).status for each in taken} == {"pending"}


def test_a_number_is_erased_wherever_it_stands(room: Room, known: str) -> None:
    told = {"id": "A-9", "client": {"id": "K-1"}, "users": ["sales@example.com"], "date": "2026-11-02"}
    called = room.take("butik", {"id": "9", "type": "activity.upsert", "data": told | {"description": "0701234567"}}).id
    assert room.run(called).status == "delivered"
    assert {known, called} <= plan(room.store, "+46701234567").found.events
    forget(room, "+46701234567")
    assert not [each for each in ("701234567", "123 45 67") if each in dump(room)]


def test_calls_with_a_person_and_the_number_they_are_known_by_are_found(room: Room, known: str) -> None:
    told = {"contact": {"id": ANNA}, "client": {"id": "K-1"}, "user": "sales@example.com", "phoneNumber": PHONE}
    called = room.take("butik", {"id": "9", "type": "phonecall.create", "data": {"id": "S-1", **told}}).id
    assert room.run(called).status == "delivered"
    with room.store.write() as conn:
        ((account, number),) = conn.execute(
            select(links.c.account, links.c.record_id).where(links.c.resource == "contact")
        )
        place = {"account": account, "resource": "contact", "field": "phone", "value": "+46701234567"}
        conn.execute(identities.insert().values(**place, record_id=number, seen_at=db_now()))
        # As one that names the contact by their id alone.
        conn.execute(update(requests).values(body=b"{}"))
    found = plan(room.store, ANNA).found
    assert called in found.events
    assert "+46701234567" in {each.value for each in found.identities}
