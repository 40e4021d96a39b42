"""What the doctor says of who may use the console."""

from __future__ import annotations

import pytest

from tests.unit.cli.doctor.known import facts
from worker.cli.doctor.command import judged
from worker.cli.doctor.console import Entrance, entrance
from worker.settings import Settings
from worker.settings.console import Console, Proxy, Token, console

LONG = "4711" * 8
PROXY = Proxy("X-Forwarded-Email", "127.0.0.1")


def said(found: Entrance, up: int | None = None) -> tuple[str, str]:
    (one,) = [each for each in judged(facts(entrance=found, up=up)) if each.what == "console"]
    return one.level, one.says


def settings(environ: dict[str, str]) -> Settings:
    return Settings(console=console(environ, {}, "relay.toml [console]"))


def token(name: str = "anna", role: str = "operator", length: int = 48) -> Token:
    return Token(name, "viewer" if role == "viewer" else "operator", name, length)


@pytest.mark.parametrize(
    ("found", "level", "says"),
    [
        (Console(), "look", "by this environment nobody can sign in: set RELAY_ADMIN_TOKEN"),
        (Console([token("vera", "viewer")]), "look", "whoever signs in can only look"),
        (Console(proxy=PROXY), "look", "whoever signs in can only look"),
        (Console([token(), token("bo", length=31)]), "look", "the token of bo is shorter than 32 characters"),
        (Console([token(), token("bo"), token("vera", "viewer")]), "fine", "let in: 2 operators by token, 1 viewer by token"),
        (Console(proxy=PROXY, operators=frozenset({"anna"})), "fine", "let in: whoever the proxy at 127.0.0.1 names"),
    ],
)  # fmt: skip
def test_each_way_in_is_judged(found: Console, level: str, says: str) -> None:
    told = said(Entrance(found))
    assert (told[0], told[1].startswith(says)) == (level, True), told


def test_where_relay_up_runs_it_made_a_token() -> None:
    assert said(Entrance(Console()), up=7) == ("fine", "the `relay up` that runs here said with what to sign in")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RELAY_BUTIK_API_KEY", LONG),
        ("RELAY_BUTIK_SECRET", f"gammal, {LONG}"),
        ("RELAY_ALERTS_SIGNING_KEY", LONG),
        ("FLOWER_BASIC_AUTH", f"per:annat,relay:{LONG}"),
    ],
)
def test_a_token_that_is_another_secret_is_named_without_its_value(variable: str, value: str) -> None:
    environ = {"RELAY_ADMIN_TOKEN": f"anna:{LONG}", variable: value}
    level, says = said(entrance(settings(environ), environ))
    assert level == "look"
    assert f"the token of anna is in {variable}, too" in says
    assert LONG not in says


def test_tokens_of_their_own_are_fine() -> None:
    environ = {
        "RELAY_ADMIN_TOKEN": f"anna:{LONG}",
        "RELAY_BUTIK_API_KEY": "nyckel",
        "FLOWER_BASIC_AUTH": "relay:hemligt",
    }
    assert said(entrance(settings(environ), environ)) == ("fine", "let in: 1 operator by token")
