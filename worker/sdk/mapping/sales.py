"""Makes an order of lines that a sender tells: a contract, a quote, a cart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from worker.plan import Key, Product, Row, Upsert, User, Value
from worker.sdk.connector import Event
from worker.sdk.mapping.companies import Home
from worker.sdk.mapping.text import DESCRIPTION, clip
from worker.sdk.mapping.values import money, stage


@dataclass(frozen=True, slots=True)
class Line:
    """As the sender tells it. `price`: of one piece. `name`: what is sold is called so, where it has no article number."""

    key: str | None
    article: str | None
    quantity: Decimal | None
    price: Decimal | None
    name: str | None = None


def rows_of(lines: Sequence[Line], fallback_product: str) -> tuple[Row, ...]:
    """A row of each line; one that has no key of its sender's is known by its place."""
    return tuple(
        Row(
            key=line.key or str(number),
            product=Product(line.article, fallback_product, line.name),
            quantity=money(1 if line.quantity is None else line.quantity),
            price=money(line.price),
        )
        for number, line in enumerate(lines, 1)
    )


def sale(
    event: Event,
    title: str | None,
    home: Home,
    lines: Sequence[Line],
    *,
    owner: str,
    at_stage: str,
    fallback_product: str,
    contacts: Sequence[Upsert] = (),
    number: str | None = None,
) -> Upsert | None:
    """The order of the event's subject, whose rows the sender decides; None without lines: Upsales has no order without rows.

    `contacts`: the first of them is the order's. `number`: what the sender calls the order; without a title its description, too.
    """
    rows = rows_of(lines, fallback_product)
    made: dict[str, Value] = {
        "description": clip(title or number or event.subject, DESCRIPTION),
        "user": User(owner),
        "stage": stage(at_stage),
        "date": event.time.date(),
    }
    if not rows:
        return None
    return Upsert(
        key=Key("order", event.subject),
        set={"orderRow": rows},
        on_create=made,
        if_empty={"contact": contacts[0].key} if contacts else {},
        placed={"client": home.place},
        number=number,
    )
