"""Judges one connection: secrets, key, refusals, what waits, its sender. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from worker.admin.standstill import standstill
from worker.alerts.findings import SOON
from worker.cli.doctor.catching_up import catch_up
from worker.cli.doctor.facts import ConnectionFacts, Facts, Lanes, Secret, Unknown
from worker.cli.doctor.findings import Finding, Level, not_checked
from worker.cli.doctor.installation import span
from worker.cli.doctor.stream import stream
from worker.cli.selection import number
from worker.instruments.listening import is_listened_to
from worker.instruments.outcomes import ACCEPTED, Refused
from worker.instruments.tokens import Ends
from worker.sdk.signatures import signs_url
from worker.settings.variables import variables_of
from worker.store.lanes.accounts import UNFINISHED
from worker.store.lanes.connections import State

UNUSED = timedelta(days=7)
SHORTEST = 12
"""Of a signing secret, without what only tells its kind."""
UNTOUCHED = 60.0
REFUSED: Mapping[Refused, str] = {
    "unprocessable": "had something wrong in them: `relay send` shows what a sample is answered",
    "unreadable": "could not be read as the connector reads them: does the sender send JSON?",
    "too_large": "were larger than body_limit of the connection",
    "refused": "could not be stored: the receiver's log says why",
    "unavailable": "found no database that takes them; their senders send again",
}
"""What was the matter with requests, by their outcome."""


def connection(facts: Facts, found: ConnectionFacts) -> Iterator[Finding]:
    secret = signing_secret(facts.now, found)
    yield secret
    if signs_url(found.connection.connector.signature):
        yield signed_url(facts.public_url, found)
    yield api_key(found)
    yield from token(facts.now, found)
    yield from version(facts.now, found)
    yield from webhooks(found, mended=secret.level != "wrong")
    yield deliveries(found)
    yield from for_people(found)
    yield from silence(found)
    yield from catch_up(found)
    if is_listened_to(found.connection):
        yield from stream(facts.now, found)


def signing_secret(now: datetime, found: ConnectionFacts) -> Finding:
    what = f"{found.name}: signing secret"
    secrets = found.secrets
    if isinstance(secrets, Unknown):
        return not_checked(what, secrets.why)
    if found.secret_problem:
        return Finding(what, "wrong", f"{found.secret_problem}; until then senders get 503")
    if not secrets:
        return _no_secret(what, found)
    if problem := _unfit(found.name, secrets):
        return Finding(what, "wrong", problem)
    if old := out_of_use(now, secrets):
        says = f"{len(secrets)} in force, of which {', '.join(old)} has not been used for {UNUSED.days} days: it can go"
        return Finding(what, "look", says)
    return Finding(what, "fine", f"{len(secrets)} in force")


def _no_secret(what: str, found: ConnectionFacts) -> Finding:
    if not found.connection.connector.signature.needs_secret:
        return Finding(what, "fine", "not needed")
    if is_listened_to(found.connection):
        return Finding(what, "fine", "none, and none is needed: its sender posts nothing")
    variable = variables_of(found.name, "SECRET")[0]
    says = f"missing: set {variable} or `relay keys set {found.name} --secret`; until then senders get 503"
    return Finding(what, "wrong", says)


def _unfit(name: str, secrets: Sequence[Secret]) -> str | None:
    flawed = next((each for each in secrets if each.flaw), None)
    if flawed:
        return f"{flawed.fingerprint} {flawed.flaw}; until then senders that use it get 503"
    short = [each.fingerprint for each in secrets if each.length < SHORTEST]
    if short:
        return (
            f"{', '.join(short)} has fewer than {SHORTEST} characters, it can be guessed:"
            f" make another at the sender, or with `relay keys rotate {name} --secret --generate`"
        )
    return None


def out_of_use(now: datetime, secrets: Sequence[Secret]) -> list[str]:
    """Fingerprints of secrets that a sender stopped using, while it uses another one."""
    used = {each.fingerprint for each in secrets if each.used is not None and each.used > now - UNUSED}
    return [each.fingerprint for each in secrets if each.fingerprint not in used] if used else []


def signed_url(public_url: str | None, found: ConnectionFacts) -> Finding:
    what = f"{found.name}: signed URL"
    counts = {} if isinstance(found.answered, Unknown) else found.answered
    if wrong := counts.get("wrong_url", 0):
        says = (
            f"{number(wrong, 'request')} of the last hour had the right secret, and another URL than was signed:"
            f" set RELAY_PUBLIC_URL to what the sender calls{f', it is {public_url}' if public_url else ''};"
            " the log's hint tells whether host or path"
        )
        return Finding(what, "wrong", says)
    if public_url is not None:
        return Finding(what, "fine", f"its sender has to call {public_url}, letter for letter")
    if counts.get("accepted", 0):
        return Finding(
            what, "fine", "its sender signs the URL that it calls, and its requests are accepted as they come in"
        )
    says = "its sender signs the URL that it calls: behind a proxy set RELAY_PUBLIC_URL, or each request gets 401"
    return Finding(what, "look", says)


def api_key(found: ConnectionFacts) -> Finding:
    what = f"{found.name}: API key"
    if isinstance(found.key, Unknown):
        return not_checked(what, found.key.why)
    if found.key is None:
        return Finding(what, "wrong", found.key_problem)
    return Finding(what, "fine", f"fingerprint {found.key}")


def token(now: datetime, found: ConnectionFacts) -> Iterator[Finding]:
    """Nothing where its sender is not read."""
    what, told = f"{found.name}: token", found.token
    if told is None:
        return
    if isinstance(told, Unknown):
        yield not_checked(what, told.why)
    elif told.problem:
        yield Finding(what, "wrong", f"{told.problem}; until then its events wait")
    elif told.fingerprint is None:
        yield Finding(what, "fine", "there is none: what its webhooks tell alone counts")
    elif told.ends is None:
        yield Finding(what, "fine", f"fingerprint {told.fingerprint}; when it ends is unknown")
    else:
        yield _token_ends(what, now, told.fingerprint, told.ends)


def _token_ends(what: str, now: datetime, fingerprint: str, ends: Ends) -> Finding:
    left = (ends.at - now).total_seconds()
    if left <= 0:
        return Finding(what, "wrong", f"what its sender is read with ended on {ends.at:%Y-%m-%d}: {ends.cure}")
    says = f"what its sender is read with ends on {ends.at:%Y-%m-%d}, in {span(left)}"
    if left <= SOON:
        return Finding(what, "look", f"{says}: {ends.cure}")
    return Finding(what, "fine", f"fingerprint {fingerprint}; {says}")


def version(now: datetime, found: ConnectionFacts) -> Iterator[Finding]:
    """Of its sender's API. Nothing where versions of it don't end, or the connection's is new enough."""
    source = found.connection.connector.source
    old = source.outdated(found.connection.settings, now.date()) if source and source.outdated else None
    if old:
        yield Finding(f"{found.name}: version of its sender's API", "look", old)


