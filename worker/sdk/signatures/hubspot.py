"""Verifies HubSpot's third signature version, over method, URI, body and time.

https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from worker.sdk.request import Request
from worker.sdk.signatures.content import body, method
from worker.sdk.signatures.hmacs import Hmac
from worker.sdk.signatures.scheme import text_bytes
from worker.sdk.signatures.timestamps import FIVE_MINUTES, Timestamp

# HubSpot signs the URI with these twelve escapes decoded and all others as they are.
_DECODED = {f"%{ord(char):02X}": char for char in ":/?@!$'()*,;"}
_ESCAPE = re.compile("|".join(_DECODED), re.IGNORECASE)


def HubSpotV3(tolerance: timedelta = FIVE_MINUTES) -> Hmac:  # noqa: N802 - reads as the scheme it makes
    return Hmac(
        header="X-HubSpot-Signature-v3",
        signed=(method, hubspot_uri, body, Timestamp("X-HubSpot-Request-Timestamp", "ms", tolerance)),
        encoding="base64",
    )


def hubspot_uri(request: Request, _now: datetime) -> bytes:
    return text_bytes(_ESCAPE.sub(lambda escape: _DECODED[escape.group().upper()], request.url))
