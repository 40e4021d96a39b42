"""Takes API keys and signing secrets; none is shown but one that was made here, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from web.console.describe import body
from web.console.doors import WHY, Done, Doors, InvalidBody, Shown, act, show, text_of
from web.console.pages.connections import detail_of, page_of
from web.problems import Problem
from worker.admin import keys
from worker.admin.credentials import Replaced, replaced
from worker.admin.key_trial import trial
from worker.admin.known import ask
from worker.store.people.audit import Actor

OVERLAP = "24h"
LONGEST = 4096
VALUE: Mapping[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST, "format": "relay-secret"}
OF_KEY: Mapping[str, Mapping[str, Any]] = {"value": VALUE}
ROTATION: Mapping[str, Mapping[str, Any]] = {
    "overlap": {
        "type": "string",
        "pattern": f"^(?:0|{keys.SPAN.pattern})$",
        "description": "How long the others stay valid: 24h, 7d",
    },
    "newest": {"type": "string", "description": "The fingerprint of the newest one that was seen"},
}
OF_SECRET: Mapping[str, Mapping[str, Any]] = {"value": VALUE, "generate": {"type": "boolean"}, **ROTATION}
A_KEY = body(["value"], value=VALUE, why=WHY)
A_SECRET = {
    "oneOf": [
        body(["value"], value=VALUE, generate={"const": False}, why=WHY, **ROTATION),
        body(["generate"], generate={"const": True}, why=WHY, **ROTATION),
    ]
}


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """`replaced`: the key before it; when it was called last, and whether it may be deleted in Upsales now."""

    fingerprint: str
    account: int | None
    account_name: str | None
    user_name: str | None
    found: str
    in_force_before: bool
    replaced: Replaced | None


@dataclass(frozen=True, slots=True)
class SecretAnswer:
    """`secret`: one that was made here; it is in this answer alone. `overlap`: for how many seconds the others stay valid."""

    fingerprint: str
    overlap: float
    secret: str | None = field(default=None, repr=False)


def open_keys(doors: Doors) -> None:
    parts = doors.parts

    @doors.pages.get("/connections/<name>/api-key")
    def key_page(name: str) -> Shown:
        return _key_form(doors, name)

    @doors.pages.get("/connections/<name>/secrets")
    def secrets_page(name: str) -> Shown:
        return _secret_form(doors, name)

    def set_key(actor: Actor, why: str | None, name: str, value: Any) -> Done:
        kept = keys.set_key(parts, actor, name, _needed(value), trial(parts), why)
        account = kept.account
        before = ask(parts.store, lambda conn: replaced(conn, name)).value
        told = KeyAnswer(
            fingerprint=kept.fingerprint,
            account=account.id if account else None,
            account_name=account.name if account else None,
            user_name=account.user_name if account else None,
            found="accepted, and not used by another connection",
            in_force_before=kept.audit is None,
            replaced=before if kept.replaced else None,
        )
        return Done(told, kept.audit, page_of(name))

    def rotate(actor: Actor, why: str | None, name: str, value: Any, generate: Any, overlap: Any, newest: Any) -> Done:
        kept = keys.rotate_secret(
            parts,
            actor,
            name,
            None if _generates(generate, value) else _needed(value),
            overlap=keys.seconds(text_of("overlap", overlap) or OVERLAP),
            newest=text_of("newest", newest),
            why=why,
        )
        answer = SecretAnswer(kept.fingerprint, kept.overlap, kept.value)
        return Done(answer, kept.audit, page_of(name), 200 if kept.audit is None else 201, once=kept.value is not None)

    def key_again(problem: Problem, name: str) -> Shown:
        return _key_form(doors, name, problem)

    def secret_again(problem: Problem, name: str) -> Shown:
        return _secret_form(doors, name, problem)

    def once(done: Done, name: str) -> Shown:
        return show("connection_secret_once.html", {"name": name, "kept": done.value}, done.status)

    act(
        doors,
        "/connections/<name>/api-key",
        set_key,
        why=False,
        endpoint="set_key",
        fields=OF_KEY,
        method="PUT",
        again=key_again,
        summary="Set the API key, after Upsales accepted it",
        answers=KeyAnswer,
        asked=A_KEY,
    )
    act(
        doors,
        "/connections/<name>/secrets",
        rotate,
        why=False,
        endpoint="rotate_secret",
        fields=OF_SECRET,
        again=secret_again,
        once=once,
        summary="Add a signing secret; the others stay valid for a while",
        answers=SecretAnswer,
        asked=A_SECRET,
        status=201,
    )


def _needed(said: Any) -> str:
    value = (text_of("value", said) or "").strip()
    if not value:
        raise InvalidBody([("value", "is missing")])
    if len(value) > LONGEST:
        raise InvalidBody([("value", f"at most {LONGEST} characters")])
    return value


def _generates(generate: Any, value: Any) -> bool:
    """A form says `yes`, a program `true`."""
    if generate not in (None, True, False, "yes"):
        raise InvalidBody([("generate", "must be true or false")])
    if generate and value:
        raise InvalidBody([("generate", "stands beside value: give one of them")])
    return bool(generate)


def _key_form(doors: Doors, name: str, problem: Problem | None = None) -> Shown:
    return _shown(doors, "connection_key.html", name, problem)


def _secret_form(doors: Doors, name: str, problem: Problem | None = None) -> Shown:
    return _shown(doors, "connection_secrets.html", name, problem)


def _shown(doors: Doors, template: str, name: str, problem: Problem | None) -> Shown:
    faults = {each["pointer"].removeprefix("#/"): each["detail"] for each in problem.errors} if problem else {}
    values = {"name": name, "found": detail_of(doors, name), "problem": problem, "faults": faults, "overlap": OVERLAP}
    return show(template, values, problem.status if problem else 200)
