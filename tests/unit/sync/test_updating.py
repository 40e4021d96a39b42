"""A record that exists is brought up to date: nothing older over something newer, nothing that changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import Fault, Lane, Tripwire, Trouble, World
from tests.fakes.upsales import CUSTOM_FIELDS
from worker.errors import Busy, OutcomeUnknown, Refused, Rejected
from worker.plan import Key, Match, Product, Resource, Row, Upsert, User, Value

COMPANY = Key("account", "företag:1")
ORDER = Key("order", "order:1")


def company(custom: Mapping[str, Value] | None = None, **fields: Value) -> Upsert:
    ours = {f"custom.{alias}": value for alias, value in (custom or {}).items()}
    return Upsert(key=COMPANY, set={**fields, **ours})


def rows(*lines: tuple[str, int]) -> Upsert:
    return Upsert(
        key=ORDER,
        set={"orderRow": tuple(Row(key, Product("A-1"), Decimal(1), Decimal(price)) for key, price in lines)},
    )


def the(world: World, resource: Resource = "account") -> dict[str, Any]:
    (found,) = world.upsales.live(resource).values()
    return found


def custom(world: World) -> dict[str, str]:
    names = {field: alias for alias, field in CUSTOM_FIELDS.items()}
    return {names[entry["fieldId"]]: entry["value"] for entry in the(world)["custom"]}


def price_of(row: dict[str, Any]) -> int:
    return int(row["price"])


def test_an_older_snapshot_never_overwrites_newer_fields_but_fills_in_others() -> None:
    world = World()
    world.deliver(Lane(waiting=[world.event(company(name="Ny", phone="08-2"), minute=10)]))
    old = world.event(company(name="Gammal", phone="08-1", webpage="öberg.se"), minute=5)
    assert world.deliver(Lane(waiting=[old])).effective >= {old.event}
    assert (the(world)["name"], the(world)["phone"], the(world)["webpage"]) == ("Ny", "08-2", "öberg.se")


def test_of_two_events_at_the_same_time_the_later_arrival_stands() -> None:
    world = World()
    first, second = world.event(company(name="A"), minute=5), world.event(company(name="B"), minute=5)
    world.deliver(Lane(waiting=[second]))
    world.deliver(Lane(waiting=[first]))
    assert the(world)["name"] == "B"


def test_of_two_events_at_the_same_time_the_one_of_the_higher_rank_stands() -> None:
    world = World()
    paid, made = (
        world.event(company(name="B"), minute=5, rank=2),
        world.event(company(name="A", phone="1"), minute=5, rank=0),
    )
    world.deliver(Lane(waiting=[paid]))
    assert world.deliver(Lane(waiting=[made])).effective == {paid.event, made.event}
    assert (the(world)["name"], the(world)["phone"]) == ("B", "1")


def test_an_event_that_is_older_in_all_it_says_was_superseded() -> None:
    world = World()
    world.deliver(Lane(waiting=[world.event(company(name="Ny"), minute=10)]))
    old = world.event(company(name="Gammal"), minute=5)
    assert old.event not in world.deliver(Lane(waiting=[old])).effective


def test_the_same_value_again_calls_nobody_and_yet_counts_as_the_newest() -> None:
    world = World()
    world.deliver(Lane(waiting=[world.event(company(name="Åkeri"), minute=1)]))
    calls = len(world.upsales.calls)
    again = world.event(company(name="Åkeri"), minute=10)
    assert again.event in world.deliver(Lane(waiting=[again])).effective
    assert len(world.upsales.calls) == calls
    world.deliver(Lane(waiting=[world.event(company(name="Försenat"), minute=5)]))
    assert the(world)["name"] == "Åkeri"


@pytest.mark.parametrize(
    "change",
    [
        company(name="Åkeri AB", user=User("säljare@öberg.se")),
        company({"NOTE": "2"}, name="Åkeri", user=User("säljare@öberg.se")),
    ],
    ids=["without a read", "with a read, as its custom fields are merged"],
)
def test_what_an_update_writes_is_worked_out_once(change: Upsert) -> None:
    world = World()
    world.now(company({"NOTE": "1"}, name="Åkeri", user=User("säljare@öberg.se")))
    world.wire = Tripwire()
    world.now(change)
    assert [call for call in world.wire.calls if call in {"resolve", "update"}] == ["resolve", "update"]


def test_a_value_that_a_person_changed_stands_until_the_senders_value_changes() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    (record_id,) = world.upsales.live("account")
    world.upsales.edited("account", record_id, name="Åkeriet i Ö")
    world.now(company(name="Åkeri"))
    world.now(company(name="Åkeri", phone="08-1"))
    assert the(world)["name"] == "Åkeriet i Ö"
    world.now(company(name="Åkeri AB"))
    assert the(world)["name"] == "Åkeri AB"


def test_custom_fields_that_others_keep_survive() -> None:
    world = World()
    world.now(company(name="Åkeri", custom={"NOTE": "först"}))
    (record_id,) = world.upsales.live("account")
    world.upsales.edited_custom("account", record_id, FOREIGN="någon annans")
    marker = custom(world)["EXTERNAL_ID"]
    world.now(company(custom={"NOTE": "sedan", "SCORE": 5}))
    assert custom(world) == {"EXTERNAL_ID": marker, "NOTE": "sedan", "SCORE": "5", "FOREIGN": "någon annans"}


@pytest.mark.parametrize("resource", ["account", "agreement"])
def test_a_field_that_is_gone_from_upsales_keeps_no_other_field_from_being_written(
    resource: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    key = Key(resource, "1")
    world.now(Upsert(key=key, set={"custom.NOTE": "först", "custom.SCORE": 1, "notes": "1"}))
    monkeypatch.delitem(CUSTOM_FIELDS, "SCORE")
    world.now(Upsert(key=key, set={"custom.NOTE": "sedan", "notes": "2"}))
    noted = CUSTOM_FIELDS["NOTE"]
    assert [e["value"] for e in the(world, resource)["custom"] if e["fieldId"] == noted] == ["sedan"]
    with pytest.raises(Rejected):
        world.now(Upsert(key=key, set={"custom.SCORE": 2}))


@pytest.mark.parametrize("trouble", [Trouble.UNANSWERED, Trouble.DROPPED, Trouble.LATE])
@pytest.mark.parametrize("resource", ["account", "agreement"])
def test_a_field_that_went_from_upsales_after_an_unanswered_update_holds_nothing_up(
    resource: Resource, trouble: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    key = Key(resource, "1")
    world.now(Upsert(key=key, set={"custom.NOTE": "först", "custom.SCORE": 1}))
    world.upsales.faults.append(Fault(trouble, seconds=100))
    lane = world.lane(Upsert(key=key, set={"custom.NOTE": "sedan"}))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    monkeypatch.delitem(CUSTOM_FIELDS, "SCORE")
    lane.waiting.append(world.event(Upsert(key=key, set={"custom.NOTE": "sist"})))
    world.deliver(lane)
    world.settle()
    noted = CUSTOM_FIELDS["NOTE"]
    assert [e["value"] for e in the(world, resource)["custom"] if e["fieldId"] == noted] == ["sist"]
    assert not world.store.reports


def test_custom_values_are_compared_as_upsales_keeps_them() -> None:
    world = World()
    record_id = world.upsales.made("account", name="Åkeri", orgNo="1")
    world.upsales.edited_custom("account", record_id, SCORE="5", VIP="1", NOTE="7")
    world.clock.advance(10)
    same: dict[str, Value] = {"custom.SCORE": 5, "custom.VIP": True, "custom.NOTE": User("säljare@öberg.se")}
    world.now(Upsert(key=COMPANY, match=(Match("orgNo", "1"),), set=same))
    assert not world.upsales.writes


def test_a_custom_field_is_cleared() -> None:
    world = World()
    world.now(company(name="Åkeri", custom={"NOTE": "först"}))
    world.now(company(custom={"NOTE": None}))
    assert "NOTE" not in custom(world)


def test_order_rows_keep_their_ids_and_those_of_others_stay() -> None:
    world = World()
    world.now(rows(("a", 100), ("b", 200)))
    (order_id,) = world.upsales.live("order")
    first = the(world, "order")["orderRow"]
    foreign = {"product": {"id": 502}, "quantity": 3, "price": 7, "listPrice": 7}
    world.upsales.edited("order", order_id, orderRow=[*first, foreign])
    added = the(world, "order")["orderRow"][2]["id"]
    world.now(rows(("a", 150), ("c", 300)))
    left = {row["id"]: row["price"] for row in the(world, "order")["orderRow"]}
    assert left[first[0]["id"]] == 150
    assert left[added] == 7
    assert sorted(left.values()) == [7, 150, 300]


def test_rows_that_are_equal_are_told_apart_by_their_ids() -> None:
    world = World()
    world.now(rows(("a", 100), ("b", 100)))
    first = [row["id"] for row in the(world, "order")["orderRow"]]
    world.now(rows(("b", 100), ("a", 250)))
    assert {row["id"]: row["price"] for row in the(world, "order")["orderRow"]} == {first[0]: 250, first[1]: 100}


def test_a_row_that_a_person_deleted_comes_back_when_the_sender_changes_the_rows() -> None:
    world = World()
    world.now(rows(("a", 100), ("b", 200)))
    (order_id,) = world.upsales.live("order")
    world.upsales.edited("order", order_id, orderRow=the(world, "order")["orderRow"][1:])
    world.now(rows(("a", 100), ("b", 250)))
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == [100, 250]


@pytest.mark.parametrize("trouble", [Trouble.UNANSWERED, Trouble.DROPPED, Trouble.LATE])
def test_rows_of_an_unanswered_update_are_not_doubled(trouble: Trouble) -> None:
    world = World()
    world.now(rows(("a", 100)))
    world.upsales.faults.append(Fault(trouble, seconds=100))
    world.now(rows(("a", 100), ("b", 200)))
    world.settle()
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == [100, 200]
    world.now(rows(("a", 100), ("b", 250)))
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == [100, 250]


def test_rows_of_an_unanswered_update_are_known_by_their_ids_once_they_were_seen() -> None:
    world = World()
    world.now(rows(("a", 100)))
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    world.now(rows(("a", 100), ("b", 200)))
    (order_id,) = world.upsales.live("order")
    dearer = [{**row, "price": row["price"] + 1} for row in the(world, "order")["orderRow"]]
    world.upsales.edited("order", order_id, orderRow=dearer)
    world.now(rows(("a", 150), ("b", 250)))
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == [150, 250]


@pytest.mark.parametrize("known", [(), (("a", 100),)], ids=["none of ours before", "one of ours before"])
@pytest.mark.parametrize("price", [200, 250], ids=["as it was", "dearer"])
def test_rows_of_an_unanswered_update_are_ours_even_if_a_person_changed_what_else_it_carried(
    known: tuple[tuple[str, int], ...], price: int
) -> None:
    """Not all of the call shows, so it doesn't count as effective."""
    world = World()
    made = rows(*known).set if known else {"description": "Ö"}
    world.now(Upsert(key=ORDER, set={**made, "notes": "först"}))
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    lane = world.lane(Upsert(key=ORDER, set={**rows(*known, ("b", 200)).set, "notes": "sedan"}))
    with pytest.raises(OutcomeUnknown):
        world.attempt(lane)
    (order_id,) = world.upsales.live("order")
    before = {row["id"] for row in the(world, "order")["orderRow"]}
    world.upsales.edited("order", order_id, notes="en persons")
    lane.waiting.append(world.event(rows(*known, ("b", price))))
    world.deliver(lane)
    world.settle()
    assert {row["id"] for row in the(world, "order")["orderRow"]} == before
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == sorted([*(p for _, p in known), price])


