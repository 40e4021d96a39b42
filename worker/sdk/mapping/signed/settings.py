"""Defines the settings that all senders of signed documents have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from marshmallow import validate

from worker.sdk.mapping.days import time_zone
from worker.sdk.settings import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    owner: str = setting(
        doc="e-mail address of the Upsales user who owns what is made where the document's sender is no user of Upsales",
        validate=validate.Email(),
    )
    fallback_product: str = setting(
        doc="article number of the Upsales product of rows whose article Upsales doesn't know, and of a document's value"
    )
    fallback_company: str = setting(
        "Signed documents", doc="name of the company that takes signatories whose company nobody knows"
    )
    stage_won: str = setting("100%", doc="stage of the order of a signed document: a name, or a probability")
    stage_lost: str = setting(
        "0%", doc="stage of the order of a declined or expired document, where `unsigned` is `lost`"
    )
    unsigned: Literal["todo", "lost"] = setting(
        "todo",
        doc="what becomes of a document that was declined or expired: a to-do for its owner, and with `lost` its order is lost, too",
    )
    without_rows: Literal["activity", "order"] = setting(
        "activity",
        doc="what becomes of a signed document that tells neither rows nor a value: an activity alone, "
        "or also an order of the fallback product at price 0",
    )
    recurring: Mapping[str, int] = setting(
        {},
        doc="documents that become an agreement instead of an order: words of the title, a template or a tag, "
        "and the months between two orders",
    )
    activity_type: str | None = setting(None, doc="name of the activity type; without it the first one")
    time_zone: str = time_zone()
    phone_region: str = setting("SE", doc="country of phone numbers without a country code")
