"""Exports the signature schemes that prove a request comes from its sender."""

from worker.sdk.signatures.any_of import AnyOf
from worker.sdk.signatures.body_signature import BodySignature
from worker.sdk.signatures.content import Piece, body, method
from worker.sdk.signatures.hmacs import Hmac, HmacSha256
from worker.sdk.signatures.hubspot import HubSpotV3
from worker.sdk.signatures.json_body import Field
from worker.sdk.signatures.mandrill import Mandrill
from worker.sdk.signatures.not_public import NotPublic
from worker.sdk.signatures.scheme import Advising, Scheme, UnusableSecret, expected, flaw_of, told_by
from worker.sdk.signatures.sendgrid import SendGrid
from worker.sdk.signatures.signed_url import signs_url
from worker.sdk.signatures.standard import StandardWebhooks
from worker.sdk.signatures.teamtailor import Teamtailor
from worker.sdk.signatures.timestamped import Timestamped
from worker.sdk.signatures.timestamps import Timestamp
from worker.sdk.signatures.tokens import Basic, BodyField, StaticHeader, UrlToken
from worker.sdk.signatures.url_and_body import UrlAndBodyField

__all__ = [
    "Advising",
    "AnyOf",
    "Basic",
    "BodyField",
    "BodySignature",
    "Field",
    "Hmac",
    "HmacSha256",
    "HubSpotV3",
    "Mandrill",
    "NotPublic",
    "Piece",
    "Scheme",
    "SendGrid",
    "StandardWebhooks",
    "StaticHeader",
    "Teamtailor",
    "Timestamp",
    "Timestamped",
    "UnusableSecret",
    "UrlAndBodyField",
    "UrlToken",
    "body",
    "expected",
    "flaw_of",
    "method",
    "signs_url",
    "told_by",
]
