"""Whoever opted out is opted out in Upsales, once, and nothing of ours opts them in again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fakes import Crash, Fault, Lane, Tripwire, Trouble, World
from tests.fakes.upsales import CUSTOM_FIELDS, OPTED_OUT
from tests.fakes.world import LEASE
from worker.errors import OutcomeUnknown, Refused
from worker.plan import OPT_OUT, Key, Match, Upsert

PERSON = Key("contact", "medlem:1")
COMPANY = Key("account", "företag:1")
EMAIL = Match("email", "åsa@öberg.se")


def at(minute: int) -> datetime:
    return datetime(2026, 11, 23, 9, minute, tzinfo=UTC)


def told(**fields: Any) -> tuple[Upsert, ...]:
    """A profile: it says nothing of mailings."""
    company = Upsert(key=COMPANY, set={"name": "Åkeri"})
    return (company, Upsert(key=PERSON, match=(EMAIL,), set={"email": EMAIL.value, "client": COMPANY, **fields}))


def left(minute: int, *, create: bool = False) -> Upsert:
    return Upsert(key=PERSON, match=(EMAIL,), set={OPT_OUT: at(minute)}, final=True, create=create)


def found_out(minute: int) -> Upsert:
    """A list tells that they are opted out, and not since when."""
    return Upsert(key=PERSON, match=(EMAIL,), if_empty={OPT_OUT: at(minute)}, create=False)


def the(world: World) -> dict[str, Any]:
    (found,) = world.upsales.live("contact").values()
    return found


def unsubs(world: World) -> int:
    return len(world.upsales.of("UNSUB"))


def opted_in_by_a_person(world: World) -> None:
    world.upsales.edited("contact", the(world)["id"], unsubscribed=None)


def test_a_person_is_made_and_then_opted_out() -> None:
    world = World()
    company, person = told(name="Åsa")
    out = Upsert(key=PERSON, match=(EMAIL,), set={**person.set, OPT_OUT: at(5)}, final=True)
    event = world.event(company, out)
    assert event.event in world.deliver(Lane(waiting=[event])).effective
    assert the(world)[OPT_OUT] == OPTED_OUT
    assert [call.method for call in world.upsales.writes] == ["POST", "POST", "UNSUB"]


def test_who_is_there_already_is_opted_out_and_nothing_else_is_written() -> None:
    world = World()
    world.now(*told(name="Åsa"))
    event = world.event(left(5))
    assert event.event in world.deliver(Lane(waiting=[event])).effective
    assert [call.method for call in world.upsales.writes[-1:]] == ["UNSUB"]


def test_a_subscription_after_it_opts_nobody_in_and_an_older_one_neither() -> None:
    world = World()
    world.now(*told(name="Åsa"))
    world.deliver(Lane(waiting=[world.event(left(5), minute=5)]))
    world.deliver(Lane(waiting=[world.event(*told(name="Åsa Ö"), minute=9)]))
    world.deliver(Lane(waiting=[world.event(*told(name="A"), minute=1)]))
    assert (the(world)[OPT_OUT], the(world)["name"], unsubs(world)) == (OPTED_OUT, "Åsa Ö", 1)


def test_folded_with_what_made_the_person_it_comes_after_that() -> None:
    world = World()
    world.deliver(Lane(waiting=[world.event(left(1), minute=1), world.event(*told(name="Åsa"), minute=2)]))
    assert (the(world)[OPT_OUT], unsubs(world)) == (OPTED_OUT, 1)


def test_said_twice_it_is_done_once() -> None:
    world = World()
    world.now(*told())
    first = world.event(left(5), minute=5)
    world.deliver(Lane(waiting=[first]))
    world.deliver(Lane(waiting=[first]))
    world.deliver(Lane(waiting=[world.event(left(4), minute=4)]))
    assert unsubs(world) == 1


def test_who_is_opted_out_in_upsales_is_not_opted_out_again() -> None:
    world = World()
    world.now(*told())
    world.upsales.edited("contact", the(world)["id"], unsubscribed="2026-01-02T03:04:05.000Z")
    event = world.event(left(5))
    world.deliver(Lane(waiting=[event]))
    assert (unsubs(world), the(world)[OPT_OUT]) == (0, "2026-01-02T03:04:05.000Z")


def test_who_was_opted_in_by_a_person_stays_so_until_they_opt_out_anew() -> None:
    world = World()
    world.now(*told())
    first = world.event(left(5), minute=5)
    world.deliver(Lane(waiting=[first]))
    opted_in_by_a_person(world)
    for again in (first, world.event(*told(name="Ny"), minute=6), world.event(found_out(7), minute=7)):
        world.deliver(Lane(waiting=[again]))
    assert the(world)[OPT_OUT] is None
    world.deliver(Lane(waiting=[world.event(left(8), minute=8)]))
    assert (the(world)[OPT_OUT], unsubs(world)) == (OPTED_OUT, 2)


def test_what_happened_anew_is_written_again_where_a_person_took_it_back() -> None:
    def marked(minute: int) -> Any:
        out = Upsert(key=PERSON, set={"custom.VIP": True}, final=True, create=False, again=("custom.VIP",))
        return world.event(out, minute=minute)

    def shown() -> Any:
        return [entry["value"] for entry in the(world)["custom"] if entry["fieldId"] == CUSTOM_FIELDS["VIP"]]

    world = World()
    world.now(*told())
    first = marked(5)
    world.deliver(Lane(waiting=[first]))
    world.deliver(Lane(waiting=[marked(6)]))
    assert (shown(), len(world.upsales.of("PUT"))) == (["1"], 1)
    kept = [entry for entry in the(world)["custom"] if entry["fieldId"] != CUSTOM_FIELDS["VIP"]]
    world.upsales.edited("contact", the(world)["id"], custom=kept)
    world.deliver(Lane(waiting=[first]))
    assert shown() == []
    again = marked(7)
    assert again.event in world.deliver(Lane(waiting=[again])).effective
    assert shown() == ["1"]


def test_a_list_that_tells_of_it_first_opts_out() -> None:
    world = World()
    world.now(*told())
    event = world.event(found_out(5), minute=5)
    assert event.event in world.deliver(Lane(waiting=[event])).effective
    world.deliver(Lane(waiting=[world.event(left(3), minute=3)]))
    assert (the(world)[OPT_OUT], unsubs(world)) == (OPTED_OUT, 1)


def test_nobody_is_made_to_be_opted_out() -> None:
    world = World()
    assert world.deliver(Lane(waiting=[world.event(left(5))])).absent == {PERSON}
    assert not world.upsales.writes


def test_a_refusal_ends_the_event_and_the_person_is_there() -> None:
    world = World()
    company, person = told(name="Åsa")
    out = Upsert(key=PERSON, match=(EMAIL,), set={**person.set, OPT_OUT: at(5)}, final=True)
    world.upsales.faults.extend([None, None, Fault(Trouble.REFUSED)])
    with pytest.raises(Refused):
        world.attempt(Lane(waiting=[world.event(company, out)]))
    assert OPT_OUT not in the(world)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call", ["intend_update", "update", "updated"])
def test_a_worker_that_dies_around_the_call_leaves_it_to_the_next_one(call: str, moment: Any) -> None:
    world = World()
    world.now(*told())
    lane = Lane(waiting=[world.event(left(5))])
    world.wire = Tripwire(1, moment, only={call})
    with pytest.raises(Crash):
        world.deliver(lane)
    world.wire = None
    world.clock.advance(LEASE)
    world.deliver(lane)
    world.settle()
    assert the(world)[OPT_OUT] == OPTED_OUT
    assert unsubs(world) == 1


@pytest.mark.parametrize("trouble", [Trouble.DROPPED, Trouble.UNANSWERED])
def test_a_call_without_an_answer_is_looked_for_and_made_again_only_if_it_had_no_effect(trouble: Trouble) -> None:
    world = World()
    world.now(*told())
    world.upsales.faults.append(Fault(trouble))
    lane = Lane(waiting=[world.event(left(5))])
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    world.deliver(lane)
    world.settle()
    assert the(world)[OPT_OUT] == OPTED_OUT
    assert unsubs(world) == (2 if trouble is Trouble.DROPPED else 1)
