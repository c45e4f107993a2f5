"""Decide which confirmations an item needs, and the effect of its verdict on the streams of its worker and vendor.

An item belongs to its worker's stream and, if its record names one, to its vendor's. Each stream draws separately. A
person is asked if any stream says so, and always: while the worker is a trainee, after the item has failed or while it
has an open correction, after the worker passed a page too quickly, after it was drawn and set aside, and if the worker
is unknown. A trainee's items have one more
draw, for the recheck by another person; that recheck does not count as work of the rechecker, and counts in no stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.events import ItemDrawn, SamplingCounted
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord
from station.domain.people.sign_on import MACHINE
from station.domain.ports import SamplingBook, SamplingFacts
from station.domain.sampling import Drawn, Level, Stream, Switch, Whose
from station.quality.sampling.switching import Policy, Seen, Step, draw, first, judged, ready, recheck_ready

NOT_SAMPLE: Final = "not-sample"
"""Code of the only decision after which no person is asked (`ItemDrawn.code`)."""
TRAINEE: Final = "trainee"
"""Code of the decision that a trainee is asked all questions."""
_SERIOUS: Final = (Severity.CRITICAL, Severity.MAJOR)


class Sampler:
    """Decides; the caller journals the decisions. `new_seed` returns 128 random bits as hexadecimal digits."""

    def __init__(
        self, policy: Policy, book: SamplingBook, new_seed: Callable[[], str], *, by_vendor: bool = True
    ) -> None:
        self._policy = policy
        self._book = book
        self._new_seed = new_seed
        self._by_vendor = by_vendor

    def draw(self, item: ItemRecord, part: int, worker: str) -> tuple[ItemDrawn, bool]:
        """Return the draw for an item whose checks are about to begin, and whether it is new. A new draw must be
        journaled before a person is asked. An item with an earlier draw for the same worker, and no verdict since,
        keeps that draw."""
        vendor = self._vendor(item)
        facts = self._book.sampling_facts(item.barcode, part, worker, vendor)
        if already(facts, worker, vendor):
            assert facts.open_draw is not None
            return facts.open_draw, False
        draws: list[Drawn] = []
        streams: list[Stream] = []
        switches: list[Switch] = []
        anothers = facts.recheck_of not in ("", worker)
        wanted = [(Whose.WORKER, worker), (Whose.VENDOR, vendor), (Whose.RECHECK, worker if facts.trainee else "")]
        for whose, subject in wanted:
            if not subject or anothers:
                continue
            stream, changes = self._ready(facts, whose, subject)
            stream, drawn = draw(stream)
            streams.append(msgspec.structs.replace(stream, quick=False))
            draws.append(drawn)
            switches += changes
        code, reason = _decision(draws, streams, facts, worker)
        new = ItemDrawn(
            barcode=item.barcode,
            part=part,
            asked=code != NOT_SAMPLE,
            reason=reason,
            code=code,
            draws=tuple(draws),
            streams=tuple(streams),
            switches=tuple(switches),
            operator=worker,
        )
        return new, True

    def count(self, drawn: ItemDrawn, findings: Iterable[Finding], *, quick: bool = False) -> SamplingCounted:
        """Return the item's streams after these findings; to be journaled in one transaction with its verdict. `quick`:
        a page was passed sooner than the screen allows, so the worker's next item is asked about."""
        bad = is_bad(findings)
        vendor = next((stream_draw.subject for stream_draw in drawn.draws if stream_draw.whose is Whose.VENDOR), "")
        facts = self._book.sampling_facts(Barcode(drawn.barcode), drawn.part, drawn.operator, vendor)
        streams: list[Stream] = []
        switches: list[Switch] = []
        for stream_draw in drawn.draws:
            if stream_draw.whose is Whose.RECHECK:
                continue
            stream = next(
                (s for s in facts.streams if (s.whose, s.subject) == (stream_draw.whose, stream_draw.subject)), None
            )
            if stream is None:
                continue
            counts_as: Seen | None
            if bad:
                counts_as = Seen.NOT_THEIRS if vendor and stream_draw.whose is Whose.WORKER else Seen.BAD
            else:
                counts_as = Seen.GOOD if drawn.asked else None
            if counts_as is Seen.GOOD and facts.trainee and stream_draw.whose is Whose.WORKER:
                counts_as = Seen.NOT_THEIRS  # trust begins when the training has ended
            stream, changes = judged(stream, stream_draw, counts_as, self._policy, self._new_seed())
            streams.append(msgspec.structs.replace(stream, quick=quick and stream_draw.whose is Whose.WORKER))
            switches += changes
        return SamplingCounted(
            barcode=drawn.barcode,
            part=drawn.part,
            streams=tuple(streams),
            switches=tuple(switches),
            operator=drawn.operator,
        )

    def streams_of(self, drawn: ItemDrawn) -> tuple[Stream, ...]:
        """Return the streams in which `count` will count this draw, as they are now."""
        vendor = next((stream_draw.subject for stream_draw in drawn.draws if stream_draw.whose is Whose.VENDOR), "")
        facts = self._book.sampling_facts(Barcode(drawn.barcode), drawn.part, drawn.operator, vendor)
        counted = {
            (stream_draw.whose, stream_draw.subject)
            for stream_draw in drawn.draws
            if stream_draw.whose is not Whose.RECHECK
        }
        return tuple(stream for stream in facts.streams if (stream.whose, stream.subject) in counted)

    def _vendor(self, item: ItemRecord) -> str:
        return clean(item.vendor, 60) if self._by_vendor else ""

    def _ready(self, facts: SamplingFacts, whose: Whose, subject: str) -> Step:
        stream = next((stream for stream in facts.streams if stream.whose is whose and stream.subject == subject), None)
        if whose is Whose.RECHECK:
            return recheck_ready(stream, subject, self._policy, self._new_seed())
        if stream is None:
            return first(whose, subject, self._policy)
        absent = facts.absent.get(whose, 0)
        if whose is Whose.VENDOR:
            return ready(stream, self._policy, self._new_seed(), absent=absent)
        return ready(
            stream,
            self._policy,
            self._new_seed(),
            absent=absent,
            failed_rechecks=facts.failed_rechecks,
            retrainings=facts.retrainings,
        )


