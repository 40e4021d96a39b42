"""Every story in `stories/`, told to the whole relay: what is in Upsales afterwards is what people meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.meaning.finding import complaints
from tests.integration.meaning.stage import Stage

STORIES = Path(__file__).with_name("stories")


@pytest.mark.parametrize("path", sorted(STORIES.glob("*.json")), ids=lambda path: path.stem)
def test_what_arrives_is_what_people_meant(path: Path, stage: Stage) -> None:
    story = json.loads(path.read_text("utf-8"))
    events = stage.tell(story)
    assert complaints(story["after"], stage.upsales, events) == []
