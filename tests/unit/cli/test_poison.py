"""Whatever a sender wrote, no command lets it move the cursor, hide, turn text around or begin a line of its own."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from web.inbound import arrival
from worker.cli import relay
from worker.cli.context import Installation
from worker.cli.local.tail import Following
from worker.cli.output import UNSEEN, json_text, one_line, printable, say, show
from worker.cli.up import _tell
from worker.sdk.request import Request
from worker.store import Store
from worker.store.db.tables import calls, connections, events
from worker.store.events.intake import accept

ROOT = Path(__file__).parents[3]
FORGED = "relay: allt är väl"
POISON = (
    "ö\x1b[2J\x1b]8;;https://attacker.example\x07här\x1b]8;;\x07\x9b31m\x9d0;titel\x9c\r\b\x7f"
    "\u202egnp.exe\u2066\u200b\u2060\ufeff\u00ad\u200d\U000e0041\u2028" + f"\n{FORGED}"
)
CONFIG = """
[connections.butik]
connector = "generic"
owner = "asa.oberg@example.com"
"""
NEEDS_A_STACK = {"up", "demo", "serve", "console"}
"""They start processes and end with them. What they print of events and logs is held below."""

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose database is poisoned: made once, copied by each test."""
    home = tmp_path_factory.mktemp("poisoned")
    installation = _installed(home)
    assert CliRunner().invoke(relay, ["release"], obj=installation).exit_code == 0
    _poison(installation)
    installation.store.close()
    return home


@pytest.fixture
def run(poisoned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(poisoned, tmp_path, dirs_exist_ok=True)

    def invoke(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(relay, arguments, input=stdin, obj=_installed(tmp_path))

    return invoke


def _installed(home: Path) -> Installation:
    (home / "relay.toml").write_text(CONFIG, "utf-8")
    return Installation(
        {
            "RELAY_CONFIG": str(home / "relay.toml"),
            "UPSALES_BASE_URL": "http://127.0.0.1:9/api/v2",
            "RELAY_BUTIK_API_KEY": "nyckel-123456789",
            "RELAY_BUTIK_SECRET": "whsec_" + "a" * 32,
        }
    )


def _poison(installation: Installation) -> None:
    """An event of each kind that a person is shown, all of its texts poisoned."""
    data = {"id": POISON, "name": POISON, "notes": POISON}
    _take(installation, {"id": "väntar", "type": "account.upsert", "time": POISON, "data": data})
    _take(installation, {"id": "granskas", "type": "account.upsert", "subject": POISON, "data": data})
    _take(installation, {"id": POISON, "type": f"order.{POISON}", "subject": POISON, "data": data})
    with installation.store.write() as conn:
        conn.execute(update(events).where(events.c.event_id == "granskas").values(status="review", reason=POISON))
        conn.execute(update(events).where(events.c.event_id == "väntar").values(reason=POISON))
        conn.execute(
            insert(connections).values(name="butik", account=1, account_name=POISON, user_name=POISON, reason=POISON)
        )
        conn.execute(insert(calls).values(**_call(POISON)))


def _take(installation: Installation, body: Mapping[str, object]) -> None:
    request = Request("POST", "https://x/webhooks/butik", (("x-å", POISON),), json.dumps(body).encode())
    store: Store = installation.store
    with store.write() as conn:
        accept(conn, [arrival(request, installation.connection("butik"), (), lambda _: "***")])


def _call(text: str) -> dict[str, object]:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    return {
        "id": "01M84ZE4MVX1HSB943V1MGKPB4",
        "connection": "butik",
        "fingerprint": "0123456789abcdef",
        "method": "POST",
        "resource": "account",
        "key": text[:200],
        "write": True,
        "state": "failed",
        "error": text,
        "changed": {text: text},
        "started_at": at,
        "deadline_at": at,
    }


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*path, name))
    else:
        yield path, command


def tried(command: click.Command) -> Iterator[tuple[str, ...]]:
    """Ways to call it: with what was sent, with poison in each place that takes text, and for programs."""
    needed = [each for each in command.params if isinstance(each, click.Argument)]
    options = [each for each in command.params if isinstance(each, click.Option)]
    reason = ("--reason", POISON) if any(each.name == "reason" for each in options) else ()
    yes = ("--yes",) if any(each.name == "yes" for each in options) else ()
    offline = ("--offline",) if any(each.name == "offline" for each in options) else ()
    for event in ("väntar", "granskas", POISON):
        given = {"connection": "butik", "event": event, "events": event, "upsales_id": "7", "fingerprint": "0" * 16}
        if command.name != "capture" or event == "väntar":
            yield (*(given.get(each.name or "", event) for each in needed), *offline, *reason, *yes)
    for option in options:
        if option.opts[0] == "--json":
            yield (*("väntar" for _ in needed), *offline, "--json")
        elif not option.is_flag:
            yield (*("butik" for each in needed), *offline, option.opts[0], POISON)


COMMANDS = [(path, command) for path, command in leaves(relay) if path[0] not in NEEDS_A_STACK]


@pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_no_command_prints_what_a_terminal_obeys(run: Run, path: tuple[str, ...], command: click.Command) -> None:
    for arguments in tried(command):
        result = run(*path, *arguments)
        assert harmless(result.output), (arguments, result.output)
        assert "Traceback" not in result.output


def harmless(text: str) -> bool:
    seen = UNSEEN.search(text)
    forged = [line for line in text.splitlines() if line.startswith(FORGED)]
    return seen is None and not forged


def test_lists_really_held_it(run: Run) -> None:
    """Else the test above would look at nothing."""
    for arguments in (("events", "list"), ("dead", "list"), ("review", "list"), ("calls",), ("connections", "list")):
        assert "\\x1b[2J" in run(*arguments).output, arguments
        told = run(*arguments, "--json").stdout
        assert json.dumps(POISON)[1:-1] in json.dumps(json.loads(told)), arguments
    shown = run("events", "show", "väntar").output
    assert "note" in shown
    assert "can't be one: the time of receipt counts" in shown
    assert "\\u202e" in run("explain", "väntar").output


def test_log_lines_of_processes_are_harmless(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "worker.log"
    log.write_text(POISON + "\n", "utf-8")
    _tell(Following({"worker": log}))
    assert harmless(capsys.readouterr().out)


def test_table_on_a_terminal_is_harmless_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    for columns in ("40", "400"):
        monkeypatch.setenv("COLUMNS", columns)
        show([{"id": "1", "reason": POISON}], ("id", "reason"), as_json=False)
        shown = capsys.readouterr().out.replace("\x1b[1m", "").replace("\x1b[0m", "")
        assert harmless(shown)


@pytest.mark.parametrize(
    "char", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u200d", "\u200e", "\u2066", "\x9b", "\x1b", "\U000e0041", "\ud83d"]
)  # fmt: skip
def test_what_is_not_seen_is_shown(char: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printable(f"ad{char}min").isascii()
    say(f"ad{char}min")
    assert char not in capsys.readouterr().out
    assert json.loads(json_text({"å": char}))["å"] == char
    assert json_text(char) != f'"{char}"'


def test_a_line_is_a_line() -> None:
    assert one_line("å\nö\r\n\u2028ä").splitlines() == ["å ö\\r \\u2028ä"]


PRINTS = {"click.echo", "click.secho", "click.confirm", "print", "sys.stdout.write", "sys.stderr.write"}


def test_everything_that_commands_say_goes_through_the_room_for_it() -> None:
    """So that no new command can forget it."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("cli", "devkit")
        for path in sorted((ROOT / "worker" / folder).rglob("*.py"))
        if path.name != "output.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in PRINTS
    ]
    assert found == []
