"""Calls whose outcome was never known are rechecked, when they can't take effect any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.fakes import Fault, Lane, Trouble, World
from tests.fakes.upsales import CUSTOM_FIELDS
from worker.errors import Busy, LeaseLost, OutcomeUnknown, Throttled
from worker.plan import Key, Product, Row, Upsert, Value
from worker.sync.recheck import RecheckResult, recheck
from worker.sync.records import Answer, LinkState

COMPANY = Key("account", "företag:1")
LATE = Fault(Trouble.LATE, seconds=100)


def company(custom: Mapping[str, Value] | None = None, **fields: Value) -> Upsert:
    ours = {f"custom.{alias}": value for alias, value in (custom or {}).items()}
    return Upsert(key=COMPANY, set={**fields, **ours})


def company_with(**fields: Value) -> Upsert:
    return Upsert(key=COMPANY, set=fields)


def unanswered(world: World, fault: Fault, upsert: Upsert) -> Lane:
    """A lane whose update got no answer; its event waits."""
    world.upsales.faults.append(fault)
    lane = world.lane(upsert)
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    return lane


def closing(day: str) -> str:
    """A closing day is shown as the instant at which it begins in Stockholm."""
    begins = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Stockholm"))
    return begins.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def without_fraction(instant: str) -> str:
    return instant.replace(".000Z", "+00:00")


def international(number: str) -> str:
    return "+46" + "".join(filter(str.isdigit, number)).lstrip("0").removeprefix("46")


def the(world: World) -> dict[str, Any]:
    (found,) = world.upsales.live("account").values()
    return found


def results(world: World) -> list[RecheckResult]:
    return [recheck(world.access(Lane(connection, "efteråt")), due) for connection, due in world.store.rechecks()]


def test_a_late_update_is_written_over_by_what_newer_events_decided() -> None:
    world = World()
    world.now(company(name="Först"))
    lane = unanswered(world, LATE, company(name="Sen", phone="08-1"))
    lane.waiting.append(world.event(company(name="Nyast")))
    world.deliver(lane)
    world.clock.advance(100)
    assert the(world)["name"] == "Sen"
    world.clock.advance(200)
    assert results(world) == [RecheckResult.REPAIRED]
    assert (the(world)["name"], the(world)["phone"]) == ("Nyast", "08-1")
    assert world.upsales.writes[-1].body == {"name": "Nyast"}
    world.settle()
    assert not world.store.rechecks()


FORMS: list[tuple[str, Any, Any, Callable[[Any], Any]]] = [
    ("closeDate", date(2026, 11, 1), date(2026, 11, 20), closing),
    ("date", datetime(2026, 11, 1, 12, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC), without_fraction),
    ("phone", "070-123 45 67", "070-123 45 68", international),
    ("cellPhone", "0046701234567", "0046701234568", international),
    ("noEmployees", 12, 13, float),
    ("turnover", Decimal("99.5"), Decimal("99.6"), "{:.2f}".format),
    ("isPinned", False, True, int),
    ("isPinned", True, False, int),
    ("custom.NOTE", "1", "2", str),
    ("custom.VIP", "ja", "nej", lambda sent: "true" if sent == "1" else "false"),
    ("custom.DAY", "2026-05-01", "2026-05-02", "{}T00:00:00.000Z".format),
    ("notes", "gammal ", "ny ", str.strip),
    (
        "addresses",
        ({"city": "Örebro "},),
        ({"city": "Växjö "},),
        lambda parts: [{**part, "city": part["city"].strip(), "zip": None} for part in parts],
    ),
]


@pytest.mark.parametrize(("field", "old", "new", "form"), FORMS, ids=[f"{form[0]} {form[1]}" for form in FORMS])
def test_a_late_update_is_written_over_in_whatever_form_upsales_shows_it(
    field: str, old: Value, new: Value, form: Callable[[Any], Any]
) -> None:
    world = World()
    world.upsales.forms[field] = form
    world.now(company_with(name="Åkeri", **{field: None}))
    lane = unanswered(world, LATE, company_with(**{field: old}))
    lane.waiting.append(world.event(company_with(**{field: new})))
    world.deliver(lane)
    wanted = dict(the(world))
    world.clock.advance(100)
    assert the(world) != wanted
    world.settle()
    assert the(world) == wanted


@pytest.mark.parametrize(("field", "old", "new", "form"), FORMS, ids=[f"{form[0]} {form[1]}" for form in FORMS])
def test_an_update_that_took_effect_is_seen_in_whatever_form_upsales_shows_it(
    field: str, old: Value, new: Value, form: Callable[[Any], Any]
) -> None:
    world = World()
    world.upsales.forms[field] = form
    world.now(company_with(name="Åkeri", **{field: old}))
    lane = unanswered(world, Fault(Trouble.UNANSWERED), company_with(**{field: new}))
    writes = len(world.upsales.writes)
    world.deliver(lane)
    world.settle()
    assert len(world.upsales.writes) == writes


def test_a_value_that_the_record_shows_already_is_not_written_again() -> None:
    """Upsales shows false and nothing alike: what was cleared looks like what is false by now."""
    world = World()
    world.now(company(name="Åkeri", isPinned=True))
    lane = unanswered(world, Fault(Trouble.DROPPED), company(isPinned=None))
    lane.waiting.append(world.event(company(isPinned=False)))
    world.deliver(lane)
    writes = len(world.upsales.writes)
    world.settle()
    assert len(world.upsales.writes) == writes


def test_an_update_is_left_alone_until_the_horizon() -> None:
    world = World()
    world.now(company(name="Först"))
    world.deliver(unanswered(world, LATE, company(name="Sen")))
    assert results(world) == []
    world.clock.advance(300)
    assert results(world) == [RecheckResult.IN_ORDER]
    assert results(world) == []


def test_where_all_is_in_order_one_read_is_all_it_costs() -> None:
    world = World()
    world.now(company(name="Först"))
    world.deliver(unanswered(world, Fault(Trouble.UNANSWERED), company(name="Sedan")))
    world.clock.advance(300)
    calls = len(world.upsales.calls)
    assert results(world) == [RecheckResult.IN_ORDER]
    assert [call.method for call in world.upsales.calls[calls:]] == ["GET"]


def test_what_took_effect_is_held_so_that_its_event_finds_nothing_left_to_write() -> None:
    world = World()
    world.now(company(name="Först"))
    lane = unanswered(world, Fault(Trouble.UNANSWERED), company(name="Sedan"))
    world.clock.advance(300)
    assert results(world) == [RecheckResult.IN_ORDER]
    (event,) = lane.waiting
    assert event.event in world.deliver(lane).effective
    assert len(world.upsales.writes) == 2


def test_a_value_that_a_person_changed_since_is_not_touched() -> None:
    world = World()
    world.now(company(name="Först"))
    lane = unanswered(world, LATE, company(name="Sen"))
    lane.waiting.append(world.event(company(name="Nyast")))
    world.deliver(lane)
    world.clock.advance(100)
    world.upsales.edited("account", next(iter(world.upsales.live("account"))), name="En persons")
    world.clock.advance(200)
    assert results(world) == [RecheckResult.IN_ORDER]
    assert the(world)["name"] == "En persons"


def custom(world: World) -> dict[int, str]:
    return {entry["fieldId"]: entry["value"] for entry in the(world)["custom"]}


def test_a_late_update_takes_the_other_custom_fields_back_in_time_and_they_are_written_again() -> None:
    """The array goes out as a whole."""
    world = World()
    world.now(company(name="Ö", custom={"NOTE": "1", "SCORE": 1}))
    lane = unanswered(world, LATE, company(custom={"NOTE": "2"}))
    lane.waiting.append(world.event(company(custom={"SCORE": 3})))
    world.deliver(lane)
    world.clock.advance(300)
    assert custom(world)[CUSTOM_FIELDS["SCORE"]] == "1"
    assert results(world) == [RecheckResult.REPAIRED]
    assert custom(world)[CUSTOM_FIELDS["SCORE"]] == "3"
    assert custom(world)[CUSTOM_FIELDS["NOTE"]] == "2"


def test_a_custom_field_that_a_person_changed_before_a_late_update_stands() -> None:
    world = World()
    world.now(company(name="Ö", custom={"NOTE": "1", "SCORE": 1}))
    world.upsales.edited_custom("account", next(iter(world.upsales.live("account"))), SCORE="7")
    world.deliver(unanswered(world, LATE, company(custom={"NOTE": "2"})))
    world.clock.advance(300)
    assert results(world) == [RecheckResult.IN_ORDER]
    assert custom(world)[CUSTOM_FIELDS["SCORE"]] == "7"


def test_a_custom_field_that_was_first_written_after_a_late_update_was_sent_is_written_again() -> None:
    """The array that comes late knows nothing of it."""
    world = World()
    world.now(company(name="Ö", custom={"NOTE": "1"}))
    lane = unanswered(world, LATE, company(custom={"NOTE": "2"}))
    world.now(company(custom={"VIP": "ja", "SCORE": None}), subject="annan")
    world.deliver(lane)
    world.clock.advance(100)
    assert CUSTOM_FIELDS["VIP"] not in custom(world)
    world.clock.advance(200)
    assert results(world) == [RecheckResult.REPAIRED]
    assert custom(world)[CUSTOM_FIELDS["VIP"]] == "1"
    assert custom(world)[CUSTOM_FIELDS["NOTE"]] == "2"
    world.settle()
    assert not world.store.rechecks()


def test_a_custom_field_that_was_first_written_meanwhile_and_then_changed_by_a_person_stands() -> None:
    world = World()
    world.now(company(name="Ö", custom={"NOTE": "1"}))
    lane = unanswered(world, LATE, company(custom={"NOTE": "2"}))
    world.now(company(custom={"VIP": "ja"}), subject="annan")
    world.deliver(lane)
    world.clock.advance(100)
    world.upsales.edited_custom("account", next(iter(world.upsales.live("account"))), VIP="nej")
    world.clock.advance(200)
    assert results(world) == [RecheckResult.IN_ORDER]
    assert custom(world)[CUSTOM_FIELDS["VIP"]] == "nej"


def test_a_late_update_without_custom_fields_says_nothing_about_them() -> None:
    world = World()
    world.now(company(name="Ö"))
    lane = unanswered(world, LATE, company(name="Å"))
    world.now(company(custom={"VIP": "ja"}), subject="annan")
    world.deliver(lane)
    world.upsales.edited("account", next(iter(world.upsales.live("account"))), custom=[])
    world.clock.advance(300)
    assert results(world) == [RecheckResult.IN_ORDER]
    assert custom(world) == {}


def rows(*lines: tuple[str, int]) -> tuple[Row, ...]:
    return tuple(Row(key, Product("A-1"), Decimal(1), Decimal(price)) for key, price in lines)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"notes": "1"}, {"notes": "2"}),
        ({}, {"notes": "2"}),
        ({"custom.NOTE": "1"}, {"custom.NOTE": "2"}),
        ({"orderRow": rows(("a", 100))}, {"orderRow": rows(("a", 150), ("b", 200))}),
        ({}, {"orderRow": rows(("a", 100))}),
    ],
    ids=["a field", "a new field", "a custom field", "rows", "new rows"],
)
def test_what_a_late_update_of_a_subscription_took_back_in_time_is_written_again(
    before: Mapping[str, Value], after: Mapping[str, Value]
) -> None:
    """A subscription goes out as a whole."""

    def subscription(fields: Mapping[str, Value]) -> Upsert:
        return Upsert(key=Key("agreement", "1"), set=fields)

    def shown(world: World) -> dict[str, Any]:
        (found,) = world.upsales.live("agreement").values()
        ids = {"orderRow": [{**row, "id": 0} for row in found.get("orderRow", ())]}
        return {**found, **ids, "custom": sorted(found["custom"], key=str)}

    world = World()
    world.now(subscription({"description": "Avtal", **before}))
    lane = unanswered(world, LATE, subscription({"description": "Årsavtal"}))
    world.now(subscription(after), subject="annan")
    world.deliver(lane)
    wanted = shown(world)
    world.clock.advance(100)
    assert shown(world) != wanted
    world.clock.advance(200)
    assert results(world) == [RecheckResult.REPAIRED]
    assert shown(world) == wanted
    world.settle()
    assert not world.store.rechecks()


def test_rows_that_a_late_update_brought_back_go_again() -> None:
    def order(*lines: tuple[str, int]) -> Upsert:
        return Upsert(key=Key("order", "1"), set={"orderRow": rows(*lines)})

    world = World()
    world.now(order(("a", 100)))
    lane = unanswered(world, LATE, order(("a", 100), ("b", 200)))
    lane.waiting.append(world.event(order(("a", 150))))
    world.deliver(lane)
    world.clock.advance(300)
    (order_id,) = world.upsales.live("order")
    assert [row["price"] for row in world.upsales.live("order")[order_id]["orderRow"]] == [100, 200]
    assert results(world) == [RecheckResult.REPAIRED]
    assert [row["price"] for row in world.upsales.live("order")[order_id]["orderRow"]] == [150]


def test_a_record_that_is_gone_leaves_nothing_to_repair() -> None:
    world = World()
    world.now(company(name="Först"))
    world.deliver(unanswered(world, LATE, company(name="Sen")))
    (record_id,) = world.upsales.live("account")
    world.upsales.deleted("account", record_id)
    world.clock.advance(300)
    assert results(world) == [RecheckResult.IN_ORDER]
    assert not world.store.rechecks()
    world.store.claim("formulär", "svar").hold("account", record_id, 30)
    assert world.store.links["butik", COMPANY].state is LinkState.LINKED


def test_a_repair_that_can_not_be_made_now_is_asked_for_again() -> None:
    world = World()
    world.now(company(name="Först"))
    lane = unanswered(world, LATE, company(name="Sen"))
    lane.waiting.append(world.event(company(name="Nyast")))
    world.deliver(lane)
    world.clock.advance(300)
    (record_id,) = world.upsales.live("account")
    other = world.store.claim("formulär", "svar")
    other.hold("account", record_id, 30)
    with pytest.raises(Busy):
        results(world)
    other.release("account", record_id, {})
    world.upsales.read_faults.append(Fault(Trouble.THROTTLED))
    with pytest.raises(Throttled):
        results(world)
    world.upsales.faults.append(Fault(Trouble.DROPPED))
    with pytest.raises(OutcomeUnknown):
        results(world)
    assert results(world) == [RecheckResult.REPAIRED]
    assert the(world)["name"] == "Nyast"


def test_a_create_that_was_made_again_and_took_effect_after_the_horizon_is_reported_with_both_records() -> None:
    world = World()
    world.upsales.faults.append(Fault(Trouble.LATE, seconds=800))
    world.now(company(name="Åkeri"))
    world.settle()
    (ids,) = world.store.duplicates.values()
    assert ids == tuple(sorted(world.upsales.live("account")))
    assert len(ids) == 2
    assert not world.store.rechecks()


def test_a_create_that_was_made_again_and_never_took_effect_is_closed() -> None:
    world = World()
    world.upsales.faults.append(Fault(Trouble.DROPPED))
    world.now(company(name="Åkeri"))
    assert world.store.next_due() is not None
    world.settle()
    assert not world.store.duplicates
    assert world.store.next_due() is None


@pytest.mark.parametrize("alive", [True, False])
def test_a_create_that_was_answered_after_another_was_made_is_reported_even_where_there_are_no_markers(
    *, alive: bool
) -> None:
    """Unless a person has deleted its record by then."""
    world = World(marked=())
    slow = world.store.claim("butik", "långsam")
    call = slow.intend_create(COMPANY, [], {}, 0)
    first = world.upsales.made("account", name="Åkeri")
    again = world.upsales.made("account", name="Åkeri")
    quick = world.store.claim("butik", "snabb")
    second = quick.intend_create(COMPANY, [], {}, 30)
    quick.created(second, COMPANY, Answer(again, {}, 200, 0.1), [], {})
    with pytest.raises(LeaseLost):
        slow.created(call, COMPANY, Answer(first, {}, 200, 0.1), [], {})
    if not alive:
        world.upsales.deleted("account", first)
    assert results(world) == [RecheckResult.DUPLICATED if alive else RecheckResult.IN_ORDER]
    assert world.store.duplicates == ({call: (first, again)} if alive else {})


def test_of_two_records_one_of_which_a_person_deleted_nothing_is_reported() -> None:
    world = World()
    world.upsales.faults.append(Fault(Trouble.LATE, seconds=800))
    world.now(company(name="Åkeri"))
    (again,) = world.upsales.live("account")
    world.clock.advance(200)
    (first,) = set(world.upsales.live("account")) - {again}
    world.upsales.deleted("account", first)
    world.clock.advance(300)
    assert results(world) == [RecheckResult.IN_ORDER]