@pytest.mark.parametrize("left", [(("a", 100),), ()], ids=["one of two", "all"])
def test_a_row_that_a_lost_update_was_to_drop_is_dropped_by_the_next(left: tuple[tuple[str, int], ...]) -> None:
    """All that the call wrote stands there, and yet it had no effect."""
    world = World()
    world.now(rows(("a", 100), ("b", 200)))
    world.upsales.faults.append(Fault(Trouble.DROPPED))
    world.now(rows(*left))
    assert [price_of(row) for row in the(world, "order")["orderRow"]] == [price for _, price in left]
    world.settle()
    world.now(rows(("a", 100), ("b", 250)))
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == [100, 250]


def test_rows_of_an_update_that_nobody_ended_are_ours_even_if_a_person_changed_what_else_it_carried() -> None:
    world = World()
    world.now(Upsert(key=ORDER, set={**rows(("a", 100)).set, "notes": "först"}))
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    with pytest.raises(OutcomeUnknown):
        world.attempt(world.lane(Upsert(key=ORDER, set={**rows(("a", 100), ("b", 200)).set, "notes": "sedan"})))
    (order_id,) = world.upsales.live("order")
    world.upsales.edited("order", order_id, notes="en persons")
    world.settle()
    world.now(rows(("a", 100), ("b", 250)))
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == [100, 250]


