"""Declares Typeform's own API: the responses of a form, and the form with its questions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas import typeform
from worker.sdk.connector import Incoming
from worker.sdk.mapping import field
from worker.sdk.source import Changes, Get, Kind, Limit, Occurred, Onward, Source, bearer
from worker.sdk.source.dotted import at

MOST = 1000
HOUR = 3600.0


def to_the_second(moment: datetime) -> str:
    """In UTC, and without saying so."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def submitted(response: Any) -> Occurred | None:
    """As the webhook has it, but for the form's questions. Browser and network of the person are nobody's business."""
    if not isinstance(response, dict) or not response.get("submitted_at"):
        return None
    kept = {name: value for name, value in response.items() if name != "metadata"}
    return Occurred("form_response", {"event_type": "form_response", "form_response": kept})


def form_untold(incoming: Incoming) -> str | None:
    """A webhook tells the questions along."""
    told = at(incoming.payload, "form_response.definition")
    return None if told else field("form_response.form_id")(incoming)


FORM = (Get("form", id=form_untold, optional=True),)

SOURCE = Source(
    url="https://{api_host}",
    sign=bearer(),
    kinds={
        "form": Kind(schema=typeform.Definition, get="/forms/{id}"),
        "response": Kind(
            schema=typeform.FormResponse,
            changes=Changes(
                path=f"/forms/{{form}}/responses?since={{since}}&sort=submitted_at,asc&page_size={MOST}",
                items="items",
                id="token",
                changed="submitted_at",
                event=submitted,
                pages=Onward(MOST),
                since=to_the_second,
                adds={"form_id": "form"},
                # Those of the last half hour may be missing in the list:
                # https://www.typeform.com/developers/responses/reference/retrieve-responses/
                overlap=HOUR,
            ),
        ),
    },
    # https://www.typeform.com/developers/get-started/
    limits=(Limit(2, 1),),
    unread=True,
)
