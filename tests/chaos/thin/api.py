"""Stands in for the sender's API: it can be away, and notes what it is asked and which tokens it gave."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from werkzeug.serving import BaseWSGIServer

from tests.chaos.thin.connector import SIGN, SOURCE
from worker.devkit.neighbour import Grants, Neighbour
from worker.devkit.neighbour.grants import Answer
from worker.devkit.neighbour.serving import HOST, make_server

LASTS = 14.0
"""Seconds of an access token: ten before its end it is given out no more."""
TAKES = 0.2
"""Seconds that the token endpoint takes, so that two who ask at once are seen."""
PAGE = 4


class NotingGrants(Grants):
    """`given`: every token; `access`: the last one that things are read with. `most`: so many refreshes were under way at the same time."""

    def __init__(self, client: str) -> None:
        super().__init__(SIGN, time.time, client=client, lasts=LASTS)
        self.given: set[str] = set()
        self.access = ""
        self.refused = 0
        self.most = 0
        self._under_way = 0
        self._noting = threading.Lock()

    def token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        with self._noting:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        time.sleep(TAKES)
        answer = super().token(form, headers)
        with self._noting:
            self._under_way -= 1
            self.refused += answer.status != 200
            self.access = answer.json.get("access_token", self.access)
            self.given |= {text for name in ("access_token", "refresh_token") if (text := answer.json.get(name))}
        return answer

    def consent(self) -> str:
        """A person gave it: the refresh token."""
        made = self.refresh_token()
        self.given.add(made)
        return made


class Api:
    """On a port of its own while it is there. Use `close`."""

    def __init__(self, port: int, client: str) -> None:
        self.port = port
        self.neighbour = Neighbour(SOURCE, token=client, page_size=PAGE)
        self.grants = self.neighbour.grants = NotingGrants(client)
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self.come()

    def come(self) -> None:
        if self._server is None:
            self._server = make_server(self.neighbour, self.port)
            self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
            self._thread.start()

    def go_away(self) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None

    def close(self) -> None:
        self.go_away()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def reads(self) -> Counter[tuple[str, int]]:
        """How often it was asked for things (`get`) and lists, by status."""
        asked = list(self.neighbour.asked)
        return Counter(("get" if each.thing is not None else "list", each.status) for each in asked)

    def put(self, kind: str, thing: str, body: Mapping[str, Any]) -> None:
        self.neighbour.things.put(kind, thing, dict(body))
