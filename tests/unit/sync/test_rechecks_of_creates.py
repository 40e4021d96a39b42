"""A create whose event ended before the answer came is finished all the same, and keeps nobody waiting longer."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.fakes import Fault, Lane, Trouble, World
from worker.errors import Busy, NeedsReview, OutcomeUnknown
from worker.plan import RESOURCES, IfKnown, Key, Match, QualifiedKey, Upsert
from worker.sync.records import LinkState

COMPANY = Key("account", "företag:1")
ORG_NO = Match("orgNo", "599999-0046", shared=True)
DROPPED, UNANSWERED = Fault(Trouble.DROPPED), Fault(Trouble.UNANSWERED)
DAY = 86_400.0


def company(key: str = "företag:1", **fields: str) -> Upsert:
    return Upsert(key=Key("account", key), match=(ORG_NO,), set={"name": "Åkeri", "orgNo": ORG_NO.value, **fields})


def nameless() -> Upsert:
    """It has no natural key."""
    return Upsert(key=COMPANY, set={"name": "Blå Hästen"})


def person(client: Key | IfKnown = COMPANY) -> Upsert:
    return Upsert(key=Key("contact", "kund:Åsa"), set={"name": "Åsa", "client": client})


def begun(world: World, upsert: Upsert, fault: Fault, *, ends: Literal["dead", "review"] | None = "dead") -> Lane:
    """A lane whose create gets no answer, and whose event ends before anybody knows what became of it."""
    world.upsales.faults.append(fault)
    lane = world.lane(upsert, subject="företag")
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    if ends is not None:
        world.end(lane, ends)
    return lane


def other(world: World) -> Lane:
    """Another connection's, which means the same company."""
    return world.lane(company("svar:9", phone="08-1"), connection="formulär", subject="svar:9")


@pytest.mark.parametrize("marked", [True, False])
def test_what_it_made_becomes_the_keys_record_and_is_known_by_its_natural_keys(*, marked: bool) -> None:
    world = World(marked=RESOURCES if marked else ())
    begun(world, company(), UNANSWERED)
    world.settle()
    (made,) = world.upsales.live("account")
    link = world.store.links["butik", COMPANY]
    assert (link.state, link.record_id) == (LinkState.LINKED, made)
    assert set(world.store.records["account", made].fields) == {"name", "orgNo"}
    assert [row.state for row in world.store.calls.values()] == ["done"]
    world.deliver(other(world))
    assert list(world.upsales.live("account")) == [made]
    assert not world.store.reports


@pytest.mark.parametrize("marked", [True, False])
def test_of_one_that_made_nothing_nothing_stays_reserved(*, marked: bool) -> None:
    world = World(marked=RESOURCES if marked else ())
    begun(world, company(), DROPPED)
    world.settle()
    assert world.clock.now >= world.timing.visible_after
    assert not world.store.links
    assert not world.store.identities
    assert [row.state for row in world.store.calls.values()] == ["failed"]
    world.deliver(other(world))
    assert len(world.upsales.live("account")) == 1
    assert len(world.upsales.writes) == 2


def test_whoever_means_the_same_company_goes_on_as_soon_as_it_is_finished() -> None:
    world = World()
    begun(world, company(), DROPPED)
    waiting = other(world)
    with pytest.raises(Busy):
        world.attempt(waiting)
    world.settle()
    world.deliver(waiting)
    assert len(world.upsales.live("account")) == 1


def test_one_whose_event_still_waits_is_left_to_it() -> None:
    world = World()
    lane = begun(world, company(), UNANSWERED, ends=None)
    world.clock.advance(2 * DAY)
    calls = len(world.upsales.calls)
    world.settle()
    assert len(world.upsales.calls) == calls
    world.deliver(lane)
    assert len(world.upsales.live("account")) == 1


def test_an_answer_that_came_too_late_tells_which_record_it_is() -> None:
    world = World(marked=())
    begun(world, nameless(), UNANSWERED)
    (made,) = world.upsales.live("account")
    (call,) = world.store.calls.values()
    call.record_id = made
    world.settle()
    assert world.store.links["butik", COMPANY].record_id == made
    assert not world.store.reports


def test_one_that_nothing_tells_of_is_told_to_a_person_once() -> None:
    world = World(marked=())
    begun(world, nameless(), UNANSWERED)
    world.settle()
    (reason,) = world.store.reports.values()
    assert "'företag:1' got no answer" in reason
    assert "`relay review adopt`" in reason
    assert world.store.next_due() is None
    assert world.store.links["butik", COMPANY].state is LinkState.CREATING
    with pytest.raises(NeedsReview, match="relay review adopt") as asked:
        world.now(nameless(), subject="företag")
    assert asked.value.key == QualifiedKey.of("butik", COMPANY)
    assert len(world.upsales.writes) == 1


