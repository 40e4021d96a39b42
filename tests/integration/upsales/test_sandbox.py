"""Every resource against the sandbox over real HTTP: made, read, searched once its lists show it, changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.serving import served, url_of
from tests.upsales_stub import FINGERPRINT, Budget, Clock, upsales_of
from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from worker.errors import Gone, OutcomeUnknown, Refused, Rejected, Throttled, Unauthorized, Unavailable
from worker.plan import ActivityType, Match, Product, Resource, Stage, User
from worker.sync.records import Answer, Json
from worker.upsales import HttpClient, Upsales
from worker.upsales.http import Auth

KEY = "sandlåda-nyckel"
LAG = 3.0


@dataclass
class Sandbox:
    """`clock` is the sandbox's own: moving it passes the lag of its lists and its call windows."""

    base_url: str
    clock: Clock
    app: Any

    def upsales(self, key: str = KEY, *, auth: Auth = "query", **settings: Any) -> Upsales:
        base_url = f"{self.base_url}/api/v2"
        http = HttpClient(base_url, key, Budget(), fingerprint=FINGERPRINT, auth=auth, call_timeout=10.0)
        return upsales_of(http, **settings)

    def fault(self, **rule: Json) -> None:
        answer = self.app.test_client().post("/sandbox/faults", json=rule)
        assert answer.status_code == 200, answer.text

    def settle(self) -> None:
        self.clock.now += LAG


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    clock = Clock(1_795_000_000.0)
    options = SandboxOptions(keys={KEY: SandboxKey("relay")}, search_lag=LAG, faults=True)
    app = create_sandbox(options, clock=clock, sleep=lambda _: None)
    with served(app) as server:
        yield Sandbox(url_of(server), clock, app)


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.app.test_client().post("/sandbox/reset")
    return running


@pytest.fixture
def crm(sandbox: Sandbox) -> Iterator[Upsales]:
    upsales = sandbox.upsales()
    yield upsales
    upsales.close()


def make(crm: Upsales, resource: Resource, body: dict[str, Json]) -> Answer:
    crm.check(resource, body, creating=True)
    return crm.create(crm.admit(), resource, body)


def change(crm: Upsales, resource: Resource, record_id: int, body: dict[str, Json]) -> Answer:
    crm.check(resource, body, creating=False)
    return crm.update(crm.admit(), resource, record_id, body)


def test_a_contact_is_opted_out_and_shown_so(crm: Upsales) -> None:
    contact = people(crm)["contact"]["id"]
    change(crm, "contact", contact, {"unsubscribed": "2026-11-23T09:15:00Z"})
    assert crm.get("contact", contact).data["unsubscribed"]


def people(crm: Upsales) -> dict[str, Json]:
    client = make(crm, "account", {"name": "Åkeri & Söner AB", "orgNo": "599999-0038"}).id
    contact = make(crm, "contact", {"firstName": "Åsa", "lastName": "Öberg", "client": {"id": client}}).id
    user = crm.resolve(User("asa.oberg@example.com"))
    return {"client": {"id": client}, "contact": {"id": contact}, "user": {"id": user}}


def bodies(crm: Upsales) -> dict[Resource, tuple[dict[str, Json], dict[str, Json]]]:
    """What each resource is made with, and what is changed then."""
    known = people(crm)
    client, contact, user = known["client"], known["contact"], known["user"]
    stage = {"id": crm.resolve(Stage("order"))}
    row = {"product": {"id": crm.resolve(Product("KONSULT-1"))}, "quantity": 2, "price": 1100.5, "listPrice": 1250}
    todo = {"id": crm.resolve(ActivityType("activity"))}
    meeting = {"id": crm.resolve(ActivityType("appointment", "webbmöte"))}
    marker = {"custom": [{"fieldId": crm.custom_field("account", "external_id").id, "value": "ab" * 16}]}
    period = {
        "agreementDescription": "Årsavtal",
        "agreementStartdate": "2026-12-01",
        "agreementIntervalType": 1,
        "agreementIntervalPeriod": 12,
        "agreementOrderCreationTime": 0,
        "periodLength": 12,
    }
    return {
        "account": (
            {"name": "Örebro Bygg ß", "phone": "+46 19 10 10 10", "noEmployees": 12, "users": [user], **marker,
             "addresses": [{"type": "Visit", "address": "Ågatan 1", "city": "Örebro", "zipcode": "702 22"}]},
            {"phone": "019-10 10 11"},
        ),
        "contact": (
            {"firstName": "Bo", "lastName": "Ek", "email": "bo.ek+q@exempel.se", "client": client},
            {"lastName": "Ek-Öberg", "title": "Inköpschef"},
        ),
        "order": (
            {"description": "Webborder 17", "client": client, "contact": contact, "user": user, "stage": stage,
             "date": "2026-11-23", "closeDate": "2026-11-23", "probability": 100, "orderRow": [row]},
            {"notes": "Levererad", "orderRow": [{**row, "quantity": 3}]},
        ),
        "activity": (
            {"description": "Ring upp", "date": "2026-11-24", "users": [user], "activityType": todo, "client": client,
             "contacts": [contact]},
            {"closeDate": "2026-11-25"},
        ),
        "appointment": (
            {"description": "Visning på plats", "date": "2026-11-24T09:00:00.000Z", "endDate": "2026-11-24T10:00:00.000Z",
             "users": [user], "activityType": meeting, "client": client, "location": "Kungsgatan 2, Malmö"},
            {"outcome": "completed"},
        ),
        "phoneCall": (
            {"user": user, "contact": contact, "client": client, "date": "2026-11-23T15:01:02.000Z", "durationInS": 61,
             "phoneNumber": "+4619101010", "externalId": "samtal-å-1"},
            {"durationInS": 62},
        ),
        "product": ({"name": "Årslicens Plus", "articleNo": "LIC-ÅR+", "listPrice": 99.5, "active": 1}, {"active": 0}),
        "agreement": (
            {"description": "Abonnemang", "user": user, "client": client, "stage": stage, "orderRow": [row],
             "metadata": period},
            {"metadata": {"agreementNotes": "Uppsagt"}},
        ),
        "ticket": ({"title": "Går ej att logga in", "client": client, "priority": 2}, {"priority": 3}),
        "comment": ({"description": "Från växeln: önskar återkoppling", "client": client}, {"isPinned": True}),
        "event": (
            {"entityType": "marketingCustom", "score": 5, "client": client, "value": "Formulär: möte",
             "externalId": "händelse-1", "date": "2026-11-23T15:01:02.000Z"},
            {},
        ),
    }  # fmt: skip


