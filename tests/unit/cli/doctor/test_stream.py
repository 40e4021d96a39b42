"""The doctor says who listens to a stream, why nobody does, and what was missed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.ledger_sender import CONNECTOR
from tests.unit.cli.doctor.known import NOW, connection
from worker.cli.doctor.connection import signing_secret
from worker.cli.doctor.facts import ConnectionFacts, Unknown
from worker.cli.doctor.stream import stream
from worker.store.streams.leases import Listening


def known(**changes: Any) -> ConnectionFacts:
    given: dict[str, Any] = {"secrets": [], "stored_at": None, **changes}
    return connection("ledger", CONNECTOR, **given)


def heard(**changes: Any) -> Listening:
    usual: dict[str, Any] = {
        "connection": "ledger",
        "owner": "ett:7",
        "state": "listening",
        "reason": None,
        "lasts": 900.0,
        "heard_at": NOW - timedelta(seconds=3),
        "alive": True,
    }
    return Listening(**{**usual, **changes})


@pytest.mark.parametrize(
    ("listening", "level", "says"),
    [
        (heard(), "fine", "listened to by ett:7, last heard 3 s ago"),
        (heard(heard_at=None), "fine", "listened to by ett:7, nothing was told yet"),
        (heard(reason="the sender tells nothing of orders"), "look", "the sender tells nothing of orders"),
        (None, "wrong", "start `relay listen ledger`"),
        (heard(alive=False), "wrong", "nobody listens"),
        (heard(state="forbidden", reason="no token"), "wrong", "does not let it listen: no token"),
        (heard(state="unlike", reason="a message is not JSON"), "wrong", "a message is not JSON"),
        (heard(state="away", reason="it was closed"), "wrong", "can't be listened to: it was closed"),
        (heard(state="away", reason="it was closed", lasts=5.0), "look", "it is being opened: it was closed"),
    ],
)
def test_how_it_is_listened_to(listening: Listening | None, level: str, says: str) -> None:
    (finding,) = stream(NOW, known(listening=listening))
    assert (finding.what, finding.level) == ("ledger: stream", level)
    assert says in finding.says


def test_what_the_sender_no_longer_tells_has_to_be_read() -> None:
    _, gap = stream(NOW, known(listening=None, stored_at=NOW - timedelta(days=15)))
    assert gap.level == "look"
    assert "nothing was stored for 15 days" in gap.says
    assert len(list(stream(NOW, known(listening=None, stored_at=NOW - timedelta(days=13))))) == 1
    assert len(list(stream(NOW, known(listening=heard(), stored_at=NOW - timedelta(days=15))))) == 1


def test_what_is_not_known_is_not_checked() -> None:
    (finding,) = stream(NOW, known(listening=Unknown("the database is away")))
    assert "not checked" in finding.says


def test_it_needs_no_signing_secret() -> None:
    assert signing_secret(NOW, known()).level == "fine"
