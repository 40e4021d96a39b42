"""Versions of one connection have one order, whatever they hold; two connections have their times in common."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.world import NOON
from worker.plan import Standing
from worker.sync.version import Version

VERSIONS = st.builds(
    Version,
    time=st.sampled_from([NOON, NOON + timedelta(seconds=1)]),
    seq=st.integers(1, 3),
    connection=st.just("butik"),
    sender_version=st.sampled_from([None, Decimal(0), Decimal(-1), Decimal("0.000000001")]),
    rank=st.integers(0, 2),
    standing=st.sampled_from(Standing),
)


@given(a=VERSIONS, b=VERSIONS, c=VERSIONS)
def test_one_connection_has_one_order(a: Version, b: Version, c: Version) -> None:
    assert (a < b) + (a > b) + (a == b) == 1
    assert (a <= b) is not (b < a)
    assert all(x < z for x, y, z in permutations((a, b, c)) if x < y < z)


@given(a=VERSIONS, b=VERSIONS)
def test_of_another_connection_only_time_and_arrival_count(a: Version, b: Version) -> None:
    """And what was assumed is older than what was told."""
    other = replace(b, connection="formulär")
    one, two = (min(a.standing, 0), a.time, a.seq), (min(b.standing, 0), b.time, b.seq)
    assert (a < other) is (one < two)
    assert (a >= other) is (one >= two)


def test_of_one_time_the_senders_versions_count_by_their_size_and_none_is_the_lowest() -> None:
    said = [None, Decimal(-1), Decimal(0), Decimal("0.5"), Decimal(1), Decimal(2)]
    lowest_first = [Version(NOON, 9 - index, "butik", version, 9 - index) for index, version in enumerate(said)]
    assert all(lower < higher for lower, higher in pairwise(lowest_first))


def test_a_version_tells_more_than_a_microsecond() -> None:
    earlier = Version(NOON, 2, "butik", Decimal("1795428000.000000001"))
    assert earlier < Version(NOON, 1, "butik", Decimal("1795428000.000000002"))
