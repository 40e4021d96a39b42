"""Proof that a request comes from its sender: signature schemes as frozen values, composed from few parts."""

from worker.signatures.any_of import AnyOf
from worker.signatures.body_signature import BodySignature
from worker.signatures.content import Piece, body, method
from worker.signatures.hmacs import Hmac, HmacSha256
from worker.signatures.hubspot import HubSpotV3
from worker.signatures.json_body import Field
from worker.signatures.mandrill import Mandrill
from worker.signatures.scheme import Scheme, UnusableSecret
from worker.signatures.sendgrid import SendGrid
from worker.signatures.standard import StandardWebhooks
from worker.signatures.timestamped import Timestamped
from worker.signatures.timestamps import Timestamp
from worker.signatures.tokens import Basic, BodyField, StaticHeader, UrlToken

__all__ = [
    "AnyOf",
    "Basic",
    "BodyField",
    "BodySignature",
    "Field",
    "Hmac",
    "HmacSha256",
    "HubSpotV3",
    "Mandrill",
    "Piece",
    "Scheme",
    "SendGrid",
    "StandardWebhooks",
    "StaticHeader",
    "Timestamp",
    "Timestamped",
    "UnusableSecret",
    "UrlToken",
    "body",
    "method",
]
