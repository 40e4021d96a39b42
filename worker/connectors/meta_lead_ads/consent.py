"""Tells which boxes of a form were checked, with the words that stood beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.wire import printable
from worker.sdk.mapping import readable

UNCHECKED = ("", "0", "false", "none")


def consents(responses: Any, consent: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Of each box its text, else its key. What stood above the boxes comes before them."""
    answered = [each for each in responses if isinstance(each, dict)] if isinstance(responses, list) else []
    legal = (consent or {}).get("legal_content")
    disclaimer = legal.get("custom_disclaimer") if isinstance(legal, dict) else None
    shown = disclaimer if isinstance(disclaimer, dict) else {}
    above = ": ".join(filter(None, (_text(shown.get("title")), _text(shown.get("body")))))
    if answered and above:
        yield "Consent", above
    texts = {_text(each.get("key")): _text(each.get("text")) for each in _boxes(shown.get("checkboxes"))}
    for each in answered:
        key = _text(each.get("checkbox_key"))
        checked = str(each.get("is_checked")).strip().lower() not in UNCHECKED
        yield texts.get(key) or key or "Consent", "Yes" if checked else "No"


def _boxes(told: Any) -> list[dict[str, Any]]:
    """A list, or an object that holds one."""
    found = told.get("data") if isinstance(told, dict) else told
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(told: Any) -> str:
    """Text, or an object that holds one."""
    found = told.get("text") if isinstance(told, dict) else told
    return printable(readable(found)) if isinstance(found, str) else ""
