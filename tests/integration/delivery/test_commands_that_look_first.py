"""What a person says is tried in Upsales before it is stored, and what is tried again keeps its story."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from cryptography.fernet import Fernet

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import KEYS, Room
from worker.keys import stored
from worker.plan import Key
from worker.store.ledger import links

ORG_NO = "5999990046"


def by_hand(room: Room, letter: str) -> int:
    row = {"name": f"Åkeri {letter} AB", "orgNo": ORG_NO}
    made = room.sandbox.control("POST", "/records", {"account": 1, "resource": "accounts", "data": row})
    return int(made["data"]["id"])


@pytest.fixture
def undecided(room: Room) -> str:
    """An event for which two companies come into question."""
    for letter in "AB":
        by_hand(room, letter)
    return room.run(room.company("1", orgNo=ORG_NO)).id


@pytest.fixture
def keyless(desk: Desk) -> Desk:
    """Its API key is to be stored."""
    del desk.environ["RELAY_BUTIK_API_KEY"]
    desk.environ["RELAY_MASTER_KEY"] = Fernet.generate_key().decode()
    return desk


def linked(room: Room) -> int | None:
    with room.store.read() as conn:
        link = links.find(conn, "butik", Key("account", "K-1"))
    return link.record_id if link else None


def test_a_record_that_is_not_there_is_not_adopted(room: Room, desk: Desk, undecided: str) -> None:
    done = desk("review", "adopt", undecided, "99999", "--yes")
    assert (done.exit_code, done.stderr) == (
        2,
        "relay: Upsales has no account 99999: look its id up there\n",
    )
    assert linked(room) is None
    assert room.event(undecided).status == "review"


def test_without_a_question_the_adopted_record_is_named_all_the_same(room: Room, desk: Desk, undecided: str) -> None:
    record = by_hand(room, "Ö")
    done = desk("review", "adopt", undecided, str(record), "--yes")
    assert done.stderr == f"account {record} is Åkeri Ö AB, {ORG_NO}\n"
    assert linked(room) == record


def test_what_is_tried_again_keeps_the_reason_it_was_dead_for(room: Room, desk: Desk) -> None:
    event = room.told("egen:1", {"raise": "Å"})
    reason = room.run(event).reason
    desk("dead", "replay", event)
    again = room.event(event)
    assert (again.status, again.reason, again.note) == ("pending", None, f"was dead before: {reason}")
    assert f"was dead before: {reason}" in desk("events", "show", event).stdout
    assert room.run(event).reason == reason
    desk("dead", "replay", event)
    assert room.event(event).note == f"was dead before: {reason}; was dead before: {reason}"


def test_what_is_decided_keeps_the_question(room: Room, desk: Desk, undecided: str) -> None:
    reason = room.event(undecided).reason
    desk("review", "adopt", undecided, str(by_hand(room, "Ö")), "--yes")
    assert room.fate(undecided) == ("pending", None)
    done = room.run(undecided)
    assert (done.status, done.note) == ("delivered", f"was in review before: {reason}")


def kept(room: Room) -> Sequence[str]:
    return [row.connection for row in stored.in_force(room.store)]


def test_a_key_is_tried_before_it_is_stored(room: Room, keyless: Desk) -> None:
    done = keyless("keys", "set", "butik", answer=KEYS["butik"])
    assert done.exit_code == 0
    assert done.stderr.endswith("is stored for connection butik: butik in account 1 (Sandbox 1).\n")
    assert kept(room) == ["butik"]


def test_a_key_that_nobody_has_is_not_stored(room: Room, keyless: Desk) -> None:
    done = keyless("keys", "set", "butik", answer="nyckel-som-ingen-har")
    assert done.exit_code == 2
    assert done.stderr.startswith("relay: the key is not stored: Upsales does not accept the API key")
    assert kept(room) == []
    assert keyless("keys", "set", "butik", "--untried", answer="nyckel-som-ingen-har").exit_code == 0
    assert kept(room) == ["butik"]


def test_a_key_of_another_account_is_not_stored(room: Room, keyless: Desk) -> None:
    room.run(room.company("1"))
    room.sandbox.control("POST", "/keys", {"name": "prov", "account": 2, "key": "nyckel-prov"})
    done = keyless("keys", "set", "butik", answer="nyckel-prov")
    assert done.exit_code == 2
    assert "the key belongs to account 2 (Sandbox 2), butik is bound to 1 (Sandbox 1)" in done.stderr
    assert kept(room) == []


def test_a_key_is_tried_before_there_is_a_redis(room: Room, keyless: Desk) -> None:
    del keyless.environ["REDIS_URL"]
    assert keyless("keys", "set", "butik", answer="nyckel-som-ingen-har").exit_code == 2
    assert keyless("keys", "set", "butik", answer=KEYS["butik"]).exit_code == 0
    assert kept(room) == ["butik"]


def test_while_upsales_does_not_answer_a_person_hears_how_to_store_it_all_the_same(room: Room, keyless: Desk) -> None:
    room.sandbox.fault(kind="html_502", resource="self")
    done = keyless("keys", "set", "butik", answer=KEYS["butik"])
    assert done.exit_code == 2
    assert done.stderr.endswith("; --untried stores it without asking\n")
    assert kept(room) == []
