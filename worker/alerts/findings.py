"""Decides what is wrong from what is known: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from worker.settings.values import Alerts

MINUTE: Final = 60.0
DAY: Final = 86400.0
SOON, VERY_SOON = 14 * DAY, 3 * DAY
"""Before a token ends. Each is an alert of its own: the second one is told although the first is."""
OFTEN_BROKEN: Final = 3
"""Pauses of the breaker in a row, each twice as long as the one before: some minutes without an answer of Upsales."""
BEAT_GONE: Final = 120.0
WHOLE: Final = ""
"""The connection of a finding that concerns all of them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now. Of one kind and connection there is one at a time. `text`: without personal data."""

    kind: str
    connection: str
    text: str

    @property
    def place(self) -> tuple[str, str]:
        return self.kind, self.connection


@dataclass(frozen=True, slots=True)
class TokenEnds:
    """In how many seconds a sender stops taking what it is read with; less than nothing: it has. `cure`: what to do."""

    left: float
    cure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfConnection:
    """What is known of one connection. Times in seconds; None: nothing, or not known.

    `oldest`: how long the oldest live event waits. `refused`: how many requests were refused lately, by reason. `silent`: for how
    long nothing came, if that is longer than is usual for it. `unread`: why what changed at its sender can't be read, and nothing mends it by itself.
    `unheard`: why nobody listens to its stream.
    """

    name: str
    paused: str | None = None
    breaks: int = 0
    misconfigured: str | None = None
    dead: int = 0
    review: int = 0
    oldest: float | None = None
    refused: Mapping[str, int] = field(default_factory=dict)
    without_marker: int = 0
    silent: float | None = None
    unread: str | None = None
    token: TokenEnds | None = None
    unheard: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known now. `swept`: seconds since the last sweep. None: not known, which is no finding.

    `workers`: how many gave a sign of life lately. `redis`: whether it answers.
    """

    connections: Sequence[OfConnection] = ()
    swept: float | None = None
    workers: int | None = None
    redis: bool | None = None


def judge(facts: Facts, limits: Alerts) -> Sequence[Finding]:
    """What is wrong, without the kinds that are switched off."""
    found = [*_of_whole(facts)]
    for connection in facts.connections:
        for kind, judged in _OF_CONNECTION.items():
            if text := judged(connection, limits):
                found.append(Finding(kind, connection.name, f"{connection.name}: {text}"))
    return [finding for finding in found if finding.kind not in limits.off]


def _of_whole(facts: Facts) -> Iterator[Finding]:
    if facts.redis is False:
        # Without it no worker starts, and nothing sweeps: that is one thing that is wrong.
        yield Finding("redis_away", WHOLE, "Redis does not answer: events are accepted, and not delivered; start it")
    elif facts.workers == 0:
        yield Finding(
            "no_worker", WHOLE, "no worker gives a sign of life: events are accepted, and not delivered; start one"
        )
    elif facts.swept is not None and facts.swept > BEAT_GONE:
        text = f"no sweep for {_long(facts.swept)}: beat does not run, or workers take nothing (`relay doctor` tells which); lost wake-ups are not sent again"
        yield Finding("no_sweep", WHOLE, text)


def _paused(of: OfConnection, _limits: Alerts) -> str | None:
    return f"paused: {of.paused}; `relay doctor` says what ends it" if of.paused else None


def _stopped(of: OfConnection, _limits: Alerts) -> str | None:
    if of.paused or of.breaks < OFTEN_BROKEN:
        return None
    asked = f"it is asked again at growing intervals, or now with `relay connections resume {of.name}`"
    return f"Upsales gave no answer {of.breaks} times in a row; {asked}"


def _misconfigured(of: OfConnection, _limits: Alerts) -> str | None:
    if not of.misconfigured:
        return None
    more = "" if "`relay " in of.misconfigured else "; `relay doctor` tells more"
    return f"misconfigured: {of.misconfigured}{more}"


def _dead(of: OfConnection, _limits: Alerts) -> str | None:
    return f"{_number(of.dead, 'dead letter')}; `relay dead list` tells why" if of.dead else None


def _review(of: OfConnection, _limits: Alerts) -> str | None:
    return f"{_number(of.review, 'event')} in review; `relay review list` tells why" if of.review else None


def _late(of: OfConnection, limits: Alerts) -> str | None:
    if of.oldest is None or of.oldest <= limits.late or of.paused:
        return None
    return f"the oldest event waits for {_long(of.oldest)}; `relay doctor` and `relay budget` tell why"


def _refused(of: OfConnection, limits: Alerts) -> str | None:
    reasons = {reason: number for reason, number in of.refused.items() if number >= limits.refused}
    if not reasons:
        return None
    told = ", ".join(f"{number} {reason}" for reason, number in sorted(reasons.items()))
    return f"webhooks were refused within a quarter of an hour: {told}; `relay doctor` says what to do"


def _without_marker(of: OfConnection, _limits: Alerts) -> str | None:
    return (
        f"{_number(of.without_marker, 'kind')} of records are made without a marker; `relay doctor --fix` tells why"
        if of.without_marker
        else None
    )


def _silent(of: OfConnection, _limits: Alerts) -> str | None:
    return (
        f"nothing came for {_long(of.silent)}, which is unusual for it; does its sender still have the webhook?"
        if of.silent is not None
        else None
    )


def _unread(of: OfConnection, _limits: Alerts) -> str | None:
    return (
        f"what has changed at its sender can't be read: {of.unread}; `relay doctor` tells more" if of.unread else None
    )


def _token_ends(of: OfConnection, _limits: Alerts) -> str | None:
    return _ends_within(SOON, of.token)


def _token_ends_soon(of: OfConnection, _limits: Alerts) -> str | None:
    return _ends_within(VERY_SOON, of.token)


def _ends_within(seconds: float, token: TokenEnds | None) -> str | None:
    if token is None or token.left > seconds:
        return None
    if token.left <= 0:
        return f"what its sender is read with has ended: {token.cure}"
    return f"what its sender is read with ends in {_long(token.left)}: {token.cure}"


def _unheard(of: OfConnection, _limits: Alerts) -> str | None:
    if not of.unheard:
        return None
    more = "" if "`relay " in of.unheard else "; `relay doctor` tells more"
    return f"{of.unheard}{more}"


_OF_CONNECTION: Final[Mapping[str, Callable[[OfConnection, Alerts], str | None]]] = {
    "connection_paused": _paused,
    "connection_stopped": _stopped,
    "connection_misconfigured": _misconfigured,
    "dead_letters": _dead,
    "review_waiting": _review,
    "deliveries_late": _late,
    "webhooks_refused": _refused,
    "marker_missing": _without_marker,
    "sender_silent": _silent,
    "sender_unread": _unread,
    "token_ends": _token_ends,
    "token_ends_soon": _token_ends_soon,
    "not_listening": _unheard,
}

KINDS: Final = ("redis_away", "no_worker", "no_sweep", *_OF_CONNECTION)


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _long(seconds: float) -> str:
    """To the minute, for people."""
    minutes = round(seconds / MINUTE)
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} days"
    return f"{hours} h {rest} min" if hours else f"{max(minutes, 1)} min"
