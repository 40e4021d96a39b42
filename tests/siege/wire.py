"""Speaks to the receiver in bytes: well-formed requests, and anything else."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass

from tests.chaos.proofs import signed

HOST = "127.0.0.1"
PATH = "/webhooks/generic"
SECRET = "whsec_YmVsw6RncmluZy1iZWzDpGdyaW5nLWJlbMOkZ3Jpbmc="
NONE = "none"
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: (\d+)")


@dataclass(frozen=True, slots=True)
class Reply:
    """`status`: three digits, or how it ended without any."""

    status: str
    seconds: float


def head(method: str, path: str, headers: dict[str, str] | None = None) -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: relay",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def post(body: bytes, headers: dict[str, str] | None = None, path: str = PATH) -> bytes:
    return head("POST", path, {"Content-Length": str(len(body)), **(headers or {})}) + body


def ping(name: str) -> bytes:
    """What an honest sender sends."""
    body = json.dumps({"id": name, "type": "ping", "data": {"from": "Åsa"}}).encode()
    return post(body, {**signed(name, body, SECRET), "Connection": "close"})


def opened(port: int, data: bytes = b"", timeout: float = 5.0) -> socket.socket:
    connection = socket.create_connection((HOST, port), timeout)
    if data:
        connection.sendall(data)
    return connection


def taking_nothing(port: int) -> socket.socket:
    """Asks for more than the system keeps for a peer that doesn't take it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.connect((HOST, port))
    connection.setblocking(False)
    with suppress(BlockingIOError):
        connection.send(head("GET", "/schemas/generic.json") * 200)
    return connection


def asked(port: int, data: bytes, seconds: float = 5.0, *, half_close: bool = False) -> Reply:
    """One request on a connection of its own."""
    began = time.monotonic()
    try:
        with opened(port, data, seconds) as connection:
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            status = status_in(_answer(connection, began + seconds))
    except OSError as error:
        status = type(error).__name__
    return Reply(status, time.monotonic() - began)


def _answer(connection: socket.socket, until: float) -> bytes:
    answer = b""
    while (left := until - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            piece = connection.recv(65536)
        except TimeoutError:
            break
        answer += piece
        found, (_, end, body) = _LENGTH.search(answer), answer.partition(b"\r\n\r\n")
        if not piece or (end and found and len(body) >= int(found[1])):
            break
    return answer


def status_in(answer: bytes) -> str:
    return answer[9:12].decode("ascii", "replace") if answer.startswith(b"HTTP/1.") else NONE


def status_now(connection: socket.socket) -> str:
    """What has come so far, and whether the connection is still open."""
    connection.setblocking(False)
    answer = b""
    try:
        while piece := connection.recv(65536):
            answer += piece
    except BlockingIOError:
        return f"{status_in(answer)}, open"
    except OSError:
        return status_in(answer)
    return status_in(answer)
