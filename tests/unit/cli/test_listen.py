"""`relay listen` says what it can't listen to, and waits for a signal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from worker.cli import relay
from worker.cli.context import Installation
from worker.cli.listen import TOLD, _wait


@pytest.fixture
def held_back() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_it_waits_until_it_is_told(held_back: None) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait, daemon=True)
    thread.start()
    # To this thread: others of a test run would not hold it back.
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    assert _wait([thread])
    done.set()
    thread.join()
    assert not _wait([thread])


ENVIRON = {"RELAY_GENERIC_API_KEY": "k", "RELAY_CONFIG": ""}


def test_what_posts_webhooks_is_not_listened_to() -> None:
    result = CliRunner().invoke(relay, ["listen", "generic"], obj=Installation(ENVIRON))
    assert result.exit_code == 2
    assert "its sender posts webhooks" in result.output


def test_where_nobody_is_listened_to_it_waits_and_does_nothing(held_back: None) -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    result = CliRunner().invoke(relay, ["listen"], obj=Installation(ENVIRON))
    assert result.exit_code == 0, result.output
