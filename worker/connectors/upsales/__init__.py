"""Maps changes in one Upsales account to another, told by an app or by triggers."""

from __future__ import annotations

from marshmallow import Schema

from schemas import upsales_events
from worker.connectors.upsales import calendar, companies, contacts, orders
from worker.connectors.upsales.events import EVENT_ID, TIME, event_type, lacking, subject
from worker.connectors.upsales.loops import unless_by_key
from worker.connectors.upsales.reading import as_read
from worker.connectors.upsales.removals import removed
from worker.connectors.upsales.settings import Settings
from worker.connectors.upsales.source import SOURCE, the_record
from worker.plan import Resource
from worker.sdk.connector import Connector, Handles, MapEvent
from worker.sdk.handshakes import get_ok
from worker.sdk.signatures import AnyOf, BodyField, UrlToken


def handles(kind: str, resource: Resource, schema: type[Schema], changed: MapEvent) -> dict[str, Handles]:
    """Triggers tell seconds or minutes: within one, what was inserted is changed and deleted after that."""

    def change(rank: int) -> Handles:
        mapping = unless_by_key(as_read(kind, changed))
        return Handles(schema, mapping, subject(kind), TIME, rank=rank, fetch=the_record(kind))

    removal = Handles(upsales_events.Removal, unless_by_key(removed(resource)), subject(kind), TIME, rank=2)
    return {f"{kind}insert": change(rank=0), f"{kind}update": change(rank=1), f"{kind}delete": removal}


connector = Connector(
    name="upsales",
    title="Upsales",
    # An app's requests carry the app's key; a trigger is given the same field, or a token in its URL.
    # https://support.upsales.com/hc/en-us/articles/360001705067
    signature=AnyOf((BodyField("authenticationKey"), UrlToken())),
    event_id=EVENT_ID,
    event_type=event_type,
    explains=lacking,
    handles={
        **handles("client", "account", upsales_events.CompanyChange, companies.changed_company),
        **handles("contact", "contact", upsales_events.ContactChange, contacts.changed_contact),
        **handles("order", "order", upsales_events.OrderChange, orders.changed_order),
        **handles("activity", "activity", upsales_events.ActivityChange, calendar.changed_activity),
        **handles("appointment", "appointment", upsales_events.AppointmentChange, calendar.changed_appointment),
    },
    # An order that is being edited is not saved yet; `external` and `job` are what an app asked Upsales for itself.
    ignores=frozenset({"agreement*", "orderedit", "external", "job"}),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "activity": frozenset({"create", "update"}),
        "appointment": frozenset({"create", "update"}),
    },
    settings=Settings,
    source=SOURCE,
    # An app is asked every minute whether it is alive.
    handshakes=(get_ok(),),
    accepted_status=200,
    secret_fields=("authenticationKey", "apiKey", "callbackUrl"),
)
