"""Several neighbours share one address, each under its name."""

from __future__ import annotations

from werkzeug.test import Client

from tests.unit.devkit.neighbour.asking import SIGNED, neighbour
from worker.devkit.neighbour.serving import street
from worker.sdk.source import NextLink


def test_each_answers_under_its_own_name() -> None:
    first, second = neighbour(), neighbour(NextLink("next"))
    second.things.forget("contract", "c1")
    client = Client(street({"first": first, "second": second}))
    paths = ["/first/contracts/c1?expand=parties", "/second/contracts/c1?expand=parties", "/third/contracts/c1"]
    assert [client.get(path, headers=SIGNED).status_code for path in paths] == [200, 404, 404]
    assert (first.count("contract"), second.count("contract")) == (1, 1)


def test_the_next_page_is_under_that_name_too() -> None:
    client = Client(street({"shop": neighbour(NextLink("next"))}))
    following = client.get("/shop/contracts", headers=SIGNED).get_json()["next"]
    assert following.startswith("http://localhost/shop/contracts?")
    assert client.get(following, headers=SIGNED).status_code == 200


def test_an_id_with_a_slash_under_a_name() -> None:
    of = neighbour()
    of.things.put("person", "a/b", {"name": "P"})
    assert Client(street({"shop": of})).get("/shop/people/a%2Fb", headers=SIGNED).status_code == 200
