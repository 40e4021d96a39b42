"""Which addresses of a sender's API a request may go to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.connectors.woocommerce import connector as woocommerce
from worker.errors import ConfigError
from worker.settings import Connection
from worker.sources.hosts import Place, place_of

API = Place("https://api.example.com/v1", ("files.example.com", "eu.example.com:8443"))
TRYING = Place("https://api.example.com/v1", ("files.example.com",), "http://127.0.0.1:8003/oneflow")


@pytest.mark.parametrize(
    "address",
    [
        "https://api.example.com/v1/contracts/1",
        "https://api.example.com:443/elsewhere",
        "https://API.example.com/v1",
        "https://files.example.com/x?y=1",
        "https://eu.example.com:8443/x",
    ],
)
def test_declared_hosts_are_read_from(address: str) -> None:
    assert API.allowed(address) is not None


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com/v1",
        "https://api.example.com:8443/v1",
        "https://eu.example.com/x",
        "https://api.example.com.evil.example/v1",
        "https://evil.example/?https://api.example.com/v1",
        "https://api.example.com@evil.example/v1",
        "https://user:secret@api.example.com/v1",
        "https://api.example.com\\@evil.example/v1",
        "https://api.example.com./v1",
        "https://127.0.0.1/v1",
        "file:///etc/passwd",
        "ftp://api.example.com/v1",
        "//api.example.com/v1",
        "/v1/contracts",
        "",
        "https://",
        "https://[::1",
        "https://api.example.com:99999999/",
    ],
)
def test_no_other_place_is(address: str) -> None:
    assert API.allowed(address) is None


class TestWhereARootOnThisMachineStandsIn:
    def test_it_alone_is_read_from(self) -> None:
        assert TRYING.start("/contracts/1") == "http://127.0.0.1:8003/oneflow/contracts/1"
        assert TRYING.allowed(TRYING.start("/contracts/1")) is not None
        assert TRYING.allowed("https://files.example.com/x") is None
        assert TRYING.allowed("http://127.0.0.1:8004/oneflow") is None

    def test_it_needs_no_setting_that_tells_where_the_sender_is(self) -> None:
        shop = woocommerce.settings(owner="a@b.example", fallback_product="1")
        there = Connection(name="butik", connector=woocommerce, settings=shop)
        assert woocommerce.source is not None
        with pytest.raises(ConfigError, match="shop_url"):
            place_of(there, woocommerce.source)
        place = place_of(replace(there, source_url="http://127.0.0.1:8003/butik"), woocommerce.source)
        assert place.start("/orders") == "http://127.0.0.1:8003/butik/orders"

    def test_a_link_to_the_api_leads_to_it(self) -> None:
        assert (
            str(TRYING.allowed("https://api.example.com/v1/contracts?page=2"))
            == "http://127.0.0.1:8003/oneflow/contracts?page=2"
        )
        assert TRYING.allowed("https://api.example.com/v11/contracts") is None
