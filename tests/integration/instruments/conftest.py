"""A real Valkey."""

from tests.integration.valkey import redis, valkey_url

__all__ = ["redis", "valkey_url"]
