"""Judges what Upsales said, or why it said nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from worker.cli.doctor.facts import Asked, ConnectionFacts, Facts, Item, Place
from worker.cli.doctor.findings import Finding, Level, not_checked
from worker.errors import Rejected, RelayError, Unauthorized, Unavailable, Waiting
from worker.settings.variables import variables_of
from worker.store import StoreUnavailable
from worker.upsales import Account
from worker.upsales.accounts import WrongAccount

CLOCK_LOOK, CLOCK_WRONG = 5.0, 60.0
SLOW = "Upsales took too long to answer"


def upsales(facts: Facts) -> Iterator[Finding]:
    """One finding about the address, for all connections."""
    asked = [each.asked for each in facts.connections if each.asked is not None]
    if not asked:
        return
    away = [each for each in asked if each.account is None and _is_away(each)]
    if away and len(away) == len(asked):
        yield Finding("Upsales", "wrong", _unreachable(away[0], facts.upsales, demo=facts.demo and facts.up is None))
    elif away:
        says = f"{len(away)} of {len(asked)} keys got no answer at {facts.upsales}; others did: it is slow, or just came back"
        yield Finding("Upsales", "look", says)
    elif any(each.account is not None or isinstance(each.failure, Unauthorized) for each in asked):
        yield Finding("Upsales", "fine", f"answers at {facts.upsales}")
    else:
        yield not_checked("Upsales", f"nothing could be asked at {facts.upsales}")


def account(facts: Facts, found: ConnectionFacts) -> Iterator[Finding]:
    """Whose the key is, and each name of the settings."""
    asked = found.asked
    if asked is None:
        return
    what = f"{found.name}: account"
    if asked.account is None:
        yield _no_account(what, found, asked, facts.upsales)
        return
    told = asked.account
    yield Finding(what, "fine", f"{told.id} ({told.name}), as {told.user_name} ({told.user_email})")
    yield clock(found.name, told, asked.at or facts.now)
    if not asked.counted:
        lacks = " and ".join(
            name for name, part in (("database", facts.database), ("Redis", facts.redis)) if not part.reached
        )
        says = f"asked without {lacks}: no call was counted or journalled, and the key is bound to no account yet"
        yield Finding(f"{found.name}: calls", "look", says)
    yield from (item(found.name, each) for each in asked.items)
    if asked.failure is not None or not asked.done:
        why = SLOW if asked.failure is None else _why(asked.failure)
        yield not_checked(f"{found.name}: names in the settings", f"the rest of them: {why}")


def _no_account(what: str, found: ConnectionFacts, asked: Asked, place: Place) -> Finding:
    failure = asked.failure
    match failure:
        case WrongAccount():
            return Finding(what, "wrong", str(failure))
        case Unauthorized():
            return Finding(what, "wrong", f"{failure}; make one in Upsales, then {_put(found)}")
        case None:
            return not_checked(what, f"{SLOW} at {place}")
        case Waiting() | Unavailable() | StoreUnavailable():
            return not_checked(what, _why(failure))
    return Finding(what, "wrong", f"{failure}; it was asked at {place}")


def _put(found: ConnectionFacts) -> str:
    """How a new key takes the place of the old one: what the environment has comes before what is stored."""
    variable, file = variables_of(found.name, "API_KEY")
    match found.key_source:
        case "file":
            return f"put it into the file that {file} names: it is read within a second"
        case "environment":
            return f"put it into {variable} and restart the workers"
    return f"`relay keys set {found.name}`"


def item(name: str, found: Item) -> Finding:
    what = f"{name}: {found.what}"
    match found.failure:
        case None:
            return Finding(what, "look" if found.missing else "fine", found.says)
        case Rejected():
            return Finding(what, "wrong", str(found.failure))
        case failure:
            return not_checked(what, _why(failure))


def clock(name: str, told: Account, now: datetime) -> Finding:
    what = f"{name}: clock"
    if told.server_date is None:
        return not_checked(what, "Upsales told no time to compare with")
    ahead = (now.astimezone(UTC) - told.server_date).total_seconds()
    level: Level = "wrong" if abs(ahead) > CLOCK_WRONG else "look" if abs(ahead) > CLOCK_LOOK else "fine"
    says = "as Upsales's"
    if level != "fine":
        says = f"this machine's is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Upsales's: set it by NTP"
    return Finding(what, level, says)


def _is_away(asked: Asked) -> bool:
    return asked.failure is None or isinstance(asked.failure, Unavailable)


def _unreachable(asked: Asked, place: Place, *, demo: bool) -> str:
    remedy = "start `relay demo`" if demo else "is the address right, and may this machine call out?"
    failure = asked.failure
    if isinstance(failure, Unavailable) and failure.status is not None:
        return f"what answers at {place} does not answer as Upsales does: {failure}"
    return f"it can't be reached at {place}: {failure or 'no answer in time'}; {remedy}"


def _why(failure: RelayError) -> str:
    return f"{failure}; ask again in {failure.seconds:.0f} s" if isinstance(failure, Waiting) else str(failure)
