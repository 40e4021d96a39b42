"""A file that was read becomes an upsert; one that was not becomes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from worker.plan import Content, Key, Upsert
from worker.sdk.connector import Event
from worker.sdk.mapping import attached, home_at, taken_in
from worker.sdk.mapping.files import FILE_NAME, file_name

CONTENT = Content("01", "ab" * 32, "application/pdf", 120_400)
HOME = taken_in("Åkeri Ö AB")
ORDER = Upsert(key=Key("order", "document:7"))


def event(**read: Any) -> Event:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    return Event(id="e", type="signed", subject="7", time=at, payload={}, connection="c", read=read)


def test_what_was_not_read_is_not_attached() -> None:
    assert attached(event(), "pdf", "Avtal.pdf", to=ORDER, client=HOME) == ()


def test_a_file_belongs_to_the_order_and_to_its_company() -> None:
    (file,) = attached(event(pdf=CONTENT), "pdf", "Avtal.pdf", to=ORDER, client=HOME)
    assert file.key == Key("file", "7:pdf")
    assert file.on_create == {"name": "Avtal.pdf", "content": CONTENT}
    assert file.set == {"entity": "Order", "entityId": ORDER.key}
    assert file.placed == {"client": HOME.place}


def test_it_belongs_to_the_company_where_it_can_not_belong_to_such_a_record() -> None:
    agreement = Upsert(key=Key("agreement", "7"))
    (file,) = attached(event(pdf=CONTENT), "pdf", "Avtal.pdf", to=agreement, client=HOME)
    assert file.set == {"entity": "Client"}
    assert file.placed == {"entityId": HOME.place, "client": HOME.place}


def test_a_company_has_it_itself() -> None:
    company = Upsert(key=Key("account", "1"), set={"name": "Åkeri"})
    (file,) = attached(event(pdf=CONTENT), "pdf", "Avtal.pdf", to=company, client=home_at(company))
    assert file.set == {"entity": "Client"}
    assert file.placed["entityId"] == home_at(company).place


def test_a_content_is_named_in_a_few_words() -> None:
    assert str(CONTENT) == "application/pdf, 120 kB"
    assert str(Content("01", "", "application/pdf", 9)) == "application/pdf, 1 kB"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Avtal 4771.pdf", "Avtal 4771.pdf"),
        ("Avtal: Åsa / Öberg\n.pdf", "Avtal Åsa Öberg.pdf"),
        ("../../etc/passwd", ".. .. etc passwd"),
        ("ö" * 300 + ".pdf", None),
    ],
)
def test_a_name_is_one_that_a_file_can_have(told: str, kept: str | None) -> None:
    found = file_name(told)
    assert kept is None or found == kept
    assert len(found) <= FILE_NAME
    assert found.endswith(told[-4:])
