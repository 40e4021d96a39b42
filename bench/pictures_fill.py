"""Lets things go wrong in a running demo, so that its console has something to show."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from worker.cli.local.demo_setup import FILE
from worker.cli.local.samples import post, samples_of, signed
from worker.connectors import all_connectors

CONNECTION = "generic"
PATIENCE = 60.0
LOOK = 0.2
INDEXED = 2.0
"""Seconds until the sandbox finds what was made."""
COMPANY, NUMBER = "Åkeri i Norr AB", "599999-0087"
BUYERS = ("Fjällbränsle i Östersund AB", "Kustens Båtvarv AB", "Ängby Möbler AB", "Sjö & Ö Charter AB")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demo is. `home`: with its settings and secrets."""

    home: Path
    receiver: str
    sandbox: str
    console: str
    token: str

    @property
    def secrets(self) -> Mapping[str, str]:
        found: Mapping[str, str] = json.loads((self.home / FILE).read_text("utf-8"))
        return found

    def ask(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(f"{self.console}{path}", headers=headers, timeout=PATIENCE, trust_env=False).json()


def go_wrong(place: Place) -> None:
    """Orders of a stage that nobody has, a company that is there twice, and a paused connection with events that wait."""
    for number in range(5):
        _order(place, 5001 + number, "Vunnen")
    _order(place, 5006, "Order")
    _twice(place)
    _send(place, "account.upsert", {"id": "K-2001", "name": COMPANY, "orgNo": NUMBER, "phone": "0920-555 01 02"})
    _same_client(place, "K-2001")
    _until(place, "dead", 5)
    _until(place, "review", 1)
    _relay(place, "connections", "pause", CONNECTION, "--reason", "the price list is being changed", "--by", "anna")
    for number in range(4):
        _order(place, 5010 + number, "Order")
    _until(place, "waiting", 4)


def _order(place: Place, number: int, stage: str) -> None:
    data = {
        "id": f"O-{number}",
        "description": f"Serviceavtal {number}",
        "client": {"name": BUYERS[number % len(BUYERS)], "id": f"K-{number % len(BUYERS)}"},
        "stage": stage,
        "currency": "SEK",
        "rows": [{"id": "1", "articleNo": "KONSULT-1", "quantity": 2, "price": "950"}],
    }
    _send(place, "order.upsert", data)


def _same_client(place: Place, known_as: str) -> None:
    """An order that waits for the same decision."""
    rows = [{"id": "1", "articleNo": "KONSULT-1", "quantity": 1, "price": "4500"}]
    client = {"id": known_as, "name": COMPANY, "orgNo": NUMBER}
    data = {"id": "O-6001", "description": "Transportavtal", "client": client, "stage": "Order", "currency": "SEK"}
    _send(place, "order.upsert", {**data, "rows": rows})


def _send(place: Place, kind: str, data: Mapping[str, Any]) -> None:
    connector = next(each for each in all_connectors() if each.name == CONNECTION)
    now = datetime.now(UTC)
    body = {"id": f"{kind}-{data['id']}", "type": kind, "time": now.isoformat(), "data": data}
    case = samples_of(connector)["order_upsert"]
    case = replace(case, request=replace(case.request, body=json.dumps(body, ensure_ascii=False).encode()))
    secret = place.secrets[f"RELAY_{CONNECTION.upper()}_SECRET"]
    post(signed(case, connector, f"{place.receiver}/webhooks/{CONNECTION}", secret, now))


def _twice(place: Place) -> None:
    """The same company two times, as people make it in Upsales."""
    key = place.secrets[f"RELAY_{CONNECTION.upper()}_API_KEY"]
    for name, phone in ((COMPANY, "0920-555 01 00"), ("Åkeri Norr", None)):
        record = {"name": name, "orgNo": NUMBER, "users": [{"id": 1}], "phone": phone}
        made = httpx.post(
            f"{place.sandbox}/api/v2/accounts", params={"token": key}, json=record, timeout=PATIENCE, trust_env=False
        )
        made.raise_for_status()
    time.sleep(INDEXED)


def _until(place: Place, fate: str, number: int) -> None:
    until = time.monotonic() + PATIENCE
    while len(place.ask(f"/api/v1/events?fate={fate}&connection={CONNECTION}")["data"]) < number:
        if time.monotonic() > until:
            raise TimeoutError(f"fewer than {number} events are {fate}")
        time.sleep(LOOK)


def _relay(place: Place, *words: str) -> None:
    environ = {"RELAY_CONFIG": str(place.home / "relay.toml"), "PATH": ""}
    subprocess.run([sys.executable, "-m", "worker.cli", *words], check=True, env=environ, capture_output=True)
