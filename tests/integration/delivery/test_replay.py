"""Events once more, by `relay replay` and `relay dead replay`: each once, nothing made twice, nothing put back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update

from tests.integration.delivery.desk import Desk
from tests.integration.delivery.room import Room
from worker.cli.selection import carry_out
from worker.errors import ConfigError
from worker.store.batches.steps import go_on
from worker.store.db.clock import db_now
from worker.store.db.tables import batches, events
from worker.store.events import replay
from worker.store.events.events import Event, listed
from worker.store.lanes.due import due
from worker.store.lanes.lanes import claim

BAD: dict[str, Any] = {"type": "account.upsert", "data": {"id": "K-1", "name": 7}}
COMMENT: dict[str, Any] = {
    "id": "M-1", "description": "Hälsade på", "client": {"id": "K-1", "name": "Åkeri AB"}, "user": "sales@example.com",
}  # fmt: skip


def every(room: Room) -> list[Event]:
    """The oldest first."""
    with room.store.read() as conn:
        return list(reversed(listed(conn)))


def number(room: Room) -> int:
    with room.store.read() as conn:
        return int(conn.execute(select(func.count()).select_from(events)).scalar_one())


def their_turn(room: Room) -> None:
    """Let the turn of the next event of each batch have come."""
    with room.store.write() as conn:
        conn.execute(update(batches).values(next_at=db_now()))
    go_on(room.store)


def test_the_second_replay_of_an_event_is_not_swallowed_and_makes_nothing_twice(room: Room, desk: Desk) -> None:
    event = room.run(room.take("butik", {"id": "e", "type": "comment.create", "data": COMMENT}).id)
    for _ in range(2):
        assert desk("replay", event.id).stdout == "1 event.\n1 will be delivered again.\n"
        (again,) = [each for each in every(room) if each.status == "pending"]
        assert (again.time, again.subject, again.event_id) == (event.time, event.subject, event.event_id)
        assert room.run(again.id).status == "superseded"
    assert number(room) == 3
    assert len(room.sandbox.records("comments")) == 1


def test_a_replay_puts_no_older_value_back(room: Room, desk: Desk) -> None:
    first = room.run(room.company("1", notes="först"))
    room.run(room.company("1", minute=1, notes="sedan"))
    desk("replay", first.id)
    assert room.run(every(room)[-1].id).status == "superseded"
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["sedan"]


def test_of_two_events_of_one_second_the_replay_of_the_first_stays_the_first(room: Room, desk: Desk) -> None:
    """Some senders know whole seconds only."""
    first = room.run(room.company("1", notes="först"))
    told = {"id": "två", "type": "account.upsert", "time": first.time.isoformat()}
    second = room.run(room.take("butik", {**told, "data": {"id": "K-1", "notes": "sedan"}}).id)
    assert (second.time, second.subject) == (first.time, first.subject)
    for replayed in (first, second):
        desk("replay", replayed.id)
        assert room.run(every(room)[-1].id).status == "superseded"
    desk("replay", first.id)
    assert room.run(every(room)[-1].id).status == "superseded", "the replay of a replay"
    assert [record["notes"] for record in room.sandbox.records("accounts")] == ["sedan"]


def test_replays_of_one_second_wait_in_the_order_of_what_they_replay(room: Room) -> None:
    first = room.run(room.company("1", notes="först"))
    told = {"id": "två", "type": "account.upsert", "time": first.time.isoformat()}
    second = room.run(room.take("butik", {**told, "data": {"id": "K-1", "notes": "sedan"}}).id)
    later = replay.replay(room.store, second.id)
    earlier = replay.replay(room.store, replay.replay(room.store, first.id))
    found = claim(room.store, "butik", first.subject, "w1", 60)
    assert found is not None
    assert [event.id for event in found.events][1:] == [earlier, later]


def test_a_second_round_brings_no_more_events_than_the_first(room: Room, desk: Desk) -> None:
    for each in (room.company("1"), room.company("2", minute=1)):
        room.run(each)
    for _ in range(3):
        done = desk("replay", "--connection", "butik", "--yes")
        assert done.stdout == "2 events.\n2 will be delivered again, 20 a minute.\n"
        for _ in range(2):
            their_turn(room)
            (waiting,) = [each for each in every(room) if each.status == "pending"]
            assert room.run(waiting.id).status == "superseded"


def test_what_comes_in_finds_no_replays_before_it(room: Room, desk: Desk) -> None:
    for each in range(10):
        room.run(room.company(each))
    assert desk("replay", "--connection", "butik", "--yes").exit_code == 0
    live = room.company("ny")
    with room.store.write() as conn:
        assert [each.event for each in due(conn, "butik", 500, 30)] == [live]


def test_the_sweep_gives_each_its_turn(room: Room, desk: Desk) -> None:
    for each in "12":
        room.run(room.company(each))
    desk("replay", "--connection", "butik", "--yes")
    rung = []
    for _ in range(2):
        room.runtime.sweep.run()
        rung.append([room.run(each.id).status for each in every(room) if each.status == "pending"])
    assert rung == [["superseded"], []]


@pytest.mark.parametrize(("said", "kept"), [((), 20), (("--rate", "60/min"), 60), (("--rate", "7"), 7)])
@pytest.mark.parametrize("command", [("replay", "--status", "dead"), ("dead", "replay", "--all")])
def test_many_are_delivered_at_a_rate(
    room: Room, desk: Desk, command: tuple[str, ...], said: tuple[str, ...], kept: int
) -> None:
    event = room.run(room.take("butik", {"id": "e", **BAD}).id)
    assert f" again, {kept} a minute.\n" in desk(*command, *said, "--yes").stdout
    with room.store.read() as conn:
        assert conn.execute(select(batches.c.a_minute)).scalar_one() == kept
    assert room.event(event.id).status == "dead"
    their_turn(room)
    assert room.event(event.id).status == "pending"


@pytest.mark.parametrize("said", ["0", "-1", "fort", "20/h", "1000000"])
def test_a_rate_that_is_none_is_refused(desk: Desk, said: str) -> None:
    result = desk("replay", "--connection", "butik", "--rate", said)
    assert (result.exit_code, f"{said}: say how many a minute, such as 20/min." in result.stderr) == (2, True)


def test_what_is_dead_is_tried_again_itself(room: Room, desk: Desk) -> None:
    event = room.run(room.take("butik", {"id": "e", **BAD}).id)
    assert desk("replay", event.id).stdout == "1 event.\n1 will be delivered again.\n"
    assert (number(room), room.event(event.id).status) == (1, "pending")


def test_what_waits_is_not_delivered_twice(room: Room, desk: Desk) -> None:
    event = room.company("1")
    result = desk("replay", event)
    assert result.stderr == f"relay: event {event} is pending: it waits for its delivery already\n"
    assert (result.exit_code, number(room)) == (2, 1)


@pytest.mark.parametrize("command", [("replay",), ("dead", "replay"), ("dead", "drop", "--reason", "prov")])
def test_an_event_that_is_named_is_not_narrowed_by_filters(room: Room, desk: Desk, command: tuple[str, ...]) -> None:
    event = room.run(room.take("butik", {"id": "e", **BAD}).id)
    result = desk(*command, event.id, "--connection", "kassa")
    assert (result.exit_code, "not both" in result.stderr) == (2, True)
    assert room.event(event.id).status == "dead"


@pytest.mark.parametrize("command", [("replay",), ("dead", "replay", "--all"), ("dead", "list"), ("calls",)])
def test_a_connection_that_is_mistyped_is_not_one_without_events(
    room: Room, desk: Desk, command: tuple[str, ...]
) -> None:
    room.run(room.take("butik", {"id": "e", **BAD}).id)
    result = desk(*command, "--connection", "butk")
    assert (result.exit_code, result.stderr) == (2, "relay: there is no connection butk; did you mean butik?\n")


def test_where_nobody_can_be_asked_nothing_is_done(room: Room, desk: Desk) -> None:
    event = room.run(room.take("butik", {"id": "e", **BAD}).id)
    result = desk("dead", "replay", "--all")
    assert result.stderr.endswith("relay: nobody is there to be asked, and nothing was done: give --yes\n")
    assert (result.exit_code, room.event(event.id).status) == (2, "dead")


def test_an_event_named_twice_is_done_once(room: Room, desk: Desk) -> None:
    event = room.run(room.take("butik", {"id": "e", **BAD}).id)
    assert desk("dead", "replay", event.id, event.id).stdout == "1 will be tried again.\n"


def test_a_senders_id_is_told_to_be_whose_it_was_taken_for(room: Room, desk: Desk) -> None:
    for name in ("kassa", "butik"):
        event = room.run(room.take(name, {"id": "samma", **BAD}).id)
    result = desk("dead", "drop", "samma", "--reason", "prov")
    assert result.stderr.startswith(f"samma is {event.id}, of butik: account.upsert account:K-1\n")
    assert [each.status for each in every(room)] == ["dead", "ignored"]


def test_a_dead_letter_is_not_given_up_for_no_reason(room: Room, desk: Desk) -> None:
    event = room.run(room.take("butik", {"id": "e", **BAD}).id)
    result = desk("dead", "drop", event.id, "--reason", " ")
    assert (result.exit_code, "say why" in result.stderr) == (2, True)
    assert room.event(event.id).status == "dead"


def test_what_somebody_else_ended_meanwhile_does_not_stop_the_others(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [room.event(room.company(each)) for each in "12"]
    done = []

    def act(event: Event) -> None:
        if event is chosen[0]:
            raise ConfigError("Event is pending: this is for events that are dead.")
        done.append(event)

    assert carry_out(chosen, "Prov", act) == 1
    assert done == [chosen[1]]
    assert "Left out: Event is pending" in capsys.readouterr().err


def test_a_list_that_is_cut_says_so(room: Room, desk: Desk) -> None:
    ids = [room.company(each) for each in "123"]
    cut, whole = desk("events", "list", "--limit", "2"), desk("events", "list", "--limit", "3")
    assert (ids[0] in cut.stdout, ids[2] in cut.stdout) == (False, True)
    assert cut.stderr == "These are the newest 2; --limit shows more.\n"
    assert whole.stderr == ""


def test_calls_are_found_by_a_senders_id(room: Room, desk: Desk) -> None:
    room.run(room.company("1"))
    assert "POST" in desk("calls", "--event", "butik 1 0").stdout


def test_what_a_sender_wrote_moves_no_cursor(room: Room, desk: Desk) -> None:
    event = room.take(
        "butik", {"id": "e\x1b[2J", "type": "account.upsert", "data": {"id": "K\x1b]0;ägd\x07", "name": 7}}
    )
    room.run(event.id)
    for shown in (
        desk("dead", "list"),
        desk("dead", "show", event.id),
        desk("dead", "drop", "e\x1b[2J", "--reason", "x"),
    ):
        assert not {"\x1b", "\x07"} & set(shown.output)
    assert "account:K\\x1b]0;ägd\\x07" in desk("events", "show", event.id).stdout


def test_a_replay_can_read_again_named_or_narrowed(room: Room, desk: Desk) -> None:
    event = room.run(room.company("1"))
    assert desk("replay", "--refetch", event.id).stdout == "1 event.\n1 will be delivered again.\n"
    room.run(event.id)
    assert desk("replay", "--refetch", "--connection", "butik", "--yes").exit_code == 0
