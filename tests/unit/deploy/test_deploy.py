"""deploy/ starts what the Procfile starts, with variables that the settings know, and its files parse."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.settings.test_settings_page import section

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("relay*.service"))
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text("utf-8").splitlines())
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"].startswith("upsales-relay")}
OTHERS = {"PATH", "HOME", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
CREDENTIAL = re.compile(r"RELAY_[A-Z0-9]+_(API_KEY|SECRET)(_FILE)?")


def unit(path: Path) -> dict[str, list[str]]:
    """The lines of all sections, by name; systemd lets names repeat."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def variables() -> Iterator[str]:
    for service in OURS.values():
        yield from service["environment"]
    for path in UNITS:
        for line in unit(path).get("Environment", []):
            yield from (each.partition("=")[0] for each in line.split())
    yield from re.findall(r"^(?:ENV|   ) ([A-Z]+)=", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)


def test_compose_and_the_units_start_the_processes_of_the_procfile() -> None:
    by_compose = {name: each["command"] for name, each in OURS.items()}
    by_units = {re.sub(r"relay-|@?\.service", "", path.name): unit(path)["ExecStart"] for path in UNITS}

    assert by_compose.keys() == by_units.keys() == PROCFILE.keys()
    assert by_compose == {name: [name] for name in by_compose}
    assert by_units == {name: [f"/srv/relay/current/start {name}"] for name in by_units}


def test_start_becomes_the_process_and_takes_flowers_password_from_a_file(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "start", tmp_path / "start")
    (tmp_path / "Procfile").write_text('web: exec echo "$$ $FLOWER_BASIC_AUTH"\nworker: false\n', "utf-8")
    (tmp_path / "login").write_text("drift:losen\n", "utf-8")
    environ = {"PATH": "/usr/bin:/bin", "FLOWER_BASIC_AUTH_FILE": str(tmp_path / "login")}

    with subprocess.Popen([tmp_path / "start", "web"], env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.communicate(timeout=20)[0] == f"{process.pid} drift:losen\n"

    wrong = subprocess.run([tmp_path / "start", "wroker"], env=environ, capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stderr) == (2, "relay: the Procfile has no process called wroker\n")


def test_every_variable_is_one_of_the_settings() -> None:
    known = {*section("Environment"), *OTHERS}
    unknown = {each for each in variables() if each not in known and not CREDENTIAL.fullmatch(each)}
    assert unknown == set()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_may_do_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "cap_add" not in service
    assert "privileged" not in service
    secrets = service.get("secrets", [])
    assert set(secrets) <= COMPOSE["secrets"].keys()
    told = " ".join(map(str, service.get("environment", {}).values()))
    assert all(f"/run/secrets/{each}" in told for each in secrets if not each.startswith("tls_"))


def test_only_the_proxy_is_open_to_other_machines() -> None:
    ports = {name: each["ports"] for name, each in SERVICES.items() if "ports" in each}
    open_to_all = {name for name, each in ports.items() if any(not port.startswith("127.0.0.1:") for port in each)}
    assert open_to_all == {"proxy"}
    assert COMPOSE["networks"]["inner"] == {"internal": True}
    assert {name for name in ("postgres", "valkey", "web", "beat") if SERVICES[name]["networks"] == ["inner"]} == {
        "postgres", "valkey", "web", "beat",
    }  # fmt: skip


def test_all_wait_for_the_tables() -> None:
    waits = {name for name, each in OURS.items() if "release" in each["depends_on"]}
    assert waits == OURS.keys() - {"release"}
    assert {OURS[name]["depends_on"]["release"]["condition"] for name in waits} == {"service_completed_successfully"}


def test_valkey_throws_nothing_away() -> None:
    command = SERVICES["valkey"]["command"]
    assert {"--maxmemory-policy noeviction", "--appendonly yes"} <= set(command)


def test_the_image_holds_no_secret_and_no_tool() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = {each for line in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE) for each in line.split()}

    assert "*" in lines
    assert copied == let_in
    assert all((ROOT / each).exists() for each in let_in)
    installs = re.findall(r"pip install (.+)", text)
    assert all("--require-hashes --only-binary :all:" in each or "--no-deps --no-index" in each for each in installs)
    assert re.search(r"^USER \d+:\d+$", text, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["start"\]$', text, re.MULTILINE)


@pytest.mark.parametrize("path", UNITS, ids=[path.name for path in UNITS])
def test_units_are_hardened(path: Path) -> None:
    told = unit(path)
    wanted = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "User": "relay", "MemoryDenyWriteExecute": "yes"}
    assert {name: told[name] for name in wanted} == {name: [value] for name, value in wanted.items()}
    assert told["RestrictAddressFamilies"] == ["AF_INET AF_INET6 AF_UNIX"]
    assert told["SystemCallFilter"][0] == "@system-service"


def test_systemd_takes_the_units(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        with capsys.disabled():
            print("\nsystemd-analyze is not installed here: the units were only read")  # noqa: T201
        return
    for path in (DEPLOY / "systemd").glob("relay*.*"):
        text = path.read_text("utf-8").replace("/srv/relay/current/bin/relay", "/bin/true")
        name = path.name.replace("@.", "@1.")
        (tmp_path / name).write_text(text.replace("/srv/relay/current/start", "/bin/true"), "utf-8")
    units = [each for each in tmp_path.iterdir() if each.suffix in {".service", ".socket", ".target"}]
    done = subprocess.run([analyze, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_docker_takes_the_compose_file(capsys: pytest.CaptureFixture[str]) -> None:
    compose = shutil.which("docker-compose")
    if compose is None:
        with capsys.disabled():
            print("\ndocker-compose is not installed here: deploy/compose.yaml was only read")  # noqa: T201
        return
    environ = {"PATH": "/usr/bin:/bin", "RELAY_PUBLIC_URL": "https://hooks.example.com"}
    command = [compose, "--file", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
