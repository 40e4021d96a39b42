"""Reads the answers of an entry: by the fields of its form where it is known, else by ids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from worker.connectors.gravity_forms.settings import Settings
from worker.sdk.mapping import Answer
from worker.sdk.mapping.forms import consent, written
from worker.sdk.mapping.lead_answers import Kind, name

ID = re.compile(r"(\d+)(?:\.(\d+))?")
"""Of a field, and of a part of one: `1.3` is the first name of field 1."""
PROPERTIES = frozenset(
    [
        "created_by",
        "date_updated",
        "is_starred",
        "is_read",
        "ip",
        "post_id",
        "user_agent",
        "currency",
        "payment_status",
        "payment_date",
        "payment_amount",
        "payment_method",
        "transaction_id",
        "transaction_type",
        "is_fulfilled",
        "source_id",
    ]
)
"""Of an entry, beside its answers: https://docs.gravityforms.com/entry-object."""
TYPED: Mapping[str, str] = {"email": "email", "phone": "phone"}
PARTS: Mapping[tuple[str, str], str] = {
    ("name", "3"): "first_name",
    ("name", "6"): "last_name",
    ("address", "1"): "street",
    ("address", "3"): "city",
    ("address", "5"): "zipcode",
    ("address", "6"): "country",
}
"""Fields that say what they tell, and parts of them."""
KINDS: Mapping[str, Kind] = {"text": "short", "website": "link", "hidden": "hidden", "name": "short"}
NO_ANSWERS = frozenset({"password", "captcha", "html", "section", "page"})


def answers(said: Mapping[str, Any], form: Mapping[str, Any], settings: Settings) -> Iterator[Answer]:
    fields: dict[str, dict[str, Any]] = {}
    for key, value in said.items():
        if found := ID.fullmatch(key):
            fields.setdefault(found[1], {})[key] = value
    if not fields:
        # A feed with selected fields: their names are its own.
        yield from (Answer(key, written(value)) for key, value in said.items() if key not in PROPERTIES)
    known = {each["id"]: each for each in form.get("fields_") or ()}
    agreed = set(map(name, settings.consents))
    for number, parts in fields.items():
        field = known.get(number) or {"type": None, "label": None, "inputs": None}
        if field["type"] == "consent" or number in agreed:
            yield _consent(number, parts, field)
        elif field["type"] == "checkbox":
            yield Answer(
                field["label"] or f"Field {number}", written(list(parts.values())), "other", frozenset({number})
            )
        elif field["type"] not in NO_ANSWERS:
            yield from _parts(parts, field, settings)


def _consent(number: str, parts: Mapping[str, Any], field: Mapping[str, Any]) -> Answer:
    """`5.1`: whether it was given, `5.2`: the text that was agreed to, `5.3`: the revision of the form that had it."""
    label = field["label"] or ""
    text = written(parts.get(f"{number}.2", "")) or label or number
    return consent(Answer(label or number, written(parts.get(f"{number}.1", "")), names=frozenset({number})), text)


def _parts(parts: Mapping[str, Any], field: Mapping[str, Any], settings: Settings) -> Iterator[Answer]:
    kind, labels = field["type"] or "", {each["id"]: each["label"] for each in field["inputs"] or ()}
    for key, value in parts.items():
        part = key.partition(".")[2]
        yield Answer(
            _question(key, field["label"], labels.get(key), settings),
            written(value),
            KINDS.get(kind, "other") if kind else "short",
            frozenset({key, *filter(None, (field["label"],) if not part else ())}),
            PARTS.get((kind, part)) if part else TYPED.get(kind),
        )


def _question(key: str, label: str | None, part: str | None, settings: Settings) -> str:
    """Where the form is not known, the word of the settings is better than a number."""
    told = f"{label} ({part})" if label and part else label
    word = settings.fields.get(key, "").rpartition(".")[2]
    return told or word.replace("_", " ").capitalize() or f"Field {key}"
