"""Upsales over HTTP: nothing above this package knows HTTP, and every outcome of a call is one of our failures."""

from worker.upsales.account import Account
from worker.upsales.crm import Upsales
from worker.upsales.line import Budget
from worker.upsales.reads import Journal, Read

__all__ = ["Account", "Budget", "Journal", "Read", "Upsales"]
