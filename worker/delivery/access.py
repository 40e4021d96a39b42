"""Opens what a claim works with: Upsales, the ledger, and the outlook on other events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.delivery.forecast import Forecast
from worker.delivery.lease import LeaseKeeper
from worker.delivery.outlook import ClaimOutlook
from worker.errors import Failure, Unauthorized
from worker.settings import Connection, Settings
from worker.settings.timing import timing_of
from worker.store import Store
from worker.store.lanes import connections
from worker.store.lanes.connections import State
from worker.store.lanes.lanes import Claim, Fence
from worker.store.ledger import rechecks
from worker.store.ledger.ledger import SqlLedger
from worker.sync.adoption import Adoption
from worker.sync.context import NOTHING_WAITS, Access
from worker.sync.ports import Outlook
from worker.upsales import Upsales
from worker.upsales.accounts import Binding, WrongAccount
from worker.upsales.marker_fields import MarkerFields


class AccessFactory:
    """Safe to share between threads."""

    def __init__(self, store: Store, settings: Settings, binding: Binding) -> None:
        self._store = store
        self._connections = settings.connections
        self._binding = binding
        self._marker_fields = MarkerFields(store, settings.upsales)
        self._timing = timing_of(settings)
        self._matching = settings.matching
        self._forecast = Forecast(store)
        self._give_up = settings.delivery.give_up
        self._lease = settings.delivery.lease

    def for_claim(self, connection: Connection, claim: Claim, behind: bool) -> Access:  # noqa: FBT001 - called by its place
        """`behind`: live events go first, and Upsales tells nobody. Raises Unauthorized when the key may not be used."""
        bound = self._binding.of(connection, claim.state)
        self._marker_fields.ensure(connection, bound.account, bound.upsales)
        replayed = any(event.replay for event in claim.events)
        urgent = any(event.priority for event in claim.events)
        keeper = LeaseKeeper(self._store, claim.fence, lease=self._lease, call=self._timing.call_timeout)
        upsales = bound.upsales.on_behalf(
            claim.events[-1].id,
            notify=not (replayed or behind),
            leading=True,
            priority=urgent,
            behind=behind,
            keep_lease=keeper,
        )
        outlook = ClaimOutlook(self._store, self._forecast, connection, claim, self._give_up)
        return self._access(upsales, bound.account, claim.fence, outlook, claim.state.rebound_for, connection.adoption)

    def for_recheck(self, due: rechecks.Due, fence: Fence) -> Access:
        """Through the connection's own key; to look for a create, which takes no write, else through any key of its account.

        Raises the Failure that keeps its own key from being used, or Unauthorized.
        """
        upsales = self._reader(due)
        return self._access(upsales.on_behalf(due.recheck.event, notify=False), due.account, fence)

    def _reader(self, due: rechecks.Due) -> Upsales:
        with self._store.read() as conn:
            states = connections.by_name(conn)
        failure: Failure = Unauthorized(f"no connection has a key of account {due.account} that may be used now")
        for name in self._readers(due, states):
            try:
                bound = self._binding.of(self._connections[name], states.get(name))
            except Failure as error:
                failure = error
                continue
            if bound.account == due.account:
                return bound.upsales
            failure = WrongAccount(f"the call was made in account {due.account}, the key is of {bound.account}")
        raise failure

    def _readers(self, due: rechecks.Due, states: Mapping[str, State]) -> Sequence[str]:
        """The connections whose keys may be used; the call's own first."""
        others = [name for name, state in states.items() if state.account == due.account] if due.recheck.key else []
        names = dict.fromkeys([due.connection, *others])
        return [name for name in names if name in self._connections and states.get(name, State(name=name)).may_read]

    def _access(
        self,
        upsales: Upsales,
        account: int,
        fence: Fence,
        outlook: Outlook = NOTHING_WAITS,
        rebound_for: float | None = None,
        adoption: Adoption | None = None,
    ) -> Access:
        timing = self._timing
        ledger = SqlLedger(
            self._store,
            fence,
            account=account,
            fingerprint=upsales.fingerprint,
            event=upsales.event,
            settled_after=timing.settled_after,
        )
        return Access(
            upsales,
            ledger,
            timing,
            outlook,
            matching=self._matching,
            answered=lambda: upsales.heard.answered,
            spent=lambda: (upsales.heard.calls, len(upsales.heard.written)),
            rebound_for=rebound_for,
            adoption=adoption,
        )
