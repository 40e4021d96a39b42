"""Keeps what we know of Upsales: links, identities, records, calls."""
