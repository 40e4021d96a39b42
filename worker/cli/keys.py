"""`relay keys` stores API keys, signing secrets and tokens, encrypted.

They are read from a prompt or standard input, never from arguments.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

import click

from worker.admin import keys as admin
from worker.admin.refusals import Unfit
from worker.cli.context import Installation, pass_installation
from worker.cli.key_trial import tried, untried_key
from worker.cli.keys_rotate import rotate_api_key
from worker.cli.options import by_option, why_option
from worker.cli.output import json_option, say, show
from worker.errors import ConfigError
from worker.keys import stored
from worker.keys.cipher import VARIABLE, cipher_of, new_master_key
from worker.keys.fingerprints import Kind, Secret
from worker.store.ledger import journal
from worker.store.people.audit import Actor
from worker.upsales import Account

KINDS: tuple[Kind, ...] = ("api_key", "secret", "token", "verify_token")
COLUMNS = ("connection", "kind", "source", "fingerprint", "added", "last_used", "retires", "ends")


def _day(_ctx: click.Context, _param: click.Parameter, text: str | None) -> datetime | None:
    """The beginning of that day, UTC."""
    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise ConfigError(f"--ends {text}: write a day, such as 2027-01-31") from None


@click.group()
def keys() -> None:
    """Store, rotate and list API keys, signing secrets and tokens."""


@keys.command(name="set")
@click.argument("connection")
@click.option("--secret", is_flag=True, help="The signing secret, instead of the API key.")
@click.option("--token", is_flag=True, help="What the sender's own API is read with, instead of the API key.")
@click.option("--verify-token", is_flag=True, help="What the sender says in its handshake, instead of the API key.")
@click.option(
    "--ends",
    metavar="DATE",
    callback=_day,
    help="With --token: the day on which it ends, so that you are warned before.",
)
@click.option("--untried", is_flag=True, help="Don't ask Upsales whose key it is.")
@why_option
@by_option
@pass_installation
def set_key(
    installation: Installation,
    connection: str,
    *,
    secret: bool,
    token: bool,
    verify_token: bool,
    ends: datetime | None,
    untried: bool,
    why: str | None,
    by: str,
) -> None:
    """Store a connection's API key, once Upsales has said whose it is. Within seconds all processes use it instead of the one before."""
    asked: dict[Kind, bool] = {"secret": secret, "token": token, "verify_token": verify_token}
    kinds = [kind for kind, wanted in asked.items() if wanted]
    if len(kinds) > 1:
        raise ConfigError(f"{' and '.join(map(_option, kinds))}: give one of them")
    kind = kinds[0] if kinds else "api_key"
    if untried and kinds:
        raise ConfigError(f"--untried is for API keys: a {stored.KIND_NAMES[kind]} is never tried")
    if ends and not token:
        raise ConfigError("--ends is for tokens, with --token")
    value, actor = _asked(connection, kind), Actor(by, "command")
    if token:
        _tell(kind, admin.set_token(installation, actor, connection, value, ends=ends, why=why), connection)
        return
    if verify_token:
        _tell(kind, admin.set_verify_token(installation, actor, connection, value, why), connection)
        return
    if secret:
        kept = admin.rotate_secret(installation, actor, connection, value, overlap=0, why=why)
        _tell(kind, kept.fingerprint, connection)
        return
    whose = untried_key if untried else partial(tried, installation)
    found = admin.set_key(installation, actor, connection, value, whose, why)
    _tell("api_key", found.fingerprint, connection, found.account)


@keys.command()
@click.argument("connection")
@click.option("--secret", is_flag=True, help="The signing secret, instead of the API key.")
@click.option("--overlap", default="24h", show_default=True, help="How long older secrets stay valid: 90m, 24h, 7d.")
@click.option("--generate", is_flag=True, help="Make a new secret and print it, to be given to the sender.")
@why_option
@by_option
@pass_installation
def rotate(
    installation: Installation,
    connection: str,
    overlap: str,
    *,
    secret: bool,
    generate: bool,
    why: str | None,
    by: str,
) -> None:
    """Replace a connection's API key. The new one is tried first. At the end you are told when to delete the old one in Upsales."""
    actor = Actor(by, "command")
    if not secret:
        if generate:
            raise ConfigError("--generate is for signing secrets, with --secret; API keys are made in Upsales")
        rotate_api_key(installation, actor, connection, _asked(connection, "api_key"), why)
        return
    value = None if generate else _asked(connection, "secret")
    kept = admin.rotate_secret(installation, actor, connection, value, overlap=_seconds(overlap), why=why)
    _tell("secret", kept.fingerprint, connection)
    if kept.value is not None:
        say(kept.value)


