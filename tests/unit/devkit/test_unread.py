"""A case without answers is a connection without a token, where its connector allows that."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.unit.devkit.thin import CONNECTOR, NOW, SOURCE, thin, with_kind
from worker.devkit.conformance.source_rules import every_reading_is_recorded, source_is_where_it_may_be_read
from worker.devkit.recorded import Answers, NotRecorded, Recorded, steps
from worker.sdk.connector import Incoming
from worker.sdk.request import Request
from worker.sdk.settings import setting
from worker.sdk.source import Absent, Changes, OnePage

WITHOUT = replace(CONNECTOR, source=replace(SOURCE, unread=True))
INCOMING = Incoming(Request("POST", f"/{NOW}", (), b""), {"contract": {"id": 77}})


def read(answers: Answers) -> dict[str, object]:
    found: dict[str, object] = {}
    list(steps(WITHOUT, WITHOUT.handles["contract.signed"], INCOMING, answers, found))
    return found


def test_nothing_is_there_and_nothing_is_missing() -> None:
    assert read({}) == {"contract": Absent("unread", "the connection has no token")}


def test_a_case_that_has_one_answer_needs_the_others() -> None:
    with pytest.raises(NotRecorded, match="customer"):
        read({"contract": Recorded({"data": {"customer_id": "k-9"}})})


def test_it_stands_for_no_reading() -> None:
    found = every_reading_is_recorded(thin({}, source=WITHOUT.source))
    assert {problem.what for problem in found} == {
        f"no case has a reading of {name}" for name in ("contract", "customer")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """As `thin.Settings`, and what is made of it."""

    owner: str = setting("asa.oberg@example.com", doc="whoever")

    @property
    def asked(self) -> str:
        return f"owner,{self.owner}"


def test_a_path_takes_what_settings_are_made_into() -> None:
    subject = with_kind(get="/contracts/{id}?fields={asked}")
    assert [each.what for each in source_is_where_it_may_be_read(subject)] == ["{asked} is filled by nothing"]
    made = replace(subject, connector=replace(subject.connector, settings=Settings))
    assert list(source_is_where_it_may_be_read(made)) == []


def test_a_list_has_a_path_and_adds_what_is_set() -> None:
    listed = Changes(changed="updated_at", event=lambda _: None, pages=OnePage(), adds={"form_id": "form"})
    assert [each.what for each in source_is_where_it_may_be_read(with_kind(changes=listed))] == [
        "it has no path",
        "adds form_id: form is no setting",
    ]
