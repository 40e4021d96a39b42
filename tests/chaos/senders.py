"""The other systems: each posts as it does, and posts again until somebody takes it."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from random import Random

import httpx

from tests.chaos.story import Told

SENDERS = 8
TIMEOUT = 5.0
PAUSES = (0.05, 0.1, 0.3, 1.0)
"""Seconds between tries; a real sender waits longer."""
GIVE_UP = 120.0


class Senders:
    """Sends the story over so many seconds. `accepted` holds the events that were answered 2xx at least once."""

    def __init__(
        self, url: Callable[[str], str], secrets: Mapping[str, str], sendings: Sequence[Told], seconds: float
    ) -> None:
        self._url = url
        self._secrets = secrets
        self._pause = seconds / max(len(sendings), 1)
        self._queue: queue.Queue[Told | None] = queue.Queue()
        self._sendings = sendings
        self._lock = threading.Lock()
        self.accepted: set[str] = set()
        self.refused: dict[str, str] = {}
        self.answers = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send_all, args=(n,), daemon=True) for n in range(SENDERS)]
        self._feeder = threading.Thread(target=self._feed, daemon=True)
        self._client = httpx.Client(trust_env=False, timeout=TIMEOUT)

    def start(self) -> None:
        for thread in (*self._threads, self._feeder):
            thread.start()

    def finished(self, seconds: float) -> bool:
        """Whether everything was sent in time."""
        until = time.monotonic() + seconds
        for thread in (self._feeder, *self._threads):
            thread.join(max(until - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        self._stop.set()
        self.finished(2 * TIMEOUT)

    def close(self) -> None:
        self._client.close()

    def tell(self, told: Told) -> bool:
        """Sends one event beside the others, until somebody takes it."""
        self._send(self._client, told, Random(told.number))
        return told.id in self.accepted

    def _feed(self) -> None:
        begun = time.monotonic()
        for number, told in enumerate(self._sendings):
            if self._stop.wait(max(begun + number * self._pause - time.monotonic(), 0.0)):
                break
            self._queue.put(told)
        for _ in self._threads:
            self._queue.put(None)

    def _send_all(self, number: int) -> None:
        random = Random(number)
        with httpx.Client(trust_env=False, timeout=TIMEOUT) as client:
            while (told := self._queue.get()) is not None and not self._stop.is_set():
                self._send(client, told, random)

    def _send(self, client: httpx.Client, told: Told, random: Random) -> None:
        until, tries, answer = time.monotonic() + GIVE_UP, 0, "nothing"
        while time.monotonic() < until and not self._stop.is_set():
            answer = self._post(client, told)
            if answer.startswith("2"):
                with self._lock:
                    self.accepted.add(told.id)
                    self.answers += 1
                return
            time.sleep(PAUSES[min(tries, len(PAUSES) - 1)] * random.uniform(0.5, 1.0))
            tries += 1
        with self._lock:
            self.refused[told.id] = answer

    def _post(self, client: httpx.Client, told: Told) -> str:
        sent = told.sent(self._secrets[told.connection])
        try:
            response = client.post(self._url(told.connection), content=sent.body, headers=sent.headers)
        except httpx.TransportError as error:
            return type(error).__name__
        return f"{response.status_code} {response.text[:200]}"
