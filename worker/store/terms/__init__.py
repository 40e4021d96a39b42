"""Makes values in payloads searchable, by keyed hashes."""
