"""Inspection levels of a stream, and when they change. Pure: takes a stream and what happened, returns a stream.

    new ──qualified──► normal ──reduced──► reduced
                        │  ▲  ◄─unproven──   │
               rejected │  │ qualified       │ rejected
                        ▼  │                 │
                     tightened ◄─────────────┘

Trust increases one step at a time; a rejected lot, a failed recheck or a long absence leads back to every item at once
(docs/reference/quality-sources.md#sampling). Time is used only as the days of an absence: a
clock that goes back causes no absence, and one that jumps ahead leads to more checks and never to fewer.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.sampling import Drawn, Level, Plan, Stream, Switch, Whose
from station.quality.sampling.draws import is_drawn

Step = tuple[Stream, tuple[Switch, ...]]
"""A stream after an event, and its switches."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The site's plans and limits (`policy.policy_of` makes it from the settings)."""

    new: Plan
    tightened: Plan
    normal: Plan
    reduced: Plan
    reduce_after: int = 5
    """Consecutive lots accepted at the normal level before the reduced one; 0 = never."""
    retrain_after: int = 3
    """Number of bad items, while every item is checked again, before the technician is notified; 0 = never."""
    idle_days: int = 0
    """Days without an item after which every item is checked again; 0 = never."""

    def plan(self, level: Level) -> Plan:
        """Return the plan of a level."""
        plan: Plan = getattr(self, level.value)
        return plan


class Seen(Enum):
    """A person's result for an item that was checked."""

    GOOD = auto()
    BAD = auto()
    NOT_THEIRS = auto()
    """Bad, but another party's work: it counts neither as good nor as bad for this stream."""


ALLOWED: Final = frozenset(
    {
        (None, Level.NEW),
        (None, Level.NORMAL),
        (Level.NEW, Level.NORMAL),
        (Level.TIGHTENED, Level.NORMAL),
        (Level.NORMAL, Level.REDUCED),
        (Level.REDUCED, Level.NORMAL),
        (Level.NORMAL, Level.TIGHTENED),
        (Level.REDUCED, Level.TIGHTENED),
    }
)
"""The changes of level that can follow from the work; a retraining leads from any level to the first one."""


def first(whose: Whose, subject: str, policy: Policy) -> Step:
    """Return the stream of a worker's or vendor's first item."""
    stream = Stream(whose=whose, subject=subject, level=Level.NEW, plan=policy.new)
    reason = _until(Sentence(f"sampling.switch.first.{whose.value}"), policy.new)
    return stream, (_switch(stream, None, Level.NEW, "first", reason),)


def ready(
    stream: Stream, policy: Policy, seed: str, *, absent: int = 0, failed_rechecks: int = 0, retrainings: int = 0
) -> Step:
    """Return the stream before the next draw; a full lot ends here. `seed` is used only if a lot begins.

    `absent`: days since the stream's newest item. `failed_rechecks`: total number of times that another person found
    bad work that this worker had passed. `retrainings`: total number of retrainings of this worker.
    """
    if retrainings > stream.retrained:
        return _restart(msgspec.structs.replace(stream, retrained=retrainings, rechecks=failed_rechecks), policy)
    if failed_rechecks > stream.rechecks:
        after = msgspec.structs.replace(stream, rechecks=failed_rechecks)
        return _bad(after, policy, "recheck", Sentence("sampling.switch.recheck"))
    if stream.level.every_item:
        plan = policy.plan(stream.level)
        if plan == stream.plan:
            return stream, ()
        stream = msgspec.structs.replace(stream, plan=plan)
        reason = Sentence("sampling.switch.plan", until=_so_many(plan))
        return stream, (_switch(stream, stream.level, stream.level, "plan", reason),)
    if policy.idle_days and absent > policy.idle_days:
        return _every_item(stream, policy, "idle", Sentence("sampling.switch.idle", count=absent))
    return (stream, ()) if stream.drawn < stream.plan.lot else _end_of_lot(stream, policy, seed)


def recheck_ready(stream: Stream | None, subject: str, policy: Policy, seed: str) -> Step:
    """Do the same for a trainee's recheck by another person: consecutive lots, always at the normal level."""
    if stream is None:
        stream = Stream(whose=Whose.RECHECK, subject=subject, level=Level.NORMAL, plan=policy.normal)
        return _lot(stream, policy, Level.NORMAL, "first", Sentence("sampling.switch.first.recheck"), seed, new=True)
    if stream.drawn < stream.plan.lot:
        return stream, ()
    return _lot(stream, policy, Level.NORMAL, "accepted", Sentence("sampling.switch.full", lot=stream.lot), seed)


def draw(stream: Stream) -> tuple[Stream, Drawn]:
    """Return the stream and its draw for the next item; call `ready` first."""
    seen = Drawn(whose=stream.whose, subject=stream.subject, level=stream.level, lot=stream.lot, asked=True)
    if stream.level.every_item:
        return stream, seen
    position = stream.drawn + 1
    asked = is_drawn(stream.seed, stream.plan.lot, stream.plan.sample, position)
    stream = msgspec.structs.replace(stream, drawn=position)
    return stream, msgspec.structs.replace(seen, position=position, asked=asked)


