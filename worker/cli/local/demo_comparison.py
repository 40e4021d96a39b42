"""Compares what the relay and the script made of the demo's story, as the sandbox holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worker.cli.local.demo_story import CUT, KILLED, ORDER, TWICE
from worker.cli.local.naive_script import ORDER_NAME
from worker.cli.local.sandbox_control import Holding
from worker.cli.selection import number

STORY = {
    ORDER: "orders: the one of the story",
    TWICE: "orders: its webhook came twice",
    CUT: "orders: an answer was cut",
    KILLED: "orders: kill -9 in the middle",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """How many there are of something of which there should be one."""

    what: str
    relay: int
    script: int


def compared(relay: Holding, script: Holding) -> Sequence[Compared]:
    names = {ORDER_NAME.format(number): what for number, what in STORY.items()}
    return [
        Compared("companies", len(relay.companies), len(script.companies)),
        Compared("people", len(relay.people), len(script.people)),
        *(Compared(what, relay.orders.get(name, 0), script.orders.get(name, 0)) for name, what in names.items()),
    ]


def problem(relay: Holding, rows: Sequence[Compared]) -> str | None:
    """What the relay made otherwise than the story has it, in one line."""
    wrong = [f"{row.what}: {row.relay}" for row in rows if row.relay != 1]
    unknown = relay.orders.keys() - {ORDER_NAME.format(number) for number in STORY}
    if unknown:
        wrong.append(f"orders that nobody told of: {', '.join(sorted(unknown))}")
    if relay.meetings != 1:
        wrong.append(f"meetings: {relay.meetings}")
    if relay.paid != {ORDER_NAME.format(ORDER)}:
        wrong.append(f"paid orders: {', '.join(sorted(relay.paid)) or 'none'}")
    return f"the story should end with one of each; {'; '.join(wrong)}" if wrong else None


def briefly(holding: Holding) -> str:
    found = [
        number(len(holding.companies), "company", "companies"),
        number(len(holding.people), "person", "people"),
        number(holding.meetings, "meeting"),
        number(sum(holding.orders.values()), "order") + (", paid" if holding.paid else ""),
    ]
    return ", ".join(each for each in found if not each.startswith("0 "))
