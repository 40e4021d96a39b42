"""Checks whether an Upsales account fits a connection's settings.

It compares the clock, the fields for external ids, and the users, stages and products that the settings name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

from worker.cli.context import Installation
from worker.cli.selection import number
from worker.errors import OutcomeUnknown, Refused, Rejected, RelayError
from worker.plan import RESOURCES, ActivityType, Product, Reference, Resource, User
from worker.sdk.mapping.values import stage
from worker.settings import Connection
from worker.store.events import events, replay_rate
from worker.store.lanes import backlog, connections, lanes
from worker.store.lanes.connections import State
from worker.store.ledger import marker_fields
from worker.upsales import Account, Upsales
from worker.upsales.marker_fields import MarkerFields, marked


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    state: Literal["good", "look", "wrong"]
    says: str


CLOCK_LOOK, CLOCK_WRONG = 5.0, 60.0

Named = Callable[[str], Reference]


def _activity_type(kind: Literal["activity", "appointment"]) -> Named:
    return lambda text: ActivityType(kind, text)


# Connectors call what they need in Upsales by these names; of a table of settings, its values.
KINDS: tuple[tuple[re.Pattern[str], Named], ...] = (
    (re.compile(r"owners?"), User),
    (re.compile(r"stages?|stage_\w+|\w+_stage"), stage),
    (re.compile(r"products?|\w+_product"), Product),
    (re.compile(r"activity_type"), _activity_type("activity")),
    (re.compile(r"appointment_type"), _activity_type("appointment")),
)


def clock(connection: str, account: Account, now: datetime) -> Finding:
    if account.server_date is None:
        return Finding(f"{connection}: clock", "look", "Upsales told no time to compare with")
    ahead = (now.astimezone(UTC) - account.server_date).total_seconds()
    state: Literal["good", "look", "wrong"] = "good"
    if abs(ahead) > CLOCK_LOOK:
        state = "wrong" if abs(ahead) > CLOCK_WRONG else "look"
    says = (
        "as Upsales's"
        if state == "good"
        else f"this machine's is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Upsales's"
    )
    return Finding(f"{connection}: clock", state, says)


MISSING = "missing: a create without an answer is found by natural keys only"


def external_ids(
    installation: Installation, connection: Connection, account: int, upsales: Upsales, *, fix: bool
) -> Iterator[Finding]:
    """A create whose answer was lost is found by the id in this field. What is found is kept, for the workers and for metrics."""
    fields, alias = MarkerFields(installation.store, installation.live_settings.upsales), upsales.external_id_alias
    for resource in marked(connection.makes):
        what = _field(connection, resource, alias)
        there = upsales.has_custom_field(resource, alias)
        fields.looked(account, resource, there=there)
        if not there and fix:
            fields.settle(account, resource, upsales, again_after=0.0, make=True)
            with installation.store.read() as conn:
                state = marker_fields.known(conn, account, alias).get(resource)
            if state is not None and state.state == "there":
                yield Finding(what, "good", f"made: field {upsales.custom_field(resource, alias).id}")
            else:
                reason = state.reason if state is not None else None
                yield Finding(what, "look", f"{MISSING}; {reason or 'another process is making it now'}")
        else:
            yield _looked(what, there=there)


def external_ids_unkept(connection: Connection, upsales: Upsales, *, fix: bool) -> Iterator[Finding]:
    """The same, where there is nowhere to keep what is found."""
    alias = upsales.external_id_alias
    for resource in marked(connection.makes):
        what = _field(connection, resource, alias)
        there = upsales.has_custom_field(resource, alias)
        try:
            yield (
                _looked(what, there=there)
                if there or not fix
                else Finding(what, "good", f"made: field {upsales.ensure_custom_field(resource, alias)}")
            )
        except (Refused, OutcomeUnknown) as error:
            yield Finding(what, "look", f"{MISSING}; {error}")


def _field(connection: Connection, resource: str, alias: str) -> str:
    return f"{connection.name}: custom field {alias} of {resource}"


def _looked(what: str, *, there: bool) -> Finding:
    if there:
        return Finding(what, "good", "there")
    return Finding(what, "look", f"{MISSING}; `relay doctor --fix` makes it")


def named(connection: Connection, upsales: Upsales) -> Iterator[Finding]:
    """Users, stages, types and products that the connection's settings name."""
    for setting, reference in references(connection.settings):
        what = f"{connection.name}: {setting}"
        try:
            yield Finding(what, "good", f"id {upsales.resolve(reference)}")
        except Rejected as error:
            yield Finding(what, "wrong", str(error))
        except RelayError as error:
            yield Finding(what, "look", f"could not be asked: {error}")


