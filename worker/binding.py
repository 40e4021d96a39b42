"""Which Upsales account a connection writes to: asked of Upsales before a key's first write, and kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

import structlog

from worker.clients import Client, Clients
from worker.errors import Failure, Unauthorized
from worker.settings import Connection
from worker.store import Store, connections
from worker.upsales import Account, Upsales

PROBE_FIRST = 5.0
"""Seconds from a rejected key to the first question whether it is accepted again."""

log = structlog.get_logger()


class WrongAccount(Unauthorized):
    """The key is good, and belongs to another account than the connection is bound to."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The account that a key belongs to, and the line to Upsales that uses this key and no other."""

    account: int
    fingerprint: str
    upsales: Upsales


@dataclass(frozen=True, slots=True)
class Binding:
    """Binds connections to accounts. A trial with a test account never writes its ids into production."""

    store: Store
    clients: Clients
    asking: Lock = field(default_factory=Lock)

    def of(self, connection: Connection) -> Bound:
        """Raises Unauthorized when there is no key, or not one of the bound account; what `GET /self` raises."""
        client = self.clients.of(connection)
        known = self._state(connection)
        if known.account is not None and known.fingerprint == client.fingerprint and not known.breaks:
            self.clients.belongs(client.fingerprint, known.account)
            return Bound(known.account, client.fingerprint, client.upsales)
        # A new key; or the breaker was open, and nothing but this question is asked before Upsales answers again.
        return self._asked(connection, client)

    def fingerprint(self, connection: Connection) -> str:
        """Of the connection's present key; empty when it has none."""
        try:
            return self.clients.of(connection).fingerprint
        except Unauthorized:
            return ""

    def refused(self, connection: Connection, failure: Unauthorized) -> bool:
        """After a call was answered 401: whether `GET /self` rejects the key too; then the connection is paused.

        In doubt it does not: then the call is tried again. Of many calls that were under way one asks.
        """
        with self.asking:
            if self._state(connection).paused:
                return True
            key = self.fingerprint(connection)
            reason = str(failure) if isinstance(failure, WrongAccount) or not key else self._rejected(connection)
            if reason is None:
                return False
            if connections.pause(self.store, connection.name, reason, probe_in=PROBE_FIRST, key=key):
                log.error("connection paused", connection=connection.name, reason=reason, key=key)
            return True

    def probe(self, connection: Connection) -> str | None:
        """Why the connection can't be resumed; None when it can."""
        try:
            self._asked(connection, self.clients.of(connection))
        except Failure as error:
            return str(error)
        return None

    def owner(self, connection: Connection, key: str) -> Account:
        """Whose a key is that the connection may get. Raises WrongAccount, and what `GET /self` raises."""
        account = self.clients.with_key(connection, key).upsales.whoami()
        bound = self._state(connection)
        if bound.account not in (None, account.id):
            raise _wrong(bound, account)
        return account

    def _rejected(self, connection: Connection) -> str | None:
        try:
            self._asked(connection, self.clients.of(connection))
        except Unauthorized as error:
            return str(error)
        except Failure:
            return None
        return None

    def _asked(self, connection: Connection, client: Client) -> Bound:
        account = client.upsales.whoami()
        if not self._bind(connection, account, client.fingerprint):
            raise _wrong(self._state(connection), account)
        self.clients.belongs(client.fingerprint, account.id)
        return Bound(account.id, client.fingerprint, client.upsales)

    def _state(self, connection: Connection) -> connections.State:
        with self.store.read() as conn:
            return connections.get(conn, connection.name)

    def _bind(self, connection: Connection, account: Account, fingerprint: str) -> bool:
        return connections.bind(
            self.store,
            connection.name,
            account=account.id,
            account_name=account.name,
            user_id=account.user_id,
            user_name=account.user_name,
            fingerprint=fingerprint,
        )


def _wrong(bound: connections.State, account: Account) -> WrongAccount:
    return WrongAccount(
        f"the key belongs to account {account.id} ({account.name}), {bound.name} is bound to"
        f" {bound.account} ({bound.account_name}): set the right key, or `relay connections rebind {bound.name}`"
    )
