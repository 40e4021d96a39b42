"""Makes the custom fields that carry the marker, for a connection whose account lacks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.admin.parts import Parts
from worker.admin.pausing import about
from worker.admin.refusals import Conflict, NotNow
from worker.admin.standing import configured
from worker.errors import ConfigError, Failure, Unauthorized
from worker.plan import Resource
from worker.store.ledger import marker_fields
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.upsales.accounts import Bound
from worker.upsales.marker_fields import MarkerFields, marked


@dataclass(frozen=True, slots=True)
class Mark:
    """The custom field of one resource. `state`: there, missing, making, or unknown: nobody has looked yet."""

    resource: Resource
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """`audit`: None where all of them were there."""

    marks: Sequence[Mark]
    audit: int | None


def make_marks(parts: Parts, actor: Actor, name: str, why: str | None) -> Made:
    """Recorded before anything is made: the effect is in Upsales. Doing it twice makes nothing twice. Raises Refusal."""
    connection = configured(parts, name)
    resources = marked(connection.makes)
    try:
        bound = parts.runtime.binding.of(connection)
        absent = [each for each in resources if not _there(parts, bound, each)]
    except Unauthorized as error:
        raise Conflict(str(error)) from None
    except (Failure, ConfigError) as error:
        raise NotNow(str(error)) from None
    if not absent:
        return Made([Mark(each, "there") for each in resources], None)
    with parts.store.write() as conn:
        done = audit.record(conn, actor, "make-marks", about(name), why=why)
    stopped = _make(parts, bound, absent)
    with parts.store.write() as conn:
        known = marker_fields.known(conn, bound.account, parts.settings.upsales.external_id)
        found = [mark(each, known.get(each)) for each in resources]
        audit.ended(conn, done, _told([each for each in found if each.resource in absent], stopped))
    return Made(found, done)


def mark(resource: Resource, state: marker_fields.FieldState | None) -> Mark:
    return Mark(resource, "unknown") if state is None else Mark(resource, state.state, state.lacking)


def _there(parts: Parts, bound: Bound, resource: Resource) -> bool:
    """What is found is kept, for the workers and for metrics."""
    there = bound.upsales.has_custom_field(resource, bound.upsales.external_id_alias)
    _fields(parts).looked(bound.account, resource, there=there)
    return there


def _make(parts: Parts, bound: Bound, resources: Sequence[Resource]) -> Failure | None:
    """What kept it from going on."""
    for each in resources:
        try:
            _fields(parts).settle(bound.account, each, bound.upsales, again_after=0.0, make=True)
        except Failure as failure:
            return failure
    return None


def _fields(parts: Parts) -> MarkerFields:
    return MarkerFields(parts.store, parts.settings.upsales)


def _told(found: Sequence[Mark], stopped: Failure | None) -> str:
    made = [each.resource for each in found if each.state == "there"]
    refused = [f"{each.resource}: {each.reason or each.state}" for each in found if each.state != "there"]
    told = [f"made for {', '.join(made)}"] if made else []
    return "; ".join([*told, *refused, *([str(stopped)] if stopped else [])])
