"""Real sockets: a server that answers badly, slowly or not at all, byte by byte."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.upsales_stub import FINGERPRINT, KEY, Budget, upsales_of
from worker.errors import OutcomeUnknown, Unavailable
from worker.sync.records import Permit
from worker.upsales import HttpClient, Upsales

Script = Callable[[socket.socket, int], None]

BODY = '{"error": null, "data": {"id": 7, "name": "Örebro"}}'.encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)


class Server:
    """Each connection runs the script; `heads` are the request heads that came in."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.heads: list[bytes] = []
        self.over = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        count = 0
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                count += 1
                threading.Thread(target=self._run, args=(connection, count), daemon=True).start()

    def _run(self, connection: socket.socket, number: int) -> None:
        with suppress(OSError), connection:
            self._script(connection, number)

    def request(self, connection: socket.socket) -> None:
        """Read one whole request."""
        received = b""
        while b"\r\n\r\n" not in received:
            chunk = connection.recv(65536)
            if not chunk:
                raise ConnectionError
            received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        self.heads.append(head)
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connection.recv(65536)

    def drip(self, connection: socket.socket, text: bytes) -> None:
        for byte in text:
            if self.over.wait(0.02):
                return
            connection.sendall(bytes([byte]))

    def close(self) -> None:
        self.over.set()
        self._listening.close()


