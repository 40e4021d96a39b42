"""Writes metrics as Prometheus reads them, in bounded time.

What is not known by then is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from worker.instruments import standing

PATIENCE = 5.0
"""Seconds. Prometheus gives up after ten, https://prometheus.io/docs/prometheus/latest/configuration/configuration/."""
REMEMBERED = 1.0

_log = structlog.get_logger()


class _Scrape:
    """One pass over all that is measured, in a thread of its own: a database that hangs lets nobody go."""

    def __init__(self, measure: Callable[[], Iterable[Metric]]) -> None:
        self.begun = time.monotonic()
        self.found: list[Metric] = []
        self.over = Event()
        Thread(target=self._run, args=(measure,), name="scrape", daemon=True).start()

    def _run(self, measure: Callable[[], Iterable[Metric]]) -> None:
        try:
            for metric in measure():
                self.found.append(metric)
        except Exception:  # noqa: BLE001 - what was found until then is told
            _log.exception("metrics are left out: measuring raised unexpectedly")
        finally:
            self.over.set()


class _Found(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


class Exposition:
    """However many ask, one pass runs at a time, and its answer is good for a second."""

    def __init__(
        self, measure: Callable[[], Iterable[Metric]], patience: float = PATIENCE, remembered: float = REMEMBERED
    ) -> None:
        self._measure = measure
        self._patience = patience
        self._remembered = remembered
        self._lock = Lock()
        self._scrape: _Scrape | None = None

    def __call__(self) -> tuple[bytes, str]:
        scrape = self._current()
        left = scrape.begun + self._patience - time.monotonic()
        scrape.over.wait(max(left, 0.0))
        found = list(scrape.found)
        named = {metric.name for metric in found}
        if left <= 0 and not scrape.over.is_set():
            # What was found long before it hung may no longer be so.
            found = []
        # Who is asked and does not answer in time is not up; the rest of what it would have told is not known.
        asked = next((what for what in ("database", "redis") if f"relay_{what}_up" not in named), None)
        found += [standing.up(asked, answers=False)] if asked else []
        registry = CollectorRegistry()
        registry.register(_Found(found))
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def _current(self) -> _Scrape:
        with self._lock:
            known = self._scrape
            fresh = known is not None and (not known.over.is_set() or time.monotonic() - known.begun < self._remembered)
            if known is None or not fresh:
                known = self._scrape = _Scrape(self._measure)
            return known
