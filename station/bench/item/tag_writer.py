"""Turn a tag on the pad into a verified tag: read, recognize, decide, and write by the law of `tag_change`. An
interrupted write is resumed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.errors import (
    SettingsError,
    TagAbsent,
    TagGivenUp,
    TagMismatch,
    TagsCollide,
)
from station.base.sentence import Sentence
from station.bench.item.gate import Proceed, Question, Stop, decide
from station.bench.item.security import eas_of
from station.bench.item.tag_change import TagChange, WriteRun, carry_out
from station.bench.item.tag_content import content_of
from station.bench.item.unfinished import failures, interrupted
from station.bench.item.withdrawn import refuse_withdrawn
from station.bench.item.write_steps import as_this_reader_writes, read_image, refuse_impossible
from station.domain.events import (
    TagRecognised,
    TagWriteAbandoned,
    TagWriteStarted,
    TagWriteVerified,
)
from station.domain.inventory import Inventory
from station.domain.item import ItemRecord
from station.domain.ports import Journal, Reader
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import Recognition, TagContent, TagState
from station.encoding.profiles.value import SiteProfile
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import as_written
from station.encoding.write_plan.plan import plan_item
from station.encoding.write_plan.steps import ChipLimits, WritePlan
from station.encoding.write_plan.verify import element_differences

if TYPE_CHECKING:
    from station.base.clock import Clock

GATE_SECONDS: Final = 0.1
"""Minimum time between the starts of the gate's two inventories."""

FRESH_SECONDS: Final = 1.0
"""Maximum age of a look that may serve as the gate's first inventory."""


class TagReading(msgspec.Struct, frozen=True):
    """A tag that was read and recognized."""

    image: TagImage
    recognition: Recognition
    attempt: TagWriteStarted | None
    """Unfinished write of an item to this tag."""
    retag_write: TagWriteStarted | None = None
    """Unfinished write with another purpose (erase, migrate), which the item workflows do not resume."""


class Written(msgspec.Struct, frozen=True):
    """A verified tag."""

    image: TagImage
    content: TagContent
    part: int
    unchanged: bool
    tags_in_field: int
    """Tags that answered during verification."""
    replaced: str = ""
    """UID of the tag that this part had before."""


class TagOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Planned content of the tag, and what the operator has allowed."""

    item: ItemRecord
    part: int
    part_chosen: bool = False
    overwrite: bool = False
    operator: str = ""
    authorised: str = ""
    """Id of the person who lent the right."""
    to_check: bool = False
    """True if the item's checks follow."""


