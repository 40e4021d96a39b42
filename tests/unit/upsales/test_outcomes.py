"""Every way a call can end, for reads and for writes: the class of the failure decides what happens to the event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.upsales_stub import Budget, Stub, ok, permit, refused
from worker.errors import (
    Failure,
    Gone,
    OutcomeUnknown,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)

ACCOUNT = {"name": "Åkeri & Söner AB"}


def read(stub: Stub) -> Any:
    return stub.upsales().get("account", 12)


def search(stub: Stub) -> Any:
    return stub.upsales().visible("account", 12)


def create(stub: Stub) -> Any:
    return stub.upsales().create(permit(stub), "account", ACCOUNT)


def update(stub: Stub) -> Any:
    return stub.upsales().update(permit(stub), "account", 12, ACCOUNT)


CALLS: dict[str, tuple[Callable[[Stub], Any], str]] = {
    "get": (read, "GET /accounts/12"),
    "search": (search, "GET /accounts"),
    "create": (create, "POST /accounts"),
    "update": (update, "PUT /accounts/12"),
}


def text(status: int, body: str, kind: str = "text/html; charset=utf-8") -> httpx.Response:
    return httpx.Response(status, content=body.encode(), headers={"content-type": kind})


def json(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


PAGE = "<html><body>502 Bad Gateway ö</body></html>"
UNKNOWN_ROUTE = "<!DOCTYPE html><pre>Cannot {method} /api/v2{path}</pre>"

# answer → failure of get, search, create, update
ANSWERS: dict[str, tuple[httpx.Response, tuple[type[Failure], ...]]] = {
    "bad key": (text(401, "Unauthorized", "text/plain"), (Unauthorized,) * 4),
    "bad key as a page": (text(401, "<h1>401</h1>"), (Unauthorized,) * 4),
    "401 as JSON": (refused(401, key="InvalidStatusChange", code=401, msg="nej"), (Refused,) * 4),
    "400": (refused(400, key="FailedValidation", code=400, errorCode=26, msg="No such attribute: å"), (Refused,) * 4),
    "403": (refused(403, key="ProductOrChildCategoryExist", code=403, msg="används"), (Refused,) * 4),
    "404": (refused(404, key="NotFound", code=404, msg="finns ej"), (Gone, Refused, Refused, Gone)),
    "404 without a body": (text(404, ""), (Gone, Unavailable, OutcomeUnknown, Gone)),
    "404 of a proxy": (text(404, "<h1>nginx</h1>"), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "4xx JSON without an error": (json(400, {"message": "nej"}), (Refused,) * 4),
    "429": (refused(429, key="ThrottleLimit", code=429, errorCode=4, msg="Too many requests"), (Throttled,) * 4),
    "429 as a page": (text(429, PAGE), (Throttled,) * 4),
    "session throttle": (refused(403, key="SessionWriteLimit", errorCode=177), (Throttled,) * 4),
    "500": (refused(500, key="ServerError", code=500, errorCode=3, msg="Server error"),
            (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "502 page": (text(502, PAGE), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "503 page": (text(503, PAGE), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "504 JSON": (json(504, {}), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "302": (text(302, "", "text/plain"), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "302 JSON": (json(302, {}), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "403 page of a firewall": (text(403, PAGE), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 page": (text(200, PAGE), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 empty": (text(200, "", "application/json"), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 cut JSON": (text(200, '{"error": null, "da', "application/json"),
                     (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 JSON nested without end": (text(200, "[" * 100_000, "application/json"),
                                    (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 with a refusal": (json(200, {"error": {"key": "FailedValidation", "code": 400, "msg": "nej"}}), (Refused,) * 4),
    "200 with a refusal without code": (json(200, {"error": {"key": "InvaildCreditRating"}}), (Refused,) * 4),
    "200 with not found": (json(200, {"error": {"key": "NotFound", "code": 404}}), (Gone, Refused, Refused, Gone)),
    "200 with throttle": (json(200, {"error": {"key": "ThrottleLimit", "code": 429}}), (Throttled,) * 4),
    "200 with server error": (json(200, {"error": {"key": "ServerError", "errorCode": 3}}),
                              (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 with an error code of 500": (json(200, {"error": {"key": "Odd", "code": 500}}),
                                      (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 with an error nobody can read": (json(200, {"error": True}),
                                          (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 without data": (json(200, {"error": None}), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 with data that is no record": (json(200, {"error": None, "data": "ok"}),
                                        (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
    "200 with a bare array": (json(200, ["ok"]), (Unavailable, Unavailable, OutcomeUnknown, OutcomeUnknown)),
}  # fmt: skip


@pytest.mark.parametrize("call", range(4), ids=CALLS)
@pytest.mark.parametrize("name", ANSWERS)
def test_the_failure_of_each_answer(name: str, call: int) -> None:
    answer, failures = ANSWERS[name]
    run, route = list(CALLS.values())[call]
    with pytest.raises(Failure) as caught:
        run(Stub({route: answer}))
    assert type(caught.value) is failures[call]
    assert caught.value.status == answer.status_code
    assert caught.value.duration == 0.0


@pytest.mark.parametrize("call", CALLS)
def test_a_page_that_does_not_know_the_route_says_that_an_add_on_may_be_missing(call: str) -> None:
    run, route = CALLS[call]
    method, _, path = route.partition(" ")
    stub = Stub({route: text(404, UNKNOWN_ROUTE.format(method=method, path=path))})
    with pytest.raises(Refused, match="add-on"):
        run(stub)


NOT_SENT = [
    httpx.ConnectError("[Errno 111] Connection refused"),
    httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"),
    httpx.ConnectTimeout("timed out"),
    httpx.PoolTimeout("no free connection"),
    httpx.LocalProtocolError("Illegal header value"),
    httpx.UnsupportedProtocol("no scheme"),
    httpx.InvalidURL("no host"),
]
SENT = [
    httpx.ReadTimeout("timed out"),
    httpx.WriteTimeout("timed out"),
    httpx.ReadError("reset by peer"),
    httpx.WriteError("broken pipe"),
    httpx.CloseError("close"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.DecodingError("not gzip"),
    httpx.StreamClosed(),
]


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def respond(request: httpx.Request) -> httpx.Response:
        raise error

    return respond


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", NOT_SENT, ids=repr)
def test_what_never_left_is_certainly_not_done(error: Exception, call: str) -> None:
    run, route = CALLS[call]
    with pytest.raises(Unavailable, match="was not sent") as caught:
        run(Stub({route: raising(error)}))
    assert not caught.value.persistent


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", SENT, ids=repr)
def test_what_left_without_an_answer_is_unknown_for_writes_only(error: Exception, call: str) -> None:
    run, route = CALLS[call]
    with pytest.raises(OutcomeUnknown if call in {"create", "update"} else Unavailable, match="got no answer"):
        run(Stub({route: raising(error)}))


def test_nothing_is_sent_after_the_deadline() -> None:
    stub = Stub()
    crm, late = stub.upsales(), permit(stub)
    stub.clock.now = late.deadline
    with pytest.raises(Unavailable, match="was not sent"):
        crm.create(late, "account", ACCOUNT)
    with pytest.raises(Unavailable, match="was not sent"):
        crm.update(late, "account", 12, ACCOUNT)
    assert stub.asked == []


def test_the_timeouts_of_a_call_fit_into_what_is_left_of_its_deadline() -> None:
    stub = Stub({"POST /accounts": ok({"id": 1})})
    crm, granted = stub.upsales(), permit(stub)
    stub.clock.now += 17
    crm.create(granted, "account", ACCOUNT)
    assert stub.asked[0].extensions["timeout"] == {"connect": 3, "read": 3, "write": 3, "pool": 3}


@pytest.mark.parametrize(
    ("reset", "seconds"), [("7", 7.0), ("0.5", 0.5), ("0", 2.0), ("-2", 2.0), (None, 2.0), ("snart", 2.0), ("nan", 2.0)]
)
def test_a_throttled_call_says_when_to_come_again(reset: str | None, seconds: float) -> None:
    answer = refused(429, key="ThrottleLimit", code=429)
    if reset is not None:
        answer.headers["X-RateLimit-Reset"] = reset
    with pytest.raises(Throttled) as caught:
        read(Stub({"GET /accounts/12": answer}))
    assert caught.value.seconds == seconds


@pytest.mark.parametrize(
    ("answer", "persistent"),
    [
        (refused(500, key="ServerError", code=500, errorCode=3), True),
        (refused(500, code=500, errorCode=3), True),
        (refused(503, key="Busy", code=503), False),
        (text(502, PAGE), False),
    ],
)
def test_only_upsales_own_server_error_counts_as_persistent(answer: httpx.Response, persistent: bool) -> None:  # noqa: FBT001 - a table's column
    with pytest.raises(Unavailable) as caught:
        read(Stub({"GET /accounts/12": answer}))
    assert caught.value.persistent is persistent


def test_a_refusal_is_in_upsales_own_words_bounded_and_printable() -> None:
    answer = refused(400, key="FailedValidation", code=400, msg="Namn saknas å\n\x1b[31m" + "ö" * 5000)
    with pytest.raises(Refused) as caught:
        create(Stub({"POST /accounts": answer}))
    said = str(caught.value)
    assert said.startswith("Upsales answered 400 to POST /accounts: Namn saknas å  [31mööö")
    assert len(said) < 400
    assert said.isprintable()


def test_the_rate_headers_of_every_answer_are_learnt() -> None:
    answer = refused(400, key="FailedValidation", code=400)
    answer.headers.update({"X-RateLimit-Remaining": "199", "X-RateLimit-Reset": "-2", "X-Powered-By": "Express"})
    stub = Stub({"POST /accounts": answer})
    with pytest.raises(Refused):
        create(stub)
    assert stub.budget.learnt == [{"x-ratelimit-remaining": "199", "x-ratelimit-reset": "-2"}]


def test_reads_are_taken_out_of_the_budget_and_journalled_under_their_event() -> None:
    stub = Stub({"GET /accounts/12": ok({"id": 12}), "GET /accounts/13": refused(404, key="NotFound", code=404)})
    crm = stub.upsales().on_behalf("01EVENT")
    crm.get("account", 12)
    with pytest.raises(Gone):
        crm.get("account", 13)
    assert stub.budget.taken == [False, False]
    assert [(r.event, r.method, r.what, r.record_id, r.status, bool(r.error)) for r in stub.journal.reads] == [
        ("01EVENT", "GET", "account", 12, 200, False),
        ("01EVENT", "GET", "account", 13, 404, True),
    ]


def test_a_read_that_gets_no_budget_is_not_sent() -> None:
    stub = Stub(budget=Budget(full=True))
    with pytest.raises(Throttled):
        stub.upsales().get("account", 1)
    assert stub.asked == []


def test_admit_takes_one_write_and_gives_it_the_call_timeout() -> None:
    stub = Stub()
    granted = stub.upsales(stub.http(call_timeout=20)).admit()
    assert granted.deadline == stub.clock() + 20
    assert stub.budget.taken == [True]
