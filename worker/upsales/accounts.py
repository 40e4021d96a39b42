"""Binds each connection to the Upsales account that its key belongs to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from threading import Lock

import structlog

from worker.errors import Busy, Failure, Unauthorized, Unavailable, Waiting
from worker.settings import Connection
from worker.store import Store
from worker.store.lanes import accounts, connections
from worker.store.lanes.connections import State
from worker.upsales.client import Upsales
from worker.upsales.clients import Clients
from worker.upsales.whoami import Account

PROBE_FIRST = 5.0
"""Seconds from a rejected key to the first question whether it is accepted again."""

log = structlog.get_logger()


class WrongAccount(Unauthorized):
    """The key is good, and belongs to another account than the connection is bound to."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An account, and Upsales through a key that belongs to it."""

    account: int
    upsales: Upsales


@dataclass(frozen=True, slots=True)
class Binding:
    """A trial with a test account never writes its ids into production."""

    store: Store
    clients: Clients
    asking: defaultdict[str, Lock] = field(default_factory=lambda: defaultdict(Lock))

    def of(self, connection: Connection, state: State | None = None) -> Bound:
        """Raises Unauthorized when there is no key, or not one of the bound account; what `GET /self` raises.

        `state`: the connection as it was just read.
        """
        bound = self._known(connection, state or self._state(connection))
        if bound is not None:
            return bound
        with self.asking[connection.name]:
            # Whoever asked before us has learnt it for all.
            state = self._state(connection)
            bound = self._known(connection, state)
            if bound is None and state.broken_for > 0:
                raise Busy("Upsales does not answer this connection", seconds=state.broken_for)
            return bound or self._asked(connection, self.clients.of(connection))

    def _known(self, connection: Connection, state: State) -> Bound | None:
        """None for a new key; or when the breaker was open: nothing but `GET /self` is asked before Upsales answers again."""
        upsales = self.clients.of(connection)
        if state.fingerprint not in (None, upsales.fingerprint):
            # Another process has heard of a newer key, or not yet of ours.
            upsales = self.clients.of(connection, afresh=True)
        budget, account = upsales.http.budget, state.account
        if state.fingerprint == upsales.fingerprint and account is not None:
            budget.account = account
        if account is None or account != budget.account or state.breaks:
            return None
        return Bound(account, upsales)

    def fingerprint(self, connection: Connection) -> str:
        """Of the connection's present key; empty when it has none."""
        try:
            return self.clients.of(connection, afresh=True).fingerprint
        except Unauthorized:
            return ""

    def judge(self, connection: Connection, failure: Unauthorized) -> Failure:
        """What a 401 really is: an Unauthorized once `GET /self` rejects the key too, for which the connection is then paused.

        In doubt it is not: then the call is tried again. A Waiting: it could not be asked now. Of many calls that were under way one asks.
        """
        with self.asking[connection.name]:
            if self._state(connection).paused:
                return failure
            key = self.fingerprint(connection)
            if failure.key not in (None, key):
                return Busy(f"{failure}; it has been replaced meanwhile", seconds=0.0)
            proven = isinstance(failure, WrongAccount) or not key
            reason = str(failure) if proven else self._rejected(connection, failure)
            if isinstance(reason, Failure):
                return reason
            if connections.pause(self.store, connection.name, reason, probe_in=PROBE_FIRST, key=key):
                log.error("connection paused", connection=connection.name, reason=reason, key=key)
            return failure

    def probe(self, connection: Connection) -> None:
        """Whether the connection can be resumed: raises what speaks against it."""
        self._asked(connection, self.clients.of(connection))

    def present(self, connection: Connection) -> Account:
        """Whose the connection's present key is, whatever it is bound to. Raises what `GET /self` raises."""
        return self.clients.of(connection, afresh=True).whoami()

    def owner(self, connection: Connection, key: str) -> Account:
        """Whose a key is that the connection may get. Raises WrongAccount, and what `GET /self` raises."""
        upsales = self.clients.with_key(connection, key)
        try:
            account = upsales.whoami()
        finally:
            upsales.close()
        refuse_another(self._state(connection), account)
        return account

    def _rejected(self, connection: Connection, failure: Unauthorized) -> str | Failure:
        """Why the key is not accepted; or what the 401 counts as, as long as nothing says that it isn't."""
        try:
            self._asked(connection, self.clients.of(connection))
        except Unauthorized as error:
            return str(error)
        except Waiting as waiting:
            return waiting
        except Failure as error:
            return Unavailable(f"{failure}, and GET /self does not tell why: {error}")
        return Unavailable(f"{failure}, though GET /self does")

    def _asked(self, connection: Connection, upsales: Upsales) -> Bound:
        account = upsales.whoami()
        if not self._bind(connection, account, upsales.fingerprint):
            raise _wrong(self._state(connection), account)
        upsales.http.budget.account = account.id
        return Bound(account.id, upsales)

    def _state(self, connection: Connection) -> State:
        with self.store.read() as conn:
            return connections.get(conn, connection.name)

    def _bind(self, connection: Connection, account: Account, fingerprint: str) -> bool:
        return accounts.bind(
            self.store,
            connection.name,
            account=account.id,
            account_name=account.name,
            user_id=account.user_id,
            user_name=account.user_name,
            fingerprint=fingerprint,
        )


def refuse_another(state: State, account: Account) -> None:
    """Raises WrongAccount when the connection is bound to another account."""
    if state.account not in (None, account.id):
        raise _wrong(state, account)


def _wrong(state: State, account: Account) -> WrongAccount:
    return WrongAccount(
        f"the key belongs to account {account.id} ({account.name}), {state.name} is bound to"
        f" {state.account} ({state.account_name}): set the right key, or `relay connections rebind {state.name}`"
    )