def test_rows_of_an_unanswered_create_are_known_by_their_ids_once_they_were_seen() -> None:
    world = World()
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    world.now(rows(("a", 100), ("b", 200)))
    (order_id,) = world.upsales.live("order")
    dearer = [{**row, "price": row["price"] + 1} for row in the(world, "order")["orderRow"]]
    world.upsales.edited("order", order_id, orderRow=dearer)
    world.now(rows(("a", 150), ("b", 250)))
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == [150, 250]


def test_rows_of_an_adopted_order_are_recognised() -> None:
    world = World()
    row = {"product": {"id": 501}, "quantity": 1, "price": 100, "listPrice": 100}
    world.upsales.made("order", notes="B-7", orderRow=[row])
    world.clock.advance(10)
    upsert = rows(("a", 100), ("b", 200))
    world.now(Upsert(key=ORDER, match=(Match("notes", "B-7"),), set=upsert.set))
    assert sorted(map(price_of, the(world, "order")["orderRow"])) == [100, 200]


@pytest.mark.parametrize("field", ["notes", "custom.NOTE"])
def test_a_subscription_is_read_once_and_written_as_a_whole(field: str) -> None:
    world = World()
    key = Key("agreement", "1")
    world.now(Upsert(key=key, set={"description": "Årsavtal", field: "1"}))
    world.now(Upsert(key=key, set={field: "2"}))
    assert the(world, "agreement")["description"] == "Årsavtal"
    assert [call.method for call in world.upsales.calls] == ["POST", "GET", "PUT"]
    world.now(Upsert(key=key, set={field: "2"}))
    assert len(world.upsales.calls) == 3


