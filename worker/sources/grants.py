"""Gives out access tokens, and has one process at a time ask for a new one.

An answer is stored before anything in it is used: with rotation it holds the only refresh token that still counts. What can't be stored is kept
in memory and stored later. A process that ends between the answer and its storing loses it; the row tells that an answer is missing (`asked_at`).
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog

from worker.errors import ConfigError, Failure, SourceForbidden, SourceUnavailable
from worker.keys import Keys
from worker.keys import grants as stored
from worker.keys.grants import Grant, Sealed
from worker.logs import hide
from worker.sdk.source import OAuth2
from worker.settings import Connection
from worker.sources.grants_answer import Granted, GrantLost, TokenAnswer, Unsure, understood
from worker.sources.grants_endpoint import Ask, NoAnswer
from worker.sources.grants_judge import Judgement, judge, times, why_lost
from worker.sources.grants_request import TokenRequest, for_client, for_code, for_refresh
from worker.sources.sign import Client, client_of
from worker.store import Store, StoreUnavailable

AGAIN: Final = 60.0
"""Seconds until a renewal ahead of time that failed is tried again."""
LEASE_MORE: Final = 5.0
"""Seconds of the lease beside those of the request, for storing."""
LOOK: Final = 0.25
STORING: Final = (0.0, 0.25, 0.5, 1.0)
"""Seconds before each try to store an answer."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose access token is asked for, and with which client, which `client` is the fingerprint of."""

    connection: Connection
    sign: OAuth2
    token: str
    client: str

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def lease(self) -> float:
        source = self.connection.connector.source
        return LEASE_MORE + (source.timeout if source else 0.0)


