"""The sandbox as people use Upsales: they make records and read what stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Upsales:
    url: str
    client: Any

    def reset(self) -> None:
        self._control("POST", "/reset")

    def add_key(self, name: str, account: int) -> str:
        key: str = self._control("POST", "/keys", {"name": name, "account": account})["key"]
        return key

    def seed(self, resource: str, data: Record) -> int:
        """Made by a person. Answers the id."""
        made = self._control("POST", "/seed", {"account": 1, "records": {resource: [data]}})["made"]
        return int(made[resource][0])

    def records(self, resource: str) -> Sequence[Record]:
        state = self._control("GET", f"/state?account=1&resource={resource}")["accounts"]
        found: Sequence[Record] = state["1"]["records"].get(resource.lower(), []) if state else []
        return found

    def calls(self) -> Sequence[Record]:
        found: Sequence[Record] = self._control("GET", "/calls")["calls"]
        return found

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.open(f"/sandbox{path}", method=method, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json
