"""Reads the answers of a submission: as Jotform keeps them, or as its webhook posts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from worker.sdk.mapping import Answer
from worker.sdk.mapping.forms import written
from worker.sdk.mapping.lead_answers import Kind

KEY = re.compile(r"q(\d+)_(.+)")
WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])\d+$")
"""Where a key such as `companyName5` is taken apart."""
TYPED: Mapping[str, str] = {"control_email": "email", "control_phone": "phone"}
KINDS: Mapping[str, Kind] = {"control_textbox": "short", "control_hidden": "hidden"}
PARTS: Mapping[str, str] = {
    "first": "first_name",
    "last": "last_name",
    "addr_line1": "street",
    "city": "city",
    "postal": "zipcode",
    "country": "country",
}
"""What answers of several parts call them: a name, an address."""


def read(answers: Mapping[str, Any]) -> Iterator[Answer]:
    for number, each in answers.items():
        kind, named = each["type"] or "", frozenset(filter(None, (number, each["name"])))
        question = (each["name"] if kind == "control_hidden" else each["text"]) or each["name"] or number
        whole = written(each["prettyFormat"] or "")
        yield from _parts(question, each["answer"], whole, named, KINDS.get(kind, "other"), TYPED.get(kind))


def posted(raw: Mapping[str, Any], pretty: str) -> Iterator[Answer]:
    """`pretty` has the questions as people saw them, if an answer is found in it as it stands."""
    for key, value in raw.items():
        if found := KEY.fullmatch(key):
            words = " ".join(filter(None, WORDS.split(found[2])))
            question = _label(pretty, _joined(value)) or (words if "_" in words else words.capitalize())
            named = frozenset({key, found[1], found[2], words})
            yield from _parts(question, value, "", named, "short", None)


def _parts(
    question: str, answer: Any, whole: str, named: frozenset[str], kind: Kind, typed: str | None
) -> Iterator[Answer]:
    """One answer for people, and one for each part that tells something by itself."""
    if not isinstance(answer, Mapping):
        yield Answer(question, written(answer), kind, named, typed)
        return
    if "full" in answer or "phone" in answer:
        yield Answer(question, whole or _joined(answer), kind, named, "phone")
        return
    told = {part: written(answer[part]) for part in PARTS if part in answer}
    for part, text in told.items():
        yield Answer(f"{question} ({PARTS[part].replace('_', ' ')})", text, "other", named, PARTS[part])
    rest = {part: value for part, value in answer.items() if part not in told}
    if text := _joined(rest) if told else whole or ", ".join(f"{part}: {written(each)}" for part, each in rest.items()):
        yield Answer(question, text, "other", named, typed)


def _joined(answer: Any) -> str:
    if isinstance(answer, Mapping):
        return " ".join(filter(None, map(written, answer.values())))
    return written(answer)


def _label(pretty: str, text: str) -> str:
    """`Name:Åsa Öberg, E-post:asa@…`: what stands before the answer, back to the comma."""
    before, colon, _ = pretty.partition(f":{text}") if text else ("", "", "")
    label = before.rpartition(", ")[2]
    return label.strip() if colon and ":" not in label else ""
