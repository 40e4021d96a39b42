"""Carries out a schedule: kills, freezes, wipes, fails."""

from __future__ import annotations

import heapq
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

import redis

from tests.chaos.place import Place
from tests.chaos.schedule import BESIDE, CLOCK, ENDS, UPSALES, Act
from tests.chaos.snapshot import Snapshot
from tests.chaos.supervision import Supervision
from tests.chaos.upsales import Sandbox


@dataclass(slots=True)
class Mayhem:
    """Carries out a schedule in a thread of its own."""

    acts: Sequence[Act]
    supervision: Supervision
    sandbox: Sandbox
    place: Place
    done: Counter[str] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    failure: Exception | None = None
    faults: int = 0
    _failing: list[int] = field(default_factory=list)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="mayhem", daemon=True)
        self._thread.start()

    def finished(self, seconds: float) -> bool:
        """Waits at most so long. Raises what the thread raised."""
        assert self._thread is not None
        self._thread.join(seconds)
        if self.failure is not None:
            raise self.failure
        return not self._thread.is_alive()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        begun, number = time.monotonic(), count()
        heap = [(act.at, next(number), act) for act in self.acts]
        heapq.heapify(heap)
        try:
            while heap:
                at, _, act = heapq.heappop(heap)
                if self._stop.wait(max(begun + at - time.monotonic(), 0.0)):
                    return
                if act.target in self.supervision.names or act.target in BESIDE:
                    self._do(act)
                if act.deed in ENDS:
                    end = Act(at + act.seconds, ENDS[act.deed], act.target)
                    heapq.heappush(heap, (end.at, next(number), end))
        except Exception as error:  # noqa: BLE001 - it is raised again where the run is waited for
            self.failure = error

    def _do(self, act: Act) -> None:
        self.done[act.deed] += 1
        if act.target == CLOCK:
            self.place.clock.set_back(act.seconds)
        elif act.target == UPSALES:
            self._do_to_upsales(act)
        else:
            self._do_to_process(act)

    def _do_to_upsales(self, act: Act) -> None:
        match act.deed:
            case "outage":
                self.sandbox.add_faults([{"kind": "outage", "seconds": act.seconds}])
            case "fail":
                self._failing += self.sandbox.add_faults([{"kind": "error_before_commit"}])
            case "mend":
                self.faults += self.sandbox.clear_faults(self._failing.pop())

    def _do_to_process(self, act: Act) -> None:
        process = self.supervision[act.target]
        match act.deed:
            case "kill":
                process.send(signal.SIGKILL)
            case "kill a child of":
                process.kill_a_child()
            case "crash":
                # To PostgreSQL: end at once, and recover at the next start.
                process.send_one(signal.SIGQUIT)
            case "freeze":
                process.send(signal.SIGSTOP)
            case "thaw":
                process.send(signal.SIGCONT)
            case "wipe":
                self._wipe()
            case "save":
                self._snapshot.save()
            case "restore":
                self._snapshot.restore()

    @property
    def _snapshot(self) -> Snapshot:
        return Snapshot(self.place.directory, self.supervision)

    def _wipe(self) -> None:
        """A server that was just killed is waited for."""
        for _ in range(20):
            try:
                with redis.Redis.from_url(self.place.redis_url, protocol=2, socket_timeout=2) as client:
                    client.flushall()
            except redis.RedisError:
                time.sleep(0.2)
            else:
                return