def webhooks(found: ConnectionFacts, *, mended: bool) -> Iterator[Finding]:
    """`mended`: its signing secret can be used now."""
    what = f"{found.name}: webhooks"
    counts = found.answered
    if isinstance(counts, Unknown):
        yield not_checked(what, counts.why)
        return
    accepted = sum(counts.get(outcome, 0) for outcome in ACCEPTED)
    yield Finding(what, "fine", f"{number(accepted, 'request')} accepted in the last hour")
    if unproved := counts.get("unauthorized", 0):
        yield _unauthorized(found.name, unproved, accepted)
    if misconfigured := counts.get("misconfigured", 0):
        says = (
            f"{number(misconfigured, 'request')} of the last hour got 503: its secret was missing or could not be used"
        )
        level: Level = "look" if mended else "wrong"
        says += "; it can be now, and senders send again" if mended else "; senders send again once it can be"
        yield Finding(f"{what} misconfigured", level, says)
    for outcome, reason in REFUSED.items():
        if count := counts.get(outcome, 0):
            yield Finding(f"{what} {outcome}", "look", f"{number(count, 'request')} of the last hour {reason}")


def _unauthorized(name: str, count: int, accepted: int) -> Finding:
    """A stranger may send them; where nobody gets in it is hardly one."""
    says = f"{number(count, 'request')} of the last hour got 401: signed with another secret, or not at all"
    if accepted:
        return Finding(f"{name}: webhooks unauthorized", "look", f"{says}; others were accepted")
    says = (
        f"{says}, and none was accepted: compare the secret with the sender's (`relay keys list` has its fingerprint)"
    )
    return Finding(f"{name}: webhooks unauthorized", "wrong", says)


