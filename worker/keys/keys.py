"""Finds the secrets of a connection in the environment, a file or the database."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from worker.errors import ConfigError
from worker.keys import grants, stored
from worker.keys.cached import Copy
from worker.keys.cipher import cipher_of, decrypted
from worker.keys.environment import EnvironmentSecrets
from worker.keys.fingerprints import Kind, Secret, fingerprint, installation_key
from worker.keys.grants import Grant
from worker.keys.usage import Usage
from worker.logs import hide
from worker.settings.credentials import refuse_malformed
from worker.settings.variables import prefix
from worker.store.db.engine import Store

FRESH = 2.0
"""Seconds after which every process has heard of a stored key."""
LONGEST = 30.0
"""And how long a key that was taken back is given out at most, when the database can't be read."""


class Keys:
    """Safe to share between threads. What is given out is known to the logs, which hide it. `clock` is monotonic.

    Without a store: only the environment and files.
    """

    def __init__(
        self, environ: Mapping[str, str], store: Store | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._environment = EnvironmentSecrets(environ, clock)
        self._cipher = cipher_of(environ)
        self._store = store
        self._clock = clock
        self._usage = Usage(store, clock) if store else None
        self._rows = Copy(self._read_rows, clock, fresh=FRESH, longest=LONGEST)
        self._installation_key = Copy(self._read_installation_key, clock, fresh=math.inf, longest=math.inf)
        self._grants = Copy(self._read_grants, clock, fresh=FRESH, longest=LONGEST)
        self._plain: dict[bytes, str] = {}
        self._checked: set[tuple[str, str]] = set()
        self._hidden: set[str] = set()

    def __repr__(self) -> str:
        return "Keys(***)"

    def api_key(self, connection: str) -> str:
        """Raises ConfigError when there is none, when it can't be read or is no key, or when another connection has the same."""
        found = self.found(connection, "api_key")
        if not found:
            variable = f"RELAY_{prefix(connection)}_API_KEY"
            raise ConfigError(
                f"connection {connection} has no API key: set {variable} or `relay keys set {connection}`"
            )
        refuse_malformed(connection, found[0].value)
        self._refuse_shared(connection, found[0].value)
        return found[0].value

    def secrets(self, connection: str) -> Sequence[str]:
        """The signing secrets in force, the newest first; none is an empty sequence."""
        return [each.value for each in self.found(connection, "secret")]

    def verify_tokens(self, connection: str) -> Sequence[str]:
        """What a sender says in its handshake to be answered. They sign nothing."""
        return [each.value for each in self.found(connection, "verify_token")]

    def token(self, connection: str) -> str | None:
        """What its sender's own API is read with, or a grant is asked for with. Raises ConfigError when it can't be read."""
        found = self.found(connection, "token")
        return found[0].value if found else None

    def grants(self) -> Mapping[str, Grant]:
        """By connection, for whoever tells how they stand; at most two seconds old."""
        return self._grants.get() if self._store else {}

    def fingerprint(self, secret: str) -> str:
        """The first 12 hex digits of an HMAC under this installation's own key."""
        return fingerprint(self._installation_key.get() if self._store else b"", secret)

    def used(self, connection: str, secret: str, kind: Kind = "secret") -> None:
        """Note that it was used now; written down within a minute, by a thread of its own."""
        if self._usage:
            self._usage.note(connection, kind, self.fingerprint(secret))

    def found(self, connection: str, kind: Kind) -> Sequence[Secret]:
        secrets = self._environment.of(connection, kind) or self._stored(connection, kind)
        new = {each.value for each in secrets} - self._hidden
        if new:
            hide(*new)
            self._hidden |= new
        return secrets

    def variable(self, connection: str, kind: Kind) -> str | None:
        """The variable that holds it, or names its file, and comes before what is stored."""
        return self._environment.variable(connection, kind)

    def look_again(self) -> None:
        """At once: somebody may have heard of a newer secret."""
        self._environment.look_again()
        self._rows.look_again()
        self._grants.look_again()

    def decrypted(self, ciphertext: bytes, what: str) -> str:
        """Known to the logs from here on. Raises ConfigError without the key that it was encrypted under."""
        value = decrypted(self._cipher, ciphertext, what)
        hide(value)
        return value

    @property
    def can_encrypt(self) -> bool:
        """Whether there is a master key."""
        return self._cipher is not None

    def encrypted(self, value: str) -> bytes:
        if self._cipher is None:
            raise ConfigError(
                "RELAY_MASTER_KEY is not set: stored keys are encrypted under it; `relay keys new-master` makes one"
            )
        return self._cipher.encrypt(value.encode())

    def refuse_shared(self, connection: str, key: str) -> None:
        for other, theirs in self._other_keys(connection):
            if theirs == key:
                raise ConfigError(
                    f"connections {other} and {connection} have the same API key; make one in Upsales for each"
                )

    def _refuse_shared(self, connection: str, key: str) -> None:
        if (connection, key) not in self._checked:
            self.refuse_shared(connection, key)
            self._checked.add((connection, key))

    def _other_keys(self, connection: str) -> Iterator[tuple[str, str]]:
        """Those that can be read: what is wrong with another connection's is that one's affair."""
        for name in self._environment.connections():
            if prefix(name) != prefix(connection):
                with suppress(ConfigError):
                    yield from ((name, each.value) for each in self._environment.of(name, "api_key"))
        for name in sorted({row.connection for row in self._current() if row.connection != connection}):
            with suppress(ConfigError):
                yield from ((name, each.value) for each in self._stored(name, "api_key"))

    def _stored(self, connection: str, kind: Kind) -> tuple[Secret, ...]:
        rows = [row for row in self._current() if (row.connection, row.kind) == (connection, kind)]
        return tuple(Secret(self._decrypted(row), "stored", row.retires, row.ends) for row in rows)

    def _current(self) -> Sequence[stored.StoredSecret]:
        """At most two seconds old. While the database is away or hangs: what was known last, for half a minute."""
        return self._rows.get() if self._store else ()

    def _read_rows(self) -> Sequence[stored.StoredSecret]:
        assert self._store
        return stored.in_force(self._store)

    def _read_grants(self) -> Mapping[str, Grant]:
        assert self._store
        with self._store.read() as conn:
            return {grant.connection: grant for grant in grants.every(conn)}

    def _read_installation_key(self) -> bytes:
        assert self._store
        return installation_key(self._store)

    def _decrypted(self, row: stored.StoredSecret) -> str:
        if row.ciphertext not in self._plain:
            self._plain[row.ciphertext] = row.value(self._cipher)
        return self._plain[row.ciphertext]
