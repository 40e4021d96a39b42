"""The web application with the test senders, for granian to serve."""

from __future__ import annotations

import os
from pathlib import Path

from tests.senders import CONNECTIONS, KnownSecrets
from web.app import create_app
from web.front import front_of
from worker.settings import Settings

app = create_app(
    Settings(
        database_url=os.environ["DATABASE_URL"],
        redis_url=os.environ.get("REDIS_URL"),
        connections=CONNECTIONS,
    ),
    KnownSecrets(),
)

front = front_of(app, CONNECTIONS)

Path(os.environ["LOADED"], str(os.getpid())).touch()
