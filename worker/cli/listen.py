"""`relay listen` listens to senders that post nothing, as a platform runs it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from worker.cli.context import Installation, pass_installation
from worker.errors import ConfigError, RelayError

if TYPE_CHECKING:
    from worker.settings import Connection
    from worker.sources.stream.listener import Listener
    from worker.sources.stream.ports import Credentials

TOLD = (signal.SIGTERM, signal.SIGINT)
LOOK = 1.0
LEASE = 8.0
"""Seconds: so long after a process was killed another one takes over."""
PATIENCE = 8.0
"""Seconds for a transaction that is under way."""


class ListenerDied(RelayError):
    """A listener ended by a fault of ours; the platform starts the process again."""


@click.command()
@click.argument("connections", nargs=-1)
@pass_installation
def listen(installation: Installation, connections: Sequence[str]) -> None:
    """Listen to the senders of these connections, of all that have a stream if none is named, until it is told to stop.

    Where no connection has one, it does nothing until then: the Procfile has a line for it.

    Several processes may be told to listen to one connection: one of them does, and the next takes over within seconds.
    """
    chosen = _chosen(installation, connections)
    if chosen:
        run(installation, chosen, _credentials(installation))
    else:
        _stay_idle(installation)


def _stay_idle(installation: Installation) -> None:
    """Without a database, and without being seen: nothing waits for it."""
    from worker import logs

    logs.configure(installation.environ)
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    logging.getLogger(__name__).info("nobody is listened to: no connection has a stream")
    signal.sigwait(TOLD)


def run(
    installation: Installation,
    chosen: Sequence[Connection],
    credentials: Credentials,
    lease_seconds: float = LEASE,
) -> None:
    """Until it is told to stop. Raises ListenerDied."""
    from worker import logs
    from worker.instruments.heartbeat import Heartbeat, Who
    from worker.instruments.tally import Tally

    logs.configure(installation.environ)
    logging.getLogger("websockets").setLevel(logging.WARNING)  # below it, what is said is written down
    # Threads inherit it: the signals wait until this one looks.
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    stop = threading.Event()
    found = [_listener(installation, each, credentials, stop, lease_seconds) for each in chosen]
    heart = Heartbeat(installation.store, Who(kind="listener", threads=len(found)), Tally())
    heart.start()
    threads = [threading.Thread(target=each.run, name=f"listen {each.connection.name}", daemon=True) for each in found]
    for thread in threads:
        thread.start()
    told = _wait(threads)
    stop.set()
    for thread in threads:
        thread.join(PATIENCE)
    heart.end()
    if not told:
        raise ListenerDied("a listener ended by a fault of ours: the log says which")


def _wait(threads: Sequence[threading.Thread]) -> bool:
    """Whether it was told to stop; False when a thread ended by itself."""
    while all(thread.is_alive() for thread in threads):
        if signal.sigtimedwait(TOLD, LOOK) is not None:
            return True
    return False


def _chosen(installation: Installation, names: Sequence[str]) -> Sequence[Connection]:
    from worker.instruments.listening import is_listened_to, streams

    if not names:
        names = streams(installation.settings)
    found = [installation.connection(name) for name in names]
    for each in found:
        if each.connector.stream is not None and not is_listened_to(each):
            raise ConfigError(
                f"{each.name}: it is listened to with {each.received_by}; `relay listen {each.received_by}`"
            )
        if not is_listened_to(each):
            raise ConfigError(f"{each.name}: its sender posts webhooks, and `relay serve` takes them")
    return found


def _credentials(installation: Installation) -> Credentials:
    from worker.sources.grants import Grants
    from worker.sources.grants_transport import token_endpoint
    from worker.sources.signer import TokenSigner
    from worker.sources.stream.credentials import SignedCredentials

    keys = installation.keys
    return SignedCredentials(TokenSigner(keys, Grants(installation.store, keys, token_endpoint())), keys.token)


def _listener(
    installation: Installation,
    connection: Connection,
    credentials: Credentials,
    stop: threading.Event,
    lease_seconds: float,
) -> Listener:
    from worker.instruments.listening import members
    from worker.queue.wakeups import Wakeups
    from worker.sources.stream.dial import address_of, dialled
    from worker.sources.stream.listener import Listener
    from worker.sources.stream.ringing import Ringing, nobody

    stream = connection.connector.stream
    assert stream is not None
    address_of(connection)  # says what is wrong with it before anything starts
    settings = installation.live_settings

    redis = settings.redis_url
    return Listener(
        connection=connection,
        stream=stream,
        store=installation.store,
        credentials=credentials,
        dial=dialled,
        committed=Ringing(Wakeups(redis, settings.delivery.queue_bound).ring if redis else nobody),
        stop=stop,
        lease_seconds=lease_seconds,
        owner=f"{socket.gethostname()[:40]}:{os.getpid()}",
        fingerprint=installation.keys.fingerprint,
        members=members(settings, connection),
    )
