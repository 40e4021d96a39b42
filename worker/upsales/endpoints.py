"""Lists the path of each resource in Upsales, and its peculiarities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from worker.plan import Resource
from worker.sync.records import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`custom`: the name of its custom fields' definitions. `external_id`: it has a field of that name, which can carry our marker.

    `always`: what a POST says besides the plan. `filters`: what every search adds. `queried`: lists want the `q` form of filters.
    `notifies`: it tells other users, unless `notify` is false. `whole`: a PUT carries the whole record. `upload`: where one is made of bytes.
    """

    path: str
    custom: str | None = None
    external_id: bool = False
    always: Mapping[str, Json] = field(default_factory=dict)
    filters: tuple[tuple[str, str], ...] = ()
    queried: bool = False
    notifies: bool = False
    whole: bool = False
    upload: str | None = None


ENDPOINTS: Mapping[Resource, Endpoint] = MappingProxyType(
    {
        # Companies that only visited the web site are in the same list.
        "account": Endpoint(path="/accounts", custom="account", filters=(("isExternal", "0"),)),
        "contact": Endpoint(path="/contacts", custom="contact"),
        "order": Endpoint(path="/orders", custom="order", notifies=True),
        "activity": Endpoint(path="/activities", custom="activity", always={"isAppointment": 0}),
        "appointment": Endpoint(path="/appointments", custom="appointment", always={"isAppointment": 1}),
        "phoneCall": Endpoint(path="/phoneCall", external_id=True),
        "product": Endpoint(path="/products", custom="product"),
        # A PUT of a part may lose the rest: https://api.upsales.com, Subscriptions.
        "agreement": Endpoint(path="/agreements", custom="agreement", notifies=True, whole=True),
        "ticket": Endpoint(path="/tickets"),
        "comment": Endpoint(path="/comments"),
        "event": Endpoint(path="/events", external_id=True, queried=True, notifies=True),
        "file": Endpoint(path="/files", upload="/file/upload"),
    }
)

UNSUBSCRIBE = "/function/unsub"
"""Opts a contact out of mailings. It is not in the published reference; whether a key may call it is not known:
https://github.com/AxelOhlander/upsales-python-sdk (`upsales/resources/unsub.py`)."""

LOOKUP = "lookup"
"""What everything is that is read and is no resource of a plan."""
_RESOURCES = {
    path.strip("/").partition("/")[0]: str(resource)
    for resource, endpoint in ENDPOINTS.items()
    for path in filter(None, (endpoint.path, endpoint.upload))
} | {"function": "contact"}


def method_of(method: str, path: str) -> str:
    """As calls are told apart where they are counted: what opts a contact out makes none."""
    return "UNSUB" if path == UNSUBSCRIBE else method


def resource_at(path: str) -> str:
    """Whose path it is, of a record or of a list: one of few words, whatever the path."""
    return _RESOURCES.get(path.strip("/").partition("/")[0], LOOKUP)
