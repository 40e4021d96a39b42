"""Draws from a seed what changes at the thin sender, what it tells of it, and what its API does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal, TypeAlias

from tests.chaos.scaled import ALL_ACCOUNTS, THIN
from tests.chaos.story import WORDS, Company
from tests.chaos.things import Thing

Trouble: TypeAlias = Literal["go away", "come", "revoke", "throttle", "fail", "talk rubbish", "be slow"]

FIRST_COMPANY = 9000
LAG = 4.0
"""Seconds by which its API shows at the latest what changed; until then it shows what was there before, or nothing."""
AWAY = 3.0
LOST, TWICE = 0.1, 0.15
FEWEST = 24


@dataclass(frozen=True, slots=True)
class Change:
    """`at`: when it happens, in seconds. `shown_after`: when the API shows it. `told`: how many webhooks tell it."""

    at: float
    kind: str
    id: str
    body: Mapping[str, Any]
    shown_after: float
    told: int


@dataclass(frozen=True, slots=True)
class Script:
    """`silent`: from when to when no webhook comes."""

    changes: Sequence[Change]
    troubles: Sequence[tuple[float, Trouble]]
    silent: tuple[float, float]

    @property
    def newest(self) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        """Each thing as it is at the end."""
        return {(each.kind, each.id): each.body for each in self.changes}


def script(seed: int, events: int, seconds: float) -> Script:
    random = Random(f"thin {seed}")
    number = max(events // 8, FEWEST)
    parties = [Company(FIRST_COMPANY + each, ALL_ACCOUNTS[THIN], (THIN,)) for each in range(max(number // 6, 2))]
    begins = random.uniform(0.1, 0.5) * seconds
    silent = begins, begins + 0.35 * seconds
    moments = sorted(random.uniform(0.0, 0.95) * seconds for _ in range(number))
    changes = [_change(random, place, at, parties, silent) for place, at in enumerate(moments)]
    return Script(changes, _troubles(random, seconds, silent), silent)


def _change(random: Random, place: int, at: float, parties: Sequence[Company], silent: tuple[float, float]) -> Change:
    party = parties[place] if place < len(parties) else random.choice(parties)
    body: dict[str, Any]
    if place < len(parties) or random.random() < 0.3:
        kind, thing = "party", f"P-{party.number}"
        name = f"{WORDS[party.number % len(WORDS)]} {party.number} AB"
        body = {"id": thing, "org_no": party.org_no, "name": f"{name}, {place}", "notes": f"Läge {place}"}
    else:
        kind, thing = "deal", f"D-{party.number}{random.randint(0, 2)}"
        body = {"id": thing, "party": f"P-{party.number}", "text": f"Avtal {place}", "price": 100 + place}
    drawn = random.random()
    told = 0 if drawn < LOST or silent[0] <= at <= silent[1] else 2 if drawn > 1 - TWICE else 1
    return Change(at, kind, thing, body, random.choice((0.0, 0.5, random.uniform(0, LAG))), told)


def _troubles(random: Random, seconds: float, silent: tuple[float, float]) -> Sequence[tuple[float, Trouble]]:
    def when() -> float:
        return random.uniform(0.05, 0.9) * seconds

    away = when()
    found: list[tuple[float, Trouble]] = [(away, "go away"), (away + AWAY, "come")]
    often: Sequence[Trouble] = ("revoke", "throttle", "fail", "talk rubbish", "be slow")
    found += [(when(), each) for each in often for _ in range(max(round(seconds / 20), 1))]
    # With a token that is revoked comes a burst of webhooks.
    return sorted((silent[1] if each == "revoke" and silent[0] <= at <= silent[1] else at, each) for at, each in found)


def expected(newest: Mapping[tuple[str, str], Mapping[str, Any]]) -> Mapping[Thing, Mapping[str, Any]]:
    """What stands in Upsales then, in the words of the judgement."""
    parties = {thing: body for (kind, thing), body in newest.items() if kind == "party"}
    deals = {thing: body for (kind, thing), body in newest.items() if kind == "deal"}
    account = ALL_ACCOUNTS[THIN]
    return {
        Thing(account, "accounts", body["org_no"]): {
            "orgNo": body["org_no"],
            "name": body["name"],
            "notes": body["notes"],
        }
        for body in parties.values()
    } | {
        Thing(account, "orders", f"{THIN} {thing}"): {
            "description": f"[{THIN} {thing}] {body['text']}",
            "client": parties[body["party"]]["org_no"],
            "rows": [("KONSULT-1", 1.0, float(body["price"]))],
        }
        for thing, body in deals.items()
    }
