"""Maps documents that people sign: to orders that are won, agreements, activities, to-dos."""

from worker.sdk.mapping.signed.document import Document, Participant
from worker.sdk.mapping.signed.plans import SIGNED_PDF, ended, signed, unsigned
from worker.sdk.mapping.signed.settings import Signing
from worker.sdk.mapping.signed.sides import others

__all__ = ["SIGNED_PDF", "Document", "Participant", "Signing", "ended", "others", "signed", "unsigned"]
