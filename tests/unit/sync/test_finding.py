"""An external thing is found as the record that it already is."""

from __future__ import annotations

import pytest

from tests.fakes import Fault, Trouble, World
from worker.errors import Busy, NeedsReview, OutcomeUnknown
from worker.plan import Key, Match, QualifiedKey, Upsert

ASA = "åsa@öberg.se"
BO = "bo@öberg.se"


def contact(email: str, key: str = "1", *, create: bool = True, **fields: str) -> Upsert:
    return Upsert(
        key=Key("contact", key), match=(Match("email", email),), set={"email": email, **fields}, create=create
    )


def test_a_record_that_people_made_is_adopted_and_only_what_differs_is_written() -> None:
    world = World()
    found = world.upsales.made("contact", name="Åsa Öberg", email=ASA.upper(), title="VD")
    world.clock.advance(10)
    world.now(contact(ASA, name="Åsa Öberg", title="Styrelseordförande"))
    (put,) = world.upsales.writes
    assert (put.record_id, put.body["title"]) == (found, "Styrelseordförande")
    assert "name" not in put.body


def test_an_adopted_record_that_agrees_already_costs_no_write() -> None:
    world = World()
    world.upsales.made("contact", name="Åsa Öberg", email=ASA, phone="", notes=None)
    world.clock.advance(10)
    world.now(contact(ASA, name=" Åsa Öberg ", phone="", notes="", title=""))
    assert not world.upsales.writes


def test_of_several_records_the_only_active_one_is_meant() -> None:
    world = World()
    world.upsales.made("contact", name="Åsa", email=ASA, active=0)
    active = world.upsales.made("contact", name="Åsa", email=ASA)
    world.clock.advance(10)
    world.now(contact(ASA, title="VD"))
    (put,) = world.upsales.writes
    assert put.record_id == active


def test_several_active_records_wait_for_a_person_who_is_told_which() -> None:
    world = World()
    ids = tuple(world.upsales.made("contact", name="Åsa", email=ASA) for _ in range(3))
    world.clock.advance(10)
    with pytest.raises(NeedsReview) as review:
        world.now(contact(ASA))
    assert review.value.candidates == ids
    assert review.value.key == QualifiedKey.of("butik", contact(ASA).key)
    assert str(ids[0]) in str(review.value)
    assert not world.upsales.writes


def test_what_was_just_seen_is_found_without_a_call() -> None:
    world = World()
    world.now(contact(ASA, name="Åsa"))
    calls = len(world.upsales.calls)
    world.now(contact(ASA, "svar:7", name="Åsa"), connection="formulär")
    assert len(world.upsales.calls) == calls
    assert len(world.upsales.live("contact")) == 1


def test_finding_without_a_look_does_not_keep_what_was_seen_young() -> None:
    world = World()
    world.now(contact(ASA, name="Åsa"))
    (record_id,) = world.upsales.live("contact")
    world.clock.advance(4)
    world.now(contact(ASA, "svar:7", name="Åsa"), connection="formulär")
    world.upsales.edited("contact", record_id, email=BO)
    world.clock.advance(4)
    world.now(contact(ASA, "annan", name="Åsa"), connection="support")
    assert len(world.upsales.live("contact")) == 2


def test_what_was_seen_long_ago_is_looked_at_once() -> None:
    world = World()
    world.now(contact(ASA, name="Åsa"))
    world.clock.advance(10)
    before = len(world.upsales.calls)
    world.now(contact(ASA, "svar:7", name="Åsa"), connection="formulär")
    assert [call.method for call in world.upsales.calls[before:]] == ["GET"]


@pytest.mark.parametrize("seconds", [0, 3, 60])
def test_after_a_later_event_changed_an_address_the_old_one_is_another_customers(seconds: float) -> None:
    world = World()
    world.now(contact(ASA, name="Åsa"))
    world.clock.advance(seconds)
    world.now(contact(BO, name="Åsa"))
    world.clock.advance(seconds)
    world.now(contact(ASA, "svar:7", name="Nya Åsa"), connection="formulär")
    assert sorted(found["name"] for found in world.upsales.live("contact").values()) == ["Nya Åsa", "Åsa"]


def test_after_two_events_of_one_run_changed_an_address_the_old_one_is_another_customers() -> None:
    world = World()
    lane = world.lane(contact(ASA, name="Åsa"))
    lane.waiting.append(world.event(contact(BO, name="Åsa")))
    world.deliver(lane)
    world.now(contact(ASA, "svar:7", name="Nya Åsa"), connection="formulär")
    assert sorted(found["name"] for found in world.upsales.live("contact").values()) == ["Nya Åsa", "Åsa"]


def test_after_two_updates_of_one_run_changed_an_address_the_old_one_is_another_customers() -> None:
    world = World()
    world.now(contact("första@öberg.se", name="Åsa"))
    lane = world.lane(contact(ASA, name="Åsa"))
    lane.waiting.append(world.event(contact(BO, name="Åsa")))
    world.deliver(lane)
    world.now(contact(ASA, "svar:7", name="Nya Åsa"), connection="formulär")
    assert sorted(found["name"] for found in world.upsales.live("contact").values()) == ["Nya Åsa", "Åsa"]


