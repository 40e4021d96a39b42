"""The API key: where it goes, and where it never shows."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import httpx
import pytest

from tests.upsales_stub import KEY, Respond, Stub, ok, permit, refused
from worker.errors import Failure

FORMS = {KEY, quote(KEY), quote(KEY, safe=""), quote_plus(KEY)}


def echoing(request: httpx.Request) -> httpx.Response:
    return refused(400, key="FailedValidation", code=400, msg=f"Fel i {request.url} {KEY}")


def raising(kind: type[httpx.TransportError]) -> Callable[[httpx.Request], httpx.Response]:
    def respond(request: httpx.Request) -> httpx.Response:
        raise kind(f"failed: {request.url} {request.headers.get('cookie')} {KEY}", request=request)

    return respond


ENDS: dict[str, httpx.Response | Respond] = {
    "accepted": ok({"id": 1}),
    "echoed": echoing,
    "page": httpx.Response(502, text="<html>"),
    "read timeout": raising(httpx.ReadTimeout),
    "bad header": raising(httpx.LocalProtocolError),
    "dropped": raising(httpx.RemoteProtocolError),
}


@pytest.mark.parametrize("auth", ["query", "cookie"])
@pytest.mark.parametrize("end", ENDS)
def test_the_key_is_in_no_log_exception_or_repr(end: str, auth: str, caplog: pytest.LogCaptureFixture) -> None:
    for name in (None, "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    stub = Stub({"POST /accounts": ENDS[end], "GET /self": ENDS[end]})
    crm = stub.upsales(stub.http(auth=auth))
    shown = [repr(crm), repr(crm.http), repr(vars(crm.http))]
    for run in (crm.whoami, lambda: crm.create(permit(stub), "account", {"name": "Örebro Åkeri"})):
        try:
            shown.append(repr(run()))
        except Failure as failure:
            shown += ["".join(traceback.format_exception(failure)), repr(failure), repr(vars(failure))]
            shown.append(repr(failure.__context__))
    shown += [f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records]
    assert len(stub.asked) == 2
    assert not [text for text in shown for form in FORMS if form in text]


def test_the_key_goes_out_as_the_documented_parameter_beside_other_parameters() -> None:
    stub = Stub({"GET /contacts": ok([])})
    stub.upsales().visible("contact", 4)
    assert stub.asked[0].url.params["token"] == KEY
    assert stub.calls() == ["GET /contacts?id=eq:4&limit=1000"]
    assert "cookie" not in stub.asked[0].headers


def test_the_key_can_go_out_as_a_cookie_and_then_is_in_no_url() -> None:
    stub = Stub({"GET /accounts/1": ok({"id": 1})})
    stub.upsales(stub.http("abc+/=å;", auth="cookie")).get("account", 1)
    assert stub.asked[0].headers["cookie"] == "token=abc+/=%C3%A5%3B"
    assert "token" not in stub.asked[0].url.params


def test_no_redirect_is_followed_and_no_cookie_kept() -> None:
    away = httpx.Response(200, json={"data": {"id": 1}}, headers={"set-cookie": "token=annans; Path=/"})
    stub = Stub(
        {"GET /accounts/1": away, "GET /accounts/2": httpx.Response(307, headers={"location": "http://evil.example/"})}
    )
    crm = stub.upsales()
    crm.get("account", 1)
    with pytest.raises(Failure):
        crm.get("account", 2)
    assert [request.headers.get("cookie") for request in stub.asked] == [None, None]
    assert len(stub.asked) == 2


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_nothing_but_reading_making_and_changing_ever_leaves(method: str) -> None:
    """Whatever a key may do: the last step before the wire lets nothing else through."""
    stub = Stub()
    crm = stub.upsales()
    with pytest.raises(httpx.UnsupportedProtocol, match=f"{method} is never sent"):
        crm.http._client.request(method, "/accounts/1")
    assert stub.asked == []
