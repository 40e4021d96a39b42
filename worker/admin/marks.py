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
from worker.settings import Upsales as UpsalesSettings
from worker.store import Store
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
    """Doing it twice makes nothing twice. Raises Refusal."""
    connection, settings = configured(parts, name), parts.settings.upsales
    resources = marked(connection.makes)
    try:
        bound = parts.runtime.binding.of(connection)
        absent = [each for each in resources if not is_there(parts.store, settings, bound, each)]
    except Unauthorized as error:
        raise Conflict(str(error)) from None
    except (Failure, ConfigError) as error:
        raise NotNow(str(error)) from None
    if not absent:
        return Made([Mark(each, "there") for each in resources], None)
    done, _ = make_absent(parts.store, settings, actor, name, bound, absent, why)
    with parts.store.read() as conn:
        known = marker_fields.known(conn, bound.account, settings.external_id)
    return Made([mark(each, known.get(each)) for each in resources], done)


def make_absent(
    store: Store,
    settings: UpsalesSettings,
    actor: Actor,
    name: str,
    bound: Bound,
    absent: Sequence[Resource],
    why: str | None = None,
) -> tuple[int, Failure | None]:
    """Recorded before anything is made, because the effect is in Upsales. Answers what kept it from going on, too."""
    with store.write() as conn:
        done = audit.record(conn, actor, "make-marks", about(name), why=why)
    stopped = _make(MarkerFields(store, settings), bound, absent)
    with store.write() as conn:
        known = marker_fields.known(conn, bound.account, settings.external_id)
        audit.ended(conn, done, _told([mark(each, known.get(each)) for each in absent], stopped))
    return done, stopped


def is_there(store: Store, settings: UpsalesSettings, bound: Bound, resource: Resource) -> bool:
    """What is found is kept, for the workers and for metrics."""
    there = bound.upsales.has_custom_field(resource, bound.upsales.external_id_alias)
    MarkerFields(store, settings).looked(bound.account, resource, there=there)
    return there


def mark(resource: Resource, state: marker_fields.FieldState | None) -> Mark:
    return Mark(resource, "unknown") if state is None else Mark(resource, state.state, state.lacking)


def _make(fields: MarkerFields, bound: Bound, resources: Sequence[Resource]) -> Failure | None:
    """What kept it from going on."""
    for each in resources:
        try:
            fields.settle(bound.account, each, bound.upsales, again_after=0.0, make=True)
        except Failure as failure:
            return failure
    return None


def _told(found: Sequence[Mark], stopped: Failure | None) -> str:
    made = [each.resource for each in found if each.state == "there"]
    refused = [f"{each.resource}: {each.reason or each.state}" for each in found if each.state != "there"]
    told = [f"made for {', '.join(made)}"] if made else []
    return "; ".join([*told, *refused, *([str(stopped)] if stopped else [])])
