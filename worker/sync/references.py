"""Resolves the references of a plan, also products that search doesn't show yet."""

from __future__ import annotations

from worker.errors import Busy, OnItsWay, ProductUnknown, Rejected
from worker.plan import ClientOf, Match, Product, Ref, Reference, Resource
from worker.sync.context import Access
from worker.sync.people import CLIENT, referred_id
from worker.sync.ports import Crm
from worker.sync.waits import next_try

ARTICLE = "articleNo"


def resolve(access: Access, reference: Reference) -> int:
    """The Upsales id. Raises what `Crm.resolve` raises, and Busy while a product is being made."""
    match reference:
        case Product():
            return _product(access, reference)
        case ClientOf(record=Ref(id=number), resource=resource):
            return _client(access, resource, number)
        case _:
            return access.crm.resolve(reference)


def _client(access: Access, resource: Resource, number: int) -> int:
    found = access.read(resource, number)
    client = None if found is None else referred_id(found.data.get(CLIENT))
    if client is None:
        raise Rejected(f"{resource} {number} belongs to no company in Upsales")
    return client


def _product(access: Access, product: Product) -> int:
    """Where the fallback stands in, `access.substituted` says so."""
    number = _article(access, product.article_no) if product.article_no else product_named(access.crm, product)
    if number is not None:
        return number
    number = _article(access, product.fallback) if product.fallback else None
    if number is None:
        raise ProductUnknown(
            f"Upsales has no product with article number {product.article_no!r}"
            + (f", nor the fallback {product.fallback!r}" if product.fallback else "; make it, or set a fallback")
        )
    access.substituted.add(product)
    return number


def product_named(crm: Crm, product: Product) -> int | None:
    """The only active product of the name that is told, where no article number is."""
    if product.article_no or not product.name:
        return None
    try:
        return crm.resolve(Product(None, name=product.name))
    except Rejected:
        return None


def _article(access: Access, article_no: str) -> int | None:
    try:
        return access.crm.resolve(Product(article_no))
    except Rejected:
        return _ours(access, article_no)


def _ours(access: Access, article_no: str) -> int | None:
    """The product that we made, or that an event is about to make. Upsales's search does not show it yet."""
    known = access.ledger.identity("product", Match(ARTICLE, article_no))
    if known is not None and known.record_id is None:
        raise Busy(f"the product {article_no!r} is being made", seconds=next_try(known.age))
    if known is not None:
        return known.record_id
    seconds = access.outlook.makes_product(article_no)
    if seconds is not None:
        raise OnItsWay(f"the product {article_no!r} is made by an event that waits", seconds=seconds)
    return None
