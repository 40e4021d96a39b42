"""Reads the answers of a form of Elementor, plain or with advanced data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from worker.sdk.mapping import Answer
from worker.sdk.mapping.forms import Form, consent, written
from worker.sdk.mapping.lead_answers import Kind

TYPED: Mapping[str, str] = {"email": "email", "tel": "phone"}
"""Types of fields that say what they tell."""
CREDIT = "Elementor"
"""The value of 'Powered by', which a plain form tells like an answer."""
KINDS: Mapping[str, Kind] = {"": "short", "text": "short", "url": "link", "hidden": "hidden"}
DETAILS = frozenset({"Date", "Time", "Page URL", "Page Title"})
"""What a plain form tells beside the answers, on a site in English. In another language it has other labels."""


def form_of(payload: Mapping[str, Any]) -> Form:
    form, meta = payload["form"] or {}, payload["meta"] or {}
    number = form.get("id") or payload["form_id"] or ""
    return Form(
        id=number,
        name=form.get("name") or payload["form_name"] or f"form {number}",
        answers=tuple(_advanced(payload["fields_"]) if payload["fields_"] else _plain(payload["answers"] or {})),
        page=(meta.get("page_url") or {}).get("value"),
        details=DETAILS,
    )


def _advanced(fields: Mapping[str, Any]) -> Iterator[Answer]:
    for name, each in fields.items():
        kind = each["type"] or ""
        if kind == "password":
            continue
        # What nobody sees is called by its id.
        question = name if kind == "hidden" else each["title"] or name
        answer = Answer(question, written(each["value"]), KINDS.get(kind, "other"), frozenset({name}), TYPED.get(kind))
        yield consent(answer) if kind == "acceptance" else answer


def _plain(said: Mapping[str, Any]) -> Iterator[Answer]:
    for label, value in said.items():
        text = written(value)
        if text != CREDIT and not _is_of_the_browser(text):
            yield Answer(label, text)


def _is_of_the_browser(text: str) -> bool:
    """Where somebody was in the network, and with which program, is nobody's business."""
    try:
        return text.startswith("Mozilla/") or bool(ip_address(text))
    except ValueError:
        return False