def judged(stream: Stream, drawn: Drawn, seen: Seen | None, policy: Policy, seed: str) -> Step:
    """Return the stream after the item's verdict. `seen` is `None` if nothing was asked.

    A bad item counts wherever it was found, even outside the sample and after its lot. A good item counts for the
    sample only if this stream's own draw asked for it, and only in its own lot.
    """
    if seen is None:
        return stream, ()
    if seen is Seen.BAD:
        return _found_bad(stream, drawn, policy)
    if stream.level.every_item:
        if seen is Seen.NOT_THEIRS or drawn.level is not stream.level:
            return stream, ()
        stream = msgspec.structs.replace(stream, run=stream.run + 1)
        if stream.run < stream.plan.sample:
            return stream, ()
        return _lot(
            stream, policy, Level.NORMAL, "qualified", Sentence("sampling.switch.qualified", run=stream.run), seed
        )
    if drawn.asked and drawn.lot == stream.lot and drawn.position:
        stream = msgspec.structs.replace(stream, looked=stream.looked + 1)
    return stream, ()


# --- helpers --------------------------------------------------------------------------------------------------------


def _restart(stream: Stream, policy: Policy) -> Step:
    after = _blank(stream, Level.NEW, policy.new)
    reason = _until(Sentence("sampling.switch.retrained"), policy.new)
    return after, (_switch(after, stream.level, Level.NEW, "retrained", reason, unasked=_unasked(stream)),)


def _found_bad(stream: Stream, drawn: Drawn, policy: Policy) -> Step:
    if stream.level.every_item:
        return _bad(stream, policy, "bad", EMPTY)
    looked = drawn.asked and drawn.lot == stream.lot and drawn.position > 0
    stream = msgspec.structs.replace(stream, found=stream.found + 1, looked=stream.looked + int(looked))
    if stream.found <= stream.plan.accept:
        return stream, ()
    reason = Sentence("sampling.switch.rejected", bad=stream.found, lot=stream.lot, accept=stream.plan.accept)
    return _every_item(stream, policy, "rejected", reason)


def _bad(stream: Stream, policy: Policy, code: str, reason: Sentence) -> Step:
    """Return the stream after bad work outside the plan of a lot."""
    if not stream.level.every_item:
        return _every_item(stream, policy, code, reason)
    stream = msgspec.structs.replace(stream, found=stream.found + 1, run=0)
    if stream.level is not Level.TIGHTENED or stream.found != policy.retrain_after:
        return stream, ()
    advice = Sentence("sampling.switch.retrain", bad=stream.found)
    return stream, (_switch(stream, stream.level, stream.level, "retrain", advice),)


def _every_item(stream: Stream, policy: Policy, code: str, reason: Sentence) -> Step:
    after = _blank(stream, Level.TIGHTENED, policy.tightened)
    sentence = _until(reason, policy.tightened)
    return after, (_switch(after, stream.level, Level.TIGHTENED, code, sentence, unasked=_unasked(stream)),)


def _end_of_lot(stream: Stream, policy: Policy, seed: str) -> Step:
    missing = stream.plan.sample - stream.looked
    if missing > 0:
        # The quality of these items is unknown: no lot is accepted, and trust based on small samples is lost.
        sample, lot = stream.plan.sample, stream.lot
        reason = Sentence("sampling.switch.unproven", missing=missing, sample=sample, lot=lot)
        stream = msgspec.structs.replace(stream, accepted=0)
        return _lot(stream, policy, Level.NORMAL, "unproven", reason, seed)
    stream = msgspec.structs.replace(stream, accepted=stream.accepted + 1)
    if stream.level is Level.NORMAL and policy.reduce_after and stream.accepted >= policy.reduce_after:
        reason = Sentence("sampling.switch.reduced", lots=stream.accepted)
        return _lot(stream, policy, Level.REDUCED, "reduced", reason, seed)
    reason = Sentence("sampling.switch.accepted", lot=stream.lot, bad=stream.found, accept=stream.plan.accept)
    return _lot(stream, policy, stream.level, "accepted", reason, seed)


def _lot(
    stream: Stream, policy: Policy, level: Level, code: str, reason: Sentence, seed: str, *, new: bool = False
) -> Step:
    """Start the next lot, at this level."""
    accepted = stream.accepted if level is stream.level else 0
    plan = policy.plan(level)
    after = msgspec.structs.replace(_blank(stream, level, plan), lot=stream.lot + 1, seed=seed, accepted=accepted)
    sentence = Sentence("sampling.switch.lot", why=reason, sample=plan.sample, items=plan.lot)
    before = None if new else stream.level
    return after, (_switch(after, before, level, code, sentence, lot=after.lot, unasked=_unasked(stream)),)


def _blank(stream: Stream, level: Level, plan: Plan) -> Stream:
    """Return the stream with nothing drawn or found; lot numbers continue."""
    return Stream(
        whose=stream.whose,
        subject=stream.subject,
        level=level,
        plan=plan,
        lot=stream.lot,
        rechecks=stream.rechecks,
        retrained=stream.retrained,
    )


def _unasked(stream: Stream) -> int:
    """Return the number of items of the current lot that this stream's draw left out."""
    if stream.level.every_item:
        return 0
    asked = sum(is_drawn(stream.seed, stream.plan.lot, stream.plan.sample, at) for at in range(1, stream.drawn + 1))
    return stream.drawn - asked


def _switch(
    stream: Stream, before: Level | None, after: Level, code: str, reason: Sentence, *, lot: int = 0, unasked: int = 0
) -> Switch:
    return Switch(
        whose=stream.whose,
        subject=stream.subject,
        before=before,
        after=after,
        code=code,
        reason=reason,
        lot=lot,
        unasked=unasked,
    )


def _so_many(plan: Plan) -> Sentence:
    return Sentence("sampling.switch.so-many", sample=plan.sample)


def _until(reason: Sentence, plan: Plan) -> Sentence:
    return Sentence("sampling.switch.every-item", why=reason, until=_so_many(plan))