def custom_fields(connection: Connection, upsales: Upsales) -> Iterator[Finding]:
    """Custom fields that settings name by their alias here."""
    named = list(_aliases(connection.settings))
    if upsales.org_no_alias is not None:
        named.append(("[upsales] org_no", "account", upsales.org_no_alias))
    for setting, resource, alias in named:
        what = f"{connection.name}: {setting} = {alias}"
        try:
            field = upsales.custom_field(resource, alias)
            yield Finding(
                what, "good", f"field {field.id} of {resource}" + (f", {field.datatype}" * bool(field.datatype))
            )
        except Rejected as error:
            yield Finding(what, "wrong", str(error))
        except RelayError as error:
            yield Finding(what, "look", f"could not be asked: {error}")


# Settings that map to custom fields: `client.11 = INDUSTRY`, and `q1 = contact.SHOE_SIZE`.
FIELD_SETTINGS = ("custom_fields", "fields")
SENDERS_WORDS: Mapping[str, Resource] = {"client": "account", "company": "account", "deal": "order"}


def _aliases(settings: Any) -> Iterator[tuple[str, Resource, str]]:
    """By setting, the resource and the alias that it names."""
    for name in FIELD_SETTINGS:
        for there, here in getattr(settings, name, {}).items():
            kind, dot, alias = here.partition(".") if "." in here else (*there.partition(".")[:2], here)
            resource = SENDERS_WORDS.get(kind) or next((each for each in RESOURCES if each == kind), None)
            if dot and resource is not None:
                yield f"{name} {there}", resource, alias


def references(settings: Any) -> Iterator[tuple[str, Reference]]:
    """By setting: `owner = asa@example.com`."""
    for each in fields(settings):
        kind = next((of for pattern, of in KINDS if pattern.fullmatch(each.name)), None)
        if kind is None:
            continue
        for text in _texts(getattr(settings, each.name)):
            yield f"{each.name} = {text}", kind(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from dict.fromkeys(text for text in value.values() if isinstance(text, str))
    elif isinstance(value, str):
        yield value


UNTOUCHED = 60.0


def standstill(state: State) -> str | None:
    """What keeps the connection from delivering."""
    if state.paused or state.runs:
        return state.reason
    return f"Upsales did not answer several things in a row; it is asked again in {state.broken_for:.0f} s"


LEFT_OVER = "it is not in the settings: was it renamed? Then give it its old name back; its records belong to that name"


def left_over(installation: Installation) -> list[State]:
    """The connections that the database knows and the settings no longer do."""
    known = {*installation.settings.connections, *installation.settings.misconfigured}
    with installation.store.read() as conn:
        return [state for state in connections.every(conn) if state.name not in known]


def moving(installation: Installation, name: str) -> str | Finding:
    what = f"{name}: deliveries"
    with installation.store.read() as conn:
        state = connections.get(conn, name)
        due, worked_on = backlog.lanes_due(conn, name), lanes.owned(conn, name)
        oldest, parked = events.oldest_pending(conn).get(name, 0.0), replay_rate.parked(conn, name)
    if state.paused:
        return Finding(what, "wrong", f"paused: {standstill(state)}; `relay connections list` tells since when")
    if not state.runs:
        return Finding(what, "look", f"stopped: {standstill(state)}")
    if due and not worked_on and oldest > UNTOUCHED:
        subjects = f"{number(due, 'subject')} {'is' if due == 1 else 'are'} due"
        says = f"{subjects}, the oldest event came in {oldest:.0f} s ago, and no worker has one: does one run?"
        return Finding(what, "look", says)
    live = f"going on; the oldest event that waits came in {oldest:.0f} s ago" if oldest else "nothing waits"
    if not parked:
        return live
    return f"{live}; replays of {number(parked, 'subject')} wait for their turn"
