"""A sender's API on this machine, a real Valkey, and readers of it; notes of when tokens were used are written before a database closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import enumerate as threads
from typing import Any, TypeAlias

import pytest
from redis import Redis

from tests.integration.sources.sender import NOW, Sender, Tokens
from tests.integration.valkey import redis, valkey_url
from worker.sources import Sources
from worker.store import Store

__all__ = ["redis", "valkey_url"]

Open: TypeAlias = Callable[..., Sources]


def written() -> None:
    for thread in threads():
        if thread.name == "key usage":
            thread.join()


@pytest.fixture(autouse=True)
def _written(request: pytest.FixtureRequest) -> Iterator[None]:
    for name in {"store", "sqlite_store"} & set(request.fixturenames):
        # So it is closed after this.
        request.getfixturevalue(name)
    yield
    written()


@pytest.fixture
def sender() -> Iterator[Sender]:
    with Sender() as running:
        yield running


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def open_sources(sqlite_store: Store, redis: Redis, tokens: Tokens) -> Iterator[Open]:
    """As one more process does."""
    opened: list[Sources] = []

    def start(**world: Any) -> Sources:
        opened.append(Sources(tokens, redis, sqlite_store, now=lambda: NOW, **world))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
