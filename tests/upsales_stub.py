"""An Upsales of a few lines: answers by method and path, and everything that was asked of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from worker.errors import Throttled
from worker.plan import RESOURCES
from worker.sync.records import Permit
from worker.upsales import HttpClient, Read, Upsales
from worker.upsales.lookup_cache import Cache

KEY = "hemlig-nyckel/0123+456789=="
FINGERPRINT = "0123456789ab"
BASE = "https://upsales.example/api/v2"
EVERYTHING = {resource: frozenset({"create", "update", "unsubscribe"}) for resource in RESOURCES}

CUSTOM_FIELDS = [
    {"id": 7, "name": "Externt id", "alias": "EXTERNAL_ID", "datatype": "String"},
    {"id": 8, "name": "Org.nr", "alias": "ORGNR", "datatype": "String"},
    {"id": 9, "name": "Antal", "alias": "ANTAL", "datatype": "Integer"},
]

Respond = Callable[[httpx.Request], httpx.Response]


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Budget:
    full: bool = False
    account: int | None = None
    taken: list[bool] = field(default_factory=list)
    urgent: list[bool] = field(default_factory=list)
    spared: int = 0
    learnt: list[Mapping[str, str]] = field(default_factory=list)

    def take(
        self,
        *,
        write: bool,
        leading: bool = False,  # noqa: ARG002 - the port's signature
        priority: bool = False,
        behind: bool = False,  # noqa: ARG002 - the port's signature
        spared: int = 0,
    ) -> None:
        if self.full:
            raise Throttled("the windows are full", seconds=3)
        self.taken.append(write)
        self.urgent.append(priority)
        self.spared += spared

    def learn(self, headers: Mapping[str, str]) -> None:
        self.learnt.append(headers)


@dataclass
class Journal:
    reads: list[Read] = field(default_factory=list)

    def read(self, read: Read) -> None:
        self.reads.append(read)


def upsales_of(http: HttpClient, **settings: Any) -> Upsales:
    """With leave to do everything."""
    common: dict[str, Any] = {"scope": EVERYTHING, "external_id_alias": "EXTERNAL_ID"}
    return Upsales(http=http, **{"journal": Journal(), "cache": Cache(), **common, **settings})


def ok(data: Any, **beside: Any) -> httpx.Response:
    return httpx.Response(200, json={"error": None, "data": data, **beside})


def listed(*rows: Any, total: int | None = None) -> httpx.Response:
    return ok(list(rows), metadata={"total": len(rows) if total is None else total, "limit": 1000, "offset": 0})


def refused(status: int, **error: Any) -> httpx.Response:
    return httpx.Response(status, json={"error": error})


@dataclass
class Stub:
    """`answers`: by method and path. A callable is given the request; what it raises, httpx raises."""

    answers: dict[str, httpx.Response | Respond] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    budget: Budget = field(default_factory=Budget)
    journal: Journal = field(default_factory=Journal)

    def __post_init__(self) -> None:
        for entity in ("account", "contact", "order", "activity", "appointment", "product", "agreement"):
            self.answers.setdefault(f"GET /customfields/{entity}", listed(*CUSTOM_FIELDS))

    def http(self, key: str = KEY, **settings: Any) -> HttpClient:
        transport = httpx.MockTransport(self._respond)
        return HttpClient(
            BASE, key, self.budget, fingerprint=FINGERPRINT, clock=self.clock, transport=transport, **settings
        )

    def upsales(self, http: HttpClient | None = None, **settings: Any) -> Upsales:
        return upsales_of(http or self.http(), **{"journal": self.journal, "cache": Cache(self.clock), **settings})

    def calls(self, method: str | None = None) -> list[str]:
        """Method, path and query of each call, without the key."""
        return [
            f"{request.method} {_path(request)}{_query(request)}"
            for request in self.asked
            if method in {None, request.method}
        ]

    def body(self) -> Any:
        """What the last call carried."""
        return json.loads(self.asked[-1].content)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers[f"{request.method} {_path(request)}"]
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return answer(request)


def _path(request: httpx.Request) -> str:
    return request.url.path.removeprefix("/api/v2")


def _query(request: httpx.Request) -> str:
    pairs = [f"{name}={value}" for name, value in request.url.params.multi_items() if name != "token"]
    return f"?{'&'.join(pairs)}" if pairs else ""


def permit(stub: Stub) -> Permit:
    return Permit(stub.clock() + 20)
