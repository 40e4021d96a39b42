"""The parts of `relay up` and `relay demo` that need no process."""

from __future__ import annotations

import json
import socket
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from worker.cli import relay
from worker.cli.context import Installation
from worker.cli.local import demo_setup
from worker.cli.local.demo_setup import letters, ready_letter
from worker.cli.local.network import free_port, refuse_taken
from worker.cli.local.processes import Program, programs
from worker.cli.local.samples import sample, samples_of, signed
from worker.cli.local.supervisor import DidNotStart, Supervisor
from worker.cli.local.tail import Following
from worker.connectors import all_connectors, generic
from worker.devkit import cases
from worker.devkit.cases import Case
from worker.errors import ConfigError
from worker.sdk.connector import Connector
from worker.settings import Settings, load
from worker.sync.records import EPOCH


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


def test_the_sandbox_runs_only_when_asked_for() -> None:
    names = [[each.name for each in programs(Settings(), with_sandbox=sandbox)] for sandbox in (False, True)]
    assert names == [
        ["web", "worker", "beat", "flower", "console"],
        ["sandbox", "web", "worker", "beat", "flower", "console"],
    ]


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
    found = [each for each in demo_setup.demo_connections(CONNECTORS) if each.connector is connector]
    assert sum(len(each.cases) for each in found) == len(samples_of(connector))
    for each in found:
        for case in each.cases:
            request = signed(case, connector, "http://127.0.0.1/webhooks/prov", each.secret, EPOCH)
            assert connector.signature.verify(request, [each.secret], EPOCH) == 0


def test_the_demo_is_an_installation_of_its_own(tmp_path: Path) -> None:
    found = demo_setup.demo_connections(CONNECTORS)
    home = tmp_path / "var" / "demo"
    demo_setup.install(home, found)
    others = {"RELAY_BUTIK_API_KEY": "en annans", "DATABASE_URL": "postgresql://prod", "PORT": "8123", "LANG": "sv"}
    environ = demo_setup.environment(home, others, found)
    settings = load(environ)
    assert set(settings.connections) == {each.connection for each in found}
    assert settings.database_url == f"sqlite:///{home}/var/relay.db"
    assert (settings.port, environ["LANG"]) == (8123, "sv")
    assert "en annans" not in environ.values()


def test_settings_of_samples_become_toml(tmp_path: Path) -> None:
    found = demo_setup.demo_connections(CONNECTORS)
    demo_setup.install(tmp_path / "demo", found)
    written = tomllib.loads((tmp_path / "demo" / "relay.toml").read_text("utf-8"))
    for each in found:
        for case in each.cases:
            for name, value in case.settings.items():
                assert json.dumps(written["connections"][each.connection][name]) == json.dumps(value)


def order(number: str, day: int, name: str) -> Case:
    time = f"2026-03-0{day}T12:00:00Z"
    body = {"id": name, "type": "account.upsert", "time": time, "data": {"id": number}}
    return cases.load({"now": time, "title": name, "body": body}, generic.connector)


def test_samples_about_one_thing_are_sent_one_after_another() -> None:
    """In the order in which it happened, whatever their files are called."""
    cases = [order("Ö-1", 2, "andra"), order("Ö-1", 1, "första"), order("Ö-2", 3, "annan")]
    waiting = letters([demo_setup.DemoConnection("butik", generic.connector, cases, "k", "s")])

    def titles(busy: set[tuple[str, str]]) -> list[str]:
        return [letter.case.title for letter in ready_letter(waiting, busy)]

    assert titles(set()) == ["första", "annan"]
    assert titles({("butik", "account:Ö-1")}) == ["annan"]
    assert titles({("kassa", "account:Ö-1"), ("butik", "account:Ö-2")}) == ["första"]
    waiting = waiting[1:]
    assert titles(set()) == ["andra", "annan"]


def test_commands_with_the_settings_of_a_demo_know_its_secrets(tmp_path: Path) -> None:
    found = demo_setup.demo_connections(CONNECTORS)
    home = tmp_path / "demo"
    demo_setup.install(home, found)

    installation = Installation({"RELAY_CONFIG": str(home / "relay.toml")})

    assert {each.connection: list(installation.keys.secrets(each.connection)) for each in found} == {
        each.connection: [each.secret] for each in found
    }
    assert (home / demo_setup.FILE).stat().st_mode & 0o077 == 0
    assert demo_setup.made_up_beside(tmp_path / "relay.toml") == {}


def test_nothing_to_sign_with_names_what_to_set(tmp_path: Path) -> None:
    config = tmp_path / "relay.toml"
    config.write_text('[connections.min-butik]\nconnector = "generic"\n', "utf-8")
    installation = Installation({"RELAY_CONFIG": str(config)})

    result = CliRunner().invoke(relay, ["send", "min-butik", "account_upsert"], obj=installation)

    assert result.exit_code == 2
    assert (
        "min-butik has no signing secret; set RELAY_MIN_BUTIK_SECRET, or `relay keys set min-butik --secret`"
        in result.output
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"body": {}}', "it has no `now`: when it was received, ISO 8601"),
        ('{"now": "2026-03-02T12:00:00Z"}', "it has no `body`: what was posted"),
        ("[]", "it is no object such as"),
        ("å", "it is not JSON"),
    ],
)
def test_file_that_is_no_case_says_what_it_lacks(text: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "öppen.json"
    file.write_text(text, "utf-8")

    with pytest.raises(ConfigError, match=line):
        sample(CONNECTORS[0], str(file))


def test_only_a_connector_there_is_can_be_demonstrated() -> None:
    result = CliRunner().invoke(relay, ["demo", "--only", "shopfy"], obj=Installation({}))

    assert result.exit_code == 2
    assert "there is no connector shopfy; did you mean shopify?" in result.output
