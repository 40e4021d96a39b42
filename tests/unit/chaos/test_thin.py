"""The thin sender of a seed always does the same, and what must stand in Upsales is its newest state; what may not happen is seen."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.chaos.thin.api import Api
from tests.chaos.thin.proof import leaks, too_much
from tests.chaos.thin.script import FEWEST, expected, script


def test_a_seed_draws_the_same_script_again() -> None:
    assert script(110, 60, 9.0) == script(110, 60, 9.0)
    assert script(110, 60, 9.0) != script(111, 60, 9.0)


@pytest.mark.parametrize("seed", range(1, 30))
def test_much_is_told_by_nobody_and_nothing_while_it_is_silent(seed: int) -> None:
    drawn = script(seed, 60, 9.0)
    begins, ends = drawn.silent
    in_silence = [change for change in drawn.changes if begins <= change.at <= ends]
    assert len(drawn.changes) >= FEWEST
    assert in_silence
    assert all(change.told == 0 for change in in_silence)
    assert {"go away", "come", "revoke", "throttle", "fail", "talk rubbish", "be slow"} == {
        trouble for _, trouble in drawn.troubles
    }
    parties = {change.id for change in drawn.changes if change.kind == "party"}
    assert {change.body["party"] for change in drawn.changes if change.kind == "deal"} <= parties


def test_the_newest_state_counts() -> None:
    drawn = script(7, 60, 9.0)
    shall = expected(drawn.newest)
    assert len(shall) == len(drawn.newest)
    last = next(change for change in reversed(drawn.changes) if change.kind == "deal")
    assert any(values.get("description", "").endswith(last.body["text"]) for values in shall.values())


def api(reads: dict[Any, int] | None = None, *, most: int = 1, refused: int = 0) -> Api:
    grants = SimpleNamespace(most=most, refused=refused)
    return cast("Api", SimpleNamespace(reads=lambda: Counter(reads or {}), grants=grants))


def test_what_may_not_happen_is_told() -> None:
    assert list(too_much(api({("get", 200): 10, ("get", 404): 500}), events=5, ends=0)) == []
    assert list(too_much(api({("get", 200): 11}), events=5, ends=0)) == [
        "11 things were read for 5 events: 10 are enough"
    ]
    assert list(too_much(api({("get", 200): 11}, refused=1), events=5, ends=1)) == []
    assert len(list(too_much(api(most=2, refused=1), events=5, ends=0))) == 2


def test_a_token_is_found_in_any_file(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "worker").write_bytes(b"\xff Bearer hemlig \xff")
    (tmp_path / "other").write_text("nothing")
    assert list(leaks(tmp_path, ["hemlig"])) == ["a token stands in log/worker"]
