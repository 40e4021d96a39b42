"""Reads a contract as a document that was sent to be signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from worker.connectors.oneflow.settings import Settings
from worker.sdk.mapping import Line, Person
from worker.sdk.mapping.signed import Document, Participant

Part = Mapping[str, Any]
ENDED = frozenset({"ended", "terminated"})
"""https://support.oneflow.com/hc/en-se/articles/39955849128593"""


def document_of(contract: Part, settings: Settings) -> Document:
    data = dict(filled_in(contract))
    return Document(
        id=contract["id"],
        title=contract["name"] or (contract["private"] or {}).get("name") or f"Oneflow {contract['id']}",
        participants=[each for party in others(contract) for each in signatories(party)],
        lines=lines(contract, settings),
        order_id=data.get(settings.order_field) if settings.order_field else None,
        author=author(contract),
        labels=labels(contract),
        ended=contract["state_updated_time"],
        told=[*(f"{name}: {value}" for name, value in data.items()), f"Oneflow contract {contract['id']}"],
    )


def others(contract: Part) -> Sequence[Part]:
    return [each for each in contract["parties"] or () if not each["my_party"]]


def people(party: Part) -> Sequence[Part]:
    """Who signs comes first."""
    found = [*(party["participants"] or ()), *([party["participant"]] if party["participant"] else ())]
    return sorted(found, key=lambda each: not each["signatory"])


def signatories(party: Part) -> Iterator[Participant]:
    """The number of an individual is a personal one. A company may have nobody to sign for it."""
    private = party["type"] == "individual"
    company = Person() if private else Person(company=party["name"], org_number=party["identification_number"])
    if not private and not people(party):
        yield Participant(person=company)
    for each in people(party):
        moment = each["sign_state_updated_time"]
        yield Participant(
            person=replace(
                company, email=each["email"], name=each["name"], cell_phone=each["phone_number"], title=each["title"]
            ),
            signed=moment if each["sign_state"] == "signed" else None,
            declined=moment if each["sign_state"] == "declined" else None,
        )


def author(contract: Part) -> str | None:
    ours = [each for party in contract["parties"] or () if party["my_party"] for each in people(party)]
    ordered = sorted(ours, key=lambda each: not each["organizer"])
    return next((each["email"] for each in ordered if each["email"]), None)


def lines(contract: Part, settings: Settings) -> Sequence[Line]:
    """An optional product that nobody chose has the quantity 0."""
    return [
        Line(
            key=each["id"],
            article=each["custom_id"] if settings.article == "custom_id" else None,
            name=each["name"],
            quantity=quantity,
            price=((each[settings.price] or {}).get("amount") or {}).get("amount"),
        )
        for group in contract["product_groups"] or ()
        for each in group["products"] or ()
        if (quantity := (each["quantity"] or {}).get("amount")) != 0
    ]


def labels(contract: Part) -> Sequence[str]:
    """The template that it was made of, by its id and its name."""
    template, ours = contract["template"] or {}, contract["ownerside"] or {}
    found = (ours.get("template_id"), template.get("id"), template.get("name"))
    return list(dict.fromkeys(filter(None, found)))


def filled_in(contract: Part) -> Iterator[tuple[str, str]]:
    """One without a custom id can't be told from another."""
    for each in contract["data_fields"] or ():
        name = each["custom_id"] or (each["ownerside"] or {}).get("custom_id")
        if name and each["value"]:
            yield name, each["value"]


def has_ended(contract: Part) -> bool:
    """The state of its lifecycle is an object whose fields are not published: the word counts, wherever it stands in it."""
    state = contract["lifecycle_state"]
    words = state.values() if isinstance(state, Mapping) else (state,)
    return any(isinstance(each, str) and each.lower() in ENDED for each in words)