def test_an_effective_unanswered_update_is_not_sent_again() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    world.now(company(name="Åkeri AB", custom={"SCORE": 5}))
    assert [call.method for call in world.upsales.writes] == ["POST", "PUT"]
    assert the(world)["name"] == "Åkeri AB"


def test_the_first_natural_key_of_a_record_is_known_though_the_update_that_brought_it_got_no_answer() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    world.upsales.faults.append(Fault(Trouble.UNANSWERED))
    number = Match("orgNo", "599999-0046")
    world.now(Upsert(key=COMPANY, match=(number,), set={"orgNo": "599999-0046"}))
    known = world.access(world.lane(connection="formulär")).ledger.identity("account", number)
    assert known is not None
    assert known.record_id == the(world)["id"]


def test_an_unanswered_update_that_got_lost_is_sent_again() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    world.upsales.faults.append(Fault(Trouble.DROPPED))
    world.now(company(name="Åkeri AB"))
    assert [call.method for call in world.upsales.writes] == ["POST", "PUT", "PUT"]
    assert the(world)["name"] == "Åkeri AB"


def test_a_refused_update_gives_the_record_back() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    world.upsales.faults.append(Fault(Trouble.REFUSED))
    with pytest.raises(Refused):
        world.now(company(name="Nej"))
    world.now(company(name="Ja"), subject="annan")
    assert the(world)["name"] == "Ja"


def test_what_can_not_be_sent_gives_the_record_back_before_any_call() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    with pytest.raises(Rejected):
        world.now(company(name="Å" * 101))
    world.now(company(name="Ja"), subject="annan")
    assert len(world.upsales.writes) == 2


def test_a_record_that_another_lane_writes_is_waited_for() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    (record_id,) = world.upsales.live("account")
    other = world.store.claim("formulär", "svar")
    other.hold("account", record_id, 30)
    with pytest.raises(Busy):
        world.attempt(world.lane(company(name="Åkeri AB")))
    other.release("account", record_id, {})
    world.now(company(name="Åkeri AB"))
    assert the(world)["name"] == "Åkeri AB"


def test_a_call_that_another_lane_has_under_way_is_waited_for() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    (record_id,) = world.upsales.live("account")
    other = world.store.claim("formulär", "svar")
    other.hold("account", record_id, 0)
    other.intend_update("account", record_id, {}, 0)
    world.clock.advance(10)
    world.now(company(name="Åkeri AB"))
    assert the(world)["name"] == "Åkeri AB"


def test_an_unanswered_update_leaves_the_record_to_others() -> None:
    world = World()
    world.now(company(name="Åkeri"))
    world.upsales.faults.append(Fault(Trouble.DROPPED))
    with pytest.raises(OutcomeUnknown):
        world.attempt(world.lane(company(name="Åkeri AB")))
    world.attempt(world.lane(company(phone="08-1"), subject="annan"))
    assert the(world)["phone"] == "08-1"
