"""`relay` commands look ahead at events, decide about them, try them again and give them up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import update

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from worker.plan import Key
from worker.store.batches.steps import go_on
from worker.store.db.clock import db_now
from worker.store.db.tables import batches
from worker.store.ledger import links
from worker.store.people import audit


def company_by_hand(room: Room, name: str, **fields: Any) -> int:
    row = {"name": name, **fields}
    made = room.sandbox.control("POST", "/records", {"account": 1, "resource": "accounts", "data": row})
    return int(made["data"]["id"])


@pytest.fixture
def twins(room: Room) -> Sequence[int]:
    """Two companies with one number, made by people."""
    return [company_by_hand(room, f"Åkeri {letter} AB", orgNo="5999990046") for letter in "AB"]


def writes(room: Room) -> list[tuple[str, int]]:
    return [(call["method"], call["id"]) for call in room.sandbox.calls() if call["write"]]


def test_a_person_says_which_record_is_meant_and_what_waited_for_it_goes_on(
    room: Room, desk: Desk, twins: Sequence[int]
) -> None:
    first = room.run(room.company("1", orgNo="599999-0046", notes="först")).id
    second = room.run(room.company("1", minute=1, orgNo="599999-0046", notes="sedan")).id
    assert {room.event(each).status for each in (first, second)} == {"review"}

    refused = desk("review", "adopt", first, str(twins[1]), answer="n\n")
    assert room.event(first).status == "review"
    done = desk("review", "adopt", first, str(twins[1]), answer="y\n")

    assert refused.stderr == f"account {twins[1]} is Åkeri B AB, 5999990046: is it K-1? [y/N]: n\n"
    assert done.stdout == f"account K-1 is {twins[1]}; 2 will be tried again.\n"
    assert room.run(first).status == "superseded"
    assert room.event(second).status == "delivered"
    assert writes(room) == [("PUT", twins[1])]


def test_a_create_without_an_answer_is_made_again_when_a_person_says_so(room: Room, desk: Desk) -> None:
    data = {
        "id": "M-1",
        "description": "Hälsade på",
        "client": {"id": "K-1", "name": "Åkeri AB"},
        "user": "sales@example.com",
    }
    event = room.take("butik", {"id": "e", "type": "comment.create", "data": data}).id
    room.sandbox.fault(kind="drop_before_commit", method="POST", resource="comments", count=1)
    room.run(event)
    room.come()
    room.run(event)
    assert room.event(event).status == "review"
    assert room.sandbox.records("comments") == []

    done = desk("review", "create", event)

    assert done.stdout == "comment M-1 is made again; 1 will be tried again.\n"
    assert room.run(event).status == "delivered"
    assert [record["description"] for record in room.sandbox.records("comments")] == ["Hälsade på"]


def test_what_waits_for_a_decision_can_be_given_up(room: Room, desk: Desk, twins: Sequence[int]) -> None:
    event = room.run(room.company("1", orgNo="599999-0046")).id
    assert desk("review", "drop", event, "--reason", "tvillingar").stdout == "1 dropped.\n"
    assert room.fate(event) == ("ignored", "dropped by a person: tvillingar")
    assert writes(room) == []


def test_of_an_event_about_several_records_a_person_names_one(room: Room, desk: Desk) -> None:
    person = {"id": "P-1", "email": "asa@example.com", "firstName": "Åsa", "client": {"id": "K-1", "name": "Åkeri AB"}}
    event = room.take("butik", {"id": "e", "type": "contact.upsert", "data": person}).id
    room.run(room.company("9"))
    room.ask(event, "något är fel")
    record = str(room.sandbox.records("accounts")[0]["id"])

    unsure = desk("review", "adopt", event, record, "--yes")
    wrong = desk("review", "adopt", event, record, "--yes", "--key", "account:K-2")
    unwritten = desk("review", "adopt", event, record, "--yes", "--key", "K-1")
    named = desk("review", "adopt", event, record, "--yes", "--key", "account:K-1")

    assert unsure.stderr == (
        f"relay: event {event} is about several records; say which one: --key account:K-1, --key contact:P-1\n"
    )
    assert wrong.stderr == "relay: --key account:K-2: the event is not about it; there are: account:K-1, contact:P-1\n"
    assert unwritten.stderr == "relay: --key K-1: write resource:key, such as account:K-1\n"
    assert named.stdout == f"account K-1 is {record}; 1 will be tried again.\n"


def test_only_what_waits_for_a_decision_is_decided(room: Room, desk: Desk) -> None:
    event = room.run(room.company("1")).id
    for arguments in (["adopt", event, "7"], ["create", event], ["drop", event, "--reason", "x"]):
        result = desk("review", *arguments)
        line = f"relay: event {event} is delivered, and waits for no decision; `relay review list` shows what does\n"
        assert (result.exit_code, result.stderr) == (2, line)


def dead_letters(room: Room) -> Sequence[str]:
    body: dict[str, Any] = {"type": "account.upsert", "data": {"id": "K-1", "name": 7}}
    return [
        room.run(room.take(name, {"id": f"{name} {n}", **body}).id).id for name in ("butik", "kassa") for n in range(2)
    ]


def test_dead_letters_are_counted_before_all_of_them_are_tried_again(room: Room, desk: Desk) -> None:
    ids = dead_letters(room)

    refused = desk("dead", "replay", "--all", answer="n\n")
    take_all(room)
    assert {room.event(each).status for each in ids} == {"dead"}
    done = desk("dead", "replay", "--all", "--connection", "kassa", answer="y\n")
    take_all(room)
    none = desk("dead", "replay", "--all", "--connection", "kassa", "--yes")

    assert refused.stdout == "4 dead letters.\n"
    assert done.stdout == "2 dead letters.\n2 will be tried again, 20 a minute.\n"
    assert none.stdout == "0 will be tried again, 20 a minute.\n"
    assert [room.event(each).status for each in ids] == ["dead", "dead", "pending", "pending"]


def take_all(room: Room) -> None:
    """Let the turn of all that batches hold have come."""
    for _ in range(5):
        with room.store.write() as conn:
            conn.execute(update(batches).values(next_at=db_now()))
        go_on(room.store)


def test_what_a_command_does_is_kept_with_who_and_why(room: Room, desk: Desk) -> None:
    ids = dead_letters(room)

    desk("dead", "replay", ids[0], "--by", "per", "--why", "the stage was renamed")
    desk("dead", "drop", ids[1], "--by", "per", "--reason", "prov")
    desk("dead", "drop", "--all", "--yes", "--by", "per", "--reason", "skräp")

    with room.store.read() as conn:
        kept = [(deed.who, deed.via, deed.act, deed.about, deed.why) for deed in reversed(audit.listed(conn))]
    assert kept == [
        ("per", "command", "replay", f"event/{ids[0]}", "the stage was renamed"),
        ("per", "command", "drop", f"event/{ids[1]}", "prov"),
        ("per", "command", "preview", "batch/b-1", None),
        ("per", "command", "start", "batch/b-1", "skräp"),
    ]


def test_a_replay_is_taken_back_as_far_as_it_has_not_begun(room: Room, desk: Desk) -> None:
    ids = dead_letters(room)
    before = [room.fate(each) for each in ids]
    delivered = room.run(room.company("9")).id
    desk("dead", "replay", "--all", "--yes")
    desk("replay", "--status", "delivered", "--yes")
    take_all(room)
    assert {room.event(each).status for each in ids} == {"pending"}

    # A batch that has taken all of its events is over: what it took goes on.
    assert desk("replay", "--cancel").stdout == "No replay waits for its turn: nothing was taken back.\n"
    for each in ids:
        assert room.run(each).status == "dead"
    waiting = json.loads(desk("events", "list", "--status", "pending", "--json").stdout)
    assert [room.run(each["id"]).status for each in waiting] == ["superseded"]

    desk("dead", "replay", "--all", "--yes")
    desk("replay", "--status", "delivered", "--yes")
    room.runtime.sweep.run()
    other = desk("replay", "--cancel", "--connection", "kassa")
    assert [room.event(each).status for each in ids] == ["pending", "dead", "dead", "dead"]
    named = desk("replay", "--cancel", "b-4")
    rest = desk("replay", "--cancel")

    told = "taken back, as before the replay; what had begun goes on.\n"
    assert (other.stdout, named.stdout) == (f"2 events {told}", f"2 events {told}")
    assert rest.stdout == f"1 event {told}"
    assert [room.fate(each) for each in ids] == before
    listed = json.loads(desk("events", "list", "--status", "delivered", "--json").stdout)
    assert [each["id"] for each in listed] == [delivered]
    assert desk("events", "list", "--status", "pending").stdout == "No events.\n"


def test_a_batch_that_is_not_there_is_not_cancelled(desk: Desk) -> None:
    for name, told in (("b-77", "There is no batch b-77."), ("alla", "--cancel alla: name batches, such as b-42")):
        result = desk("replay", "--cancel", name)
        assert (result.exit_code, told in result.stderr) == (2, True)


def test_dead_letters_are_given_up_by_name_or_by_filter(room: Room, desk: Desk) -> None:
    ids = dead_letters(room)

    one = desk("dead", "drop", ids[0], "--reason", "prov")
    many = desk("dead", "drop", "--all", "--type", "account.upsert", "--since", "9999h", "--yes", "--reason", "skräp")
    again = desk("dead", "drop", ids[0], "--reason", "prov")

    assert (one.stdout, many.stdout) == ("1 dropped.\n", "3 dropped.\n")
    assert room.fate(ids[0]) == ("ignored", "dropped by a person: prov")
    assert room.fate(ids[3]) == ("ignored", "dropped by a person: skräp")
    assert again.stderr == f"relay: event {ids[0]} is ignored, and no dead letter; `relay dead list` shows those\n"


def explained(desk: Desk, *arguments: str) -> tuple[list[tuple[str, str]], Mapping[str, Any]]:
    result = desk("explain", *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    return [(call["verb"], call["resource"]) for call in told["calls"]], told


def test_explain_makes_no_call_and_changes_nothing(room: Room, desk: Desk) -> None:
    event = room.company("1", orgNo="599999-0046", notes="Åtta höns")

    calls, told = explained(desk, event)

    assert calls == [("search", "account"), ("create", "account")]
    assert told["found"] == []
    assert (told["calls"][1]["body"]["name"], told["calls"][1]["body"]["notes"]) == ("Åkeri 1 AB", "Åtta höns")
    assert room.sandbox.calls() == []
    assert (room.event(event).status, room.event(event).claims) == ("pending", 0)
    assert room.run(event).status == "delivered"


def test_explain_knows_what_was_made_already(room: Room, desk: Desk) -> None:
    room.run(room.company("1", notes="först"))
    (account,) = room.sandbox.records("accounts")
    changed = room.company("1", minute=1, notes="sedan")
    before = len(room.sandbox.calls())

    calls, told = explained(desk, changed)

    assert calls == [("update", "account")]
    assert told["calls"][0]["about"] == str(account["id"])
    assert told["calls"][0]["body"] == {"notes": "sedan"}
    assert told["found"] == [{"resource": "account", "key": "K-1", "id": account["id"], "by": "link"}]
    assert len(room.sandbox.calls()) == before
    room.run(changed)
    assert explained(desk, changed)[1]["ending"] == "no call: Upsales holds all of it already"


def test_explain_asks_upsales_only_when_told_to_and_then_knows_what_it_finds(room: Room, desk: Desk) -> None:
    known = company_by_hand(room, "Åkeri AB", orgNo="5999990046")
    event = room.company("1", orgNo="599999-0046", name="Åkeri AB", notes="Åtta höns")

    guessed, _ = explained(desk, event)
    assert room.sandbox.calls() == []
    exact, told = explained(desk, event, "--ask")

    assert guessed == [("search", "account"), ("create", "account")]
    assert exact == [("search", "account"), ("update", "account")]
    assert told["calls"][1]["about"] == str(known)
    assert told["calls"][1]["body"] == {"notes": "Åtta höns"}
    assert told["found"] == [{"resource": "account", "key": "K-1", "id": known, "by": "number"}]
    printed = desk("explain", event, "--ask").stdout
    assert f"  account K-1 is {known}, found by organisation number\n" in printed
    assert {call["method"] for call in room.sandbox.calls()} == {"GET"}
    room.run(event)
    assert [call["body"] for call in room.sandbox.calls() if call["write"]] == [told["calls"][1]["body"]]


def test_explain_with_asking_converts_custom_values_and_says_what_is_left_out(room: Room, desk: Desk) -> None:
    field = {"name": "Avtal", "alias": "AVTAL", "datatype": "Date"}
    flag = {"name": "VIP", "alias": "VIP", "datatype": "Boolean"}
    made = [
        room.sandbox.control("POST", "/records", {"account": 1, "resource": "customfields/account", "data": each})
        for each in (field, flag)
    ]
    event = room.company("1", custom={"AVTAL": "vid årsskiftet", "VIP": "ja"})

    calls, told = explained(desk, event, "--ask")
    printed = desk("explain", event, "--ask").stdout

    assert calls[-1] == ("create", "account")
    assert {"fieldId": made[1]["data"]["id"], "value": "1"} in told["calls"][-1]["body"]["custom"]
    assert made[0]["data"]["id"] not in {each["fieldId"] for each in told["calls"][-1]["body"]["custom"]}
    assert told["left_out"] == ["Not kept: AVTAL 'vid årsskiftet' (a date field)"]
    assert "  Not kept: AVTAL 'vid årsskiftet' (a date field)\n" in printed
    assert room.run(event).reason == told["left_out"][0]


def test_explain_with_asking_resolves_names_to_ids_and_says_what_upsales_would_refuse(room: Room, desk: Desk) -> None:
    order = {
        "id": "O-1", "description": "Åtta höns", "client": {"id": "K-1", "name": "Åkeri AB"}, "stage": "Order",
        "user": "sales@example.com", "rows": [{"id": "1", "articleNo": "ÖVRIGT", "quantity": 1, "price": 1}],
    }  # fmt: skip
    good = room.take("butik", {"id": "god", "type": "order.upsert", "data": order}).id
    bad = room.take("butik", {"id": "dålig", "type": "order.upsert", "data": {**order, "stage": "Finns inte"}}).id

    calls, told = explained(desk, good, "--ask")
    refused = explained(desk, bad, "--ask")[1]["ending"]

    assert calls[-1] == ("create", "order")
    body = told["calls"][-1]["body"]
    assert body["client"] == {"id": "<new account>"}
    assert isinstance(body["stage"]["id"], int)
    assert refused.startswith("StageUnknown: Upsales has no order stage named 'Finns inte'")
    assert not [call for call in room.sandbox.calls() if call["write"]]


def test_explain_takes_a_sample_and_shows_it_to_a_person(room: Room, desk: Desk) -> None:
    shown = desk("explain", "account_upsert", "--connection", "butik").stdout
    assert "account.upsert account:" in shown
    assert "  create account" in shown
    assert "A search that finds a record makes it an update of what differs." in shown
    assert room.sandbox.calls() == []


def test_before_the_key_is_changed_nothing_is_bound_anew(room: Room, desk: Desk) -> None:
    """To forget what was made in an account, and go on in it, would make everything a second time."""
    assert room.run(room.company("1")).status == "delivered"

    refused = desk("connections", "rebind", "butik", "--yes")

    assert refused.exit_code == 2
    assert refused.stderr == (
        "relay: butik: its key belongs to account 1 (Sandbox 1), which it is bound to: nothing is forgotten."
        " Set the key of the new account first.\n"
    )
    with room.store.read() as conn:
        assert links.find(conn, "butik", Key("account", "K-1")) is not None


def test_a_key_that_cant_be_asked_binds_nothing_anew(room: Room, desk: Desk) -> None:
    assert room.run(room.company("1")).status == "delivered"
    room.sandbox.fault(kind="html_502")
    refused = desk("connections", "rebind", "butik", "--yes")
    assert refused.exit_code != 0
    with room.store.read() as conn:
        assert links.find(conn, "butik", Key("account", "K-1")) is not None
