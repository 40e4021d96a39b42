"""Signs as senders do, by their own descriptions: nothing of the product's is used."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time


def signed(message: str, body: bytes, secret: str) -> dict[str, str]:
    """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md."""
    at = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{message}.{at}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": message,
        "webhook-timestamp": at,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def shopify_signed(body: bytes, secret: str) -> dict[str, str]:
    """https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook."""
    return {"X-Shopify-Hmac-Sha256": base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()}


def webflow_signed(body: bytes, secret: str) -> dict[str, str]:
    """https://developers.webflow.com/data/docs/working-with-webhooks#validating-request-signatures."""
    at = str(int(time.time() * 1000))
    return {"X-Webflow-Timestamp": at, "X-Webflow-Signature": _hex(f"{at}:".encode() + body, secret)}


def mailchimp_signed(body: bytes, secret: str) -> dict[str, str]:
    """https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/."""
    at = str(int(time.time()))
    return {"X-Mailchimp-Signature": f"t={at},v1={_hex(f'{at}.'.encode() + body, secret)}"}


def _hex(content: bytes, secret: str) -> str:
    return hmac.digest(secret.encode(), content, hashlib.sha256).hex()
