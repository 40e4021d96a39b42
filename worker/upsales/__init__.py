"""Speaks HTTP to Upsales, and turns every outcome of a call into a value or a failure."""

from worker.upsales.client import Upsales
from worker.upsales.http import Budget, HttpClient
from worker.upsales.reads import Journal, Read
from worker.upsales.whoami import Account

__all__ = ["Account", "Budget", "HttpClient", "Journal", "Read", "Upsales"]
