"""The token endpoint of a neighbour keeps the rules of OAuth 2."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import Client

from tests.fakes.thin_sender import contract, source_of
from worker.devkit.neighbour import Grants, Neighbour
from worker.sdk.source import OAuth2

CLIENT = {"authorization": "Basic " + base64.b64encode(b"cid:csec").decode()}
BACK = "http://127.0.0.1:9/back"


def _grants(**given: Any) -> tuple[Grants, list[float]]:
    clock = [1000.0]
    usual: dict[str, Any] = {
        "token_url": "https://auth.thin.example/oauth/token",
        "authorize_url": "https://auth.thin.example/oauth/authorize",
        "grant": "refresh_token",
        "rotates": True,
    }
    return Grants(OAuth2(**{**usual, **given}), lambda: clock[0], client="cid:csec"), clock


def _refresh(of: Grants, token: str) -> Any:
    return of.token({"grant_type": "refresh_token", "refresh_token": token}, CLIENT)


def test_client_credentials_with_the_tenant_and_fields_that_it_wants() -> None:
    of, clock = _grants(grant="client_credentials", tenant_header="TenantId", fields={"audience": "x"})
    form = {"grant_type": "client_credentials", "audience": "x"}
    assert of.token(form, CLIENT).status == 400
    assert of.token({"grant_type": "client_credentials"}, CLIENT | {"tenantid": "7"}).status == 400
    given = of.token(form, CLIENT | {"tenantid": "7"})
    assert given.status == 200
    assert "refresh_token" not in given.json
    assert of.is_granted(given.json["access_token"])
    clock[0] += 3601
    assert not of.is_granted(given.json["access_token"])
    assert of.asked["client_credentials"] == 3


def test_the_client_must_be_known_where_the_endpoint_wants_it() -> None:
    of, _ = _grants(grant="client_credentials")
    wrong = {"authorization": "Basic " + base64.b64encode(b"cid:no").decode()}
    assert of.token({"grant_type": "client_credentials"}, wrong).json == {"error": "invalid_client"}
    assert of.token({"grant_type": "client_credentials"}, {}).status == 401
    in_body, _ = _grants(grant="client_credentials", client="body")
    form = {"grant_type": "client_credentials", "client_id": "cid", "client_secret": "csec"}
    assert in_body.token(form, {}).status == 200
    assert in_body.token({"grant_type": "client_credentials"}, CLIENT).status == 401


def test_a_refresh_token_that_rotates_counts_once_and_its_second_use_ends_the_grant() -> None:
    of, _ = _grants()
    first = of.refresh_token()
    other = of.refresh_token()
    second = _refresh(of, first).json["refresh_token"]
    assert second != first
    assert _refresh(of, first).json == {"error": "invalid_grant"}
    assert _refresh(of, second).json == {"error": "invalid_grant"}
    assert _refresh(of, other).status == 200


def test_a_refresh_token_that_does_not_rotate_stays() -> None:
    of, _ = _grants(rotates=False)
    token = of.refresh_token()
    assert [_refresh(of, token).json["refresh_token"] for _ in range(2)] == [token, token]
    of.revoke_all()
    assert _refresh(of, token).status == 400


def test_a_code_is_exchanged_once_by_whoever_asked_for_it() -> None:
    of, _ = _grants()
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"response_type": "code", "redirect_uri": BACK, "state": "s", "code_challenge": challenge}
    assert of.authorize(asked).status == 400
    asked |= {"code_challenge_method": "S256"}

    def code() -> str:
        location = of.authorize(asked).location
        assert location is not None
        query = parse_qs(urlsplit(location).query)
        assert query["state"] == ["s"]
        return query["code"][0]

    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": verifier}
    assert of.token(form | {"code": code(), "code_verifier": "w" * 43}, CLIENT).status == 400
    assert of.token(form | {"code": code(), "redirect_uri": "http://evil.example"}, CLIENT).status == 400
    ours = form | {"code": code()}
    given = of.token(ours, CLIENT)
    assert of.is_granted(given.json["access_token"])
    assert _refresh(of, given.json["refresh_token"]).status == 200
    assert of.token(ours, CLIENT).json == {"error": "invalid_grant"}


def test_a_neighbour_answers_at_the_paths_of_its_token_endpoint() -> None:
    sign = OAuth2(token_url="https://auth.thin.example/oauth/token", grant="client_credentials")
    of = Neighbour(source_of(sign), token="cid:csec")
    of.things.put("contract", "c1", contract(1))
    client = Client(of)
    given = client.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=CLIENT)
    headers = {"Authorization": f"Bearer {given.get_json()['access_token']}", "X-Api-Version": "1"}
    path = "/contracts/c1?expand=parties"
    assert client.get(path, headers=headers).status_code == 200
    assert of.grants is not None
    of.grants.revoke_access()
    assert client.get(path, headers=headers).status_code == 401
    assert of.count() == 2
