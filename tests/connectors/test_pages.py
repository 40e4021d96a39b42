"""docs/connectors: what a page tells to set, and what it says of settings, rules and commands, is as it is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from tests.connectors.catalogue import SUBJECTS, Subject
from worker.cli import relay
from worker.sdk.connector import ByVerifyToken
from worker.sdk.settings import describe
from worker.settings import Connection, load

every_page = pytest.mark.parametrize("subject", SUBJECTS, ids=lambda each: each.connector.name)
NO_DEFAULT = {"\N{EN DASH}", "the first one"}


def page(subject: Subject) -> str:
    assert subject.page is not None
    return subject.page


def block(subject: Subject, language: str) -> str:
    """The one example that begins with a connection's table, or with its variables."""
    start = {"toml": r"\[connections", "sh": "export RELAY_"}[language]
    (found,) = re.findall(rf"```{language}\n({start}.*?)```", page(subject), re.DOTALL)
    return str(found)


def variables(subject: Subject) -> dict[str, str]:
    return dict.fromkeys(re.findall(r"^export (\w+)=", block(subject, "sh"), re.MULTILINE), "hemligt-åäö")


@pytest.fixture
def connection(subject: Subject, tmp_path: Path) -> Connection:
    """The page's example, set up as the page says."""
    (tmp_path / "relay.toml").write_text(block(subject, "toml"), "utf-8")
    (found,) = load(variables(subject), directory=tmp_path).connections.values()
    return found


@every_page
def test_example_is_a_connection_with_its_key_and_its_secret(subject: Subject, connection: Connection) -> None:
    own = connection.name.upper().replace("-", "_")
    assert connection.connector is subject.connector
    token = [f"RELAY_{own}_TOKEN"] if subject.connector.source else []
    secret = [f"RELAY_{own}_SECRET"] if subject.connector.stream is None else []
    asks = any(isinstance(each, ByVerifyToken) for each in subject.connector.handshakes)
    verify = [f"RELAY_{own}_VERIFY_TOKEN"] if asks else []
    assert list(variables(subject)) == [f"RELAY_{own}_API_KEY", *secret, *verify, *token]


@every_page
def test_address_is_the_connections(subject: Subject, connection: Connection) -> None:
    addresses = set(re.findall(r"https://<your host>/webhooks/([^`\s\"/?]+)", page(subject)))
    assert addresses == ({"<connection>", connection.name} if subject.connector.stream is None else set())


@every_page
def test_no_other_variable_is_named_than_there_are(subject: Subject, tmp_path: Path) -> None:
    """Settings are refused with a RELAY_ variable that is none."""
    (tmp_path / "relay.toml").write_text(f"{block(subject, 'toml')}[connections.generic]\n", "utf-8")
    named = re.findall(r"\bRELAY_[A-Z0-9_]+\b(?!<)", page(subject))
    load({name: f"https://{number}.relay.example" for number, name in enumerate(named)}, directory=tmp_path)


@every_page
def test_defaults_are_those_of_the_settings(subject: Subject) -> None:
    told = dict(defaults(page(subject)))
    known = {each.name: "*needed*" if each.required else shown(each.default) for each in describe(settings_of(subject))}
    assert {name: None if text in NO_DEFAULT else text for name, text in told.items()} == known


def settings_of(subject: Subject) -> type[Any]:
    return subject.connector.settings


def defaults(text: str) -> Iterator[tuple[str, str]]:
    """The settings of the page's table, each with what it says of its default."""
    table = text.partition("## Settings\n")[2].partition("\n## ")[0]
    for names, values in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (.*?) \|", table, re.MULTILINE):
        found = re.findall(r"\w+", names)
        yield from zip(found, values.split(", ") if "`" in values else [values] * len(found), strict=True)


def shown(default: Any) -> str | None:
    if default in (None, {}, ()):
        return None
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


@every_page
def test_every_rule_that_a_case_is_ignored_by_is_named(subject: Subject) -> None:
    rules = {str(outcome.get("ignored", "")) for filed in subject.cases for outcome in filed.outcomes}
    # What the sender's API answered for a thing that is gone is no rule.
    named = {rule for rule in rules if rule and not rule.startswith(("ignores ", "answered "))}
    assert {rule for rule in named if f"`{rule}`" not in page(subject)} == set()


@every_page
def test_commands_are_there(subject: Subject) -> None:
    lines = re.findall(r"`(relay [^`]+)`", page(subject).replace("\n", " "))
    commands = [shlex.split(line)[1:] for line in lines]
    assert ["doctor"] in commands
    for words in commands:
        parsed(relay, words)


@every_page
def test_sample_that_is_explained_ships(subject: Subject, connection: Connection) -> None:
    (explained,) = re.findall(r"`relay explain (\w+) --connection ([\w-]+)`", page(subject).replace("\n", " "))
    assert explained[1] == connection.name
    assert explained[0] in {filed.name for filed in subject.samples}


def parsed(command: click.Command, words: list[str]) -> None:
    """Raises UsageError where an option or a command is none."""
    with click.Context(command) as context:
        if not isinstance(command, click.Group):
            command.make_parser(context).parse_args(words)
            return
        inner = command.get_command(context, words[0])
        assert inner is not None, f"relay has no {words[0]}"
        if words[1:] or not isinstance(inner, click.Group):
            parsed(inner, words[1:])
