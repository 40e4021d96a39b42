"""Counts rooms, files and changes of room on one event's way from webhook to PUT.

python -m bench.walk [--show]

The record exists already. The webhook is POSTed to the Flask app, and the worker's delivery runs in this process; Upsales is the sandbox.

A room is a package or module directly under `worker`, or `web`, or `schemas`. A change of room is a Python call from one room
into another: the caller is the nearest function of ours on the stack, also when a library stands between. Methods that Python
generates for dataclasses count, and so does every step of a generator. Imports, the sandbox and log lines do not count.
The walk ends when the event is delivered. `--show` prints the changes by pair of rooms and the functions in the order of their calls.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Any

from redis import Redis

from bench.house import ROOT, House, Layout, company, house, within
from web.app import create_app
from worker import logs
from worker.connectors.generic import connector
from worker.keys import Keys
from worker.queue.shutdown import Stop
from worker.queue.wakeups import QUEUES
from worker.runtime import Runtime
from worker.sdk.request import Request

CONNECTION = "butik"
SECRET = "whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g="
SECONDS = 10.0
PACKAGES = ("worker", "web", "schemas")
SANDBOX = "web/sandbox/"


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a function of ours. `caller`: the file that called it; None where a thread begins."""

    thread: str
    caller: str | None
    file: str
    function: str

    @property
    def room(self) -> str:
        return room_of(self.file)

    @property
    def change(self) -> tuple[str, str] | None:
        """From which room into which; None when it stays in its room."""
        if self.caller is None or room_of(self.caller) == self.room:
            return None
        return room_of(self.caller), self.room


def room_of(file: str) -> str:
    """The room of a file, whose path is relative to the repository."""
    package, *inside = Path(file).with_suffix("").parts
    return inside[0] if package == "worker" else package


class Recorder:
    """A profile function for `sys.setprofile` and `threading.setprofile`: notes the calls of code under `root` while it is on."""

    def __init__(self, root: Path = ROOT) -> None:
        self.steps: list[Step] = []
        self._root = f"{root}/"
        self._on = False

    @contextmanager
    def on(self) -> Iterator[None]:
        self._on = True
        sys.setprofile(self)
        try:
            yield
        finally:
            sys.setprofile(None)
            self._on = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if not self._on or event != "call":
            return
        file = self._file(frame)
        if file is not None:
            self.steps.append(Step(threading.current_thread().name, self._caller(frame), file, _function(frame)))

    def _caller(self, frame: FrameType) -> str | None:
        caller = frame.f_back
        while caller is not None and (file := self._file(caller)) is None:
            caller = caller.f_back
        return None if caller is None else file

    def _file(self, frame: FrameType) -> str | None:
        """None for code that is not ours. A generated method belongs to the module of its class."""
        name = frame.f_code.co_filename
        if name.startswith("<"):
            name = str(frame.f_globals.get("__file__", ""))
        file = name.removeprefix(self._root)
        if file == name or not file.startswith(PACKAGES) or file.startswith(SANDBOX):
            return None
        return file


def _function(frame: FrameType) -> str:
    if frame.f_code.co_filename.startswith("<") and "self" in frame.f_locals:
        return f"{type(frame.f_locals['self']).__qualname__}.{frame.f_code.co_name}"
    return frame.f_code.co_qualname.replace(".<locals>", "")


def main() -> int:
    options = _options()
    recorder = Recorder()
    # Threads that begin from now on are watched.
    threading.setprofile(recorder)
    with (
        tempfile.TemporaryDirectory(prefix="relay-bench-") as scratch,
        house(Path(scratch), Layout(keys={CONNECTION: "nyckel-butik"})) as place,
    ):
        place.put_key(CONNECTION, SECRET, "secret")
        logs.configure({**place.environ, "RELAY_LOG_LEVEL": "warning"})
        walk = _walk(place)
        first, second, third = (_signed(version) for version in (1, 2, 3))
        # The first event makes the record, the second loads what is loaded once.
        walk(first)
        walk(second)
        with recorder.on():
            walk(third)
        methods = [call["method"] for call in place.calls(resource="accounts")]
    if methods[1:] != ["POST", "PUT", "PUT"]:
        raise SystemExit(f"the walk did not end in a PUT: the calls about companies were {methods}")
    print("\n".join(_report(recorder.steps, show=options.show)))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print the changes and the functions, too")
    return parser.parse_args()


def _walk(place: House) -> Callable[[Request], None]:
    """Sends a webhook and delivers its event."""
    client = create_app(place.settings, Keys(place.environ, place.store), place.store).test_client()
    jobs = Runtime(place.settings, place.environ, Stop()).jobs()
    redis = Redis.from_url(place.redis_url)

    def walk(webhook: Request) -> None:
        before = _messages(redis)
        answer = client.post(webhook.url, data=webhook.body, headers=list(webhook.headers))
        (event,) = answer.get_json()["events"]
        # No worker takes the messages, so each event leaves one more.
        within(SECONDS, lambda: _messages(redis) > before, "the wake-up is sent")
        jobs.deliver(event)

    return walk


def _signed(version: int) -> Request:
    """The n-th change of one company, as its sender posts it."""
    body = json.dumps(company(1, version)).encode()
    webhook = Request("POST", f"http://localhost/webhooks/{CONNECTION}", (("webhook-id", f"msg-{version}"),), body)
    return connector.signature.sign(webhook, SECRET, datetime.now(UTC))


def _messages(redis: Redis) -> int:
    lengths: Sequence[Any] = [redis.llen(queue) for queue in QUEUES]
    return sum(lengths)


def _report(steps: Sequence[Step], *, show: bool) -> Iterator[str]:
    rooms = sorted({step.room for step in steps})
    changes = Counter(step.change for step in steps if step.change is not None)
    yield f"{len(rooms):4} rooms: {', '.join(rooms)}"
    yield f"{changes.total():4} changes of room"
    yield f"{len({step.file for step in steps}):4} files"
    if show:
        yield from ("", *(f"{count:4} {caller} -> {room}" for (caller, room), count in changes.most_common()), "")
        yield from _stays(steps)


def _stays(steps: Sequence[Step]) -> Iterator[str]:
    """The functions, a line for each stay in a room; thread by thread, as threads overlap."""
    for thread in dict.fromkeys(step.thread for step in steps):
        yield f"{thread}:"
        for room, stay in groupby((step for step in steps if step.thread == thread), key=lambda step: step.room):
            yield f"  {room:12}{', '.join(dict.fromkeys(step.function for step in stay))}"


if __name__ == "__main__":
    sys.exit(main())
