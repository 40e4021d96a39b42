"""Keeps what was read of senders' APIs for events."""
