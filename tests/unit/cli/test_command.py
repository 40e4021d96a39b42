"""The `relay` command: help without imports, errors as one line, keys never from arguments."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from runpy import run_path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from worker.cli import COMMANDS, relay
from worker.cli.context import Installation
from worker.cli.group import Lazy, RelayGroup
from worker.cli.options import moment
from worker.devkit import cases
from worker.errors import ConfigError
from worker.sync.records import EPOCH

CONFIG = """
[connections.butik]
connector = "shopify"
owner = "asa.oberg@example.com"
fallback_product = "ÖVRIGT"
"""

GROUPS = ("connections", "connectors", "dead", "events", "keys", "review")
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "relay.toml").write_text(CONFIG, "utf-8")
    always = {"RELAY_CONFIG": str(tmp_path / "relay.toml")}

    def invoke(*arguments: str, environ: Mapping[str, str] | None = None, stdin: str | None = None) -> Result:
        return CliRunner().invoke(relay, arguments, input=stdin, obj=Installation({**always, **(environ or {})}))

    return invoke


def outcome(result: Result) -> tuple[int, str]:
    return result.exit_code, result.stderr


def test_help_tells_every_command_and_imports_none() -> None:
    program = "import sys; from worker.cli import relay; relay(['--help'])"
    heavy = "('sqlalchemy', 'celery', 'httpx', 'redis', 'marshmallow', 'flask', 'rich')"
    check = f"import atexit, sys; atexit.register(lambda: print([m for m in {heavy} if m in sys.modules])); {program}"
    shown = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True).stdout
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert shown.endswith("[]\n")


@pytest.mark.parametrize("group", [[], *([name] for name in GROUPS)])
def test_a_group_without_a_command_shows_its_help(run: Run, group: list[str]) -> None:
    code, said = outcome(run(*group))
    assert code == 2
    assert said.startswith(f"{' '.join(('Usage: relay', *group))} [OPTIONS] COMMAND [ARGS]...\n\n  ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\na.å\n", "relay: AttributeError at {file}:2: 'int' object has no attribute 'å'; "),
        ("a = 1\ndef å((:\n", "relay: SyntaxError at {file}:2: "),
    ],
)
def test_an_error_in_somebodys_code_names_its_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "sender.py"
    file.write_text(text, "utf-8")

    @click.command()
    def load() -> None:
        run_path(str(file))

    class Group(RelayGroup):
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:  # noqa: ARG002 - click's signature
            return load

    group = Group("relay", lazy={"load": Lazy("", "")})
    result = CliRunner().invoke(group, ["load"])
    assert result.exit_code == 1
    assert result.stderr.startswith(said.format(file=file))
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_explains_itself(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: relay {name} ")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["evnts"], "relay: No such command 'evnts'. Did you mean 'events'? Try relay --help\n"),
        (["events", "lst"], "relay: No such command 'lst'. Did you mean 'list'? Try relay events --help\n"),
        (["events", "list", "--zzz"], "relay: No such option '--zzz'. Try relay events list --help\n"),
        (["send", "butik"], "relay: Missing argument 'SAMPLE|FILE'. Try relay send --help\n"),
        (["send", "butk", "x"], "relay: there is no connection butk; did you mean butik?\n"),
        (["send", "butik", "order_payed"], "relay: order_payed is neither a file nor a sample of shopify; did you mean order_paid?\n"),
        (["send", "butik", "order_paid"], "relay: nothing to sign with: butik has no signing secret; set RELAY_BUTIK_SECRET, or `relay keys set butik --secret`\n"),
        (["replay"], "relay: name the events, or narrow them by --connection, --type, --subject, --since, --until or --status\n"),
        (["replay", "--cancel", "--type", "order.*"], "relay: --cancel takes back all that waits for its turn, that of --connection, or that of the batches that are named: nothing else narrows it\n"),
        (["events", "list", "--until", "igår"], "relay: --until igår: write 90m, 24h, 7d, a date or a date and time\n"),
        (["events", "list", "--until", "1h", "--follow"], "relay: --follow goes on for ever: leave --until out\n"),
        (["dead", "replay"], "relay: name the events, or give --all\n"),
        (["dead", "list", "--since", "999999d"], "relay: --since 999999d: write 90m, 24h, 7d, a date or a date and time\n"),
        (["dead", "list", "--limit", "0"], "relay: Invalid value for '--limit': 0 is not in the range 1<=x<=100000. Try relay dead list --help\n"),
        (["review", "drop", "e", "--reason", ""], "relay: Invalid value for '--reason': say why, in a few words. Try relay review drop --help\n"),
        (["calls", "--record", f"account/{'9' * 30}"], f"relay: --record account/{'9' * 30}: write account/4711, or only the id\n"),
        (["calls", "--key", "nyckel-åäö"], "relay: --key: that is no fingerprint; `relay keys list` shows them\n"),
        (["send", "bu\x1b[2Jtk\nx", "x"], "relay: there is no connection bu\\x1b[2Jtk x; there are: butik\n"),
        (["budget"], ""),
    ],
)  # fmt: skip
def test_an_error_is_one_line_that_says_what_to_do(run: Run, arguments: list[str], line: str) -> None:
    result = run(*arguments)
    assert result.stderr == line
    assert result.exit_code == (2 if line else 0)
    assert "Traceback" not in result.output


def test_a_wrong_setting_ends_every_command_with_its_line(run: Run) -> None:
    assert outcome(run("events", "list", environ={"PORT": "å"})) == (
        2,
        "relay: PORT: 'å' is not a whole number above 0\n",
    )


def test_a_database_that_is_not_there_is_not_made_by_looking(run: Run, tmp_path: Path) -> None:
    code, line = outcome(run("events", "list"))
    wrong = f"There is no database {tmp_path}/var/relay.db: correct DATABASE_URL, or make it with `relay release`."
    assert (code, line) == (2, f"relay: {wrong}\n")
    assert not (tmp_path / "var" / "relay.db").exists()


def test_after_the_release_lists_are_empty(run: Run, tmp_path: Path) -> None:
    first, second = (run("release").stdout for _ in range(2))
    assert re.fullmatch(rf"{re.escape(str(tmp_path))}/var/relay.db: revision none, no tables yet -> \d{{4}}\.\n", first)
    assert re.fullmatch(rf"{re.escape(str(tmp_path))}/var/relay.db is at revision \d{{4}}: nothing to do\.\n", second)
    assert first.split()[-1].rstrip(".") in second
    assert run("events", "list").stdout == "No events.\n"
    assert json.loads(run("dead", "list", "--json").stdout) == []
    assert json.loads(run("calls", "--json").stdout) == []
    (connection,) = json.loads(run("connections", "list", "--json").stdout)
    # It has no signing secret yet.
    assert (connection["connection"], connection["state"], connection["waiting"]) == ("butik", "misconfigured", 0)


@pytest.mark.parametrize("width", [80, 100])
def test_the_connectors_can_be_read_on_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": str(width)}.items():
        monkeypatch.setenv(name, value)
    shown = run("connectors", "list").stdout
    assert max(map(len, shown.splitlines())) <= width
    told = json.loads(run("connectors", "list", "--json").stdout)
    for each in told:
        assert f"{each['name']}: {each['title']}\n  handles   {each['handles'][0]}" in shown
        assert all(name in shown for name in each["handles"])


def test_where_no_replay_waits_none_is_taken_back(run: Run) -> None:
    run("release")
    nothing = "No replay waits for its turn: nothing was taken back.\n"
    assert [run("replay", "--cancel", *more).stdout for more in ((), ("--connection", "butik"))] == [nothing] * 2
    assert outcome(run("replay", "--cancel", "--connection", "butk")) == (
        2,
        "relay: there is no connection butk; did you mean butik?\n",
    )


def test_a_paused_connection_tells_why_until_it_is_resumed(run: Run) -> None:
    run("release")
    assert run("connections", "pause", "butik", "--reason", "städning").exit_code == 0
    (connection,) = json.loads(run("connections", "list", "--json").stdout)
    assert (connection["state"], connection["reason"]) == ("paused", "städning")
    assert run("connections", "resume", "butik").stdout == "butik delivers again.\n"
    assert run("connections", "resume", "butik").stdout == "butik was not paused; Upsales is asked again now.\n"


MASTER = Fernet.generate_key().decode()


def test_a_key_is_read_from_standard_input_and_shown_by_its_fingerprint(run: Run) -> None:
    environ = {"RELAY_MASTER_KEY": MASTER}
    run("release")
    stored = run("keys", "set", "butik", "--untried", environ=environ, stdin="nyckel-åäö\n")
    assert stored.exit_code == 0
    (listed,) = json.loads(run("keys", "list", "--json", environ=environ).stdout)
    assert (listed["connection"], listed["kind"], listed["source"]) == ("butik", "api_key", "stored")
    assert listed["fingerprint"] in stored.stderr
    assert "nyckel" not in stored.output


@pytest.mark.parametrize(
    ("environ", "stdin", "line"),
    [
        ({}, "nyckel\n", "relay: RELAY_MASTER_KEY is not set: stored keys are encrypted under it; `relay keys new-master` makes one\n"),
        ({"RELAY_MASTER_KEY": MASTER}, "\n", "relay: nothing was given; type it, or pipe it in: `relay keys set butik < file`\n"),
        (
            {"RELAY_MASTER_KEY": MASTER}, "två ord\n",
            "relay: API key of butik: that can't be one, it holds spaces, commas or control characters\n",
        ),
        (
            {"RELAY_MASTER_KEY": MASTER, "RELAY_BUTIK_API_KEY": "k"}, "nyckel\n",
            "relay: RELAY_BUTIK_API_KEY is set and comes before what is stored: change it there, or remove it first\n",
        ),
    ],
)  # fmt: skip
def test_a_key_that_can_not_be_stored_says_why(run: Run, environ: Mapping[str, str], stdin: str, line: str) -> None:
    run("release")
    assert outcome(run("keys", "set", "butik", "--untried", environ=environ, stdin=stdin)) == (2, line)


def test_the_doctor_names_what_is_missing_and_fails(run: Run) -> None:
    result = run("doctor", "--json")
    found = {each["what"]: each["level"] for each in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert [what for what, level in found.items() if level == "wrong"] == [
        "database", "Redis", "butik: signing secret", "butik: API key",
    ]  # fmt: skip
    assert list(found.values()) == sorted(found.values(), key=["wrong", "look", "fine"].index), "the worst first"


@pytest.mark.parametrize(
    ("secrets", "state"),
    [("h", "wrong"), ("whsec_h", "wrong"), ("hemlighet-å", "wrong"), ("a" * 64 + ",h", "wrong"), ("hemlighet-åä", "fine")],
)  # fmt: skip
def test_the_doctor_finds_a_secret_that_can_be_guessed_wrong(run: Run, secrets: str, state: str) -> None:
    run("release")
    result = run("doctor", "--offline", "--json", environ={"RELAY_BUTIK_SECRET": secrets})
    (found,) = [each for each in json.loads(result.stdout) if each["what"] == "butik: signing secret"]
    assert found["level"] == state
    assert ("it can be guessed" in found["says"]) == (state == "wrong")
    assert not any(each in found["says"] for each in (secrets, "h,") if len(each) > 1)


def test_a_case_in_a_file_must_be_a_case(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "fall.json"
    file.write_text('{"body": {}}', "utf-8")
    line = f"relay: {file}: not a case: it has no `now`: when it was received, ISO 8601, as in {cases.SHAPE}\n"
    assert outcome(run("send", "butik", str(file))) == (2, line)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", -5400), ("24h", -86400), ("7d", -604800), ("1970-01-01T02:00:00+01:00", 3600)]
)
def test_since_is_a_moment_or_how_long_ago(text: str, seconds: float) -> None:
    found = moment(text, EPOCH)
    assert found is not None
    assert (found - EPOCH).total_seconds() == seconds


def test_since_says_how_to_write_it() -> None:
    with pytest.raises(ConfigError, match="--since igår: write 90m, 24h, 7d, "):
        moment("igår", EPOCH)
