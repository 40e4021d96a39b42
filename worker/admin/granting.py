"""Has a person give a connection the grant by which its sender is read."""

from __future__ import annotations

import secrets as randomness
from dataclasses import dataclass, field
from datetime import datetime

from worker.admin.parts import Parts
from worker.admin.pausing import about
from worker.admin.refusals import Conflict, Unfit
from worker.admin.standing import configured
from worker.keys import grants as stored
from worker.keys.grants import Grant
from worker.logs import hide
from worker.sdk.source import OAuth2
from worker.settings import Connection
from worker.sources import grants_consent as consent
from worker.sources.grants import Grants
from worker.sources.grants_consent import Consent
from worker.sources.sign import Client, client_of, flaw_of
from worker.sources.signer import missing
from worker.store.db.clock import now
from worker.store.lanes import connections
from worker.store.people import audit
from worker.store.people.audit import Actor


@dataclass(frozen=True, slots=True)
class Begun:
    """A grant that a person is asked for. `fingerprint`: of the client that asks."""

    connection: Connection
    sign: OAuth2
    client: Client = field(repr=False)
    fingerprint: str
    consent: Consent


@dataclass(frozen=True, slots=True)
class Given:
    """`ends`: of the grant; `expires`: of its access token; None where the sender doesn't tell. `paused`: it does not go on by itself."""

    ends: datetime | None
    expires: datetime | None
    renewable: bool
    paused: bool


def begin(parts: Parts, name: str, redirect: str) -> Begun:
    """Raises Refusal and ConfigError."""
    connection = configured(parts, name)
    source = connection.connector.source
    if source is None or not isinstance(source.sign, OAuth2) or source.sign.grant != "refresh_token":
        raise Unfit(f"{connection.connector.title} is not read by a grant: there is nothing to authorize")
    token = parts.keys.token(name)
    if token is None:
        raise Conflict(f"connection {name} {missing(name)}; of this sender it is `client id:client secret`")
    if flaw := flaw_of(source.sign, token):
        raise Conflict(f"connection {name}: its token {flaw}")
    # What can't be stored encrypted is not asked for.
    parts.keys.encrypted("")
    client = client_of(token)
    asked = consent.ask(
        connection, source.sign, client.id, redirect, randomness.token_urlsafe(32), randomness.token_urlsafe(48)
    )
    hide(asked.verifier)
    return Begun(connection, source.sign, client, parts.keys.fingerprint(token), asked)


def finish(
    parts: Parts, actor: Actor, grants: Grants, begun: Begun, redirected: str, *, why: str | None = None
) -> Given:
    """`redirected`: the address that the sender sent the person back to. Raises ConfigError and the failures of a source."""
    name = begun.connection.name
    code = consent.code_of(begun.consent, redirected)
    hide(code)
    with parts.store.read() as conn:
        before = Grant(connection=name, client=begun.fingerprint, at=now(conn))
    granted = grants.exchanged(
        begun.connection, begun.sign, begun.client, code, begun.consent.redirect, begun.consent.verifier
    )
    sealed = grants.sealed(begun.sign, before, begun.fingerprint, granted)
    ends = f", until {sealed.grant_ends_at:%Y-%m-%d}" if sealed.grant_ends_at else ""
    with parts.store.write() as conn:
        stored.put(conn, name, sealed)
        audit.record(
            conn, actor, "authorize", about(name), why=why, outcome=f"grant of client {begun.fingerprint}{ends}"
        )
        paused = connections.get(conn, name).paused
    return Given(sealed.grant_ends_at, sealed.expires_at, sealed.refresh is not None, paused)
