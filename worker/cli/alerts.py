"""`relay alerts` shows what is wrong and was, and tries whether people are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.group import Lazy, RelayGroup
from worker.cli.options import limit_option
from worker.cli.output import json_option, say, show

if TYPE_CHECKING:
    from worker.store.alerts.alerts import Alert

COMMANDS = {
    "list": Lazy("worker.cli.alerts:list_alerts", "What is wrong now, and what was."),
    "test": Lazy("worker.cli.alerts:try_it", "Tell everybody who is told of alerts that this is a test."),
    "key": Lazy("worker.cli.alerts:key", "Make a key with which alerts are signed."),
}


@click.group(cls=RelayGroup, lazy=COMMANDS)
def alerts() -> None:
    """Show alerts, and try whether people are told of them."""


@click.command(name="list")
@limit_option
@json_option
@pass_installation
def list_alerts(installation: Installation, *, limit: int, as_json: bool) -> None:
    """List alerts: the open ones first, then those that closed last."""
    from worker.store.alerts import alerts as kept
    from worker.store.alerts import notices

    with installation.store.read() as conn:
        found, unsent = kept.latest(conn, limit), notices.unsent(conn)
    rows = [
        {
            "state": _state(alert),
            "kind": alert.kind,
            "since": alert.opened_at,
            "closed": alert.closed_at,
            "what": alert.text,
        }
        for alert in found
    ]
    show(rows, ("state", "kind", "since", "closed", "what"), as_json=as_json)
    for target, error in () if as_json else unsent:
        say(f"{target} did not take an alert: {error}", err=True)


def _state(alert: Alert) -> str:
    if alert.closed_at is not None:
        return "closed"
    return "open" if alert.right_for is None else "right again"


@click.command(name="test")
@pass_installation
def try_it(installation: Installation) -> None:
    """Send a test by every way that is set up. Nothing is stored."""
    from datetime import UTC, datetime

    from ulid import ULID

    from worker.alerts.targets import NotSent, Targets
    from worker.errors import ConfigError
    from worker.store.alerts.alerts import Alert
    from worker.store.alerts.notices import Notice

    settings = installation.settings.alerts
    if not settings.targets:
        raise ConfigError(
            "nobody is told of alerts: set RELAY_ALERTS_WEBHOOK_URL, RELAY_ALERTS_SLACK_URL or email_to in [alerts]"
        )
    text = "this is a test of the alerts; nothing is wrong"
    about = Alert(
        id=str(ULID()),
        kind="test",
        connection="",
        text=text,
        opened_at=datetime.now(UTC),
        closed_at=None,
        right_for=None,
    )
    sender, failed = Targets(settings), False
    for target in settings.targets:
        try:
            sender.send(about, Notice(id=str(ULID()), alert=about.id, act="opened", target=target, tries=1, age=0.0))
            say(f"{target}: taken")
        except NotSent as error:
            failed = True
            say(f"{target}: not taken: {error}", err=True)
    if failed:
        raise SystemExit(1)


@click.command()
def key() -> None:
    """Print a new key for RELAY_ALERTS_SIGNING_KEY. Whoever takes the alerts checks their signatures with it."""
    import base64
    import secrets

    say(f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}")
