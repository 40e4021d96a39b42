"""Defines every failure; its class alone decides what happens next.

RelayError
  ConfigError        a setting is wrong: one line, exit code 2
  LeaseLost          another worker owns the lane now: stop, write nothing
  Failure
    Rejected         ours or the sender's fault: dead letter at once, the lane goes on
      PayloadInvalid, TypeUnknown, RequestGone, RequestErased
      StageUnknown, OwnerUnknown, ProductUnknown, FieldUnknown, NameUnknown
      NotPermitted, NotStorable, LinkDeleted
                     the same, each with a code of its own (worker/logs/reasons.py)
      Unlinked       it links to a record that is not in Upsales: the same, but it may be kept for that record
      NotAsDeclared  the sender's API answers something else than its connector declares
    Refused          Upsales said no, in its own words: dead letter at once
    Gone             the record no longer exists in Upsales: find it again
    Unavailable      try again with backoff
      SourceUnavailable
                     the same, of the sender's API: it says nothing about Upsales
    Waiting          nothing is wrong: wait, costs no attempt
      Throttled      no budget now: wait for the window
      TooEarly       the sender's API does not show yet what its webhook told of
      SourceThrottled
                     the limits of the sender's API are used up
      Busy           another worker makes or holds the record
        OnItsWay     a record that it needs is made by an event that waits
      Stopping       this process is about to end: another one goes on
    Unauthorized     the key is not accepted: pause the connection
      SourceForbidden
                     the sender's API does not accept the token, or does not let it read this: the same
        NoToken      the connection has none
    OutcomeUnknown   the call may have taken effect: look for its effect before anything else
    NotReadYet       what it needs of the sender's API is not read yet: nothing can be planned
    NeverExisted     the sender's API knows no such thing: the event is ignored, by the rule's name
    GoneAtSource     it was deleted at the sender: recorded, nothing is written
    NeedsReview      can't be decided by machine: waits for a person
      SeveralMatch, CreateUnsettled, MadeTwice, DecisionFirst
                     the same, each with a code of its own

`after` in worker/delivery/retry.py decides by the class, and puts off a class that it does not name with backoff.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, ClassVar

from worker.plan import Key, QualifiedKey


class RelayError(Exception):
    """One clear line: what is wrong, where, what to do. `exit_code`: of the command that it ends."""

    exit_code = 1


class ConfigError(RelayError):
    """A setting, argument or environment variable is wrong."""

    exit_code = 2


class LeaseLost(RelayError):
    """The lane's fencing token is no longer ours."""


