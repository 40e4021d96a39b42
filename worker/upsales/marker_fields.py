"""Makes the custom fields that carry the marker, before a connection makes a record."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

import structlog

from worker.errors import Busy, Failure, OutcomeUnknown, Stopping, Throttled, Unauthorized, Unavailable
from worker.plan import Resource
from worker.settings import Connection
from worker.settings import Upsales as UpsalesSettings
from worker.store import Store
from worker.store.ledger import marker_fields
from worker.store.ledger.marker_fields import FieldState, MarkerField
from worker.upsales.client import Upsales
from worker.upsales.endpoints import ENDPOINTS

LOOK_AGAIN = 3600.0
"""Seconds after which a field that is missing is looked for again: a person may have made room for it."""
SOON = 60.0
CALLS = 3
"""Of the making of one field: a look, the making, a second look."""

log = structlog.get_logger()


def marked(resources: Iterable[Resource]) -> list[Resource]:
    """Those that carry the marker in a custom field."""
    return sorted(each for each in resources if ENDPOINTS[each].custom is not None)


@dataclass(frozen=True, slots=True)
class MarkerFields:
    """Nothing stops where Upsales refuses a field: creates then go without a marker, which is kept and told.

    Safe to share between threads. `calm_until`: by account and resources, when the database is asked again.
    """

    store: Store
    settings: UpsalesSettings
    monotonic: Callable[[], float] = time.monotonic
    calm_until: dict[tuple[int, tuple[Resource, ...]], float] = field(default_factory=dict)
    asking: defaultdict[int, Lock] = field(default_factory=lambda: defaultdict(Lock))

    def ensure(self, connection: Connection, account: int, upsales: Upsales) -> None:
        """Raises Busy while another process makes them, and Throttled, Stopping and Unauthorized."""
        resources = marked(connection.makes)
        place = (account, tuple(resources))
        with self.asking[account]:
            if self.monotonic() < self.calm_until.get(place, float("-inf")):
                return
            states = self._known(account)
            wanted = [each for each in resources if self._open(states.get(each))]
            for resource in wanted:
                self.settle(account, resource, upsales, again_after=LOOK_AGAIN, make=self.settings.make_fields)
            states = self._known(account) if wanted else states
            self._wait_for_others([state for each, state in states.items() if each in place[1]])
            if wanted:
                _tell(connection, {each: states[each].lacking for each in wanted if each in states})
            calm = all(each in states and states[each].state == "there" for each in resources)
            self.calm_until[place] = self.monotonic() + (LOOK_AGAIN if calm else SOON)

    def settle(self, account: int, resource: Resource, upsales: Upsales, *, again_after: float, make: bool) -> None:
        """Look for a field and make it, unless somebody else does or has done so."""
        place = MarkerField(account, self.settings.external_id, resource)
        given_up = self.settings.settled_after
        if not marker_fields.take(self.store, place, again_after=again_after, given_up_after=given_up):
            return
        try:
            self._settled(place, upsales, make=make)
        except OutcomeUnknown as failure:
            marker_fields.unanswered(self.store, place, str(failure))
        except (Throttled, Stopping, Unauthorized):
            marker_fields.give_back(self.store, place)
            raise
        except Unavailable:
            # A create of this resource asks for the field itself, and waits while Upsales does not tell.
            marker_fields.give_back(self.store, place)
        except Failure as failure:
            marker_fields.missing(self.store, place, str(failure))

    def looked(self, account: int, resource: Resource, *, there: bool) -> None:
        """Keep what was seen in Upsales: a field that is there, or that is there no more."""
        place = MarkerField(account, self.settings.external_id, resource)
        if there:
            marker_fields.there(self.store, place)
        else:
            marker_fields.gone(self.store, place, "it is not there")

    def _settled(self, place: MarkerField, upsales: Upsales, *, make: bool) -> None:
        if not make:
            if upsales.has_custom_field(place.resource, place.alias):
                marker_fields.there(self.store, place)
            else:
                marker_fields.missing(self.store, place, "it is not there, and the setting make_fields is false")
            return
        try:
            upsales.ensure_custom_field(place.resource, place.alias)
        except OutcomeUnknown:
            if not _made(upsales, place):
                raise
        marker_fields.there(self.store, place)

    def _open(self, state: FieldState | None) -> bool:
        if state is None:
            return True
        return state.age >= {"missing": LOOK_AGAIN, "making": self.settings.settled_after}.get(
            state.state, float("inf")
        )

    def _wait_for_others(self, states: Iterable[FieldState]) -> None:
        longest = CALLS * self.settings.call_timeout
        if any(state.state == "making" and state.reason is None and state.age < longest for state in states):
            raise Busy("the custom fields for the marker are being made", seconds=1.0)

    def _known(self, account: int) -> dict[Resource, FieldState]:
        with self.store.read() as conn:
            return dict(marker_fields.known(conn, account, self.settings.external_id))


def _made(upsales: Upsales, place: MarkerField) -> bool:
    """Whether a call without an answer shows already. In doubt it does not."""
    try:
        return upsales.has_custom_field(place.resource, place.alias)
    except Failure:
        return False


def _tell(connection: Connection, lacking: dict[Resource, str | None]) -> None:
    reasons = {resource: reason for resource, reason in lacking.items() if reason is not None}
    if reasons:
        log.warning(
            "no custom field for the marker",
            connection=connection.name,
            resources=sorted(reasons),
            reason=next(iter(reasons.values())),
        )