def test_after_a_person_changed_an_address_the_old_one_is_another_customers() -> None:
    world = World()
    world.now(contact(ASA, name="Åsa"))
    (record_id,) = world.upsales.live("contact")
    world.upsales.edited("contact", record_id, email=BO)
    world.clock.advance(10)
    world.now(contact(ASA, "svar:7", name="Nya Åsa"), connection="formulär")
    assert sorted(found["name"] for found in world.upsales.live("contact").values()) == ["Nya Åsa", "Åsa"]


def test_a_deleted_record_that_search_still_shows_is_not_taken_for_one_that_a_person_deleted() -> None:
    """It was never ours: the customer is made."""
    world = World()
    gone = world.upsales.made("contact", name="Åsa", email=ASA)
    world.clock.advance(10)
    world.upsales.deleted("contact", gone)
    result = world.now(contact(ASA, name="Nya Åsa"))
    assert not result.deleted
    assert [found["name"] for found in world.upsales.live("contact").values()] == ["Nya Åsa"]


def test_a_record_that_another_key_of_the_connection_is_linked_to_is_never_adopted() -> None:
    world = World()
    world.now(contact(ASA, "1", name="Åsa"), subject="1")
    world.clock.advance(60)
    world.now(contact(ASA, "2", name="Åsa igen"), subject="2")
    assert len(world.upsales.live("contact")) == 2
    world.clock.advance(60)
    world.now(contact(ASA, "2", name="Åsa 2"), subject="2")
    assert sorted(found["name"] for found in world.upsales.live("contact").values()) == ["Åsa", "Åsa 2"]


def test_the_first_natural_key_that_shows_a_record_decides() -> None:
    world = World()
    by_number = world.upsales.made("account", name="Åkeri", orgNo="599999-0046")
    world.upsales.made("account", name="Söner")
    world.clock.advance(10)
    matches = (Match("orgNo", "5999990046"), Match("name", "söner"))
    world.now(Upsert(key=Key("account", "1"), match=matches, set={"phone": "08-1"}))
    (put,) = world.upsales.writes
    assert put.record_id == by_number


def test_an_event_that_must_not_make_a_record_finds_one_by_its_own_natural_key() -> None:
    world = World()
    found = world.upsales.made("contact", name="Åsa", email=ASA)
    world.clock.advance(10)
    lane = world.lane(contact(ASA, create=False, title="VD"))
    lane.waiting.append(world.event(contact(BO, name="Bo")))
    world.deliver(lane)
    assert list(world.upsales.live("contact")) == [found]
    assert world.upsales.live("contact")[found]["email"] == BO


def test_an_inactive_record_is_meant_only_where_there_is_no_active_one() -> None:
    world = World()
    world.now(contact(ASA, name="Åsa"))
    (first,) = world.upsales.live("contact")
    world.upsales.edited("contact", first, active=0)
    world.clock.advance(10)
    world.now(contact(ASA, "svar:1", title="1"), connection="formulär")
    assert world.upsales.live("contact")[first]["title"] == "1"
    active = world.upsales.made("contact", email=ASA)
    world.clock.advance(10)
    world.now(contact(ASA, "biljett:1", title="2"), connection="support")
    assert world.upsales.live("contact")[first]["title"] == "1"
    assert world.upsales.live("contact")[active]["title"] == "2"


def test_a_value_that_was_just_seen_to_have_changed_is_not_believed_to_a_search_that_lags() -> None:
    world = World()
    world.now(contact(ASA, name="Åsa"))
    (record_id,) = world.upsales.live("contact")
    world.clock.advance(10)
    world.upsales.edited("contact", record_id, email=BO)
    world.now(contact(ASA, "svar:7", name="Nya Åsa"), connection="formulär")
    assert len(world.upsales.live("contact")) == 2


def test_a_record_that_holds_what_search_shows_is_not_looked_at_besides() -> None:
    world = World()
    world.now(Upsert(key=Key("account", "1"), match=(Match("orgNo", "1"),), set={"orgNo": "1", "name": "Åkeri"}))
    world.clock.advance(10)
    calls = len(world.upsales.calls)
    by_name = Upsert(key=Key("account", "svar:1"), match=(Match("name", "åkeri"),), set={"name": "Åkeri"})
    world.now(by_name, connection="formulär")
    assert [call.method for call in world.upsales.calls[calls:]] == ["SEARCH"]


def test_a_natural_key_that_is_reserved_is_waited_for_unless_a_person_is_asked_about_it() -> None:
    world = World(marked=())
    world.upsales.faults.append(Fault(Trouble.DROPPED))
    lane = world.lane(contact(ASA))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    other = world.lane(contact(ASA, key="2"), connection="formulär")
    world.clock.advance(30 * 86_400)
    with pytest.raises(Busy):
        world.attempt(other)
    world.end(lane, "review")
    with pytest.raises(NeedsReview, match="whether it was made waits for a person"):
        world.attempt(other)
