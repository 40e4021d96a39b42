"""A daemon thread: there is one while it is needed, and another one when it has died."""

from __future__ import annotations

from queue import SimpleQueue
from threading import Barrier, Event, Thread, current_thread

from worker.queue.thread import DaemonThread

LONG = 30.0


def test_it_runs_once_however_many_start_it_at_the_same_time() -> None:
    callers, end = Barrier(8), Event()
    ran: SimpleQueue[str] = SimpleQueue()

    def run() -> None:
        ran.put(current_thread().name)
        end.wait(LONG)

    def start() -> None:
        callers.wait(LONG)
        thread.start()

    thread = DaemonThread(run, "bud")
    starting = [Thread(target=start) for _ in range(8)]
    for each in starting:
        each.start()
    for each in starting:
        each.join(LONG)
    end.set()

    assert ran.get(timeout=LONG) == "bud"
    assert ran.empty()


def test_one_that_has_ended_is_started_again() -> None:
    """As in a process that was forked, where no other thread goes on."""
    threads: SimpleQueue[Thread] = SimpleQueue()
    thread = DaemonThread(lambda: threads.put(current_thread()), "bud")
    thread.start()
    first = threads.get(timeout=LONG)
    first.join(LONG)

    thread.start()

    assert threads.get(timeout=LONG) is not first


def test_it_keeps_no_process_alive() -> None:
    daemon: SimpleQueue[bool] = SimpleQueue()

    DaemonThread(lambda: daemon.put(current_thread().daemon), "bud").start()

    assert daemon.get(timeout=LONG)
