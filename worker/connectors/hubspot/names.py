"""Names the properties of HubSpot that are asked for when a record is read."""

from __future__ import annotations

from collections.abc import Mapping

READ: Mapping[str, tuple[str, ...]] = {
    "contact": (
        "email",
        "firstname",
        "lastname",
        "phone",
        "mobilephone",
        "jobtitle",
        "company",
        "country",
        "hs_country_region_code",
        "hubspot_owner_id",
        "associatedcompanyid",
    ),
    "company": (
        "name",
        "description",
        "domain",
        "phone",
        "numberofemployees",
        "address",
        "address2",
        "zip",
        "city",
        "state",
        "country",
        "hubspot_owner_id",
    ),
    "deal": (
        "dealname",
        "amount",
        "dealstage",
        "closedate",
        "deal_currency_code",
        "hs_is_closed",
        "hs_is_closed_won",
        "hubspot_owner_id",
    ),
}
"""HubSpot answers a handful of properties unless it is told which ones."""

PRIMARY = "associatedcompanyid"
"""The property that holds the id of the company where a contact belongs."""
