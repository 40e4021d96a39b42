"""Submissions whose webhook never came are found in Typeform's list, with their form's questions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integration.delivery.played import played
from tests.integration.delivery.room import Room
from worker.connectors import typeform

CASES = Path(typeform.__file__).parent / "cases"
FORM = "lT4Z3k"


def submission(token: str, at: datetime, mail: str) -> dict[str, Any]:
    """As the list has it: without its form, and without the questions."""
    document = json.loads((CASES / "read_form" / "request.json").read_text("utf-8"))
    response = document["body"]["form_response"]
    answers = json.loads(json.dumps(response["answers"]).replace("Maja.Lindgren@fjallkonsult.example", mail))
    told = {name: value for name, value in response.items() if name not in ("form_id", "token", "submitted_at")}
    return {**told, "token": token, "submitted_at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "answers": answers}


def test_what_no_webhook_told_is_brought_once_with_its_questions(room: Room) -> None:
    now = datetime.now(UTC)
    with played(room, typeform.connector, {"owner": "asa.oberg@example.com", "form": FORM}) as form:
        came = submission("a1", now - timedelta(minutes=20), "kom@fjallkonsult.example")
        lost = submission("b2", now - timedelta(minutes=10), "kom.bort@fjallkonsult.example")
        for each in (came, lost):
            form.neighbour.things.put("response", each["token"], each)
        form.run(form.take({"event_type": "form_response", "form_response": {"form_id": FORM, **came}}))
        form.catch_up(since=3600.0)
        form.catch_up(since=3600.0)

        brought = form.waiting()
        (done,) = form.run(brought)
        assert (done.subject, done.status) == ("response:b2", "delivered")
        assert [each["email"] for each in form.records("contacts")] == [
            "kom@fjallkonsult.example",
            "kom.bort@fjallkonsult.example",
        ]
        assert {each["description"] for each in form.records("activities")} == {"Form filled in: Boka en demo"}
