"""Reads senders' own APIs, as their connectors declare them."""
