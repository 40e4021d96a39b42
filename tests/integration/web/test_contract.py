"""The receiver answers as its description says, whatever comes from whomever."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import schemathesis
from flask import Response, request

from tests import contract
from tests.integration.web.test_dry_run import KASSAN, ORDER, SECRET
from tests.senders import CONNECTIONS, KnownSecrets
from web.app import create_app
from worker.settings import Settings
from worker.store import open_store
from worker.store.db.migrate import migrate

SENDERS = (None, *CONNECTIONS, KASSAN.name, KASSAN.name)
NOT_SAID = ["positive_data_acceptance", "negative_data_rejection"]
"""What a body has to be each sender's own documentation says."""
turns = count()


@schemathesis.hook("before_call")
def come_from_somebody(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: object) -> None:
    """From each sender in turn, with the right secret where it stands in the URL; every other time as it was drawn."""
    if not case.path.startswith("/webhooks/"):
        return
    turn = next(turns)
    sender = SENDERS[turn % len(SENDERS)]
    if sender is None:
        return
    case.path_parameters["connection"] = sender
    if "token" in case.path_parameters and turn % 4:
        case.path_parameters["token"] = SECRET
    if sender == KASSAN.name and turn % 3 and case.method == "POST":
        body: Any = {**ORDER, "id": f"h-{turn % 20}"}
        case.body, case.media_type = body, "application/json"


def test_the_receiver_is_as_described(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/relay.db")
    migrate(store)
    connections = {**CONNECTIONS, KASSAN.name: KASSAN}
    app = create_app(
        Settings(database_url="", connections=connections),
        KnownSecrets(dict.fromkeys(connections, (SECRET,))),
        store,
        ring=lambda _: None,
        now=lambda: datetime(2026, 5, 4, 12, tzinfo=UTC),
    )
    seen: Counter[tuple[str, int]] = Counter()

    @app.after_request
    def see(response: Response) -> Response:
        if request.path.startswith("/webhooks/"):
            seen[request.method, response.status_code] += 1
        return response

    assert contract.invalid(app, "/openapi.json") == []
    assert contract.faults(app, "/openapi.json", {}, NOT_SAID, examples=12) == []
    store.close()
    for answer in (("POST", 200), ("POST", 202), ("POST", 401), ("POST", 404), ("GET", 404), ("GET", 405)):
        assert seen[answer], (answer, seen)
