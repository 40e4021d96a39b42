"""Lists the words senders use for what they tell, in English and Swedish."""

from __future__ import annotations

from collections.abc import Mapping


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


CUSTOMER = _set("""
    customer contact person buyer client driver invitee guest visitor attendee lead respondent subscriber member patient
    applicant signer billing payer recipient registrant participant user holder tenant kund kontakt köpare
""")
STAFF = _set("""
    agent owner assignee employee seller sales rep staff host organizer organiser operator inspector creator author admin
    handler warden säljare
""")
COMPANY = _set("company organization organisation org business employer firm företag kund customer client")
PERSONS = _set("customer contact person user member subscriber client company account profile organization")
"""Nouns of types whose events are about a person or company alone, not about what happened to it."""

WRAPPERS = _set("data object payload resource entity record item attributes body event result")
"""Objects whose names say nothing of what is in them."""

MESSAGE = _set("event meta webhook message header notification")
"""Objects that tell of the message itself."""

OTHERS = _set("customer contact person user client company organization account buyer owner agent driver")
TENANTS = _set("shop store tenant workspace organization organisation team form app site portal environment page")
"""Objects that an event names beside the thing it is about."""

NO_THINGS = _set("""
    org organization organisation vat phone mobile tel cell fax zip postal post country currency language status error
    discount area personal
""")
"""Numbers and codes that are no thing's id."""

PLANNED = _set("""
    start starts end ends due expires expiry expected birth valid delivery scheduled deadline until next from to
""")
"""Times that are no times of an event."""

IDS = _set("""
    id uuid guid sid number no nr ref reference code zip zipcode postcode key token sku orderid userid customerid ticketid
    caseid kundnr ordernr ärendenr artikelnr
""")
PHONES = _set("phone telephone mobile cell cellphone tel telefon mobil fax")
AMOUNTS = _set("""
    amount total price sum fee fine cost value subtotal tax vat discount belopp quantity qty pris antal summa moms
""")

TYPES: Mapping[str, int] = {
    "event type": 10,
    "event name": 10,
    "webhook event": 10,
    "event": 9,
    "topic": 8,
    "type": 8,
    "typ": 8,
    "händelse": 8,
    "trigger": 6,
    "action": 5,
    "kind": 5,
}
"""What a type may be called, and how sure that is."""

MESSAGE_IDS: Mapping[str, int] = {
    "event id": 10,
    "webhook id": 9,
    "delivery id": 9,
    "message id": 9,
    "notification id": 9,
    "event uuid": 9,
    "uuid": 7,
    "id": 5,
}

THING_IDS: Mapping[str, int] = {
    "id": 4,
    "uuid": 4,
    "guid": 4,
    "sid": 4,
    "orderid": 4,
    "userid": 3,
    "customerid": 3,
    "ticketid": 4,
    "caseid": 4,
    "ordernr": 4,
    "kundnr": 3,
    "ärendenr": 4,
    "number": 3,
    "reference": 3,
    "token": 3,
    "no": 3,
    "nr": 3,
    "ref": 2,
    "code": 1,
    "key": 1,
}

TIMES: Mapping[str, int] = {
    "occurred": 10,
    "happened": 10,
    "timestamp": 9,
    "time": 9,
    "event": 9,
    "sent": 8,
    "delivered": 8,
    "updated": 8,
    "modified": 8,
    "changed": 8,
    "created": 7,
    "submitted": 7,
    "completed": 6,
    "ts": 6,
    "tid": 8,
    "tidpunkt": 9,
    "skapad": 7,
    "uppdaterad": 8,
    "at": 3,
    "date": 3,
    "when": 3,
}

SENDING = _set("sent delivered timestamp ts")
"""Times that may be of a delivery: when the event is sent again, they change."""

HAPPENING = _set("occurred happened")
"""Times of what happened, wherever they stand."""
