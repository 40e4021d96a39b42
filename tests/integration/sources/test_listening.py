"""Whatever a stream tells is an event exactly once, whoever dies and however often it is told."""

from __future__ import annotations

import pytest

from tests.fakes.ledger_sender import LedgerSender, serving
from tests.integration.sources.listening import (
    Dying,
    Tokens,
    bodies,
    event_ids,
    standing,
    start,
    state,
    stored_offsets,
    until,
)
from worker.errors import SourceForbidden, SourceUnavailable
from worker.store import Store


def _ids(*offsets: str) -> list[str]:
    return [f"4711:{'orders' if offset.startswith('o') else 'customers'}:{offset}" for offset in offsets]


def test_what_is_told_is_stored_with_its_offset_and_once(store: Store) -> None:
    sender = LedgerSender()
    first, second = sender.tell(), sender.tell("orders")
    with serving(sender) as url:
        run = start(store, url)
        until(lambda: len(event_ids(store)) == 2, "what was told before is stored")
        third = sender.tell()
        until(lambda: len(event_ids(store)) == 3, "what is told now is stored")
        assert state(store) == "listening"
        sender.drop()
        fourth = sender.tell()
        until(lambda: len(event_ids(store)) == 4, "it listens again")
        run.end()
    assert sorted(event_ids(store)) == sorted(_ids(first, second, third, fourth))
    assert stored_offsets(store) == {"customers": fourth, "orders": second}
    assert len(bodies(store)) == 4
    again = next(each["topics"] for each in reversed(sender.asked) if each["command"] == "add-topics-v1")
    assert again == [{"topic": "customers", "offset": third}, {"topic": "orders", "offset": second}]
    assert sender.asked[0] == {
        "command": "add-tenants-v1",
        "clientSecret": "csec",
        "accessTokens": ["Bearer good"],
    }
    waits = [event.id for receipt in run.receipts for event in receipt.events if event.waits]
    assert len(waits) == 3, "orders concern nobody"
    assert state(store) == "stopped"


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_listener_that_is_killed_at_a_commit_loses_and_doubles_nothing(store: Store, moment: str) -> None:
    """The first two writes take the lease and tell that it listens; then come those that store."""
    sender = LedgerSender()
    with serving(sender) as url:
        told = []
        for at in (1, 2, 3, 4):
            told.append(sender.tell())
            dying = Dying(store, moment, at)
            run = start(dying, url)
            until(lambda: not run.thread.is_alive(), "it was killed")  # noqa: B023 - used up within the round
            assert dying.dead
            sender.drop()
        run = start(store, url)
        told.append(sender.tell())
        until(lambda: stored_offsets(store).get("customers") == told[-1], "another one takes over")
        run.end()
    assert event_ids(store) == _ids(*told)


def test_an_offset_that_is_no_longer_known_restarts_silently(store: Store) -> None:
    early, late = LedgerSender(), LedgerSender()
    told = [early.tell(), early.tell()]
    with serving(early) as url:
        run = start(store, url)
        until(lambda: stored_offsets(store) == {"customers": told[1]}, "both are stored")
        run.end()
    newer = early.tell()
    late.repeat(early, told[0])
    late.repeat(early, newer)
    with serving(late) as url:
        run = start(store, url)
        until(lambda: stored_offsets(store) == {"customers": newer}, "all was told")
        run.end()
    assert event_ids(store) == _ids(*told, newer)


def test_one_listens_and_the_next_takes_over(store: Store) -> None:
    sender = LedgerSender()
    with serving(sender) as url:
        first = start(store, url)
        until(lambda: state(store) == "listening", "the first listens")
        second = start(store, url)
        sender.tell()
        until(lambda: event_ids(store), "it is stored")
        assert sender.opened == 1
        first.end()
        sender.tell()
        until(lambda: len(event_ids(store)) == 2, "the second listens")
        assert second.tokens.afresh != []
        second.end()
    assert sender.opened == 2


def test_a_token_that_ends_is_replaced_at_once(store: Store) -> None:
    sender = LedgerSender()
    with serving(sender) as url:
        tokens = Tokens(fresh="Bearer newer")
        run = start(store, url, tokens=tokens, pauses=(60.0,))
        until(lambda: state(store) == "listening", "it listens")
        sender.end_token("Bearer newer")
        sender.tell()
        until(lambda: event_ids(store), "it listens with the fresh one")
        run.end()
    assert tokens.afresh == [False, True]


def test_a_token_that_stays_refused_is_told_and_tried_slowly(store: Store) -> None:
    sender = LedgerSender()
    sender.token = "Bearer another"
    with serving(sender) as url:
        run = start(store, url, pauses=(0.01, 60.0))
        until(lambda: run.tokens.afresh == [False, True, False, True], "it is tried again")
        until(lambda: state(store) == "forbidden", "it says so")
        found = standing(store)
        assert found is not None
        assert found.alive
        assert found.reason == "the sender does not know the token, with a fresh token, too"
        run.end()
    assert event_ids(store) == []


