"""A sandbox that begins empty can be another account than the one before."""

from __future__ import annotations

from flask import Flask

from web.sandbox import SandboxKey, SandboxOptions, create_sandbox
from worker.cli.local.sandbox_trial import SANDBOX_ACCOUNTS

KEYS = {"k1": SandboxKey("shop", 1), "k2": SandboxKey("form", 1), "k3": SandboxKey("other", 2)}


def accounts(app: Flask) -> list[int]:
    client = app.test_client()
    told = [client.get("/api/v2/self", query_string={"token": key}).json for key in KEYS]
    return [int(each["data"]["client"]["id"]) for each in told if each]


def sandbox(*, new_accounts: bool = True) -> Flask:
    return create_sandbox(SandboxOptions(keys=KEYS, faults=True, new_accounts=new_accounts))


def test_each_start_and_each_reset_is_other_accounts() -> None:
    first, second = accounts(sandbox()), sandbox()
    before = accounts(second)
    second.test_client().post("/sandbox/reset")
    drawn = [first, before, accounts(second)]
    assert all(shop == form != other for shop, form, other in drawn)
    assert len({account for each in drawn for account in each}) == 6
    assert min(account for each in drawn for account in each) > SANDBOX_ACCOUNTS


def test_otherwise_accounts_are_as_they_were_named() -> None:
    assert accounts(sandbox(new_accounts=False)) == [1, 1, 2]
