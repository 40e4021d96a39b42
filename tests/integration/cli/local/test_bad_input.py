"""A wrong setting is one line that names it, with exit code 2, and nothing is half-started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.integration.cli.local.test_procfile import processes, run
from worker.cli import relay
from worker.cli.context import Installation
from worker.cli.local.network import free_port

TWO = '[connections.butik]\nconnector = "generic"\n[connections.kassa]\nconnector = "generic"\n'
ONE = '[connections.butik]\nconnector = "generic"\n'
KEY = {"RELAY_BUTIK_API_KEY": "k"}
NOWHERE = "postgresql://nobody:hemligt@127.0.0.1:1/relay"
NOWHERE_SAYS = (
    "The database 127.0.0.1/relay is not available:"
    ' connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused'
)

WRONG_SETTINGS: Sequence[tuple[str, str, Mapping[str, str], str]] = (
    ("a setting", "[upsales]\nserach_lag = 3\n", {}, "relay.toml [upsales] serach_lag: no such setting; did you mean search_lag?"),
    ("a table", "[upsals]\n", {}, "relay.toml: there is no table [upsals]; did you mean upsales?"),
    ("not TOML", "[upsales\n", {}, "relay.toml: not TOML: "),
    ("not a database", ONE, {**KEY, "DATABASE_URL": "mysql://x/y"}, "DATABASE_URL: mysql:// is not supported; use sqlite:/// or postgresql://"),
    ("not Redis", ONE, {**KEY, "REDIS_URL": "http://x"}, "REDIS_URL: must start with one of redis://, rediss://"),
    ("not a URL", ONE, {**KEY, "UPSALES_BASE_URL": "upsales.example"}, "UPSALES_BASE_URL: must be a URL such as https://integration.upsales.com/api/v2"),
    ("not https", ONE, {**KEY, "UPSALES_BASE_URL": "http://upsales.example/api/v2"}, "UPSALES_BASE_URL: must be https, an API key goes over it (http is for localhost only)"),
    ("not a port", ONE, {**KEY, "PORT": "70000"}, "PORT: 70000 is no port; give a number from 1 to 65535"),
    ("not a login", ONE, {**KEY, "FLOWER_BASIC_AUTH": "drift:lösen"}, "FLOWER_BASIC_AUTH: write user:password, without letters such as å"),
)  # fmt: skip

OF_ONE_CONNECTION: Sequence[tuple[str, str, Mapping[str, str], str]] = (
    (
        "a connector's setting", f"{ONE}ownr = 'å'\n", KEY,
        "relay.toml [connections.butik] ownr: no such setting; did you mean owner?",
    ),
    ("a connector", "[connections.butik]\nconnector = 'shopfy'\n", {}, "relay.toml [connections.butik] connector: no such connector: 'shopfy'; did you mean shopify?"),
    ("a variable", ONE, {"RELAY_BUTK_API_KEY": "k"}, "RELAY_BUTK_API_KEY: no such setting; did you mean RELAY_BUTIK_API_KEY?"),
    ("one key", TWO, {**KEY, "RELAY_KASSA_API_KEY": "k"}, "connections butik and kassa have the same API key; make one in Upsales for each"),
)  # fmt: skip

WRONG_SURROUNDINGS: Sequence[tuple[str, Sequence[str], str, Mapping[str, str], str]] = (
    ("no key", ["up"], TWO, KEY, "connection kassa has no API key: set RELAY_KASSA_API_KEY or `relay keys set kassa`"),
    ("no database", ["up"], ONE, {**KEY, "DATABASE_URL": NOWHERE}, NOWHERE_SAYS),
    ("no database", ["release"], ONE, {**KEY, "DATABASE_URL": NOWHERE}, NOWHERE_SAYS),
    ("no database", ["events", "list"], ONE, {**KEY, "DATABASE_URL": NOWHERE}, NOWHERE_SAYS),
    ("no Redis", ["up"], ONE, {**KEY, "REDIS_URL": "redis://:hemligt@127.0.0.1:1/0"}, "REDIS_URL: no Redis can be reached there (ConnectionError); start it, or unset REDIS_URL to use an embedded one"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    umask = os.umask(0o022)
    yield tmp_path
    os.umask(umask)


def asked(arguments: Sequence[str], toml: str, environ: Mapping[str, str]) -> Result:
    Path("relay.toml").write_text(toml, "utf-8")
    ports = {name: str(free_port()) for name in ("PORT", "FLOWER_PORT", "RELAY_SANDBOX_PORT", "CONSOLE_PORT")}
    return CliRunner().invoke(relay, arguments, obj=Installation({**ports, **environ}))


def nothing_started(place: Path) -> bool:
    return not [*place.rglob("supervisord.*"), *place.rglob("valkey.conf")]


@pytest.mark.parametrize("command", ["up", "release", "doctor", "check", "events list"])
@pytest.mark.parametrize(
    ("toml", "environ", "line"), [e[1:] for e in WRONG_SETTINGS], ids=[e[0] for e in WRONG_SETTINGS]
)
def test_a_wrong_setting_ends_every_command(
    place: Path, command: str, toml: str, environ: Mapping[str, str], line: str
) -> None:
    result = asked(command.split(), toml, environ)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"relay: {line}")
    assert result.stderr.count("\n") == 1
    assert not (place / "var").exists()


@pytest.mark.parametrize(
    ("toml", "environ", "line"), [e[1:] for e in OF_ONE_CONNECTION], ids=[e[0] for e in OF_ONE_CONNECTION]
)
def test_what_is_wrong_with_one_connection_is_told_and_stops_no_process(
    place: Path, toml: str, environ: Mapping[str, str], line: str
) -> None:
    """`relay up` has somebody in front of it, who means to try just that."""
    up = asked(["up"], toml, environ)
    assert (up.exit_code, up.stdout) == (2, "")
    assert up.stderr.startswith(f"relay: {line}")
    assert nothing_started(place)
    checked = asked(["check", "FLOWER_PORT"], toml, environ)
    assert (checked.exit_code, checked.stdout) == (0, "")
    assert all(each.startswith(f"relay: {line}") for each in checked.stderr.splitlines())
    assert asked(["release"], toml, environ).exit_code == 0


def test_receiver_and_worker_start_beside_a_connection_that_is_misconfigured(place: Path) -> None:
    (place / "relay.toml").write_text(f"{ONE}ownr = 'å'\n[connections.kassa]\nconnector = 'generic'\n", "utf-8")
    loading = "import web.wsgi, worker.app; print(*web.wsgi.settings.connections, *worker.app.settings.connections)"
    environ = {"PATH": os.environ["PATH"], "RELAY_LOG": "json"}
    done = subprocess.run(
        [sys.executable, "-c", loading], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "kassa kassa"), done.stderr
    told = done.stdout + done.stderr
    assert '"event": "connection misconfigured"' in told
    assert "relay.toml [connections.butik] ownr: no such setting; did you mean owner?" in told


@pytest.mark.parametrize(
    ("arguments", "toml", "environ", "line"),
    [each[1:] for each in WRONG_SURROUNDINGS],
    ids=[f"{each[0]}: {' '.join(each[1])}" for each in WRONG_SURROUNDINGS],
)
def test_what_is_missing_around_it_does_too(
    place: Path, arguments: Sequence[str], toml: str, environ: Mapping[str, str], line: str
) -> None:
    result = asked(arguments, toml, environ)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"relay: {line}\n")
    assert nothing_started(place)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("arguments", "variable"),
    [
        (["up"], "PORT"),
        (["up"], "FLOWER_PORT"),
        (["up"], "CONSOLE_PORT"),
        (["console"], "CONSOLE_PORT"),
        (["up", "--sandbox"], "RELAY_SANDBOX_PORT"),
        (["demo", "--once"], "PORT"),
        (["check", "PORT"], "PORT"),
        (["check", "FLOWER_PORT"], "FLOWER_PORT"),
    ],
)
def test_a_port_in_use_is_named(place: Path, arguments: Sequence[str], variable: str, taken: int) -> None:
    result = asked(arguments, ONE, {**KEY, variable: str(taken)})
    assert result.exit_code == 2
    assert result.stderr == f"relay: port {taken} is in use; set {variable} to another one, or stop what uses it\n"
    assert nothing_started(place)


@pytest.mark.parametrize("process", sorted(processes()))
def test_a_wrong_setting_ends_every_process_of_the_procfile(place: Path, process: str) -> None:
    (place / "relay.toml").write_text("[upsales]\nserach_lag = 3\n", "utf-8")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = {"PATH": path, "TMPDIR": str(place), "FLOWER_BASIC_AUTH": "drift:losenord"}
    done = run(process, environ, place)
    line = "relay: relay.toml [upsales] serach_lag: no such setting; did you mean search_lag?\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


@pytest.mark.parametrize(("process", "variable"), [("web", "PORT"), ("flower", "FLOWER_PORT")])
def test_a_port_in_use_ends_a_process_of_the_procfile(place: Path, process: str, variable: str, taken: int) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environ = {"PATH": path, variable: str(taken), "FLOWER_BASIC_AUTH": "drift:losenord"}
    done = run(process, environ, place)
    line = f"relay: port {taken} is in use; set {variable} to another one, or stop what uses it\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({}, "REDIS_URL is not set: workers need Redis for wake-ups and call windows"),
        ({"RELAY_MASTER_KEY": "inget"}, "RELAY_MASTER_KEY: key 1 is no Fernet key; `relay keys new-master` makes one"),
    ],
    ids=["no Redis", "no master key"],
)
def test_a_worker_that_could_do_nothing_does_not_start(place: Path, environ: Mapping[str, str], line: str) -> None:
    command = [sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-P", "threads"]
    done = subprocess.run(
        command, env={"PATH": os.environ["PATH"], **environ}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"relay: {line}\n"