def deliveries(found: ConnectionFacts) -> Finding:
    what = f"{found.name}: deliveries"
    if isinstance(found.state, Unknown):
        return not_checked(what, found.state.why)
    if isinstance(found.lanes, Unknown):
        return not_checked(what, found.lanes.why)
    return _moving(what, found.state, found.lanes)


def _moving(what: str, state: State, lanes: Lanes) -> Finding:
    if state.paused:
        return Finding(what, "wrong", f"paused: {standstill(state)}{_ends(state)}")
    if not state.runs:
        return Finding(what, "look", f"stopped: {standstill(state)}")
    if lanes.due and not lanes.worked_on and lanes.oldest > UNTOUCHED:
        subjects = f"{number(lanes.due, 'subject')} {'is' if lanes.due == 1 else 'are'} due"
        says = f"{subjects}, the oldest event came in {lanes.oldest:.0f} s ago, and no worker has one: does one run?"
        return Finding(what, "look", says)
    live = (
        f"going on; the oldest event that waits came in {lanes.oldest:.0f} s ago" if lanes.oldest else "nothing waits"
    )
    if lanes.parked:
        live = f"{live}; {number(lanes.parked, 'replay')} to come, each in its turn"
    return Finding(what, "fine", live)


def _ends(state: State) -> str:
    if state.probe_at is not None:
        return "; `relay connections list` tells since when"
    # Nothing but a person ends these pauses, and one of them says itself how.
    unfinished = state.reason == UNFINISHED.format(state.name)
    return "" if unfinished else f"; only `relay connections resume {state.name}` ends it"


def for_people(found: ConnectionFacts) -> Iterator[Finding]:
    """What no machine goes on with. Nothing where nobody knows: `deliveries` says so already."""
    if isinstance(found.lanes, Unknown):
        return
    if dead := found.lanes.dead:
        says = f"{number(dead, 'event')} {'was' if dead == 1 else 'were'} not delivered and {'needs' if dead == 1 else 'need'} a person"
        yield Finding(
            f"{found.name}: dead letters", "look", f"{says}: `relay dead list --connection {found.name}` tells why"
        )
    if held := found.lanes.held.lanes:
        says = (
            f"a person holds {number(held, 'subject')} back, the longest for {found.lanes.held.longest / 60:.0f} min:"
            " release them in the console when it is time"
        )
        yield Finding(f"{found.name}: held back", "look", says)
    if review := found.lanes.review:
        says = f"{number(review, 'event')} {'waits' if review == 1 else 'wait'} for a person's decision"
        yield Finding(
            f"{found.name}: review", "look", f"{says}: `relay review list --connection {found.name}` tells why"
        )


def silence(found: ConnectionFacts) -> Iterator[Finding]:
    """By its sender's own rhythm, as the metrics tell it. Nothing where none is known yet."""
    what, told = f"{found.name}: sender", found.silence
    if isinstance(told, Unknown):
        yield not_checked(what, told.why)
    elif told.silent and told.quiet is not None and told.limit is not None:
        says = f"silent: its last event came {span(told.quiet)} ago, and by its own rhythm it may be quiet for {span(told.limit)}"
        yield Finding(
            what, "look", f"{says}. Does the sender still have its webhook? Many switch one off after failures"
        )
