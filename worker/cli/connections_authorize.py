"""`relay connections authorize` walks a person through the grant by which a sender is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Final

import click

from worker.admin import granting
from worker.admin.granting import Given
from worker.admin.parts import Parts
from worker.cli.context import Installation, pass_installation
from worker.cli.options import by_option, why_option
from worker.cli.output import say
from worker.cli.redirect_listener import ADDRESS, PATH, RedirectListener
from worker.sources.grants import Grants
from worker.sources.grants_transport import token_endpoint
from worker.store.people.audit import Actor

PORT: Final = 8004
PATIENCE: Final = 600.0


@click.command()
@click.argument("connection")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Where this machine waits for your browser; 0: any that is free.",
)
@click.option("--paste", is_flag=True, help="Listen nowhere: paste the address that the sender sent your browser to.")
@click.option("--redirect", metavar="URL", help="With --paste: the address that is registered at the sender.")
@why_option
@by_option
@pass_installation
def authorize(
    installation: Installation,
    connection: str,
    *,
    port: int,
    paste: bool,
    redirect: str | None,
    why: str | None,
    by: str,
) -> None:
    """Let a connection read its sender: open the address that is printed, and agree there."""
    if redirect and not paste:
        raise click.UsageError("--redirect is for --paste")
    actor = Actor(by, "command")
    if paste:
        address = redirect or f"http://{ADDRESS}:{port or PORT}{PATH}"
        given = walk(installation, actor, connection, address, _pasted, why)
    else:
        with RedirectListener(port) as listener:
            given = walk(installation, actor, connection, listener.redirect, lambda: listener.wait(PATIENCE), why)
    say(_told(connection, given))


def walk(
    parts: Parts, actor: Actor, name: str, redirect: str, answer: Callable[[], str], why: str | None = None
) -> Given:
    """`answer` waits for the address that the person is sent back to."""
    begun = granting.begin(parts, name, redirect)
    say(f"Its redirect address, to be registered at the sender: {redirect}", err=True)
    say("Open this, and agree there:", err=True)
    say(begun.consent.url)
    redirected = answer()
    with closing(token_endpoint()) as endpoint:
        grants = Grants(parts.store, parts.keys, endpoint)
        return granting.finish(parts, actor, grants, begun, redirected, why=why)


def _pasted() -> str:
    return str(click.prompt("The address that your browser shows then", hide_input=True, err=True))


def _told(name: str, given: Given) -> str:
    if given.ends is not None:
        lasts = f"until {given.ends:%Y-%m-%d}" + (", longer each time it is renewed" if given.renewable else "")
    elif given.renewable:
        lasts = "as long as it is renewed, which the relay does; when it ends otherwise is unknown"
    elif given.expires is not None:
        lasts = f"until {given.expires:%Y-%m-%d %H:%M} UTC: the sender gave nothing to renew it with"
    else:
        lasts = "for a time that is unknown"
    resume = f" It is paused: `relay connections resume {name}`." if given.paused else ""
    return f"{name} may read its sender {lasts}.{resume}"
