"""A database is closed once the notes of when tokens were used are in it."""

from __future__ import annotations

from collections.abc import Iterator
from threading import enumerate as threads

import pytest


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
