"""Tags of a set on the pad: read them all, assign their parts, then write and verify.

Every tag must pass the gate (`TagWriter.decide`) for its part. If one does not pass, none of them is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

from station.base.errors import TagAbsent, TagsCollide
from station.base.sentence import Sentence
from station.bench.desk import Desk
from station.bench.item.gate import Stop
from station.bench.item.tag_writer import TagOrder, TagReading
from station.bench.workflows.sets.rules import SetInHand
from station.domain.item import ItemRecord
from station.domain.people.rights import Right
from station.domain.snapshot import Fault
from station.domain.tag_image import Uid
from station.domain.workflows import SetModel
from station.encoding.content import TagState
from station.encoding.write_plan.steps import WritePlan


class Write(msgspec.Struct, frozen=True):
    """A tag with the part that it shall carry, or already carries."""

    uid: Uid
    part: int
    reading: TagReading
    overwrite: bool = False
    """The second gesture was made for this tag."""


class Doubt(msgspec.Struct, frozen=True):
    """Reason why nothing is written."""

    fault: Fault
    uid: str = ""
    replace: Write | None = None
    """The write that the second gesture would allow."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The tags on the pad, with their parts."""

    uids: frozenset[Uid]
    """All tags that answered."""
    writes: tuple[Write, ...] = ()
    new: tuple[tuple[Uid, TagReading], ...] = ()
    """New tags without an assigned part."""
    total: int = 0
    """A different number of parts that tags of this set name; 0 = no tag does."""
    doubt: Doubt | None = None
    judged: bool = False
    """The gate has passed every write."""


