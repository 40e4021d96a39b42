"""A person's decision about one record ends the wait of all events that waited for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import update

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from worker.plan import QualifiedKey
from worker.store.db.tables import events

ORG_NO = "5999990046"


def by_hand(room: Room, letter: str) -> int:
    row = {"name": f"Åkeri {letter} AB", "orgNo": ORG_NO}
    made = room.sandbox.control("POST", "/records", {"account": 1, "resource": "accounts", "data": row})
    return int(made["data"]["id"])


@pytest.fixture
def twins(room: Room) -> Sequence[int]:
    return [by_hand(room, letter) for letter in "AB"]


def contact(room: Room, number: str) -> str:
    client = {"id": "K-1", "name": "Åkeri AB", "orgNo": ORG_NO}
    person = {"id": number, "email": f"{number}@example.com", "firstName": "Åsa", "client": client}
    return room.run(room.take("butik", {"id": number, "type": "contact.upsert", "data": person}).id).id


def comment(room: Room, event_id: str, description: str = "Hälsade på") -> str:
    data = {
        "id": "M-1", "description": description, "client": {"id": "K-1", "name": "Åkeri AB"}, "user": "sales@example.com",
    }  # fmt: skip
    return room.take("butik", {"id": event_id, "type": "comment.create", "data": data}).id


def unanswered(room: Room, event: str, resource: str) -> str:
    """Its create is sent and not answered; nothing was made."""
    room.sandbox.fault(kind="drop_before_commit", method="POST", resource=resource, count=1)
    room.run(event)
    room.come()
    return event


def reword(room: Room, event: str, reason: str) -> None:
    with room.store.write() as conn:
        conn.execute(update(events).where(events.c.id == event).values(reason=reason))


def unknown_why(room: Room, *ids: str) -> None:
    """As what a worker of an earlier release has put up for review."""
    with room.store.write() as conn:
        conn.execute(update(events).where(events.c.id.in_(ids)).values(review_key=None, candidates=None))


def statuses(room: Room, *ids: str) -> list[str]:
    return [room.event(each).status for each in ids]


def writes(room: Room) -> list[tuple[str, Any]]:
    return [(call["method"], call["id"]) for call in room.sandbox.calls(resource="accounts") if call["write"]]


def test_what_waits_for_the_record_in_other_lanes_is_tried_again_too(
    room: Room, desk: Desk, twins: Sequence[int]
) -> None:
    people = [contact(room, each) for each in ("P-1", "P-2")]
    company = room.run(room.company("1", orgNo=ORG_NO)).id
    other = room.run(room.company("2", orgNo=ORG_NO)).id
    assert statuses(room, *people, company, other) == ["review"] * 4

    done = desk("review", "adopt", people[0], str(twins[1]), "--key", "account:K-1", "--yes")

    assert done.stdout == f"account K-1 is {twins[1]}; 3 will be tried again.\n"
    assert statuses(room, *people, company, other) == ["pending"] * 3 + ["review"]
    assert {room.run(each).status for each in people} == {"delivered"}
    assert {record["client"]["id"] for record in room.sandbox.records("contacts")} == {twins[1]}


def test_how_a_reason_is_worded_decides_nothing(room: Room, desk: Desk, twins: Sequence[int]) -> None:
    people = [contact(room, each) for each in ("P-1", "P-2")]
    company = room.run(room.company("1", orgNo=ORG_NO)).id
    other = room.run(room.company("2", orgNo=ORG_NO)).id
    reword(room, other, "Av flera poster är en account 'K-1', account 'K-1' of butik, säger någon")
    for each in (*people, company):
        reword(room, each, "Flera poster finns; account 'K-2' är en av dem")

    done = desk("review", "adopt", people[0], str(twins[1]), "--yes")

    assert done.stdout == f"account K-1 is {twins[1]}; 3 will be tried again.\n"
    assert statuses(room, *people, company, other) == ["pending"] * 3 + ["review"]


def test_a_person_sees_which_records_are_in_question(room: Room, desk: Desk, twins: Sequence[int]) -> None:
    event = contact(room, "P-1")

    listed, (told,) = desk("review", "list").stdout, json.loads(desk("review", "list", "--json").stdout)
    shown, facts = desk("review", "show", event).stdout, json.loads(desk("review", "show", event, "--json").stdout)

    key = {"connection": "butik", "resource": "account", "id": "K-1"}
    assert (told["review_key"], told["candidates"]) == (key, list(twins))
    assert (facts["review_key"], facts["candidates"]) == (key, list(twins))
    heading, row = listed.splitlines()
    assert heading.split()[-5:] == ["received", "review", "key", "candidates", "reason"]
    assert f"  account 'K-1' of butik  {twins[0]}, {twins[1]}  " in row
    assert f"review key     account 'K-1' of butik\ncandidates     {twins[0]}, {twins[1]}\n" in shown


def test_of_what_links_to_an_undecided_record_that_record_is_decided(room: Room, desk: Desk) -> None:
    room.sandbox.fault(kind="drop_before_commit", method="POST", resource="accounts", count=1)
    maker = room.company("1", orgNo=ORG_NO)
    room.run(maker)
    room.come()
    room.ask(maker, "något är oklart", QualifiedKey("butik", "account", "K-1"))
    data = {"id": "M-1", "description": "Hälsade på", "client": {"id": "K-1"}, "user": "sales@example.com"}
    waiting = room.take("butik", {"id": "e", "type": "comment.create", "data": data}).id
    assert room.run(waiting).status == "review"

    done = desk("review", "create", waiting)

    assert done.stdout == "account K-1 is made again; 2 will be tried again.\n"
    assert [room.run(each).status for each in (maker, waiting)] == ["delivered"] * 2
    assert len(room.sandbox.records("accounts")) == 1


def test_an_event_of_which_nobody_knows_why_it_is_in_review_can_be_decided(
    room: Room, desk: Desk, twins: Sequence[int]
) -> None:
    person, company = contact(room, "P-1"), room.run(room.company("1", orgNo=ORG_NO)).id
    unknown_why(room, person, company)
    (told, _) = json.loads(desk("review", "list", "--json").stdout)
    assert (told["review_key"], told["candidates"]) == (None, [])

    unsure = desk("review", "adopt", person, str(twins[0]), "--yes")
    alone = desk("review", "adopt", company, str(twins[0]), "--yes")
    left = statuses(room, person, company)
    named = desk("review", "adopt", person, str(twins[0]), "--yes", "--key", "account:K-1")

    assert unsure.stderr.endswith("say which one: --key account:K-1, --key contact:P-1\n")
    assert alone.stdout == f"account K-1 is {twins[0]}; 1 will be tried again.\n"
    assert left == ["review", "pending"]
    assert named.stdout == f"account K-1 is {twins[0]}; 1 will be tried again.\n"


def test_an_event_that_can_no_longer_be_read_is_decided_all_the_same(
    room: Room, desk: Desk, twins: Sequence[int]
) -> None:
    event = contact(room, "P-1")
    room.forget_requests_of(event)
    for key in ((), ("--key", "account:K-1")):
        done = desk("review", "adopt", event, str(twins[0]), "--yes", *key)
        assert done.stdout == f"account K-1 is {twins[0]}; 1 will be tried again.\n"
        room.ask(event, "något är oklart", QualifiedKey("butik", "account", "K-1"))


def test_another_connection_that_waits_for_the_same_company_goes_on(room: Room, desk: Desk) -> None:
    event = unanswered(room, room.company("1", orgNo=ORG_NO), "accounts")
    twins = [by_hand(room, letter) for letter in "AB"]
    assert room.run(event).status == "review"
    waiting = room.company("9", connection="kassa", orgNo=ORG_NO, notes="från kassan")
    assert room.run(waiting).status == "review"

    desk("review", "adopt", event, str(twins[0]), "--yes")

    assert room.event(waiting).status == "pending"
    assert room.run(waiting).status == "delivered"
    room.run(event)
    assert {record for _, record in writes(room) if record is not None} == {twins[0]}


def test_nothing_is_made_again_that_was_never_begun(room: Room, desk: Desk, twins: Sequence[int]) -> None:
    event = room.run(room.company("1", orgNo=ORG_NO)).id
    result = desk("review", "create", event)
    assert (result.exit_code, room.event(event).status) == (2, "review")
    assert result.stderr == (
        "relay: no create of account K-1 was begun: say which record it is, with"
        f" `relay review adopt {event} <Upsales id>`, or mend it in Upsales, then `relay replay {event}`\n"
    )
    assert len(twins) == len(room.sandbox.records("accounts"))


def test_what_was_mended_in_upsales_is_tried_again(room: Room, desk: Desk, twins: Sequence[int]) -> None:
    event = room.run(room.company("1", orgNo=ORG_NO)).id
    merged = {"account": 1, "resource": "accounts", "loser": twins[1], "master": twins[0]}
    room.sandbox.control("POST", "/merge", merged)
    assert desk("replay", event).stdout == "1 event.\n1 will be delivered again.\n"
    assert room.run(event).status in ("delivered", "superseded")


def test_what_is_given_up_stays_undecided_for_the_next_event(room: Room, desk: Desk) -> None:
    event = unanswered(room, comment(room, "e"), "comments")
    assert room.run(event).status == "review"

    done = desk("review", "drop", event, event, "--reason", "inte viktigt")

    assert done.stdout == "1 dropped.\n"
    told = "what became of its create is looked for; if nothing tells, the next event about it comes to review, too."
    assert done.stderr.endswith(f"comment M-1: {told}\n")
    later = comment(room, "e2", "Hälsade på igen")
    assert room.run(later).status == "review"
    assert room.sandbox.records("comments") == []


def test_a_record_that_is_not_there_is_not_adopted(room: Room, desk: Desk, twins: Sequence[int]) -> None:
    event = room.run(room.company("1", orgNo=ORG_NO)).id
    result = desk("review", "adopt", event, "4711", answer="y\n")
    assert (result.exit_code, result.stderr) == (2, "relay: Upsales has no account 4711: look its id up there\n")
    assert desk("review", "adopt", event, "9" * 30, "--yes").exit_code == 2
    assert (room.event(event).status, writes(room)) == ("review", [])
    assert len(twins) == 2


def test_a_person_is_told_whose_a_record_is_already(room: Room, desk: Desk, twins: Sequence[int]) -> None:
    first, second = (room.run(room.company(each, orgNo=ORG_NO)).id for each in "12")
    desk("review", "adopt", first, str(twins[0]), "--yes")
    asked = desk("review", "adopt", second, str(twins[0]), answer="n\n")
    assert asked.stderr == f"account {twins[0]} is Åkeri A AB, {ORG_NO}, and K-1 already: is it K-2? [y/N]: n\n"
