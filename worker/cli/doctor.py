"""`relay doctor` names what is missing or wrong, each with what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.doctor_checks import LEFT_OVER, Finding, left_over, moving
from worker.cli.output import json_option, show
from worker.errors import ConfigError, RelayError, Unauthorized
from worker.sdk.signatures import signs_url
from worker.settings import Connection
from worker.upsales import Account

COLUMNS = ("what", "state", "says")
UNUSED = timedelta(days=7)
SHORTEST = 12
"""Of a signing secret, without what only tells its kind."""
PREFIXES = ("whsec_", "whpk_", "whsk_")


@click.command()
@click.option("--offline", is_flag=True, help="Don't ask Upsales about keys and accounts.")
@click.option(
    "--fix",
    is_flag=True,
    help="Make the custom fields for the marker that are missing in Upsales. Needs settings and keys, nothing else.",
)
@click.option(
    "--matching",
    is_flag=True,
    help="Also count the companies that differ in their legal form only. Reads all of them, a thousand a call.",
)
@json_option
@pass_installation
def doctor(installation: Installation, *, offline: bool, fix: bool, matching: bool, as_json: bool) -> None:
    """Look for what is missing or wrong: settings, database, Redis, keys, secrets, and settings that do not fit Upsales."""
    for option in ("--fix",) * fix + ("--matching",) * matching:
        if offline:
            raise ConfigError(f"{option} asks Upsales: leave --offline out")
    findings = list(_findings(installation, offline=offline, fix=fix, matching=matching))
    rows = [{"what": each.what, "state": each.state, "says": each.says} for each in findings]
    show(rows, COLUMNS, as_json=as_json)
    if any(each.state == "wrong" for each in findings):
        sys.exit(1)


def _findings(installation: Installation, *, offline: bool, fix: bool, matching: bool) -> Iterator[Finding]:
    settings = installation.settings
    yield Finding("settings", "good", str(settings.config or "no relay.toml; defaults and environment"))
    yield _files(installation)
    database = _checked("database", partial(_database, installation))
    yield database
    redis = _checked("Redis", partial(_redis, installation))
    yield redis
    if not settings.connections:
        yield Finding("connections", "wrong", "there are none: set RELAY_<CONNECTOR>_API_KEY, or write relay.toml")
    if database.state == "good":
        yield from (Finding(f"{state.name}: connection", "look", LEFT_OVER) for state in left_over(installation))
    lacks = [each.what for each in (database, redis) if each.state == "wrong"]
    asked: list[Connection] = []
    for connection in settings.connections.values():
        yield _checked(f"{connection.name}: signing secret", partial(_secret, installation, connection))
        if signs_url(connection.connector.signature):
            yield _signed_url(connection, settings.public_url)
        key = _checked(f"{connection.name}: API key", partial(_key, installation, connection))
        yield key
        if database.state == "good":
            yield _checked(f"{connection.name}: deliveries", partial(moving, installation, connection.name))
        if offline or key.state != "good":
            continue
        asked.append(connection)
        yield from _account(installation, connection, lacks, fix=fix)
    if matching:
        yield from _matching(installation, asked, lacks)


def _checked(what: str, look: Callable[[], str | Finding]) -> Finding:
    from redis.exceptions import RedisError

    try:
        found = look()
    except RelayError as error:
        return Finding(what, "wrong", str(error))
    except RedisError as error:
        return Finding(what, "wrong", f"it can't be reached ({type(error).__name__}): check REDIS_URL")
    return found if isinstance(found, Finding) else Finding(what, "good", found)


def _files(installation: Installation) -> Finding:
    from worker.cli.secret_files import open_to_others

    found = open_to_others(installation.environ, installation.settings)
    if not found:
        return Finding("files", "good", "secrets and data can be read by their owner only")
    names = " ".join(map(str, found))
    return Finding("files", "look", f"others on this machine can read what is secret: chmod go-rwx {names}")


def _database(installation: Installation) -> str:
    return installation.store.name


def _redis(installation: Installation) -> str | Finding:
    policy = installation.redis.config_get("maxmemory-policy").get("maxmemory-policy")
    if policy not in ("noeviction", None):
        return Finding(
            "Redis", "look", f"its maxmemory-policy is {policy}: with noeviction no wake-up is ever thrown away"
        )
    return "reached"


def _secret(installation: Installation, connection: Connection) -> str | Finding:
    from worker.settings.variables import variables_of

    secrets = installation.keys.secrets(connection.name)
    if not secrets and connection.connector.signature.needs_secret:
        variable = variables_of(connection.name, "SECRET")[0]
        raise ConfigError(
            f"missing: set {variable} or `relay keys set {connection.name} --secret`; until then senders get 503"
        )
    _refuse_guessable(installation, connection.name, secrets)
    old = _out_of_use(installation, connection) if len(secrets) > 1 else []
    if old:
        says = f"{len(secrets)} in force, of which {', '.join(old)} has not been used for {UNUSED.days} days: it can go"
        return Finding(f"{connection.name}: signing secret", "look", says)
    return f"{len(secrets)} in force" if secrets else "not needed"


def _refuse_guessable(installation: Installation, connection: str, secrets: Sequence[str]) -> None:
    short = [each for each in secrets if len(each.partition("_")[2] if each.startswith(PREFIXES) else each) < SHORTEST]
    if short:
        raise ConfigError(
            f"{', '.join(map(installation.keys.fingerprint, short))} has fewer than {SHORTEST} characters, it can be guessed:"
            f" make another at the sender, or with `relay keys rotate {connection} --secret --generate`"
        )


def _out_of_use(installation: Installation, connection: Connection) -> list[str]:
    """Fingerprints of secrets that a sender stopped using, while it uses another one."""
    from worker.keys import stored

    used = stored.last_used(installation.store)
    fingerprints = [installation.keys.fingerprint(each) for each in installation.keys.secrets(connection.name)]
    lately = datetime.now(UTC) - UNUSED
    last = {each: used.get((connection.name, "secret", each)) for each in fingerprints}
    in_use = {each for each, at in last.items() if at is not None and at > lately}
    return [each for each in fingerprints if each not in in_use] if in_use else []


def _signed_url(connection: Connection, public_url: str | None) -> Finding:
    what = f"{connection.name}: signed URL"
    if public_url is not None:
        return Finding(what, "good", f"its sender has to call {public_url}, letter for letter")
    says = "its sender signs the URL that it calls: behind a proxy set RELAY_PUBLIC_URL, or each request gets 401"
    return Finding(what, "look", says)


def _key(installation: Installation, connection: Connection) -> str:
    return f"fingerprint {installation.keys.fingerprint(installation.keys.api_key(connection.name))}"


def _account(
    installation: Installation, connection: Connection, lacks: Sequence[str], *, fix: bool
) -> Iterator[Finding]:
    what = f"{connection.name}: account"
    try:
        yield from (
            _bare(installation, connection, lacks, fix=fix) if lacks else _bound(installation, connection, fix=fix)
        )
    except Unauthorized as error:
        remedy = f"make one in Upsales, then `relay keys set {connection.name}`, or put it where it comes from"
        yield Finding(what, "wrong", f"{error}; {remedy}")
    except RelayError as error:
        yield Finding(what, "wrong", str(error))


def _matching(installation: Installation, asked: Sequence[Connection], lacks: Sequence[str]) -> Iterator[Finding]:
    from worker.cli import doctor_matching

    if lacks:
        yield Finding("[matching] name", "look", f"the companies are counted only with {' and '.join(lacks)}")
    else:
        yield from doctor_matching.matching(installation, asked)


def _bound(installation: Installation, connection: Connection, *, fix: bool) -> Iterator[Finding]:
    from worker.cli import doctor_checks

    bound = installation.runtime.binding.of(connection)
    account = bound.upsales.whoami()
    yield from _whose(connection, account)
    yield from doctor_checks.external_ids(installation, connection, bound.account, bound.upsales, fix=fix)
    yield from doctor_checks.named(connection, bound.upsales)
    yield from doctor_checks.custom_fields(connection, bound.upsales)


def _bare(installation: Installation, connection: Connection, lacks: Sequence[str], *, fix: bool) -> Iterator[Finding]:
    """Before anything runs: settings and a key are enough to look at the account."""
    from worker.cli import doctor_checks
    from worker.cli.bare_upsales import bare_upsales

    with bare_upsales(installation, connection, installation.keys.api_key(connection.name)) as upsales:
        yield from _whose(connection, upsales.whoami())
        says = f"asked without {' and '.join(lacks)}: no call was counted or journalled, and the key is bound to no account yet"
        yield Finding(f"{connection.name}: calls", "look", says)
        yield from doctor_checks.external_ids_unkept(connection, upsales, fix=fix)
        yield from doctor_checks.named(connection, upsales)
        yield from doctor_checks.custom_fields(connection, upsales)


def _whose(connection: Connection, account: Account) -> Iterator[Finding]:
    from worker.cli import doctor_checks

    says = f"{account.id} ({account.name}), as {account.user_name} ({account.user_email})"
    yield Finding(f"{connection.name}: account", "good", says)
    yield doctor_checks.clock(connection.name, account, datetime.now(UTC))
