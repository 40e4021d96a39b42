"""Reads what a thing's mapping needs of its sender, for who only looks: nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from worker.delivery.backfill.items import Item
from worker.delivery.listed import NO_REQUEST
from worker.errors import GoneAtSource, NeverExisted, NotAsDeclared, NoToken, TooEarly
from worker.sdk.connector import Connector, Handles, Incoming
from worker.sdk.fetch import wanted
from worker.sdk.route import rule_for
from worker.sdk.source import Absent
from worker.sources.ports import Thing


def read_for(connector: Connector, item: Item, get: Callable[[str, str], Thing]) -> Mapping[str, Any]:
    """By `Get.called`, as a delivery would have it. Raises NotAsDeclared, and the failures of a source."""
    rule = rule_for(connector, item.type)
    read: dict[str, Any] = dict.fromkeys(item.whole_for, item.body)
    while (
        isinstance(rule, Handles) and (next_one := wanted(rule, Incoming(NO_REQUEST, item.payload), read)) is not None
    ):
        named, thing = next_one
        read[named.called] = _told(connector, named.kind, thing, get)
    return read


def _told(connector: Connector, kind: str, thing: str, get: Callable[[str, str], Thing]) -> Any:
    """What is listed is old: it is not waited for until it is complete."""
    try:
        return get(kind, thing).body
    except NoToken as failure:
        if connector.source is None or not connector.source.unread:
            raise
        return Absent("unread", str(failure))
    except NeverExisted as failure:
        return Absent("never", str(failure))
    except GoneAtSource as failure:
        return Absent("gone", str(failure))
    except TooEarly as failure:
        if failure.body is None:
            raise NotAsDeclared(f"{kind}: {failure}") from None
        return failure.body
