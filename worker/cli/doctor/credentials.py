"""Reads keys and secrets, and tells missing ones from those that nobody could read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from worker.cli.doctor.database import Base
from worker.cli.doctor.facts import ConnectionFacts, Known, Lanes, Secret, Token, Unknown
from worker.cli.doctor.stored import sealed
from worker.errors import ConfigError
from worker.instruments import tokens
from worker.instruments.standing import Silence
from worker.keys import Keys
from worker.keys.cipher import VARIABLE, cipher_of
from worker.keys.fingerprints import Kind, Source
from worker.sdk.signatures import flaw_of
from worker.settings import Connection
from worker.settings.variables import variables_of
from worker.store import StoreUnavailable

PREFIXES = ("whsec_", "whpk_", "whsk_")
"""Of a secret: they only tell its kind."""


def usable(credentials: Mapping[str, str]) -> tuple[Mapping[str, str], str]:
    """Without a master key that is none; and what is wrong with that one."""
    try:
        cipher_of(credentials)
    except ConfigError as error:
        names = (VARIABLE, f"{VARIABLE}_FILE")
        return {name: each for name, each in credentials.items() if name not in names}, str(error)
    return credentials, ""


def master_key(credentials: Mapping[str, str], base: Base) -> Known[str | None]:
    """What is wrong with it, as far as stored keys and secrets tell."""
    if base.store is None:
        return None if base.part.state == "absent" else base.of(lambda _: None)
    try:
        return sealed(base.store, cipher_of(credentials))
    except StoreUnavailable:
        return Unknown("the database is away")


def connection_facts(connection: Connection, keys: Keys, base: Base, credentials: Mapping[str, str]) -> ConnectionFacts:
    name = connection.name
    secrets, secret_problem = _secrets(connection, keys, base)
    key, key_source, key_problem = _key(name, keys, base)
    # What is set in the environment comes before what is stored, and is refused beside its file.
    if key is None and not _in_file(keys, name, "api_key") and (file := _file(credentials, name, "API_KEY")):
        key_problem = f"the file that {file} names is empty: put the key there"
    if not secrets and not secret_problem and (file := _file(credentials, name, "SECRET")):
        secret_problem = f"the file that {file} names is empty: put the secret there"
    return ConnectionFacts(
        connection=connection,
        secrets=secrets,
        secret_problem=secret_problem,
        key=key,
        key_problem=key_problem,
        key_source=key_source,
        state=base.of(lambda stored: stored.states[name]),
        lanes=base.of(lambda stored: stored.lanes.get(name, Lanes())),
        answered=base.of(lambda stored: stored.answered.get(name, {})),
        catching_up=base.of(lambda stored: [each for each in stored.catching_up if each.connection == name]),
        silence=base.of(lambda stored: stored.silences.get(name, Silence(None, None))),
        token=None if connection.connector.source is None else _token(connection, keys, base),
        listening=base.of(lambda stored: stored.listening.get(name)),
        stored_at=base.of(lambda stored: stored.stored_at.get(name)),
    )


def _file(credentials: Mapping[str, str], name: str, kind: str) -> str | None:
    """The variable that names a file, if it is set."""
    file = variables_of(name, kind)[1]
    return file if credentials.get(file) else None


def _in_file(keys: Keys, name: str, kind: Kind) -> bool:
    """Whether there is something that is no key, or nobody can read it: what is wrong with it is told."""
    try:
        return bool(keys.found(name, kind))
    except (StoreUnavailable, ConfigError):
        return True


def _secrets(connection: Connection, keys: Keys, base: Base) -> tuple[Known[Sequence[Secret]], str]:
    try:
        values = keys.secrets(connection.received_by)
        found = [_secret(connection, value, keys, base) for value in values]
    except StoreUnavailable:
        return Unknown("the database is away"), ""
    except ConfigError as error:
        return (), str(error)
    return found if found or _surely_none(base) else Unknown(_not_here(base)), ""


def _secret(connection: Connection, value: str, keys: Keys, base: Base) -> Secret:
    fingerprint = keys.fingerprint(value)
    used = base.of(lambda stored: stored.used.get((connection.name, "secret", fingerprint)))
    return Secret(
        fingerprint=fingerprint,
        length=len(value.partition("_")[2] if value.startswith(PREFIXES) else value),
        flaw=flaw_of(connection.connector.signature, value),
        used=None if isinstance(used, Unknown) else used,
    )


def _key(name: str, keys: Keys, base: Base) -> tuple[Known[str | None], Source, str]:
    try:
        found = keys.found(name, "api_key")
        if not found and not _surely_none(base):
            return Unknown(_not_here(base)), "stored", ""
        return keys.fingerprint(keys.api_key(name)), found[0].source, ""
    except StoreUnavailable:
        return Unknown("the database is away"), "stored", ""
    except ConfigError as error:
        return None, "stored", str(error)


def _token(connection: Connection, keys: Keys, base: Base) -> Known[Token]:
    try:
        found = keys.token(connection.name)
        if found is None and not _surely_none(base):
            return Unknown(_not_here(base))
        return Token(
            fingerprint=None if found is None else keys.fingerprint(found),
            problem=tokens.lacking(connection, keys) or "",
            ends=tokens.ends(connection, keys),
        )
    except StoreUnavailable:
        return Unknown("the database is away")
    except ConfigError as error:
        return Token(problem=str(error))


def _surely_none(base: Base) -> bool:
    """Whether the database was asked, or there is none that could hold one."""
    return base.store is not None or base.part.state == "absent"


def _not_here(base: Base) -> str:
    why = base.stored.why if isinstance(base.stored, Unknown) else ""
    return f"{why}, and the environment has none: it may be stored there"