FILE = b"%PDF-1.7 \xc3\xa5"


def test_a_file_is_uploaded_for_nobody_and_attached_with_a_change(sandbox: Sandbox) -> None:
    crm = sandbox.upsales(contents={"01": FILE}.get)
    known = people(crm)
    content = {"reading": "01", "sha256": "", "mediaType": "application/pdf", "size": len(FILE)}
    made = make(crm, "file", {"name": "Avtal Åsa.pdf", "content": content})
    assert made.changed == {}
    hidden = crm.get("file", made.id).data
    assert (hidden["filename"], hidden["size"], hidden["private"], hidden["entity"]) == ("Avtal Åsa.pdf", 11, 1, None)

    belongs = {"entity": "Contact", "entityId": known["contact"], "client": known["client"]}
    for _ in range(2):
        assert change(crm, "file", made.id, belongs).changed == {}
    shown = crm.get("file", made.id).data
    assert (shown["entity"], shown["entityId"], shown["client"]["id"], shown["private"]) == (
        "Contact",
        known["contact"]["id"],
        known["client"]["id"],
        0,
    )
    with pytest.raises(Rejected, match="replay it with --refetch"):
        make(crm, "file", {"name": "Borta.pdf", "content": {**content, "reading": "02"}})
    crm.close()


def test_every_resource_is_made_shown_and_changed_as_it_was_sent(sandbox: Sandbox, crm: Upsales) -> None:
    for resource, (made, changes) in bodies(crm).items():
        answer = make(crm, resource, made)
        assert answer.changed == {}, resource
        assert not crm.visible(resource, answer.id), resource
        sandbox.settle()
        assert crm.visible(resource, answer.id), resource
        assert crm.get(resource, answer.id).id == answer.id
        if changes:
            assert change(crm, resource, answer.id, changes).changed == {}, resource


NATURAL_KEYS: list[tuple[Resource, dict[str, Json], Match]] = [
    ("account", {"name": "Örebro Bygg AB"}, Match("name", "Örebro Bygg AB")),
    ("account", {"name": "Ek, Al & Co"}, Match("name", "Ek, Al & Co")),
    ("account", {"name": "Ö", "orgNo": "599999-0038"}, Match("orgNo", "5999990038")),
    ("account", {"name": "Ö", "orgNo": "5999990038"}, Match("orgNo", "599999-0038")),
    ("contact", {"name": "Åsa", "email": "asa+q@exempel.se"}, Match("email", "ASA+q@exempel.se")),
    ("contact", {"name": "Åsa", "email": "Asa@exempel.se"}, Match("email", "Asa@exempel.se")),
    ("product", {"name": "Ö", "articleNo": "ÅÄÖ-1"}, Match("articleNo", "ÅÄÖ-1")),
    ("contact", {"name": "Åsa", "cellPhone": "070-174 06 05"}, Match("phone", "+46701740605")),
    ("contact", {"name": "Åsa", "phone": "+46 (0)8-465 00 40"}, Match("phone", "+4684650040")),
    ("account", {"name": "Åkeri", "phone": "08-465 00 40"}, Match("phone", "+4684650040")),
]


@pytest.mark.parametrize(("resource", "body", "match"), NATURAL_KEYS)
def test_a_record_is_found_by_its_natural_key_once_the_lag_is_over(
    sandbox: Sandbox, crm: Upsales, resource: Resource, body: dict[str, Json], match: Match
) -> None:
    if resource == "contact":
        body = {**body, "client": {"id": make(crm, "account", {"name": "Åkeri"}).id}}
    made = make(crm, resource, body).id
    assert crm.search(resource, match) == []
    sandbox.settle()
    assert [found.id for found in crm.search(resource, match)] == [made]


