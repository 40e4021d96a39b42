"""The quirks of each entity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_playground import Playground


@pytest.fixture
def client(sandbox: Playground) -> int:
    return int(sandbox.account()["id"])


FLAG = {"usingFirstnameLastname": "true"}


@pytest.mark.parametrize(
    ("body", "query", "names"),
    [
        ({"name": "Åsa von Öberg"}, {}, ("Åsa von Öberg", "Åsa", "von Öberg")),
        ({"firstName": "Åsa", "lastName": "Öberg"}, FLAG, ("Åsa Öberg", "Åsa", "Öberg")),
        ({"firstName": "Åsa", "lastName": "Öberg"}, {"usingFirstnameLastname": ""}, ("Åsa Öberg", "Åsa", "Öberg")),
        ({"name": "X Y", "firstName": "Åsa", "lastName": "Öberg"}, FLAG, ("Åsa Öberg", "Åsa", "Öberg")),
        ({"firstName": "Åsa", "lastName": "Öberg"}, {}, ("", "", "")),
        ({}, {}, ("", "", "")),
    ],
)
def test_names_of_contacts(
    sandbox: Playground, client: int, body: dict[str, Any], query: dict[str, str], names: tuple[str, str, str]
) -> None:
    contact = sandbox.made("/contacts", {"client": {"id": client}, **body}, query=query)
    assert (contact["name"], contact["firstName"], contact["lastName"]) == names


def test_contacts_may_share_an_address_and_have_none(sandbox: Playground, client: int) -> None:
    first = sandbox.made("/contacts", {"client": {"id": client}, "email": "å@example.com"})
    second = sandbox.made("/contacts", {"client": client, "email": "å@example.com"})
    bare = sandbox.made("/contacts", {"client": {"id": client}})
    assert first["id"] != second["id"]
    assert (bare["email"], bare["journeyStep"], bare["client"]["name"]) == ("", "lead", "Göteborgs Åkeri")


def test_a_contact_is_opted_out_once_and_in_again(sandbox: Playground, client: int) -> None:
    made: Any = sandbox.post("/contacts", {"name": "Åsa", "client": {"id": client}}).json["data"]

    def since() -> Any:
        return sandbox.get(f"/contacts/{made['id']}").json["data"]["unsubscribed"]

    assert since() is None
    sandbox.post("/function/unsub", {"id": made["id"]})
    first = since()
    sandbox.clock.now += 60
    assert sandbox.post("/function/unsub", {"id": made["id"]}).status_code == 200
    sandbox.put(f"/contacts/{made['id']}", {"unsubscribed": None})
    assert first is not None
    assert since() == first
    sandbox.delete(f"/function/unsub/{made['id']}")
    assert since() is None
    assert [
        sandbox.delete(f"/function/unsub/{made['id']}").status_code,
        sandbox.post("/function/unsub", {"id": 0}).status_code,
    ] == [404, 404]
    assert "Cannot GET" in sandbox.get("/function/unsub").text


def test_a_contact_can_move_to_another_company(sandbox: Playground) -> None:
    first, second = sandbox.account()["id"], sandbox.account()["id"]
    contact = sandbox.made("/contacts", {"client": {"id": first}})
    moved = sandbox.changed(f"/contacts/{contact['id']}", {"client": {"id": second}})
    assert moved["client"]["id"] == second


def test_an_order_computes_its_values(sandbox: Playground, client: int) -> None:
    order = sandbox.order(client, 50, currency="EUR", currencyRate=0.5, value=1, notify=False)
    assert (order["value"], order["weightedValue"]) == (199, 99.5)
    assert (order["valueInMasterCurrency"], order["weightedValueInMasterCurrency"]) == (99.5, 49.75)
    assert (order["description"], order["probability"], order["date"]) == ("<<No description>>", 50, "2025-11-07")
    assert order["orderRow"][0]["discount"] == 1250 - 99.5
    assert not {"notify", "orderValue"} & set(order)


def test_an_order_takes_the_master_currency_and_list_price_by_itself(sandbox: Playground, client: int) -> None:
    order = sandbox.order(client, orderRow=[{"product": {"id": sandbox.product()}}])
    assert (order["currency"], order["currencyRate"], order["value"]) == ("SEK", 1, 1250)


def test_a_stage_brings_its_probability(sandbox: Playground) -> None:
    order = sandbox.made("/orders", {**sandbox.order_body(sandbox.account()["id"]), "probability": 50})
    moved = sandbox.changed(f"/orders/{order['id']}", {"stage": {"id": sandbox.stage(90)}})
    assert moved["probability"] == 90


@pytest.mark.parametrize(
    ("probability", "closed"), [(100, "2025-11-06T23:00:00.000Z"), (0, "2025-11-06T23:00:00.000Z"), (50, None)]
)
def test_a_won_or_lost_order_gets_its_close_date(
    sandbox: Playground, client: int, probability: int, closed: str | None
) -> None:
    order = sandbox.order(client, probability)
    assert order["closeDate"] == closed
    reopened = sandbox.changed(f"/orders/{order['id']}", {"stage": {"id": sandbox.stage(25)}})
    assert reopened["closeDate"] is None


def test_order_rows_are_replaced_and_keep_an_id_only_if_it_is_sent(sandbox: Playground, client: int) -> None:
    order = sandbox.order(client)
    row, product = order["orderRow"][0]["id"], {"id": sandbox.product()}
    path = f"/orders/{order['id']}"
    kept = sandbox.changed(path, {"orderRow": [{"id": row, "quantity": 3}, {"product": product, "price": 1}]})
    assert [(r["id"], r["quantity"], r["price"]) for r in kept["orderRow"]] == [(row, 3, 99.5), (row + 1, 1, 1)]
    replaced = sandbox.changed(path, {"orderRow": [{"product": product, "price": 5}]})
    assert [r["id"] for r in replaced["orderRow"]] == [row + 2]
    assert replaced["value"] == 5
    assert sandbox.changed(path, {"notes": "å"})["orderRow"] == replaced["orderRow"]


@pytest.mark.parametrize("rows", [[], [{}], [{"product": {"id": 999}}], "x"])
def test_an_order_needs_a_row_with_a_product(sandbox: Playground, client: int, rows: Any) -> None:
    assert sandbox.post("/orders", sandbox.order_body(client, orderRow=rows)).status_code == 400


def test_references_may_be_bare_numbers(sandbox: Playground, client: int) -> None:
    order = sandbox.made("/orders", {**sandbox.order_body(client), "user": sandbox.user(), "client": client})
    assert (order["client"]["id"], order["user"]["email"]) == (client, "sales@example.com")


def test_opportunities_are_the_orders_between_won_and_lost(sandbox: Playground, client: int) -> None:
    won, open_one = sandbox.order(client, 100), sandbox.order(client, 50)
    assert [row["id"] for row in sandbox.found("/opportunities")] == [open_one["id"]]
    assert sandbox.get(f"/opportunities/{won['id']}").status_code == 404
    assert sandbox.post("/opportunities", sandbox.order_body(client, 100)).status_code == 400
    made = sandbox.made("/opportunities", sandbox.order_body(client, 10))
    assert sandbox.get(f"/orders/{made['id']}").status_code == 200


@pytest.mark.parametrize("path", ["/orders", "/activities", "/appointments", "/agreements"])
def test_an_inactive_company_gets_nothing_new(sandbox: Playground, path: str) -> None:
    client = sandbox.account(active=0)["id"]
    todo, meeting = sandbox.found("/activitytypes/activity")[0], sandbox.found("/activitytypes/appointment")[0]
    kind = todo if path == "/activities" else meeting
    task = {"description": "Ö", "users": [{"id": sandbox.user()}], "activityType": kind, "date": "2025-11-07"}
    response = sandbox.post(path, {**sandbox.order_body(client), **task})
    assert response.status_code == 400
    assert "inactive" in response.text


def task(sandbox: Playground, kind: str = "TODO", **fields: Any) -> dict[str, Any]:
    types: Any = sandbox.get("/todoTypes").json
    return {"description": "Följ upp", "users": [{"id": sandbox.user()}], "activityType": types[kind], **fields}


def test_a_todo_needs_no_company_and_a_phone_call_does(sandbox: Playground, client: int) -> None:
    assert sandbox.made("/activities", task(sandbox))["client"] is None
    assert sandbox.post("/activities", task(sandbox, "PHONE_CALL")).status_code == 400
    assert sandbox.made("/activities", task(sandbox, "PHONE_CALL", client={"id": client}))["client"]["id"] == client


def test_closing_a_todo_keeps_the_rest_and_shifts_the_day_to_utc(sandbox: Playground) -> None:
    activity = sandbox.made("/activities", task(sandbox, date="2021-09-29"))
    closed = sandbox.changed(f"/activities/{activity['id']}", {"closeDate": "2021-09-29"})
    assert closed["closeDate"] == "2021-09-28T22:00:00.000Z"
    assert (closed["date"], closed["description"]) == ("2021-09-29", "Följ upp")


def test_a_contact_of_another_company_is_dropped_from_an_activity(sandbox: Playground, client: int) -> None:
    ours = sandbox.made("/contacts", {"client": {"id": client}, "name": "Åsa"})
    theirs = sandbox.made("/contacts", {"client": {"id": sandbox.account()["id"]}})
    one = sandbox.made("/activities", task(sandbox, client={"id": client}, contacts=[ours, theirs]))
    none = sandbox.made("/activities", task(sandbox, client={"id": client}, contacts=[theirs, {"id": 999}]))
    assert [contact["name"] for contact in one["contacts"]] == ["Åsa"]
    assert none["contacts"] == []


def test_activities_also_take_the_other_client_s_names(sandbox: Playground) -> None:
    types: Any = sandbox.get("/todoTypes").json
    body = {"description": "Ö", "userId": sandbox.user(), "activityTypeId": types["TODO"]["id"]}
    assert sandbox.made("/activities", body)["users"][0]["email"] == "sales@example.com"


def test_an_appointment_takes_a_number_for_its_company_and_cuts_milliseconds(sandbox: Playground, client: int) -> None:
    kind = sandbox.found("/activitytypes/appointment")[0]
    body = {
        "date": "2025-11-10T10:00:00.789+01:00",
        "users": [{"id": sandbox.user()}],
        "activityType": kind,
        "client": client,
        "location": "Ö" * 3000,
        "externalCalendarId": "x",
    }
    made = sandbox.made("/appointments", body)
    assert (made["date"], made["client"]["id"]) == ("2025-11-10T09:00:00.000Z", client)
    assert (len(made["location"]), made["outcome"], made["externalCalendarId"]) == (2048, "planned", None)


def test_logged_calls_may_share_an_external_id(sandbox: Playground, client: int) -> None:
    contact = sandbox.made("/contacts", {"client": {"id": client}})
    body = {"user": {"id": sandbox.user()}, "client": {"id": client}, "contact": contact, "externalId": "samtal-1"}
    first, second = sandbox.made("/phoneCall", body), sandbox.made("/phonecall", body)
    assert first["date"] == "2025-11-07T12:00:00.000Z"
    found = sandbox.found("/phoneCall", {"externalId": "samtal-1"})
    assert [row["id"] for row in found] == [first["id"], second["id"]]


def test_a_campaign_starts_at_midnight_utc(sandbox: Playground) -> None:
    assert (
        sandbox.made("/projects", {"name": "Vår", "startDate": "2026-04-01"})["startDate"] == "2026-04-01T00:00:00.000Z"
    )


def test_an_article_number_is_unique(sandbox: Playground) -> None:
    assert sandbox.post("/products", {"name": "Kopia", "articleNo": " KONSULT-1 "}).status_code == 400
    path = f"/products/{sandbox.product()}"
    assert sandbox.changed(path, {"articleNo": "KONSULT-1", "active": 0})["active"] == 0


def test_arrays_of_a_product_are_replaced(sandbox: Playground) -> None:
    product = sandbox.made("/products", {"name": "Ö", "currencies": [{"currency": "SEK", "price": 1}]})
    changed = sandbox.changed(f"/products/{product['id']}", {"currencies": [{"currency": "EUR", "price": 2}]})
    assert changed["currencies"] == [{"currency": "EUR", "price": 2}]


TERMS = {
    "agreementDescription": "Drift",
    "agreementStartdate": "2026-01-01",
    "agreementIntervalType": 1,
    "agreementIntervalPeriod": 3,
    "agreementOrderCreationTime": 30,
    "periodLength": 12,
}


def agreement(sandbox: Playground, client: int, probability: int = 100, **terms: Any) -> dict[str, Any]:
    body = sandbox.order_body(client, probability, description="Prenumeration", metadata={**TERMS, **terms})
    del body["date"]
    return body


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_subscription_is_taken_flat_and_wrapped_and_makes_its_first_order(
    sandbox: Playground, client: int, *, wrapped: bool
) -> None:
    body = agreement(sandbox, client)
    answer: Any = sandbox.post("/agreements", {"agreement": body} if wrapped else body).json
    assert answer["data"]["metadata"]["agreementStartdate"] == "2026-01-01T00:00:00.000Z"
    created = answer["metadata"]["createdOrderId"]
    assert isinstance(created, str)
    order: Any = sandbox.get(f"/orders/{created}").json
    assert (order["data"]["agreement"]["id"], order["data"]["value"]) == (answer["data"]["id"], 199)


@pytest.mark.parametrize(
    ("probability", "terms", "said"),
    [
        (50, {}, "probability 100"),
        (100, {"agreementIntervalPeriod": 5}, "divide"),
        (100, {"agreementIntervalPeriod": 0}, "divide"),
        (100, {"agreementDescription": None}, "agreementDescription"),
    ],
)
def test_what_a_subscription_refuses(
    sandbox: Playground, client: int, probability: int, terms: dict[str, Any], said: str
) -> None:
    response = sandbox.post("/agreements", agreement(sandbox, client, probability, **terms))
    assert response.status_code == 400
    assert said in response.text


def test_start_interval_and_period_of_a_subscription_never_change(sandbox: Playground, client: int) -> None:
    made = sandbox.made("/agreements", agreement(sandbox, client, periodLength=0, agreementRenewalDate="2027-01-01"))
    assert made["metadata"]["agreementRenewalDate"] is None
    terms = {"agreementStartdate": "2030-01-01", "periodLength": 24, "agreementDescription": "Ny"}
    changed: Any = sandbox.put(f"/agreements/{made['id']}", {"metadata": terms}).json
    assert changed["data"]["metadata"] == {**made["metadata"], "agreementDescription": "Ny"}


def test_a_ticket_needs_only_a_title_and_takes_scalar_references(sandbox: Playground, client: int) -> None:
    ticket = sandbox.made("/tickets", {"title": "Ä" * 200, "clientId": client})
    assert (len(ticket["title"]), ticket["status"]["name"], ticket["client"]["id"]) == (150, "Ny", client)


@pytest.mark.parametrize("name", ["description", "message"])
def test_a_comment_on_a_ticket_is_taken_in_both_forms(sandbox: Playground, name: str) -> None:
    ticket = sandbox.made("/tickets", {"title": "Hjälp"})
    path = f"/tickets/{ticket['id']}/comment"
    assert sandbox.made(path, {name: " Åtgärdat ", "isPublic": True})["description"] == "Åtgärdat"
    form = sandbox.call("POST", path, data={name: "Som formulär"}, content_type="multipart/form-data")
    assert form.status_code == 200
    assert sandbox.post(path, {}).status_code == 400
    shown: Any = sandbox.get(f"/tickets/{ticket['id']}").json
    assert [row["description"] for row in shown["data"]["comments"]] == ["Åtgärdat", "Som formulär"]


def test_tickets_may_not_be_active() -> None:
    assert Playground(tickets=False).get("/tickets").mimetype == "text/html"


def test_a_comment_is_by_default_the_key_s_own(sandbox: Playground, client: int) -> None:
    comment = sandbox.made("/comments", {"description": "Från webben", "client": {"id": client}, "isPinned": 1})
    assert (comment["user"]["name"], comment["isPinned"]) == ("shop", True)


def test_events_need_a_query_have_no_put_and_may_be_deleted(sandbox: Playground, client: int) -> None:
    body = {"entityType": "manual", "score": "5", "client": {"id": client}, "externalId": "e" * 80}
    event = sandbox.made("/events", body)
    assert (event["score"], len(event["externalId"])) == (5, 72)
    assert sandbox.get("/events").status_code == 400
    found = sandbox.found("/events", {"q": '{"a":"externalId","c":"eq","v":"' + "e" * 72 + '"}'})
    assert [row["id"] for row in found] == [event["id"]]
    assert sandbox.get(f"/events/{event['id']}").mimetype == "text/html"
    assert sandbox.delete(f"/events/{event['id']}").json == {"error": None}


def test_an_unknown_kind_of_event_is_refused(sandbox: Playground) -> None:
    assert sandbox.post("/events", {"entityType": "påhittad", "score": 1}).status_code == 400
