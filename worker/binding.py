"""Which Upsales account a connection writes to: asked of Upsales before a key's first write, and kept."""

from __future__ import annotations

from dataclasses import dataclass

from worker.clients import Clients
from worker.errors import Failure, Unauthorized
from worker.settings import Connection
from worker.store import Store, connections
from worker.upsales import Account, Upsales


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

    def of(self, connection: Connection) -> Bound:
        """Raises Unauthorized when there is no key, or not one of the bound account; what `GET /self` raises."""
        client = self.clients.of(connection)
        with self.store.read() as conn:
            known = connections.get(conn, connection.name)
        if known.account is not None and known.fingerprint == client.fingerprint and not known.breaks:
            return Bound(known.account, client.fingerprint, client.upsales)
        # A new key; or the breaker was open, and nothing but this question is asked before Upsales answers again.
        account = client.upsales.whoami()
        if not self._bind(connection, account, client.fingerprint):
            raise WrongAccount(
                f"the key belongs to account {account.id} ({account.name}), {connection.name} is bound to"
                f" {known.account} ({known.account_name}): set the right key, or `relay connections rebind {connection.name}`"
            )
        return Bound(account.id, client.fingerprint, client.upsales)

    def confirmed(self, connection: Connection) -> bool:
        """Whether `GET /self` accepts the key after a call was answered 401. In doubt it does: then the call is tried again."""
        try:
            self.clients.of(connection).upsales.whoami()
        except Unauthorized:
            return False
        except Failure:
            return True
        return True

    def probe(self, connection: Connection) -> str | None:
        """Why the connection can't be resumed; None when it can."""
        try:
            self.clients.of(connection).upsales.whoami()
            self.of(connection)
        except Failure as error:
            return str(error)
        return None

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