@pytest.mark.parametrize(
    ("failure", "refuse", "told"),
    [
        (SourceForbidden("no token"), None, "forbidden"),
        (SourceUnavailable("the token endpoint is away"), None, "away"),
        (None, 403, "forbidden"),
        (None, 503, "away"),
        (None, 404, "unlike"),
    ],
)
def test_why_nobody_listens_is_told(
    sqlite_store: Store, failure: Exception | None, refuse: int | None, told: str
) -> None:
    sender = LedgerSender()
    sender.refuse = refuse
    with serving(sender) as url:
        run = start(sqlite_store, url, tokens=Tokens(failure=failure), pauses=(60.0,))
        until(lambda: state(sqlite_store) == told, f"it is {told}")
        run.end()


def test_topics_that_the_licence_lacks_leave_the_others_alone(sqlite_store: Store) -> None:
    sender = LedgerSender(licensed=["customers"])
    with serving(sender) as url:
        run = start(sqlite_store, url)
        sender.tell("orders")
        sender.tell()
        until(lambda: event_ids(sqlite_store), "customers are told")
        until(lambda: state(sqlite_store) == "listening", "it listens")
        found = standing(sqlite_store)
        assert found is not None
        assert (found.state, found.reason) == (
            "listening",
            "the sender tells nothing of orders: not in the customer's licence",
        )
        run.end()


@pytest.mark.parametrize(
    ("text", "reason"), [("{", "a message is not JSON"), ("x" * 3000, "is larger than 2000 bytes")]
)
def test_a_message_that_is_unlike_keeps_what_came_before_it(sqlite_store: Store, text: str, reason: str) -> None:
    sender = LedgerSender()
    before = sender.tell()
    sender.say("customers", "c-odd", text)
    sender.tell()
    with serving(sender) as url:
        run = start(sqlite_store, url, pauses=(60.0,), stream={"most_bytes": 2000})
        until(lambda: state(sqlite_store) == "unlike", "it is told")
        found = standing(sqlite_store)
        assert found is not None
        assert reason in (found.reason or "")
        run.end()
    kept = [(_ids(before), {"customers": before}), *([([], {})] if len(text) > 2000 else [])]
    # What is too large ends the stream at once, and may overtake what was told before it: then that is told again.
    assert (event_ids(sqlite_store), stored_offsets(sqlite_store)) in kept


def test_a_command_without_an_answer_ends_the_stream(sqlite_store: Store) -> None:
    sender = LedgerSender()
    sender.silent.add("subscribe-v1")
    with serving(sender) as url:
        run = start(sqlite_store, url, pauses=(60.0,), stream={"answer_within": 0.0})
        until(lambda: state(sqlite_store) == "away", "it gives up")
        found = standing(sqlite_store)
        assert found is not None
        assert (found.reason or "").endswith("-v1 was not answered")
        run.end()


def test_a_token_is_renewed_on_the_open_stream(sqlite_store: Store) -> None:
    sender = LedgerSender()
    with serving(sender) as url:
        run = start(sqlite_store, url, stream={"renew_every": 0.0})
        until(lambda: sum(each["command"] == "add-tenants-v1" for each in sender.asked) > 1, "it is renewed")
        run.end()
    assert sender.opened == 1


def test_one_stream_tells_of_all_tenants_and_one_that_is_refused_misses_nothing(store: Store) -> None:
    sender = LedgerSender()
    tenants, tokens = {"4711": "ledger", "4712": "other"}, Tokens(others={"other": "Bearer other"})
    sender.others = {"Bearer other": 4712}
    with serving(sender) as url:
        run = start(store, url, tokens=tokens, tenants=tenants)
        first = [sender.tell(), sender.tell(tenant=4712)]
        until(lambda: len(event_ids(store)) == len(first), "both are told of")
        run.end()
        assert sender.opened == 1
        assert stored_offsets(store) == stored_offsets(store, "other") == {"customers": first[1]}

        sender.others = {}
        run = start(store, url, tokens=tokens, tenants=tenants)
        missed, heard = sender.tell(tenant=4712), sender.tell()
        until(lambda: stored_offsets(store) == {"customers": heard}, "the others go on")
        assert stored_offsets(store, "other") == {"customers": first[1]}
        until(lambda: state(store) == "listening", "it listens")
        found = standing(store)
        assert found is not None
        assert found.reason == (
            "the sender tells nothing of other: the sender does not know the token, with a fresh token, too"
        )
        run.end()

        sender.others = {"Bearer other": 4712}
        run = start(store, url, tokens=tokens, tenants=tenants)
        until(lambda: f"4712:customers:{missed}" in event_ids(store), "what it missed is told again")
        run.end()
    assert len(event_ids(store)) == len({*first, missed, heard})
