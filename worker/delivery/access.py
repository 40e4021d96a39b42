"""Opens Upsales and the ledger for a claim, or for a second look at a call."""

from __future__ import annotations

from dataclasses import replace

from worker.delivery.outlook import Outlooks
from worker.settings import Connection, Settings
from worker.store import Store
from worker.store.lanes.lanes import Claim, Fence
from worker.store.ledger import rechecks
from worker.store.ledger.ledger import SqlLedger
from worker.sync.context import Access, Timing
from worker.upsales import Upsales
from worker.upsales.accounts import Binding, WrongAccount


def timing_of(settings: Settings) -> Timing:
    upsales = settings.upsales
    return Timing(
        search_lag=upsales.search_lag,
        settled_after=upsales.settled_after,
        call_timeout=upsales.call_timeout,
        give_up=settings.delivery.give_up,
    )


class AccessFactory:
    """Safe to share between threads."""

    def __init__(self, store: Store, settings: Settings, binding: Binding) -> None:
        self._store = store
        self._connections = settings.connections
        self._binding = binding
        self._timing = timing_of(settings)
        self._outlooks = Outlooks(store, settings.delivery.give_up)

    def for_claim(self, connection: Connection, claim: Claim) -> Access:
        """Raises Unauthorized when the key may not be used."""
        bound = self._binding.of(connection, claim.state)
        replayed = any(event.replay for event in claim.events)
        urgent = any(event.priority for event in claim.events)
        upsales = bound.upsales.on_behalf(claim.events[-1].id, notify=not replayed, leading=True, priority=urgent)
        access = self._access(upsales, bound.account, claim.fence)
        return replace(access, outlook=self._outlooks.of(connection, claim))

    def for_recheck(self, due: rechecks.Due, fence: Fence) -> Access:
        """Raises Unauthorized when the key is of another account than the call was made in."""
        bound = self._binding.of(self._connections[due.connection])
        if bound.account != due.account:
            raise WrongAccount(f"the call was made in account {due.account}, the key is of {bound.account}")
        return self._access(bound.upsales.on_behalf(due.recheck.event, notify=False), bound.account, fence)

    def _access(self, upsales: Upsales, account: int, fence: Fence) -> Access:
        timing = self._timing
        ledger = SqlLedger(
            self._store,
            fence,
            account=account,
            fingerprint=upsales.fingerprint,
            event=upsales.event,
            settled_after=timing.settled_after,
        )
        return Access(upsales, ledger, timing, lambda: upsales.heard.answered)
