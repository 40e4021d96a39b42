"""There is one record a company, with the newest value of each field, whatever happens in which order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.fakes import Crash, Fault, Lane, Tripwire, Trouble, World
from tests.fakes.upsales import CUSTOM_FIELDS
from tests.fakes.world import LEASE
from worker.errors import Failure, LeaseLost
from worker.plan import Key, Match, Upsert
from worker.sync.version import Version

COMPANIES = ("599999-0046", "112233-4455")
CONNECTIONS = ("butik", "formulär")
OURS = ("name", "phone", "custom.NOTE", "custom.SCORE")

companies = st.sampled_from(COMPANIES)
places = st.integers(1, 25)
troubles = st.sampled_from(
    [
        Fault(Trouble.DROPPED),
        Fault(Trouble.UNANSWERED),
        Fault(Trouble.LATE, seconds=33),
        Fault(Trouble.LATE, seconds=58),
        Fault(Trouble.UNAVAILABLE),
        Fault(Trouble.THROTTLED),
    ]
)
lanes = st.tuples(st.sampled_from(CONNECTIONS), companies)


class Companies(RuleBasedStateMachine):
    """Each company is known to both connections, each of which has a lane for it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(settled_after=60.0)
        self.lanes = {
            (connection, company): Lane(connection, f"{connection} {company}")
            for connection in CONNECTIONS
            for company in COMPANIES
        }
        self.newest: dict[tuple[str, str], tuple[Version, str]] = {}
        self.peoples: dict[str, str] = {}
        self.edits = 0

    @rule(
        lane=lanes, fields=st.sets(st.sampled_from(OURS), min_size=1), minute=st.integers(1, 9), value=st.integers(1, 3)
    )
    def an_event_arrives(self, lane: tuple[str, str], fields: set[str], minute: int, value: int) -> None:
        connection, company = lane
        upsert = Upsert(
            key=Key("account", f"företag {company}"),
            match=(Match("orgNo", company, shared=True),),
            set={"orgNo": company, **dict.fromkeys(sorted(fields), f"ö{value}")},
        )
        event = self.world.event(upsert, minute=minute, connection=connection)
        self.lanes[lane].waiting.append(event)
        for name in fields:
            mine = (event.version, f"ö{value}")
            self.newest[company, name] = max(mine, self.newest.get((company, name), mine))

    @rule(lane=lanes)
    def a_worker_comes_by(self, lane: tuple[str, str]) -> None:
        self.attempt(lane)

    @rule(lane=lanes, fault=troubles)
    def a_write_goes_wrong(self, lane: tuple[str, str], fault: Fault) -> None:
        self.world.upsales.faults.append(fault)
        self.attempt(lane)
        self.world.upsales.faults.clear()

    @rule(lane=lanes, at=places, fault=st.none() | troubles)
    def a_worker_dies(self, lane: tuple[str, str], at: int, fault: Fault | None) -> None:
        self.world.upsales.faults.append(fault)
        self.broken_off(lane, Tripwire(at, "after"))

    @rule(lane=lanes, at=places, other=lanes, fault=st.none() | troubles, seconds=st.sampled_from([0, 40, LEASE]))
    def a_worker_freezes_and_wakes_up_later(
        self, lane: tuple[str, str], at: int, other: tuple[str, str], fault: Fault | None, seconds: float
    ) -> None:
        def meanwhile() -> None:
            self.world.wire = None
            self.world.clock.advance(seconds)
            self.attempt(other)

        self.world.upsales.faults.append(fault)
        self.broken_off(lane, Tripwire(at, "before", meanwhile))

    @rule(seconds=st.sampled_from([1, 6, 31, 70]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @rule(company=companies)
    def people_work_in_upsales(self, company: str) -> None:
        self.edits += 1
        unsettled = any(row.state in {"open", "unknown"} for row in self.world.store.calls.values())
        for record_id, data in list(self.world.upsales.live("account").items()):
            # Who writes one custom field writes all: a call under way may take them back in time.
            if data["orgNo"] == company and not unsettled:
                self.peoples[company] = f"{self.edits}"
                self.world.upsales.edited("account", record_id, webpage=f"{self.edits}")
                self.world.upsales.edited_custom("account", record_id, FOREIGN=f"{self.edits}")

    @rule()
    def the_sweeper_rechecks(self) -> None:
        with suppress(Failure):
            self.world.recheck()

    @invariant()
    def no_company_is_there_twice(self) -> None:
        numbers = [data["orgNo"] for data in self.world.upsales.live("account").values()]
        assert len(numbers) == len(set(numbers)), self.world.upsales.calls

    def teardown(self) -> None:
        self.world.deliver_all(list(self.lanes.values()))
        self.world.settle()
        self.world.clock.advance(LEASE)
        self.no_company_is_there_twice()
        shown = {data["orgNo"]: data for data in self.world.upsales.live("account").values()}
        for (company, name), (_, value) in self.newest.items():
            assert field(shown[company], name) == value, (company, name)
        for company, value in self.peoples.items():
            assert field(shown[company], "webpage") == value
            assert field(shown[company], "custom.FOREIGN") == value
        assert not self.world.store.duplicates
        assert not self.world.snapshot().unsettled

    def attempt(self, lane: tuple[str, str]) -> None:
        with suppress(Failure, LeaseLost):
            self.world.attempt(self.lanes[lane])

    def broken_off(self, lane: tuple[str, str], wire: Tripwire) -> None:
        self.world.wire = wire
        with suppress(Crash):
            self.attempt(lane)
        self.world.wire = None
        self.world.upsales.faults.clear()


def field(data: dict[str, object], name: str) -> object:
    if not name.startswith("custom."):
        return data.get(name)
    custom = data.get("custom")
    assert isinstance(custom, list)
    wanted = CUSTOM_FIELDS[name.removeprefix("custom.")]
    return next((entry["value"] for entry in custom if entry["fieldId"] == wanted), None)


TestCompanies: Callable[[], object] = Companies.TestCase
TestCompanies.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)  # type: ignore[attr-defined]
