"""Holds the connector to the rules that every connector keeps."""

from worker.devkit.conformance.paths import problems_of


def test_connector_keeps_to_the_rules() -> None:
    assert problems_of("worker.devkit.scaffold.template") == []
