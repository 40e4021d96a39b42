"""deploy/nginx/nginx.conf, as the real nginx reads it, where there is one."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from worker.cli.local.network import free_port

ROOT = Path(__file__).parents[3]
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
AS_ROOT = "user root;" if os.geteuid() == 0 else ""
"""Where the image has one user, nginx here would take another for its bodies."""
TOKEN = "hemlig-token-4711"


@dataclass
class Relay:
    """What stands behind the proxy: it keeps what reached it."""

    port: int
    got: list[tuple[str, str, str, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Proxy:
    folder: Path
    port: int
    plain_port: int
    client: httpx.Client

    def log(self) -> str:
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("std*")))


@pytest.fixture
def relay() -> Iterator[Relay]:
    kept = Relay(0)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.got.append((self.command, self.path, self.headers["Host"], body))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = _answer  # noqa: N815 - its name is the method's
        do_POST = _answer  # noqa: N815 - as above

        def log_message(self, *_: object) -> None:
            """It says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_port
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield kept
    server.shutdown()
    server.server_close()


def certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key(), serial_number=1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "tls_certificate").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "tls_key").write_bytes(key.private_bytes(*pem))


@pytest.fixture
def proxy(relay: Relay, tmp_path: Path) -> Iterator[Proxy | None]:
    if NGINX is None:
        yield None
        return
    port, plain_port = free_port(), free_port()
    certificate(tmp_path)
    text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text("utf-8")
    here = {
        "/tmp/": f"{tmp_path}/",  # noqa: S108 - what the image has
        "/run/secrets/": f"{tmp_path}/",
        "listen 8443": f"listen 127.0.0.1:{port}",
        "listen 8080": f"listen 127.0.0.1:{plain_port}",
        "resolver 127.0.0.11 valid=2s;": "",
        "web:8000": f"127.0.0.1:{relay.port}",
    }
    for there, ours in here.items():
        assert there in text
        text = text.replace(there, ours)
    config = tmp_path / "nginx.conf"
    config.write_text(text, "utf-8")
    with (tmp_path / "stdout").open("wb") as output, (tmp_path / "stderr").open("wb") as errors:
        command = [NGINX, "-p", str(tmp_path), "-c", str(config), "-g", f"daemon off; {AS_ROOT}"]
        process = subprocess.Popen(command, stdout=output, stderr=errors)
    try:
        with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=False, trust_env=False) as client:  # noqa: S501 - signed by itself
            made = Proxy(tmp_path, port, plain_port, client)
            for _ in range(200):
                try:
                    client.get("/")
                    break
                except httpx.TransportError:
                    assert process.poll() is None, made.log()
                    time.sleep(0.05)
            yield made
    finally:
        process.terminate()
        process.wait(10)


def told_apart(proxy: Proxy | None, capsys: pytest.CaptureFixture[str]) -> Proxy | None:
    if proxy is None:
        with capsys.disabled():
            print("\nnginx is not installed here: deploy/nginx/nginx.conf was not tried")  # noqa: T201
    return proxy


def test_webhooks_and_health_reach_the_relay_as_they_came_and_nothing_else_does(
    proxy: Proxy | None, relay: Relay, capsys: pytest.CaptureFixture[str]
) -> None:
    if (found := told_apart(proxy, capsys)) is None:
        return
    url = f"/webhooks/shop%20a//b?token={TOKEN}&a=%2F"
    assert found.client.post(url, content=b"{}", headers={"Host": "hooks.example.com"}).status_code == 202
    assert found.client.get("/healthz").status_code == 202
    passed = [("POST", url, "hooks.example.com", b"{}"), ("GET", "/healthz", f"127.0.0.1:{found.port}", b"")]
    assert relay.got == passed

    for path in ("/", "/metrics", "/readyz", "/openapi.json", "/healthz/", "/webhooks", "//webhooks/a", "/Webhooks/a"):
        assert found.client.get(path).status_code == 404, path
    for odd in (b"/webhooks/../metrics", b"/webhooks/%2e%2e/metrics", b"/webhooks/..%2fmetrics"):
        assert raw(found, b"GET " + odd + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").startswith(
            b"HTTP/1.1 404"
        )
    assert found.client.post("/webhooks/shop", content=b"x" * (1024 * 1024 + 1)).status_code == 413
    assert httpx.get(f"http://127.0.0.1:{found.plain_port}/webhooks/shop", trust_env=False).status_code == 403
    assert relay.got == passed


