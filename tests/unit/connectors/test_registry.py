"""The registry has our connectors, and those that other packages bring."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from worker.connectors import GROUP, OURS, all_connectors, collected, shopify
from worker.errors import ConfigError


def entry(value: str) -> EntryPoint:
    return EntryPoint("acme", value, GROUP)


def test_ours_are_there() -> None:
    assert {each.name for each in all_connectors()} >= {"generic", "shopify", "typeform"}


def test_another_package_brings_one() -> None:
    assert collected([], [entry("worker.connectors.shopify:connector")]) == (shopify.connector,)


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("worker.connectors.shopify:connector", "there is another connector called 'shopify'; uninstall one of them"),
        ("worker.connectors.stripe:INVOICE_PAID", "is no Connector but Handles"),
        ("worker.connectors.ångström:connector", "can't be loaded: ModuleNotFoundError"),
        ("worker.connectors.shopify:nothing", "can't be loaded: AttributeError"),
    ],
)
def test_entry_point_that_cannot_be_used_is_named(value: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        collected(OURS, [entry(value)])
    assert str(caught.value).startswith(f"connector acme ({value})")
    assert line in str(caught.value)
