"""Prepares a sandbox, breaks it on purpose, and counts what an account there holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Holding:
    """What is in an account. `orders`: how many have each description. `paid`: those of a stage of 100 %."""

    companies: Sequence[str]
    people: Sequence[str]
    meetings: int
    orders: Mapping[str, int]
    paid: frozenset[str]


class SandboxControl:
    def __init__(self, url: str) -> None:
        self._url = url

    def fault(self, kind: str, *, key: str, resource: str, seconds: float = 0.0) -> None:
        """It strikes the next POST of this key."""
        rule = {"kind": kind, "key": key, "method": "POST", "resource": resource, "count": 1, "seconds": seconds}
        httpx.post(f"{self._url}/sandbox/faults", json=rule, timeout=TIMEOUT, trust_env=False).raise_for_status()

    def add_fields(self, account: int, aliases: Mapping[str, Collection[str]]) -> None:
        """Custom fields for text, by what they are fields of."""
        fields = {
            f"customfields/{resource}": [{"name": alias, "alias": alias, "datatype": "String"} for alias in some]
            for resource, some in aliases.items()
        }
        seed = {"account": account, "records": fields}
        httpx.post(f"{self._url}/sandbox/seed", json=seed, timeout=TIMEOUT, trust_env=False).raise_for_status()

    def holding(self, account: int) -> Holding:
        answer = httpx.get(f"{self._url}/sandbox/state?account={account}", timeout=TIMEOUT, trust_env=False)
        return _holding(answer.raise_for_status().json()["accounts"].get(str(account), {}).get("records", {}))


def _holding(records: Mapping[str, Sequence[Mapping[str, Any]]]) -> Holding:
    orders = records.get("orders", ())
    return Holding(
        companies=sorted(str(each["name"]) for each in records.get("accounts", ())),
        people=sorted(str(each["email"]) for each in records.get("contacts", ())),
        meetings=len(records.get("appointments", ())),
        orders=Counter(str(each["description"]) for each in orders),
        paid=frozenset(str(each["description"]) for each in orders if each["probability"] == 100),
    )
