"""A sandbox with a clock that tests turn by hand, and short ways to call it."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlencode

from web.sandbox import SandboxKey, SandboxOptions, create_sandbox

NOON = 1_762_516_800.0  # 2025-11-07T12:00:00Z, a Friday; 13:00 in Stockholm
KEY = "k-shop"
OTHER_KEY = "k-forms"
OTHER_ACCOUNT_KEY = "k-elsewhere"

KEYS = {
    KEY: SandboxKey("shop", 1, "Åkeriet AB"),
    OTHER_KEY: SandboxKey("forms", 1),
    OTHER_ACCOUNT_KEY: SandboxKey("elsewhere", 2),
}


class Reply(Protocol):
    """What tests look at in a response. `json` is what it should be: a test that is wrong about it fails."""

    @property
    def status_code(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def mimetype(self) -> str | None: ...
    @property
    def headers(self) -> Any: ...
    @property
    def json(self) -> Any: ...


class Clock:
    """Stands still until it is moved; whoever sleeps moves it."""

    def __init__(self) -> None:
        self.now = NOON
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Playground:
    """`options` as the sandbox takes them."""

    def __init__(self, **options: Any) -> None:
        self.clock = Clock()
        settings = {"keys": KEYS, "faults": True, **options}
        self.app = create_sandbox(SandboxOptions(**settings), clock=self.clock, sleep=self.clock.sleep)
        self.client = self.app.test_client()

    def begin_anew(self) -> None:
        self.clock.now, self.clock.slept = NOON, []
        self.control("POST", "/reset")

    def call(self, method: str, path: str, key: str | None = KEY, **options: Any) -> Reply:
        query = options.pop("query", ())
        pairs = [*(query.items() if isinstance(query, dict) else query), *([("token", key)] if key else [])]
        return self.client.open(f"/api/v2{path}", method=method, query_string=urlencode(pairs), **options)

    def get(self, path: str, query: Any = (), key: str | None = KEY) -> Reply:
        return self.call("GET", path, key, query=query)

    def post(self, path: str, body: Any, key: str | None = KEY, query: Any = ()) -> Reply:
        return self.call("POST", path, key, json=body, query=query)

    def put(self, path: str, body: Any, key: str | None = KEY, query: Any = ()) -> Reply:
        return self.call("PUT", path, key, json=body, query=query)

    def delete(self, path: str, key: str | None = KEY) -> Reply:
        return self.call("DELETE", path, key)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        return self.client.open(f"/sandbox{path}", method=method, json=body).json

    def made(self, path: str, body: Any, **options: Any) -> Any:
        """The record a POST answers with."""
        response = self.post(path, body, **options)
        assert response.status_code == 200, response.text
        return response.json["data"]

    def changed(self, path: str, body: Any, **options: Any) -> Any:
        response = self.put(path, body, **options)
        assert response.status_code == 200, response.text
        return response.json["data"]

    def found(self, path: str, query: Any = (), *, settled: bool = True) -> Any:
        """What a list answers, by default after the index has caught up."""
        if settled:
            self.clock.now += 60
        response = self.get(path, query)
        assert response.status_code == 200, response.text
        return response.json["data"]

    def account(self, **fields: Any) -> Any:
        return self.made("/accounts", {"name": "Göteborgs Åkeri", **fields})

    def user(self) -> int:
        return int(self.found("/users", {"email": "sales@example.com"}, settled=False)[0]["id"])

    def stage(self, probability: int) -> int:
        return int(self.found("/orderstages", {"probability": str(probability)}, settled=False)[0]["id"])

    def product(self, article_no: str = "KONSULT-1") -> int:
        return int(self.found("/products", {"articleNo": article_no}, settled=False)[0]["id"])

    def field(self, entity: str) -> int:
        found = self.found(f"/customfields/{entity}", {"alias": "EXTERNAL_ID"}, settled=False)
        return int(found[0]["id"])

    def order_body(self, client: int, probability: int = 50, **fields: Any) -> dict[str, Any]:
        return {
            "client": {"id": client},
            "user": {"id": self.user()},
            "stage": {"id": self.stage(probability)},
            "date": "2025-11-07",
            "orderRow": [{"product": {"id": self.product()}, "quantity": 2, "price": 99.5}],
            **fields,
        }

    def order(self, client: int, probability: int = 50, **fields: Any) -> Any:
        return self.made("/orders", self.order_body(client, probability, **fields))
