"""Writers of one SQLite file in several processes: nobody waits for ever, and the dead hold nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.integration.conftest import Databases
from tests.integration.store.examples import one
from worker.store import Store, StoreUnavailable, open_store

HOLD = """
import sys
from worker.store import open_store
with open_store(sys.argv[1]).write() as conn:
    print("held", flush=True)
    sys.stdin.readline()
"""

FORK_WHILE_HOLDING = """
import os, sys, time
from worker.store import open_store
with open_store(sys.argv[1]).write() as conn:
    child = os.fork()
    if child == 0:
        time.sleep(600)
        os._exit(0)
    time.sleep(0.2)
    print(child, flush=True)
    sys.stdin.readline()
"""

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def url(sqlite_databases: Databases) -> str:
    return sqlite_databases.migrated()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def start(url: str) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def run(program: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", program, url]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def line(process: subprocess.Popen[bytes]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().decode().strip()


def refused_within(store: Store, wait: float) -> float:
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="another process holds its write lock"), store.write(wait):
        pass
    return time.monotonic() - began


def test_a_stopped_process_makes_others_give_up_in_time_and_its_death_frees_them(store: Store, start: Start) -> None:
    holder = start(HOLD)
    assert line(holder) == "held"
    holder.send_signal(signal.SIGSTOP)
    assert 0.3 <= refused_within(store, 0.3) < 3
    holder.kill()
    holder.wait()
    one(store, "e1")


def test_a_thread_of_the_same_process_gives_up_in_time_too(store: Store) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.write():
            held.set()
            done.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    try:
        assert 0.2 <= refused_within(store, 0.2) < 3
    finally:
        done.set()
        holder.join()
    one(store, "e1")


def test_who_waited_for_a_thread_waits_for_a_process_only_as_long_as_is_left(store: Store, start: Start) -> None:
    holder = start(HOLD)
    assert line(holder) == "held"
    first = threading.Thread(target=refused_within, args=(store, 1.0))
    first.start()
    time.sleep(0.1)
    assert refused_within(store, 1.2) < 1.9
    first.join()


def test_a_turn_is_passed_on(store: Store, start: Start) -> None:
    holder = start(HOLD)
    assert line(holder) == "held"
    assert holder.stdin is not None
    threading.Timer(0.2, holder.stdin.close).start()
    one(store, "e1")


def test_a_forked_child_does_not_keep_the_turn_of_its_dead_parent(store: Store, start: Start) -> None:
    parent = start(FORK_WHILE_HOLDING)
    child = int(line(parent))
    try:
        refused_within(store, 0.1)
        parent.kill()
        parent.wait()
        one(store, "e1")
    finally:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def test_two_who_always_want_to_write_both_get_their_turns(store: Store, start: Start) -> None:
    greedy = start(
        "import sys; from worker.store import open_store; store = open_store(sys.argv[1]); print('on', flush=True)\n"
        "while True:\n"
        "    with store.write(): pass\n"
    )
    assert line(greedy) == "on"
    for n in range(100):
        one(store, f"e{n}")