def test_the_relay_gets_whole_bodies_only(
    proxy: Proxy | None, relay: Relay, capsys: pytest.CaptureFixture[str]
) -> None:
    if (found := told_apart(proxy, capsys)) is None:
        return
    with connected(found) as sender:
        sender.sendall(
            b"POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n"
        )
        sender.sendall(b"x" * 100_000)
        time.sleep(0.3)
        assert relay.got == []
        sender.sendall(b"x" * 100_000)
        assert sender.recv(12) == b"HTTP/1.1 202"
    assert [len(body) for *_, body in relay.got] == [200_000]


def test_no_log_has_a_webhooks_url(proxy: Proxy | None, relay: Relay, capsys: pytest.CaptureFixture[str]) -> None:
    if (found := told_apart(proxy, capsys)) is None:
        return
    found.client.post(f"/webhooks/shop?token={TOKEN}", content=b"{}")
    found.client.post(f"/webhooks/shop?token={TOKEN}", content=b"x" * (1024 * 1024 + 1))
    # Broken off, and not HTTP.
    raw(
        found,
        f"POST /webhooks/shop?token={TOKEN} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx".encode(),
        wait=False,
    )
    raw(found, f"POST /webhooks/shop?token={TOKEN} HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".encode())
    raw(found, f"POST /webhooks/shop?token={TOKEN} \x01\r\n\r\n".encode())
    time.sleep(0.2)
    assert "POST 202" in found.log()
    assert "POST 413" in found.log()
    assert TOKEN not in found.log()
    assert "webhooks" not in found.log()


def test_a_relay_that_is_away_is_told_without_the_url(
    proxy: Proxy | None, relay: Relay, capsys: pytest.CaptureFixture[str]
) -> None:
    if (found := told_apart(proxy, capsys)) is None:
        return
    config = found.folder / "nginx.conf"
    config.write_text(config.read_text("utf-8").replace(f"127.0.0.1:{relay.port}", f"127.0.0.1:{free_port()}"), "utf-8")
    os.kill(int((found.folder / "nginx.pid").read_text("ascii")), 1)
    for _ in range(100):
        if (answer := found.client.post(f"/webhooks/shop?token={TOKEN}", content=b"{}")).status_code == 502:
            break
        time.sleep(0.05)
    assert answer.status_code == 502
    time.sleep(0.1)
    assert "POST 502" in found.log()
    assert TOKEN not in found.log()


def connected(proxy: Proxy) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection(("127.0.0.1", proxy.port), 10))


def raw(proxy: Proxy, request: bytes, *, wait: bool = True) -> bytes:
    with connected(proxy) as sender:
        sender.sendall(request)
        return sender.recv(4096) if wait else b""


def test_nginx_takes_what_the_page_makes_of_it_for_a_machine_without_docker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "production.md").read_text("utf-8")
    (command,) = re.findall(r"^```\n(sed .*?) > /etc/nginx/nginx\.conf\n```", page, re.MULTILINE | re.DOTALL)
    made = subprocess.run(["/bin/sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    of_the_image = ("/tmp/", "/dev/std", "/run/secrets", "web:", "resolver", "8443", "8080")  # noqa: S108 - is not there
    assert [left for left in of_the_image if left in made] == []
    if NGINX is None:
        with capsys.disabled():
            print("\nnginx is not installed here: the page's nginx.conf was not tried")  # noqa: T201
        return
    certificate(tmp_path)
    here = {
        "user www-data;": AS_ROOT,
        "/etc/letsencrypt/live/hooks.example.com/fullchain.pem": f"{tmp_path}/tls_certificate",
        "/etc/letsencrypt/live/hooks.example.com/privkey.pem": f"{tmp_path}/tls_key",
        "/var/log/nginx": str(tmp_path),
        "/run/nginx.pid": f"{tmp_path}/pid",
        "listen 443": f"listen 127.0.0.1:{free_port()}",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "http {": f"http {{ client_body_temp_path {tmp_path}/bodies; proxy_temp_path {tmp_path}/answers;"
        f" fastcgi_temp_path {tmp_path}/a; uwsgi_temp_path {tmp_path}/b; scgi_temp_path {tmp_path}/c;",
    }
    for there, ours in here.items():
        assert there in made
        made = made.replace(there, ours)
    (tmp_path / "nginx.conf").write_text(made, "utf-8")
    done = subprocess.run(
        [NGINX, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
