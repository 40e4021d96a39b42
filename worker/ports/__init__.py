"""What the executor needs of the world: Upsales (Crm) and what we know of it (Ledger), and the values that they speak in."""

from worker.ports.crm import Crm
from worker.ports.known import EPOCH, CallState, Doubt, Held, Identity, Link, LinkState, Pending, Record
from worker.ports.ledger import Ledger
from worker.ports.wired import Answer, Found, Json, Permit

__all__ = [
    "EPOCH",
    "Answer",
    "CallState",
    "Crm",
    "Doubt",
    "Found",
    "Held",
    "Identity",
    "Json",
    "Ledger",
    "Link",
    "LinkState",
    "Pending",
    "Permit",
    "Record",
]