class Failure(RelayError):
    """An event could not take effect (yet). `status` and `duration` (seconds) are those of the call, if one was made."""

    code: ClassVar[str] = "failure"
    """The class in the form of `outcome_unknown`. Unlike its words it never holds what a sender, or Upsales, wrote."""

    def __init__(self, message: str, *, status: int | None = None, duration: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.duration = duration

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()


class Rejected(Failure):
    """The payload does not validate, the mapping raised, a scope forbids it."""


class PayloadInvalid(Rejected):
    """Its schema does not load the payload."""


class TypeUnknown(Rejected):
    """The connector has no rule for its type, and must have one."""


class RequestGone(Rejected):
    """Its request is no longer stored, or holds fewer events than it did."""


class RequestErased(Rejected):
    """Its request was erased, in whole or in part."""


class StageUnknown(Rejected):
    """Upsales has no such order stage."""


class OwnerUnknown(Rejected):
    """Upsales has no such user."""


class ProductUnknown(Rejected):
    """Upsales has no such product."""


class FieldUnknown(Rejected):
    """Upsales has no such custom field."""


class NameUnknown(Rejected):
    """Upsales has no kind of activity or appointment that is called so."""


class NotPermitted(Rejected):
    """The connector does not declare that it writes this."""


class NotStorable(Rejected):
    """Upsales would store something else than what is meant."""


class LinkDeleted(Rejected):
    """A person deleted the record that it links to."""


class Unlinked(Rejected):
    """It links to a record that Upsales doesn't have, and that no event which waits would make."""

    def __init__(self, key: Key) -> None:
        super().__init__(f"links to {key.resource} {key.id!r}, which is not in Upsales")
        self.key = key


class NotAsDeclared(Rejected):
    """The sender's API answers something else than its connector declares. Its line names the field, never a value."""


class Refused(Failure):
    """Upsales answered 400, 403, 404 or a JSON 401."""


class Gone(Failure):
    """A GET or PUT of a linked record answered 404."""


class Unavailable(Failure):
    """Nothing was done: connection refused, or a read that failed. `persistent`: Upsales's `ServerError`, which can be permanent."""

    def __init__(
        self, message: str, *, status: int | None = None, duration: float | None = None, persistent: bool = False
    ) -> None:
        super().__init__(message, status=status, duration=duration)
        self.persistent = persistent


class SourceUnavailable(Unavailable):
    """The sender's API can't be reached, or answers with an error of its own."""


class Waiting(Failure):
    """Nothing is wrong: come again in `seconds`. Costs no attempt."""

    def __init__(
        self, message: str, *, seconds: float, status: int | None = None, duration: float | None = None
    ) -> None:
        super().__init__(message, status=status, duration=duration)
        self.seconds = seconds


class Throttled(Waiting):
    """The key's call windows are full, or Upsales answered 429."""


class TooEarly(Waiting):
    """The sender's API does not show yet what its webhook told of. `body`: what it shows so far, where it shows something."""

    body: Any = None


class SourceThrottled(Waiting):
    """The limits of the sender's API are used up, or it answered 429."""


class Busy(Waiting):
    """Another worker is making this record or holds it."""


class OnItsWay(Busy):
    """A record that it links to, or changes, is still to be made by another event that waits."""


class Stopping(Waiting):
    """This process was told to end, and begins no more calls."""

    def __init__(self) -> None:
        super().__init__("its worker is being stopped: another one goes on", seconds=0.0)


class Unauthorized(Failure):
    """Plain-text 401: the key was deleted, replaced or mistyped. `key`: its fingerprint, where a call was made with it."""

    key: str | None = None


class SourceForbidden(Unauthorized):
    """The sender's API does not accept the connection's token, or does not let it read this."""


class NoToken(SourceForbidden):
    """The connection has none. It may be declared to work without one (`Source.unread`)."""


class NotReadYet(Failure):
    """What it needs of the sender's API was not read yet. A worker reads it before it plans; nobody else does."""


class NeverExisted(Failure):
    """The sender's API knows no such thing. Its line is the name of the rule."""


class GoneAtSource(Failure):
    """It was deleted at the sender."""


class OutcomeUnknown(Failure):
    """A write was sent and no clear answer came. `seconds`: when to look for its effect.

    `rechecking`: the call was made earlier and its effect does not show yet. That costs no attempt.
    `unavailable`: its effect could not be looked for.
    """

    def __init__(
        self,
        message: str,
        *,
        seconds: float = 0.0,
        rechecking: bool = False,
        unavailable: bool = False,
        status: int | None = None,
        duration: float | None = None,
    ) -> None:
        super().__init__(message, status=status, duration=duration)
        self.seconds = seconds
        self.rechecking = rechecking
        self.unavailable = unavailable


class NeedsReview(Failure):
    """Several records match, or nothing can tell whether a create took effect.

    `key`: whose record a person has to name; None where the question is not which record it is. `candidates`: the records
    in question, by their Upsales ids.
    """

    def __init__(self, message: str, *, key: QualifiedKey | None, candidates: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.key = key
        self.candidates = candidates


class SeveralMatch(NeedsReview):
    """Several records come into question."""


class CreateUnsettled(NeedsReview):
    """Nothing tells whether a create took effect."""


class MadeTwice(NeedsReview):
    """A create took effect more than once."""


class DecisionFirst(NeedsReview):
    """It needs a record about which another event waits for a person."""


LONGEST_NAME = 255
"""Of a name that is compared with others: no name here is longer, and comparing takes its time."""


def alike(wanted: str, known: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> list[str]:
    """The known names that are written most like it, whatever their case; the most alike first. `cutoff`: from 0 to 1."""
    if len(wanted) > LONGEST_NAME:
        return []
    folded = {name.casefold(): name for name in known}
    return [folded[name] for name in get_close_matches(wanted.casefold(), folded, n=most, cutoff=cutoff)]


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """The end of a line about a name that isn't there."""
    known = sorted(known)
    near = alike(wanted, known)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
