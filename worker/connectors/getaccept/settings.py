"""Defines the settings of a GetAccept connection."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.mapping.signed import Signing
from worker.sdk.settings import setting

EXTERNAL_ID = "external_id"
MOST_SCORE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Signing):
    order_field: str | None = setting(
        None,
        doc="where a document has the Upsales id of the order that it is about: `external_id`, or the name of a field of your own at GetAccept",
    )
    currency: str | None = setting(
        None,
        doc="currency of documents' values, which GetAccept does not tell; without it the account's",
        validate=validate.Regexp(r"[A-Z]{3}\Z", error="Must be three capital letters, as in SEK."),
    )
    score: int = setting(
        5, doc="score of somebody who opens a document, once a day", validate=validate.Range(0, MOST_SCORE)
    )
