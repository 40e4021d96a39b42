"""Strangers without a secret, against the receiver as the Procfile starts it: honest senders notice nothing."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.web.test_receiver import eventually
from tests.siege.attacks import (
    HALF_A_HEAD,
    HALF_A_MEGABYTE,
    KEPT,
    LARGE_HEAD,
    ONE_BYTE,
    STRANGE,
    Attack,
    cut_short,
    flooding,
    holding,
    http2,
)
from tests.siege.receiver import Receiver, children, serving
from tests.siege.run import besiege
from tests.siege.wire import asked, head, opened, ping, status_now, taking_nothing
from web.unread import SECONDS
from worker.cli.local.receiver import HEAD_MILLISECONDS, raise_file_limit

DELAY = 1.0
"""Seconds that an honest request may take at most: the machine of a test may be slow. `make siege` measures."""


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    raise_file_limit()
    with serving(tmp_path_factory.mktemp("siege")) as running:
        yield running


@pytest.mark.parametrize(
    ("attack", "answers"),
    [
        (Attack("HTTP/2, closed", http2(4, 10, reset=False), 1), {"refused"}),
        (Attack("HTTP/2, reset", http2(4, 10, reset=True), 1), {"refused"}),
        (Attack("slow bodies", holding(ONE_BYTE, 400), 2), {"none, open", "408"}),
        (Attack("large slow bodies", holding(HALF_A_MEGABYTE, 150), 2), {"none, open", "408"}),
        (Attack("silence", holding(b"", 1200), 1), {"none, open", "none"}),
        (Attack("half a head", holding(HALF_A_HEAD, 1200), 1), {"none, open", "none"}),
        (Attack("kept connections", holding(KEPT, 1200), 1), {"200, open", "200"}),
        (Attack("large heads", holding(LARGE_HEAD, 100), 1), {"431", "none"}),
        (Attack("a bit of everything", flooding(STRANGE, 2), 1), {"200", "401", "404", "405", "413"}),
        (Attack("cut short", cut_short, 0.1), {"400"}),
    ],
    ids=lambda value: value.name if isinstance(value, Attack) else "",
)
def test_an_honest_sender_notices_nothing_of(receiver: Receiver, attack: Attack, answers: set[str]) -> None:
    outcome = besiege(receiver, attack)

    assert outcome.accepted, (outcome.honest, outcome.after)
    assert outcome.percentile(0.9) < DELAY * 1000
    assert set(outcome.answers) <= answers
    assert outcome.grown < 200


@pytest.mark.parametrize("sent", [b"", HALF_A_HEAD, KEPT], ids=["silent", "half a head", "kept"])
def test_a_connection_on_which_no_head_comes_is_closed(receiver: Receiver, sent: bytes) -> None:
    with opened(receiver.port, sent) as connection:
        eventually(lambda: not status_now(connection).endswith("open"), "it stays open", HEAD_MILLISECONDS / 1000 + 3)


def test_a_connection_whose_peer_takes_no_answer_is_closed(receiver: Receiver) -> None:
    time.sleep(1)  # the receiver has just begun to listen; what it accepts in the first tenth of a second has no limit
    before = receiver.open_files
    with ExitStack() as held:
        for _ in range(60):
            held.enter_context(taking_nothing(receiver.port))
        eventually(lambda: receiver.open_files >= before + 60, "they are not taken", 10)
        most = receiver.open_files

        eventually(lambda: receiver.open_files <= most - 50, f"held: {receiver.open_files} of {most}", SECONDS + 20)


def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    with serving(tmp_path) as receiver:
        assert len(children(receiver.pid)) >= 2
        os.kill(receiver.pid, signal.SIGKILL)

        eventually(lambda: free(receiver.port), "its children live on, and hold the port", 15)


def free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def test_a_body_that_never_comes_is_answered_in_time(receiver: Receiver) -> None:
    began = time.monotonic()

    assert asked(receiver.port, ONE_BYTE, 20).status == "408"
    assert 9 < time.monotonic() - began < 13
    assert asked(receiver.port, ping("efter")).status == "202"
    assert asked(receiver.port, head("GET", "/healthz")).status == "200"
