"""Names who called or was called: somebody with a number, and perhaps an address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.phone_numbers import is_mobile
from worker.plan import Key, Match, Placed, Standing, Upsert, Value
from worker.sdk.mapping.companies import Home, fallback
from worker.sdk.mapping.contacts import email
from worker.sdk.mapping.people import Person, home_of_person
from worker.sdk.mapping.text import CONTACT_NAME, clip, person_name
from worker.sdk.mapping.values import filled


@dataclass(frozen=True, slots=True)
class Caller:
    """`contact`: who it was, where one person has the number. `company`: else whose number it is. `upserts` find or make both."""

    contact: Key
    company: Key
    upserts: tuple[Upsert, ...]


def caller(
    person: Person,
    number: str | None,
    call: str,
    *,
    id: str | None = None,  # noqa: A002 - what the sender calls it
    mails: Sequence[str] = (),
    owner: str,
    new_in: str | None = None,
) -> Caller:
    """Somebody, by each of their addresses and then by the number, which is E.164.

    `call`: what they are told by. `id`: the sender's own for them, which counts where an address tells who it is: what has only a number may
    be a switchboard. `new_in`: the company that takes who has none, where a contact is to be made of whom nobody knows; without it none is.
    """
    known = tuple(Match("email", mail, shared=True) for mail in mails)
    by_number = (Match("phone", number, shared=True),) if number else ()
    firm, home = _home(person, number, call, owner=owner, new_in=new_in)
    holders = _holders(number, call) if new_in and not mails and firm.create else None
    who = Upsert(
        key=Key("contact", f"person:{id}" if id and mails else call),
        match=(*known, *by_number),
        on_create=_named(fields_of(person, number), number) if new_in else {},
        placed={"client": home.place} if new_in else {},
        create=new_in is not None,
        ambiguous="as_upsales",
        made_without=() if mails or not new_in else (firm.key if holders is None else holders.key,),
    )
    others = () if holders is None else (holders,)
    return Caller(who.key, firm.key, (*home.upserts, *others, who))


def fields_of(person: Person, number: str | None) -> dict[str, Value]:
    """What is known of them. `number`: as E.164."""
    first, last = person_name(person.first_name, person.last_name, person.name)
    field = "cellPhone" if number and is_mobile(number) else "phone"
    names = {"firstName": clip(first, CONTACT_NAME), "lastName": clip(last, CONTACT_NAME)}
    return filled({**names, "email": email(person.email), field: number})


def _named(known: dict[str, Value], number: str | None) -> dict[str, Value]:
    """Who has neither name nor address is called by their number."""
    named = any(name in known for name in ("firstName", "lastName", "email"))
    return known if named or number is None else {"firstName": number, **known}


def _home(person: Person, number: str | None, call: str, *, owner: str, new_in: str | None) -> tuple[Upsert, Home]:
    """Whose number it is counts before the domain of an address, and before a name."""
    found = home_of_person(person, owner=owner, fallback=new_in or call)
    firm = Upsert(key=Key("account", call), create=False, ambiguous="as_upsales") if found.unknown else found.upserts[0]
    firm = replace(firm, match=(*firm.match, *_numbers(number)))
    if new_in is None:
        looked_for = Upsert(key=firm.key, match=firm.match, create=False, ambiguous=firm.ambiguous, domain=firm.domain)
        return looked_for, Home((looked_for,), (Placed(firm.key, Standing.TOLD),))
    if not found.unknown:
        return firm, Home((firm, *found.upserts[1:]), found.place)
    stand_in = fallback(new_in, owner=owner, instead_of=firm.key)
    places = (Placed(firm.key, Standing.OWN), Placed(stand_in.key, Standing.FALLBACK))
    return firm, Home((firm, stand_in), places)


def _holders(number: str | None, call: str) -> Upsert:
    """The company of all who have the number: where there are several, nobody new is made."""
    by_number = tuple(match for match in _numbers(number) if match.field == "contactPhone")
    key = Key("account", f"holders:{call}")
    return Upsert(key=key, match=by_number, create=False, ambiguous="as_upsales")


def _numbers(number: str | None) -> Iterator[Match]:
    if number:
        yield Match("contactPhone", number, shared=True)
        yield Match("phone", number, shared=True)
