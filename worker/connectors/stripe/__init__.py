"""Maps Stripe: customers become companies, paid invoices orders, the rest is noted."""

from __future__ import annotations

from collections.abc import Iterator

from schemas import stripe
from schemas.wire import Payload
from worker.connectors.stripe import checkout, customers, failures, invoices, refunds, subscriptions
from worker.connectors.stripe.reading import CUSTOMER, PAYER, PRODUCTS
from worker.connectors.stripe.settings import Settings
from worker.connectors.stripe.source import source
from worker.connectors.stripe.thin import PREFIX, THIN, removed, thin
from worker.plan import Ignored, Plan
from worker.sdk.connector import Connector, Event, Extract, Handles, MapEvent
from worker.sdk.mapping import constant, field, first_of, joined
from worker.sdk.mapping.buyers import customer_gone
from worker.sdk.signatures import senders
from worker.sdk.source import Get

CREATED = field("created")
SUBJECT_CUSTOMER = joined(":", constant("customer"), field("data.object.id"))
# All that concerns a customer takes one lane, so that a customer is there before the order, in whatever order events come.
SUBJECT = first_of(
    joined(":", constant("customer"), field("data.object.customer")),
    joined(":", constant("object"), field("data.object.id")),
)


def live(plan: MapEvent) -> MapEvent:
    """Ignores events of test mode and sandboxes: nothing of it has happened."""

    def of_live_events(event: Event, settings: Settings) -> Plan | Ignored:
        if event.payload["livemode"] is False and not settings.test_mode:
            return Ignored("test mode")
        return plan(event, settings)

    return of_live_events


def about(
    of: type[Payload],
    plan: MapEvent,
    before: type[Payload] = Payload,
    *,
    rank: int = 0,
    fetch: tuple[Get, ...] = (),
) -> Handles:
    """`created` counts seconds: `rank` says what comes later in the life of such an object."""
    subject: Extract = SUBJECT_CUSTOMER if of is stripe.Customer else SUBJECT
    return Handles(stripe.event(of, before), live(plan), subject, CREATED, rank=rank, fetch=fetch)


def customer(rank: int) -> Handles:
    return about(stripe.Customer, customers.customer, rank=rank, fetch=(CUSTOMER,))


def subscription(rank: int) -> Handles:
    return about(stripe.Subscription, subscriptions.subscription, stripe.SubscriptionBefore, rank=rank, fetch=PRODUCTS)


def session(rank: int) -> Handles:
    return about(stripe.Session, checkout.completed, rank=rank)


SOLD = (PAYER, *PRODUCTS)
INVOICE_PAID = about(stripe.Invoice, invoices.paid, rank=2, fetch=SOLD)
INVOICE_DROPPED = about(stripe.InvoiceId, invoices.dropped, rank=3)
REFUND = about(stripe.Refund, refunds.failed)

TOLD = {
    "customer.created": customer(rank=0),
    "customer.updated": customer(rank=1),
    "customer.deleted": about(stripe.Customer, customer_gone, rank=2),
    "customer.tax_id.created": about(stripe.CustomerTaxId, customers.tax_id, rank=1),
    "customer.subscription.created": subscription(rank=0),
    "customer.subscription.updated": subscription(rank=1),
    "customer.subscription.deleted": about(stripe.Subscription, subscriptions.ended, rank=2),
    "invoice.finalized": about(stripe.Invoice, invoices.finalized, fetch=SOLD),
    "invoice.paid": INVOICE_PAID,
    # Until 2019 the only one of the two; who subscribes to both loses nothing.
    "invoice.payment_succeeded": INVOICE_PAID,
    "invoice.payment_failed": about(stripe.Invoice, failures.failed, rank=1, fetch=(PAYER,)),
    "invoice.updated": about(stripe.Invoice, invoices.updated, stripe.CreditsBefore, rank=3, fetch=PRODUCTS),
    "invoice.voided": INVOICE_DROPPED,
    "invoice.marked_uncollectible": INVOICE_DROPPED,
    "invoice_payment.paid": about(stripe.InvoicePayment, invoices.paid_by),
    "checkout.session.completed": session(rank=0),
    "checkout.session.async_payment_failed": session(rank=1),
    "checkout.session.async_payment_succeeded": session(rank=2),
    "charge.refunded": about(stripe.Charge, refunds.refunded, stripe.ChargeBefore, rank=4),
    "credit_note.created": about(stripe.CreditNote, refunds.credit_note, rank=4),
    "credit_note.voided": about(stripe.CreditNote, refunds.credit_note, rank=5),
    "charge.refund.updated": REFUND,
    "refund.updated": REFUND,
    "refund.failed": REFUND,
}

# The rest of a thing's type is what happens to it: `customer.subscription.updated` is about a subscription.
KINDS = {
    "customer": "customer",
    "customer.subscription": "subscription",
    "invoice": "invoice",
    "invoice_payment": "invoice_payment",
    "checkout.session": "checkout.session",
    "charge": "charge",
    "credit_note": "credit_note",
    "refund": "refund",
}


def thin_handles() -> Iterator[tuple[str, Handles]]:
    for name, rule in TOLD.items():
        kind = KINDS.get(name.rpartition(".")[0])
        if kind is not None:
            yield PREFIX + name, (removed if name == "customer.deleted" else thin)(rule, kind)


connector = Connector(
    name="stripe",
    title="Stripe",
    signature=senders.STRIPE,
    # Stripe may send an event several times, always under its id: https://docs.stripe.com/webhooks#handle-duplicate-events
    event_id=field("id"),
    event_type=field("type"),
    handles={**TOLD, **dict(thin_handles())},
    # What is told by another event as well, and what concerns the money's way rather than the customer.
    ignores=frozenset(
        {
            "balance.*",
            "charge.captured",
            "charge.failed",
            "charge.pending",
            "charge.succeeded",
            "charge.updated",
            "checkout.session.expired",
            "credit_note.updated",
            "customer.discount.*",
            "customer.source.*",
            "customer.subscription.trial_will_end",
            "customer.tax_id.deleted",
            "customer.tax_id.updated",
            "invoice.created",
            "invoice.sent",
            "invoice.upcoming",
            "invoice_payment.failed",
            "invoiceitem.*",
            "payment_intent.*",
            "payment_method.*",
            "payout.*",
            "plan.*",
            "price.*",
            "product.*",
            "refund.created",
            "setup_intent.*",
        }
    ),
    refuses=dict.fromkeys(("v1.*", "v2.*"), THIN),
    writes={
        "account": frozenset({"create", "update"}),
        "contact": frozenset({"create", "update"}),
        "order": frozenset({"create", "update"}),
        "agreement": frozenset({"create", "update"}),
        "activity": frozenset({"create", "update"}),
    },
    settings=Settings,
    source=source(TOLD),
    sample_headers={"User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
)
