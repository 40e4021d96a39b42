"""Runs `relay listen` for the pretend sender: `python -m tests.integration.sources.process DATABASE_URL URL`."""

from __future__ import annotations

import sys

from tests.fakes.ledger_sender import CONNECTOR
from tests.integration.sources.listening import Tokens
from worker.cli.context import Installation
from worker.cli.listen import run
from worker.settings import Connection

if __name__ == "__main__":
    connection = Connection(name="ledger", connector=CONNECTOR, settings=None, source_url=sys.argv[2])
    run(Installation({"DATABASE_URL": sys.argv[1], "RELAY_CONFIG": ""}), [connection], Tokens(), lease_seconds=2.0)
