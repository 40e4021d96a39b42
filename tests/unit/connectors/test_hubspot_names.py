"""Every property that is mapped is asked for when a record is read."""

from __future__ import annotations

import pytest

from worker.connectors.hubspot import connector
from worker.connectors.hubspot.names import PRIMARY, READ
from worker.connectors.hubspot.properties import PLACE, PROPERTIES
from worker.instruments.catching_up import listed
from worker.sdk.settings import load_settings
from worker.settings import Connection

GIVEN = {
    "owner": "asa.oberg@example.com",
    "product": "DEAL",
    "stage_open": "25%",
    "fields": {"contact.lifecyclestage": "LIFECYCLE", "deal.size": "SIZE"},
    "org_number": "orgnr",
}
SETTINGS = load_settings(connector.settings, GIVEN, "the test")


@pytest.mark.parametrize("kind", PROPERTIES)
def test_what_is_mapped_is_read(kind: str) -> None:
    assert set(PROPERTIES[kind]) <= set(READ[kind])


def test_the_company_of_a_contact_and_the_parts_of_an_address_are_read() -> None:
    assert PRIMARY in READ["contact"]
    assert set(PLACE) <= set(READ["company"])


def test_what_the_settings_name_is_read() -> None:
    assert SETTINGS.contact_properties == ",".join([*READ["contact"], "lifecyclestage"])
    assert SETTINGS.company_properties == ",".join([*READ["company"], "orgnr"])
    assert SETTINGS.deal_properties == ",".join([*READ["deal"], "size"])


def test_a_list_of_everything_is_nothing_to_catch_up_with() -> None:
    assert list(listed(Connection(name="crm", connector=connector, settings=SETTINGS, catch_up=900.0))) == []
