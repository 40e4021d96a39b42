"""Two senders whose APIs are read in a whole installation, by a static token and by a grant, and much that goes wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bench.house import House, within
from tests.chaos.scaled import THIN
from tests.chaos.thin.api import Api
from tests.chaos.thin.connector import SOURCE
from tests.chaos.thin.connector import connector as granted
from tests.chaos.thin.operator import Operator
from worker.cli.local.network import free_port
from worker.devkit.neighbour import Fault, Neighbour, not_json, served, throttled
from worker.sdk.source import bearer
from worker.settings.variables import variables_of

STATIC = "stel"
static = replace(granted, name=STATIC, source=replace(SOURCE, sign=bearer()))
"""The same sender, which gives its customers a token."""
CONNECTORS = (granted, static)
PLACES = {THIN: "tests.chaos.thin.connector:connector", STATIC: "tests.integration.whole.reading:static"}
SECRET = "hemlighet-for-tunna-4711"
TOKEN, OTHER_TOKEN = "stel-nyckel-till-avsandaren-4711", "stel-nyckel-som-inte-galler-4711"
CLIENT, CLIENT_SECRET = "klient-4711", "klienthemlighet-hos-avsandaren-4711"
API_KEYS = {THIN: "nyckel-for-tunn-4711", STATIC: "nyckel-for-stel-4711"}
EMAIL = "ludmilla@lasdotter.example"
PEOPLE = frozenset({"Ludmilla", "Läsdotter", EMAIL, "+46 70 174 06 99"})
"""Who stands in what is read, and nowhere in what was sent but for the id of one thing."""


@dataclass(frozen=True)
class Read:
    """The APIs of both."""

    api: Api
    still: Neighbour
    still_url: str

    @property
    def tables(self) -> str:
        urls = {THIN: self.api.url, STATIC: self.still_url}
        return "".join(
            f'\n[connections.{name}]\nconnector = "{name}"\ncatch_up = "1m"\nsource_url = "{url}"\n'
            for name, url in urls.items()
        )

    @property
    def environ(self) -> Mapping[str, str]:
        return {
            variables_of(THIN, "TOKEN")[0]: f"{CLIENT}:{CLIENT_SECRET}",
            variables_of(STATIC, "TOKEN")[0]: TOKEN,
            variables_of(THIN, "SECRET")[0]: SECRET,
            variables_of(STATIC, "SECRET")[0]: SECRET,
        }

    @property
    def marks(self) -> Mapping[str, str]:
        """What must not be found anywhere."""
        given = sorted(self.api.grants.given)
        assert len(given) > 2, "a grant was renewed"
        return {
            "token of a sender": TOKEN,
            "client secret": CLIENT_SECRET,
            "secret of thin senders": SECRET,
            **{f"granted {number}": token for number, token in enumerate(given)},
        }


@contextmanager
def senders() -> Iterator[Read]:
    still = Neighbour(static.source or SOURCE, token=TOKEN)
    api = Api(free_port(), f"{CLIENT}:{CLIENT_SECRET}")
    try:
        with served(still) as url:
            yield Read(api, still, url)
    finally:
        api.close()


def party(thing: str, number: int) -> Mapping[str, Any]:
    changed = datetime.now(UTC) - timedelta(seconds=30)
    return {
        "id": thing,
        "org_no": f"556900{number:04d}",
        "name": f"Tunna {number} AB",
        "notes": "Ring Ludmilla Läsdotter",
        "first_name": "Ludmilla",
        "last_name": "Läsdotter",
        "email": EMAIL,
        "phone": "+46 70 174 06 99",
        "changed": changed.isoformat(),
    }


def told(number: int, thing: str) -> bytes:
    return json.dumps({"id": f"tunn-{number}", "type": "party.changed", "data": {"party": thing}}).encode()


def begin(place: House, read: Read, post: Any) -> None:
    """Things that are read well in the end. `post`: as the senders do."""
    Operator(place.store, place.environ).authorize(read.api.grants.consent())
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
    for number, (name, neighbour) in enumerate(((THIN, read.api.neighbour), (STATIC, read.still)), 1):
        for thing in (f"P-{number}", EMAIL):
            neighbour.things.put("party", thing, party(thing, number))
        neighbour.misbehave(throttled(1), kind="party")
        neighbour.misbehave(not_json(), kind="party")
        neighbour.misbehave(Fault(status=500, body=TOKEN.encode()), kind="party")
        neighbour.misbehave(Fault(change=partial(_echoed, read, name)), 1000, kind="party")
        for thing in (f"P-{number}", EMAIL):
            assert post(name, told(number, thing).replace(b"tunn-", b"tunn-" + thing[:1].encode()), headers) == 202


def end(place: House, read: Read, post: Any) -> None:
    """Nothing waits any more of what can be read; then both tokens are refused."""
    within(60, lambda: _ended(place), f"what is read is delivered: {place.statuses_by_connection()}")
    read.still.token = OTHER_TOKEN
    read.api.grants.revoke_all()
    headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "application/json"}
    for number, name in enumerate((THIN, STATIC), 5):
        assert post(name, told(number, f"P-{number}"), headers) == 202
    for name in (THIN, STATIC):
        within(30, partial(_paused, place, name), f"{name} is paused")


def _paused(place: House, name: str) -> bool:
    return place.state(name).paused


def _ended(place: House) -> bool:
    states = place.statuses_by_connection()
    return not any(status == "pending" and name in (THIN, STATIC) for name, status in states)


def _echoed(read: Read, name: str, answer: Any) -> Any:
    """The answer, and what it was asked for with."""
    token = TOKEN if name == STATIC else read.api.grants.access
    if "party" in answer:
        return {"party": {**answer["party"], "debug": ["you sent", f"Bearer {token}"]}}
    return {**answer, "items": [{**item, "debug": token} for item in answer["items"]], "debug": token}
