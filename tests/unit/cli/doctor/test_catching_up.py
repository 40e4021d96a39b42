"""What `relay doctor` says of catching up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.lists import BOKNING, SOURCE
from tests.unit.cli.doctor.known import NOW, connection
from worker.cli.doctor.catching_up import catch_up
from worker.cli.doctor.facts import Token, Unknown
from worker.store.sources.cursors import Progress

READ = Progress(
    connection="bokning",
    kind="booking",
    since=NOW,
    ran_at=NOW,
    ended_at=NOW,
    next_at=NOW,
    age=60.0,
    found=9,
    brought=2,
    duplicates=7,
)


def said(found: Any, period: float | None = 900.0) -> list[tuple[str, str, str]]:
    facts = connection("bokning", BOKNING, catching_up=found)
    facts = replace(facts, connection=replace(facts.connection, catch_up=period))
    return [(each.what, each.level, each.says) for each in catch_up(facts)]


def test_all_is_well() -> None:
    assert said([READ]) == [
        (
            "bokning: catch-up of booking",
            "fine",
            "all that changed was last read 60 s ago; 2 events brought, 7 known already",
        )
    ]


def test_nothing_is_said_where_it_is_not_done() -> None:
    assert said([READ], None) == []
    assert list(catch_up(connection())) == []


@pytest.mark.parametrize(
    ("token", "unread", "level"),
    [(Token(), True, "fine"), (Token(), False, "look"), (Token(problem="has a colon"), True, "look")],
)
def test_without_a_token_that_is_not_needed_nothing_is_wrong(token: Token, unread: bool, level: str) -> None:  # noqa: FBT001
    connector = replace(BOKNING, source=replace(SOURCE, unread=unread))
    facts = replace(connection("bokning", connector, catching_up=[]), token=token)
    facts = replace(facts, connection=replace(facts.connection, catch_up=900.0))
    assert [each.level for each in catch_up(facts)] == [level]


def test_what_nobody_knows_is_not_checked() -> None:
    ((what, _level, says),) = said(Unknown("the database is away"))
    assert (what, says) == ("bokning: catch-up", "not checked: the database is away")


@pytest.mark.parametrize(
    ("changes", "level", "says"),
    [
        (
            {"failing": "403", "failing_code": "source_forbidden", "failing_for": 7200.0},
            "wrong",
            "not read for 2 h: 403",
        ),
        (
            {"failing": "away", "failing_code": "source_unavailable", "failing_for": 60.0},
            "look",
            "not read for 60 s: away",
        ),
        ({"age": 3 * 900.0 + 121}, "look", "last read 47 min ago: does a worker run?"),
        ({"age": 3 * 900.0 + 119}, "fine", "last read 47 min ago; 2"),
    ],
)
def test_what_is_wrong(changes: dict[str, Any], level: str, says: str) -> None:
    ((_, found, text),) = said([replace(READ, **changes)])
    assert found == level
    assert says in text


def test_what_was_never_read() -> None:
    assert said([]) == [("bokning: catch-up of booking", "look", "nothing was read yet: does a worker run?")]


def test_what_was_lost_is_told_for_a_week() -> None:
    lost = replace(READ, lost_from=NOW, lost_until=NOW, lost_for=6 * 86400.0)
    ((_, first, _), (what, level, says)) = said([lost])
    assert (first, what, level) == ("fine", "bokning: catch-up of booking lost", "look")
    assert "2026-11-30 03:00" in says
    assert len(said([replace(lost, lost_for=8 * 86400.0)])) == 1
