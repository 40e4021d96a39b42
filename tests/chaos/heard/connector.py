"""Listens to the pretend sender of the tests, with a token that somebody made."""

from __future__ import annotations

from dataclasses import replace

from tests.chaos.scaled import HEARD
from tests.fakes.ledger_sender import CONNECTOR
from worker.sdk.source import bearer

assert CONNECTOR.source is not None

connector = replace(CONNECTOR, name=HEARD, source=replace(CONNECTOR.source, sign=bearer()))
