"""worker/cli/local/sample_fields.py: what the demo's sandbox needs, so that each sample comes through."""

from __future__ import annotations

from worker.cli.local.sample_fields import custom_fields
from worker.connectors import OURS, fortnox, typeform


def test_fields_that_samples_write_to_are_found_by_resource() -> None:
    found = custom_fields([fortnox.connector])
    assert "FORTNOX_NR" in found["account"]
    assert "INVOICE" in found["order"]


def test_samples_that_write_to_none_need_none() -> None:
    assert custom_fields([typeform.connector]) == {}


def test_no_sample_names_the_field_that_every_account_has() -> None:
    assert all("EXTERNAL_ID" not in aliases for aliases in custom_fields(OURS).values())
