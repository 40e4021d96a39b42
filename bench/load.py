"""Sends requests over many keep-alive connections, each when the last one is answered."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from itertools import count

from bench.senders import request

RATE_GUESS = 4000
LENGTH = re.compile(rb"content-length: (\d+)")


class Sender(asyncio.Protocol):
    """One connection."""

    def __init__(
        self, requests: Iterator[bytes], latencies: list[tuple[float, float]], refused: list[bytes], until: float
    ) -> None:
        self._requests = requests
        self._latencies = latencies
        self._refused = refused
        self._until = until
        self._sent = 0.0
        self._answer = b""
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, end, body = self._answer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        now = time.perf_counter()
        if self._answer[9:12] != b"202":
            self._refused.append(self._answer)
        self._latencies.append((now, now - self._sent))
        self._answer = b""
        self._next()

    def connection_lost(self, _exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def _next(self) -> None:
        self._sent = time.perf_counter()
        if self._sent >= self._until:
            self._transport.close()
        else:
            self._transport.write(next(self._requests))


async def run(port: int, connections: int, warmup: float, seconds: float, name: str) -> dict[str, object]:
    made = [request(f"{name}-{n}", f"deal-{n % 5000}") for n in range(int(RATE_GUESS * (warmup + seconds)))]
    more = (request(f"{name}-{n}", f"deal-{n % 5000}") for n in count(len(made)))
    requests = iter([*made]), more
    latencies: list[tuple[float, float]] = []
    refused: list[bytes] = []
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.perf_counter()
    until = began + warmup + seconds

    def chained() -> Iterator[bytes]:
        for some in requests:
            yield from some

    feed = chained()
    loop = asyncio.get_running_loop()
    senders = [
        (await loop.create_connection(lambda: Sender(feed, latencies, refused, until), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(sender.closed for sender in senders))
    counted = [latency for at, latency in latencies if at >= began + warmup]
    return {
        "latencies": counted,
        "answered": len(latencies),
        "seconds": seconds,
        "refused": [text.decode(errors="replace") for text in refused[:3]],
        "refusals": len(refused),
    }


if __name__ == "__main__":
    port, connections, warmup, seconds, name = sys.argv[1:]
    print(json.dumps(asyncio.run(run(int(port), int(connections), float(warmup), float(seconds), name))))
