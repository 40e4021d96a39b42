"""Somebody at the console of a house: they set a key, rotate a secret, and look at every page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from bench.house import House
from web.console import create_console
from worker.admin.parts import Opened

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


class Patient(httpx.Client):
    """On a busy machine the console says that the database did not answer in time, and that one may ask again: who uses it does."""

    def __init__(self, place: House) -> None:
        super().__init__(base_url=place.console, trust_env=False, timeout=30)

    def request(self, *arguments: Any, **options: Any) -> httpx.Response:
        until = time.monotonic() + 60
        while True:
            answer = super().request(*arguments, **options)
            if answer.status_code != 503 or time.monotonic() > until:
                return answer
            time.sleep(0.2)


class AtConsole:
    """With a browser and, for the admin API, a token."""

    def __init__(self, place: House, token: str) -> None:
        self._place = place
        self._token = token
        self._client = Patient(place)
        answer = self._client.post("/sign-in", data={"token": token}, headers=SAME_SITE)
        assert answer.status_code == 303, answer.text

    def close(self) -> None:
        self._client.close()

    def fill_in(self, path: str, **fields: str) -> httpx.Response:
        """The form of a page that is sent to its own address."""
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', self._client.get(path).text)
        assert found is not None, path
        return self._client.post(path, data={"csrf": found[1], **fields}, headers=SAME_SITE)

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        return self._client.request(method, f"/api/v1{path}", json=body, headers=headers)

    def look(self, connections: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Every page and every answer that needs no more than a connection's name."""
        for path in self._paths(connections):
            headers = {"Authorization": f"Bearer {self._token}"} if path.startswith("/api/") else {}
            answer = self._client.get(path, headers=headers)
            assert answer.status_code == 200, (path, answer.text)
            yield path, answer.text

    def _paths(self, connections: Sequence[str]) -> Iterator[str]:
        parts = Opened(self._place.settings, self._place.environ, pool_size=1)
        routes = create_console(lambda: (), parts).url_map
        parts.store.close()
        urls = routes.bind("console")
        for rule in routes.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint.startswith("session."):
                continue
            if not rule.arguments:
                yield urls.build(rule.endpoint)
            elif rule.arguments == {"name"}:
                yield from (urls.build(rule.endpoint, {"name": name}) for name in connections)
            elif rule.endpoint == "pages.act_page":
                acts = ("pause", "resume", "ask-now", "marks")
                yield from (f"/connections/{name}/{act}" for name in connections for act in acts)
