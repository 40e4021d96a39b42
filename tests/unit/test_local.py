"""The parts of `relay up` and `relay demo` that need no process."""

from __future__ import annotations

import json
import socket
import tomllib
from pathlib import Path

import pytest

from worker.connector import Connector
from worker.connectors import all_connectors
from worker.errors import ConfigError
from worker.local import trial
from worker.local.following import Following
from worker.local.ports import free_port, refuse_taken
from worker.local.programs import Program, programs
from worker.local.samples import samples_of, signed
from worker.local.supervision import DidNotStart, Supervisor
from worker.ports import EPOCH
from worker.settings import Settings, load


def test_a_port_in_use_is_named_with_its_variable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ConfigError) as raised:
            refuse_taken({"PORT": free_port(), "FLOWER_PORT": port})
    assert str(raised.value) == f"port {port} is in use; set FLOWER_PORT to another one, or stop what uses it"


def test_two_programs_can_not_have_one_port() -> None:
    with pytest.raises(ConfigError) as raised:
        refuse_taken({"PORT": (port := free_port()), "FLOWER_PORT": port})
    assert str(raised.value) == f"PORT and FLOWER_PORT are both {port}; set one of them to another port"


def test_the_sandbox_runs_only_when_asked_for(tmp_path: Path) -> None:
    names = [[each.name for each in programs(Settings(), tmp_path, with_sandbox=sandbox)] for sandbox in (False, True)]
    assert names == [["web", "worker", "beat", "flower"], ["sandbox", "web", "worker", "beat", "flower"]]


def supervisor(directory: Path) -> Supervisor:
    return Supervisor(directory, directory, None, [Program("web", ("python", "-m", "100 % webb"))])


def test_a_program_that_gave_up_is_named_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "supervisord.log").write_text(
        "INFO gave up: web entered FATAL state, too many start retries\n", "utf-8"
    )
    (tmp_path / "web.log").write_text("Traceback\nrelay: PORT: 'å' is wrong\n\n", "utf-8")
    with pytest.raises(DidNotStart) as raised:
        supervisor(tmp_path).check()
    assert str(raised.value) == f"web does not start: relay: PORT: 'å' is wrong; see {tmp_path}/web.log"


def test_while_nothing_gave_up_there_is_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "supervisord.log").write_text("INFO success: web entered RUNNING state\n", "utf-8")
    supervisor(tmp_path).check()


def test_new_lines_are_shown_once_and_whole(tmp_path: Path) -> None:
    web, worker = tmp_path / "web.log", tmp_path / "worker.log"
    following = Following({"web": web, "worker": worker})
    assert list(following.new_lines()) == []
    web.write_text("första\nand", "utf-8")
    worker.write_text("redo\n", "utf-8")
    assert list(following.new_lines()) == ["web    | första", "worker | redo"]
    with web.open("a", encoding="utf-8") as file:
        file.write("ra\n")
    assert list(following.new_lines()) == ["web    | andra"]
    web.write_text("ny fil\n", "utf-8")
    assert list(following.new_lines()) == ["web    | ny fil"]


CONNECTORS = [connector for connector in all_connectors() if samples_of(connector)]


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda connector: connector.name)
def test_the_demo_can_sign_as_every_sender(connector: Connector) -> None:
    found = [each for each in trial.trials(CONNECTORS) if each.connector is connector]
    assert sum(len(each.cases) for each in found) == len(samples_of(connector))
    for each in found:
        for case in each.cases:
            request = signed(case, connector, "http://127.0.0.1/webhooks/prov", each.secret, EPOCH)
            assert connector.signature.verify(request, [each.secret], EPOCH) == 0


def test_the_demo_is_an_installation_of_its_own(tmp_path: Path) -> None:
    found = trial.trials(CONNECTORS)
    home = tmp_path / "var" / "demo"
    trial.install(home, found)
    others = {"RELAY_BUTIK_API_KEY": "en annans", "DATABASE_URL": "postgresql://prod", "PORT": "8123", "LANG": "sv"}
    environ = trial.environment(home, others, found)
    settings = load(environ)
    assert set(settings.connections) == {each.connection for each in found}
    assert settings.database_url == f"sqlite:///{home}/var/relay.db"
    assert (settings.port, environ["LANG"]) == (8123, "sv")
    assert "en annans" not in environ.values()


def test_settings_of_samples_become_toml(tmp_path: Path) -> None:
    found = trial.trials(CONNECTORS)
    trial.install(tmp_path / "demo", found)
    written = tomllib.loads((tmp_path / "demo" / "relay.toml").read_text("utf-8"))
    for each in found:
        for case in each.cases:
            for name, value in case.settings.items():
                assert json.dumps(written["connections"][each.connection][name]) == json.dumps(value)
