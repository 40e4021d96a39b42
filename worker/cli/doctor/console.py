"""Looks at who may use the console, and with what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.cli.doctor.findings import Finding
from worker.errors import ConfigError
from worker.settings import Settings
from worker.settings.console import TOKENS, Console, digest
from worker.settings.variables import ALERTS_SIGNING_KEY, CREDENTIAL, given

SHORT = 32
"""Characters of a token. So many of a hexadecimal one are 128 bits."""
MAKE_ONE = "`openssl rand -hex 24` makes one"


@dataclass(frozen=True, slots=True)
class Entrance:
    """How people get into the console. `reused`: whose token is something else's secret as well, by the variable of the other."""

    console: Console
    reused: Sequence[tuple[str, str]] = ()


def entrance(settings: Settings, environ: Mapping[str, str]) -> Entrance:
    owners = {token.digest: token.name for token in settings.console.tokens}
    found = [(owners[known], variable) for variable, secret in _secrets(environ) if (known := digest(secret)) in owners]
    return Entrance(settings.console, found)


def _secrets(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the environment holds of others, by the variable. What can't be read is told elsewhere."""
    names = {name.removesuffix("_FILE") for name in environ if CREDENTIAL.fullmatch(name)}
    for name in sorted({*names, ALERTS_SIGNING_KEY, "RELAY_MASTER_KEY"} - TOKENS.keys()):
        try:
            value = given(environ, name)
        except ConfigError:
            continue
        yield from ((name, each.strip()) for each in value.split(",") if each.strip())
    for login in environ.get("FLOWER_BASIC_AUTH", "").split(","):
        yield "FLOWER_BASIC_AUTH", login.partition(":")[2]


def judged(found: Entrance, up: int | None) -> Iterator[Finding]:
    """`up`: the process of the `relay up` that runs here, which makes a token where there is none."""
    console = found.console
    worries = list(_worries(found))
    if console.closed and up is not None:
        yield Finding("console", "fine", "the `relay up` that runs here said with what to sign in")
    elif console.closed:
        yield Finding(
            "console",
            "look",
            f"by this environment nobody can sign in: set RELAY_ADMIN_TOKEN ({MAKE_ONE}) and start the console",
        )
    elif worries:
        yield Finding("console", "look", "; ".join(worries))
    else:
        yield Finding("console", "fine", _who(console))


def _worries(found: Entrance) -> Iterator[str]:
    console = found.console
    if not console.operators and all(token.role == "viewer" for token in console.tokens):
        yield "whoever signs in can only look: set RELAY_ADMIN_TOKEN, or name operators in [console] of relay.toml"
    short = sorted({token.name for token in console.tokens if token.length < SHORT})
    if short:
        yield f"the token of {', '.join(short)} is shorter than {SHORT} characters: {MAKE_ONE}"
    for name, variable in found.reused:
        yield f"the token of {name} is in {variable}, too: whoever has the one has the other; {MAKE_ONE}"


def _who(console: Console) -> str:
    counts = [(role, sum(token.role == role for token in console.tokens)) for role in ("operator", "viewer")]
    ways = [f"{count} {role}{'s' if count > 1 else ''} by token" for role, count in counts if count]
    if console.proxy is not None:
        ways.append(f"whoever the proxy at {console.proxy.address} names")
    return f"let in: {', '.join(ways)}"
