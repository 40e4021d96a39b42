"""Implements the executor's port to Upsales: searches, reads, creates, updates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from worker.errors import Failure, OutcomeUnknown, Rejected
from worker.plan import OPT_OUT, Match, Reference, Resource
from worker.sync.marker import EXTERNAL_ID
from worker.sync.records import Answer, Found, Json, Permit
from worker.sync.typed import CustomField
from worker.sync.view import CUSTOM
from worker.upsales import files
from worker.upsales.agreements import whole
from worker.upsales.checks import Scope, check, check_scope, verb_of
from worker.upsales.coercion import changed
from worker.upsales.endpoints import ENDPOINTS, UNSUBSCRIBE
from worker.upsales.filters import Filters
from worker.upsales.heard import Heard
from worker.upsales.http import HttpClient
from worker.upsales.lookup_cache import Cache
from worker.upsales.lookups import Lookups, definitions_path
from worker.upsales.outcome import Call
from worker.upsales.reads import Journal, Reads, no_lease
from worker.upsales.records import Records
from worker.upsales.whoami import Account, account


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsales:
    """Upsales through one key, as one event's work sees it: `on_behalf` gives the view of another event.

    Views share the HTTP client and the cache of look-ups. `scope`: what the connector may do, resource → verbs.
    `external_id_alias`: the custom field that carries our marker. `org_no_alias`: the custom field that holds a company's
    number, in accounts that keep it there. `event`: the one that reads are journalled under. `notify`: whether Upsales tells
    its users; not of replays and imports. `heard`: whether any call of this view was answered. `leading`: reads lead to writes, and are not
    made while those would have to wait. `behind`: calls leave some of each window to live events. `keep_lease` is called before each read.
    `contents`: the bytes of what is uploaded.
    """

    http: HttpClient
    journal: Journal
    cache: Cache
    scope: Scope
    external_id_alias: str
    org_no_alias: str | None = None
    event: str | None = None
    notify: bool = True
    leading: bool = False
    priority: bool = False
    behind: bool = False
    keep_lease: Callable[[], None] = no_lease
    contents: files.Contents = files.no_contents
    heard: Heard = field(default_factory=Heard)

    def on_behalf(
        self,
        event: str | None,
        *,
        notify: bool = True,
        leading: bool = False,
        priority: bool = False,
        behind: bool = False,
        keep_lease: Callable[[], None] = no_lease,
    ) -> Upsales:
        return replace(
            self,
            event=event,
            notify=notify,
            leading=leading,
            priority=priority,
            behind=behind,
            keep_lease=keep_lease,
            heard=Heard(),
        )

    @property
    def fingerprint(self) -> str:
        """Of the key."""
        return self.http.fingerprint

    def close(self) -> None:
        self.http.close()

    def own_domains(self) -> Collection[str]:
        return self._lookups.own_domains()

    def search(self, resource: Resource, match: Match) -> Sequence[Found]:
        return self._records.search(resource, match)

    def search_any(self, resource: Resource, matches: Sequence[Match]) -> Sequence[Found]:
        return self._records.search_any(resource, matches)

    def get(self, resource: Resource, record_id: int) -> Found:
        return self._records.get(resource, record_id)

    def of_ids(self, resource: Resource, ids: Collection[int]) -> Mapping[int, Found]:
        return self._records.of_ids(resource, ids)

    def every(self, resource: Resource, most: int) -> Iterator[Found]:
        return self._records.every(resource, most)

    def visible(self, resource: Resource, record_id: int) -> bool:
        return self._records.visible(resource, record_id)

    def marker_field(self, resource: Resource) -> str | None:
        if ENDPOINTS[resource].external_id:
            return EXTERNAL_ID
        field = self._lookups.find_custom_field(resource, self.external_id_alias)
        return None if field is None else f"{CUSTOM}{self.external_id_alias}"

    def with_marker(self, resource: Resource, marker: str) -> Sequence[Found]:
        field = self.marker_field(resource)
        return () if field is None else self.search(resource, Match(field, marker))

    def resolve(self, reference: Reference) -> int:
        return self._lookups.resolve(reference)

    def custom_field(
        self, resource: Resource, alias: str, *, suits: Callable[[CustomField], bool] | None = None
    ) -> CustomField:
        return self._lookups.custom_field(resource, alias, suits=suits)

    def check(self, resource: Resource, body: Mapping[str, Json], *, creating: bool) -> None:
        check(self.scope, lambda: self._lookups, resource, body, creating=creating)

    def admit(self) -> Permit:
        return self.http.admit(write=True, priority=self.priority, behind=self.behind, spared=self.cache.spared())

    def whole(self, resource: Resource) -> bool:
        return ENDPOINTS[resource].whole

    def create(self, permit: Permit, resource: Resource, body: Mapping[str, Json]) -> Answer:
        check_scope(self.scope, resource, "create")
        endpoint = ENDPOINTS[resource]
        if endpoint.upload is not None:
            call = Call(method="POST", path=endpoint.upload, upload=files.upload_of(body, self.contents))
            return self._write(permit, call, files.told(body))
        sent = {**endpoint.always, **body, **self._quiet(resource)}
        call = Call(method="POST", path=endpoint.path, query=_flags(resource, body), body=sent)
        return self._write(permit, call, body)

    def update(
        self,
        permit: Permit,
        resource: Resource,
        record_id: int,
        body: Mapping[str, Json],
        present: Mapping[str, Json] | None = None,
    ) -> Answer:
        check_scope(self.scope, resource, verb_of(body, creating=False))
        endpoint = ENDPOINTS[resource]
        if OPT_OUT in body:
            return self._unsubscribe(permit, resource, record_id)
        sent = whole(present or self.get(resource, record_id).data, body) if endpoint.whole else body
        sent = {**(sent if endpoint.upload is None else files.attachment(sent)), **self._quiet(resource)}
        path = f"{endpoint.path}/{record_id}"
        call = Call(method="PUT", path=path, query=_flags(resource, body), body=sent, record=True)
        return self._write(permit, call, body)

    def whoami(self) -> Account:
        """Whose key it is. Asked anew each time: this is also how a key is proven."""
        payload, reply = self._reads.get("/self")
        return account(payload, reply)

    def ensure_custom_field(self, resource: Resource, alias: str) -> int:
        """The id of the resource's custom field of this alias, which is made if there is none: a write."""
        entity = ENDPOINTS[resource].custom
        if entity is None:
            raise Rejected(f"Upsales has no custom fields for {resource}")
        path = definitions_path(entity)
        self.cache.forget(path)
        field = self._lookups.find_custom_field(resource, alias)
        if field is not None:
            return field.id
        body = {"name": alias, "alias": alias, "datatype": "String"}
        try:
            return self._noted(Call(method="POST", path=path, body=body), body).id
        finally:
            # However the call ended, and whoever has read the list meanwhile.
            self.cache.forget(path)

    def has_custom_field(self, resource: Resource, alias: str) -> bool:
        """As Upsales tells it now."""
        self.cache.forget(definitions_path(ENDPOINTS[resource].custom or ""))
        return self._lookups.find_custom_field(resource, alias) is not None

    @property
    def _reads(self) -> Reads:
        return Reads(
            self.http, self.heard, self.journal, self.event, self.leading, self.priority, self.keep_lease, self.behind
        )

    @property
    def _lookups(self) -> Lookups:
        return Lookups(self.cache, self._reads)

    @property
    def _records(self) -> Records:
        return Records(self._reads, self._lookups, self.org_no_alias)

    def _noted(self, call: Call, body: Mapping[str, Json]) -> Answer:
        """A write that no ledger journals."""
        permit, what = self.admit(), call.path.strip("/")
        try:
            answer = self._write(permit, call, body)
        except Failure as failure:
            self._reads.note(call, what, None, failure.status, failure.duration, str(failure))
            raise
        self._reads.note(call, what, answer.id, answer.status, answer.duration, None)
        return answer

    def _unsubscribe(self, permit: Permit, resource: Resource, record_id: int) -> Answer:
        """What it answers is not published, so only a refusal is read from it."""
        call = Call(method="POST", path=UNSUBSCRIBE, body={"id": record_id})
        _, reply = self.heard.sent(self.http, call, permit)
        self.heard.written.add((ENDPOINTS[resource].path.strip("/"), record_id))
        return Answer(record_id, {}, reply.status, reply.duration)

    def _quiet(self, resource: Resource) -> Mapping[str, Json]:
        return {} if self.notify or not ENDPOINTS[resource].notifies else {"notify": False}

    def _write(self, permit: Permit, call: Call, body: Mapping[str, Json]) -> Answer:
        payload, reply = self.heard.sent(self.http, call, permit)
        data = payload.get("data") if isinstance(payload, Mapping) else None
        if not isinstance(data, Mapping) or not isinstance(data.get("id"), int):
            text = f"{call} was answered {reply.status} without a record"
            raise OutcomeUnknown(text, status=reply.status, duration=reply.duration)
        self.heard.written.add((call.path.split("/")[1], data["id"]))
        return Answer(data["id"], data, reply.status, reply.duration, changed(body, data))


def _flags(resource: Resource, body: Mapping[str, Json]) -> Filters:
    """Without the flag Upsales splits `name`, and takes no notice of firstName and lastName."""
    if resource == "contact" and ("firstName" in body or "lastName" in body):
        return [("usingFirstnameLastname", "true")]
    return []
