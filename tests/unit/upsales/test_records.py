"""Finding and writing records: what is asked of Upsales, and what of its answers is believed."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import httpx
import pytest

from tests.upsales_stub import Stub, listed, ok, permit, refused
from worker.errors import Gone, Refused, Rejected, Unavailable
from worker.plan import RESOURCES, Match, Resource

PAGES = (
    "oberg.se,oberg.se/,http://oberg.se,http://oberg.se/,https://oberg.se,https://oberg.se/,"
    "www.oberg.se,www.oberg.se/,http://www.oberg.se,http://www.oberg.se/,https://www.oberg.se,https://www.oberg.se/"
)
LEGAL = (
    "Norrbygg AB,Norrbygg,Norrbygg Aktiebolag,Norrbygg AB (publ),Norrbygg HB,Norrbygg KB,Norrbygg AS,Norrbygg A/S,"
    "Norrbygg ApS,Norrbygg Oy,Norrbygg Oyj,Norrbygg GmbH,Norrbygg Ltd,AB Norrbygg"
)

CASES = "ÅKERI SÖNER AB,Åkeri Söner AB,Åkeri söner AB"

SEARCHES: list[tuple[Resource, Match, list[str]]] = [
    ("contact", Match("email", "anna+q@exempel.se"), ["/contacts?email=eq:anna+q@exempel.se&limit=1000"]),
    ("contact", Match("email", "Åsa@Exempel.se"), ["/contacts?email=eq:åsa@exempel.se,Åsa@Exempel.se&limit=1000"]),
    ("account", Match("orgNo", "5999991234"), ["/accounts?orgNo=eq:5999991234,599999-1234&isExternal=0&limit=1000"]),
    ("account", Match("orgNo", "599999-1234"), ["/accounts?orgNo=eq:5999991234,599999-1234&isExternal=0&limit=1000"]),
    ("account", Match("orgNo", "NO 599 999 019"),
     ["/accounts?orgNo=eq:NO599999019,NO 599 999 019&isExternal=0&limit=1000"]),
    ("account", Match("name", "ÅKERI  söner ab"),
     [f"/accounts?name=eq:ÅKERI  söner ab,ÅKERI söner ab,{CASES}&isExternal=0&limit=1000"]),
    ("account", Match("name", "1,5"), ['/accounts?q={"a": "name", "c": "eq", "v": "1,5"}&isExternal=0&limit=1000']),
    ("account", Match("webpage", "oberg.se"), [f"/accounts?webpage=eq:{PAGES}&isExternal=0&limit=1000"]),
    ("account", Match("webpage", "https://www.Oberg.se/om?x=1"),
     [f"/accounts?webpage=eq:{PAGES}&isExternal=0&limit=1000"]),
    ("account", Match("legalName", "Norrbygg AB"), [f"/accounts?name=eq:{LEGAL}&isExternal=0&limit=1000"]),
    ("account", Match("legalName", "Norrbygg AB."),
     [f"/accounts?name=eq:Norrbygg AB.,{LEGAL.removeprefix('Norrbygg AB,').replace('Norrbygg,', 'Norrbygg,Norrbygg AB,', 1)}&isExternal=0&limit=1000"]),
    ("account", Match("custom.orgnr", "5999991234"), ["/accounts?custom=eq:8:5999991234&isExternal=0&limit=1000"]),
    ("product", Match("articleNo", "ÅÄ-1"), ["/products?articleNo=eq:ÅÄ-1&limit=1000"]),
    ("phoneCall", Match("externalId", "x1"), ["/phoneCall?externalId=eq:x1&limit=1000"]),
    ("event", Match("externalId", "x1"), ['/events?q={"a": "externalId", "c": "eq", "v": "x1"}&limit=1000']),
]  # fmt: skip


def everything(request: httpx.Request) -> httpx.Response:
    return listed()


@pytest.mark.parametrize(("resource", "match", "asked"), SEARCHES, ids=lambda value: str(value)[:40])
def test_a_natural_key_becomes_one_list_call(resource: Resource, match: Match, asked: list[str]) -> None:
    path = asked[0].partition("?")[0]
    stub = Stub({f"GET {path}": everything})
    assert stub.upsales().search(resource, match) == []
    assert [call for call in stub.calls() if "/customfields/" not in call] == [f"GET {call}" for call in asked]


CARRY: list[tuple[Match, dict[str, Any], list[int]]] = [
    (Match("email", "anna@exempel.se"), {"email": " Anna@Exempel.SE "}, [5]),
    (Match("email", "anna@exempel.se"), {"email": "anna@exempel.com"}, []),
    (Match("email", "anna@exempel.se"), {"email": ""}, []),
    (Match("email", "anna@exempel.se"), {}, []),
    (Match("orgNo", "5999991234"), {"orgNo": "599999-1234"}, [5]),
    (Match("orgNo", "SE5999991234"), {"orgNo": "5999991234"}, []),
    (Match("name", "Åkeri AB"), {"name": "ÅKERI  AB"}, [5]),
    (Match("name", "Åkeri AB"), {"name": "Åkeri AB i konkurs"}, []),
    (Match("importId", "17"), {"importId": 17}, [5]),
    (Match("webpage", "öberg.se"), {"webpage": "https://www.öberg.se/"}, [5]),
    (Match("webpage", "öberg.se"), {"webpage": "HTTP://ÖBERG.SE/kontakt"}, [5]),
    (Match("webpage", "öberg.se"), {"webpage": "öberg.se:8080"}, [5]),
    (Match("webpage", "öberg.se"), {"webpage": "https://www.öberg.se#top"}, [5]),
    (Match("webpage", "öberg.se"), {"webpage": "www.öberg.se."}, [5]),
    (Match("webpage", "öberg.se"), {"webpage": " //öberg.se "}, [5]),
    (Match("webpage", "öberg.se"), {"webpage": "butik.öberg.se"}, []),
    (Match("webpage", "öberg.se"), {"webpage": "öberg.se.example"}, []),
    (Match("webpage", "öberg.se"), {"webpage": "https://katalog.example/öberg.se"}, []),
    (Match("webpage", "öberg.se"), {"webpage": "https://katalog.example/?u=http://öberg.se"}, []),
    (Match("webpage", "öberg.se"), {"webpage": ""}, []),
    (Match("legalName", "Norrbygg AB"), {"name": "AB NORRBYGG"}, [5]),
    (Match("legalName", "Norrbygg"), {"name": "Norrbygg Aktiebolag"}, [5]),
    (Match("legalName", "Norrbygg AB (publ)"), {"name": "norrbygg"}, [5]),
    (Match("legalName", "Norrbygg AB"), {"name": "Norrbygg i Umeå AB"}, []),
    (Match("name", "A\u030akeri"), {"name": "Åkeri"}, [5]),
]


@pytest.mark.parametrize(("match", "record", "ids"), CARRY)
def test_only_a_record_that_carries_the_key_counts_as_found(
    match: Match, record: dict[str, Any], ids: list[int]
) -> None:
    stub = Stub({"GET /accounts": listed({"id": 5, **record}, {"id": 6, match.field: "något annat"})})
    assert [found.id for found in stub.upsales().search("account", match)] == ids


def test_a_phone_number_is_asked_for_in_all_spellings_in_one_call_for_each_of_its_fields() -> None:
    found = [
        {"id": 1, "phone": "070-174 06 05"},
        {"id": 2, "cellPhone": "+46 (0)70 174 06 05"},
        {"id": 3, "phone": "08-465 00 40"},
    ]
    stub = Stub({"GET /contacts": listed(*found), "GET /accounts": listed(*found)})
    upsales, number = stub.upsales(), Match("phone", "+46701740605")
    assert [found.id for found in upsales.search("contact", number)] == [1, 2]
    assert [found.id for found in upsales.search("account", number)] == [1]
    asked = [call for call in stub.calls() if "eq:" in call]
    assert [call.partition("=eq:")[0] for call in asked] == [
        "GET /contacts?phone",
        "GET /contacts?cellPhone",
        "GET /accounts?phone",
    ]
    assert all(",0701740605," in call and ",070-174 06 05," in call for call in asked)


PUNYCODE = [("öberg.se", "https://www.xn--berg-4qa.se/"), ("xn--berg-4qa.se", "Öberg.se")]


@pytest.mark.parametrize(("told", "shown"), PUNYCODE)
def test_a_host_is_one_in_letters_and_in_punycode(told: str, shown: str) -> None:
    match = Match("webpage", told)
    stub = Stub({"GET /accounts": listed({"id": 5, "webpage": shown})})
    assert [found.id for found in stub.upsales().search("account", match)] == [5]
    (asked,) = (call for call in stub.calls() if "webpage" in call)
    assert "öberg.se" in asked
    assert "xn--berg-4qa.se" in asked


def test_a_legal_name_with_a_comma_is_asked_for_spelling_by_spelling() -> None:
    stub = Stub({"GET /accounts": listed()})
    assert stub.upsales().search("account", Match("legalName", "Ek, Al & Co AB")) == []
    asked = [call for call in stub.calls() if "/accounts" in call]
    assert len(asked) == len(set(asked))
    assert all('"c": "eq"' in call for call in asked)


def test_a_name_with_a_comma_is_asked_for_in_small_and_in_capital_letters() -> None:
    stub = Stub({"GET /accounts": listed()})
    assert stub.upsales().search("account", Match("name", "Ek, al & Co A/S")) == []
    asked = [call for call in stub.calls() if "/accounts" in call]
    assert [any(f'"v": "{name}"' in call for call in asked) for name in ("EK, AL & CO A/S", "Ek, Al & Co A/S")] == [
        True,
        True,
    ]


def test_a_filter_that_upsales_ignored_is_an_error_and_never_nothing_found() -> None:
    rows = [{"id": number, "email": "annan@exempel.se"} for number in range(1000)]
    stub = Stub({"GET /contacts": listed(*rows, total=4711)})
    with pytest.raises(Refused, match="4711"):
        stub.upsales().search("contact", Match("email", "anna@exempel.se"))


def test_an_org_number_in_a_custom_field_is_searched_there_in_both_spellings_and_shown_as_orgno() -> None:
    found = {"id": 3, "orgNo": None, "custom": [{"fieldId": 8, "value": "599999-1234"}]}

    def only_dashed(request: httpx.Request) -> httpx.Response:
        return listed(found) if request.url.params["custom"] == "eq:8:599999-1234" else listed()

    stub = Stub({"GET /accounts": only_dashed})
    records = stub.upsales(org_no_alias="OrgNr").search("account", Match("orgNo", "5999991234"))
    assert [(record.id, record.data["orgNo"]) for record in records] == [(3, "599999-1234")]


TOLD = [Match("orgNo", "5999991234"), Match("webpage", "öberg.se"), Match("name", "Öberg AB")]
COMPANIES = [
    {"id": 4, "orgNo": "599999-1234", "name": "Öberg"},
    {"id": 5, "webpage": "https://öberg.se", "name": "Annan AB"},
    {"id": 6, "name": "Någon"},
]


def companies(request: httpx.Request, *, either: httpx.Response | None = None) -> httpx.Response:
    """Of these companies: by id, by any of them, or by one field. `either`: the answer to an `or`, None for what was asked for."""
    asked = request.url.params
    if "q" not in asked:
        field = next((field for field in ("orgNo", "webpage", "name") if field in asked), None)
        values = asked.get(field or "", "").removeprefix("eq:").split(",")
        return listed(*(row for row in COMPANIES if field is None or row.get(field) in values))
    if either is not None:
        return either
    tests = [test for group in json.loads(asked["q"])["or"]["q"] for test in group]
    return listed(*(row for row in COMPANIES if any(str(row.get(test["a"])) == test["v"] for test in tests)))


def asked_in_one(stub: Stub) -> list[bool]:
    """Of each search for companies, whether it was an `or`."""
    return ['"or"' in call for call in stub.calls() if "/accounts" in call]


def test_any_of_several_natural_keys_is_searched_in_one_call_once_it_is_known_that_upsales_takes_that() -> None:
    stub = Stub({"GET /accounts": companies})
    crm = stub.upsales()
    for _ in range(3):
        assert sorted(found.id for found in crm.search_any("account", TOLD)) == [4, 5]
    assert asked_in_one(stub) == [False, True, True, True, True], "a company, the same by `or`, and one search each"


NOT_TAKEN = {
    "refused": refused(400, key="InvalidQuery"),
    "nothing shown": listed(),
    "no notice taken": listed(*COMPANIES),
    "no notice taken of a long list": listed(*COMPANIES, total=4711),
}


@pytest.mark.parametrize("answer", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_where_upsales_does_not_take_an_or_each_natural_key_is_searched_and_it_is_not_asked_again(
    answer: httpx.Response,
) -> None:
    stub = Stub({"GET /accounts": partial(companies, either=answer)})
    crm = stub.upsales()
    for _ in range(2):
        assert sorted(found.id for found in crm.search_any("account", TOLD)) == [4, 5]
    assert asked_in_one(stub) == [False, True, *[False] * 6]


def test_in_an_account_without_a_company_each_natural_key_is_searched_until_there_is_one() -> None:
    stub = Stub({"GET /accounts": listed()})
    crm = stub.upsales()
    assert [crm.search_any("account", TOLD) for _ in range(2)] == [[], []]
    assert asked_in_one(stub) == [False] * 7, "one company is asked for, once a minute"
    stub.answers["GET /accounts"] = companies
    stub.clock.now += 61
    assert sorted(found.id for found in crm.search_any("account", TOLD)) == [4, 5]
    assert asked_in_one(stub)[-2:] == [True, True]


def test_an_or_that_upsales_refuses_though_it_takes_others_is_asked_key_by_key() -> None:
    def no_names(request: httpx.Request) -> httpx.Response:
        of_names = '"or"' in request.url.params.get("q", "") and '"name"' in request.url.params["q"]
        return companies(request, either=refused(400, key="InvalidQuery") if of_names else None)

    crm = Stub({"GET /accounts": no_names}).upsales()
    assert sorted(found.id for found in crm.search_any("account", TOLD)) == [4, 5]


def test_a_value_with_a_comma_is_not_looked_up_in_a_custom_field() -> None:
    with pytest.raises(Rejected, match="comma"):
        Stub().upsales().search("account", Match("custom.EXTERNAL_ID", "a,b"))


def paged(request: httpx.Request) -> httpx.Response:
    """2 500 companies, a page at a time."""
    last = int(request.url.params["id"].removeprefix("gt:"))
    return listed(
        *({"id": number, "name": f"Åkeri {number}"} for number in range(last + 1, min(last + 1000, 2500) + 1))
    )


@pytest.mark.parametrize(("most", "shown", "pages"), [(10_000, 2500, 3), (2000, 2000, 2), (1, 1000, 1)])
def test_all_records_are_read_a_page_at_a_time_up_to_a_bound(most: int, shown: int, pages: int) -> None:
    stub = Stub({"GET /accounts": paged})
    ids = [found.id for found in stub.upsales().every("account", most)]
    assert ids == list(range(1, shown + 1))
    asked = [call for call in stub.calls() if call.startswith("GET /accounts?")]
    assert asked == [f"GET /accounts?id=gt:{page * 1000}&isExternal=0&sort=id&limit=1000" for page in range(pages)]


def test_reading_all_records_ends_where_upsales_takes_no_notice_of_the_last_id() -> None:
    rows = [{"id": number, "name": "Åkeri"} for number in range(1, 1001)]
    stub = Stub({"GET /accounts": listed(*rows)})
    assert len(list(stub.upsales().every("account", 50_000))) == 1000


def test_a_marker_is_looked_for_where_the_resource_can_carry_it() -> None:
    marked = {"id": 4, "custom": [{"fieldId": 7, "value": "ab12"}]}
    stub = Stub(
        {
            "GET /orders": listed(marked, {"id": 5, "custom": [{"fieldId": 7, "value": "ab123"}]}, {"id": 6}),
            "GET /phoneCall": listed({"id": 9, "externalId": "ab12"}),
        }
    )
    crm = stub.upsales()
    assert [found.id for found in crm.with_marker("order", "ab12")] == [4]
    assert [found.id for found in crm.with_marker("phoneCall", "ab12")] == [9]
    assert crm.with_marker("ticket", "ab12") == ()
    assert "GET /orders?custom=eq:7:ab12&limit=1000" in stub.calls()


def test_the_marker_field_is_named_after_the_setting_and_none_where_there_is_none() -> None:
    crm = Stub({"GET /customfields/contact": listed()}).upsales(external_id_alias="external_id")
    fields = {
        resource: crm.marker_field(resource) for resource in ("order", "contact", "phoneCall", "event", "comment")
    }
    assert fields == {
        "order": "custom.external_id",
        "contact": None,
        "phoneCall": "externalId",
        "event": "externalId",
        "comment": None,
    }


def test_visible_asks_the_list_for_the_id() -> None:
    stub = Stub({"GET /orders": listed({"id": 4}), "GET /events": listed({"id": 4})})
    crm = stub.upsales()
    assert crm.visible("order", 4)
    assert not crm.visible("order", 5)
    assert crm.visible("event", 4)
    assert stub.calls()[0] == "GET /orders?id=eq:4&limit=1000"


def test_a_record_is_read_by_its_id_and_a_missing_one_is_gone() -> None:
    stub = Stub({"GET /tickets/4": ok({"id": 4, "title": "Å"}, metadata=None), "GET /events": listed({"id": 3})})
    crm = stub.upsales()
    assert crm.get("ticket", 4).data["title"] == "Å"
    assert crm.get("event", 3).id == 3
    with pytest.raises(Gone):
        crm.get("event", 4)


CREATES: list[tuple[Resource, dict[str, Any], str, dict[str, Any]]] = [
    ("account", {"name": "Åkeri"}, "POST /accounts", {"name": "Åkeri"}),
    ("contact", {"name": "Åsa Ek"}, "POST /contacts", {"name": "Åsa Ek"}),
    ("contact", {"firstName": "Åsa"}, "POST /contacts?usingFirstnameLastname=true", {"firstName": "Åsa"}),
    ("activity", {"description": "Ring"}, "POST /activities", {"description": "Ring", "isAppointment": 0}),
    ("appointment", {"description": "Möte"}, "POST /appointments", {"description": "Möte", "isAppointment": 1}),
    ("order", {"description": "Ö"}, "POST /orders", {"description": "Ö"}),
]


@pytest.mark.parametrize(("resource", "body", "call", "sent"), CREATES)
def test_what_a_create_sends(resource: Resource, body: dict[str, Any], call: str, sent: dict[str, Any]) -> None:
    stub = Stub({call.partition("?")[0]: ok({"id": 8, **body})})
    answer = stub.upsales().create(permit(stub), resource, body)
    assert (answer.id, answer.status, answer.changed) == (8, 200, {})
    assert stub.calls() == [call]
    assert stub.body() == sent


@pytest.mark.parametrize(
    ("resource", "quiet"), [("order", True), ("event", True), ("agreement", True), ("account", False)]
)
def test_replays_notify_nobody(resource: Resource, quiet: bool) -> None:  # noqa: FBT001 - a table's column
    path = {"order": "/orders", "event": "/events", "agreement": "/agreements", "account": "/accounts"}[resource]
    stub = Stub({f"POST {path}": ok({"id": 1})})
    crm = stub.upsales()
    crm.on_behalf("01E", notify=False).create(permit(stub), resource, {})
    assert stub.body() == ({"notify": False} if quiet else {})
    crm.create(permit(stub), resource, {})
    assert stub.body() == {}


def test_an_update_sends_only_what_it_is_given_and_tells_what_upsales_changed() -> None:
    stub = Stub({"PUT /contacts/4": ok({"id": 4, "firstName": "Åsa", "phone": "070"})})
    answer = stub.upsales().update(permit(stub), "contact", 4, {"firstName": "Åsa", "phone": "070-1"})
    assert stub.calls() == ["PUT /contacts/4?usingFirstnameLastname=true"]
    assert stub.body() == {"firstName": "Åsa", "phone": "070-1"}
    assert answer.changed == {"phone": "070"}


def test_a_subscription_is_updated_whole_with_the_changes_laid_over_it() -> None:
    present = {
        "id": 4,
        "description": "Årsavtal",
        "value": 1200,
        "user": {"id": 1, "name": "Åsa"},
        "client": {"id": 2, "name": "Örebro AB"},
        "stage": {"id": 3, "name": "Order"},
        "contact": None,
        "custom": [{"fieldId": 7, "value": "ab", "valueInteger": None}, {"fieldId": 9, "value": None}],
        "orderRow": [{"id": 6, "product": {"id": 5, "name": "Licens"}, "quantity": 1, "price": 1200, "value": 1200}],
        "metadata": {"periodLength": 12, "agreementIntervalPeriod": 12, "agreementEnddate": None},
    }
    stub = Stub({"GET /agreements/4": ok(present), "PUT /agreements/4": ok(present)})
    stub.upsales().update(permit(stub), "agreement", 4, {"metadata": {"agreementEnddate": "2027-01-31"}})
    assert stub.body() == {
        "description": "Årsavtal",
        "user": {"id": 1},
        "client": {"id": 2},
        "stage": {"id": 3},
        "custom": [{"fieldId": 7, "value": "ab"}],
        "orderRow": [{"id": 6, "product": {"id": 5}, "quantity": 1, "price": 1200}],
        "metadata": {"periodLength": 12, "agreementIntervalPeriod": 12, "agreementEnddate": "2027-01-31"},
    }


def test_a_subscription_that_was_just_read_is_not_read_again() -> None:
    stub = Stub({"PUT /agreements/4": ok({"id": 4})})
    crm = stub.upsales()
    present = {"id": 4, "description": "Årsavtal", "user": {"id": 1, "name": "Åsa"}}
    crm.update(permit(stub), "agreement", 4, {"notes": "Ö"}, present)
    assert stub.calls() == ["PUT /agreements/4"]
    assert stub.body()["description"] == "Årsavtal"
    assert [resource for resource in RESOURCES if crm.whole(resource)] == ["agreement"]


def test_the_scope_holds_in_check_and_again_in_the_write() -> None:
    stub = Stub({"POST /contacts": ok({"id": 1})})
    crm = stub.upsales(scope={"contact": frozenset({"create"})})
    crm.create(permit(stub), "contact", {})
    for refuse in (
        lambda: crm.check("contact", {"phone": "1"}, creating=False),
        lambda: crm.update(permit(stub), "contact", 1, {"phone": "1"}),
        lambda: crm.on_behalf("e").update(permit(stub), "contact", 1, {"phone": "1"}),
    ):
        with pytest.raises(Rejected, match="may not update contact"):
            refuse()
    with pytest.raises(Rejected, match="may not create order"):
        crm.create(permit(stub), "order", {})
    assert len(stub.asked) == 1


OPTING_OUT = {"unsubscribed": "2026-11-23T09:15:00.000Z"}


def test_a_contact_is_opted_out_by_a_call_of_its_own() -> None:
    stub = Stub({"POST /function/unsub": httpx.Response(200, json={"error": None})})
    crm = stub.upsales()
    crm.check("contact", OPTING_OUT, creating=False)
    assert crm.update(permit(stub), "contact", 7, OPTING_OUT).id == 7
    assert (stub.calls(), stub.body()) == (["POST /function/unsub"], {"id": 7})
    assert crm.heard.written == {("contacts", 7)}


def test_an_account_where_nobody_can_be_opted_out_by_key_refuses() -> None:
    stub = Stub({"POST /function/unsub": httpx.Response(404, text="Cannot POST /api/v2/function/unsub")})
    with pytest.raises(Refused, match="does not know POST /function/unsub"):
        stub.upsales().update(permit(stub), "contact", 7, OPTING_OUT)


def test_who_may_update_contacts_may_not_opt_them_out() -> None:
    stub = Stub({})
    crm = stub.upsales(scope={"contact": frozenset({"create", "update"})})
    for refuse in (
        lambda: crm.check("contact", OPTING_OUT, creating=False),
        lambda: crm.update(permit(stub), "contact", 7, OPTING_OUT),
    ):
        with pytest.raises(Rejected, match="may not unsubscribe contact"):
            refuse()
    assert not stub.asked


CONTACT = {"client": {"id": 1}, "email": "åsa@exempel.se"}


@pytest.mark.parametrize(
    ("body", "creating", "said"),
    [
        ({"name": "Å" * 51, **CONTACT}, True, "name is 51 characters long"),
        ({"foo": 1}, False, "foo Unknown field"),
        ({**CONTACT, "custom": [{"fieldId": 9, "value": "många"}]}, True, "custom ANTAL is not a whole number"),
        ({**CONTACT, "custom": [{"fieldId": 77, "value": "x"}]}, True, "custom 77 is no custom field of contact"),
    ],
)
def test_check_says_what_upsales_would_not_keep(body: dict[str, Any], creating: bool, said: str) -> None:  # noqa: FBT001 - a table's column
    with pytest.raises(Rejected, match=said):
        Stub().upsales().check("contact", body, creating=creating)


def test_check_lets_an_update_repeat_what_others_wrote_into_custom_fields() -> None:
    Stub().upsales().check("contact", {"custom": [{"fieldId": 9, "value": "många"}]}, creating=False)


def test_check_names_no_more_problems_than_one_can_read() -> None:
    with pytest.raises(Rejected, match="and 15 more"):
        Stub().upsales().check("contact", {f"fält{number}": 1 for number in range(25)}, creating=False)


def test_whoami_tells_the_account_and_the_keys_own_user() -> None:
    me = {
        "id": 31,
        "email": "relay-1@api.upsales.com",
        "name": "Relä",
        "client": {"id": 4711, "name": "Örebro AB"},
    }
    answer = httpx.Response(200, json={"errors": None, "data": me}, headers={"date": "Mon, 23 Nov 2026 16:00:00 GMT"})
    account = Stub({"GET /self": answer}).upsales().whoami()
    assert (account.id, account.name) == (4711, "Örebro AB")
    assert (account.user_id, account.user_email, account.user_name) == (31, "relay-1@api.upsales.com", "Relä")
    assert account.server_date is not None
    assert account.server_date.isoformat() == "2026-11-23T16:00:00+00:00"


@pytest.mark.parametrize(
    ("data", "customer"),
    [({"id": 1, "clients": [{"id": 9}]}, 9), ({"id": 1, "client": None, "clients": [{"id": 8}, {"id": 9}]}, 8)],
)
def test_whoami_finds_the_customer_in_either_place(data: dict[str, Any], customer: int) -> None:
    assert Stub({"GET /self": ok(data)}).upsales().whoami().id == customer


@pytest.mark.parametrize("data", [None, {}, {"id": None}, {"id": 1}, {"id": 1, "clients": []}, {"id": 1, "client": {}}])
def test_only_a_user_and_a_customer_prove_the_key(data: Any) -> None:
    with pytest.raises(Unavailable):
        Stub({"GET /self": ok(data)}).upsales().whoami()


def test_a_missing_custom_field_is_made_once() -> None:
    definitions: list[dict[str, Any]] = []

    def make(request: httpx.Request) -> httpx.Response:
        definitions.append({"id": 70, **stub.body()})
        return ok(definitions[0])

    stub = Stub({"GET /customfields/order": lambda _: listed(*definitions), "POST /customfields/order": make})
    crm = stub.upsales()
    assert crm.marker_field("order") is None
    assert crm.ensure_custom_field("order", "EXTERNAL_ID") == 70
    assert crm.ensure_custom_field("order", "external_id") == 70
    assert crm.marker_field("order") == "custom.EXTERNAL_ID"
    assert len(stub.calls("POST")) == 1
    assert stub.budget.taken.count(True) == 1
    assert definitions[0]["datatype"] == "String"


def test_a_resource_without_custom_fields_gets_none() -> None:
    with pytest.raises(Rejected, match="no custom fields"):
        Stub().upsales().ensure_custom_field("ticket", "EXTERNAL_ID")


def test_a_refused_custom_field_is_reported() -> None:
    stub = Stub(
        {"GET /customfields/order": listed(), "POST /customfields/order": refused(403, key="NoRight", code=403)}
    )
    with pytest.raises(Refused, match="NoRight"):
        stub.upsales().ensure_custom_field("order", "EXTERNAL_ID")
