"""Serves the web application for the benchmark.

BENCH_BARE leaves the database out, BENCH_UNCOUNTED the counters.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import flask

from bench.senders import CONNECTIONS, OneSecret
from web import receive
from web.access_log import AccessLog
from web.app import create_app
from web.front import front_of
from web.problems import answer_with_problems
from worker import logs
from worker.settings import Settings
from worker.store.events import intake
from worker.store.events.arrival import Accepted, Arrival, Receipt

logs.configure({"RELAY_LOG": "json"})


def bare() -> flask.Flask:
    def commit(arrival: Arrival) -> Receipt:
        events = tuple(Accepted(event.id, event.event_id, "inserted", event) for event in arrival.events)
        return Receipt(arrival.request_id, arrival.connection, stored=True, events=events)

    receiver = receive.Receiver(
        CONNECTIONS, OneSecret(), commit, rehearse=lambda _connection, _events: (), now=lambda: datetime.now(UTC)
    )
    made = flask.Flask("bare", static_folder=None)
    answer_with_problems(made)
    made.register_blueprint(receive.blueprint(receiver, AccessLog()))
    return made


def whole() -> flask.Flask:
    settings = Settings(
        database_url=os.environ["DATABASE_URL"], redis_url=os.environ["REDIS_URL"], connections=CONNECTIONS
    )
    return create_app(settings, OneSecret())


if os.environ.get("BENCH_UNCOUNTED"):
    vars(intake)["count"] = lambda *_: None
app = bare() if os.environ.get("BENCH_BARE") else whole()
front = front_of(app, CONNECTIONS)
