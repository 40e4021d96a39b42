"""Looks up the Upsales id of a user, stage, type, product or custom field by its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from worker.errors import FieldUnknown, NameUnknown, OwnerUnknown, ProductUnknown, Rejected, StageUnknown, alike
from worker.plan import (
    ActivityType,
    ClientOf,
    Key,
    Match,
    Product,
    Ref,
    Reference,
    Resource,
    Stage,
    TicketStatus,
    User,
)
from worker.sdk.mapping.domains import company_domain
from worker.sync.records import Json
from worker.sync.typed import CustomField
from worker.upsales.endpoints import ENDPOINTS
from worker.upsales.filters import queries
from worker.upsales.lookup_cache import Cache
from worker.upsales.reads import Reads

T = TypeVar("T")
Rows = Sequence[Mapping[str, Json]]

STAGES = "/orderstages"
USERS = "/users"
TODO_TYPES = "/todoTypes"
ACTIVITY_TYPES = "/activitytypes/activity"
APPOINTMENT_TYPES = "/activitytypes/appointment"
TICKET_STATUSES = "/ticketStatus"
OWN_DOMAINS = "domains of /users"


@dataclass(frozen=True, slots=True)
class Lookups:
    cache: Cache
    reads: Reads

    def resolve(self, reference: Reference) -> int:  # noqa: PLR0911 - one return a kind of reference
        match reference:
            case Ref(id=number):
                return number
            case User():
                return self._user(reference)
            case Stage():
                return self._stage(reference)
            case ActivityType(kind="activity", name=name):
                return self._activity_type(name)
            case ActivityType(name=name):
                return self._named(APPOINTMENT_TYPES, "appointment type", name)
            case TicketStatus(name=name):
                return self._named(TICKET_STATUSES, "ticket status", name)
            case Product():
                return self._product(reference)
            case Key() | ClientOf():
                raise Rejected(f"{reference} leads to another record, which is not looked up here")

    def custom_field(
        self, resource: Resource, alias: str, *, suits: Callable[[CustomField], bool] | None = None
    ) -> CustomField:
        """`suits`: where it answers no, the field is read again, unless that was done a minute ago."""
        field = self.find_custom_field(resource, alias)
        if field is not None and suits is not None and not suits(field):
            field = self.find_custom_field(resource, alias, suits) or field
        if field is None:
            known = [str(d["alias"]) for d in self._definitions_kept(resource) if d.get("alias")]
            raise FieldUnknown(f"{resource} has no custom field with alias {alias!r}{_near(alias, known)}")
        return field

    def find_custom_field(
        self, resource: Resource, alias: str, suits: Callable[[CustomField], bool] = lambda _: True
    ) -> CustomField | None:
        entity = ENDPOINTS[resource].custom
        if entity is None:
            return None
        wanted = alias.strip().casefold()

        def pick(rows: Rows) -> CustomField | None:
            same = [row for row in rows if _folded(row.get("alias")) == wanted]
            lowest = _lowest(same)
            field = next((CustomField.of(row) for row in same if row.get("id") == lowest), None)
            return field if field is not None and suits(field) else None

        return self._find(definitions_path(entity), pick)

    def definition(self, resource: Resource, field_id: int) -> Mapping[str, Json] | None:
        entity = ENDPOINTS[resource].custom
        if entity is None:
            return None
        return self._find(
            definitions_path(entity), lambda rows: next((row for row in rows if row.get("id") == field_id), None)
        )

    def _definitions_kept(self, resource: Resource) -> Rows:
        entity = ENDPOINTS[resource].custom
        return (self.cache.kept(definitions_path(entity)) or ()) if entity else ()

    def own_domains(self) -> Collection[str]:
        """The mail domains of the account's own users, without those of private mail."""
        # Kept beside the users: each event with a mail domain asks, and an account may have a thousand users.
        found: frozenset[str] | None = self.cache.find(OWN_DOMAINS, self._domains_of_users, lambda domains: domains)
        return found or frozenset()

    def _domains_of_users(self) -> frozenset[str]:
        rows: Rows = self._find(USERS, lambda rows: rows) or ()
        domains = (company_domain(str(row.get("email") or "")) for row in rows if _active(row))
        return frozenset(domain for domain in domains if domain)

    def _user(self, user: User) -> int:
        for email in (user.email, user.fallback):
            number = self._find(USERS, _pick_user(email)) if email else None
            if number is not None:
                return number
        meant = user.fallback or user.email
        known = [str(row["email"]) for row in self.cache.kept(USERS) or () if row.get("email") and _active(row)]
        raise OwnerUnknown(f"no active user in Upsales has the e-mail address {meant!r}{_near(meant, known)}")

    def _stage(self, stage: Stage) -> int:
        """By name; a stage that is called otherwise here is known by its probability."""
        number = self._find(STAGES, _pick_named(stage.name)) if stage.name is not None else None
        if number is None and stage.probability is not None:
            number = self._find(STAGES, _pick_likely(stage.probability, below=stage.below))
        if number is None:
            raise StageUnknown(f"Upsales has no {self._missing(stage)}")
        return number

    def _missing(self, stage: Stage) -> str:
        rows = [row for row in self.cache.kept(STAGES) or () if _active(row)]
        if stage.name is not None:
            likely = "" if stage.probability is None else f", nor one of {stage.probability} %"
            return (
                f"order stage named {stage.name!r}{likely}{_near(stage.name, [str(row.get('name')) for row in rows])}"
            )
        there = ", ".join(f"{row.get('name')} ({row.get('probability')} %)" for row in rows[:5])
        wanted = f"between 0 and {stage.probability} %" if stage.below else f"of {stage.probability} %"
        return f"active order stage {wanted}; there is {there or 'none'}"

    def _activity_type(self, name: str | None) -> int:
        """The two built-in types have a list of their own, which is no list: {"TODO": {...}, "PHONE_CALL": {...}}."""
        number = self._find(TODO_TYPES, _pick_named(name))
        return self._named(ACTIVITY_TYPES, "activity type", name) if number is None else number

    def _named(self, path: str, what: str, name: str | None) -> int:
        number = self._find(path, _pick_named(name))
        if number is None and name is None:
            raise NameUnknown(f"Upsales has no {what}")
        if number is None:
            known = [str(row.get("name")) for row in self.cache.kept(path) or () if _active(row)]
            raise NameUnknown(f"Upsales has no {what} named {name!r}{_near(name or '', known)}")
        return number

    def _product(self, product: Product) -> int:
        """By its article number, or by its name alone: when the fallback stands in is decided where more is known, in worker.sync.references."""
        number = self._article(product.article_no) if product.article_no else None
        if product.name and not product.article_no:
            number = self._only_called(product.name)
            if number is None:
                raise ProductUnknown(f"Upsales has no product, or several, named {product.name!r}")
        if number is None:
            raise ProductUnknown(
                f"Upsales has no product with article number {product.article_no!r}; make it, or set a fallback"
            )
        return number

    def _article(self, article_no: str) -> int | None:
        wanted = article_no.strip()

        def load() -> Rows:
            (query,) = queries(Match("articleNo", wanted), queried=False)
            return self.reads.rows(ENDPOINTS["product"].path, [*query, ("limit", "10")], what="product")[0]

        def pick(rows: Rows) -> int | None:
            same = [row for row in rows if str(row.get("articleNo") or "").strip() == wanted]
            return _lowest(row for row in same if _active(row)) or _lowest(same)

        return self.cache.find(("articleNo", wanted), load, pick)

    def _only_called(self, name: str) -> int | None:
        """The active product of this name, if it is the only one."""
        wanted = _folded(name)

        def load() -> Rows:
            path, asked = ENDPOINTS["product"].path, queries(Match("name", name), queried=False)
            found = [self.reads.rows(path, [*query, ("limit", "100")], what="product")[0] for query in asked]
            return list({row["id"]: row for rows in found for row in rows}.values())

        def pick(rows: Rows) -> int | None:
            same = [row for row in rows if _folded(row.get("name")) == wanted and _active(row)]
            return _lowest(same) if len(same) == 1 else None

        return self.cache.find(("product", wanted), load, pick)

    def _find(self, path: str, pick: Callable[[Rows], T | None]) -> T | None:
        load = self._todo_types if path == TODO_TYPES else lambda: self.reads.every(path)
        return self.cache.find(path, load, pick)

    def _todo_types(self) -> Rows:
        payload, _ = self.reads.get(TODO_TYPES)
        types = payload.get("data", payload) if isinstance(payload, Mapping) else payload
        if isinstance(types, Mapping):
            return [{"name": name, **row} for name, row in types.items() if isinstance(row, Mapping)]
        return [row for row in types or () if isinstance(row, Mapping)]


