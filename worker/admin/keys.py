"""Puts API keys, secrets and tokens in force, and forgets them; none is ever shown again."""

from __future__ import annotations

import re
import secrets as randomness
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from cryptography.fernet import MultiFernet

from worker.admin.parts import Parts
from worker.admin.pausing import about
from worker.admin.refusals import Conflict, NotThere, Unfit
from worker.admin.standing import configured
from worker.errors import ConfigError
from worker.keys import grants, stored
from worker.keys.fingerprints import Kind
from worker.logs import hide
from worker.sdk.connector import ByVerifyToken
from worker.sdk.signatures import flaw_of
from worker.settings import Connection
from worker.sources import sign
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.upsales import Account

SPAN: Final = re.compile(r"(\d{1,6})([mhd])")
UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
NOTHING: Final = "none"
WHAT: Final[Mapping[Kind, str]] = {
    "api_key": "set-key",
    "secret": "rotate-secret",
    "token": "set-token",
    "verify_token": "set-verify-token",
}

Trial: TypeAlias = Callable[[Connection, str], Account | None]
"""Whose a key is, that the connection may get. Raises Refusal. None: nobody was asked."""


@dataclass(frozen=True, slots=True)
class KeyKept:
    """`replaced`: fingerprint of the key before it. `audit`: None: it was in force already."""

    fingerprint: str
    account: Account | None
    replaced: str | None
    audit: int | None


@dataclass(frozen=True, slots=True)
class SecretKept:
    """`value`: of one that was made here, which nobody can learn again. `overlap`: seconds for which those before it stay valid."""

    fingerprint: str
    overlap: float
    audit: int | None
    value: str | None = field(default=None, repr=False)


def set_key(parts: Parts, actor: Actor, name: str, value: str, whose: Trial, why: str | None = None) -> KeyKept:
    """In force within seconds, in all processes. Raises Refusal, and what `whose` raises."""
    connection, ciphertext = _ready(parts, name, "api_key", value)
    fingerprint = parts.keys.fingerprint(value)
    try:
        parts.keys.refuse_shared(name, value)
    except ConfigError as error:
        raise Unfit(str(error), field="value") from None
    before = present(parts, name)
    account = whose(connection, value)
    if before == fingerprint:
        return KeyKept(fingerprint, account, None, None)
    told = [f"key {fingerprint} untried"]
    if account:
        told = [f"key {fingerprint} accepted: account {account.id} ({account.name})", "not used by another connection"]
    told += [f"before it {before}"] if before else []
    with parts.store.write() as conn:
        stored.keep(conn, name, "api_key", fingerprint, ciphertext)
        done = audit.record(conn, actor, WHAT["api_key"], about(name), why=why, outcome=", ".join(told))
    parts.keys.look_again()
    return KeyKept(fingerprint, account, before, done)


def rotate_secret(
    parts: Parts,
    actor: Actor,
    name: str,
    value: str | None,
    *,
    overlap: float,
    newest: str | None = None,
    why: str | None = None,
) -> SecretKept:
    """Without a value one is made. `newest`: the fingerprint of the one before it, or NOTHING, as far as whoever asks knows. Raises Refusal."""
    made = value is None
    secret = value or randomness.token_urlsafe(32)
    connection, ciphertext = _ready(parts, name, "secret", secret)
    if flaw := flaw_of(connection.connector.signature, secret):
        if made:
            raise Unfit(
                f"a secret of this sender can't be made here, give the sender's: this one {flaw}", field="generate"
            )
        raise Unfit(f"that can't be one: it {flaw}", field="value")
    fingerprint, known = parts.keys.fingerprint(secret), secrets_of(parts, name)
    before = known[0] if known else None
    if before == fingerprint and (overlap > 0 or len(known) == 1):
        return SecretKept(fingerprint, overlap, None)
    if newest is not None and newest != (before or NOTHING):
        raise Conflict("somebody was faster, or this was sent twice: there is a newer secret meanwhile")
    told = f"secret {fingerprint}" + (f", {before} is valid for {written(overlap)}" if before and overlap else "")
    with parts.store.write() as conn:
        stored.keep(conn, name, "secret", fingerprint, ciphertext, overlap=overlap)
        done = audit.record(conn, actor, WHAT["secret"], about(name), why=why, outcome=told)
    parts.keys.look_again()
    return SecretKept(fingerprint, overlap, done, secret if made else None)


