"""`relay calls --sources` and `relay events show` tell what was read of senders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from tests.integration.store.examples import one
from worker.cli import relay
from worker.cli.context import Installation
from worker.store import Store
from worker.store.ledger import source_calls


def run(url: str, home: Path, *arguments: str) -> Result:
    (home / "relay.toml").write_text('[connections.butik]\nconnector = "generic"\n', "utf-8")
    environ = {"DATABASE_URL": url, "RELAY_CONFIG": str(home / "relay.toml")}
    installation = Installation(environ)
    result = CliRunner().invoke(relay, arguments, obj=installation)
    installation.opened_store.close()
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def test_what_was_read_is_listed_apart(sqlite_store: Store, tmp_path: Path) -> None:
    url = f"sqlite:///{sqlite_store.file}"
    event = one(sqlite_store, "evt-1")
    fixed: dict[str, Any] = {"connection": "butik", "fingerprint": "f00d", "kind": "contract", "duration": 0.25}
    source_calls.noted(sqlite_store, **fixed, thing="4771123", event=event, status=429, code="source_throttled")
    source_calls.noted(sqlite_store, **fixed, thing=None, event=None, status=200, code=None)
    listed = json.loads(run(url, tmp_path, "calls", "--sources", "--status", "429", "--json").stdout)
    assert [(row["kind"], row["thing"], row["code"], row["event"]) for row in listed] == [
        ("contract", "4771123", "source_throttled", event)
    ]
    assert "4771123" in run(url, tmp_path, "events", "show", event).stdout
    assert json.loads(run(url, tmp_path, "calls", "--json").stdout) == []
    assert (
        "Nothing was read."
        in run(url, tmp_path, "calls", "--sources", "--connection", "butik", "--status", "404").stdout
    )
    refused = run(url, tmp_path, "calls", "--sources", "--state", "done")
    assert "no --resource, --record or --state" in refused.output
