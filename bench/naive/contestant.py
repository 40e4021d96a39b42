"""The naive integration as the chaos harness sees it. It keeps no book: all that can be asked is whether its queue is empty."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence

import httpx
import redis

from tests.chaos.place import Place


class Naive:
    name = "naive"

    def prepare(self, place: Place) -> None:
        """Nothing: there is no database."""

    def environ(self, place: Place) -> Mapping[str, str]:
        return {
            **place.environ,
            "REDIS_URL": place.redis_url,
            "UPSALES_BASE_URL": place.api,
            "NAIVE_KEYS": json.dumps(dict(place.keys)),
            "NAIVE_SECRETS": json.dumps(dict(place.secrets)),
            "NAIVE_TIMEOUT": str(place.times.call_timeout),
        }

    def commands(self, place: Place) -> Mapping[str, Sequence[str]]:
        python = (sys.executable, "-m")
        worker = (*python, "celery", "-A", "bench.naive.app:celery", "worker", "-P", "threads", "-c", "4")
        return {
            "web": (
                *python, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(place.web_port),
                "--workers", "2", "--blocking-threads", "16", "--no-ws", "--log-level", "error", "bench.naive.app:app",
            ),
            "worker1": (*worker, "-n", "one@%h"),
            "worker2": (*worker, "-n", "two@%h"),
        }  # fmt: skip

    def url(self, place: Place, connection: str) -> str:
        return f"{place.web}/webhooks/{connection}"

    def ready(self, place: Place) -> bool:
        try:
            return httpx.get(f"{place.web}/readyz", trust_env=False, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def left(self, place: Place) -> int | None:
        """Messages in the queue, and those that a worker holds or waits with."""
        try:
            with redis.Redis.from_url(place.redis_url, protocol=2, socket_timeout=2) as client:
                return int(client.llen("celery")) + int(client.hlen("unacked"))  # type: ignore[arg-type]
        except redis.RedisError:
            return None

    def why(self, place: Place) -> Iterator[str]:
        yield f"{self.left(place)} messages in Redis"

    def ended(self, place: Place) -> Mapping[str, tuple[str, str]]:
        return {}