def set_token(
    parts: Parts, actor: Actor, name: str, value: str, *, ends: datetime | None = None, why: str | None = None
) -> str:
    """What its sender's own API is read with. `ends`: when the sender stops taking it. Answers its fingerprint. Raises Refusal."""
    connection, ciphertext = _ready(parts, name, "token", value)
    source = connection.connector.source
    if source is None:
        raise Unfit(f"{connection.connector.title} is not read: a token would have no use", field="value")
    if flaw := sign.flaw_of(source.sign, value):
        raise Unfit(f"that can't be one: it {flaw}", field="value")
    fingerprint = parts.keys.fingerprint(value)
    told = f"token {fingerprint}" + (f", ends {ends:%Y-%m-%d}" if ends else "")
    with parts.store.write() as conn:
        stored.keep(conn, name, "token", fingerprint, ciphertext, ends=ends)
        audit.record(conn, actor, WHAT["token"], about(name), why=why, outcome=told)
    parts.keys.look_again()
    return fingerprint


def set_verify_token(parts: Parts, actor: Actor, name: str, value: str, why: str | None = None) -> str:
    """What its sender says in a handshake to be answered. Answers its fingerprint. Raises Refusal."""
    connection, ciphertext = _ready(parts, name, "verify_token", value)
    if not any(isinstance(each, ByVerifyToken) for each in connection.connector.handshakes):
        raise Unfit(f"{connection.connector.title} says none in a handshake: it would have no use", field="value")
    fingerprint = parts.keys.fingerprint(value)
    with parts.store.write() as conn:
        stored.keep(conn, name, "verify_token", fingerprint, ciphertext)
        outcome = f"verify token {fingerprint}"
        audit.record(conn, actor, WHAT["verify_token"], about(name), why=why, outcome=outcome)
    parts.keys.look_again()
    return fingerprint


def drop(parts: Parts, actor: Actor, name: str, fingerprint: str) -> int:
    """With a token goes what was granted to it, wherever the token itself lives."""
    with parts.store.write() as conn:
        granted = grants.drop(conn, name, fingerprint)
        if not stored.drop(conn, name, fingerprint) and not granted:
            raise NotThere(f"connection {name} has no stored key {fingerprint}; `relay keys list` shows them")
        return audit.record(conn, actor, "drop-key", about(name), outcome=fingerprint)


def encrypt_again(parts: Parts, actor: Actor, cipher: MultiFernet) -> int:
    """Under the newest master key. Answers how many."""
    with parts.store.write() as conn:
        count = stored.encrypt_again(conn, cipher) + grants.encrypt_again(conn, cipher)
        audit.record(conn, actor, "rotate-master", "relay", outcome=f"{count} stored anew")
        return count


def present(parts: Parts, name: str) -> str | None:
    """The fingerprint of the key that is used now; None where there is none that can be."""
    try:
        return parts.keys.fingerprint(parts.keys.api_key(name))
    except ConfigError:
        return None


def secrets_of(parts: Parts, name: str) -> Sequence[str]:
    """Fingerprints of the signing secrets in force, the newest first; those that can't be read are none."""
    try:
        return [parts.keys.fingerprint(each) for each in parts.keys.secrets(name)]
    except ConfigError:
        return []


def seconds(text: str) -> float:
    """Of `90m`, `24h`, `7d`, and of 0. Raises Unfit."""
    found = SPAN.fullmatch(text)
    if text != "0" and not found:
        raise Unfit("write 90m, 24h or 7d", field="overlap")
    return timedelta(**{UNITS[found[2]]: int(found[1])}).total_seconds() if found else 0.0


def written(overlap: float) -> str:
    minutes = round(overlap / 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"


def _ready(parts: Parts, name: str, kind: Kind, value: str) -> tuple[Connection, bytes]:
    """From here on no log shows the value."""
    hide(value)
    connection = configured(parts, name)
    if variable := parts.keys.variable(name, kind):
        raise Conflict(f"{variable} is set and comes before what is stored: change it there, or remove it first")
    # A password may have a blank in it.
    blank = " " in value and kind != "token"
    if not value.isprintable() or blank or (kind in ("secret", "verify_token") and "," in value):
        raise Unfit("that can't be one, it holds spaces, commas or control characters", field="value")
    try:
        parts.keys.look_again()
        return connection, parts.keys.encrypted(value)
    except ConfigError as error:
        raise Conflict(str(error)) from None
