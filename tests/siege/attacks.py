"""The attacks: each holds or floods for a while, and tells how its requests were answered."""

from __future__ import annotations

import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from typing import TypeAlias

from tests.siege.wire import PATH, SECRET, asked, head, opened, post, status_now, taking_nothing

Answers: TypeAlias = Counter[str]
Hold: TypeAlias = Callable[[int, Answers], Iterator[None]]

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attack:
    """`hold` begins it on a port; the answers are complete when it is left. `seconds`: as long as it is to last."""

    name: str
    hold: Hold
    seconds: float


def holding(sent: bytes, connections: int, *, drip: bytes = b"") -> Hold:
    """Connections on which these bytes come and then no more, or one now and then."""

    def hold(port: int, answers: Answers) -> Iterator[None]:
        with ExitStack() as stack:
            held = [stack.enter_context(each) for each in _opened(port, sent, connections, answers)]
            with _meanwhile(partial(_drip, held, drip)):
                yield
            answers.update(status_now(each) for each in held)

    return hold


def flooding(requests: Sequence[bytes], senders: int = 4) -> Hold:
    """So many senders, each with the next request as soon as the last one is answered."""

    def hold(port: int, answers: Answers) -> Iterator[None]:
        with ExitStack() as stack:
            counts = [Counter[str]() for _ in range(senders)]
            for number, count in enumerate(counts):
                stack.enter_context(_meanwhile(partial(_flood, port, requests, number, count)))
            yield
        for count in counts:
            answers.update(count)

    return hold


def deaf(connections: int) -> Hold:
    """Peers that ask and ask, and take no answer."""

    def hold(port: int, answers: Answers) -> Iterator[None]:
        with ExitStack() as stack:
            for _ in range(connections):
                stack.enter_context(taking_nothing(port))
            yield
            answers["none"] += connections

    return hold


def http2(connections: int, streams: int, *, reset: bool) -> Hold:
    """HTTP/2 without being asked: streams whose bodies never come, left with a reset or a closed connection."""

    def hold(port: int, answers: Answers) -> Iterator[None]:
        for _ in range(connections):
            with opened(port) as connection:
                answers.update([_http2(connection, streams, reset=reset)])
        yield

    return hold


def cut_short(port: int, answers: Answers) -> Iterator[None]:
    """The token is right, whoever sends it: a body that breaks off is not one."""
    whole = b'{"id":"cut-%d","type":"ping"}' % time.monotonic_ns()
    token = {"Authorization": f"Bearer {SECRET}"}
    chunk = b"%x\r\n%s\r\n" % (len(whole), whole)
    for sent in (
        post(whole, {**token, "Content-Length": "500"}),
        head("POST", PATH, {**token, "Transfer-Encoding": "chunked"}) + chunk,
    ):
        answers.update([asked(port, sent, half_close=True).status])
    yield


def _opened(port: int, sent: bytes, connections: int, answers: Answers) -> Iterator[socket.socket]:
    for _ in range(connections):
        try:
            yield opened(port, sent, 2.0)
        except OSError as error:
            answers.update([type(error).__name__])


def _drip(held: Sequence[socket.socket], drip: bytes) -> None:
    for each in held if drip else ():
        try:
            each.send(drip)
        except OSError:
            continue
    time.sleep(0.5)


def _flood(port: int, requests: Sequence[bytes], number: int, answers: Answers) -> None:
    sent = requests[(sum(answers.values()) + number) % len(requests)]
    answers.update([asked(port, sent).status])


@contextmanager
def _meanwhile(act: Callable[[], None]) -> Iterator[None]:
    over = Event()

    def again() -> None:
        while not over.is_set():
            act()

    thread = Thread(target=again, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def _http2(connection: socket.socket, streams: int, *, reset: bool) -> str:
    fields = {":method": "POST", ":scheme": "http", ":path": PATH, ":authority": "relay", "content-length": "1000"}
    block = b"".join(_literal(name.encode(), value.encode()) for name, value in fields.items())
    numbers = range(1, 2 * streams, 2)
    try:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, b""))
        connection.settimeout(0.3)
        greeting = connection.recv(4096)
        connection.sendall(_frame(4, 1, 0, b"") + b"".join(_frame(1, 4, number, block) for number in numbers))
        time.sleep(0.3)
        if reset:
            connection.sendall(b"".join(_frame(3, 0, number, struct.pack(">I", 8)) for number in numbers))
            time.sleep(0.3)
    except OSError:
        return "refused"
    return "refused" if greeting.startswith(b"HTTP/1.1") or not greeting else "spoken"


def _literal(name: bytes, value: bytes) -> bytes:
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


ONE_BYTE = post(b"{").replace(b"Content-Length: 1\r\n", b"Content-Length: 1000\r\n")
HALF_A_MEGABYTE = head("POST", PATH, {"Content-Length": str(MEGABYTE)}) + b"a" * (MEGABYTE // 2)
HALF_A_HEAD = b"POST /webhooks/generic HTTP/1.1\r\nHost: relay\r\nX-A: "
LARGE_HEAD = HALF_A_HEAD + b"a" * 300_000
KEPT = head("GET", "/healthz")
STRANGE = (
    head("GET", PATH, {"Connection": "close"}),
    post(b"{}", {"Connection": "close"}, "/webhooks/okänd"),
    head("POST", PATH, {"Content-Length": str(20 * MEGABYTE)}),
    head("GET", "/readyz", {"Connection": "close"}),
    post(b"{}", {"Connection": "close"}),
)

ATTACKS = (
    Attack("HTTP/2, 8 connections of 20 streams, closed", http2(8, 20, reset=False), 3),
    Attack("HTTP/2, 8 connections of 20 streams, reset", http2(8, 20, reset=True), 3),
    Attack("400 bodies of which one byte comes", holding(ONE_BYTE, 400), 13),
    Attack("400 bodies, a byte every half second", holding(ONE_BYTE, 400, drip=b" "), 13),
    Attack("400 bodies of 1 MB that stop half-way", holding(HALF_A_MEGABYTE, 400), 13),
    Attack("2 600 connections that say nothing", holding(b"", 2600), 8),
    Attack("2 600 connections with half a head", holding(HALF_A_HEAD, 2600), 8),
    Attack("2 600 connections that stay after an answer", holding(KEPT, 2600), 8),
    Attack("300 connections that take no answer", deaf(300), 13),
    Attack("600 connections with a head of 300 kB", holding(LARGE_HEAD, 600), 6),
    Attack(
        "unsigned megabytes, 8 senders", flooding([post(b"{" + b"a" * (MEGABYTE - 1), {"Connection": "close"})], 8), 8
    ),
    Attack("unknown names, GETs, 413, 401, /readyz, 4 senders", flooding(STRANGE), 8),
    Attack("signed by token, cut short", cut_short, 1),
)
