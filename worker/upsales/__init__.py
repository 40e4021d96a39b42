"""Upsales over HTTP: nothing above this package knows HTTP, and every outcome of a call is one of our failures."""

from worker.upsales.client import Upsales
from worker.upsales.http import Budget
from worker.upsales.reads import Journal, Read
from worker.upsales.whoami import Account

__all__ = ["Account", "Budget", "Journal", "Read", "Upsales"]