class SetsPad:
    """Reads and writes tags. Keeps only the current tag."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.writing = ""
        """The tag being written, or the tag at which an error occurred."""

    def names(self, uids: Iterable[Uid]) -> str:
        """Return the item that our finished tags on the pad name, if it is one item with several parts; else ""."""
        barcodes = set()
        for uid in sorted(uids):
            reading = self._desk.tag_writer.look(uid)
            content = reading.recognition.content
            if reading.recognition.state is TagState.OURS and content is not None and content.parts > 1:
                barcodes.add(content.primary_item_identifier)
            elif reading.attempt is not None and reading.attempt.parts > 1:
                barcodes.add(reading.attempt.barcode)
        return barcodes.pop() if len(barcodes) == 1 else ""

    def read(self, now: SetInHand, fresh: Iterable[Uid], uids: frozenset[Uid]) -> Found:
        """Assign parts to these tags. Raises the errors of the reader."""
        item = _item(now)
        writes: list[Write] = []
        new: list[tuple[Uid, TagReading]] = []
        totals: set[int] = set()
        doubt: Doubt | None = None
        for uid in sorted(fresh):
            self.writing = uid
            with self._desk.noticing():
                reading = self._desk.tag_writer.look(uid)
            content, attempt = reading.recognition.content, reading.attempt
            mine = attempt is not None and attempt.barcode == item.barcode
            ours = reading.recognition.state is TagState.OURS and content is not None
            if attempt is not None and mine and attempt.part in now.needed:
                writes.append(Write(uid, attempt.part, reading))
            elif content is not None and ours and not attempt and content.primary_item_identifier == item.barcode:
                if content.parts != now.total:
                    totals.add(content.parts)
                if content.part in now.needed:
                    writes.append(Write(uid, content.part, reading))
                else:
                    doubt = doubt or Doubt(_beyond(content.part, now.total), uid)
            elif reading.recognition.state is TagState.BLANK and attempt is None:
                new.append((uid, reading))
            else:
                doubt = doubt or self._stranger(now, Write(uid, now.next_part or 1, reading))
        self.writing = ""
        twice = [part for part, count in Counter(write.part for write in writes).items() if count > 1]
        beside = [write.part for write in writes if now.right.get(write.part, write.uid) in uids - {write.uid}]
        if twice or beside:
            doubt = doubt or Doubt(_twice((twice or beside)[0]))
        tags = Found(
            uids=uids,
            writes=tuple(writes),
            new=tuple(new),
            total=next(iter(sorted(totals)), 0),
            doubt=doubt,
        )
        return self._one_new(now, tags) if len(new) == 1 and doubt is None else tags

    def _one_new(self, now: SetInHand, tags: Found) -> Found:
        """Assign the next part to a single new tag. If no part is free, the tag is a doubt."""
        ((uid, reading),) = tags.new
        taken = {write.part for write in tags.writes}
        free = [part for part in now.free_parts() if part not in taken]
        part = now.wanted if now.wanted and now.wanted not in taken else next(iter(free), 0)
        if not part:
            fault = Fault(
                code="no-such-part",
                sentence=Sentence("fault.no-such-part", parts=now.total),
                do=Sentence("do.no-such-part"),
            )
            return msgspec.structs.replace(tags, doubt=Doubt(fault, uid))
        return msgspec.structs.replace(tags, writes=(*tags.writes, Write(uid, part, reading)), new=())

    def numbered(self, now: SetInHand, tags: Found) -> Found:
        """Assign the free parts to the new tags, in ascending order, after the operator has accepted any order."""
        taken = {write.part for write in tags.writes}
        free = [part for part in now.free_parts() if part not in taken]
        more = [Write(uid, part, reading) for (uid, reading), part in zip(tags.new, free, strict=False)]
        return msgspec.structs.replace(tags, writes=(*tags.writes, *more), new=())

    def judged(self, now: SetInHand, tags: Found) -> Found:
        """Ask the gate about every tag. The first stop becomes the doubt."""
        if tags.judged:
            return tags
        for write in tags.writes:
            decision = self._desk.tag_writer.decide(self._order(now, write), write.reading)
            if isinstance(decision, Stop):
                may = decision.fault.code == "second-tag"
                doubt = Doubt(decision.fault, write.uid, write if may and len(tags.writes) == 1 else None)
                return msgspec.structs.replace(tags, doubt=doubt)
        return msgspec.structs.replace(tags, judged=True)

    def locks(self, now: SetInHand, tags: Found) -> bool:
        """Return True if one of these writes would lock something. Raises the errors of `TagWriter.plan`."""
        for write in tags.writes:
            self.writing = write.uid
            if self._plan(self._order(now, write), write).irreversible:
                return True
        self.writing = ""
        return False

    def still(self, uids: frozenset[Uid]) -> bool:
        """Return True if these tags and no others answer, twice."""
        self.writing = ""
        try:
            self._desk.tag_writer.together(uids)
        except (TagAbsent, TagsCollide):
            return False
        return True

    def write(
        self, now: SetInHand, tags: Found, progress: Callable[[int, int, int], None]
    ) -> Iterator[tuple[int, Uid]]:
        """Write and verify one tag after another; yield (part, UID) of each. Raises the error that ended a write."""
        for write in tags.writes:
            self.writing = write.uid
            part = write.part

            def step(done: int, total: int, part: int = part) -> None:
                progress(part, done, total)

            order, lent = self._order(now, write), self._desk.lent(Right.LOCK)
            plan = self._plan(order, write)
            if lent and plan.irreversible:
                order = msgspec.structs.replace(order, authorised=lent)
            self._desk.tag_writer.write(order, part, write.reading, plan, step, answered=len(tags.uids), alone=False)
            yield part, write.uid
        self.writing = ""

    def _plan(self, order: TagOrder, write: Write) -> WritePlan:
        return self._desk.tag_writer.plan(order.item, write.part, write.reading.image)

    def _order(self, now: SetInHand, write: Write) -> TagOrder:
        tagged = 1 if now.model is SetModel.MAIN and now.total > 1 else 0
        return TagOrder(
            item=msgspec.structs.replace(_item(now), parts=now.total, tagged=tagged),
            part=write.part,
            part_chosen=True,
            overwrite=write.overwrite,
            operator=self._desk.worker.id,
        )

    def _stranger(self, now: SetInHand, write: Write) -> Doubt:
        """Return the gate's fault about a tag that does not belong to the set."""
        decision = self._desk.tag_writer.decide(self._order(now, write), write.reading)
        if isinstance(decision, Stop):
            return Doubt(decision.fault, write.uid)
        return Doubt(_beyond(write.part, now.total), write.uid)


def _item(now: SetInHand) -> ItemRecord:
    if now.item is None:
        raise ValueError("no set is in hand")
    return now.item


def _beyond(part: int, total: int) -> Fault:
    return Fault(
        code="part-beyond",
        sentence=Sentence("fault.part-beyond", part=part, parts=total),
        do=Sentence("do.part-beyond"),
    )


def _twice(part: int) -> Fault:
    return Fault(code="part-twice", sentence=Sentence("fault.part-twice", part=part), do=Sentence("do.part-twice"))
