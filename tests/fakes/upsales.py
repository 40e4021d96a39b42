"""Stands in for Upsales in memory: GET sees writes at once, search later; faults come when a test orders them."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.fakes.clock import Clock
from worker.errors import Gone, OutcomeUnknown, Refused, Throttled, Unauthorized, Unavailable
from worker.plan import RESOURCES, Resource

CUSTOM_FIELDS: Mapping[str, int] = {
    "EXTERNAL_ID": 11,
    "NOTE": 12,
    "SCORE": 13,
    "VIP": 14,
    "FOREIGN": 15,
    "DAY": 16,
    "OWNER": 17,
}
DATATYPES: Mapping[str, str] = {"VIP": "boolean", "DAY": "date", "OWNER": "user"}
"""Of those fields that are no text."""
MARKER = "EXTERNAL_ID"
WHOLE: frozenset[Resource] = frozenset({"agreement"})
"""What a PUT doesn't say of them is lost."""
OPTED_OUT = "2020-01-01T00:00:00.000Z"
"""What Upsales shows of whoever is opted out: not what was sent."""
REFERENCES: Mapping[str, Resource] = {"client": "account", "contact": "contact", "entityId": "order"}
"""Files of other things are in no test."""


class Trouble(StrEnum):
    """What goes wrong with one call. The last three have no answer."""

    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    THROTTLED = "throttled"
    UNAUTHORIZED = "unauthorized"
    DROPPED = "never commits"
    UNANSWERED = "commits"
    LATE = "commits later"


