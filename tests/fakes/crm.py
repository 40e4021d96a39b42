"""The in-memory Upsales as one connection sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from tests.fakes.upsales import CUSTOM_FIELDS, DATATYPES, MARKER, WHOLE, Data, FakeUpsales
from worker.errors import Rejected, Throttled, Unavailable
from worker.plan import ActivityType, Match, Product, Ref, Reference, Resource, Stage, TicketStatus, User
from worker.sync.matching import agrees, fields_of
from worker.sync.records import Answer, Found, Json, Permit
from worker.sync.typed import CustomField

USERS = {"säljare@öberg.se": 7}
PRODUCTS = {"A-1": 501, "Å-2": 502}
NAMED = {"Kätting": 503}
CUSTOM = "custom."


class FakeCrm:
    """`writes_left`: what the budget still gives, None for any number. `forbidden`: what the scope doesn't allow."""

    def __init__(self, upsales: FakeUpsales, connection: str, *, forbidden: Collection[Resource] = ()) -> None:
        self._upsales = upsales
        self._connection = connection
        self._forbidden = forbidden
        self.writes_left: int | None = None

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        return self.search_any(resource, [match])

    def search_any(self, resource: Resource, matches: Sequence[Match]) -> Sequence[Found]:
        def carries(data: Data) -> bool:
            return any(agrees(match, _value(data, name)) for match in matches for name in fields_of(resource, match))

        return [Found(data["id"], data) for data in self._upsales.search(resource, carries, self._connection)]

    def get(self, resource: Resource, record_id: int) -> Found:
        return Found(record_id, self._upsales.get(resource, record_id, self._connection))

    def visible(self, resource: Resource, record_id: int) -> bool:
        return self._upsales.visible(resource, record_id, self._connection)

    def marker_field(self, resource: Resource) -> str | None:
        return f"{CUSTOM}{MARKER}" if resource in self._upsales.marked else None

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]:
        return self.search(resource, Match(f"{CUSTOM}{MARKER}", marker))

    def own_domains(self) -> Collection[str]:
        return self._upsales.own_domains

    def resolve(self, reference: Reference) -> int:
        match reference:
            case User(email, fallback) if email in USERS or fallback in USERS:
                return USERS.get(email) or USERS[str(fallback)]
            case Product(article_no) if article_no in PRODUCTS:
                return PRODUCTS[article_no]
            case Product(None, name=str(name)) if name in NAMED:
                return NAMED[name]
            case Ref(known):
                return known
            case Stage() | ActivityType() | TicketStatus():
                return 3
            case _:
                raise Rejected(f"Upsales has no {reference}")

    def custom_field(
        self,
        resource: Resource,
        alias: str,
        *,
        suits: Callable[[CustomField], bool] | None = None,  # noqa: ARG002 - the port's signature
    ) -> CustomField:
        if alias not in CUSTOM_FIELDS:
            raise Rejected(f"{resource} has no custom field {alias}")
        return CustomField(CUSTOM_FIELDS[alias], alias, DATATYPES.get(alias, "text"))

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        if resource in self._forbidden:
            raise Rejected(f"the connector may not {'create' if creating else 'update'} {resource}")
        if "name" in body and len(body["name"] or "") > 100:
            raise Rejected("name is longer than 100 characters")

    def admit(self) -> Permit:
        if self.writes_left is not None:
            if self.writes_left == 0:
                raise Throttled("no write left in the window", seconds=10.0)
            self.writes_left -= 1
        return Permit(self._upsales.clock.now + self._upsales.call_timeout)

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer:
        return self._write(permit, resource, None, body)

    def whole(self, resource: Resource) -> bool:
        return resource in WHOLE

    def update(
        self,
        permit: Permit,
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,
    ) -> Answer:
        stands = (present or self.get(resource, record_id).data) if self.whole(resource) else {}
        return self._write(permit, resource, record_id, {**stands, **body})

    def _write(self, permit: Permit, resource: Resource, record_id: int | None, body: Mapping[str, Json]) -> Answer:
        if self._upsales.clock.now >= permit.deadline:
            raise Unavailable("not sent: its time had run out")
        data = self._upsales.write(resource, record_id, dict(body), self._connection)
        return Answer(data["id"], data, 200, 0.1)


def _value(data: Data, field: str) -> Json:
    if field == "legalName":
        return data.get("name")
    if not field.startswith(CUSTOM):
        return data.get(field)
    field_id = CUSTOM_FIELDS[field.removeprefix(CUSTOM)]
    return next((entry["value"] for entry in data.get("custom", ()) if entry["fieldId"] == field_id), None)
