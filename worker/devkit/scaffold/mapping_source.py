"""Writes the mappings of a new connector: plain functions from an event to a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeAlias

from worker.devkit.scaffold.chosen_settings import PHONES
from worker.devkit.scaffold.guess import Guess, Guesses, TypeGuess
from worker.devkit.scaffold.naming import function_name, sentence, words
from worker.devkit.scaffold.payload_paths import Path
from worker.devkit.scaffold.source import STEP, call, comment, quoted

PERSON = (
    "id", "email", "first_name", "last_name", "name", "phone", "cell_phone", "title", "company", "org_number", "website",
    "street", "zipcode", "city", "country",
)  # fmt: skip
THING = ("about", "amount", "currency")

Said: TypeAlias = Mapping[str, str]
"""What the payload says, by its meaning, as code."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """The types that say the same things in the same places: one mapping does for them."""

    name: str
    types: Sequence[TypeGuess]
    person: Said
    thing: Said

    @property
    def title(self) -> str:
        """Of its activities, as code."""
        return quoted(sentence(self.types[0].event_type)) if len(self.types) == 1 else "TITLES[event.type]"

    @property
    def about_person(self) -> bool:
        return self.types[0].about_person


def mapped(guesses: Guesses, renamed: Mapping[Path, str], taken: Sequence[str]) -> list[Mapped]:
    """`renamed`: where a loaded field is not called as on the wire. `taken`: names that are something else."""
    found: list[Mapped] = []
    for types in _alike(guesses):
        said = types[0].meanings
        person = {what: _at(said[what], renamed) for what in PERSON if what in said}
        thing = {what: _at(said[what], renamed) for what in THING if what in said}
        name = function_name(_called(types), [*taken, *(each.name for each in found)])
        found.append(Mapped(name, types, person, thing))
    return found


def functions(found: Sequence[Mapped]) -> Iterator[str]:
    """Writes the functions that read a person, then the mappings."""
    if titles := _titles(found):
        yield titles
    people = _people(found)
    for name, person in people:
        yield (
            f"def {name}(event: Event) -> Person:\n"
            f"{comment('Guessed by the names of the fields and by what stood in them.', STEP)}"
            f"{STEP}return {call('Person', **person)}\n"
        )
    for each in found:
        yield _function(each, next((name for name, person in people if person == each.person), ""))


def _alike(guesses: Guesses) -> list[list[TypeGuess]]:
    groups: dict[tuple[object, ...], list[TypeGuess]] = {}
    for each in guesses.types:
        said = tuple((what, guess.path) for what, guess in each.meanings.items())
        groups.setdefault((each.about_person, said), []).append(each)
    return list(groups.values())


def _called(group: Sequence[TypeGuess]) -> str:
    """A type's own name; of several types the words they begin with."""
    first, *others = (words(each.event_type) for each in group)
    if not others:
        return group[0].event_type
    shared = takewhile(lambda step: all(step[0] == word for word in step), zip(first, *others, strict=False))
    return " ".join(step[0] for step in shared) or f"{group[0].event_type} and others"


def _titles(found: Sequence[Mapped]) -> str:
    """What activities are called whose mapping is that of several types."""
    several = [each for one in found if len(one.types) > 1 and not one.about_person for each in one.types]
    lines = [f"{STEP}{quoted(each.event_type)}: {quoted(sentence(each.event_type))},\n" for each in several]
    return f"TITLES = {{\n{''.join(lines)}}}\n" if lines else ""


def _people(found: Sequence[Mapped]) -> list[tuple[str, Said]]:
    """The functions that read a person, by name: one if all mappings read the same."""
    different: list[tuple[str, Said]] = []
    for each in found:
        if each.person and each.person not in [person for _, person in different]:
            different.append((f"person_of_{each.name}", each.person))
    return different if len(different) != 1 else [("person_of", different[0][1])]


def _function(each: Mapped, person_of: str) -> str:
    phones = {"phone_region": "settings.phone_region"} if PHONES & each.person.keys() else {}
    authority = {"authoritative": "True"} if each.about_person else {}
    home = {"owner": "settings.owner", "fallback": "settings.fallback_company"}
    contacts = call("contacts_of_person", "person", "event.subject", "home", **phones, **authority)
    follow = {"owner": "settings.owner", "activity_type": "settings.activity_type", **each.thing}
    if not each.person:
        lines = [
            f"home = {call('taken_in', 'settings.fallback_company', owner='settings.owner')}",
            f"activity = {call('follow_up', 'event', each.title, 'home', **follow)}",
            "return (*home.upserts, activity)",
        ]
    elif each.about_person:
        lines = [
            f"person = {person_of}(event)",
            f"home = {call('home_of_person', 'person', **home)}",
            f"people = {contacts}",
            "return (*home.upserts, *people)",
        ]
    else:
        lines = [
            f"person = {person_of}(event)",
            f"home = {call('home_of_person', 'person', **home)}",
            f"people = {contacts}",
            f"activity = {call('follow_up', 'event', each.title, 'home', 'people', **follow)}",
            "return (*home.upserts, *people, activity)",
        ]
    return f"def {each.name}(event: Event, settings: Settings) -> Plan:\n" + "".join(f"{STEP}{x}\n" for x in lines)


def _at(guess: Guess, renamed: Mapping[Path, str]) -> str:
    loaded = [renamed.get(guess.path[: size + 1], step) for size, step in enumerate(guess.path)]
    return call("at", "event.payload", quoted(".".join(loaded)))
