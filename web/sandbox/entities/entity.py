"""Defines what is to be known of one resource of Upsales, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from web.sandbox import rules
from web.sandbox.fields import Field, Kind, date, integer, ref

FULL = frozenset({"list", "get", "create", "update", "delete"})
READ = frozenset({"list", "get"})

COMMON: Mapping[str, Field] = {
    "id": integer(ours=True),
    "regDate": date(Kind.INSTANT, ours=True),
    "modDate": date(Kind.INSTANT, ours=True),
    "regBy": ref("users", ours=True),
    "modBy": ref("users", ours=True),
}


@dataclass(frozen=True)
class Entity:
    """One resource.

    `nested`: what other records show of it. `other_names`: attributes also taken under another name. `indexed`: its lists
    come from the search index. `calls`: its own burst limit. `listed`: what its list has beside `data`. `table_of`: the entity whose
    records these are, of which `open_only` shows those of 1 to 99 %.
    """

    name: str
    own: Mapping[str, Field]
    nested: tuple[str, ...] = ("id", "name")
    methods: frozenset[str] = FULL
    custom: str | None = None
    unique: tuple[str, ...] = ()
    needed_on_update: tuple[str, ...] = ()
    other_names: Mapping[str, str] = field(default_factory=dict)
    wrapped_in: str | None = None
    rules: tuple[rules.Rule, ...] = ()
    needs_active_client: bool = False
    indexed: bool = True
    needs_query: bool = False
    calls: int | None = None
    listed: Literal["full", "total", "bare"] = "full"
    item_metadata: bool = False
    paged: bool = True
    table_of: str | None = None
    open_only: bool = False

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        return {**COMMON, **self.own}

    @property
    def table(self) -> str:
        return self.table_of or self.name
