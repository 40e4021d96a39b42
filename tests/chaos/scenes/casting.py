"""Draws the scenes of a run from its seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.chaos.scenes import calls, leads, mailings, people, senders
from tests.chaos.scenes.author import Author
from tests.chaos.scenes.scene import Scene

KINDS: Sequence[Callable[[Author], Scene]] = (
    senders.linked_by_id,
    senders.made_product,
    senders.one_second,
    senders.own_version,
    senders.shown_otherwise,
    senders.without_time,
    senders.other_account,
    people.changed,
    people.deleted,
    people.merged_into_a_new_one,
    people.merged_into_a_known_one,
    leads.two_leads,
    leads.form_sent_twice,
    mailings.member,
    calls.call,
)
EVERY = 250
"""So many events of the story to each scene of a kind."""


def scenes(seed: int, events: int, seconds: float) -> Sequence[Scene]:
    """Every kind at least once; the flood, and the quiet connection beside it, once."""
    author = Author.of(seed, events, seconds)
    drawn = [kind(author) for kind in KINDS for _ in range(max(events // EVERY, 1))]
    drawn += [senders.flood(author, events // 5), senders.quiet(author, max(events // 25, 10))]
    return sorted(drawn, key=lambda scene: scene.at)