def definitions_path(entity: str) -> str:
    return f"/customfields/{entity}"


def _pick_user(email: str) -> Callable[[Rows], int | None]:
    wanted = _folded(email)
    return lambda rows: _lowest(row for row in rows if _folded(row.get("email")) == wanted and _active(row))


def _pick_named(name: str | None) -> Callable[[Rows], int | None]:
    wanted = _folded(name)
    return lambda rows: _lowest(
        row for row in rows if _active(row) and (name is None or _folded(row.get("name")) == wanted)
    )


def _pick_likely(probability: int, *, below: bool) -> Callable[[Rows], int | None]:
    def pick(rows: Rows) -> int | None:
        active = [row for row in rows if _active(row) and isinstance(row.get("probability"), int)]
        under = (row["probability"] for row in active if 0 < row["probability"] < probability)
        wanted = max(under, default=None) if below else probability
        return _lowest(row for row in active if row["probability"] == wanted)

    return pick


def _active(row: Mapping[str, Json]) -> bool:
    return bool(row.get("active", True)) and not row.get("exclude")


def _folded(value: Json) -> str:
    return " ".join(str(value or "").split()).casefold()


def _lowest(rows: Iterable[Mapping[str, Json]]) -> int | None:
    return min((row["id"] for row in rows if isinstance(row.get("id"), int)), default=None)


def _near(wanted: str, known: Sequence[str]) -> str:
    """The names most like the wanted one; where none is, the first few that exist."""
    if near := alike(wanted, known, most=5, cutoff=0.5):
        return f"; near it: {', '.join(near)}"
    return f"; there is {', '.join(known[:5])}" if known else "; there is none"
