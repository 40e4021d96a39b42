"""Scenes of what people do in Upsales to records that senders know."""

from __future__ import annotations

from tests.chaos.scenes.author import AT_ONCE, Author
from tests.chaos.scenes.scene import Delete, Edit, MergeInto, MergeIntoNew, Scene, Settle, Step, Tell
from tests.chaos.story import Company, Person
from tests.chaos.things import Thing

DELETED = "was deleted in Upsales"


def changed(author: Author) -> Scene:
    """A person's value stands until the sender's changes."""
    company = author.company("shop")
    renamed = author.random.random() < 0.5
    name, tell = ("name", author.account) if renamed else ("title", author.contact)
    thing = known(company) if renamed else Thing(company.account, "contacts", Person(company).email)
    same = {name: f"Som avsändaren skriver {company.number}"}
    steps: list[Step] = [
        Tell([tell(company, **same)]),
        Settle(),
        Edit(thing, {name: f"Som en människa skriver {company.number}"}),
        Tell([tell(company, **same, notes="Samma som förut")]),
    ]
    if author.random.random() < 0.5:
        steps.append(Tell([tell(company, **{name: f"Nytt hos avsändaren {company.number}"})]))
    return author.scene(f"{name} changed by a person", *steps)


def deleted(author: Author) -> Scene:
    """It is not made again, and what needs it says why it came to nothing."""
    company = author.company("shop")
    later = author.account(company, notes="Efter raderingen")
    needs = author.order(company, client={"id": company.as_told("shop")["id"]})
    return author.scene(
        "deleted by a person",
        Tell([author.account(company)]),
        Settle(),
        Delete(known(company)),
        Tell([later]),
        Settle(),
        Tell([needs]),
        explained={later.id: DELETED, needs.id: DELETED},
    )


def merged_into_a_new_one(author: Author) -> Scene:
    """The one that is left takes over marker and number, by which it is found."""
    company = author.company("shop")
    later = author.account(company, notes="Efter sammanslagningen").without("name")
    steps: list[Step] = [
        Tell([author.account(company)]),
        Settle(),
        MergeIntoNew(known(company), {"name": f"Sammanslaget {company.number} AB"}),
        Tell([later, author.order(company)], AT_ONCE),
    ]
    if author.random.random() < 0.5:
        steps.append(Tell([author.account(company, name=f"Nytt namn {company.number} AB")]))
    return author.scene("merged by a person", *steps)


def merged_into_a_known_one(author: Author) -> Scene:
    """The one that is left is known as another: the one that was merged counts as deleted."""
    company, other = author.company("shop"), author.company("shop")
    later = author.account(company, notes="Efter sammanslagningen")
    return author.scene(
        "merged into another by a person",
        Tell([author.account(company), author.account(other, notes="Den andra")]),
        Settle(),
        MergeInto(known(company), known(other)),
        Tell([later, author.account(other, notes="Den som är kvar")]),
        explained={later.id: DELETED},
    )


def known(company: Company) -> Thing:
    return Thing(company.account, "accounts", company.org_no)
