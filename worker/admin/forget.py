"""Erases a person for page, admin API and command, with the same proof and audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from worker.store import Store
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.store.privacy import drafts, erasures
from worker.store.privacy.drafts import Draft
from worker.store.privacy.erasures import Erasure
from worker.store.privacy.forget import ForgetPlan, Forgotten, execute, no_progress
from worker.store.privacy.pages import Progress

ACT = "forget"
LOOK = "look for a person"


@dataclass(frozen=True, slots=True)
class Standing:
    """One erasure, from the question on. `draft`: until an hour after it ended. `proof`: once rows were erased."""

    id: str
    draft: Draft | None
    proof: Erasure | None


@dataclass(frozen=True, slots=True)
class Proofs:
    """The newest first."""

    data: Sequence[Erasure]
    next: str | None


def about(erasure: str) -> str:
    return f"erasure/{erasure}"


def erase(
    store: Store,
    planned: ForgetPlan,
    actor: Actor,
    why: str,
    *,
    new: str | None = None,
    progress: Progress = no_progress,
) -> Forgotten:
    """Raises ConfigError while something waits. `new`: the id of the proof, unless an interrupted one goes on."""
    return execute(
        store, planned, by=actor.name, why=why, progress=progress, new=new, begun=partial(_audit, actor=actor, why=why)
    )


def _audit(conn: Connection, proof: Erasure, *, goes_on: bool, actor: Actor, why: str) -> None:
    audit.record(conn, actor, ACT, about(proof.id), why=why, outcome="goes on" if goes_on else None)


def standing(conn: Connection, erasure: str) -> Standing | None:
    draft, proof = drafts.get(conn, erasure), erasures.get(conn, erasure)
    return Standing(erasure, draft, proof) if draft or proof else None


def proofs(conn: Connection, limit: int, before: str | None = None) -> Proofs:
    found = erasures.listed(conn, limit + 1, before)
    return Proofs(found[:limit], found[limit - 1].id if len(found) > limit else None)