@keys.command(name="list")
@json_option
@pass_installation
def list_keys(installation: Installation, *, as_json: bool) -> None:
    """List every key, secret and token by its fingerprint."""
    added = {(row.connection, row.kind, row.fingerprint): row.added for row in stored.in_force(installation.store)}
    used = stored.last_used(installation.store)
    rows = [row for name in installation.settings.connections for row in _rows(installation, name)]
    with installation.store.read() as conn:
        for row in rows:
            at = (row["connection"], row["kind"], row["fingerprint"])
            is_key = row["kind"] == "api_key"
            last = journal.last_call(conn, row["connection"], row["fingerprint"]) if is_key else used.get(at)
            row |= {"added": added.get(at) if row["source"] == "stored" else None, "last_used": last}
    show(rows, COLUMNS, as_json=as_json, empty="No connection has a key.")


@keys.command()
@click.argument("connection")
@click.argument("fingerprint")
@by_option
@pass_installation
def drop(installation: Installation, connection: str, fingerprint: str, *, by: str) -> None:
    """Forget a stored key, secret or token, by its fingerprint."""
    admin.drop(installation, Actor(by, "command"), connection, fingerprint)
    say(f"{fingerprint} is gone.")


@keys.command()
@by_option
@pass_installation
def rotate_master(installation: Installation, *, by: str) -> None:
    """Encrypt all stored keys and secrets anew with the first key in RELAY_MASTER_KEY. The other keys are then no longer needed."""
    cipher = cipher_of(installation.environ)
    if cipher is None:
        raise ConfigError(f"{VARIABLE} is not set: put the new key before the old one, comma-separated")
    count = admin.encrypt_again(installation, Actor(by, "command"), cipher)
    say(f"{count} stored under the first key of {VARIABLE}.")


@keys.command()
def new_master() -> None:
    """Print a new key for RELAY_MASTER_KEY."""
    say(new_master_key())


def _rows(installation: Installation, connection: str) -> Sequence[dict[str, Any]]:
    return [
        {
            "connection": connection,
            "kind": kind,
            "source": secret.source,
            "fingerprint": installation.keys.fingerprint(secret.value),
            "retires": secret.retires,
            "ends": secret.ends,
        }
        for kind in KINDS
        for secret in _readable(installation, connection, kind)
    ]


def _readable(installation: Installation, connection: str, kind: Kind) -> Sequence[Secret]:
    """What can't be read is told, and hides no other."""
    try:
        return installation.keys.found(connection, kind)
    except ConfigError as error:
        say(f"relay: {connection}: {error}", err=True)
        return ()


def _tell(kind: Kind, fingerprint: str, connection: str, owner: Account | None = None) -> None:
    whose = f": {owner.user_name} in account {owner.id} ({owner.name})" if owner else ""
    say(f"{stored.KIND_NAMES[kind]} {fingerprint} is stored for connection {connection}{whose}.", err=True)


ASKED: Mapping[Kind, str] = {
    "api_key": "API key",
    "secret": "Signing secret",
    "token": "Token",
    "verify_token": "Verify token",
}


def _option(kind: Kind) -> str:
    return f"--{kind.replace('_', '-')}"


def _asked(connection: str, kind: Kind) -> str:
    what = f"{ASKED[kind]} of {connection}"
    value = click.prompt(what, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    value = value.strip()
    if not value:
        raise ConfigError(f"nothing was given; type it, or pipe it in: `relay keys set {connection} < file`")
    blank = " " in value and kind != "token"
    if not value.isprintable() or blank or (kind in ("secret", "verify_token") and "," in value):
        raise ConfigError(f"{what}: that can't be one, it holds spaces, commas or control characters")
    return value


def _seconds(overlap: str) -> float:
    try:
        return admin.seconds(overlap)
    except Unfit as error:
        raise ConfigError(f"--overlap {overlap}: {error}") from None