@dataclass(frozen=True, slots=True)
class Fault:
    """`seconds`: how much later a LATE call commits."""

    trouble: Trouble
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A call as it came in."""

    method: str
    resource: Resource
    record_id: int | None
    body: Any
    connection: str
    at: float


Data = dict[str, Any]


class FakeUpsales:
    """`marked`: the resources with a custom field for external ids. `faults` and `read_faults` befall the next calls, in turn.

    `forms`: how fields and parts of order rows are kept that are kept in another form than they were sent.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        search_lag: float = 5.0,
        call_timeout: float = 30.0,
        marked: Collection[Resource] = RESOURCES,
    ) -> None:
        self.clock = clock
        self.search_lag = search_lag
        self.call_timeout = call_timeout
        self.marked = marked
        self.own_domains: Collection[str] = ()
        self.faults: deque[Fault | None] = deque()
        self.read_faults: deque[Fault | None] = deque()
        self.forms: dict[str, Callable[[Any], Any]] = {}
        self.calls: list[Seen] = []
        self._live: dict[Resource, dict[int, Data]] = {resource: {} for resource in RESOURCES}
        self._shown: dict[Resource, dict[int, Data]] = {resource: {} for resource in RESOURCES}
        self._unshown: deque[tuple[float, Resource, int, Data | None]] = deque()
        self._late: list[tuple[float, int, Callable[[float], object]]] = []
        self._ids = 100
        self._row_ids = 9000

    # What a test looks at

    def live(self, resource: Resource) -> Mapping[int, Data]:
        self._catch_up()
        return self._live[resource]

    def of(self, *methods: str) -> list[Seen]:
        return [call for call in self.calls if call.method in methods]

    @property
    def writes(self) -> list[Seen]:
        return self.of("POST", "PUT", "UNSUB")

    @property
    def reads(self) -> list[Seen]:
        return self.of("GET", "SEARCH", "VISIBLE")

    # What people do in Upsales

    def made(self, resource: Resource, **data: Any) -> int:
        self._catch_up()
        return self._insert(resource, data, self.clock.now)

    def edited(self, resource: Resource, record_id: int, **data: Any) -> None:
        self._catch_up()
        self._change(resource, record_id, data, self.clock.now)

    def edited_custom(self, resource: Resource, record_id: int, **values: str) -> None:
        ids = {CUSTOM_FIELDS[alias]: value for alias, value in values.items()}
        present = [e for e in self.live(resource)[record_id].get("custom", ()) if e["fieldId"] not in ids]
        self.edited(resource, record_id, custom=present + [{"fieldId": f, "value": v} for f, v in ids.items()])

    def deleted(self, resource: Resource, record_id: int) -> None:
        self._catch_up()
        del self._live[resource][record_id]
        self._unshown.append((self.clock.now + self.search_lag, resource, record_id, None))

    def hidden(self, resource: Resource, record_id: int) -> Data:
        """The user of our key may not see the record for a while. It answers as if it were deleted."""
        data = self.live(resource)[record_id]
        self.deleted(resource, record_id)
        return data

    def shown_again(self, resource: Resource, data: Data) -> None:
        self._catch_up()
        self._keep(resource, data["id"], data, self.clock.now)

    def merged(self, resource: Resource, loser: int, winner: int) -> None:
        """The loser's id disappears; what the winner lacks, and what pointed to the loser, goes to the winner."""
        self._catch_up()
        lost, kept = self._live[resource][loser], self._live[resource][winner]
        known = {entry["fieldId"] for entry in kept.get("custom", ())}
        custom = [*kept.get("custom", ()), *(e for e in lost.get("custom", ()) if e["fieldId"] not in known)]
        self.deleted(resource, loser)
        self.edited(resource, winner, **{**lost, **kept, "custom": custom})
        for other in RESOURCES:
            for record_id, data in list(self._live[other].items()):
                moved = {
                    name: {"id": winner}
                    for name, of in REFERENCES.items()
                    if of == resource and (data.get(name) or {}).get("id") == loser
                }
                if moved:
                    self.edited(other, record_id, **moved)

    # The API

    def search(self, resource: Resource, carries: Callable[[Data], bool], connection: str) -> Sequence[Data]:
        self._read("SEARCH", resource, None, connection)
        return [data for data in self._shown[resource].values() if carries(data)]

    def visible(self, resource: Resource, record_id: int, connection: str) -> bool:
        self._read("VISIBLE", resource, record_id, connection)
        return record_id in self._shown[resource]

    def get(self, resource: Resource, record_id: int, connection: str) -> Data:
        self._read("GET", resource, record_id, connection)
        if record_id not in self._live[resource]:
            raise Gone(f"404: no {resource} {record_id}", status=404, duration=0.1)
        return self._live[resource][record_id]

    def write(self, resource: Resource, record_id: int | None, body: Data, connection: str) -> Data:
        self._catch_up()
        method = "POST" if record_id is None else "UNSUB" if body.keys() == {"unsubscribed"} else "PUT"
        if method == "UNSUB":
            body = {"unsubscribed": OPTED_OUT}
        elif "unsubscribed" in body:
            raise AssertionError("Upsales takes no notice of it")
        self.calls.append(Seen(method, resource, record_id, body, connection, self.clock.now))
        fault = self.faults.popleft() if self.faults else None
        if fault is not None:
            _raise_clear(fault)

        def commit(at: float) -> int:
            if record_id is None:
                return self._insert(resource, body, at)
            return self._change(resource, record_id, body, at)

        if fault is None:
            return self._live[resource][commit(self.clock.now)]
        if fault.trouble is Trouble.UNANSWERED:
            commit(self.clock.now)
        if fault.trouble is Trouble.LATE:
            heapq.heappush(self._late, (self.clock.now + fault.seconds, len(self.calls), commit))
        self.clock.advance(self.call_timeout)
        raise OutcomeUnknown(f"{method} {resource}: no answer", duration=self.call_timeout)

    def _read(self, method: str, resource: Resource, record_id: int | None, connection: str) -> None:
        self._catch_up()
        self.calls.append(Seen(method, resource, record_id, None, connection, self.clock.now))
        fault = self.read_faults.popleft() if self.read_faults else None
        if fault is not None:
            _raise_clear(fault)

    def _catch_up(self) -> None:
        while self._late and self._late[0][0] <= self.clock.now:
            at, _, commit = heapq.heappop(self._late)
            try:
                commit(at)
            except (Gone, Refused):
                # Nobody waits for the answer any more.
                continue
        while self._unshown and self._unshown[0][0] <= self.clock.now:
            _, resource, record_id, data = self._unshown.popleft()
            if data is None:
                self._shown[resource].pop(record_id, None)
            else:
                self._shown[resource][record_id] = data

    def _insert(self, resource: Resource, body: Data, at: float) -> int:
        self._ids += 1
        flags = {"active": 1} if resource in {"account", "contact"} else {}
        return self._keep(resource, self._ids, {**flags, **self._stored(resource, body, ())}, at)

    def _change(self, resource: Resource, record_id: int, body: Data, at: float) -> int:
        present = self._live[resource].get(record_id)
        if present is None:
            raise Gone(f"404: no {resource} {record_id}", status=404, duration=0.1)
        kept = {} if resource in WHOLE else present
        return self._keep(
            resource, record_id, {**kept, **self._stored(resource, body, present.get("orderRow", ()))}, at
        )

    def _keep(self, resource: Resource, record_id: int, data: Data, at: float) -> int:
        data["id"] = record_id
        self._live[resource][record_id] = data
        self._unshown.append((at + self.search_lag, resource, record_id, data))
        return record_id

    def _stored(self, resource: Resource, body: Data, present: Sequence[Data]) -> Data:
        return {name: self._value(resource, name, value, present) for name, value in body.items()}

    def _value(self, resource: Resource, name: str, value: Any, present: Sequence[Data]) -> Any:
        if name in REFERENCES:
            target = self._live[REFERENCES[name]].get(value["id"])
            if target is None:
                raise Refused(f"400: {resource}.{name} {value['id']} is unknown", status=400, duration=0.1)
            return {"id": value["id"], "name": target.get("name", "")}
        if name == "custom":
            return [self._custom(entry) for entry in value if entry["value"] not in (None, "")]
        if name == "orderRow":
            kept = {row["id"] for row in present}
            return [self._row(row, kept) for row in value]
        value = value.strip() if isinstance(value, str) else value
        return self._formed(name, value)

    def _custom(self, entry: Data) -> Data:
        alias = next((alias for alias, number in CUSTOM_FIELDS.items() if number == entry["fieldId"]), "")
        return {**entry, "value": self._formed(f"custom.{alias}", entry["value"])}

    def _row(self, row: Data, kept: Collection[int]) -> Data:
        row_id = row.get("id")
        if row_id not in kept:
            self._row_ids += 1
            row_id = self._row_ids
        formed = {name: self._formed(name, value) for name, value in row.items()}
        return {**formed, "id": row_id, "product": {**row["product"], "name": "Höghus"}}

    def _formed(self, name: str, value: Any) -> Any:
        return self.forms[name](value) if name in self.forms and value is not None else value


def _raise_clear(fault: Fault) -> None:
    match fault.trouble:
        case Trouble.REFUSED:
            raise Refused("400: FailedValidation", status=400, duration=0.1)
        case Trouble.UNAVAILABLE:
            raise Unavailable("connection refused")
        case Trouble.THROTTLED:
            raise Throttled("429: ThrottleLimit", seconds=10.0, status=429, duration=0.1)
        case Trouble.UNAUTHORIZED:
            raise Unauthorized("401: Unauthorized", status=401, duration=0.1)
        case _:
            return
