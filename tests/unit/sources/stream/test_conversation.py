"""A conversation sends one command after the other, and waits where an answer is awaited."""

from __future__ import annotations

from worker.sdk.stream import NOTHING, Command, Heard
from worker.sources.stream.conversation import Conversation


def test_a_command_that_is_answered_keeps_the_others_back() -> None:
    talk = Conversation()
    assert talk.say([Command("tenants", "added"), Command("topics"), Command("subscribe", "subscribed")]) == ["tenants"]
    assert talk.awaited == "added"
    assert talk.heard(NOTHING) == []
    assert talk.heard(Heard(answers="subscribed")) == []
    assert talk.heard(Heard(answers="added")) == ["topics", "subscribe"]
    assert talk.awaited == "subscribed"
    assert talk.heard(Heard(answers="subscribed")) == []
    assert talk.awaited == ""


def test_replies_come_before_commands() -> None:
    talk = Conversation()
    talk.say([Command("a", "a"), Command("b")])
    assert talk.heard(Heard(answers="a", replies=["got it"])) == ["got it", "b"]


def test_what_is_said_later_waits_for_its_turn() -> None:
    talk = Conversation()
    talk.say([Command("a", "a")])
    assert talk.say([Command("again")]) == []
    assert talk.heard(Heard(answers="a")) == ["again"]
