"""Takes from the settings how long an execution's steps may last."""

from __future__ import annotations

from worker.settings.values import Settings
from worker.sync.context import Timing


def timing_of(settings: Settings) -> Timing:
    upsales = settings.upsales
    return Timing(
        search_lag=upsales.search_lag,
        settled_after=upsales.settled_after,
        call_timeout=upsales.call_timeout,
        give_up=settings.delivery.give_up,
    )
