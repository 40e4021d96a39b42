"""A neighbour is reached over HTTP, as processes reach it."""

from __future__ import annotations

import httpx

from tests.unit.devkit.neighbour.asking import SIGNED, neighbour
from worker.devkit.neighbour import served


def test_it_answers_over_http() -> None:
    of = neighbour()
    of.things.put("person", "a/b", {"name": "P"})
    with served(of) as url, httpx.Client(base_url=url, headers=SIGNED, trust_env=False) as client:
        assert client.get("/contracts/c1?expand=parties").json()["contract"]["id"] == "c1"
        assert client.get("/people/a%2Fb").json() == {"name": "P"}
        assert client.get("/people/a").status_code == 404
    assert of.count() == 3
