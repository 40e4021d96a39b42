"""What differs between a plan, what a record holds and what Upsales shows, and whose work that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from worker.plan import Key, Upsert
from worker.sync.drift import Difference, Why, differences, newer_side, repairs, wanted_fields
from worker.sync.fold import Change, Mend, Planned, decide, fold
from worker.sync.records import Held, Record
from worker.sync.typed import CustomField
from worker.sync.view import RecordView
from worker.sync.wire import hold_fields

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
COMPANY = Key("account", "företag:1")


def change(*upserts: Upsert, minute: int = 10, mend: Mend | None = "careful") -> Change:
    at = NOON + timedelta(minutes=minute)
    planned = [
        Planned(event=f"e{n}", time=at, seq=99 + n, connection="butik", plan=(upsert,), mend=mend)
        for n, upsert in enumerate(upserts)
    ]
    (found,) = fold(planned)
    return found


def company(**fields: Any) -> Upsert:
    return Upsert(key=COMPANY, set=fields)


def sent(value: Any, minute: int = 0) -> Held:
    return Held(value, NOON + timedelta(minutes=minute), 1, "e", "butik")


def view(data: Mapping[str, Any]) -> RecordView:
    def custom(alias: str) -> CustomField:
        return CustomField(7, alias)

    return RecordView(data, custom)


def found(
    plan: Change, held: Mapping[str, Held], shown: Mapping[str, Any], *, ours: bool = True, **stored: Any
) -> dict[str, Why]:
    record = Record("account", 4711, held)
    fields = hold_fields(decide(plan, held).fields, {}, lambda _reference: 1)
    wanted = wanted_fields(plan, record, fields)
    return {each.name: each.why for each in differences(wanted, record, view(shown), ours=ours, stored=stored)}


PLAN = change(company(name="Ny"))


@pytest.mark.parametrize(
    ("held", "shown", "why"),
    [
        ({"name": sent("Ny")}, {"name": "Ny"}, None),
        ({"name": sent("Gammal")}, {"name": "Gammal"}, "behind"),
        ({"name": sent("Ny")}, {"name": "Säljarens"}, "person"),
        ({"name": sent("Ny")}, {"name": None}, "person"),
        ({"name": sent("Gammal")}, {"name": "Säljarens"}, "person"),
        # A person wrote what the sender has now.
        ({"name": sent("Gammal")}, {"name": "Ny"}, None),
        ({"name": Held.seen("Annat")}, {"name": "Annat"}, "unsure"),
        ({}, {"name": "Annat"}, "unsure"),
        ({}, {"name": ""}, "never_sent"),
    ],
)
def test_whose_work_a_difference_is(held: Mapping[str, Held], shown: Mapping[str, Any], why: Why | None) -> None:
    assert found(PLAN, held, shown) == ({} if why is None else {"name": why})


def test_in_a_record_of_others_what_we_never_sent_is_nobodys_secret() -> None:
    assert found(PLAN, {}, {"name": "Annat"}, ours=False) == {"name": "never_sent"}


def test_only_what_is_always_set_drifts() -> None:
    plan = change(
        Upsert(
            key=COMPANY,
            set={"name": "Ny"},
            on_create={"webpage": "öberg.se"},
            if_empty={"phone": "08-1"},
            if_ours={"fax": "08-2"},
            while_ours={"notes": "vårt"},
        )
    )
    assert found(plan, {"name": sent("Ny")}, {"name": "Ny", "webpage": "annan.se", "phone": None}) == {}


def test_what_something_newer_decided_is_what_is_wanted() -> None:
    newer = {"name": sent("Nyast", minute=20)}
    assert found(PLAN, newer, {"name": "Nyast"}) == {}
    assert found(PLAN, newer, {"name": "Ny"}) == {"name": "person"}


def test_what_upsales_made_of_it_is_nobodys_work() -> None:
    cut = {"name": sent("Ny")}
    assert found(PLAN, cut, {"name": "N"}, name="N") == {}
    assert found(change(company(name="Nyare")), cut, {"name": "N"}, name="N") == {"name": "behind"}
    assert found(PLAN, cut, {"name": "X"}, name="N") == {"name": "person"}


def test_rows_of_others_are_no_difference_and_ours_that_are_gone_are() -> None:
    row = {"key": "1", "id": None, "product": {"id": 1}, "quantity": 1, "price": 100, "listPrice": 100}
    shown = {"id": 5, "product": {"id": 1}, "quantity": 1, "price": 100}
    others = {"id": 6, "product": {"id": 2}, "quantity": 9, "price": 5}
    held = {"orderRow": sent([{**row, "id": 5}])}
    record = Record("order", 1, held)
    for present, names in (([shown, others], []), ([others], ["orderRow"]), ([{**shown, "price": 90}], ["orderRow"])):
        differing = differences(held, record, view({"orderRow": present}), ours=True)
        assert [each.name for each in differing] == names
        assert all(each == Difference("orderRow", "person") for each in differing)


def test_how_fields_are_treated_that_others_set_too() -> None:
    careful, plain = change(company(name="A", phone="1")), change(company(phone="2"), mend=None)
    both = replace(careful, steps=(*careful.steps, *plain.steps))
    assert repairs(both) == {"name": "careful"}
    assert both.mends
    assert not plain.mends
    assert repairs(change(company(name="A"), mend="over_people")) == {"name": "over_people"}


@pytest.mark.parametrize(
    ("changed", "modified", "side"),
    [
        (NOON, "2026-11-02T11:59:59.000Z", "sender"),
        (NOON, "2026-11-02T12:00:01.000Z", "upsales"),
        (NOON, "2026-11-02T11:00:00", "sender"),
        (NOON, None, None),
        (NOON, "i går", None),
        (None, "2026-11-02T12:00:01.000Z", None),
    ],
)
def test_which_side_changed_later(changed: datetime | None, modified: str | None, side: str | None) -> None:
    assert newer_side(changed, {"modDate": modified}) == side
