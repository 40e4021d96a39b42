"""Runs a sandbox: `python -m web.sandbox`.

Keys come from the environment, never from arguments.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, TextIO

import click

from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from web.sandbox.server import make_server


def read_keys(text: str) -> Mapping[str, SandboxKey]:
    """Read `name=key@account,...` or `{"name": {"key": ..., "account": 1, "account_name": ...}}`.

    Errors never repeat what was read: it holds keys.
    """
    if not text.strip():
        return {}
    if text.lstrip().startswith("{"):
        return dict(_json_keys(text))
    return dict(_listed_key(position, part) for position, part in enumerate(text.split(","), 1))


def _listed_key(position: int, part: str) -> tuple[str, SandboxKey]:
    name, equals, rest = part.strip().partition("=")
    secret, _, account = rest.partition("@")
    if not equals or not name or not secret or not (account or "1").isdecimal():
        raise click.ClickException(f"keys: entry {position} is not name=key or name=key@account (a number)")
    return secret, SandboxKey(name, int(account or 1))


def _json_keys(text: str) -> list[tuple[str, SandboxKey]]:
    try:
        data = json.loads(text)
        return [
            (str(row["key"]), SandboxKey(name, int(row.get("account", 1)), str(row.get("account_name", ""))))
            for name, row in data.items()
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise click.ClickException('keys: not JSON of the form {"name": {"key": "...", "account": 1}}') from None


def windows(_: click.Context, __: click.Parameter, text: str) -> tuple[tuple[int, float], ...]:
    """Read `200/10,6000/600`: calls per seconds."""
    try:
        return tuple((int(limit), float(span)) for limit, span in (part.split("/") for part in text.split(",")))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not of the form 200/10,6000/600 (calls/seconds)") from None


def phase(_: click.Context, __: click.Parameter, text: str) -> float | None:
    try:
        return None if text == "random" else float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither a number of seconds nor 'random'") from None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--port",
    default=8001,
    show_default=True,
    envvar="RELAY_SANDBOX_PORT",
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--keys-file", type=click.File(encoding="utf-8"), help="Read the keys from this file instead of SANDBOX_KEYS."
)
@click.option("--search-lag", default=1.0, show_default=True, help="Seconds until a write shows in lists.")
@click.option("--calls", default="200/10,6000/600,20000/3600", show_default=True, callback=windows)
@click.option("--writes", default="2000/600,5000/3600", show_default=True, callback=windows)
@click.option("--faster", default=1.0, show_default=True, help="Divide the length of the call windows by this.")
@click.option(
    "--phase", default="0", show_default=True, callback=phase, help="Second at which windows begin, or 'random'."
)
@click.option("--latency", default=0.0, help="Seconds each call takes.")
@click.option("--jitter", default=0.0, help="Up to so many seconds more.")
@click.option("--seed", default=0, help="Seed of everything that is random.")
@click.option(
    "--faults", is_flag=True, help="Offer the control URLs under /sandbox/. Whoever reaches them controls the sandbox."
)
@click.option("--log-bodies", is_flag=True, help="Keep request bodies in the call log.")
@click.option(
    "--new-accounts",
    is_flag=True,
    help="Draw the customer ids of the keys' accounts at each start: what an earlier sandbox held is in another account.",
)
@click.option("--no-tickets", "tickets", flag_value=False, default=True, help="Be accounts without the tickets add-on.")
def main(host: str, port: int, keys_file: TextIO | None, faster: float, **settings: Any) -> None:
    """Serve an imitation of Upsales. API keys: SANDBOX_KEYS='shop=key1@1,forms=key2@1'."""
    keys = read_keys(keys_file.read() if keys_file else os.environ.get("SANDBOX_KEYS", ""))
    if not keys and not settings["faults"]:
        raise click.ClickException(
            "no API keys: set SANDBOX_KEYS=name=key@account, or start with --faults and make keys at /sandbox/keys"
        )
    serve(SandboxOptions(keys=keys, **settings).faster(faster), host, port)


def serve(options: SandboxOptions, host: str, port: int) -> None:
    server = make_server(create_sandbox(options), host, port)
    names = ", ".join(key.name for key in options.keys.values()) or "none yet"
    click.echo(
        f"Upsales sandbox: http://{host}:{server.server_port}/api/v2 (keys: {names}); page: http://{host}:{server.server_port}/"
    )
    server.serve_forever()


if __name__ == "__main__":
    main()
