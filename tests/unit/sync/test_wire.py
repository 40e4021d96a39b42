"""From a plan's values to what Upsales is sent, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fakes import NOON
from worker.errors import Rejected
from worker.plan import IfKnown, Key, Product, Ref, Reference, Row, User, Value
from worker.sync.fold import Decided, Planned
from worker.sync.records import Held
from worker.sync.rows import with_row_ids
from worker.sync.typed import CustomField
from worker.sync.view import RecordView, same
from worker.sync.wire import along, assemble, hold_fields, needs_present, to_wire

COMPANY = Key("account", "företag:1")
FIELDS = {"NOTE": 12, "SCORE": 13, "VIP": 14}


def resolve(reference: Reference) -> int:
    return reference.id if isinstance(reference, Ref) else 7


def view(data: Mapping[str, Any] | None = None) -> RecordView:
    return RecordView(data or {}, lambda alias: CustomField(FIELDS[alias], alias))


def held(value: Any, seq: int = 1, event: str | None = "event-1") -> Held:
    return Held(value, NOON, seq, event, "butik")


def row(key: str, price: int = 100, row_id: int | None = None, product: int = 501) -> dict[str, Any]:
    wired = {"key": key, "product": {"id": product}, "quantity": 1, "price": price, "listPrice": price}
    return wired if row_id is None else {**wired, "id": row_id}


def shown(row_id: int, price: int = 100, product: int = 501) -> dict[str, Any]:
    """A row as Upsales shows it."""
    named = {"id": product, "name": "Höghus"}
    return {"id": row_id, "product": named, "quantity": 1, "price": price, "listPrice": price, "sortId": 3}


@pytest.mark.parametrize(
    ("value", "wired"),
    [
        ("Åkeri & Söner", "Åkeri & Söner"),
        (None, None),
        (True, True),
        (3, 3),
        (Decimal("3.00"), 3),
        (Decimal("1E+2"), 100),
        (Decimal("19.90"), 19.9),
        (date(2026, 11, 2), "2026-11-02"),
        (datetime(2026, 11, 2, 13, 5, 9, 999, tzinfo=timezone(timedelta(hours=1))), "2026-11-02T12:05:09.000Z"),
        (User("säljare@öberg.se"), {"id": 7}),
        (IfKnown(COMPANY), {"id": 7}),
        ((Ref(1), Ref(2)), [{"id": 1}, {"id": 2}]),
        ((User("åsa@öberg.se"), User("konsult@öberg.se", fallback="åsa@öberg.se")), [{"id": 7}]),
        ({"type": "Visit", "city": "Växjö"}, {"type": "Visit", "city": "Växjö"}),
        (({"a": Ref(4)},), [{"a": {"id": 4}}]),
        (
            Row("r", Product("A-1"), Decimal(2), Decimal("9.50")),
            {"key": "r", "product": {"id": 7}, "quantity": 2, "price": 9.5, "listPrice": 9.5},
        ),
        (
            Row("r", Ref(5), Decimal(1), Decimal(9), Decimal(10)),
            {"key": "r", "product": {"id": 5}, "quantity": 1, "price": 9, "listPrice": 10},
        ),
    ],
    ids=repr,
)
def test_values_on_the_wire(value: Value, wired: Any) -> None:
    assert to_wire(value, resolve) == wired
    json.dumps(to_wire(value, resolve))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=2))
def test_amounts_keep_their_value(amount: Decimal) -> None:
    assert Decimal(str(to_wire(amount, resolve))) == amount


def decided(**values: Value) -> dict[str, Decided]:
    event = Planned(event="event-1", time=NOON, seq=1, connection="butik", plan=())
    return {name.replace("__", "."): Decided(value, event) for name, value in values.items()}


def test_what_is_held_is_what_is_sent_with_links_and_look_ups_filled_in() -> None:
    fields = hold_fields(decided(client=COMPANY, user=User("å@ö.se"), name="Å"), {COMPANY: 42}, resolve)
    assert fields == {"client": held({"id": 42}), "user": held({"id": 7}), "name": held("Å")}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "1"),
        (False, "0"),
        (5, "5"),
        (Decimal("1.5"), "1.5"),
        ("å", "å"),
        (None, None),
        (Ref(9), "9"),
        (("å", 1, True), "å; 1; 1"),
    ],
)
def test_custom_values_are_text(value: Value, text: str | None) -> None:
    assert hold_fields(decided(custom__NOTE=value), {}, resolve)["custom.NOTE"].value == text


def test_a_link_to_what_is_not_in_upsales_is_rejected() -> None:
    with pytest.raises(Rejected, match="links to account 'företag:1'"):
        hold_fields(decided(client=COMPANY), {}, resolve)


def test_a_body_without_arrays_is_its_fields() -> None:
    assert assemble({"name": "Å", "client": {"id": 1}}, view()) == {"name": "Å", "client": {"id": 1}}
    assert not needs_present(["name", "client"])
    assert needs_present(["custom.NOTE"])
    assert needs_present(["orderRow"])


def test_custom_fields_are_merged_into_those_that_stand() -> None:
    present = {"custom": [{"fieldId": 12, "value": "1"}, {"fieldId": 99, "value": "ö", "valueInteger": None}]}
    present["custom"].append({"fieldId": 98, "value": None})
    body = assemble({"custom.NOTE": "2", "custom.VIP": None}, view(present))
    assert body == {
        "custom": [{"fieldId": 99, "value": "ö"}, {"fieldId": 12, "value": "2"}, {"fieldId": 14, "value": None}]
    }


def rows_sent(
    present: list[dict[str, Any]],
    known: list[dict[str, Any]] | None,
    desired: list[dict[str, Any]],
    *unanswered: list[dict[str, Any]],
) -> list[tuple[int | None, int]]:
    """The ids and prices that go out."""
    body = assemble(
        {"orderRow": desired},
        view({"orderRow": present}),
        held_rows=known,
        unanswered_rows=unanswered,
    )
    assert all("key" not in sent and "name" not in sent["product"] for sent in body["orderRow"])
    return [(sent.get("id"), sent["price"]) for sent in body["orderRow"]]


@pytest.mark.parametrize(
    ("present", "known", "desired", "sent"),
    [
        ([], None, [row("a"), row("b", 2)], [(None, 100), (None, 2)]),
        ([shown(1), shown(2, 7)], [row("a", 100, 1)], [row("a", 150)], [(1, 150), (2, 7)]),
        ([shown(1), shown(2, 7)], [row("a", 100, 1), row("b", 7, 2)], [row("b", 8)], [(2, 8)]),
        ([shown(1)], [row("a", 100, 1)], [row("a"), row("b", 5)], [(1, 100), (None, 5)]),
        ([shown(9)], [row("a", 100, 1)], [row("a", 150)], [(9, 150)]),
        ([shown(9, 3)], [row("a", 100, 1)], [row("a", 150)], [(None, 150), (9, 3)]),
        ([shown(1), shown(9)], [row("a", 100, 5), row("b", 100, 1)], [row("a", 2), row("b", 3)], [(9, 2), (1, 3)]),
        ([shown(1), shown(2)], None, [row("a"), row("b", 5)], [(1, 100), (None, 5), (2, 100)]),
        ([shown(1)], [], [row("a")], [(None, 100), (1, 100)]),
        ([shown(1), shown(2)], [row("a", 100, 1)], [], [(2, 100)]),
        ([shown(1), shown(2)], [row("a", 100, 1), row("a", 100, 2)], [row("a", 3), row("a", 4)], [(1, 3), (2, 4)]),
    ],
    ids=[
        "a new record's",
        "ours keeps its id, a foreign one stays",
        "one that the sender dropped goes",
        "a new one has no id yet",
        "one whose id changed is known by its content",
        "one that is gone is sent anew",
        "ids count before content",
        "a record that held none of ours: one that looks the same is ours",
        "a record whose rows were all foreign: none is ours",
        "all of ours go",
        "two that the sender calls the same",
    ],
)
def test_order_rows(
    present: list[dict[str, Any]],
    known: list[dict[str, Any]] | None,
    desired: list[dict[str, Any]],
    sent: list[tuple[int | None, int]],
) -> None:
    assert rows_sent(present, known, desired) == sent


@pytest.mark.parametrize(
    ("present", "known", "unanswered", "sent"),
    [
        ([shown(1), shown(2, 7)], [row("a", 100, 1)], [[row("a"), row("b", 7)]], [(1, 100), (2, 8)]),
        ([shown(1), shown(2, 7)], [row("a", 100, 1)], [[row("b", 6)], [row("b", 7)]], [(1, 100), (2, 8)]),
        ([shown(1), shown(2, 7)], [row("a", 100, 1)], [[row("b", 6)]], [(1, 100), (None, 8), (2, 7)]),
        ([shown(2, 7), shown(3, 8)], None, [[row("b", 7)]], [(None, 100), (3, 8), (2, 7)]),
        ([shown(2, 7)], None, [[row("b", 7)]], [(None, 100), (2, 8)]),
        ([shown(2, 7), shown(3, 7)], [], [[row("b", 7)], [row("b", 7)]], [(None, 100), (2, 8), (3, 7)]),
        ([shown(4, 100)], [row("a", 90, 1)], [[row("a", 100)]], [(4, 100), (None, 8)]),
        ([shown(1), shown(4, 7)], [row("a", 100, 1)], [[row("a", 7)]], [(1, 100), (None, 8), (4, 7)]),
    ],
    ids=[
        "one that the call added is ours",
        "by whichever call added it",
        "none that it can have added",
        "a record that held none of ours: what is wanted counts first",
        "a record that held none of ours: one that the call added",
        "two calls added it only once",
        "one that was made anew",
        "one that is there is not looked for",
    ],
)
def test_order_rows_of_calls_without_an_answer(
    present: list[dict[str, Any]],
    known: list[dict[str, Any]] | None,
    unanswered: list[list[dict[str, Any]]],
    sent: list[tuple[int | None, int]],
) -> None:
    assert rows_sent(present, known, [row("a"), row("b", 8)], *unanswered) == sent


def test_rows_of_others_are_sent_back_with_what_can_be_written() -> None:
    present = {"orderRow": [{**shown(2, 7), "purchaseCost": 3, "total": 7, "custom": []}]}
    body = assemble({"orderRow": []}, view(present), held_rows=[])
    assert body["orderRow"] == [
        {"id": 2, "quantity": 1, "price": 7, "listPrice": 7, "purchaseCost": 3, "product": {"id": 501}}
    ]


@given(
    known=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.integers(1, 6)), max_size=3, unique_by=lambda r: r[2]
    ),
    desired=st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 3)), max_size=4),
    present=st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3)), max_size=6, unique_by=lambda r: r[0]),
)
def test_no_row_is_sent_twice_every_wish_is_sent_and_no_more_rows_go_than_were_ours(
    known: list[tuple[str, int, int]], desired: list[tuple[str, int]], present: list[tuple[int, int]]
) -> None:
    sent = rows_sent(
        [shown(row_id, price) for row_id, price in present],
        [row(key, price, row_id) for key, price, row_id in known],
        [row(key, price) for key, price in desired],
    )
    ids = [row_id for row_id, _ in sent if row_id is not None]
    assert len(ids) == len(set(ids))
    assert [price for _, price in sent[: len(desired)]] == [price for _, price in desired]
    assert set(ids) <= {row_id for row_id, _ in present}
    assert len(present) - len(ids) <= len(known)


@example(known=[("a", 1, 1), ("b", 1, 1)], unanswered=[], desired={"a": 1, "b": 1}, present={1: 1})
@given(
    known=st.none() | st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 3), st.integers(1, 6)), max_size=2),
    unanswered=st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3)), max_size=2),
    desired=st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3)),
    present=st.dictionaries(st.integers(1, 9), st.integers(1, 3), max_size=6),
)
def test_calls_without_an_answer_take_no_more_rows_of_others_than_they_may_have_added(
    known: list[tuple[str, int, int]] | None,
    unanswered: list[dict[str, int]],
    desired: dict[str, int],
    present: dict[int, int],
) -> None:
    sent = rows_sent(
        [shown(row_id, price) for row_id, price in present.items()],
        None if known is None else [row(key, price, row_id) for key, price, row_id in known],
        [row(key, price) for key, price in desired.items()],
        *([row(key, price) for key, price in rows.items()] for rows in unanswered),
    )
    ids = [row_id for row_id, _ in sent if row_id is not None]
    assert len(ids) == len(set(ids))
    assert [price for _, price in sent[: len(desired)]] == list(desired.values())
    added = {key for rows in unanswered for key in rows} - {key for key, _, _ in known or ()}
    assert len(present) - len(set(ids)) <= len(known or ()) + len(added)


def test_rows_get_the_ids_that_upsales_gave_them() -> None:
    fields = with_row_ids({"orderRow": held([row("a"), row("b", 5)])}, {"orderRow": [shown(8, 5), shown(7)]})
    assert [(found["key"], found["id"]) for found in fields["orderRow"].value] == [("a", 7), ("b", 8)]
    assert with_row_ids({"name": held("Å")}, {}) == {"name": held("Å")}
    assert with_row_ids(fields, {"name": "Å"}) == fields


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Å", "Å", True),
        (" Å ", "Å", True),
        ("Å", "Ä", False),
        ("", None, True),
        ([], None, True),
        (0, None, False),
        (False, None, False),
        (1, True, True),
        (10, 10.0, True),
        ([row("a", 1, 7)], [row("a", 1)], True),
        ([row("a", 1, 7)], [row("b", 1, 7)], False),
        ([row("a", 1)], [row("a", 2)], False),
        ([{"id": 1}], [{"id": 2}], False),
    ],
)
def test_values_that_upsales_would_keep_the_same(one: Any, other: Any, *, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal


def test_what_a_record_shows_is_reduced_to_the_form_in_which_it_is_sent() -> None:
    data = {
        "name": "Å",
        "client": {"id": 4, "name": "Ö"},
        "users": [{"id": 7, "name": "Bo"}],
        "custom": [{"fieldId": 12, "value": "x", "valueInteger": 1}],
        "orderRow": [shown(1)],
    }
    names = ["name", "client", "users", "custom.NOTE", "custom.VIP", "phone", "orderRow"]
    assert {name: seen.value for name, seen in view(data).seen(names).items()} == {
        "name": "Å",
        "client": {"id": 4},
        "users": [{"id": 7}],
        "custom.NOTE": "x",
        "custom.VIP": None,
        "phone": None,
    }


SHOWN = {"name": "Å", "custom": [{"fieldId": 13, "value": "5"}], "orderRow": [shown(1), shown(2), shown(3, 7)]}


@pytest.mark.parametrize(
    ("name", "value", "there"),
    [
        ("name", "Å ", True),
        ("name", "Ä", False),
        ("phone", "", True),
        ("custom.SCORE", "5", True),
        ("custom.NOTE", "5", False),
        ("orderRow", [row("a"), row("b")], True),
        ("orderRow", [row("a"), row("b"), row("c")], False),
        ("orderRow", [row("a", 8)], False),
        ("orderRow", [], True),
    ],
)
def test_whether_a_record_shows_a_value(name: str, value: Any, *, there: bool) -> None:
    assert view(SHOWN).shows(name, value) is there
    assert view(SHOWN).shows_all({"name": held("Å"), name: held(value)}) is there


def test_a_put_of_one_custom_field_sends_our_others_along_as_they_stand() -> None:
    ours = {"custom.NOTE": held("a"), "custom.SCORE": held("4", seq=3), "name": held("Å")}
    others = along(ours, {"custom.NOTE"}, whole=False)
    assert view(SHOWN).carried(ours, others) == {"custom.SCORE": Held("5", NOON, 3, None, "butik")}
    assert along(ours, {"name"}, whole=False) == []


def test_a_put_of_the_whole_record_sends_all_of_ours_along_as_it_stands() -> None:
    ours = {"custom.SCORE": held("4", seq=3), "name": held("Ö"), "orderRow": held([row("a")]), "notes": held("b")}
    others = along(ours, {"notes"}, whole=True)
    assert {name: found.value for name, found in view(SHOWN).carried(ours, others).items()} == {
        "custom.SCORE": "5",
        "name": "Å",
        "orderRow": [row("a")],
    }


@given(
    value=st.none() | st.text() | st.integers() | st.lists(st.integers()),
    when=st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    seq=st.integers(0, 2**53),
    version=st.none() | st.decimals(allow_nan=False, allow_infinity=False),
    rank=st.integers(-5, 5),
    final=st.booleans(),
)
def test_what_is_held_survives_json(
    value: Any, when: datetime, seq: int, version: Decimal | None, rank: int, *, final: bool
) -> None:
    held = Held(value, when, seq, "event", "butik", version, rank, final)
    assert Held.unpacked(json.loads(json.dumps(held.packed()))) == held


def test_what_was_held_before_senders_versions_counted_is_still_read() -> None:
    stored = ["Å", 1_793_620_800_000_000, 7, "event", "butik"]
    assert Held.unpacked(stored) == Held("Å", NOON, 7, "event", "butik")
    assert Held.unpacked(stored).packed() == stored