def test_of_several_records_that_carry_its_marker_a_person_says_which() -> None:
    world = World()
    begun(world, nameless(), UNANSWERED)
    (made,) = world.upsales.live("account")
    copied = {name: value for name, value in world.upsales.live("account")[made].items() if name != "id"}
    world.upsales.made("account", **copied)
    world.settle()
    (reason,) = world.store.reports.values()
    assert reason.startswith("2 records in Upsales match account 'företag:1'")


def test_while_upsales_can_not_be_asked_it_is_asked_again_and_after_three_days_a_person_is() -> None:
    world = World()
    begun(world, company(), UNANSWERED)
    down = [Fault(Trouble.UNAVAILABLE)] * 1000
    world.upsales.read_faults.extend(down)
    world.settle()
    (reason,) = world.store.reports.values()
    assert "for 3 days" in reason
    assert 3 * DAY <= world.clock.now < 3.5 * DAY
    assert len(world.upsales.reads) < 150


# Who waits for it


def test_however_long_the_makers_connection_is_paused_others_wait_and_no_person_is_asked() -> None:
    world = World()
    begun(world, company(), UNANSWERED, ends=None)
    world.clock.advance(2 * DAY)
    with pytest.raises(Busy):
        world.attempt(other(world))
    with pytest.raises(Busy):
        world.attempt(world.lane(person()))


def test_whoever_means_a_company_that_waits_for_a_person_is_told_to_have_that_decided_first() -> None:
    world = World()
    begun(world, company(), UNANSWERED, ends="review")
    with pytest.raises(
        NeedsReview, match=r"account 'företag:1' of butik has the same orgNo, .*`relay review list`"
    ) as asked:
        world.attempt(other(world))
    assert asked.value.key == QualifiedKey.of("butik", COMPANY)


def test_whatever_needs_a_link_to_what_waits_for_a_person_is_told_too() -> None:
    world = World()
    begun(world, company(), UNANSWERED, ends="review")
    with pytest.raises(NeedsReview, match=r"account 'företag:1' of butik.*`relay review list`") as asked:
        world.attempt(world.lane(person()))
    assert asked.value.key == QualifiedKey.of("butik", COMPANY)


@pytest.mark.parametrize("told", [True, False], ids=["in review", "told of and dropped"])
def test_a_link_that_can_be_left_out_is_left_out_while_a_person_is_asked(*, told: bool) -> None:
    world = World(marked=())
    begun(world, nameless(), UNANSWERED, ends="review" if told else "dead")
    if not told:
        world.settle()
    world.now(person(IfKnown(COMPANY)))
    (made,) = world.upsales.live("contact").values()
    assert "client" not in made


def test_a_link_to_what_a_dead_event_began_waits_until_it_is_finished() -> None:
    world = World()
    begun(world, company(), UNANSWERED)
    waiting = world.lane(person())
    with pytest.raises(Busy):
        world.attempt(waiting)
    world.settle()
    world.deliver(waiting)
    (made,) = world.upsales.live("contact").values()
    assert made["client"]["id"] == next(iter(world.upsales.live("account")))


def test_a_create_that_never_was_and_that_no_event_wants_any_more_leaves_nothing() -> None:
    world = World()
    begun(world, company(), DROPPED, ends=None)
    world.now(Upsert(key=COMPANY, match=(ORG_NO,), set={"phone": "1"}, create=False), subject="företag")
    assert not world.store.links
    assert not world.store.identities
    assert [row.state for row in world.store.calls.values()] == ["failed"]


# Made again


def test_without_markers_two_records_of_one_thing_are_found_by_their_natural_key() -> None:
    world = World(marked=())
    world.upsales.faults.append(Fault(Trouble.LATE, seconds=800))
    world.now(company())
    world.settle()
    (ids,) = world.store.duplicates.values()
    assert ids == tuple(sorted(world.upsales.live("account")))
    assert len(ids) == 2


def test_without_markers_a_record_that_a_person_made_with_the_same_number_is_no_duplicate() -> None:
    world = World(marked=())
    world.upsales.faults.append(DROPPED)
    world.now(company())
    world.upsales.made("account", name="Aakeri", orgNo=ORG_NO.value)
    world.settle()
    assert not world.store.duplicates


def test_without_markers_a_record_of_another_thing_with_the_same_values_is_no_duplicate() -> None:
    world = World(marked=())

    def person_of(key: str) -> Upsert:
        """Two customers of one shop can share an address."""
        match = Match("email", "info@åkeri.se")
        return Upsert(key=Key("contact", key), match=(match,), set={"email": match.value, "name": "Åsa"})

    world.upsales.faults.append(DROPPED)
    world.now(person_of("kund:1"))
    world.now(person_of("kund:2"), subject="kund:2")
    assert len(world.upsales.live("contact")) == 2
    world.settle()
    assert not world.store.duplicates