Serve = Callable[[Script], Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[Server] = []

    def start(script: Script) -> Server:
        servers.append(Server(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def upsales(base_url: str, call_timeout: float = 5.0, clock: Callable[[], float] = time.monotonic) -> Upsales:
    return upsales_of(
        HttpClient(base_url, KEY, Budget(), fingerprint=FINGERPRINT, call_timeout=call_timeout, clock=clock)
    )


@pytest.fixture
def connect() -> Iterator[Callable[..., Upsales]]:
    opened: list[Upsales] = []

    def start(server: Server, call_timeout: float = 5.0) -> Upsales:
        opened.append(upsales(f"http://127.0.0.1:{server.port}/api/v2", call_timeout))
        return opened[-1]

    yield start
    for crm in opened:
        crm.close()


def create(crm: Upsales) -> int:
    return crm.create(crm.admit(), "account", {"name": "Örebro"}).id


def test_a_plain_answer_arrives_and_the_connection_is_used_again(serve: Serve, connect: Callable[..., Upsales]) -> None:
    def script(connection: socket.socket, number: int) -> None:
        while True:
            server.request(connection)
            connection.sendall(HEAD + BODY)

    server = serve(script)
    crm = connect(server)
    assert create(crm) == 7
    assert crm.get("account", 7).data["name"] == "Örebro"
    assert [head.split(b" ")[0] for head in server.heads] == [b"POST", b"GET"]
    assert all(b"token=hemlig-nyckel" in head.split(b"\r\n")[0] for head in server.heads)


@pytest.mark.parametrize("dripped", [HEAD + BODY, BODY], ids=["head", "body"])
def test_an_answer_that_drips_is_cut_at_the_deadline(
    serve: Serve, connect: Callable[..., Upsales], dripped: bytes
) -> None:
    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        connection.sendall((HEAD + BODY).removesuffix(dripped))
        server.drip(connection, dripped)

    server = serve(script)
    crm = connect(server, call_timeout=0.4)
    begun = time.monotonic()
    with pytest.raises(OutcomeUnknown, match="got no answer: ReadTimeout"):
        create(crm)
    with pytest.raises(Unavailable, match="got no answer: ReadTimeout"):
        crm.get("account", 7)
    assert time.monotonic() - begun < 2.0


@pytest.mark.parametrize(
    "sent", [b"", HEAD[:20], HEAD, HEAD + BODY[:10]], ids=["nothing", "half a head", "head", "half a body"]
)
def test_a_connection_dropped_after_the_request_leaves_the_outcome_open(
    serve: Serve, connect: Callable[..., Upsales], sent: bytes
) -> None:
    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        connection.sendall(sent)

    server = serve(script)
    with pytest.raises(OutcomeUnknown, match="got no answer"):
        create(connect(server))
    assert len(server.heads) == 1


def test_a_reset_after_the_request_leaves_the_outcome_open(serve: Serve, connect: Callable[..., Upsales]) -> None:
    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    server = serve(script)
    with pytest.raises(OutcomeUnknown):
        create(connect(server))


def test_a_kept_connection_that_was_closed_is_not_written_to(serve: Serve, connect: Callable[..., Upsales]) -> None:
    closed = threading.Event()

    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        connection.sendall(HEAD + BODY)
        if number == 1:
            connection.close()
            closed.set()
        else:
            server.over.wait(5)

    server = serve(script)
    crm = connect(server)
    assert create(crm) == 7
    assert closed.wait(5)
    assert create(crm) == 7
    assert len(server.heads) == 2


def test_a_refused_connection_is_certainly_not_done() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    crm = upsales(f"http://127.0.0.1:{port}")
    with pytest.raises(Unavailable, match="was not sent"):
        create(crm)
    crm.close()


def test_a_name_that_does_not_exist_is_certainly_not_done() -> None:
    crm = upsales("http://finns-inte.invalid")
    with pytest.raises(Unavailable, match="was not sent"):
        create(crm)
    crm.close()


def test_failed_tls_is_certainly_not_done(serve: Serve) -> None:
    def script(connection: socket.socket, number: int) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    crm = upsales(f"https://127.0.0.1:{serve(script).port}")
    with pytest.raises(Unavailable, match="was not sent"):
        create(crm)
    crm.close()


def test_a_handshake_that_never_ends_is_cut_at_the_deadline_and_certainly_not_done(serve: Serve) -> None:
    def script(connection: socket.socket, number: int) -> None:
        server.over.wait(5)

    server = serve(script)
    crm = upsales(f"https://127.0.0.1:{server.port}", call_timeout=0.3)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="was not sent"):
        create(crm)
    assert time.monotonic() - begun < 2.0
    crm.close()


def test_an_answer_that_a_stopped_process_finds_after_the_deadline_does_not_count(serve: Serve) -> None:
    """Others have read and written the record since: they took the call for lost."""
    now = [100.0]

    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        # By then the client does nothing but wait for the answer.
        server.over.wait(0.2)
        now[0] += 60
        connection.sendall(HEAD + BODY)

    server = serve(script)
    crm = upsales(f"http://127.0.0.1:{server.port}", clock=lambda: now[0])
    with pytest.raises(OutcomeUnknown, match="got no answer: ReadTimeout"):
        create(crm)
    crm.close()


def zipped(number: int) -> bytes:
    """So many bytes of an answer, in about a thousandth of them."""
    return gzip.compress(b'{"error": null, "data": "' + b"0" * number + b'"}')


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip", "okänd"])
def test_a_compressed_answer_is_not_unpacked(serve: Serve, connect: Callable[..., Upsales], encoding: str) -> None:
    body = zipped(30_000_000)

    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode("latin-1") + body)

    server = serve(script)
    crm = connect(server)
    tracemalloc.start()
    with pytest.raises(OutcomeUnknown, match="was answered in a way that can't be read: it is compressed"):
        create(crm)
    with pytest.raises(Unavailable, match="was answered in a way that can't be read: it is compressed"):
        crm.get("account", 7)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5_000_000
    assert all(b"accept-encoding: identity" in head.lower() for head in server.heads)


def test_an_answer_that_says_that_it_is_not_compressed_is_read(serve: Serve, connect: Callable[..., Upsales]) -> None:
    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        connection.sendall(HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: identity\r\n\r\n") + BODY)

    server = serve(script)
    assert create(connect(server)) == 7


@pytest.mark.parametrize("length", [b"Content-Length: 900000000", b"Transfer-Encoding: chunked"])
def test_an_answer_without_end_is_given_up(serve: Serve, connect: Callable[..., Upsales], length: bytes) -> None:
    chunk = b"100000\r\n" + b"0" * 0x100000 + b"\r\n"

    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n")
        while True:
            connection.sendall(chunk)

    server = serve(script)
    with pytest.raises(OutcomeUnknown, match="was answered in a way that can't be read: it is larger than 32 MB"):
        create(connect(server))


def test_a_permit_that_has_run_out_reaches_no_server(serve: Serve, connect: Callable[..., Upsales]) -> None:
    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)

    server = serve(script)
    with pytest.raises(Unavailable, match="was not sent"):
        connect(server).create(Permit(time.monotonic()), "account", {"name": "Örebro"})
    assert server.heads == []


def test_threads_share_one_client(serve: Serve, connect: Callable[..., Upsales]) -> None:
    together = threading.Barrier(6, timeout=5)

    def script(connection: socket.socket, number: int) -> None:
        server.request(connection)
        together.wait()
        connection.sendall(HEAD + BODY)

    server = serve(script)
    crm = connect(server)
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.append(create(crm))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [7] * 6
