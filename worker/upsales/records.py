"""Reads records of Upsales by id, and searches them by natural key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from worker.errors import Gone, Refused
from worker.plan import Match, Resource
from worker.sync.matching import fields_of
from worker.sync.records import Found, Json
from worker.sync.view import CUSTOM, custom_value
from worker.upsales.endpoints import ENDPOINTS
from worker.upsales.filters import Filters, any_of, carries, custom_queries, parts, queries
from worker.upsales.lookups import Lookups
from worker.upsales.reads import PAGE, Reads, without

ORG_NO = "orgNo"
IDS_AT_ONCE = 500
"""A page holds more."""


@dataclass(frozen=True, slots=True)
class Records:
    """`org_no_alias`: the custom field that holds a company's number, in accounts that keep it there."""

    reads: Reads
    lookups: Lookups
    org_no_alias: str | None

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        field = self._custom_match(resource, match)
        asked = self._asked(resource, match) if field is None else custom_queries(match, field)
        found = {record.id: record for query in asked for record in self._list(resource, query)}
        return [record for record in found.values() if carries(resource, record.data, match, field)]

    def _asked(self, resource: Resource, match: Match) -> Sequence[Filters]:
        """A filter asks for one field. Those of several fields are joined by `and`."""
        queried, names = ENDPOINTS[resource].queried, fields_of(resource, match)
        return [query for name in names for query in queries(match, queried=queried, field=name)]

    def search_any(self, resource: Resource, matches: Sequence[Match]) -> Sequence[Found]:
        """One call, where Upsales takes it, else one for each natural key."""
        fields = [self._custom_match(resource, match) for match in matches]
        if len(matches) > 1 and not any(fields) and self._takes_or(resource):
            try:
                found = {record.id: record for query in any_of(matches) for record in self._list(resource, query)}
            except Refused:
                pass
            else:
                return [r for r in found.values() if any(carries(resource, r.data, match) for match in matches)]
        each = (self.search(resource, match) for match in matches)
        return list({record.id: record for found in each for record in found}.values())

    def _takes_or(self, resource: Resource) -> bool:
        """Whether a search for a record that is there, `or` one that can't be, shows that record alone. A yes is asked for once.

        The `or` of Upsales's filters is documented for subscriptions only. Where it showed nothing, each company would be made again.
        """
        cache, kept_as = self.lookups.cache, ("or", resource)
        return bool(
            cache.kept(kept_as) or cache.find(kept_as, lambda: self._shows_either(resource), lambda shown: shown)
        )

    def _shows_either(self, resource: Resource) -> bool | None:
        """None where there is no record yet to ask for."""
        endpoint = ENDPOINTS[resource]
        rows, _ = self.reads.rows(endpoint.path, [*endpoint.filters, ("limit", "1")], what=resource)
        there = next((record for row in rows if (record := self._found(resource, row))), None)
        if there is None:
            return None
        (either,) = any_of([Match("id", str(there.id)), Match("id", "0")])
        try:
            return [record.id for record in self._list(resource, either)] == [there.id]
        except Refused:
            return False

    def get(self, resource: Resource, record_id: int) -> Found:
        endpoint = ENDPOINTS[resource]
        if endpoint.queried:
            return self._get_listed(resource, record_id)
        path = f"{endpoint.path}/{record_id}"
        payload, reply = self.reads.get(path, what=resource, record_id=record_id)
        found = self._found(resource, payload.get("data") if isinstance(payload, Mapping) else None)
        if found is None:
            raise without(f"GET {path}", "a record", reply)
        return found

    def visible(self, resource: Resource, record_id: int) -> bool:
        return any(found.id == record_id for found in self._list_by_id(resource, record_id))

    def of_ids(self, resource: Resource, ids: Collection[int]) -> Mapping[int, Found]:
        """Those of these records that a list shows, as few calls as can be. One that it doesn't show may be there: search lags."""
        endpoint, found = ENDPOINTS[resource], dict[int, Found]()
        if endpoint.queried:
            return {each.id: each for number in ids for each in self._list_by_id(resource, number) if each.id == number}
        for some in parts([str(number) for number in sorted(ids)], len_of=lambda text: len(text) + 3):
            for start in range(0, len(some), IDS_AT_ONCE):
                query = [("id", f"eq:{','.join(some[start : start + IDS_AT_ONCE])}")]
                found |= {each.id: each for each in self._list(resource, query)}
        return {number: each for number, each in found.items() if number in ids}

    def every(self, resource: Resource, most: int) -> Iterator[Found]:
        """All records that Upsales's search shows, in the order of their ids: no more than `most`, rounded up to a page."""
        endpoint, last = ENDPOINTS[resource], 0
        for _ in range(0, most, PAGE):
            asked = [("id", f"gt:{last}"), *endpoint.filters, ("sort", "id"), ("limit", str(PAGE))]
            rows, _ = self.reads.rows(endpoint.path, asked, what=resource)
            found = [record for row in rows if (record := self._found(resource, row)) and record.id > last]
            yield from found
            if not found or len(rows) < PAGE:
                return
            last = max(record.id for record in found)

    def _get_listed(self, resource: Resource, record_id: int) -> Found:
        found = next((found for found in self._list_by_id(resource, record_id) if found.id == record_id), None)
        if found is None:
            raise Gone(f"Upsales shows no {resource} {record_id}")
        return found

    def _list_by_id(self, resource: Resource, record_id: int) -> Sequence[Found]:
        (query,) = queries(Match("id", str(record_id)), queried=ENDPOINTS[resource].queried)
        return self._list(resource, query)

    def _list(self, resource: Resource, query: Filters) -> Sequence[Found]:
        endpoint = ENDPOINTS[resource]
        full = [*query, *endpoint.filters, ("limit", str(PAGE))]
        rows, total = self.reads.rows(endpoint.path, full, what=resource)
        if total > PAGE:
            # To call the rest "not found" would make duplicates.
            raise Refused(
                f"GET {endpoint.path} found {total} records for one value: Upsales took no notice of the filter"
            )
        return [found for row in rows if (found := self._found(resource, row))]

    def _found(self, resource: Resource, row: Json) -> Found | None:
        if not isinstance(row, Mapping) or not isinstance(row.get("id"), int):
            return None
        if resource == "account" and self.org_no_alias and not row.get(ORG_NO):
            field = self.lookups.find_custom_field(resource, self.org_no_alias)
            row = {**row, ORG_NO: custom_value(row, field.id)} if field else row
        return Found(row["id"], row)

    def _custom_match(self, resource: Resource, match: Match) -> int | None:
        """The custom field in which a natural key is kept, if it is kept in one."""
        if match.field.startswith(CUSTOM):
            return self.lookups.custom_field(resource, match.field.removeprefix(CUSTOM)).id
        if resource == "account" and match.field == ORG_NO and self.org_no_alias:
            return self.lookups.custom_field(resource, self.org_no_alias).id
        return None
