"""The console over a real database, and somebody who uses it: an operator, a viewer, nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Connection
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.integration.web.console.described import unlike
from tests.integration.web.console.probe import open_breaking, open_probe
from web.console import create_console
from web.console.doors import Doors
from worker.admin.health import Checks
from worker.admin.known import MOST_PATIENCE
from worker.admin.known import PATIENCE as ONE_PART
from worker.admin.parts import Opened
from worker.settings import Settings, load
from worker.store import Store
from worker.store.db.engine import ReadTimeout

OPERATOR = "operator-token-4711-åäö"
VIEWER = "viewer-token-4711-längre"
ENVIRON = {
    "RELAY_ADMIN_TOKEN": f"anna:{OPERATOR}",
    "RELAY_VIEWER_TOKEN": f"vera:{VIEWER}",
    "RELAY_BUTIK_API_KEY": "nyckel-butik-4711",
    "RELAY_NATT_API_KEY": "nyckel-natt-4711",
    # Whatever a test asks Upsales, nobody is there.
    "UPSALES_BASE_URL": "http://127.0.0.1:1/api/v2",
}
CONFIG = """
[connections.butik]
connector = "generic"
[connections.natt]
connector = "generic"
"""
PATIENCE = 30.0
"""Seconds for what a page shows of the installation's health: a test is not quick."""
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


class _Compiled(BytecodeCache):
    """Each test has a console of its own. What its templates and routes are compiled to is the same for all."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = _Compiled()


class _CompiledRule(Rule):
    """Of one path with the same defaults werkzeug makes the same functions, whatever application it is of."""

    _builders: ClassVar[dict[tuple[object, ...], Callable[..., Any]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:  # noqa: FBT001, FBT002 - it is werkzeug's
        key = (self.rule, self.subdomain, repr(self.defaults), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


Flask.url_rule_class = _CompiledRule


class Visitor:
    """One browser, or one program with a token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers)

    def sign_in(self, token: str) -> TestResponse:
        return self.client.post("/sign-in", data={"token": token, "zone": "Europe/Stockholm"}, headers=SAME_SITE)

    def send(
        self, path: str, *, shown_on: str = "/events", headers: Mapping[str, str] = SAME_SITE, **fields: str
    ) -> TestResponse:
        """A form of the page `shown_on`, filled in."""
        given = {"csrf": form_token(self.get(shown_on).text), **fields}
        return self.client.post(path, data=given, headers=dict(headers))

    def ask(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> TestResponse:
        """The admin API."""
        told = {"Authorization": f"Bearer {token}", **headers}
        answer = self.client.open(f"/api/v1{path}", method=method, json=body, headers=told)
        assert unlike(self.client.application, answer) is None
        return answer

    def fill_in(self, path: str, **fields: str) -> TestResponse:
        """The form of a page that is sent to its own address."""
        return self.client.post(path, data={"csrf": form_token(self.get(path).text), **fields}, headers=SAME_SITE)

    def told(self, path: str, token: str) -> Any:
        """What the admin API answers to a GET."""
        return self.ask("GET", path, token).get_json()


def form_token(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found is not None, page
    return found[1]


class Stage:
    def __init__(
        self, settings: Settings, environ: Mapping[str, str], *, patience: float = PATIENCE, each: float = PATIENCE
    ) -> None:
        self.settings = settings
        self.environ = environ
        self.parts = Opened(settings, environ, pool_size=4)
        self.parts.store = self.store = self.over(self.parts.store)
        self.checks = Checks(self.parts, patience=patience, each=each, fresh=0.0)
        self.app = self.console(open_probe, open_breaking)

    def console(self, *more: Callable[[Doors], None]) -> Flask:
        app = create_console(_nothing, self.parts, more=more, checks=self.checks)
        app.jinja_env.bytecode_cache = COMPILED
        return app

    def over(self, store: Store) -> Store:
        return _Patient(store.engine, store.name, store._turns, store.file)

    def hurry(self) -> None:
        """Where the database is slow on purpose."""
        assert isinstance(self.store, _Patient)
        self.store.patience = ONE_PART

    def again(self, environ: Mapping[str, str], **seconds: float) -> Stage:
        """Another console, set up otherwise."""
        return Stage(load(environ), environ, **seconds)

    def close(self) -> None:
        if "runtime" in self.parts.__dict__:
            self.parts.runtime.close()
        self.store.close()

    def visitor(self, token: str | None = None) -> Visitor:
        """Signed in with the token."""
        made = Visitor(self.app.test_client())
        if token is not None:
            answer = made.sign_in(token)
            assert answer.status_code == 303, answer.text
        return made


class _Patient(Store):
    """A busy machine is no slow database: what a page waits for in production, a test waits for longer."""

    patience = PATIENCE

    @contextmanager
    def read_within(self, seconds: float) -> Iterator[Connection]:
        with super().read_within(self.patience if seconds in (ONE_PART, MOST_PATIENCE) else seconds) as conn:
            yield conn


class Silent(Stage):
    """Over a database that answers no question in time; what is not a question it does."""

    def over(self, store: Store) -> Store:
        return _Silent(store.engine, store.name, None, store.file)


class _Silent(Store):
    @contextmanager
    def read_within(self, seconds: float) -> Iterator[Connection]:
        raise ReadTimeout(f"nothing within {seconds:g} s")
        yield  # type: ignore[unreachable] # what makes it a generator


def _nothing() -> Iterable[Any]:
    return ()
