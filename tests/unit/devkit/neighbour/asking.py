"""Asks a neighbour as a client of its sender's API would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.test import Client, TestResponse

from tests.fakes.thin_sender import contract, moment, source_of
from worker.devkit.neighbour import Neighbour
from worker.sdk.source import Pages

TOKEN = "s3cret-token"
SIGNED = {"Authorization": f"Bearer {TOKEN}", "X-Api-Version": "2026-01"}


def neighbour(pages: Pages | None = None, path: str = "/contracts?since={since}", *, size: int = 2) -> Neighbour:
    """With five contracts, one a minute."""
    made = Neighbour(source_of(pages=pages, path=path), page_size=size, pause=lambda _seconds: None)
    for number in range(1, 6):
        made.things.put("contract", f"c{number}", contract(number), moment(number))
    return made


def get(of: Neighbour, path: str, headers: Mapping[str, str] = SIGNED, **query: Any) -> TestResponse:
    return Client(of).get(path, headers=dict(headers), query_string=query or None)


def read(of: Neighbour, number: int) -> TestResponse:
    return get(of, f"/contracts/c{number}?expand=parties")


def ids(response: TestResponse) -> list[str]:
    return [item["id"] for item in response.get_json()["data"]["contracts"]]
