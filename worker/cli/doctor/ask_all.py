"""Asks Upsales about all connections at a time, within the time that there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from worker.cli.doctor.database import Base
from worker.cli.doctor.errands import Errand
from worker.cli.doctor.facts import Asked, ConnectionFacts, Part, Unknown
from worker.cli.doctor.upsales import ask_bare, ask_bound
from worker.keys import Keys
from worker.runtime import Runtime
from worker.settings import Settings
from worker.store.people.audit import Actor


def ask_all(
    found: Sequence[ConnectionFacts],
    live: Settings,
    secrets: Mapping[str, str],
    keys: Keys,
    base: Base,
    redis: Part,
    *,
    fix: Actor | None,
    seconds: float,
) -> Sequence[ConnectionFacts]:
    """The same, with what Upsales says of those that have a key. `redis` and `base` reached: asked as workers ask. `fix`: for whom."""
    quick = live if fix else _hurried(live, seconds)
    runtime = Runtime(quick, secrets) if base.store is not None and redis.reached else None
    told, errands = list(found), []
    for place, each in enumerate(found):
        if isinstance(each.key, Unknown) or each.key is None:
            continue
        asked = Asked(counted=runtime is not None)
        told[place] = replace(each, asked=asked)
        if runtime is not None:
            ask = partial(ask_bound, asked, runtime, each.connection, fix=fix)
        else:
            ask = partial(ask_bare, asked, quick.upsales, keys, each.connection, keys.api_key(each.name), fix=bool(fix))
        errands.append(Errand(ask, seconds))
        if fix:
            # Two connections of one account must not make the same field at a time.
            errands[-1].wait()
    for errand in errands:
        errand.wait()
    told = [replace(each, asked=each.asked and each.asked.as_it_is()) for each in told]
    if runtime is not None and all(errand.done for errand in errands):
        runtime.close()
    return told


def _hurried(settings: Settings, seconds: float) -> Settings:
    upsales = settings.upsales
    return replace(settings, upsales=replace(upsales, call_timeout=min(upsales.call_timeout, seconds)))
