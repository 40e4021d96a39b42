"""`relay keys rotate` tries a new API key, changes over to it, and watches the old one end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from worker.admin import keys
from worker.cli.context import Installation
from worker.cli.output import say
from worker.errors import ConfigError, Unauthorized
from worker.keys import FRESH
from worker.settings import Connection
from worker.store import Store
from worker.store.lanes import lanes
from worker.store.ledger import journal
from worker.store.people.audit import Actor
from worker.upsales import Account

LOOK = 0.5
LONGEST = 600.0
"""Seconds until we stop watching the old key. A lane that is under way ends on it."""


@dataclass(frozen=True, slots=True)
class OldKey:
    """A key that has been replaced."""

    store: Store
    connection: str
    fingerprint: str

    def watch(self, pause: Callable[[float], None] = time.sleep) -> Iterator[int]:
        """How many lanes still work with it, until none does."""
        pause(FRESH)
        owned = self._owned()
        while owned:
            yield len(owned)
            pause(LOOK)
            owned &= self._owned()

    def last_call(self) -> datetime | None:
        with self.store.read() as conn:
            return journal.last_call(conn, self.connection, self.fingerprint)

    def _owned(self) -> frozenset[tuple[str, int]]:
        with self.store.read() as conn:
            return lanes.owned(conn, self.connection)


def rotate_api_key(installation: Installation, actor: Actor, name: str, value: str, why: str | None) -> None:
    """Ask Upsales whose key it is, put it in force, and tell when the one before has made its last call."""

    def whose(connection: Connection, key: str) -> Account:
        if keys.present(installation, name) == installation.keys.fingerprint(key):
            raise ConfigError(
                f"{installation.keys.fingerprint(key)} is the key that {name} uses already: give the new one"
            )
        try:
            return installation.runtime.binding.owner(connection, key)
        except Unauthorized as error:
            raise ConfigError(f"the new key is not put in force: {error}") from None

    kept = keys.set_key(installation, actor, name, value, whose, why)
    owner = kept.account
    assert owner is not None, "it was tried"
    say(f"API key {kept.fingerprint} is in force: {owner.user_name} in account {owner.id} ({owner.name}).", err=True)
    if kept.replaced is not None:
        _see_off(OldKey(installation.store, name, kept.replaced))


def _see_off(old: OldKey) -> None:
    until = time.monotonic() + LONGEST
    for lanes_left in old.watch():
        say(f"{lanes_left} lanes still work with the old key, {old.fingerprint} …", err=True)
        if time.monotonic() > until:
            raise ConfigError(
                f"the old key, {old.fingerprint}, is still in use: keep it in Upsales until `relay calls --key"
                f" {old.fingerprint}` shows no new calls"
            )
    last = old.last_call()
    told = f"made its last call at {last:%Y-%m-%d %H:%M:%S} UTC" if last else "never made a call"
    say(f"The old key, {old.fingerprint}, {told}: it may be deleted in Upsales.")
