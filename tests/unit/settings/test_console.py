"""Who may use the console is read from the environment, and a mistake is one line without the token."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from worker.errors import ConfigError
from worker.settings.console import Console, Proxy, Token, console, digest

LONG = "0123456789abcdef"


def read(environ: Mapping[str, str], **table: object) -> Console:
    return console(environ, table, "relay.toml [console]")


def test_tokens_have_names_and_roles_and_are_not_kept() -> None:
    found = read({"RELAY_ADMIN_TOKEN": f"anna:{LONG}a, {LONG}b", "RELAY_VIEWER_TOKEN": f"vera:{LONG}c"})
    assert found.tokens == (
        Token("anna", "operator", digest(f"{LONG}a"), len(LONG) + 1),
        Token("operator", "operator", digest(f"{LONG}b"), len(LONG) + 1),
        Token("vera", "viewer", digest(f"{LONG}c"), len(LONG) + 1),
    )
    assert LONG not in repr(found)


def test_without_tokens_and_proxy_it_is_closed() -> None:
    assert read({}).closed
    assert not read({"RELAY_CONSOLE_PROXY": "X-User@127.0.0.1"}).closed


def test_a_proxy_is_a_header_and_an_address() -> None:
    found = read({"RELAY_CONSOLE_PROXY": "X-User@::1"}, operators=["anna@example.com"])
    assert (found.proxy, found.operators) == (Proxy("X-User", "::1"), frozenset({"anna@example.com"}))


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"RELAY_ADMIN_TOKEN": "kort"}, "at least 16 characters"),
        ({"RELAY_ADMIN_TOKEN": f"anna:{LONG} {LONG}"}, "no blank"),
        ({"RELAY_ADMIN_TOKEN": f"an na:{LONG}"}, "a name has letters"),
        ({"RELAY_ADMIN_TOKEN": f"a:{LONG},b:{LONG}"}, "a and b have the same token"),
        ({"RELAY_ADMIN_TOKEN": f"a:{LONG}1", "RELAY_VIEWER_TOKEN": f"a:{LONG}2"}, "a is in both"),
        ({"RELAY_CONSOLE_HOSTS": "https://relay.example.com"}, "without https:// and port"),
        ({"RELAY_CONSOLE_PROXY": "X-User"}, "write header@address"),
        ({"RELAY_CONSOLE_PROXY": "X-User@proxy.example"}, "write header@address"),
        ({"RELAY_CONSOLE_PROXY": "X User@127.0.0.1"}, "write header@address"),
    ],
)
def test_a_mistake_is_named_and_tells_no_token(environ: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as raised:
        read(environ)
    assert LONG not in str(raised.value)
    assert "kort" not in str(raised.value)


@pytest.mark.parametrize(
    "table", [{"operator": ["anna"]}, {"operators": "anna"}, {"operators": [1]}, {"operators": [""]}]
)
def test_a_wrong_table_is_named(table: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"relay\.toml \[console\] operator"):
        read({}, **table)
