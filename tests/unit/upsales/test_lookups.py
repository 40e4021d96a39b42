"""From names to Upsales ids, and how long an answer is believed."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import httpx
import pytest

from tests.upsales_stub import Clock, Stub, listed, ok
from worker.errors import Rejected
from worker.plan import ActivityType, Key, Product, Ref, Reference, Stage, TicketStatus, User
from worker.upsales.lookup_cache import Cache

USERS = [
    {"id": 5, "email": "Åsa.Ek@exempel.se", "name": "Åsa", "active": 1},
    {"id": 3, "email": "borta@exempel.se", "name": "Bo", "active": 0},
    {"id": 4, "email": "bo@exempel.se", "name": "Bo", "active": True},
]
STAGES = [
    {"id": 9, "name": "Order", "probability": 100},
    {"id": 2, "name": "Offert  skickad", "probability": 50},
    {"id": 1, "name": "Gammal", "probability": 50, "exclude": 1},
    {"id": 6, "name": "Förhandling", "probability": 50},
]
TODO = {"TODO": {"id": 10, "name": "Att göra"}, "PHONE_CALL": {"id": 11, "name": "Telefonsamtal"}}
PRODUCTS: list[dict[str, Any]] = [
    {"id": 31, "articleNo": "ÅÄ-1", "active": 0},
    {"id": 32, "articleNo": "ÅÄ-1", "active": 1},
    {"id": 33, "articleNo": "ÅÄ-10", "active": 1},
    {"id": 34, "articleNo": None, "name": "Vinter  plats", "active": 1},
    {"id": 35, "articleNo": None, "name": "Vinter plats", "active": 0},
    {"id": 36, "articleNo": None, "name": "Kaj, lång", "active": 1},
    {"id": 37, "articleNo": None, "name": "Mast", "active": 1},
    {"id": 38, "articleNo": "M-2", "name": "mast", "active": 1},
    {"id": 39, "articleNo": None, "name": "Ramp", "active": 0},
]


def stub() -> Stub:
    def products(request: httpx.Request) -> httpx.Response:
        # Answers too much, as a search index may.
        if "articleNo" not in request.url.params:
            return listed(*[row for row in PRODUCTS if row.get("name")])
        wanted = request.url.params["articleNo"].removeprefix("eq:")
        return listed(*[row for row in PRODUCTS if str(row["articleNo"]).startswith(wanted)])

    return Stub(
        {
            "GET /users": listed(*USERS),
            "GET /orderstages": listed(*STAGES),
            "GET /todoTypes": httpx.Response(200, json=TODO),
            "GET /activitytypes/activity": listed({"id": 20, "name": "Kundbesök"}),
            "GET /activitytypes/appointment": listed({"id": 42, "name": "Webbmöte"}, {"id": 41, "name": "Möte"}),
            "GET /ticketStatus": listed({"id": 51, "name": "Ny"}, {"id": 52, "name": "Löst"}),
            "GET /products": products,
        }
    )


RESOLVED: list[tuple[Reference, int]] = [
    (Ref(77), 77),
    (User("åsa.ek@EXEMPEL.se "), 5),
    (User("okänd@exempel.se", fallback="bo@exempel.se"), 4),
    (User("åsa.ek@exempel.se", fallback="bo@exempel.se"), 5),
    (Stage("order"), 9),
    (Stage("OFFERT SKICKAD"), 2),
    (Stage(probability=50), 2),
    (Stage("Avslutad - order", probability=100), 9),
    (Stage("förhandling", probability=100), 6),
    (Stage(probability=100, below=True), 2),
    (ActivityType("activity"), 10),
    (ActivityType("activity", "telefonsamtal"), 11),
    (ActivityType("activity", "kundbesök"), 20),
    (TicketStatus("löst"), 52),
    (ActivityType("appointment"), 41),
    (ActivityType("appointment", "webbmöte"), 42),
    (Product("ÅÄ-1"), 32),
    (Product("ÅÄ-1", name="Mast"), 32),
    (Product(None, name="vinter plats"), 34),
    (Product(None, name="Kaj, lång"), 36),
]


@pytest.mark.parametrize(("reference", "number"), RESOLVED, ids=str)
def test_a_reference_becomes_an_id(reference: Reference, number: int) -> None:
    assert stub().upsales().resolve(reference) == number


UNRESOLVED: list[tuple[Reference, str]] = [
    (User("asa.ek@exempel.se"), "near it: Åsa.Ek@exempel.se"),
    (User("borta@exempel.se"), "no active user"),
    (User("okänd@exempel.se", fallback="borta@exempel.se"), "e-mail address 'borta@exempel.se'"),
    (Stage("Offert skickat"), "near it: Offert  skickad"),
    (Stage("Gammal"), "no order stage named 'Gammal'"),
    (Stage("Gammal", probability=75), "no order stage named 'Gammal', nor one of 75 %"),
    (Stage(probability=50, below=True), r"no active order stage between 0 and 50 %; there is Order"),
    (Stage(probability=75), r"there is Order \(100 %\), Offert"),
    (ActivityType("activity", "Lunch"), "there is Kundbesök"),
    (TicketStatus("Lost"), "no ticket status named 'Lost'; near it: Löst"),
    (ActivityType("appointment", "Möten"), "near it: Möte"),
    (Product("saknas"), "set a fallback"),
    (Product(None), "no product"),
    (Product(None, name="Mast"), "no product, or several, named 'Mast'"),
    (Product(None, name="Ramp"), "no product, or several, named 'Ramp'"),
    (Key("account", "k1"), "not looked up"),
]


@pytest.mark.parametrize(("reference", "said"), UNRESOLVED, ids=str)
def test_what_does_not_exist_is_rejected_with_what_does(reference: Reference, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        stub().upsales().resolve(reference)


def test_a_custom_field_is_found_by_its_alias_ignoring_case() -> None:
    crm = stub().upsales()
    assert crm.custom_field("order", "External_ID").id == 7
    with pytest.raises(Rejected, match="near it: EXTERNAL_ID"):
        crm.custom_field("order", "EXTERNALID")
    with pytest.raises(Rejected, match="ticket has no custom field"):
        crm.custom_field("ticket", "EXTERNAL_ID")


def test_what_was_found_is_believed_for_five_minutes_by_every_view() -> None:
    upsales = stub()
    crm = upsales.upsales()
    crm.resolve(User("bo@exempel.se"))
    upsales.clock.now += 299
    crm.on_behalf("01E").resolve(User("bo@exempel.se"))
    assert len(upsales.asked) == 1
    upsales.clock.now += 1
    crm.resolve(User("bo@exempel.se"))
    assert len(upsales.asked) == 2


def test_what_was_missing_is_believed_for_ten_seconds() -> None:
    """Whoever makes it in Upsales, and replays what died for want of it, has not to wait."""
    upsales = stub()
    crm = upsales.upsales()
    for later, asked in ((0, 1), (9, 1), (1, 2), (9, 2), (1, 3)):
        upsales.clock.now += later
        with pytest.raises(Rejected):
            crm.resolve(User("ny@exempel.se"))
        assert len(upsales.asked) == asked


def test_an_option_is_noticed_within_ten_seconds_of_being_added() -> None:
    def field(*options: str) -> dict[str, object]:
        return {"id": 7, "alias": "SEGMENT", "datatype": "Select", "default": options}

    upsales = Stub({"GET /customfields/order": listed(field("Guld"))})
    crm = upsales.upsales()

    def options() -> tuple[str, ...]:
        return crm.custom_field("order", "SEGMENT", suits=lambda found: "Silver" in found.options).options

    assert options() == ("Guld",)
    upsales.answers["GET /customfields/order"] = listed(field("Guld", "Silver"))
    upsales.clock.now += 9
    assert (options(), len(upsales.asked)) == (("Guld",), 1)
    upsales.clock.now += 1
    assert (options(), len(upsales.asked)) == (("Guld", "Silver"), 2)


def test_a_missing_marker_field_is_noticed_within_ten_seconds_of_being_made() -> None:
    upsales = Stub({"GET /customfields/order": listed()})
    crm = upsales.upsales()
    assert crm.marker_field("order") is None
    upsales.answers["GET /customfields/order"] = listed({"id": 7, "alias": "EXTERNAL_ID"})
    upsales.clock.now += 9
    assert crm.marker_field("order") is None
    upsales.clock.now += 1
    assert crm.marker_field("order") == "custom.EXTERNAL_ID"


def test_a_long_list_is_read_to_its_end() -> None:
    rows = [{"id": number, "email": f"användare{number}@exempel.se"} for number in range(2300)]

    def page(request: httpx.Request) -> httpx.Response:
        offset, limit = int(request.url.params["offset"]), int(request.url.params["limit"])
        return listed(*rows[offset : offset + limit], total=len(rows))

    upsales = Stub({"GET /users": page})
    assert upsales.upsales().resolve(User("användare2299@exempel.se")) == 2299
    assert len(upsales.asked) == 3


def test_a_list_that_ignores_paging_is_read_twice_and_no_more() -> None:
    rows = [{"id": number, "email": f"u{number}@exempel.se"} for number in range(1000)]
    upsales = Stub({"GET /users": ok(rows)})
    with pytest.raises(Rejected):
        upsales.upsales().resolve(User("ingen@exempel.se"))
    assert len(upsales.asked) <= 2


def test_a_failed_look_up_is_not_remembered() -> None:
    cache, answers = Cache(Clock()), iter([OSError("bruten"), ["åter"]])

    def load() -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(OSError, match="bruten"):
        cache.find("k", load, bool)
    assert cache.find("k", load, lambda rows: rows[0]) == "åter"


def test_threads_that_want_the_same_share_one_question() -> None:
    cache, gate, asked = Cache(Clock()), threading.Event(), []

    def load() -> list[int]:
        asked.append(1)
        gate.wait(5)
        return [7]

    found: list[int | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(cache.find("k", load, lambda rows: rows[0]))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert found == [7] * 8
    assert asked == [1]


def test_the_cache_does_not_grow_without_end() -> None:
    cache = Cache(Clock())
    for number in range(25_000):
        cache.find(number, lambda: [1], bool)
    assert len(cache) == 10_000


def test_questions_without_an_answer_leave_nothing() -> None:
    cache = Cache(Clock())

    def load() -> Any:
        raise OSError("bruten")

    for number in range(10):
        with pytest.raises(OSError, match="bruten"):
            cache.find(number, load, bool)
    assert len(cache) == 0


def test_the_answers_that_were_wanted_last_stay() -> None:
    cache = Cache(Clock(), most=3)
    asked: list[str] = []

    def load(name: str) -> list[str]:
        asked.append(name)
        return [name]

    for name in ("å", "ä", "ö", "å", "x", "å", "ö", "ä"):
        cache.find(name, partial(load, name), bool)
    assert asked == ["å", "ä", "ö", "x", "ä"]
    assert cache.kept("x") is None


def test_each_read_keeps_the_lease_first() -> None:
    stub, kept = Stub({"GET /users": listed(*USERS)}), []
    crm = stub.upsales().on_behalf("01E", keep_lease=lambda: kept.append(len(stub.asked)))
    for _ in range(2):
        crm.resolve(User("bo@exempel.se"))
    crm.custom_field("account", "ANTAL")
    assert kept == [0, 1]


def test_questions_that_the_cache_answered_are_counted_until_they_are_told() -> None:
    cache = Cache(Clock())
    for _ in range(3):
        cache.find("users", lambda: ["Åsa"], lambda names: names[0])
    cache.find("stages", lambda: ["Offert"], lambda names: names[0])
    assert (cache.spared(), cache.spared()) == (2, 0)


def test_a_write_tells_the_budget_what_was_spared_and_how_urgent_it_is() -> None:
    stub = Stub({"GET /users": listed(*USERS)})
    crm = stub.upsales().on_behalf("01E", priority=True)
    for _ in range(3):
        crm.resolve(User("bo@exempel.se"))
    crm.admit()
    assert (stub.budget.urgent, stub.budget.spared) == ([True, True], 2)


def test_own_domains_are_those_of_active_users_who_have_no_private_mail() -> None:
    rows = [
        {"id": 1, "email": "Åsa@Mail.Exempel.se", "active": 1},
        {"id": 2, "email": "bo@exempel.se", "active": True},
        {"id": 3, "email": "cia@gmail.com", "active": 1},
        {"id": 4, "email": "borta@annan.se", "active": 0},
        {"id": 5, "email": None, "active": 1},
        {"id": 6, "active": 1},
    ]
    there = Stub({"GET /users": listed(*rows)})
    upsales = there.upsales()
    assert upsales.own_domains() == {"exempel.se"}
    assert upsales.own_domains() is upsales.own_domains(), "worked out anew for each event"
    assert len(there.calls()) == 1


def test_own_domains_are_those_of_the_users_that_there_are_now() -> None:
    there = Stub({"GET /users": listed({"id": 1, "email": "bo@exempel.se", "active": 1})})
    upsales = there.upsales()
    assert upsales.own_domains() == {"exempel.se"}
    there.answers["GET /users"] = listed({"id": 2, "email": "cia@annan.se", "active": 1})
    there.clock.now += 301
    assert upsales.own_domains() == {"annan.se"}
