"""Addresses of senders' APIs, filled with the settings of a connection."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from worker.errors import ConfigError
from worker.sdk.source import Source, bearer, where
from worker.sdk.source.dotted import at


@dataclass(frozen=True)
class Settings:
    shop: str | None = "butik.example.com"
    api_version: int = 4
    url: str = "https://shop.example.com/sv/"


def root(url: str, settings: Settings | None = None) -> str:
    return where.root(Source(url=url, sign=bearer(), kinds={}), settings or Settings())


def test_settings_go_in_by_name() -> None:
    assert root("https://{shop}/admin/api/{api_version}/") == "https://butik.example.com/admin/api/4"
    assert root("{url}wp-json") == "https://shop.example.com/sv/wp-json"


@pytest.mark.parametrize(("url", "missing"), [("https://{shop}/x", "shop"), ("https://{tenant}.example.com", "tenant")])
def test_one_that_is_missing_is_named(url: str, missing: str) -> None:
    with pytest.raises(ConfigError, match=f"without the setting {missing}, which is not set"):
        root(url, Settings(shop=None))


@pytest.mark.parametrize(
    "shop",
    [
        "",
        "a b.example.com",
        "x.example.com?y=",
        "x.example.com#",
        "user@x.example.com",
        "x.example.com\\@y",
        "x:notaport",
        "[::1",
        "/",
        "åäö.example.com",
        "elsewhere.example/x",
        "x.example.com:8443",
    ],
)
def test_what_does_not_come_out_as_an_address_is_told(shop: str) -> None:
    with pytest.raises(ConfigError):
        root("https://{shop}/admin", Settings(shop=shop))


@pytest.mark.parametrize(
    "url", ["http://api.example.com", "ftp://api.example.com", "api.example.com", "", "https://", "file:///etc"]
)
def test_nothing_but_https_is_read(url: str) -> None:
    with pytest.raises(ConfigError, match="it must be https"):
        root(url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8003/oneflow/", "http://localhost:8003/oneflow", "https://[::1]/oneflow"]
)
def test_a_stand_in_is_on_this_machine(url: str) -> None:
    assert where.for_trying(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1",
        "https://api.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1@example.com",
        "http://localhost:x",
        "localhost:8003",
        "ftp://localhost",
        "",
        7,
        None,
    ],
)
def test_and_nowhere_else(url: object) -> None:
    with pytest.raises(ConfigError, match="is not on this machine"):
        where.for_trying(url)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", {"a": [{"b": 1}, {"b": 2}]}),
        ("a.0.b", 1),
        ("a.-1.b", 2),
        ("a.2.b", None),
        ("a.-3", None),
        ("a.b", None),
        ("c", None),
        ("a.0.b.c", None),
        ("a.x", None),
    ],
)
def test_a_dotted_path(path: str, found: object) -> None:
    assert at({"a": [{"b": 1}, {"b": 2}]}, path) == found
