"""Defines the settings of a Scrive connection."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import validate

from worker.sdk.mapping.signed import Signing
from worker.sdk.settings import setting

HOSTS = ("scrive.com", "api-testbed.scrive.com")
PLACE = "{order}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Signing):
    order_tag: str | None = setting(
        None, doc="name of the tag in which a document has the Upsales id of the order that it is about"
    )
    order_in_title: str | None = setting(
        None,
        doc="how a title tells that id, `{order}` in its place: `(#{order})`; the tag comes first",
        validate=validate.Regexp(r"[^{}]*\{order\}[^{}]*\Z", error="Must hold {order} once, and no other braces."),
    )
    host: str = setting(
        HOSTS[0], doc="host of Scrive's API; `api-testbed.scrive.com` for its testbed", validate=validate.OneOf(HOSTS)
    )
