"""Draws faults from rules and a seed, so that a chaos run can be repeated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from random import Random
from typing import Any, Literal, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "error_before_commit",
    "error_after_commit",
    "drop_before_commit",
    "drop_after_commit",
    "delay_before_commit",
    "delay_after_commit",
    "late_commit",
    "html_200",
    "html_502",
    "error_200",
    "throttle",
    "no_rate_headers",
    "outage",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

BESIDE: frozenset[Kind] = frozenset({"delay_before_commit", "delay_after_commit", "no_rate_headers"})
"""What can happen to a call beside the one fault that decides its answer."""


class BadRule(ValueError):
    """One clear line: what is wrong with the rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When something goes wrong, and what.

    `key` (a key's name), `method`, `resource` narrow it; `skip` lets so many matching calls pass first; `count` ends it after so many faults.
    `seconds`: of a delay, until a late commit, of an outage. `commits`: whether the call takes effect although it is answered with a page or an error.
    `drop`: an outage closes connections instead of answering 503.
    """

    kind: Kind
    key: str | None = None
    method: str | None = None
    resource: str | None = None
    probability: float = 1.0
    count: int | None = None
    skip: int = 0
    seconds: float = 0.0
    commits: bool = False
    drop: bool = False

    def matches(self, key: str | None, method: str, resource: str | None) -> bool:
        return (
            self.key in {None, key}
            and (self.method is None or self.method.upper() == method)
            and (self.resource is None or self.resource.lower() == (resource or "").lower())
        )


def read_rule(data: Any) -> Rule:
    """Read a rule from JSON; raise BadRule naming what is wrong."""
    if not isinstance(data, dict):
        raise BadRule(f"a rule is an object such as {{'kind': 'drop_after_commit'}}, not {data!r}")
    known = {field.name for field in fields(Rule)}
    if unknown := sorted(set(data) - known):
        raise BadRule(f"unknown field {unknown[0]!r} in the rule; known: {', '.join(sorted(known))}")
    if data.get("kind") not in KINDS:
        raise BadRule(f"unknown kind {data.get('kind')!r}; known: {', '.join(KINDS)}")
    for name in ("probability", "seconds", "skip"):
        if not isinstance(data.get(name, 0), int | float) or data.get(name, 0) < 0:
            raise BadRule(f"{name} is a number, 0 or more, not {data[name]!r}")
    return Rule(**data)


@dataclass(slots=True)
class Standing:
    """A rule in force: how often it matched and struck."""

    id: int
    rule: Rule
    random: Random
    until: float
    seen: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        self.seen += 1
        if self.seen <= self.rule.skip or (self.rule.count is not None and self.struck >= self.rule.count):
            return False
        if self.random.random() >= self.rule.probability:
            return False
        self.struck += 1
        return True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What goes wrong with one call. `decisive` is the fault that makes its answer."""

    decisive: Rule | None = None
    before: float = 0.0
    after: float = 0.0
    headers: bool = True

    @property
    def names(self) -> str:
        delay = ("delay_before_commit",) if self.before else ()
        later = ("delay_after_commit",) if self.after else ()
        bare = () if self.headers else ("no_rate_headers",)
        return "+".join((*((self.decisive.kind,) if self.decisive else ()), *delay, *later, *bare))


class Faults:
    """The rules in force."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rules: dict[int, Standing] = {}
        self._made = 0

    def add(self, rule: Rule, now: float) -> int:
        self._made += 1
        # Each rule draws from a source of its own: adding one does not change how another strikes.
        source = Random(f"{self._seed}:{self._made}")  # noqa: S311 - a chaos run must be repeatable
        self._rules[self._made] = Standing(self._made, rule, source, now + rule.seconds)
        return self._made

    def clear(self, rule_id: int | None = None) -> None:
        if rule_id is None:
            self._rules.clear()
        else:
            self._rules.pop(rule_id, None)

    def listed(self) -> Iterable[Standing]:
        return tuple(self._rules.values())

    def draw(self, key: str | None, method: str, resource: str | None, now: float) -> Verdict:
        struck = [
            standing.rule
            for standing in self._rules.values()
            if standing.rule.matches(key, method, resource)
            and (standing.rule.kind != "outage" or now < standing.until)
            and standing.strikes()
        ]
        kinds = {rule.kind for rule in struck}
        return Verdict(
            decisive=next((rule for rule in struck if rule.kind not in BESIDE), None),
            before=sum(rule.seconds for rule in struck if rule.kind == "delay_before_commit"),
            after=sum(rule.seconds for rule in struck if rule.kind == "delay_after_commit"),
            headers="no_rate_headers" not in kinds,
        )
