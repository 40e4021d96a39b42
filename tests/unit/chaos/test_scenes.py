"""The scenes of a seed are always the same, and the fold knows what counts as right after each of their steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from random import Random
from typing import Any

import pytest

from tests.chaos.expectation import Expected, expectation
from tests.chaos.judgement import Judgement, judge
from tests.chaos.scenes import people, senders
from tests.chaos.scenes.author import Author
from tests.chaos.scenes.casting import KINDS, scenes
from tests.chaos.scenes.scene import Edit, Scene, Settle, Step, Tell
from tests.chaos.story import Company, Told
from tests.chaos.things import Thing

COMPANY = Company(7000, 1, ("shop",))
THING = people.known(COMPANY)


def author(seed: int = 1) -> Author:
    return Author(Random(seed), 10.0, count(1000), count(5000))


def expected(*steps: Step) -> dict[str, Any]:
    return dict(expectation([], [Scene("a scene", 0.0, steps)])[THING].values)


def told(number: int, **fields: Any) -> Tell:
    return Tell([Told("shop", number, "account.upsert", COMPANY.as_told("shop") | fields)])


def record(record_id: int, **fields: Any) -> dict[str, Any]:
    return {"id": record_id, "name": COMPANY.name, "orgNo": COMPANY.org_no, **fields}


def judged(records: Sequence[dict[str, Any]], **values: Any) -> Judgement:
    shall: dict[Thing, Expected] = {THING: Expected()}
    shall[THING].edit(values)
    return judge(shall, {1: {"accounts": records}})


def test_a_seed_draws_the_same_scenes_again_and_every_kind_of_them() -> None:
    drawn = scenes(3, 100, 10.0)
    assert list(map(str, drawn)) == list(map(str, scenes(3, 100, 10.0)))
    assert len(drawn) == len(KINDS) + 2
    ids = [event.id for scene in drawn for event in scene.events]
    assert len(ids) == len(set(ids))


def test_what_a_person_wrote_stands_as_long_as_the_sender_tells_the_same() -> None:
    by_a_person = Edit(THING, {"name": "Människans AB"})
    same = (told(1, name="Avsändarens AB"), Settle(), by_a_person, told(2, name="Avsändarens AB", notes="ny"))
    assert expected(*same)["name"] == "Människans AB"
    assert expected(*same)["notes"] == "ny"
    assert expected(*same, told(3, name="Nya AB"))["name"] == "Nya AB"


def test_what_arrives_last_and_is_older_changes_nothing() -> None:
    assert expected(told(2, notes="nyast"), told(1, notes="äldst"))["notes"] == "nyast"


@pytest.mark.parametrize("seed", range(5))
def test_versions_decide_within_one_second(seed: int) -> None:
    scene = senders.own_version(author(seed))
    (shall,) = expectation([], [scene]).values()
    assert shall.values["notes"] == "Utgåva tre"


def test_within_one_second_the_kind_of_event_decides() -> None:
    shall = expectation([], [senders.one_second(author())])
    (order,) = (each.values for thing, each in shall.items() if thing.resource == "orders")
    (person,) = (each.values for thing, each in shall.items() if thing.resource == "contacts")
    assert order["stage"] == "Order"
    assert "född" not in person["lastName"]


def test_a_deleted_record_is_expected_no_more_nor_what_needs_it() -> None:
    scene = people.deleted(author())
    assert not expectation([], [scene])
    assert len(scene.explained) == 2


def test_a_merged_record_goes_on_under_the_name_of_the_one_that_is_left() -> None:
    shall = expectation([], [people.merged_into_a_new_one(author(1))])
    (company,) = (each.values for thing, each in shall.items() if thing.resource == "accounts")
    assert company["notes"] == "Efter sammanslagningen"
    assert company["name"].startswith(("Sammanslaget", "Nytt namn"))


def test_a_closing_day_is_the_midnight_before_it_in_stockholm() -> None:
    event = Told("shop", 1, "order.upsert", {"id": "O-1", "client": COMPANY.as_told("shop"), "closeDate": "2026-07-03"})
    (order,) = (each.values for thing, each in expectation([event]).items() if thing.resource == "orders")
    assert order["closeDate"] == "2026-07-02T22:00:00.000Z"


def test_the_judge_names_what_is_lost_doubled_wrong_and_made_by_nobody() -> None:
    assert judged([record(1)], name=COMPANY.name) == Judgement()
    assert judged([], name=COMPANY.name).lost
    assert judged([record(1), record(2)], name=COMPANY.name).duplicated
    assert judged([record(1)], name="Annat AB").wrong
    assert judge({}, {1: {"accounts": [record(1)]}}).wrong