class TagWriter:
    """Reads and writes one tag at a time. Holds no state between tags."""

    def __init__(
        self,
        *,
        reader: Reader,
        journal: Journal,
        clock: Clock,
        site: SiteProfile,
        isil: str,
        max_attempts: int,
        new_id: Callable[[], str],
        title_of: Callable[[str], str] = str,
    ) -> None:
        """`title_of`: returns the name of the item with a barcode."""
        self._title_of = title_of
        self._reader = reader
        self._journal = journal
        self._clock = clock
        self._site = site
        self._profile = site.tag_profile(isil)
        self._max_attempts = max_attempts
        self._new_id = new_id

    def content(self, item: ItemRecord, part: int) -> TagContent:
        """Return the content for the tag of this part. Raises `ElementInvalid` if the site's profile is read-only."""
        return content_of(self._site, self._profile.isil, item, part)

    def look(self, uid: Uid) -> TagReading:
        """Read and recognize the tag, and journal the result."""
        image = read_image(self._reader, uid)
        recognition = recognise(image, self._profile)
        summary = recognition.content.primary_item_identifier if recognition.content else ""
        self._journal.record(TagRecognised(uid=uid, state=recognition.state.value, summary=summary))
        attempt = self._journal.open_attempt(uid)
        if attempt is not None and attempt.purpose:
            return TagReading(image, recognition, None, attempt)
        return TagReading(image, recognition, attempt)

    def single(self, uid: Uid, before: Inventory, began: float) -> int:
        """Take the gate's two looks, 100 ms apart: each must show this tag and no other. Return the number of tags that
        answered.

        `before` is the inventory taken at `began` (monotonic seconds). It serves as the first look if it is fresh and
        shows only this tag. Raises `TagAbsent` or `TagsCollide`.
        """
        if self._clock.monotonic() - began > FRESH_SECONDS or before.collision or before.uids != {uid}:
            began = self._clock.monotonic()
            self._alone(uid)
        self._clock.pause(max(0.0, GATE_SECONDS - (self._clock.monotonic() - began)))
        return self._alone(uid)

    def together(self, uids: frozenset[Uid]) -> None:
        """Apply the same gate to several tags: these and no others, twice, 100 ms apart. Raises `TagAbsent` or
        `TagsCollide`."""
        for last in (False, True):
            began = self._clock.monotonic()
            inventory = self._reader.inventory()
            if uids - inventory.uids:
                raise TagAbsent(Sentence("detail.left-field", uid=", ".join(sorted(uids - inventory.uids))))
            if inventory.collision or inventory.uids != uids:
                raise TagsCollide(Sentence("detail.other-tags", count=len(inventory.uids), seen=len(uids)))
            if not last:
                self._clock.pause(max(0.0, GATE_SECONDS - (self._clock.monotonic() - began)))

    def _alone(self, uid: Uid) -> int:
        inventory = self._reader.inventory()
        if uid not in inventory.uids:
            raise TagAbsent(Sentence("detail.left-field", uid=uid))
        if inventory.collision or len(inventory.uids) > 1:
            raise TagsCollide(Sentence("pad.tags-answer", count=len(inventory.uids)))
        return len(inventory.tags)

    def decide(self, order: TagOrder, reading: TagReading) -> Proceed | Stop:
        """Decide whether this item may be written to this tag. Raises `ItemWithdrawn`, `SettingsError`."""
        refuse_withdrawn(self._journal, order.item.barcode, self._title_of)
        if not self._profile.isil:
            raise SettingsError(Sentence("detail.no-isil"))
        if self._site.read_only:
            raise SettingsError(Sentence("detail.read-only", profile=repr(self._site.name)))
        ours = reading.recognition.state is TagState.OURS
        named = (
            reading.attempt.barcode if reading.attempt is not None else reading.recognition.identifier if ours else ""
        )
        question = Question(
            item=order.item,
            part=order.part,
            part_chosen=order.part_chosen,
            uid=reading.image.uid,
            recognition=reading.recognition,
            isil=self._profile.isil,
            bindings=self._journal.bindings_for(order.item.barcode),
            attempt=reading.attempt,
            overwrite=order.overwrite,
            other=self._title_of(named) if named and named != order.item.barcode else "",
            rewritten=_rewritten(reading, order.item),
        )
        return decide(question)

    def plan(self, item: ItemRecord, part: int, image: TagImage) -> WritePlan:
        """Plan the steps from the tag as read to the content of this part. Locks only if the site's profile names elements
        to lock. Raises `DoesNotFit`, `TagLocked`, `ElementInvalid` or `NotPossible`."""
        return self._plan(image, self.content(item, part))

    def write(
        self,
        order: TagOrder,
        part: int,
        reading: TagReading,
        plan: WritePlan,
        progress: Callable[[int, int], None],
        *,
        answered: int = 1,
        alone: bool = True,
    ) -> Written:
        """Write the new content and verify it. `plan`: made by `plan` from this reading. `answered`: tags that answered
        in `single`. `alone` False: other tags may lie on the pad, as seen by `together`; every command is addressed to
        this tag's UID.

        Raises `NotPossible` or `TagGivenUp` before anything is written. A later error is raised after the interruption
        is journaled (`unfinished`).
        """
        uid, content = reading.image.uid, self.content(order.item, part)
        resumed = (
            reading.attempt if reading.attempt is not None and reading.attempt.barcode == order.item.barcode else None
        )
        failed_tries = failures(self._journal, resumed) if resumed else 0
        if failed_tries >= self._max_attempts:
            raise TagGivenUp(Sentence("detail.attempts", count=failed_tries))
        unchanged = plan.empty and resumed is None
        bindings = self._journal.bindings_for(order.item.barcode)
        holder = next((binding.uid for binding in bindings if binding.part == part and binding.uid != uid), "")
        eas = resumed.eas if resumed else None
        if not unchanged and resumed is None:
            eas, _ = eas_of(self._reader, self._profile, uid)
        started = TagWriteStarted(
            attempt=self._new_id(),
            uid=uid,
            barcode=order.item.barcode,
            part=part,
            parts=order.item.parts,
            old=resumed.old if resumed and not _rewritten(reading, order.item) else reading.image,
            new=plan.new,
            plan_digest=plan.digest,
            steps=len(plan.steps),
            operator=order.operator,
            authorised=order.authorised or (resumed.authorised if resumed else ""),
            resumes=resumed.attempt if resumed else "",
            tries=failed_tries + 1,
            replaces=holder,
            eas=eas,
        )
        proven = content

        def prove(image: TagImage) -> None:
            nonlocal proven
            proven = self._proven(image, content)

        def ended(_image: TagImage, run: WriteRun) -> TagWriteVerified:
            return TagWriteVerified(
                attempt=started.attempt,
                uid=uid,
                barcode=started.barcode,
                part=part,
                parts=started.parts,
                writes=run.write_commands,
                unchanged=unchanged,
                to_check=order.to_check,
                replaces=holder if unchanged else "",
            )

        change = TagChange(
            plan=plan,
            started=() if unchanged else (*self._abandoned(order, reading, resumed), started),
            prove=prove,
            interrupted=lambda error, run: () if unchanged else interrupted(self._reader, started, error, run),
            ended=ended,
            alone=alone,
            replan=lambda image: self._plan(image, content),
        )
        image, run = carry_out(change, self._reader, self._journal, progress)
        if unchanged:
            return Written(image, proven, part, unchanged, answered)
        return Written(image, proven, part, unchanged, run.tags_answered, holder)

    @staticmethod
    def _abandoned(
        order: TagOrder, reading: TagReading, resumed: TagWriteStarted | None
    ) -> tuple[TagWriteAbandoned, ...]:
        """Return the end of the tag's unfinished write of another item; () = there is none."""
        attempt = reading.attempt
        if attempt is None or resumed is not None:
            return ()
        return (
            TagWriteAbandoned(
                attempt=attempt.attempt,
                uid=attempt.uid,
                barcode=attempt.barcode,
                reason=Sentence("detail.overwritten", barcode=order.item.barcode),
                operator=order.operator,
            ),
        )

    def _plan(self, image: TagImage, content: TagContent) -> WritePlan:
        """Plan afresh, even when a write is resumed. It equals the journaled image unless settings or record changed."""
        capabilities = self._reader.capabilities
        plan = plan_item(
            image,
            content,
            self._profile,
            max_blocks_per_write=capabilities.max_blocks_per_write,
            limits=ChipLimits.of(image.uid),
        )
        refuse_impossible(plan, capabilities)
        return as_this_reader_writes(plan, capabilities)

    def _proven(self, image: TagImage, content: TagContent) -> TagContent:
        """Return the content of a written tag. Raises `TagMismatch` unless every element is as it was to be written."""
        recognition = recognise(image, self._profile)
        wrong = element_differences(as_written(content, self._profile), recognition, self._profile.model)
        if recognition.state is not TagState.OURS or wrong or recognition.content is None:
            raise TagMismatch("; ".join(wrong) or Sentence("detail.read-back", state=recognition.state.value))
        return recognition.content


def _rewritten(reading: TagReading, item: ItemRecord) -> bool:
    """Return True if the tag with the unfinished write is now a finished tag with content that was not on it before.

    Only another station or another program can cause this: a torn write never reads as finished.
    """
    attempt = reading.attempt
    identifier = reading.recognition.identifier
    return (
        attempt is not None
        and identifier not in ("", item.barcode)
        and (reading.image.memory, reading.image.dsfid) != (attempt.old.memory, attempt.old.dsfid)
    )
