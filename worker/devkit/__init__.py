"""Serves developers of connectors: captures, scaffolds, cases and rules."""
