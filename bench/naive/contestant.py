"""Shows the naive integration to the chaos harness, which can only ask for its queue."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence

import redis

from tests.chaos.place import Place


class Naive:
    def __init__(self, place: Place) -> None:
        self._place = place

    def environ(self) -> Mapping[str, str]:
        return {
            **self._place.environ,
            "REDIS_URL": self._place.redis_url,
            "UPSALES_BASE_URL": self._place.api,
            "NAIVE_KEYS": json.dumps(dict(self._place.keys)),
            "NAIVE_SECRETS": json.dumps(dict(self._place.secrets)),
            "NAIVE_TIMEOUT": str(self._place.times.call_timeout),
        }

    def commands(self) -> Mapping[str, Sequence[str]]:
        python = (sys.executable, "-m")
        worker = (*python, "celery", "-A", "bench.naive.app:celery", "worker", "-P", "threads", "-c", "4")
        return {
            "web": (
                *python, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self._place.web_port),
                "--workers", "2", "--blocking-threads", "16", "--no-ws", "--log-level", "error", "bench.naive.app:app",
            ),
            "worker1": (*worker, "-n", "one@%h"),
            "worker2": (*worker, "-n", "two@%h"),
        }  # fmt: skip

    def left(self) -> int | None:
        """Messages in the queue, and those that a worker holds or waits with."""
        try:
            with redis.Redis.from_url(self._place.redis_url, protocol=2, socket_timeout=2) as client:
                return int(client.llen("celery")) + int(client.hlen("unacked"))
        except redis.RedisError:
            return None

    def why(self) -> Iterator[str]:
        yield f"{self.left()} messages in Redis"

    def ended(self) -> None:
        return None

    def ended_well(self) -> None:
        return None

    def unanswered(self, resource: str) -> int:  # noqa: ARG002 - it keeps no book
        return 0

    def waits(self, connection: str, beside: str) -> Sequence[float]:  # noqa: ARG002 - it keeps no book
        return ()

    def operator(self) -> None:
        """It reads nothing of its senders."""

    def heard(self) -> None:
        return None

    def close(self) -> None:
        """Nothing is kept open."""