def test_markers_are_found_where_each_resource_carries_them(sandbox: Sandbox, crm: Upsales) -> None:
    marker = "0123456789abcdef" * 2
    field = crm.marker_field("account")
    assert field == "custom.EXTERNAL_ID"
    custom = [{"fieldId": crm.custom_field("account", "EXTERNAL_ID").id, "value": marker}]
    account = make(crm, "account", {"name": "Åkeri", "custom": custom}).id
    contact = {"id": make(crm, "contact", {"name": "Åsa", "client": {"id": account}}).id}
    called = {"user": {"id": crm.resolve(User("asa.oberg@example.com"))}, "contact": contact, "client": {"id": account}}
    call = make(crm, "phoneCall", called | {"externalId": marker}).id
    mark = make(crm, "event", {"entityType": "manual", "score": 1, "externalId": marker}).id
    sandbox.settle()
    assert [found.id for found in crm.with_marker("account", marker)] == [account]
    assert [found.id for found in crm.with_marker("event", marker)] == [mark]
    assert [found.id for found in crm.with_marker("phoneCall", marker)] == [call]


def test_what_a_person_deleted_is_gone(crm: Upsales) -> None:
    with pytest.raises(Gone):
        crm.get("account", 4711)
    with pytest.raises(Gone):
        change(crm, "account", 4711, {"phone": "1"})


def test_upsales_refuses_in_its_own_words(crm: Upsales) -> None:
    make(crm, "product", {"name": "Ö", "articleNo": "Ö-1"})
    with pytest.raises(Refused, match="articleNo"):
        make(crm, "product", {"name": "Ö igen", "articleNo": "Ö-1"})


def test_a_key_that_upsales_does_not_know_is_unauthorized(sandbox: Sandbox) -> None:
    stranger = sandbox.upsales(key="okänd")
    with pytest.raises(Unauthorized):
        stranger.whoami()
    stranger.close()


@pytest.mark.parametrize("auth", ["query", "cookie"])
def test_whoami_tells_account_user_and_clock(sandbox: Sandbox, auth: Auth) -> None:
    ascii_key = sandbox.app.test_client().post("/sandbox/keys", json={"name": auth, "account": 1}).json["key"]
    crm = sandbox.upsales(key=ascii_key, auth=auth)
    me = crm.whoami()
    assert me.id == 1
    assert me.user_email.endswith("@api.upsales.com")
    assert me.server_date is not None
    crm.close()


def test_a_field_for_external_ids_can_be_made(sandbox: Sandbox, crm: Upsales) -> None:
    other = sandbox.upsales(external_id_alias="RELÄ_ID")
    assert other.marker_field("order") is None
    field = other.ensure_custom_field("order", "RELÄ_ID")
    assert other.marker_field("order") == "custom.RELÄ_ID"
    assert crm.custom_field("order", "relä_id").id == field
    other.close()


WRITE_FAULTS: list[tuple[dict[str, Json], type[Exception], bool]] = [
    ({"kind": "error_before_commit"}, OutcomeUnknown, False),
    ({"kind": "error_after_commit"}, OutcomeUnknown, True),
    ({"kind": "drop_before_commit"}, OutcomeUnknown, False),
    ({"kind": "drop_after_commit"}, OutcomeUnknown, True),
    ({"kind": "html_200", "commits": True}, OutcomeUnknown, True),
    ({"kind": "html_502"}, OutcomeUnknown, False),
    ({"kind": "throttle"}, Throttled, False),
]


@pytest.mark.parametrize(("rule", "failure", "done"), WRITE_FAULTS, ids=str)
def test_a_write_in_trouble_is_unknown_unless_upsales_surely_did_nothing(
    sandbox: Sandbox,
    crm: Upsales,
    rule: dict[str, Json],
    failure: type[Exception],
    done: bool,  # noqa: FBT001 - a table's column
) -> None:
    sandbox.fault(method="POST", resource="accounts", count=1, **rule)
    with pytest.raises(failure):
        make(crm, "account", {"name": "Åkeri & Söner AB"})
    sandbox.settle()
    assert len(crm.search("account", Match("name", "Åkeri & Söner AB"))) == done


@pytest.mark.parametrize("kind", ["error_before_commit", "drop_before_commit", "html_200", "html_502", "outage"])
def test_a_read_in_trouble_is_tried_again_later(sandbox: Sandbox, crm: Upsales, kind: str) -> None:
    made = make(crm, "account", {"name": "Åkeri"}).id
    sandbox.fault(kind=kind, method="GET", resource="accounts", count=1, **({"seconds": 1} if kind == "outage" else {}))
    with pytest.raises(Unavailable):
        crm.get("account", made)
    sandbox.settle()
    assert crm.get("account", made).id == made
