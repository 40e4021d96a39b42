"""Tells which schemes sign the URL that a sender calls."""

from __future__ import annotations

from worker.sdk.signatures.any_of import AnyOf
from worker.sdk.signatures.hmacs import Hmac
from worker.sdk.signatures.hubspot import hubspot_uri
from worker.sdk.signatures.mandrill import Mandrill
from worker.sdk.signatures.scheme import Scheme


def signs_url(scheme: Scheme) -> bool:
    """Such a signature fails where a proxy changes the URL. A scheme of a connector's own is taken not to."""
    match scheme:
        case AnyOf(schemes=schemes):
            return any(signs_url(each) for each in schemes)
        case Hmac(signed=signed):
            return hubspot_uri in signed
        case Mandrill(url=url):
            return url is None
        case _:
            return False