class Grants:
    """Safe to share between threads. `clock` is monotonic, `pause` waits, `chance` answers from 0 to 1."""

    def __init__(
        self,
        store: Store,
        keys: Keys,
        ask: Ask,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._keys = keys
        self._ask = ask
        self._clock = clock
        self._pause = pause
        self._chance = chance
        self._unstored: dict[str, tuple[int, Sealed]] = {}
        self._given = threading.local()

    def access(self, connection: Connection, sign: OAuth2, token: str, *, afresh: bool = False) -> str:
        """`token`: client id and secret. `afresh`: the sender refused what this thread was answered last."""
        wanted = Wanted(connection, sign, token, self._keys.fingerprint(token))
        deadline = self._clock() + wanted.lease + LEASE_MORE
        refused = self._given_last(wanted.name) if afresh else None
        while True:
            self._store_what_is_not(wanted.name)
            grant = stored.get(self._store, wanted.name)
            # Another one may have renewed it meanwhile.
            judged = judge(grant, sign, wanted.client, afresh=grant is not None and grant.version == refused)
            if judged == "lost":
                raise SourceForbidden(why_lost(wanted.name, wanted.client, grant))
            if judged != "use" and self._renewed(wanted, grant, judged):
                continue
            if grant is not None and judged != "renew":
                return self._opened(grant)
            if self._clock() > deadline:
                raise SourceUnavailable(f"{wanted.name}: another process asks for a new token, and takes too long")
            self._pause(LOOK)

    def exchanged(
        self, connection: Connection, sign: OAuth2, client: Client, code: str, redirect: str, verifier: str
    ) -> Granted:
        """What a code is worth. Raises SourceForbidden where that is nothing, and the failures of a source."""
        name = connection.name
        try:
            return understood(self._post(name, for_code(connection, sign, client, code, redirect, verifier)), name)
        except GrantLost as lost:
            raise SourceForbidden(f"{name}: {lost}: codes count for a minute, and once; begin anew") from None

    def sealed(self, sign: OAuth2, before: Grant, client: str, granted: Granted) -> Sealed:
        """As it is stored. What is not told anew goes on as it was. Raises ConfigError without a master key."""
        hide(granted.access, granted.refresh or "")
        found = times(sign, granted, before.at, self._chance())
        return Sealed(
            client=client,
            access=self._keys.encrypted(granted.access),
            refresh=before.refresh if granted.refresh is None else self._keys.encrypted(granted.refresh),
            expires_at=found.expires_at,
            refresh_at=found.refresh_at,
            grant_ends_at=found.grant_ends_at,
        )

    def _given_last(self, name: str) -> int | None:
        """The version of what this thread was given; None for what it never had."""
        given: dict[str, int] = getattr(self._given, "versions", {})
        return given.get(name)

    def _opened(self, grant: Grant) -> str:
        assert grant.access is not None, "a version was stored"
        access = self._decrypted(grant.access, grant.connection)
        given: dict[str, int] = getattr(self._given, "versions", {})
        self._given.versions = {**given, grant.connection: grant.version}
        return access

    def _renewed(self, wanted: Wanted, seen: Grant | None, judged: Judgement) -> bool:
        """Whether something else is stored now. A failure is none yet while what is stored can be used."""
        self._refuse_without_cipher(wanted.name)
        lease = uuid4().hex
        version = seen.version if seen else 0
        grant = stored.take(self._store, wanted.name, version, wanted.client, lease, wanted.lease)
        if grant is None:
            return False
        try:
            granted = understood(self._answer(wanted, grant), wanted.name)
        except GrantLost as lost:
            return self._lose(wanted, grant, str(lost))
        except Failure as failure:
            self._release(wanted, lease, answered=not isinstance(failure, Unsure))
            if judged != "ahead":
                raise
            log.warning("token not renewed yet", connection=wanted.name, reason=str(failure))
            return False
        self._unstored[wanted.name] = grant.version, self.sealed(wanted.sign, grant, wanted.client, granted)
        self._store_what_is_not(wanted.name)
        log.info("token renewed", connection=wanted.name)
        return True

    def _answer(self, wanted: Wanted, grant: Grant) -> TokenAnswer:
        try:
            return self._post(wanted.name, self._request(wanted, grant))
        except ConfigError as error:
            raise SourceForbidden(str(error)) from None

    def _post(self, name: str, request: TokenRequest) -> TokenAnswer:
        try:
            return self._ask(request)
        except NoAnswer as error:
            failure = Unsure if error.sent else SourceUnavailable
            raise failure(f"{name}: {error}") from None

    def _request(self, wanted: Wanted, grant: Grant) -> TokenRequest:
        client = client_of(wanted.token)
        if wanted.sign.grant == "client_credentials":
            return for_client(wanted.connection, wanted.sign, client)
        assert grant.refresh is not None, "it was judged renewable"
        return for_refresh(wanted.connection, wanted.sign, client, self._decrypted(grant.refresh, wanted.name))

    def _lose(self, wanted: Wanted, grant: Grant, why: str) -> bool:
        if grant.asked_at is not None:
            since = f"{grant.asked_at:%Y-%m-%d %H:%M} UTC"
            why = f"{why}; an earlier answer, of {since}, was lost, and may have held the token that counts"
        if stored.refuse(self._store, wanted.name, grant.version, why):
            log.error("grant lost", connection=wanted.name, reason=why)
        return True

    def _release(self, wanted: Wanted, lease: str, *, answered: bool) -> None:
        # Else it ends by itself.
        with suppress(StoreUnavailable):
            stored.release(self._store, wanted.name, lease, answered=answered, again_in=AGAIN)

    def _store_what_is_not(self, name: str) -> None:
        """Raises SourceUnavailable while the database takes nothing: what is not stored is not used."""
        unstored = self._unstored.get(name)
        if unstored is None:
            return
        for seconds in STORING:
            self._pause(seconds)
            with suppress(StoreUnavailable):
                with self._store.write() as conn:
                    stored.keep(conn, name, *unstored)
                self._unstored.pop(name, None)
                return
        raise SourceUnavailable(f"{name}: its new token can't be stored yet, and is not used before it is")

    def _decrypted(self, ciphertext: bytes, name: str) -> str:
        try:
            return self._keys.decrypted(ciphertext, stored.what(name))
        except ConfigError as error:
            raise SourceForbidden(str(error)) from None

    def _refuse_without_cipher(self, name: str) -> None:
        """Before anything is asked for that could not be stored."""
        try:
            self._keys.encrypted("")
        except ConfigError as error:
            raise SourceForbidden(f"{name}: {error}") from None
