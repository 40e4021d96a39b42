"""Scenes of what senders tell: at once, in one second, by an id alone, otherwise than Upsales shows it."""

from __future__ import annotations

from tests.chaos.scaled import ABROAD, ALL_ACCOUNTS, FLOODED, QUIET, SET_BACK
from tests.chaos.scenes import store
from tests.chaos.scenes.author import AT_ONCE, Author
from tests.chaos.scenes.scene import Scene, SetBack, Tell
from tests.chaos.story import Company, Told

CLOSED = ("Order", "Förlorad")
"""Upsales keeps the closing day of an order that is over."""


def linked_by_id(author: Author) -> Scene:
    """An order knows its company by an id alone, which another event makes."""
    company = author.company("shop")
    pair = [author.account(company), author.order(company, client={"id": company.as_told("shop")["id"]})]
    return author.scene("linked by id alone", Tell(author.shuffled(pair), author.random.choice((0.0, AT_ONCE))))


def made_product(author: Author) -> Scene:
    company, number = author.company("billing"), next(author.numbers)
    article = {"id": f"A-{number}", "name": f"Nyhet {number}", "articleNo": f"NY-{number}"}
    rows = [{"id": 1, "articleNo": article["articleNo"], "quantity": 2, "price": number}]
    product = Told("billing", number, "product.upsert", article)
    return author.scene("product made and sold", Tell([product]), Tell([author.order(company, rows=rows)]))


def one_second(author: Author) -> Scene:
    """The shop counts seconds: the kind of event decides which is newer, not arrival."""
    numbers, key, second = author.numbers, next(author.numbers), next(author.numbers)
    newest = f"Öberg-{key}"
    told = [
        store.customer("customers/update", next(numbers), key, newest, second + 1),
        store.order("orders/paid", next(numbers), key, newest, second),
        store.customer("customers/create", next(numbers), key, f"{newest}-född", second + 1),
        store.order("orders/create", next(numbers), key, newest, second),
    ]
    return author.scene("customer and order of one second", Tell(told, AT_ONCE))


def own_version(author: Author) -> Scene:
    told = author.versions(author.company("forms"), "Utgåva ett", "Utgåva två", "Utgåva tre")
    return author.scene("versions of one second", Tell(author.shuffled(told), AT_ONCE))


def shown_otherwise(author: Author) -> Scene:
    """Phone numbers, closing days and instants, told twice, in any order; what is told again may have changed."""
    company, key, random = author.company("shop"), next(author.numbers), author.random
    told: list[Told] = []
    for day in (3, random.choice((3, 25))):
        month = random.choice((1, 7))
        told += [
            author.account(company, phone=f"070-174 {key // 100 % 100:02d} {key % 100:02d}", notes=f"Dag {day}"),
            author.order(company, id=f"O-{key}", stage=random.choice(CLOSED), closeDate=f"2026-{month:02d}-{day:02d}"),
            author.task(company, "activity.upsert", f"U-{key}", date="2026-04-01", closeDate=f"2026-05-{day:02d}"),
            author.task(
                company,
                "appointment.upsert",
                f"V-{key}",
                date=f"2026-03-{day:02d}T13:00:00+01:00",
                endDate=f"2026-03-{day:02d}T14:30:00+01:00",
            ),
        ]
    return author.scene("shown otherwise than sent", Tell(author.shuffled(told), AT_ONCE))


def without_time(author: Author) -> Scene:
    """What tells no time happened when it came, also by a clock that was set back."""
    company = author.company("shop")
    first, second = (author.account(company, notes=f"Kom som {place}") for place in ("etta", "tvåa"))
    return author.scene(
        "without time, over a clock set back", Tell([first.untimed]), SetBack(SET_BACK), Tell([second.untimed])
    )


def other_account(author: Author) -> Scene:
    """A company of the first account, in another one, under the same id."""
    company = Company(author.random.randint(1, 9), ALL_ACCOUNTS[ABROAD], (ABROAD,))
    # The first two may make the company, by the name that they mention: the last one is newer.
    told = [
        author.contact(company, title="Utlandschef"),
        author.order(company),
        author.account(company, name=f"{company.name}, utomlands"),
    ]
    return author.scene("another account", Tell(author.shuffled(told), AT_ONCE))


def flood(author: Author, events: int) -> Scene:
    """One connection tells all of it at once."""
    companies = [author.company(FLOODED) for _ in range(max(events // 20, 2))]
    told = [
        author.task(
            companies[number % len(companies)], "activity.create", f"F-{next(author.numbers)}", date="2026-05-04"
        )
        for number in range(events)
    ]
    return Scene(f"flood of {events}", round(author.random.uniform(0.1, 0.4) * author.seconds, 1), [Tell(told)])


def quiet(author: Author, events: int) -> Scene:
    """A connection that tells something now and then, beside the flood."""
    told = [author.account(author.company(QUIET)) for _ in range(events)]
    return Scene("beside the flood", 0.0, [Tell(told, author.seconds / events)])
