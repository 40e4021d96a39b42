"""Faults on purpose: what the client sees, and what took effect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox_playground import Playground
from web.sandbox import Dropped


def accounts(sandbox: Playground) -> list[str]:
    state = sandbox.control("GET", "/state?account=1&resource=accounts")
    return [row["name"] for row in state["accounts"]["1"]["records"].get("accounts", [])]


def last_call(sandbox: Playground) -> Any:
    return sandbox.control("GET", "/calls?limit=1")["calls"][0]


@pytest.mark.parametrize(
    ("rule", "status", "start", "commits"),
    [
        ({"kind": "error_before_commit"}, 500, '{"error":{"key":"ServerError","code":500,"errorCode":3', False),
        ({"kind": "error_after_commit"}, 500, '{"error":{"key":"ServerError"', True),
        ({"kind": "html_200"}, 200, "<!DOCTYPE html>", False),
        ({"kind": "html_200", "commits": True}, 200, "<!DOCTYPE html>", True),
        ({"kind": "html_502"}, 502, "<!DOCTYPE html>", False),
        ({"kind": "html_502", "commits": True}, 502, "<!DOCTYPE html>", True),
        ({"kind": "error_200"}, 200, '{"error":{"key":"ServerError"', False),
        ({"kind": "throttle"}, 429, '{"error":{"key":"ThrottleLimit"', False),
        ({"kind": "outage", "seconds": 5}, 503, "<!DOCTYPE html>", False),
    ],
)
def test_answers_that_are_not_the_truth(
    sandbox: Playground, rule: dict[str, Any], status: int, start: str, *, commits: bool
) -> None:
    sandbox.control("POST", "/faults", rule)
    response = sandbox.post("/accounts", {"name": "Ö"})
    assert (response.status_code, accounts(sandbox)) == (status, ["Ö"] if commits else [])
    assert response.text.startswith(start)
    assert (last_call(sandbox)["fault"], last_call(sandbox)["committed"] is not None) == (rule["kind"], commits)


@pytest.mark.parametrize(
    ("rule", "commits"),
    [
        ({"kind": "drop_before_commit"}, False),
        ({"kind": "drop_after_commit"}, True),
        ({"kind": "outage", "seconds": 5, "drop": True}, False),
    ],
)
def test_connections_closed_without_an_answer(sandbox: Playground, rule: dict[str, Any], *, commits: bool) -> None:
    sandbox.control("POST", "/faults", rule)
    with pytest.raises(Dropped):
        sandbox.post("/accounts", {"name": "Ö"})
    assert accounts(sandbox) == (["Ö"] if commits else [])
    call = last_call(sandbox)
    assert (call["status"], call["id"]) == (None, 1 if commits else None)


def test_a_late_commit_takes_effect_after_the_client_gave_up(sandbox: Playground) -> None:
    sandbox.control("POST", "/faults", {"kind": "late_commit", "seconds": 30, "count": 1})
    with pytest.raises(Dropped):
        sandbox.post("/accounts", {"name": "Sen"})
    assert sandbox.control("GET", "/state")["late_commits"] == 1
    sandbox.clock.now += 29
    assert sandbox.account(name="Före")["id"] == 1
    sandbox.clock.now += 5
    assert accounts(sandbox) == ["Före", "Sen"]
    late = sandbox.control("GET", "/calls")["calls"][0]
    assert (late["status"], late["id"], late["committed"] - late["time"]) == (None, 2, 30)
    shown: Any = sandbox.get("/accounts/2").json
    assert shown["data"]["regDate"] == "2025-11-07T12:00:30.000Z"


def test_delays_before_and_after_the_commit(sandbox: Playground) -> None:
    rules = [{"kind": "delay_before_commit", "seconds": 7}, {"kind": "delay_after_commit", "seconds": 3}]
    sandbox.control("POST", "/faults", rules)
    account = sandbox.account()
    assert sandbox.clock.slept == [7, 3]
    assert account["regDate"] == "2025-11-07T12:00:07.000Z"
    assert last_call(sandbox)["fault"] == "delay_before_commit+delay_after_commit"


def test_a_delay_holds_a_connection_before_it_is_dropped(sandbox: Playground) -> None:
    sandbox.control("POST", "/faults", [{"kind": "delay_after_commit", "seconds": 3}, {"kind": "drop_after_commit"}])
    with pytest.raises(Dropped):
        sandbox.post("/accounts", {"name": "Ö"})
    assert sandbox.clock.slept == [3]


def test_rate_limit_headers_can_be_left_out(sandbox: Playground) -> None:
    sandbox.control("POST", "/faults", {"kind": "no_rate_headers"})
    response = sandbox.get("/self")
    assert response.status_code == 200
    assert not [name for name, _ in response.headers if name.startswith("X-RateLimit")]


def test_an_outage_ends(sandbox: Playground) -> None:
    sandbox.control("POST", "/faults", {"kind": "outage", "seconds": 5})
    assert sandbox.get("/self").status_code == 503
    sandbox.clock.now += 5
    assert sandbox.get("/self").status_code == 200


@pytest.mark.parametrize(
    ("narrowed", "statuses"),
    [
        ({"method": "POST"}, [500, 200, 500]),
        ({"method": "get"}, [200, 500, 200]),
        ({"resource": "accounts"}, [500, 500, 200]),
        ({"resource": "Projects", "method": "POST"}, [200, 200, 500]),
        ({"key": "forms"}, [200, 200, 200]),
        ({"count": 1}, [500, 200, 200]),
        ({"skip": 1, "count": 1}, [200, 500, 200]),
        ({"probability": 0}, [200, 200, 200]),
    ],
)
def test_what_narrows_a_rule(sandbox: Playground, narrowed: dict[str, Any], statuses: list[int]) -> None:
    sandbox.control("POST", "/faults", {"kind": "error_after_commit", **narrowed})
    calls = [
        sandbox.post("/accounts", {"name": "Ö"}),
        sandbox.get("/accounts"),
        sandbox.post("/projects", {"name": "Ä"}),
    ]
    assert [response.status_code for response in calls] == statuses


def test_the_same_seed_makes_the_same_faults() -> None:
    def statuses(seed: int) -> list[int]:
        sandbox = Playground(seed=seed)
        sandbox.control("POST", "/faults", {"kind": "html_502", "probability": 0.5})
        return [sandbox.get("/self").status_code for _ in range(12)]

    assert statuses(3) == statuses(3)
    assert statuses(3) != statuses(4)
    assert set(statuses(3)) == {200, 502}


def test_rules_can_be_listed_and_taken_back(sandbox: Playground) -> None:
    rules = [{"kind": "throttle", "method": "POST"}, {"kind": "html_200", "probability": 1}]
    first, second = sandbox.control("POST", "/faults", rules)["faults"]
    sandbox.get("/self")
    listed = sandbox.control("GET", "/faults")["faults"]
    assert [(rule["id"], rule["kind"], rule["struck"]) for rule in listed] == [
        (first, "throttle", 0),
        (second, "html_200", 1),
    ]
    sandbox.control("DELETE", f"/faults/{second}")
    assert sandbox.get("/self").mimetype == "application/json"
    sandbox.control("DELETE", "/faults")
    assert sandbox.control("GET", "/faults") == {"faults": []}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "unknown kind None"),
        ({"kind": "meteor"}, "drop_after_commit"),
        ({"kind": "throttle", "chance": 1}, "unknown field 'chance'"),
        ({"kind": "throttle", "probability": "ofta"}, "probability is a number"),
        ({"kind": "throttle", "seconds": -1}, "seconds is a number, 0 or more"),
        ("throttle", "a rule is an object"),
    ],
)
def test_a_bad_rule_is_one_clear_line(sandbox: Playground, rule: Any, said: str) -> None:
    answer = sandbox.control("POST", "/faults", rule)
    assert said in answer["error"]
    assert "\n" not in answer["error"]


def test_without_faults_there_are_no_controls() -> None:
    sandbox = Playground(faults=False)
    assert sandbox.client.get("/sandbox/state").status_code == 404
    assert sandbox.client.post("/sandbox/keys", json={"name": "x"}).status_code == 404


def test_every_call_takes_its_latency() -> None:
    sandbox = Playground(latency=0.2, jitter=0.1)
    sandbox.get("/self")
    assert 0.2 <= sandbox.clock.slept[0] <= 0.3