def already(facts: SamplingFacts, worker: str, vendor: str) -> bool:
    """Return True if the item has an open draw for this worker and vendor."""
    before = facts.open_draw
    if before is None or before.operator != worker:
        return False
    return (
        next((stream_draw.subject for stream_draw in before.draws if stream_draw.whose is Whose.VENDOR), "") == vendor
    )


def is_bad(findings: Iterable[Finding]) -> bool:
    """Return True if a person found something critical or major. A waiver does not change this."""
    return any(
        finding.by != MACHINE and finding.outcome is Outcome.FAIL and finding.severity in _SERIOUS
        for finding in findings
    )


def to_recheck(drawn: ItemDrawn) -> bool:
    """Return True if another person must repeat the checks of this item."""
    return any(stream_draw.whose is Whose.RECHECK and stream_draw.asked for stream_draw in drawn.draws)


def in_words(drawn: Drawn, stream: Stream) -> Sentence:
    """Return why one stream asks or does not ask, as a phrase."""
    who = Sentence("sampling.who", whose=Sentence(f"sampling.whose.{drawn.whose.value}"), subject=drawn.subject)
    plan = stream.plan
    if drawn.level is Level.NEW:
        return Sentence("sampling.in.new", who=who, run=stream.run, sample=plan.sample)
    if drawn.level is Level.TIGHTENED:
        return Sentence("sampling.in.tightened", who=who, run=stream.run, sample=plan.sample)
    return Sentence(
        "sampling.in.sample" if drawn.asked else "sampling.in.not-sample",
        position=drawn.position,
        lot=drawn.lot,
        who=who,
        sample=plan.sample,
        items=plan.lot,
    )


def _decision(draws: list[Drawn], streams: list[Stream], facts: SamplingFacts, worker: str) -> tuple[str, Sentence]:
    """Return the code of the decision (`ItemDrawn.code`), and its reason. A person is asked unless it is
    `NOT_SAMPLE`."""
    if not worker:
        return "nobody", _asked(Sentence("sampling.why.nobody"))
    if facts.recheck_of not in ("", worker):
        return "recheck", _asked(Sentence("sampling.why.recheck"))
    if facts.open_corrections:
        return "open", _asked(Sentence("sampling.why.open"))
    if facts.failed_before:
        return "failed", _asked(Sentence("sampling.why.failed"))
    if any(stream.quick for stream in facts.streams if stream.whose is Whose.WORKER):
        return "quick", _asked(Sentence("sampling.why.quick"))
    if facts.trainee:
        again = any(stream_draw.whose is Whose.RECHECK and stream_draw.asked for stream_draw in draws)
        return TRAINEE, _asked(
            Sentence("sampling.why.trainee-again" if again else "sampling.why.trainee", worker=worker)
        )
    if facts.open_draw is not None and facts.open_draw.asked:
        return "drawn", _asked(Sentence("sampling.why.drawn"))
    pairs = list(zip(draws, streams, strict=True))
    asking = [in_words(*pair) for pair in pairs if pair[0].asked]
    if asking:
        return "sample", _asked(asking[0])
    return NOT_SAMPLE, Sentence("sampling.why-not-asked", why=Sentence.joined(in_words(*pair) for pair in pairs))


def _asked(why: Sentence) -> Sentence:
    return Sentence("sampling.why-asked", why=why)
