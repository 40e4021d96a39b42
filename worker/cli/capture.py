"""`relay capture` writes what a sender really posted into case files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from worker.cli.context import Installation, pass_installation
from worker.cli.output import say
from worker.devkit.capture.anonymise import masked, masked_settings
from worker.devkit.capture.capture import Capture, parsed_body, telling
from worker.devkit.capture.fake_people import StandIns
from worker.devkit.capture.save import keep
from worker.errors import ConfigError
from worker.settings import Connection
from worker.store.events.events import StoredRequest, latest_requests

LOOPBACK = "127.0.0.1"


@click.command()
@click.argument("connection", required=False)
@click.option("--last", type=click.IntRange(1, 1000), default=1, show_default=True, help="How many, newest first.")
@click.option("--mask-personal", is_flag=True, help="Replace real people by invented ones.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("captured"), show_default=True)
@click.option(
    "--listen", type=click.IntRange(0, 65535), metavar="PORT", help="Receive from a sender without a connector."
)
@click.option("--host", default=LOOPBACK, show_default=True, help="Where to listen.")
@click.option("--count", type=click.IntRange(1), help="Stop listening after so many requests.")
@pass_installation
def capture(
    installation: Installation,
    connection: str | None,
    last: int,
    mask_personal: bool,  # noqa: FBT001 - as click calls it
    out: Path,
    listen: int | None,
    host: str,
    count: int | None,
) -> None:
    """Write what a sender posted into case files: the sender of a CONNECTION, or any sender with --listen PORT.

    The files are what `relay connectors new --from` and `relay connectors accept --from` take.
    """
    people = StandIns() if mask_personal else None
    if (connection is None) == (listen is None):
        raise ConfigError("name a connection whose stored requests to write, or --listen PORT to receive new ones")
    if listen is not None:
        _listen(host, listen, count, lambda found: _written(keep(_disguised(found, people), out)))
    else:
        assert connection is not None
        _write_stored(installation, installation.connection(connection), last, people, out)
    if people is None:
        say("They hold what the sender sent; --mask-personal puts invented people in the place of real ones.")
    say(f"{out}/ is not for the repository: keep it in .gitignore.")


def _write_stored(installation: Installation, found: Connection, last: int, people: StandIns | None, out: Path) -> None:
    with installation.store.read() as conn:
        stored = latest_requests(conn, found.name, last)
    if not stored:
        raise ConfigError(f"nothing has come in for {found.name} yet, or it was purged")
    settings = _said(found.settings)
    for request in stored:
        case = _disguised(_capture(request, found), people)
        _written(keep(case, out, masked_settings(settings, people) if people else settings))


def _capture(stored: StoredRequest, found: Connection) -> Capture:
    headers = {name.title(): value for name, value in stored.headers}
    try:
        content_type = "application/x-www-form-urlencoded" if found.connector.body == "form" else "application/json"
        body, is_form = parsed_body(stored.body, content_type)
    except ValueError:
        raise ConfigError(f"request {stored.id} can't be read as what {found.connector.name} sends") from None
    return Capture("captured", telling(headers), body, stored.received_at, is_form=is_form)


def _said(settings: Any) -> dict[str, Any]:
    """The settings that are not left at their defaults, as the settings file holds them."""
    held = {each.name: (getattr(settings, each.name), _default(each)) for each in fields(settings)}
    plain = {name: value for name, (value, default) in held.items() if value != default}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}


def _default(declared: Any) -> Any:
    return declared.default if declared.default_factory is MISSING else declared.default_factory()


def _disguised(found: Capture, people: StandIns | None) -> Capture:
    return masked(found, people) if people else found


def _written(path: Path) -> None:
    say(f"wrote {path}")
    sys.stdout.flush()


def _listen(host: str, port: int, count: int | None, kept: Callable[[Capture], None]) -> None:
    import logging
    import threading

    from werkzeug.serving import make_server

    from worker.devkit.capture.server import receiver

    done = threading.Event()
    left = [count]

    def keep_and_count(found: Capture) -> None:
        kept(found)
        if left[0] is not None:
            left[0] -= 1
            if left[0] <= 0:
                done.set()

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        server = make_server(host, port, receiver(keep_and_count, lambda: datetime.now(UTC)))
    except (OSError, SystemExit):
        raise ConfigError(f"can't listen on {host}:{port}: is another program there?") from None
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    say(f"Listening on http://{host}:{server.port}/ — let the sender post there. Ctrl-C stops.")
    sys.stdout.flush()
    try:
        done.wait()
    except KeyboardInterrupt:
        say()
    server.shutdown()
    serving.join()
    server.server_close()
