"""What is wrong is found, each kind by itself, and what is not known is no finding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from worker.alerts.findings import BEAT_GONE, KINDS, Facts, Finding, OfConnection, TokenEnds, judge
from worker.settings.values import ALERT_KINDS, Alerts

LIMITS = Alerts()
DAY = 86400.0
CURE = "`relay connections authorize shop`"
FINE = OfConnection(name="shop", dead=0, review=0, oldest=LIMITS.late, breaks=2, refused={"unauthorized": 4})
WRONG: dict[str, dict[str, Any]] = {
    "connection_paused": {"paused": "Upsales does not accept the API key"},
    "connection_stopped": {"breaks": 3},
    "connection_misconfigured": {"misconfigured": "RELAY_SHOP_SECRET_FILE can't be read"},
    "dead_letters": {"dead": 1},
    "review_waiting": {"review": 2},
    "deliveries_late": {"oldest": LIMITS.late + 1},
    "webhooks_refused": {"refused": {"unauthorized": 5}},
    "marker_missing": {"without_marker": 1},
    "sender_silent": {"silent": 7200.0},
    "sender_unread": {"unread": "the token is not accepted"},
    "token_ends": {"token": TokenEnds(14 * DAY, CURE)},
    "not_listening": {"unheard": "its sender can't be listened to: it was closed"},
}
BOTH = ("token_ends", "token_ends_soon")
WHOLE: dict[str, dict[str, Any]] = {
    "redis_away": {"redis": False},
    "no_worker": {"workers": 0},
    "no_sweep": {"swept": BEAT_GONE + 1},
}


def found(facts: Facts, limits: Alerts = LIMITS) -> list[tuple[str, str]]:
    return [finding.place for finding in judge(facts, limits)]


@pytest.mark.parametrize("kind", WRONG)
def test_each_kind_is_found_by_itself(kind: str) -> None:
    assert found(Facts(connections=[replace(FINE, **WRONG[kind]), replace(FINE, name="crm")])) == [(kind, "shop")]


@pytest.mark.parametrize("kind", WHOLE)
def test_what_concerns_the_whole_is_found_once(kind: str) -> None:
    fine = Facts(connections=[FINE, FINE], redis=True, workers=1, swept=BEAT_GONE)
    assert found(fine) == []
    assert found(replace(fine, **WHOLE[kind])) == [(kind, "")]


def test_all_kinds_are_tried_here_and_are_settings() -> None:
    assert tuple(ALERT_KINDS) == KINDS
    assert {*WRONG, *WHOLE, *BOTH} == set(KINDS)


@pytest.mark.parametrize(
    ("left", "kinds", "text"),
    [
        (14 * DAY + 1, (), ""),
        (14 * DAY, BOTH[:1], f"shop: what its sender is read with ends in 14 days: {CURE}"),
        (3 * DAY + 1, BOTH[:1], f"shop: what its sender is read with ends in 3 days: {CURE}"),
        (3 * DAY, BOTH, f"shop: what its sender is read with ends in 3 days: {CURE}"),
        (0.0, BOTH, f"shop: what its sender is read with has ended: {CURE}"),
        (-9e9, BOTH, f"shop: what its sender is read with has ended: {CURE}"),
    ],
)
def test_a_token_that_ends_is_told_twice_before(left: float, kinds: tuple[str, ...], text: str) -> None:
    told = judge(Facts(connections=[replace(FINE, token=TokenEnds(left, CURE))]), LIMITS)
    assert [finding.kind for finding in told] == list(kinds)
    assert {finding.text for finding in told} == ({text} if kinds else set())


def test_what_is_not_known_is_no_finding() -> None:
    assert found(Facts(connections=[OfConnection(name="shop")])) == []


def test_a_kind_that_is_off_is_not_told() -> None:
    facts = Facts(connections=[replace(FINE, dead=1, review=1)])
    assert found(facts, Alerts(off=("dead_letters",))) == [("review_waiting", "shop")]


def test_a_paused_connection_is_neither_late_nor_stopped() -> None:
    facts = Facts(connections=[replace(FINE, paused="by a person", oldest=9e9, breaks=9)])
    assert found(facts) == [("connection_paused", "shop")]


@pytest.mark.parametrize("workers", [0, 1])
def test_without_redis_there_is_no_worker_and_no_sweep_to_miss(workers: int) -> None:
    assert found(Facts(redis=False, workers=workers, swept=9e9)) == [("redis_away", "")]


def test_without_workers_there_is_no_sweep_to_miss() -> None:
    assert found(Facts(redis=True, workers=0, swept=9e9)) == [("no_worker", "")]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"dead": 1}, "shop: 1 dead letter; `relay dead list` tells why"),
        ({"dead": 12}, "shop: 12 dead letters; `relay dead list` tells why"),
        ({"oldest": 7260.0}, "shop: the oldest event waits for 2 h 1 min; `relay doctor` and `relay budget` tell why"),
        ({"oldest": 1000.0}, "shop: the oldest event waits for 17 min; `relay doctor` and `relay budget` tell why"),
        (
            {"oldest": 3 * 86400.0},
            "shop: the oldest event waits for 3 days; `relay doctor` and `relay budget` tell why",
        ),
        (
            {"refused": {"unauthorized": 7, "misconfigured": 2, "too_large": 5}},
            "shop: webhooks were refused within a quarter of an hour: 5 too_large, 7 unauthorized; `relay doctor` says what to do",
        ),
    ],
)
def test_it_says_how_much(wrong: dict[str, Any], text: str) -> None:
    (finding,) = judge(Facts(connections=[replace(FINE, **wrong)]), LIMITS)
    assert isinstance(finding, Finding)
    assert finding.text == text


@pytest.mark.parametrize("kind", [*WRONG, *WHOLE])
def test_it_says_what_to_do(kind: str) -> None:
    """A chat at three in the morning shows this line and no more."""
    if kind in WHOLE:
        facts = replace(Facts(redis=True, workers=1, swept=BEAT_GONE), **WHOLE[kind])
    else:
        facts = Facts(connections=[replace(FINE, **WRONG[kind])])
    (finding,) = judge(facts, LIMITS)
    assert any(word in finding.text for word in ("`relay ", "; start ", "does its sender")), finding.text
