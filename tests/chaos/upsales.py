"""The sandbox from the outside: its process, its faults, and what truly stands in it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.chaos.scaled import ALL_ACCOUNTS, Times
from tests.chaos.supervision import Supervised

CUSTOM_FIELDS = {"account": "SEGMENT", "order": "KANAL"}
NO_LIMIT = "1000000/10"


class Sandbox:
    """A running sandbox. It has no memory but its process's, so it is the one thing that is never killed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v2"

    def process(self, directory: Path, environ: Mapping[str, str], seed: int, times: Times) -> Supervised:
        command = [
            sys.executable, "-m", "web.sandbox", "--port", str(self.port), "--faults", "--seed", str(seed),
            "--search-lag", str(times.shown_after), "--calls", NO_LIMIT, "--writes", NO_LIMIT,
            "--latency", "0.005", "--jitter", "0.02",
        ]  # fmt: skip
        return Supervised("sandbox", command, environ, directory)

    def ready(self) -> bool:
        try:
            return self._client.get("/").status_code == 200
        except httpx.TransportError:
            return False

    def furnish(self) -> None:
        for account in sorted(set(ALL_ACCOUNTS.values())):
            fields = {
                f"customfields/{entity}": [{"name": alias, "alias": alias, "datatype": "String"}]
                for entity, alias in CUSTOM_FIELDS.items()
            }
            self._post("/sandbox/seed", {"account": account, "records": fields})

    def add_faults(self, rules: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """Answers their ids."""
        found: Sequence[int] = self._post("/sandbox/faults", list(rules))["faults"]
        return found

    def clear_faults(self, rule: int | None = None) -> int:
        """Answers how often they struck, all of them or the one that is named."""
        rules = self._client.get("/sandbox/faults").json()["faults"]
        struck: int = sum(each["struck"] for each in rules if rule in {None, each["id"]})
        self._client.delete("/sandbox/faults" if rule is None else f"/sandbox/faults/{rule}").raise_for_status()
        return struck

    def edit(self, account: int, resource: str, record_id: int, values: Mapping[str, Any]) -> None:
        """As a person; so the next four."""
        self._client.put(f"/sandbox/records/{account}/{resource}/{record_id}", json=dict(values)).raise_for_status()

    def delete(self, account: int, resource: str, record_id: int) -> None:
        self._client.delete(f"/sandbox/records/{account}/{resource}/{record_id}").raise_for_status()

    def create(self, account: int, resource: str, values: Mapping[str, Any]) -> int:
        made = self._post("/sandbox/records", {"account": account, "resource": resource, "data": dict(values)})
        return int(made["data"]["id"])

    def merge(self, account: int, resource: str, loser: int, master: int) -> None:
        body = {"account": account, "resource": resource, "loser": loser, "master": master}
        self._post("/sandbox/merge", body)

    def records(self, account: int, resource: str) -> Sequence[Mapping[str, Any]]:
        query: Mapping[str, str | int] = {"account": account, "resource": resource}
        accounts = self._client.get("/sandbox/state", params=query).json()["accounts"]
        found: Sequence[Mapping[str, Any]] = accounts[str(account)]["records"].get(resource, ())
        return found

    def calls(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self._client.get("/sandbox/calls").json()["calls"]
        return found

    def writes(self, account: int | None = None) -> Sequence[Mapping[str, Any]]:
        return [call for call in self.calls() if call["write"] and account in {None, call["account"]}]

    def late_commits(self) -> int:
        state = self._client.get("/sandbox/state", params={"resource": "none"}).json()
        return int(state["late_commits"])

    def state(self) -> Mapping[int, Mapping[str, Sequence[Mapping[str, Any]]]]:
        """All records by account and resource."""
        accounts = self._client.get("/sandbox/state").json()["accounts"]
        return {int(number): account["records"] for number, account in accounts.items()}

    def close(self) -> None:
        self._client.close()

    def _post(self, path: str, body: Any) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()


def everyday_faults(times: Times) -> Sequence[Mapping[str, Any]]:
    """What goes wrong with about every tenth call. Late commits come within the horizon."""
    slow = times.call_timeout + 1.0
    writes = [{"method": "POST"}, {"method": "PUT"}]
    return [
        {"kind": "drop_after_commit", "probability": 0.02},
        {"kind": "drop_before_commit", "probability": 0.01},
        {"kind": "error_after_commit", "probability": 0.01},
        {"kind": "error_before_commit", "probability": 0.015},
        {"kind": "html_502", "probability": 0.005},
        {"kind": "html_502", "probability": 0.005, "commits": True},
        {"kind": "html_200", "probability": 0.005, "commits": True},
        {"kind": "throttle", "probability": 0.01},
        {"kind": "delay_before_commit", "probability": 0.007, "seconds": slow},
        {"kind": "delay_after_commit", "probability": 0.007, "seconds": slow},
        {"kind": "no_rate_headers", "probability": 0.01},
        *({"kind": "late_commit", "probability": 0.01, "seconds": times.horizon - 1.5, **write} for write in writes),
    ]
