"""What is read becomes the event that its webhook would have told, as old as the thing is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.shop import READ_AT, connector, order
from worker.delivery.backfill.files import SIZE, FileReader, columns_of, reader_of
from worker.delivery.backfill.items import Item, Lister, kind_of_file, kinds_to_read
from worker.errors import ConfigError
from worker.sdk.read import READ, BadBody, parts
from worker.sdk.request import Request

LISTER = Lister(connector, "order", READ_AT)


def test_an_item_is_an_event_of_its_subject_as_of_when_it_changed() -> None:
    item = LISTER.item(order(7, minute=5))
    assert isinstance(item, Item)
    assert (item.type, item.subject) == ("order.updated", "order:7")
    assert item.changed == datetime(2026, 11, 2, 12, 5, tzinfo=UTC)
    assert item.event_id == "backfill:order:7:2026-11-02T12:05:00+00:00"


def test_one_that_does_not_say_when_it_changed_is_as_old_as_the_reading_and_has_the_same_id_again() -> None:
    first, second = (
        Lister(connector, "order", at).item(order(7, updated_at=None)) for at in (READ_AT, READ_AT.now(UTC))
    )
    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert first.changed == READ_AT
    assert first.event_id == second.event_id


@pytest.mark.parametrize("raw", [None, 7, "text", [], {"id": None}], ids=str)
def test_whatever_is_listed_stops_nothing(raw: object) -> None:
    assert isinstance(LISTER.item(raw), str)


def test_what_is_listed_is_read_in_the_connectors_order() -> None:
    assert kinds_to_read(connector, []) == ["order"]
    with pytest.raises(ConfigError, match="did you mean order"):
        kinds_to_read(connector, ["ordre"])
    with pytest.raises(ConfigError, match="name it by --kind"):
        kind_of_file(connector, [])
    assert kind_of_file(connector, ["order.created"]) == "order.created"


def test_a_stored_reading_is_split_as_it_was_stored() -> None:
    found = parts(connector, Request(READ, "", (), b'[{"id": 1}, {"id": 2}]'))
    assert [(part.payload, part.place) for part in found] == [({"id": 1}, "/0"), ({"id": 2}, "/1")]
    with pytest.raises(BadBody):
        parts(connector, Request(READ, "", (), b"{}"))


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_csv_line_is_a_payload_by_its_columns(tmp_path: Path) -> None:
    text = '\ufeffOrdernr;Org.nr;kund.namn;Portkod\n1;5599990001;"Öst; AB";\n\n2;5599990002;Väst AB;7\n'
    reader = reader_of(connector, written(tmp_path, "order.csv", text), "order.updated", ["Portkod=leverans.portkod"])
    page = reader.page("order.updated", None)
    assert page.items == [
        {"id": "1", "org_no": "5599990001", "kund": {"namn": "Öst; AB"}},
        {"id": "2", "org_no": "5599990002", "kund": {"namn": "Väst AB"}, "leverans": {"portkod": "7"}},
    ]
    assert page.bookmark is None


def test_pages_of_a_file_go_on_where_they_were_read_to(tmp_path: Path) -> None:
    path = written(tmp_path, "order.jsonl", "".join(f'{{"id": {n}}}\n' for n in range(SIZE + 3)))
    reader = FileReader(path, "order")
    first = reader.page("order", None)
    assert (len(first.items), first.bookmark) == (SIZE, str(SIZE))
    for again in (reader, FileReader(path, "order")):
        rest = again.page("order", None, first.bookmark)
        assert ([item["id"] for item in rest.items], rest.bookmark) == ([SIZE, SIZE + 1, SIZE + 2], None)
    assert reader.page("order", None) == first


@pytest.mark.parametrize(
    ("name", "text", "columns", "told"),
    [
        ("a.jsonl", '{"id": 1}\n{"id": \n', [], "a.jsonl line 2: it is no JSON"),
        ("a.csv", "id,name\n1,Öst\n", ["Nr=id"], "it has no column 'Nr'; there are: id, name"),
        ("a.csv", "kund,kund.namn\n1,Öst\n", [], "can't both be there"),
    ],
)
def test_a_file_that_can_not_be_read_says_why(
    tmp_path: Path, name: str, text: str, columns: list[str], told: str
) -> None:
    reader = reader_of(connector, written(tmp_path, name, text), "order.updated", columns)
    with pytest.raises(ConfigError, match=told):
        reader.page("order.updated", None)


def test_columns_are_said_as_name_and_path() -> None:
    assert columns_of(["E-mail = customer.email"]) == {"E-mail": "customer.email"}
    with pytest.raises(ConfigError, match="write the column and the path"):
        columns_of(["E-mail"])
