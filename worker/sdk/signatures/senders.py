"""Lists the schemes of well-known senders, each with the page that describes it.

A connector takes its scheme from here or composes one.
"""

from __future__ import annotations

from datetime import timedelta

from worker.sdk.signatures.body_signature import BodySignature
from worker.sdk.signatures.content import body
from worker.sdk.signatures.hmacs import Hmac, HmacSha256
from worker.sdk.signatures.hubspot import HubSpotV3
from worker.sdk.signatures.json_body import Field
from worker.sdk.signatures.mandrill import Mandrill
from worker.sdk.signatures.sendgrid import SendGrid
from worker.sdk.signatures.standard import StandardWebhooks
from worker.sdk.signatures.teamtailor import Teamtailor
from worker.sdk.signatures.timestamped import Timestamped
from worker.sdk.signatures.timestamps import Timestamp
from worker.sdk.signatures.tokens import Basic, BodyField

# https://developer.calendly.com/api-docs/ZG9jOjM2MzE2MDM4-webhook-signatures: three minutes
CALENDLY = Timestamped("Calendly-Webhook-Signature", tolerance=timedelta(minutes=3))
# https://www.chargebee.com/docs/billing/2.0/site-configuration/webhook_settings
CHARGEBEE = Basic()
# https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
GITHUB = HmacSha256("X-Hub-Signature-256", prefix="sha256=")
# https://developers.google.com/google-ads/webhook/docs/overview
GOOGLE_LEAD_FORM = BodyField("google_key")
HUBSPOT = HubSpotV3()
# https://developers.intercom.com/docs/references/webhooks/webhook-models
INTERCOM = Hmac(header="X-Hub-Signature", prefix="sha1=", digest="sha1")
LIME = HmacSha256("X-Lime-Signature", prefix="sha256=")
# https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation
LINKEDIN = Hmac(header="X-LI-Signature", signed=("hmacsha256=", body))
# https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/: five minutes
MAILCHIMP = Timestamped("X-Mailchimp-Signature")
MANDRILL = Mandrill()
# https://developers.facebook.com/docs/graph-api/webhooks/getting-started
META = HmacSha256("X-Hub-Signature-256", prefix="sha256=")
# https://www.mux.com/docs/core/verify-webhook-signatures
MUX = Timestamped("Mux-Signature")
# https://developer.oneflow.com/docs/introduction
ONEFLOW = BodySignature(signed="callback_id")
SENDGRID = SendGrid()
# https://shopify.dev/docs/apps/build/webhooks/subscribe/https
SHOPIFY = HmacSha256("X-Shopify-Hmac-Sha256", encoding="base64")
# https://docs.slack.dev/authentication/verifying-requests-from-slack/
SLACK = Hmac(
    header="X-Slack-Signature",
    prefix="v0=",
    signed=("v0:", Timestamp("X-Slack-Request-Timestamp"), ":", body),
)
STANDARD_WEBHOOKS = StandardWebhooks()
# https://docs.stripe.com/webhooks/signature
STRIPE = Timestamped("Stripe-Signature")
# https://docs.svix.com/receiving/verifying-payloads/how-manual
SVIX = StandardWebhooks(sent_as="svix")
TEAMTAILOR = Teamtailor()
# https://partner.teamtailor.com/partners/#webhook-signatures: of a partner's integration; the header's v0 is a decoy
TEAMTAILOR_PARTNER = Timestamped("Teamtailor-Signature", signed=Field("partner-event.id"))
# https://www.typeform.com/developers/webhooks/secure-your-webhooks/
TYPEFORM = HmacSha256("Typeform-Signature", prefix="sha256=", encoding="base64")
# https://developers.webflow.com/data/docs/working-with-webhooks#validating-request-signatures
WEBFLOW = Hmac(
    header="X-Webflow-Signature",
    signed=(Timestamp("X-Webflow-Timestamp", "ms"), ":", body),
    advice="a webhook made in Webflow's dashboard has none: make it by Webflow's API, POST /v2/sites/<site>/webhooks",
)
# https://developer.woocommerce.com/docs/best-practices/urls-and-routing/webhooks/
WOOCOMMERCE = HmacSha256("X-WC-Webhook-Signature", encoding="base64")
# https://developer.xero.com/documentation/guides/webhooks/overview/
XERO = HmacSha256("X-Xero-Signature", encoding="base64")
# https://developer.zendesk.com/documentation/webhooks/verifying/
ZENDESK = Hmac(
    header="X-Zendesk-Webhook-Signature",
    signed=(Timestamp("X-Zendesk-Webhook-Signature-Timestamp", "rfc3339"), body),
    encoding="base64",
)
# https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events
ZOOM = Hmac(header="X-Zm-Signature", prefix="v0=", signed=("v0:", Timestamp("X-Zm-Request-Timestamp"), ":", body))
