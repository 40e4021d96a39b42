"""Fields that are written only while Upsales shows nothing there or what we wrote: our word can be taken back, a person's stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import World
from worker.plan import Key, Upsert, Value

COMPANY = Key("account", "företag:1")


def company(**fields: Value) -> Upsert:
    return Upsert(key=COMPANY, set=fields)


def ours(notes: Value, *, final: bool = False) -> Upsert:
    return Upsert(key=COMPANY, while_ours={"notes": notes}, create=False, final=final)


def notes(world: World) -> Any:
    (found,) = world.upsales.live("account").values()
    return found.get("notes") or ""


def edited(world: World, text: str) -> None:
    (record_id,) = world.upsales.live("account")
    world.upsales.edited("account", record_id, notes=text)


@pytest.fixture
def world() -> World:
    world = World()
    world.now(company(name="Åkeri"))
    return world


def test_word_is_written_where_nothing_is(world: World) -> None:
    world.now(ours("Uteblev."))
    assert notes(world) == "Uteblev."


def test_word_is_taken_back(world: World) -> None:
    world.now(ours("Uteblev."))
    world.now(ours(""))
    assert notes(world) == ""


def test_word_gives_way_to_another(world: World) -> None:
    world.now(Upsert(key=COMPANY, if_empty={"notes": "Flyttad."}, create=False))
    world.now(ours("Flyttad: sjuk"))
    assert notes(world) == "Flyttad: sjuk"


@pytest.mark.parametrize("word", ["", "Uteblev."])
def test_word_of_a_person_stands(world: World, word: str) -> None:
    edited(world, "Ring igen i maj")
    world.now(ours("Uteblev."))
    world.now(ours(word))
    assert notes(world) == "Ring igen i maj"


def test_word_that_a_person_added_to_stands(world: World) -> None:
    world.now(ours("Uteblev."))
    edited(world, "Uteblev. Ring igen i maj")
    world.now(ours(""))
    assert notes(world) == "Uteblev. Ring igen i maj"


def test_word_is_written_and_taken_back_in_one_go(world: World) -> None:
    world.now(ours("Uteblev."), ours(""))
    assert notes(world) == ""


def test_record_is_made_with_the_word() -> None:
    world = World()
    world.now(Upsert(key=COMPANY, set={"name": "Åkeri"}, while_ours={"notes": "Uteblev."}))
    assert notes(world) == "Uteblev."


def test_word_that_is_held_already_is_not_read_again(world: World) -> None:
    world.now(ours("Uteblev."))
    before = len(world.upsales.reads)
    world.now(ours("Uteblev."))
    assert len(world.upsales.reads) == before


def test_word_comes_where_a_person_emptied_it(world: World) -> None:
    world.now(ours("Uteblev."))
    edited(world, "")
    world.now(ours("Flyttad."))
    assert notes(world) == "Flyttad."


def test_word_of_a_person_is_not_read_again(world: World) -> None:
    world.now(ours("Uteblev."))
    edited(world, "Ring igen i maj")
    world.now(ours("Flyttad."))
    before = len(world.upsales.reads)
    world.now(ours("Uteblev."))
    assert (notes(world), len(world.upsales.reads)) == ("Ring igen i maj", before)
