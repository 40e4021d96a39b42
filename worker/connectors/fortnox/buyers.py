"""Says who a document is for: the customer as Fortnox knows them, else as it names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worker.sdk.connector import Event


def buyer(event: Event, said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    read: Mapping[str, Any] | None = event.read.get("buyer")
    return read or bare(said)


def bare(said: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not said["CustomerNumber"]:
        return None
    empty = dict.fromkeys(("Type", "Active", "Email", "Phone1", "WWW", "Address1", "Address2", "ZipCode", "City"))
    empty |= dict.fromkeys(f"Delivery{each}" for each in ("Address1", "Address2", "ZipCode", "City", "CountryCode"))
    empty |= dict.fromkeys(f"Visiting{each}" for each in ("Address", "ZipCode", "City", "CountryCode"))
    names = {"CustomerNumber": "CustomerNumber", "Name": "CustomerName", "OrganisationNumber": "OrganisationNumber"}
    told = {ours: said[theirs] for ours, theirs in names.items()}
    return {**empty, "CountryCode": None, "OurReference": said["OurReference"], **told}
