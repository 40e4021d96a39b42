"""A neighbour answers for one thing as the sender would, and misbehaves when told to."""

from __future__ import annotations

import pytest

from tests.fakes.thin_sender import contract, moment, source_of
from tests.unit.devkit.neighbour.asking import SIGNED, get, neighbour, read
from worker.devkit.neighbour import (
    Fault,
    Neighbour,
    failing,
    forbidden,
    gone,
    huge,
    lacking,
    never,
    not_json,
    redirecting,
    slow,
    throttled,
)


def test_a_thing_is_answered_in_its_envelope_and_counted() -> None:
    of = neighbour()
    assert read(of, 3).get_json() == {"contract": contract(3)}
    read(of, 3)
    read(of, 4)
    assert (of.count(), of.count("contract", "c3"), of.count("person")) == (3, 2, 0)


def test_what_is_recorded_is_answered_as_it_was() -> None:
    of = neighbour()
    answer = {"contract": contract(9), "meta": {"took": 3}}
    of.things.record("contract", "c9", answer)
    assert read(of, 9).get_json() == answer


def test_a_thing_changes_and_says_when_in_its_own_form() -> None:
    of = neighbour()
    of.things.put("contract", "c1", {**contract(1), "updated_at": 1772438460000})
    of.things.change("contract", "c1", {"party.name": "Exempel AB"}, moment(30))
    told = read(of, 1).get_json()["contract"]
    assert told["party"] == {"name": "Exempel AB"}
    assert told["updated_at"] == int(moment(30).timestamp() * 1000)
    assert told["value"] == 100


def test_what_was_never_there_and_what_was_deleted_differ() -> None:
    of = neighbour()
    of.things.remove("contract", "c1")
    of.things.forget("contract", "c2")
    assert [read(of, number).status_code for number in (1, 2, 77, 3)] == [410, 404, 404, 200]


def test_an_id_may_hold_a_slash() -> None:
    of = neighbour()
    of.things.put("person", "urn:li:x/1", {"name": "P"})
    assert get(of, "/people/urn%3Ali%3Ax%2F1").get_json() == {"name": "P"}


def test_the_declared_query_is_part_of_the_path() -> None:
    assert get(neighbour(), "/contracts/c1").status_code == 404


def test_it_is_signed_as_declared_and_only_read() -> None:
    of = neighbour()
    of.token = "another"
    assert read(of, 1).status_code == 401
    of.token = None
    assert read(of, 1).status_code == 200
    assert get(of, "/contracts/c1?expand=parties", {"X-Api-Version": "1"}).status_code == 401
    without_version = {name: value for name, value in SIGNED.items() if name == "Authorization"}
    assert get(of, "/contracts/c1?expand=parties", without_version).status_code == 400


@pytest.mark.parametrize(
    ("fault", "status", "text", "headers"),
    [
        (never(), 404, "", {}),
        (gone(), 410, "", {}),
        (forbidden(), 403, "", {}),
        (throttled(7), 429, "", {"Retry-After": "7"}),
        (failing(), 500, "", {}),
        (redirecting("https://elsewhere.example/x"), 302, "", {"Location": "https://elsewhere.example/x"}),
        (not_json(), 200, "<html>", {}),
    ],
)
def test_it_misbehaves_as_often_as_it_is_told(fault: Fault, status: int, text: str, headers: dict[str, str]) -> None:
    of = neighbour()
    of.misbehave(fault, 2, kind="contract")
    for _ in range(2):
        response = read(of, 1)
        assert response.status_code == status
        assert text in response.get_data(as_text=True)
        assert headers.items() <= dict(response.headers).items()
    assert read(of, 1).status_code == 200


def test_what_is_huge_is_valid_json_of_that_size() -> None:
    of = neighbour()
    of.misbehave(huge(5_000))
    response = read(of, 1)
    assert len(response.get_data()) == 5_000
    assert response.get_json()


def test_a_field_can_be_missing() -> None:
    of = neighbour()
    of.misbehave(lacking("contract.value"))
    assert "value" not in read(of, 1).get_json()["contract"]
    assert read(of, 1).get_json()["contract"]["value"] == 100


def test_a_slow_answer_is_the_usual_one() -> None:
    waited: list[float] = []
    of = Neighbour(source_of(), pause=waited.append)
    of.things.put("contract", "c1", contract(1))
    of.misbehave(slow(30.0))
    assert read(of, 1).get_json() == {"contract": contract(1)}
    assert waited == [30.0]


def test_misbehaviour_is_for_the_thing_that_is_named() -> None:
    of = neighbour()
    of.misbehave(failing(), kind="contract", thing="c2")
    assert [read(of, number).status_code for number in (1, 2, 2)] == [200, 500, 200]
    of.misbehave(failing(), 99)
    of.behave()
    assert read(of, 2).status_code == 200


def test_too_early_is_told_as_its_kind_reads_it() -> None:
    of = neighbour()
    kinds = of.source.kinds
    of.things.put("person", "p1", {"name": "P"})
    of.early(2, kind="contract")
    of.early(1, kind="person")
    early = kinds["contract"].early
    assert early is not None
    told = [early(read(of, 1).get_json()["contract"]) for _ in range(3)]
    assert told == ["it has no value yet", "it has no value yet", None]
    assert [get(of, "/people/p1").status_code for _ in range(2)] == [404, 200]
