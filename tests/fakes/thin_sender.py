"""A pretend sender of thin webhooks, whose API has contracts; its pages and its way to sign can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from marshmallow import INCLUDE, Schema

from worker.sdk.source import Answered, Changes, Kind, OnePage, Pages, Sign, Source, Verdict, bearer


class Anything(Schema):
    class Meta:
        unknown = INCLUDE


def _early(thing: Any) -> str | None:
    return None if thing.get("value") else "it has no value yet"


def _means(answered: Answered) -> Verdict | None:
    return Verdict("early", "it is not there yet") if answered.status == 404 else None


def changes(pages: Pages, path: str = "/contracts?since={since}") -> Changes:
    return Changes(
        path=path,
        everything="/contracts?all=yes",
        items="data.contracts",
        changed="updated_at",
        event=lambda _item: None,
        pages=pages,
    )


def source_of(
    sign: Sign | None = None, pages: Pages | None = None, path: str = "/contracts?since={since}", **given: Any
) -> Source:
    """`contract` is in an envelope, tells too early by its value, and is listed; `person` is thin, and 404 is too early for it."""
    contract = Kind(
        schema=Anything,
        get="/contracts/{id}?expand=parties",
        at="contract",
        changed="updated_at",
        changes=changes(pages or OnePage(), path),
        early=_early,
    )
    person = Kind(schema=Anything, get="/people/{id}", means=_means)
    declared = Source(
        url="https://api.thin.example/v1",
        sign=sign or bearer(),
        kinds={"contract": contract, "person": person},
        headers={"X-Api-Version": "2026-01"},
    )
    return replace(declared, **given)


def contract(number: int, **more: Any) -> Mapping[str, Any]:
    return {"id": f"c{number}", "value": 100 * number, "updated_at": moment(number).isoformat(), **more}


def moment(number: int) -> datetime:
    return datetime(2026, 3, 2, 8, number, tzinfo=UTC)
