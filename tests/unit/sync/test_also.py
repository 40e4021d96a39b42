"""A record may have several keys at its sender: each finds it."""

from __future__ import annotations

from tests.fakes import World
from worker.plan import Key, Upsert

INVOICE, PAYMENT, OTHER = Key("order", "invoice:1"), Key("order", "payment:1"), Key("order", "payment:2")


def invoice() -> Upsert:
    return Upsert(key=INVOICE, set={"description": "Faktura 1", "stage": 4})


def tie(*also: Key) -> Upsert:
    return Upsert(key=INVOICE, also=also, create=False)


def lost(key: Key) -> Upsert:
    return Upsert(key=key, set={"stage": 1}, create=False)


def stages(world: World) -> list[object]:
    return [made["stage"] for made in world.upsales.live("order").values()]


def test_what_is_told_under_another_key_is_told_of_the_record() -> None:
    world = World()
    world.now(invoice())
    assert "event-2" in world.now(tie(PAYMENT, OTHER)).effective
    assert "event-3" not in world.now(tie(PAYMENT, OTHER)).effective
    world.now(lost(OTHER))
    assert stages(world) == [1]


def test_without_the_tie_it_is_told_of_nothing() -> None:
    world = World()
    world.now(invoice())
    assert world.now(lost(PAYMENT)).absent == {PAYMENT}
    assert stages(world) == [4]


def test_tie_makes_no_record() -> None:
    world = World()
    assert world.now(tie(PAYMENT)).absent == {INVOICE}
    assert stages(world) == []


def test_key_that_has_a_record_keeps_it() -> None:
    world = World()
    world.now(invoice())
    world.now(Upsert(key=PAYMENT, set={"description": "Betalning 1", "stage": 4}))
    assert "event-3" not in world.now(tie(PAYMENT)).effective
    world.now(lost(PAYMENT))
    assert sorted(map(str, stages(world))) == ["1", "4"]
