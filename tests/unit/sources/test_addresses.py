"""Which addresses a sender's API may have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis.strategies import ip_addresses

from worker.sources.addresses import loopback, public

PRIVATE = (
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1",  # noqa: S104
    "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1",
    "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd12::1", "ff02::1", "ff0e::1", "2001:db8::1", "100::1",
    "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "5f00::1",
    "fe80::1%eth0", "2600::1%eth0", "", "localhost", "127.1", "0x7f000001", "2130706433",
)  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_everybodys_is_refused(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "193.180.0.1", "2600:1901:0:38d7::", "2a00:1450:400f:80a::200e"])
def test_what_is_everybodys_is_taken(address: str) -> None:
    assert public(address)


@given(ip_addresses())
def test_nothing_that_is_local_is_public(address: object) -> None:
    text = str(address)
    assert not (public(text) and loopback(text))


def test_only_this_machine_stands_in_for_an_api() -> None:
    assert all(map(loopback, ("127.0.0.1", "127.9.9.9", "::1")))
    assert not any(map(loopback, ("8.8.8.8", "10.0.0.1", "0.0.0.0", "::", "localhost", "")))  # noqa: S104
