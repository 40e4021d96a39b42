"""A connection goes to the address that was checked, and to no other."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.sources.conftest import Open
from tests.integration.sources.sender import Answers, Sender, connection
from worker.errors import SourceUnavailable
from worker.sources.addresses import CheckedSockets


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_the_name_is_looked_up_once_and_what_is_not_allowed_is_left_out(listening: socket.socket) -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        """Whoever looks a second time is led elsewhere."""
        asked.append(host)
        return ["10.0.0.1", "127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    sockets = CheckedSockets(lambda address: address == "127.0.0.1", resolve)
    stream = sockets.connect_tcp("api.example.com", listening.getsockname()[1], timeout=2.0)
    assert stream.get_extra_info("server_addr") == listening.getsockname()
    assert asked == ["api.example.com"]
    stream.close()


@pytest.mark.parametrize(
    "addresses", [[], ["10.0.0.1"], ["127.0.0.1"], ["169.254.169.254", "::1"], ["::ffff:127.0.0.1"]]
)
def test_a_name_that_leads_to_nobody_in_public_is_not_read_from(
    open_sources: Open, addresses: list[str], sender: Sender
) -> None:
    sources = open_sources(resolve=lambda _host, _port: addresses)
    with pytest.raises(SourceUnavailable, match="the name leads to no address that may be read from"):
        sources.of(connection(None)).get("contract", "7")
    assert sender.asked == []


def test_a_stand_in_is_on_this_machine_wherever_its_name_leads(open_sources: Open) -> None:
    sources = open_sources(resolve=lambda _host, _port: ["8.8.8.8"])
    with pytest.raises(SourceUnavailable, match="the name leads to no address"):
        sources.of(connection("http://localhost:8003")).get("contract", "7")


def test_a_look_up_that_hangs_ends_at_the_deadline() -> None:
    over = threading.Event()

    def resolve(_host: str, _port: int) -> Sequence[str]:
        over.wait(10)
        return []

    with pytest.raises(httpcore.ConnectTimeout):
        CheckedSockets(lambda _: True, resolve).connect_tcp("api.example.com", 443, timeout=0.1)
    over.set()


def test_a_name_that_nobody_knows_is_unavailable(open_sources: Open) -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    sources = open_sources(resolve=resolve)
    with pytest.raises(SourceUnavailable, match="no answer: the name is not known"):
        sources.of(connection(None)).get("contract", "7")


def test_tls_verifies_the_name_at_the_address_that_was_checked(
    open_sources: Open, listening: socket.socket, tmp_path: Path
) -> None:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path))
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def shake() -> None:
        with suppress(OSError), listening.accept()[0] as accepted:
            context.wrap_socket(accepted, server_side=True)

    threading.Thread(target=shake, daemon=True).start()
    sources = open_sources(resolve=lambda _host, _port: ["127.0.0.1"])
    with pytest.raises(SourceUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        sources.of(connection(f"https://localhost:{listening.getsockname()[1]}")).get("contract", "7")
    assert names == ["localhost"]


def _certificate(folder: Path) -> Path:
    """Of localhost, by nobody whom anybody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1)).sign(
        key, hashes.SHA256()
    )
    pem = serialization.Encoding.PEM
    written = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + made.public_bytes(pem)
    path = folder / "server.pem"
    path.write_bytes(written)
    return path


def test_a_connection_is_used_again(open_sources: Open, sender: Sender) -> None:
    looked_up: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    sender.answers("/contracts/7", Answers({"data": {"id": 7}}))
    sources = open_sources(resolve=resolve)
    for _ in range(3):
        sources.of(connection(sender.url)).get("contract", "7")
    assert looked_up == ["127.0.0.1"]
