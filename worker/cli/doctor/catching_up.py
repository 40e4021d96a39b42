"""Judges how far a connection has caught up with what changed at its sender. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from worker.cli.doctor.facts import ConnectionFacts, Token, Unknown
from worker.cli.doctor.findings import Finding, Level, not_checked
from worker.cli.doctor.installation import span
from worker.cli.selection import number
from worker.errors import SourceForbidden
from worker.instruments.catching_up import listed
from worker.store.sources.cursors import Progress

LATE = 3
"""Periods."""
SLACK = 120.0
TOLD_FOR = 7 * 86400.0
"""Seconds for which changes that were lost are told of."""


def catch_up(found: ConnectionFacts) -> Iterator[Finding]:
    """Nothing where it is switched off, or its connector lists nothing."""
    what, period = f"{found.name}: catch-up", found.connection.catch_up
    kinds = listed(found.connection)
    if period is None or not kinds:
        return
    if _tokenless(found):
        yield Finding(what, "fine", "without a token nothing is read: its webhooks alone tell what has changed")
        return
    if isinstance(found.catching_up, Unknown):
        yield not_checked(what, found.catching_up.why)
        return
    known = {each.kind: each for each in found.catching_up}
    for kind in kinds:
        if kind in known:
            yield from _list(f"{what} of {kind}", known[kind], period)
        else:
            yield Finding(f"{what} of {kind}", "look", "nothing was read yet: does a worker run?")


def _tokenless(found: ConnectionFacts) -> bool:
    source, token = found.connection.connector.source, found.token
    return (
        source is not None
        and source.unread
        and isinstance(token, Token)
        and token.fingerprint is None
        and not token.problem
    )


def _list(what: str, each: Progress, period: float) -> Iterator[Finding]:
    if each.failing:
        level: Level = "wrong" if each.failing_code == SourceForbidden.code else "look"
        says = (
            f"{each.failing}; it is tried again by itself, or now with `relay connections catch-up {each.connection}`"
        )
        yield Finding(what, level, f"not read for {span(each.failing_for)}: {says}")
    elif each.age > LATE * period + SLACK:
        yield Finding(what, "look", f"all that changed was last read {span(each.age)} ago: does a worker run?")
    else:
        known = f"{number(each.brought, 'event')} brought, {each.duplicates} known already"
        yield Finding(what, "fine", f"all that changed was last read {span(each.age)} ago; {known}")
    if each.lost_from and each.lost_until and each.lost_for is not None and each.lost_for < TOLD_FOR:
        between = f"between {each.lost_from:%Y-%m-%d %H:%M} and {each.lost_until:%Y-%m-%d %H:%M} UTC"
        says = f"what changed {between} is lost: the sender told no more of it; a backfill reads what there is"
        yield Finding(f"{what} lost", "look", says)
