"""Searches for a person and erases them behind a page: either may take minutes.

Whom it is about is held in the memory of the thread, and written nowhere. So an erasure that was killed goes on once somebody says again whom it was about.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore, Thread

import structlog

from worker.admin.forget import LOOK, about, erase
from worker.errors import RelayError
from worker.store import Store, StoreUnavailable
from worker.store.db.sql import LONGEST_KEY, storable_key
from worker.store.people import audit
from worker.store.people.audit import Actor
from worker.store.privacy import drafts, erasures
from worker.store.privacy.drafts import counted
from worker.store.privacy.forget import plan
from worker.store.privacy.person import Person, addresses_in
from worker.store.privacy.pseudonyms import made_pseudonyms

AT_ONCE = 2
PATIENT = 1.0
"""Seconds that a request waits: most searches are over by then."""
SIGN_EVERY = 2.0
THREAD = "forget"
WORD = "ERASE"

log = structlog.get_logger()


class Refused(RelayError):
    """What was said does not fit. `field`: of what was said."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class TooBusy(RelayError):
    """As many searches are under way as may be."""


class Forgetting:
    """Safe to share between threads."""

    def __init__(self, store: Store, search_lag: float) -> None:
        self._store = store
        self._search_lag = search_lag
        self._free = BoundedSemaphore(AT_ONCE)

    def look_for(self, actor: Actor, whom: str) -> str:
        """Answers the id under which it is told what was found."""
        whom = whom.strip()
        if not whom:
            raise Refused(
                "whom",
                "say whom: an e-mail address, a phone number such as +46701740699, or a subject as the list of events shows it",
            )
        if storable_key(whom) != whom:
            raise Refused("whom", f"at most {LONGEST_KEY} characters, and none that can't be stored")
        self._take()
        try:
            with self._store.write() as conn:
                draft, new = drafts.begin(conn, erasures.hashed(whom, made_pseudonyms(conn)), actor.name)
                if new:
                    audit.record(conn, actor, LOOK, about(draft))
        except BaseException:
            self._free.release()
            raise
        self._run(draft, (lambda: self._search(draft, whom)) if new else None)
        return draft

    def start(self, actor: Actor, draft: str, whom: str, word: str, why: str) -> bool:
        """Whether somebody erases from now on; False where somebody does already, or did. Raises Refused."""
        whom = whom.strip()
        if word.strip() != WORD:
            raise Refused("word", f"type {WORD}")
        if Person(addresses_in(whom)).told_in(why):
            raise Refused("why", "the reason stays for ever, so it must not name the person; say it otherwise")
        self._take()
        try:
            with self._store.write() as conn:
                found = drafts.get(conn, draft)
                if found is None or found.term != erasures.hashed(whom, made_pseudonyms(conn)):
                    raise Refused("whom", "is not whom this was counted for")  # noqa: TRY301 - what was taken is given back
                claimed = drafts.claim(conn, draft)
        except BaseException:
            self._free.release()
            raise
        self._run(draft, (lambda: self._erase(actor, draft, whom, why)) if claimed else None)
        return claimed

    def _take(self) -> None:
        if not self._free.acquire(blocking=False):
            raise TooBusy("Two searches are under way. Wait until one of them has ended.")

    def _run(self, draft: str, work: Callable[[], None] | None) -> None:
        if work is None:
            self._free.release()
            return
        thread = Thread(target=self._guarded, args=(draft, work), name=THREAD, daemon=True)
        thread.start()
        thread.join(PATIENT)

    def _guarded(self, draft: str, work: Callable[[], None]) -> None:
        try:
            work()
        except RelayError as error:
            self._tell(draft, str(error))
        except Exception as error:  # noqa: BLE001 - nobody waits for it; its text may hold values
            kind = type(error).__name__
            log.error("a search for a person raised unexpectedly", draft=draft, error=kind)  # noqa: TRY400 - as above
            self._tell(draft, f"something went wrong here ({kind})")
        finally:
            self._free.release()

    def _tell(self, draft: str, fault: str) -> None:
        with suppress(StoreUnavailable), self._store.write() as conn:
            drafts.tell(conn, draft, "counted", fault=fault)

    def _search(self, draft: str, whom: str) -> None:
        planned = plan(self._store, whom, self._signs(draft, "looked through"), search_lag=self._search_lag)
        with self._store.write() as conn:
            drafts.tell(conn, draft, "counted", counted(planned))

    def _erase(self, actor: Actor, draft: str, whom: str, why: str) -> None:
        """What came in since it was counted is the person's as well."""
        planned = plan(self._store, whom, self._signs(draft, "looked through"), search_lag=self._search_lag)
        if planned.obstacles or planned.empty:
            with self._store.write() as conn:
                drafts.tell(conn, draft, "counted", counted(planned))
            return
        done = erase(self._store, planned, actor, why, new=draft, progress=self._signs(draft, "erased"))
        told = [] if done.wiped else ["a reader kept the SQLite log open: its old pages go with the next upkeep"]
        told += [] if done.proof.id == draft else [f"it went on with an erasure that was interrupted: {done.proof.id}"]
        with self._store.write() as conn:
            drafts.tell(conn, draft, "ended", counted(planned), "; ".join(told) or None)

    def _signs(self, draft: str, done: str) -> Callable[[str, int], None]:
        last = time.monotonic()

        def sign(table: str, rows: int) -> None:
            nonlocal last
            if time.monotonic() - last >= SIGN_EVERY:
                last = time.monotonic()
                with suppress(StoreUnavailable), self._store.write() as conn:
                    drafts.sign(conn, draft, f"{table}: {rows} rows {done}")

        return sign
