"""Reads what `relay demo --once` says: every sample got through, and nothing was made twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from worker.cli.local.samples import samples_of
from worker.sdk.connector import Connector
from worker.sdk.read import read

WAYS = ("the one of the story", "its webhook came twice", "an answer was cut", "kill -9 in the middle")
MADE_OF_THE_STORY = ("companies", "people", *(f"orders: {each}" for each in WAYS))


def assert_every_sample_got_through(said: str, connectors: Iterable[Connector], others: int = 0) -> None:
    """`others`: events of connectors that only the demo knows."""
    assert_the_story_is_told(said)
    samples = ((each, case) for each in connectors for case in samples_of(each).values())
    count = sum(len(read(each, case.request)) for each, case in samples)
    assert count > 0
    assert re.search(rf"^{count + others} events sent: ", said, re.MULTILINE), said
    assert re.search(r"^in Upsales +which is +told by *$", said, re.MULTILINE)
    assert re.search(r"^account 1 ", said, re.MULTILINE)
    made = {line.split()[0] for line in said.splitlines() if re.match(r"[a-zA-Z]+ \d+ ", line)}
    assert made >= {"account", "contact", "order", "activity", "appointment"}
    assert [word for word in ("http", "password", "dead") if word in said] == []
    for resource in ("account", "contact"):
        called = re.findall(rf"^{resource} \d+ +(.+?)(?:,.*?)?  ", said, re.MULTILINE)
        assert len(called) > 5
        assert [name for name, count in Counter(called).items() if count > 1] == [], f"two {resource}s of one name"


def assert_the_story_is_told(said: str) -> None:
    """One of each by the relay; the script's are what they are."""
    assert re.findall(r"^  .+ {2}(1 company, 1 person.*)$", said, re.MULTILINE) == [
        "1 company, 1 person",
        "1 company, 1 person",
        "1 company, 1 person, 1 meeting",
        "1 company, 1 person, 1 meeting, 1 order",
        "1 company, 1 person, 1 meeting, 1 order, paid",
    ]
    table = said.partition("One of each is right:\n")[2]
    rows = dict(re.findall(r"^(.+?) {2,}(\d+) +\d+ *$", table, re.MULTILINE))
    assert rows == dict.fromkeys(MADE_OF_THE_STORY, "1")
