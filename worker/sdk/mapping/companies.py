"""Names companies: by what a sender says of them, or by the person who belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from worker.plan import Ambiguous, Key, Match, Placed, Standing, Sure, Upsert, User, Value, folded
from worker.sdk.mapping.company_names import company_name
from worker.sdk.mapping.domains import company_domain, web_domain
from worker.sdk.mapping.text import ACCOUNT_NAME, WEBPAGE, clip
from worker.sdk.mapping.values import filled


@dataclass(frozen=True, slots=True)
class Home:
    """Where a contact, an order or an activity belongs.

    `upserts` find or make the company. `place` goes into `Upsert.placed`, under `client`: it is the first one that is there.
    """

    upserts: tuple[Upsert, ...]
    place: tuple[Placed, ...]

    @property
    def key(self) -> Key:
        """The company that is looked for first."""
        return self.place[0].key

    def optional(self) -> tuple[Placed, ...]:
        """The place of what may stay without a company."""
        return tuple(replace(choice, needed=False) for choice in self.place)

    @property
    def made(self) -> bool:
        """Whether it is made where it isn't there yet."""
        return any(upsert.create for upsert in self.upserts)

    @property
    def unknown(self) -> bool:
        """Whether nothing tells a company, so that it is the fallback."""
        return self.place[0].standing is Standing.FALLBACK


def company(
    name: str,
    *,
    id: str | None = None,  # noqa: A002 - what the sender calls it
    owner: str | None = None,
    org_number: str | None = None,
    website: str | None = None,
    mail: str | None = None,
    if_empty: Mapping[str, Value] | None = None,
    distinct: bool = False,
    ambiguous: Ambiguous = "review",
) -> Upsert:
    """A company that a sender names. It is found by its number, by the host of its website or mail, and by its name.

    `id`: the sender's own for it. `mail`: an address of somebody there. `distinct`: the sender keeps companies of its own, and two of
    them are two, whatever their names and numbers.
    Its name is written once: people correct names, and Upsales completes Swedish ones from a company register
    (https://support.upsales.com/hc/en-us/articles/12016823691281).
    """
    name = clip(name, ACCOUNT_NAME)
    domain = web_domain(website) or company_domain(mail)
    shared = not distinct
    known = (
        Match("orgNo", org_number or "", shared),
        Match("webpage", domain or "", shared),
        Match("name", name, shared),
    )
    return Upsert(
        key=Key("account", id or natural_id(name, org_number, domain)),
        match=tuple(match for match in known if match.value),
        on_create=filled({"name": name, "users": (User(owner),) if owner else ()}),
        if_empty=filled({"orgNo": org_number, **(if_empty or {})}),
        surest=web_page(website, domain),
        domain=None if web_domain(website) else domain,
        ambiguous=ambiguous,
    )


def web_page(website: str | None, domain: str | None) -> dict[str, Sure]:
    """The web page that is told, else the mail domain until one is."""
    page = clip(website or "", WEBPAGE) or domain
    standing = Standing.TOLD if website else Standing.OWN
    return {"webpage": Sure(page, standing, fills=True)} if page else {}


def natural_id(name: str, org_number: str | None = None, domain: str | None = None) -> str:
    """The id of a company for which the sender has none: all by which it is found is in it."""
    return f"company:{org_number or '@'.join(filter(None, (folded(name), domain)))}"


def home_at(upsert: Upsert) -> Home:
    """Where whoever names this company belongs."""
    return Home((upsert,), (Placed(upsert.key, Standing.TOLD),))


def fallback(name: str, *, owner: str | None = None, instead_of: Key | None = None) -> Upsert:
    """The company that takes who has none. Nothing is known of it but its name."""
    name = clip(name, ACCOUNT_NAME)
    return Upsert(
        key=Key("account", natural_id(name)),
        match=(Match("name", name, shared=True),),
        on_create=filled({"name": name, "users": (User(owner),) if owner else ()}),
        instead_of=instead_of,
    )


def taken_in(name: str, *, owner: str | None = None) -> Home:
    """Where somebody belongs of whom nothing is known."""
    upsert = fallback(name, owner=owner)
    return Home((upsert,), (Placed(upsert.key, Standing.FALLBACK),))


def home_of(
    mail: str | None,
    *,
    id: str | None = None,  # noqa: A002 - what the sender calls it
    owner: str,
    fallback_company: str,
    name: str | None = None,
    org_number: str | None = None,
    website: str | None = None,
    own: str | None = None,
    by_domain: bool = False,
    if_ours: Mapping[str, Value] | None = None,
    ambiguous: Ambiguous = "review",
) -> Home:
    """Where a person belongs: to the company of the contact who has that e-mail address, before anything that is written here.

    Else to the company of their number, their mail domain or their company's `name`; to a company of their own, called `own`; to one
    that is made for their mail domain, if `by_domain`; to the fallback company. `if_ours` fills a company that is made here.
    `id`: the sender's own for the person, where other events tell nothing else of them, or there is no address.
    """
    name = company_name(name)
    if mail is None and name:
        found = company(name, owner=owner, org_number=org_number, website=website, ambiguous=ambiguous)
        return home_at(found)
    if mail is None and not (id and own):
        return taken_in(fallback_company, owner=owner)
    domain = web_domain(website) or company_domain(mail)
    called = name or own or (domain if by_domain else None)
    known = (
        Match("orgNo", org_number or "", shared=True),
        Match("contact", mail or "", shared=True),
        Match("webpage", domain or "", shared=True),
        Match("name", clip(name or "", ACCOUNT_NAME), shared=True),
    )
    home = Upsert(
        key=Key("account", id or _home_id(mail or "", name)),
        match=tuple(match for match in known if match.value),
        on_create=filled({"name": clip(called or "", ACCOUNT_NAME), "users": (User(owner),)}) if called else {},
        if_empty=filled({"orgNo": org_number}),
        surest=web_page(website, domain) if name or by_domain else {},
        if_ours=filled(if_ours or {}) if called else {},
        create=bool(called),
        domain=None if web_domain(website) else domain,
        ambiguous=ambiguous,
    )
    stand_in = fallback(fallback_company, owner=owner, instead_of=home.key)
    standing = Standing.TOLD if name else Standing.OWN
    places = (Placed(home.key, standing), Placed(stand_in.key, Standing.FALLBACK))
    may_fail = called in (None, domain)
    return Home((home, stand_in), places) if may_fail else Home((home,), places[:1])


def _home_id(mail: str, name: str | None) -> str:
    """Whoever names a company is not linked to the one that was assumed before."""
    return "home:" + ":".join(filter(None, (mail, folded(name or ""))))
