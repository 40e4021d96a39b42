"""Binds each connection to the Upsales account that its key belongs to."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

import structlog
from redis import Redis

from worker.errors import Busy, ConfigError, Failure, Stopping, Unauthorized, Unavailable
from worker.keys import Keys
from worker.settings import Connection
from worker.settings import Upsales as UpsalesSettings
from worker.store import Store
from worker.store.lanes import accounts, connections
from worker.store.ledger import journal
from worker.upsales import Account, Read, Upsales
from worker.upsales.budget import Budget, journalled


@dataclass(frozen=True, slots=True)
class Client:
    """Upsales through one key."""

    fingerprint: str
    upsales: Upsales


class Clients:
    """Safe to share between threads. A replaced key gets a line of its own; what is under way ends on the old one.

    No call is begun once it is `stopping`.
    """

    def __init__(
        self,
        settings: UpsalesSettings,
        keys: Keys,
        redis: Redis,
        store: Store,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._redis = redis
        self._store = store
        self._stopping = stopping
        self._clients: dict[str, Client] = {}
        self._replaced: list[Client] = []
        self._accounts: dict[str, int] = {}
        self._lock = threading.Lock()

    def of(self, connection: Connection, *, afresh: bool = False) -> Client:
        """The line of the connection's present key. Raises Unauthorized when it has none. `afresh`: not one that was read before."""
        if afresh:
            self._keys.look_again()
        try:
            key = self._keys.api_key(connection.name)
        except ConfigError as error:
            raise Unauthorized(str(error)) from None
        fingerprint = self._keys.fingerprint(key)
        with self._lock:
            known = self._clients.get(connection.name)
            if known is None or known.fingerprint != fingerprint:
                self._replaced += [known] if known else []
                known = self.with_key(connection, key)
                self._clients[connection.name] = known
            return known

    def with_key(self, connection: Connection, key: str) -> Client:
        """A line for a key that may not be the connection's (yet)."""
        fingerprint = self._keys.fingerprint(key)
        return Client(fingerprint, self._line(connection, key, fingerprint))

    def belongs(self, fingerprint: str, account: int) -> None:
        """Whose key it is: the calls that all keys of an account make in a day are counted together."""
        self._accounts[fingerprint] = account

    def account_of(self, fingerprint: str) -> int | None:
        """As far as this process has heard."""
        return self._accounts.get(fingerprint)

    def close(self) -> None:
        with self._lock:
            for client in (*self._clients.values(), *self._replaced):
                client.upsales.close()
            self._clients.clear()
            self._replaced.clear()

    def _line(self, connection: Connection, key: str, fingerprint: str) -> Upsales:
        settings = self._settings
        budget = Budget(
            self._redis,
            lambda: fingerprint,
            settings,
            journalled(self._store, connection.name),
            account=lambda: str(self._accounts.get(fingerprint, fingerprint)),
        )
        return Upsales(
            base_url=settings.base_url,
            key=lambda: key,
            journal=_Reads(self._store, connection.name, fingerprint),
            budget=_UntilStopped(budget, self._stopping),
            scope=connection.writes,
            external_id_alias=settings.external_id,
            org_no_alias=settings.org_no,
            call_timeout=settings.call_timeout,
            auth=settings.auth,
            fingerprint=fingerprint,
        )


@dataclass(frozen=True, slots=True)
class _UntilStopped:
    """A key's budget, of which nothing more is taken once it is `stopping`."""

    budget: Budget
    stopping: Callable[[], bool]

    def take(self, *, write: bool, leading: bool = False, priority: bool = False, spared: int = 0) -> None:
        if self.stopping():
            raise Stopping
        self.budget.take(write=write, leading=leading, priority=priority, spared=spared)

    def learn(self, headers: Mapping[str, str]) -> None:
        self.budget.learn(headers)


@dataclass(frozen=True, slots=True)
class _Reads:
    """Writes a key's reads down, after each."""

    store: Store
    connection: str
    fingerprint: str

    def read(self, read: Read) -> None:
        reading = journal.ReadCall(
            connection=self.connection,
            fingerprint=self.fingerprint,
            resource=read.what,
            record_id=read.record_id,
            event=read.event,
            method=read.method,
        )
        journal.noted(self.store, reading, status=read.status, duration=read.duration or 0.0, error=read.error)


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
    asking: defaultdict[str, Lock] = field(default_factory=lambda: defaultdict(Lock))

    def of(self, connection: Connection) -> Bound:
        """Raises Unauthorized when there is no key, or not one of the bound account; what `GET /self` raises."""
        client = self.clients.of(connection)
        bound = self._known(connection, client)
        if bound is not None:
            return bound
        with self.asking[connection.name]:
            # Whoever asked before us has learnt it for all.
            client = self.clients.of(connection)
            bound = self._known(connection, client)
            if bound is None and (left := self._state(connection).broken_for) > 0:
                raise Busy("Upsales does not answer this connection", seconds=left)
            return bound or self._asked(connection, client)

    def _known(self, connection: Connection, client: Client) -> Bound | None:
        """None for a new key; or when the breaker was open: nothing but `GET /self` is asked before Upsales answers again."""
        known = self._state(connection)
        if known.fingerprint not in (None, client.fingerprint):
            # Another process has heard of a newer key, or not yet of ours.
            client = self.clients.of(connection, afresh=True)
        if known.fingerprint == client.fingerprint and known.account is not None:
            self.clients.belongs(client.fingerprint, known.account)
        if (
            known.account is not None
            and known.account == self.clients.account_of(client.fingerprint)
            and not known.breaks
        ):
            return Bound(known.account, client.fingerprint, client.upsales)
        return None

    def fingerprint(self, connection: Connection) -> str:
        """Of the connection's present key; empty when it has none."""
        try:
            return self.clients.of(connection, afresh=True).fingerprint
        except Unauthorized:
            return ""

    def judge(self, connection: Connection, failure: Unauthorized) -> Failure:
        """What a 401 really is: an Unauthorized once `GET /self` rejects the key too, for which the connection is then paused.

        In doubt it is not: then the call is tried again. Of many calls that were under way one asks.
        """
        with self.asking[connection.name]:
            if self._state(connection).paused:
                return failure
            key = self.fingerprint(connection)
            if failure.key not in (None, key):
                return Busy(f"{failure}; it has been replaced meanwhile", seconds=0.0)
            reason = str(failure) if isinstance(failure, WrongAccount) or not key else self._rejected(connection)
            if reason is None:
                return Unavailable(f"{failure}, though GET /self does")
            if connections.pause(self.store, connection.name, reason, probe_in=PROBE_FIRST, key=key):
                log.error("connection paused", connection=connection.name, reason=reason, key=key)
            return failure

    def probe(self, connection: Connection) -> None:
        """Whether the connection can be resumed: raises what speaks against it."""
        self._asked(connection, self.clients.of(connection))

    def owner(self, connection: Connection, key: str) -> Account:
        """Whose a key is that the connection may get. Raises WrongAccount, and what `GET /self` raises."""
        line = self.clients.with_key(connection, key).upsales
        try:
            account = line.whoami()
        finally:
            line.close()
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
        return accounts.bind(
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
