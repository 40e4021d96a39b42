"""Keeps how far senders' own APIs were read."""
