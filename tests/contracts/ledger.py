"""Every Ledger keeps this contract: a suite to inherit, with a fixture `ledgers` that makes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

import pytest

from worker.errors import Busy, OutcomeUnknown, Refused
from worker.plan import Key, Match, Standing
from worker.sync.ports import Ledger
from worker.sync.records import Answer, CallState, Held, LinkState, OpenWrite

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
ACME = Key("account", "customer:1")
OTHER = Key("account", "customer:2")
ORG_NO = Match("orgNo", "599999-0046")
NAME = Match("name", "Åkeri & Söner, Straße 7")


class Ledgers(Protocol):
    """All of one account, whose lanes are each owned by the ledger made for it."""

    def __call__(self, connection: str = "butik", subject: str = "kund:Åsa") -> Ledger: ...


def held(value: Any, minute: int = 0, seq: int = 1, connection: str = "butik") -> Held:
    return Held(value, NOON + timedelta(minutes=minute), seq, f"event-{seq}", connection)


def packed(**fields: Any) -> dict[str, Any]:
    return {name: held(value).packed() for name, value in fields.items()}


def answer(record_id: int, **changed: Any) -> Answer:
    return Answer(record_id, {"id": record_id}, 200, 0.25, changed)


def open_write(ledger: Ledger, key: Key = ACME) -> OpenWrite:
    link = ledger.link(key)
    assert link is not None
    assert link.open_write is not None
    return link.open_write


def state(ledger: Ledger, key: Key) -> LinkState | None:
    link = ledger.link(key)
    return link.state if link else None


def missing(ledger: Ledger, key: Key = ACME) -> bool:
    link = ledger.link(key)
    return link is not None and link.missing


def make(ledger: Ledger, record_id: int, key: Key = ACME, matches: tuple[Match, ...] = (), **fields: Held) -> str:
    call = ledger.intend_create(key, matches, {}, 30)
    ledger.created(call, key, answer(record_id), matches, fields)
    return call


class LedgerContract:
    def test_what_is_not_known_is_none(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        assert ledger.link(ACME) is None
        assert ledger.owner("account", 17) is None
        assert ledger.identity("account", ORG_NO) is None
        record = ledger.record("account", 17)
        assert (record.resource, record.id, dict(record.fields), record.open_writes) == ("account", 17, {}, ())

    # Creating

    def test_a_create_is_on_its_way_until_its_answer_is_recorded(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        sent = packed(name="Åkeri & Söner", orgNo="5999990046")
        call = ledger.intend_create(ACME, [ORG_NO], sent, 30)
        link = ledger.link(ACME)
        assert link is not None
        assert (link.state, link.record_id) == (LinkState.CREATING, None)
        on_its_way = open_write(ledger)
        assert (on_its_way.id, on_its_way.state, on_its_way.rechecks) == (call, CallState.OPEN, 0)
        assert dict(on_its_way.sent) == sent
        assert 0 <= on_its_way.age < 10
        assert 20 < on_its_way.remaining <= 30
        reserved = ledger.identity("account", ORG_NO)
        assert reserved is not None
        assert reserved.record_id is None

    def test_a_created_record_is_linked_known_by_its_natural_keys_and_holds_what_was_sent(
        self, ledgers: Ledgers
    ) -> None:
        ledger = ledgers()
        make(ledger, 17, ACME, (ORG_NO, NAME), name=held("Åkeri"))
        link = ledger.link(ACME)
        assert link is not None
        assert (link.state, link.record_id, link.open_write) == (LinkState.LINKED, 17, None)
        for match in (ORG_NO, NAME):
            identity = ledger.identity("account", match)
            assert identity is not None
            assert identity.record_id == 17
            assert 0 <= identity.age < 10
        assert dict(ledger.record("account", 17).fields) == {"name": held("Åkeri")}
        assert ledger.owner("account", 17) == ACME
        assert [ledger.taken("account", number) for number in (17, 18)] == [True, False]

    def test_a_created_record_is_known_by_natural_keys_that_were_not_reserved_too(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        call = ledger.intend_create(ACME, [ORG_NO], {}, 30)
        ledger.created(call, ACME, answer(17), [ORG_NO, NAME], {})
        known = ledger.identity("account", NAME)
        assert known is not None
        assert known.record_id == 17

    def test_natural_keys_are_compared_in_their_normal_form_and_within_their_resource(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        make(ledger, 17, Key("contact", "1"), (Match("email", " Åsa@Öberg.se "),))
        identity = ledger.identity("contact", Match("email", "åsa@öberg.SE"))
        assert identity is not None
        assert identity.record_id == 17
        assert ledger.identity("account", Match("email", "åsa@öberg.se")) is None

    def test_a_natural_key_of_any_length_is_known_again(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        long = Match("name", "Ö" * 3000)
        make(ledger, 17, ACME, (long,))
        assert ledger.identity("account", long) is not None
        assert ledger.identity("account", Match("name", "Ö" * 3001)) is None

    def test_of_two_who_make_the_same_key_one_waits(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.intend_create(ACME, [], {}, 30)
        with pytest.raises(Busy) as busy:
            second.intend_create(ACME, [], {}, 30)
        assert 0 < busy.value.seconds <= 1

    def test_of_two_who_make_the_same_natural_key_one_waits(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers("formulär", "b")
        first.intend_create(ACME, [NAME, ORG_NO], {}, 30)
        with pytest.raises(Busy) as busy:
            second.intend_create(Key("account", "form:9"), [Match("domain", "ö.se"), ORG_NO], {}, 30)
        assert 0 < busy.value.seconds <= 1
        assert second.link(Key("account", "form:9")) is None
        assert second.identity("account", Match("domain", "ö.se")) is None

    def test_whoever_waits_for_a_create_whose_end_is_near_waits_a_moment(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.intend_create(ACME, [ORG_NO], {}, 0)
        with pytest.raises(Busy) as busy:
            second.intend_create(OTHER, [ORG_NO], {}, 30)
        assert busy.value.seconds > 0

    def test_a_natural_key_that_was_made_after_it_was_looked_up_is_looked_up_again(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        assert second.identity("account", ORG_NO) is None
        make(first, 17, ACME, (ORG_NO,))
        with pytest.raises(Busy):
            second.intend_create(OTHER, [ORG_NO], {}, 30)
        identity = second.identity("account", ORG_NO)
        assert identity is not None
        assert identity.record_id == 17

    def test_a_linked_key_is_not_made_again(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        make(first, 17)
        with pytest.raises(Busy):
            second.intend_create(ACME, [], {}, 30)

    def test_the_same_key_of_another_connection_is_another_thing(self, ledgers: Ledgers) -> None:
        first, second = ledgers("butik", "a"), ledgers("formulär", "a")
        make(first, 17)
        assert second.link(ACME) is None
        make(second, 18)
        assert first.owner("account", 18) is None
        assert second.owner("account", 18) == ACME

    def test_a_create_that_certainly_failed_leaves_nothing(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        call = first.intend_create(ACME, [ORG_NO], {}, 30)
        first.failed(call, Refused("400: namnet är för långt", status=400, duration=0.1))
        assert first.link(ACME) is None
        assert first.identity("account", ORG_NO) is None
        make(second, 17, OTHER, (ORG_NO,))

    def test_a_create_without_an_answer_keeps_its_link_and_reservations(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        call = first.intend_create(ACME, [ORG_NO], packed(name="Åkeri"), 30)
        first.unknown(call, OutcomeUnknown("timeout", duration=20.0))
        assert open_write(first).state is CallState.UNKNOWN
        assert dict(open_write(first).sent) == packed(name="Åkeri")
        with pytest.raises(Busy):
            second.intend_create(OTHER, [ORG_NO], {}, 30)

    def test_looks_are_counted(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        call = ledger.intend_create(ACME, [], {}, 30)
        ledger.rechecked(call)
        ledger.rechecked(call)
        assert open_write(ledger).rechecks == 2

    @pytest.mark.parametrize("ended", ["deadline", "unknown"])
    def test_a_create_that_nobody_waits_for_is_superseded(self, ledgers: Ledgers, ended: str) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        lost = first.intend_create(ACME, [ORG_NO], {}, 0 if ended == "deadline" else 30)
        if ended == "unknown":
            first.unknown(lost, OutcomeUnknown("timeout"))
        again = second.intend_create(ACME, [ORG_NO], {}, 30)
        assert again != lost
        assert open_write(second).id == again
        second.created(again, ACME, answer(18), [ORG_NO], {})
        link = second.link(ACME)
        assert link is not None
        assert link.record_id == 18

    def test_what_only_a_superseded_create_would_have_been_known_by_is_free(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers("formulär", "b")
        first.intend_create(ACME, [NAME, ORG_NO], {}, 0)
        first.intend_create(ACME, [NAME], {}, 30)
        assert first.identity("account", ORG_NO) is None
        second.intend_create(OTHER, [ORG_NO], {}, 30)
        with pytest.raises(Busy):
            second.intend_create(Key("account", "svar:1"), [NAME], {}, 30)

    def test_a_create_that_was_begun_since_it_was_looked_up_is_looked_at_first(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        assert first.link(ACME) is None
        second.intend_create(ACME, [], {}, 0)
        with pytest.raises(Busy):
            first.intend_create(ACME, [], {}, 30)
        assert open_write(first).remaining == 0
        first.intend_create(ACME, [], {}, 30)

    def test_an_open_call_past_its_deadline_still_shows(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        ledger.intend_create(ACME, [], {}, 0)
        assert (open_write(ledger).state, open_write(ledger).remaining) == (CallState.OPEN, 0)

    # Adopting

    def test_an_adopted_record_is_linked_and_known_by_its_natural_keys(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        ledger.adopt(ACME, 17, [ORG_NO], {"name": Held.seen("Åkeri")})
        link = ledger.link(ACME)
        assert link is not None
        assert (link.state, link.record_id) == (LinkState.LINKED, 17)
        identity = ledger.identity("account", ORG_NO)
        assert identity is not None
        assert identity.record_id == 17
        assert dict(ledger.record("account", 17).fields) == {"name": Held.seen("Åkeri")}

    def test_what_was_seen_fills_only_what_is_not_held(self, ledgers: Ledgers) -> None:
        first, second = ledgers("butik", "a"), ledgers("formulär", "b")
        make(first, 17, ACME, (), name=held("Åkeri"))
        second.adopt(OTHER, 17, [], {"name": Held.seen("Annat"), "phone": Held.seen("08-1")})
        assert dict(second.record("account", 17).fields) == {"name": held("Åkeri"), "phone": Held.seen("08-1")}

    def test_a_create_whose_record_was_found_is_done(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        call = ledger.intend_create(ACME, [ORG_NO, NAME], {}, 30)
        ledger.unknown(call, OutcomeUnknown("timeout"))
        ledger.adopt(ACME, 17, [ORG_NO], {})
        link = ledger.link(ACME)
        assert link is not None
        assert (link.state, link.record_id, link.open_write) == (LinkState.LINKED, 17, None)
        seen, reserved = ledger.identity("account", ORG_NO), ledger.identity("account", NAME)
        assert seen is not None
        assert reserved is not None
        assert (seen.record_id, reserved.record_id) == (17, 17)
        assert seen.age < 10
        # Nobody has seen the record carry it.
        assert reserved.age > 86_400

    def test_the_first_key_of_a_record_is_its_owner(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        ledger.adopt(OTHER, 17, [], {})
        ledger.adopt(ACME, 17, [], {})
        ledger.adopt(OTHER, 17, [], {})
        assert ledger.owner("account", 17) == OTHER
        assert ledger.owner("contact", 17) is None

    def test_of_two_keys_that_find_the_same_record_at_once_one_takes_it(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        assert first.owner("account", 17) is None
        assert second.owner("account", 17) is None
        second.adopt(OTHER, 17, [], {})
        with pytest.raises(Busy):
            first.adopt(ACME, 17, [ORG_NO], {"name": Held.seen("Åkeri")})
        assert first.link(ACME) is None
        assert first.identity("account", ORG_NO) is None
        assert first.owner("account", 17) == OTHER
        first.adopt(ACME, 17, [], {})

    def test_a_former_key_leads_to_the_record_and_no_longer_owns_it(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        ledger.adopt(ACME, 17, [], {})
        ledger.adopt(OTHER, 17, [], {})
        ledger.renamed(ACME)
        link = ledger.link(ACME)
        assert link is not None
        assert (link.state, link.record_id) == (LinkState.FORMER, 17)
        assert ledger.owner("account", 17) == OTHER
        ledger.adopt(ACME, 18, [], {})
        assert state(ledger, ACME) is LinkState.LINKED

    def test_a_record_that_is_adopted_again_stays(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.adopt(ACME, 17, [], {})
        assert first.owner("account", 17) == ACME
        second.adopt(OTHER, 17, [], {})
        first.adopt(ACME, 17, [ORG_NO], {})
        assert first.identity("account", ORG_NO) is not None

    # Natural keys

    def test_a_forgotten_value_is_free(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        make(ledger, 17, ACME, (ORG_NO,))
        ledger.forget("account", ORG_NO, 18)
        assert ledger.identity("account", ORG_NO) is not None
        ledger.forget("account", ORG_NO, 17)
        assert ledger.identity("account", ORG_NO) is None
        ledger.intend_create(OTHER, [ORG_NO], {}, 30)

    def test_a_confirmed_value_is_known(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        ledger.confirm("account", ORG_NO, 17)
        identity = ledger.identity("account", ORG_NO)
        assert identity is not None
        assert identity.record_id == 17

    def test_what_is_reserved_stays_reserved_though_another_record_is_seen_to_carry_it(self, ledgers: Ledgers) -> None:
        maker, other = ledgers("butik", "a"), ledgers("formulär", "b")
        call = maker.intend_create(ACME, [ORG_NO], {}, 30)
        other.confirm("account", ORG_NO, 17)
        reserved = other.identity("account", ORG_NO)
        assert reserved is not None
        assert reserved.record_id is None
        maker.created(call, ACME, answer(18), [ORG_NO], {})
        known = other.identity("account", ORG_NO)
        assert known is not None
        assert known.record_id == 18

    def test_the_fields_of_a_keys_natural_keys_are_known_while_it_is_made_and_afterwards(
        self, ledgers: Ledgers
    ) -> None:
        ledger = ledgers()
        assert ledger.natural_fields(ACME) == set()
        call = ledger.intend_create(ACME, [ORG_NO, NAME], {}, 30)
        assert ledger.natural_fields(ACME) == {"orgNo", "name"}
        assert ledger.natural_fields(OTHER) == set()
        ledger.created(call, ACME, answer(17), [ORG_NO, NAME], {})
        ledger.forget("account", NAME, 17)
        assert ledger.natural_fields(ACME) == {"orgNo"}

    def test_whoever_waits_for_a_create_that_an_event_or_a_recheck_will_end_needs_no_person(
        self, ledgers: Ledgers
    ) -> None:
        first, second = ledgers(subject="a"), ledgers("formulär", "b")
        call = first.intend_create(ACME, [ORG_NO], {}, 30)
        first.unknown(call, OutcomeUnknown("timeout"))
        link, identity = first.link(ACME), second.identity("account", ORG_NO)
        assert link is not None
        assert identity is not None
        assert (link.undecided, identity.undecided) == (False, None)

    # Updating

    def test_a_record_is_held_by_one_lane_at_a_time(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers("formulär", "b")
        make(first, 17, ACME, (), name=held("Åkeri"))
        assert dict(first.hold("account", 17, 30).fields) == {"name": held("Åkeri")}
        assert first.hold("account", 17, 30).id == 17
        with pytest.raises(Busy) as busy:
            second.hold("account", 17, 30)
        assert 0 < busy.value.seconds <= 1
        second.hold("account", 18, 30)
        second.hold("contact", 17, 30)
        first.release("account", 17, {})
        second.hold("account", 17, 30)

    def test_a_hold_that_ran_out_is_over(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.hold("account", 17, 0)
        second.hold("account", 17, 30)
        first.release("account", 17, {"name": held("Åkeri")})
        with pytest.raises(Busy):
            first.hold("account", 17, 30)

    def test_what_another_lane_wrote_since_is_looked_at_first(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.hold("account", 17, 0)
        second.hold("account", 17, 30)
        second.release("account", 17, {"name": held("ny")})
        with pytest.raises(Busy):
            first.intend_update("account", 17, {}, 30)
        first.hold("account", 17, 30)
        first.intend_update("account", 17, {}, 30)

    def test_an_update_shows_until_its_answer_is_recorded(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.hold("account", 17, 30)
        call = first.intend_update("account", 17, packed(name="Åkeri"), 30)
        (on_its_way,) = second.record("account", 17).open_writes
        assert (on_its_way.id, on_its_way.state) == (call, CallState.OPEN)
        assert 20 < on_its_way.remaining <= 30
        assert dict(on_its_way.sent) == packed(name="Åkeri")
        first.updated(call, "account", 17, answer(17), [], {"name": held("Åkeri")})
        record = second.hold("account", 17, 30)
        assert (dict(record.fields), record.open_writes) == ({"name": held("Åkeri")}, ())

    def test_pending_updates_come_oldest_first(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        ledger.hold("account", 17, 30)
        ids = []
        for _ in range(3):
            ids.append(ledger.intend_update("account", 17, {}, 30))
            ledger.unknown(ids[-1], OutcomeUnknown("timeout"))
        assert [call.id for call in ledger.record("account", 17).open_writes] == ids

    def test_an_updated_value_moves_the_natural_key(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        old, new = Match("name", "Åkeri"), Match("name", "Åkeri & Söner")
        make(ledger, 17, ACME, (old, ORG_NO))
        ledger.hold("account", 17, 30)
        call = ledger.intend_update("account", 17, {}, 30)
        ledger.updated(call, "account", 17, answer(17), [new], {})
        assert ledger.identity("account", old) is None
        for match in (new, ORG_NO):
            identity = ledger.identity("account", match)
            assert identity is not None
            assert identity.record_id == 17

    @pytest.mark.parametrize("how", ["updated", "released"])
    @pytest.mark.parametrize(
        ("newer", "taken"),
        [
            (held("ny", minute=1, seq=1), True),
            (held("ny", minute=0, seq=6), True),
            (held("ny", minute=0, seq=5), True),
            (held("gammal", minute=0, seq=4), False),
            (held("gammal", minute=-1, seq=9), False),
        ],
    )
    def test_nothing_older_replaces_what_is_held(self, ledgers: Ledgers, how: str, newer: Held, *, taken: bool) -> None:
        ledger = ledgers()
        now = held("nu", minute=0, seq=5)
        make(ledger, 17, ACME, (), name=now)
        ledger.hold("account", 17, 30)
        if how == "updated":
            call = ledger.intend_update("account", 17, {}, 30)
            ledger.updated(call, "account", 17, answer(17), [], {"name": newer})
        else:
            ledger.release("account", 17, {"name": newer})
        assert ledger.record("account", 17).fields["name"] == (newer if taken else now)

    def test_of_one_time_version_and_rank_count_before_arrival(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        paid = replace(held("betald", seq=5), sender_version=Decimal("0.900000001"), rank=2)
        make(ledger, 17, ACME, (), name=paid)
        assert ledger.record("account", 17).fields["name"] == paid
        ledger.release("account", 17, {"name": replace(held("skapad", seq=6), sender_version=Decimal("0.9"), rank=3)})
        assert ledger.record("account", 17).fields["name"] == paid
        final = replace(held("slut", minute=-5, seq=4), standing=Standing.FINAL)
        ledger.release("account", 17, {"name": final})
        assert ledger.record("account", 17).fields["name"] == final

    def test_an_update_that_certainly_failed_gives_the_record_back(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.hold("account", 17, 30)
        call = first.intend_update("account", 17, {}, 30)
        first.failed(call, Refused("400", status=400))
        assert second.hold("account", 17, 30).open_writes == ()

    def test_an_update_without_an_answer_gives_the_record_back_and_shows(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.hold("account", 17, 30)
        call = first.intend_update("account", 17, packed(name="Åkeri"), 30)
        first.unknown(call, OutcomeUnknown("timeout"))
        (shown,) = second.hold("account", 17, 30).open_writes
        assert (shown.id, shown.state) == (call, CallState.UNKNOWN)
        assert dict(shown.sent) == packed(name="Åkeri")

    @pytest.mark.parametrize("effective", [True, False])
    def test_a_settled_update_shows_no_more(self, ledgers: Ledgers, *, effective: bool) -> None:
        ledger = ledgers()
        ledger.hold("account", 17, 30)
        call = ledger.intend_update("account", 17, {}, 30)
        ledger.unknown(call, OutcomeUnknown("timeout"))
        ledger.settled(call, effective=effective)
        assert ledger.record("account", 17).open_writes == ()

    # Witnesses and graves

    def test_the_newest_later_create_of_the_account_is_the_witness(self, ledgers: Ledgers) -> None:
        ledger, other = ledgers(subject="a"), ledgers("formulär", "b")
        make(ledger, 16, Key("account", "earlier"))
        lost = ledger.intend_create(ACME, [], {}, 30)
        ledger.unknown(lost, OutcomeUnknown("timeout"))
        assert ledger.later_create(lost) is None
        other.adopt(OTHER, 99, [], {})
        update = other.intend_update("account", 99, {}, 30)
        other.updated(update, "account", 99, answer(99), [], {})
        assert ledger.later_create(lost) is None
        make(other, 17, Key("account", "form:1"))
        make(other, 18, Key("contact", "form:2"))
        assert ledger.later_create(lost) == ("contact", 18)
        assert ledger.later_create(lost, within=60) == ("contact", 18)
        assert ledger.later_create(lost, within=-1) is None

    @pytest.mark.parametrize("final", [True, False])
    def test_a_record_that_is_gone_is_forgotten_when_its_last_key_has_found_out(
        self, ledgers: Ledgers, *, final: bool
    ) -> None:
        first, second = ledgers("butik", "a"), ledgers("formulär", "b")
        make(first, 17, ACME, (ORG_NO,), name=held("Åkeri"))
        second.adopt(OTHER, 17, [], {})
        call = second.intend_update("account", 17, {}, 0)
        second.unknown(call, OutcomeUnknown("timeout"))
        left = LinkState.GONE if final else None
        first.gone(ACME, 17, final=final)
        assert [state(first, ACME), state(second, OTHER)] == [left, LinkState.LINKED]
        assert first.identity("account", ORG_NO) is None
        assert first.owner("account", 17) is None
        assert dict(second.record("account", 17).fields) == {"name": held("Åkeri")}
        second.gone(OTHER, 17, final=final)
        assert [state(first, ACME), state(second, OTHER)] == [left, left]
        record = first.record("account", 17)
        assert (dict(record.fields), record.open_writes) == ({}, ())

    def test_a_record_is_missing_from_when_it_was_first_missed(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        make(ledger, 17)
        assert not missing(ledger)
        assert ledger.missing(ACME, 17) < 1.0
        assert 0.0 <= ledger.missing(ACME, 17) < 60.0
        assert missing(ledger)
        ledger.found(ACME, 17)
        assert not missing(ledger)
        # The key is another record by now.
        assert ledger.missing(ACME, 18) == 0.0
        assert not missing(ledger)

    @pytest.mark.parametrize("lost", [None, 17])
    def test_a_key_that_is_linked_anew_is_not_missing(self, ledgers: Ledgers, lost: int | None) -> None:
        ledger, other = ledgers("butik", "a"), ledgers("formulär", "b")
        make(ledger, 17)
        ledger.missing(ACME, 17)
        other.adopt(ACME, 17, [], {})
        other.missing(ACME, 17)
        ledger.adopt(ACME, 18, [], {}, lost=lost)
        assert not missing(ledger)
        assert missing(other) == (lost is None)

    def test_a_deleted_record_can_be_made_again(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        make(ledger, 17)
        ledger.missing(ACME, 17)
        ledger.gone(ACME, 17, final=True)
        make(ledger, 18)
        assert (state(ledger, ACME), missing(ledger)) == (LinkState.LINKED, False)

    def test_a_key_that_is_another_record_by_now_is_not_gone(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        ledger.adopt(ACME, 18, [], {})
        ledger.gone(ACME, 17, final=True)
        assert state(ledger, ACME) is LinkState.LINKED

    def test_whoever_was_linked_to_a_merged_record_is_linked_to_the_survivor(self, ledgers: Ledgers) -> None:
        first, second, third = ledgers("butik", "a"), ledgers("formulär", "b"), ledgers("support", "c")
        make(first, 17, ACME, (ORG_NO, NAME), name=held("Åkeri"))
        second.adopt(OTHER, 17, [], {})
        third.adopt(OTHER, 17, [], {})
        third.gone(OTHER, 17, final=True)
        make(second, 19, ACME)
        first.confirm("account", NAME, 17)
        second.hold("account", 17, 30)
        call = second.intend_update("account", 17, {}, 0)
        second.unknown(call, OutcomeUnknown("timeout"))
        first.adopt(ACME, 18, [ORG_NO], {"name": Held.seen("Åkeriet")}, lost=17)
        linked = [ledger.link(key) for ledger, key in ((first, ACME), (second, OTHER), (third, OTHER), (second, ACME))]
        assert [(link.state, link.record_id) for link in linked if link] == [
            *[(LinkState.LINKED, 18)] * 3,
            (LinkState.LINKED, 19),
        ]
        assert (dict(first.record("account", 17).fields), first.record("account", 17).open_writes) == ({}, ())
        assert dict(first.record("account", 18).fields) == {"name": Held.seen("Åkeriet")}
        seen, moved = first.identity("account", ORG_NO), first.identity("account", NAME)
        assert seen is not None
        assert moved is not None
        assert (seen.record_id, moved.record_id) == (18, 18)
        assert seen.age < 10
        assert moved.age > 86_400

    def test_records_of_two_resources_that_have_one_number_are_told_apart(self, ledgers: Ledgers) -> None:
        ledger = ledgers()
        person, email = Key("contact", "1"), Match("email", "åsa@öberg.se")
        make(ledger, 17, person, (email, NAME), name=held("Åsa"))
        make(ledger, 17, ACME, (ORG_NO, NAME), name=held("Åkeri"))
        assert (ledger.owner("contact", 17), ledger.owner("account", 17)) == (person, ACME)
        assert ledger.natural_fields(person) == {"email", "name"}
        assert ledger.natural_fields(ACME) == {"orgNo", "name"}
        call = ledger.intend_update("account", 17, {}, 30)
        ledger.updated(call, "account", 17, answer(17), [Match("name", "Åkeriet")], {"name": held("Åkeriet", seq=2)})
        assert ledger.natural_fields(person) == {"email", "name"}
        lost = ledger.intend_update("account", 17, {}, 30)
        ledger.unknown(lost, OutcomeUnknown("timeout"))
        assert (len(ledger.record("contact", 17).open_writes), len(ledger.record("account", 17).open_writes)) == (0, 1)
        ledger.adopt(ACME, 18, [], {}, lost=17)
        ledger.gone(ACME, 18, final=False)
        link = ledger.link(person)
        assert link is not None
        assert (link.state, link.record_id) == (LinkState.LINKED, 17)
        assert ledger.natural_fields(person) == {"email", "name"}
        assert dict(ledger.record("contact", 17).fields) == {"name": held("Åsa")}

    def test_a_survivor_that_another_key_took_just_now_is_not_taken(self, ledgers: Ledgers) -> None:
        first, second = ledgers(subject="a"), ledgers(subject="b")
        first.adopt(ACME, 17, [], {})
        assert first.owner("account", 18) is None
        second.adopt(OTHER, 18, [], {})
        with pytest.raises(Busy):
            first.adopt(ACME, 18, [], {}, lost=17)
        link = first.link(ACME)
        assert link is not None
        assert link.record_id == 17
