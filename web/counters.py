"""What this process counts. With several processes the counts meet in PROMETHEUS_MULTIPROC_DIR, see web.wsgi."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Histogram

_webhooks = Counter("relay_webhooks", "Webhooks by connection and what became of them.", ["connection", "outcome"])
_seconds = Histogram(
    "relay_webhook_seconds",
    "Time to answer a webhook.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
_wakeups = Counter(
    "relay_wakeups", "Wake-ups for the worker by what became of them; the sweeper rings those not sent.", ["outcome"]
)

COLLECTORS = (_webhooks, _seconds, _wakeups)


_labelled = cache(_webhooks.labels)  # looking a label up costs more than counting


def webhook(connection: str, outcome: str, seconds: float) -> None:
    _labelled(connection, outcome).inc()
    _seconds.observe(seconds)


def wakeups(outcome: str, count: int) -> None:
    _wakeups.labels(outcome).inc(count)
