"""Reads who may use the console and the admin API."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from worker.errors import ConfigError, did_you_mean
from worker.settings.variables import given

Role: TypeAlias = Literal["viewer", "operator"]
TOKENS: Final[Mapping[str, Role]] = {"RELAY_ADMIN_TOKEN": "operator", "RELAY_VIEWER_TOKEN": "viewer"}
UNNAMED: Final[Mapping[Role, str]] = {"operator": "operator", "viewer": "viewer"}
PROXY: Final = "RELAY_CONSOLE_PROXY"
HOSTS: Final = "RELAY_CONSOLE_HOSTS"
ANY_HOST: Final = "*"
HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?")
SHORTEST: Final = 16
NAME: Final = re.compile(r"[A-Za-z0-9._@-]{1,64}")
HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token that lets somebody in. `digest`: its SHA-256 in hex; of the token itself only its `length` is kept."""

    name: str
    role: Role
    digest: str
    length: int


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that signs people in. `header` holds the name, and counts only in requests that come from `address`."""

    header: str
    address: str


@dataclass(frozen=True, slots=True)
class Console:
    """`operators`: the names of those who are more than viewers, of whom the proxy lets in. `hosts`: its own names, in small letters."""

    tokens: Sequence[Token] = ()
    proxy: Proxy | None = None
    operators: frozenset[str] = field(default_factory=frozenset)
    hosts: frozenset[str] = field(default_factory=frozenset)

    @property
    def closed(self) -> bool:
        """Whether nobody can get in."""
        return not self.tokens and self.proxy is None


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def console(environ: Mapping[str, str], table: Mapping[str, Any], where: str) -> Console:
    tokens = [token for name, role in TOKENS.items() for token in _tokens(name, role, given(environ, name))]
    _refuse_ambiguous(tokens)
    return Console(
        tuple(tokens), _proxy(environ.get(PROXY, "")), _operators(table, where), _hosts(environ.get(HOSTS, ""))
    )


def _tokens(variable: str, role: Role, text: str) -> Iterator[Token]:
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, colon, token = part.partition(":")
        if not colon:
            name, token = UNNAMED[role], part
        if not NAME.fullmatch(name):
            raise ConfigError(f"{variable}: a name has letters, digits and . _ @ - only; write name:token")
        if len(token) < SHORTEST or any(character.isspace() for character in token):
            raise ConfigError(
                f"{variable}: the token of {name} must have at least {SHORTEST} characters, and no blank; `openssl rand -hex 24` makes one"
            )
        yield Token(name, role, digest(token), len(token))


def _refuse_ambiguous(tokens: Sequence[Token]) -> None:
    for number, token in enumerate(tokens):
        for other in tokens[:number]:
            if other.digest == token.digest:
                raise ConfigError(f"{' and '.join(TOKENS)}: {other.name} and {token.name} have the same token")
            if other.name == token.name and other.role != token.role:
                raise ConfigError(f"{' and '.join(TOKENS)}: {token.name} is in both; a person has one role")


def _proxy(text: str) -> Proxy | None:
    if not text.strip():
        return None
    header, _, address = text.strip().partition("@")
    try:
        address = str(ipaddress.ip_address(address))
    except ValueError:
        address = ""
    if not address or not HEADER.fullmatch(header):
        raise ConfigError(f"{PROXY}: write header@address, such as X-Forwarded-Email@127.0.0.1")
    return Proxy(header, address)


def _hosts(text: str) -> frozenset[str]:
    names = {name for each in text.split(",") if (name := each.strip().lower().removesuffix("."))}
    for name in names:
        if name != ANY_HOST and not HOST.fullmatch(name):
            raise ConfigError(
                f"{HOSTS}: {name} is no name of a host; write it without https:// and port, several with commas"
            )
    return frozenset(names)


def _operators(table: Mapping[str, Any], where: str) -> frozenset[str]:
    for name in table:
        if name != "operators":
            raise ConfigError(f"{where} {name}: no such setting; {did_you_mean(name, ['operators'])}")
    names = table.get("operators", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
        raise ConfigError(f'{where} operators: must be a list such as ["anna@example.com"]')
    return frozenset(names)
