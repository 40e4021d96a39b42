"""A database that hangs keeps no request waiting for a secret, and a secret that was taken back doesn't live on in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from threading import Event
from threading import enumerate as threads

import pytest
from sqlalchemy import Connection

from tests.integration.keys.test_stored_keys import ENVIRON, Clock, put
from worker.keys import Keys
from worker.store import Store, StoreUnavailable

REQUESTS = 4


class Hanging:
    """A database that takes its time to read from, once it is told to; `heard` when somebody tries.

    `late`: the time passes after the reading, so that it brings what was there before.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.heard = Event()
        self.answers = Event()
        self.answers.set()
        self.away = False
        self.late = False
        self.reads = 0

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.reads += 1
        if not self.late:
            self._hang()
        with self._store.read() as conn:
            yield conn
        if self.late:
            self._hang()

    def write(self) -> AbstractContextManager[Connection]:
        return self._store.write()

    def _hang(self) -> None:
        self.heard.set()
        assert self.answers.wait(20)
        if self.away:
            raise StoreUnavailable("the database went away")


@pytest.fixture
def hanging(store: Store) -> Iterator[Hanging]:
    made = Hanging(store)
    yield made
    made.answers.set()
    for thread in threads():
        if thread.name == "keys":
            thread.join(5)


def keys_of(database: Hanging, clock: Clock) -> Keys:
    return Keys(ENVIRON, database, clock=clock)  # type: ignore[arg-type]


def at_once(ask: Callable[[], Sequence[str]]) -> tuple[list[Sequence[str] | StoreUnavailable], float]:
    """What so many requests at the same time are answered, and how long the slowest took."""

    def asked(_: int) -> Sequence[str] | StoreUnavailable:
        try:
            return ask()
        except StoreUnavailable as error:
            return error

    began = time.monotonic()
    with ThreadPoolExecutor(REQUESTS) as pool:
        answers = list(pool.map(asked, range(REQUESTS)))
    return answers, time.monotonic() - began


def test_while_the_database_hangs_requests_go_on_with_what_is_known(store: Store, hanging: Hanging) -> None:
    clock = Clock()
    put(store, "butik", "hemlig-å", "secret")
    keys = keys_of(hanging, clock)
    assert keys.secrets("butik") == ["hemlig-å"]
    hanging.answers.clear()
    clock.now, reads = 2.5, hanging.reads
    answers, seconds = at_once(lambda: keys.secrets("butik"))
    assert answers == [["hemlig-å"]] * REQUESTS
    assert hanging.reads == reads + 1
    assert seconds < 2


def test_where_nothing_is_known_yet_requests_hear_that_it_is_not_available(hanging: Hanging) -> None:
    hanging.answers.clear()
    keys = keys_of(hanging, Clock())
    answers, seconds = at_once(lambda: keys.secrets("butik"))
    assert [type(answer) for answer in answers] == [StoreUnavailable] * REQUESTS
    assert hanging.reads == 1
    assert seconds < 3.5


def test_a_fingerprint_waits_no_longer_than_a_secret(hanging: Hanging) -> None:
    hanging.answers.clear()
    keys = keys_of(hanging, Clock())
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        keys.fingerprint("hemlig")
    assert time.monotonic() - began < 3.5
    hanging.answers.set()
    assert len(keys.fingerprint("hemlig")) == 12


def test_what_a_slow_reading_brought_is_not_read_again_at_once(store: Store, hanging: Hanging) -> None:
    clock = Clock()
    put(store, "butik", "hemlig", "secret")
    keys = keys_of(hanging, clock)
    hanging.answers.clear()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(keys.secrets, "butik")
        assert hanging.heard.wait(5)
        clock.now = 1.0
        hanging.answers.set()
        assert asked.result() == ["hemlig"]
    clock.now = 2.5
    assert keys.secrets("butik") == ["hemlig"]
    assert hanging.reads == 1


def test_a_secret_is_not_given_out_for_ever_while_the_database_can_not_be_read(store: Store, hanging: Hanging) -> None:
    clock = Clock()
    put(store, "butik", "gammal", "secret")
    keys = keys_of(hanging, clock)
    assert keys.secrets("butik") == ["gammal"]
    put(store, "butik", "ny", "secret")
    hanging.away = True
    clock.now = 29.0
    assert keys.secrets("butik") == ["gammal"]
    clock.now = 31.0
    with pytest.raises(StoreUnavailable, match="went away"):
        keys.secrets("butik")
    hanging.away = False
    assert keys.secrets("butik") == ["ny"]


def test_a_look_that_was_under_way_is_not_taken_for_the_one_that_was_asked_for(store: Store, hanging: Hanging) -> None:
    clock = Clock()
    put(store, "butik", "gammal")
    keys = keys_of(hanging, clock)
    assert keys.api_key("butik") == "gammal"
    hanging.late = True
    hanging.answers.clear()
    hanging.heard.clear()
    clock.now = 2.5
    assert keys.api_key("butik") == "gammal"
    assert hanging.heard.is_set()
    put(store, "butik", "ny")
    keys.look_again()
    hanging.answers.set()
    assert keys.api_key("butik") == "ny"


def test_stored_secrets_are_read_at_most_every_two_seconds(store: Store, hanging: Hanging) -> None:
    clock = Clock()
    put(store, "butik", "hemlig", "secret")
    keys = keys_of(hanging, clock)
    for clock.now in (0.0, 1.0, 1.9, 2.0, 3.9, 4.0):
        assert keys.secrets("butik") == ["hemlig"]
    assert hanging.reads == 3
