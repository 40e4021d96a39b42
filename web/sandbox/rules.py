"""Applies what Upsales works out or refuses when one record is written.

Each rule may change the draft or raise a Refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from web.sandbox import dates
from web.sandbox.answers import Json, Record, invalid
from web.sandbox.coercion import identifier, integer
from web.sandbox.order_rows import exact, priced, row_sum

if TYPE_CHECKING:
    from web.sandbox.writes import Write

Rule: TypeAlias = "Callable[[Record, Write], None]"


def names(draft: Record, write: Write) -> None:
    """Keep `name` and its two parts in step; the parts count only with the flag `usingFirstnameLastname`."""
    flagged = "usingfirstnamelastname" in write.flags
    if flagged:
        draft["name"] = f"{draft['firstName'] or ''} {draft['lastName'] or ''}".strip()
    elif "name" in write.body:
        draft["firstName"], _, draft["lastName"] = (draft["name"] or "").partition(" ")
    else:
        before = write.before or {}
        draft["firstName"], draft["lastName"] = before.get("firstName", ""), before.get("lastName", "")


def probability(draft: Record, write: Write) -> None:
    if "probability" in write.body and write.body["probability"] is not None:
        return
    stage = write.customer.find("orderstages", draft["stage"])
    moved = not write.before or write.before["stage"] != draft["stage"]
    if stage and moved:
        draft["probability"] = stage["probability"]


def order_rows(draft: Record, write: Write) -> None:
    """Replace the rows by those sent; a row keeps its id only if the id is sent."""
    if "orderRow" not in write.body:
        return
    held = {row["id"]: row for row in (write.before or {}).get("orderRow", ())}
    rows = [priced(sent, held, write.customer, keep_customs=write.person) for sent in draft["orderRow"]]
    if not rows:
        raise invalid("Missing required parameter: orderRow")
    draft["orderRow"] = rows


def totals(draft: Record, write: Write) -> None:
    value = row_sum(draft["orderRow"])
    chance = exact(draft["probability"] or 0) / 100
    rate = exact(draft["currencyRate"] or 1)
    draft["currency"] = draft["currency"] or write.customer.master_currency
    draft["value"] = draft["orderValue"] = plain(value)
    draft["weightedValue"] = plain(value * chance)
    draft["valueInMasterCurrency"] = plain(value * rate)
    draft["weightedValueInMasterCurrency"] = plain(value * rate * chance)


def plain(amount: Json) -> Json:
    whole = int(amount)
    return whole if whole == amount else float(amount)


def closed(draft: Record, write: Write) -> None:
    """Upsales dates an order's end itself, when it is won or lost."""
    over = draft["probability"] in {0, 100}
    if over and not draft["closeDate"]:
        draft["closeDate"] = dates.closing(dates.today(write.now))
    if not over and write.body.get("closeDate") is None:
        draft["closeDate"] = None


def still_open(draft: Record, _: Write) -> None:
    if not is_open(draft):
        raise invalid("probability of an opportunity is 1 to 99")


def is_open(order: Record) -> bool:
    return 0 < (order["probability"] or 0) < 100


def client_for_phone_calls(draft: Record, write: Write) -> None:
    kind = write.customer.find("activitytypes/activity", draft["activityType"])
    if kind and kind["kind"] == "PHONE_CALL" and not draft["client"]:
        raise invalid("Missing required parameter: client")


def contacts_of_client(draft: Record, write: Write) -> None:
    """Drop contacts of another company without notice, as the vendor's example of a created to-do shows."""
    draft["contacts"] = [
        contact
        for contact in draft["contacts"]
        if (found := write.customer.find("contacts", contact)) and found["client"] == draft["client"]
    ]


def dated(draft: Record, write: Write) -> None:
    draft["date"] = draft["date"] or dates.at(write.now)


def signed(draft: Record, write: Write) -> None:
    draft["user"] = draft["user"] or {"id": write.author}


def first_status(draft: Record, write: Write) -> None:
    if not draft["status"]:
        first = next(iter(write.customer.records("ticketstatus")), None)
        draft["status"] = {"id": first["id"]} if first else None


TERMS = (
    "agreementDescription",
    "agreementStartdate",
    "agreementIntervalType",
    "agreementIntervalPeriod",
    "agreementOrderCreationTime",
    "periodLength",
)
FIXED_TERMS = ("agreementStartdate", "agreementIntervalPeriod", "periodLength")


def agreement_terms(draft: Record, write: Write) -> None:
    """Check and complete a subscription's `metadata`; its start, interval and period never change."""
    sent = write.body.get("metadata")
    sent = sent if isinstance(sent, dict) else {}
    if write.before:
        held = write.before["metadata"]
        draft["metadata"] = {**held, **{name: value for name, value in sent.items() if name not in FIXED_TERMS}}
    else:
        draft["metadata"] = new_terms(sent)
    stage = write.customer.find("orderstages", draft["stage"])
    if stage and stage["probability"] != 100:
        raise invalid("stage must have probability 100")


def new_terms(sent: Record) -> Record:
    for name in TERMS:
        if sent.get(name) is None:
            raise invalid(f"Missing required parameter: metadata.{name}")
    period, interval = integer(sent["periodLength"]), integer(sent["agreementIntervalPeriod"])
    if interval < 1 or period % interval:
        raise invalid("agreementIntervalPeriod must divide periodLength")
    return {
        **sent,
        "agreementDescription": str(sent["agreementDescription"]).strip()[:130],
        "agreementStartdate": dates.midnight(sent["agreementStartdate"]),
        "agreementIntervalType": 1,
        "agreementIntervalPeriod": interval,
        "periodLength": period,
        "agreementRenewalDate": dates.midnight(sent.get("agreementRenewalDate")) if period else None,
    }


def active_client(draft: Record, write: Write) -> None:
    """Refuse new tasks and orders for a company that is no longer active."""
    if write.before and write.before["client"] == draft["client"]:
        return
    client = write.customer.find("accounts", draft.get("client"))
    if client and not client["active"]:
        raise invalid(f"Client {identifier(client)} is inactive")
