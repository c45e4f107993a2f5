"""Rules of erase and migrate: their moves, and the planned result for the tag on the pad. Pure.

Nothing is written before the operator has seen the tag's content and its planned result, and has made two different
gestures: a tap, then a scan of the barcode of the item that the tag names. A stray tag, whose item is not at hand, can
still be erased: the item that it is in is scanned, both titles are shown, and a third gesture confirms; where people
sign on, a technician approves it. A tag that names no item (another program's, or broken) is removed and put back
instead; on the command line its whole UID is given. Only the shown result is
written. If the tag has changed by then, the new result is shown.

The journal has the task of such an attempt (`TagWriteStarted.purpose`), so that no other workflow resumes it as the
write of an item. It also has the intended image, to which an unfinished attempt is completed.
"""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import Final

import msgspec

from station.base.errors import EncodingError, NotPossible, TagLocked
from station.base.sentence import EMPTY, Sentence
from station.bench.item.write_steps import as_this_reader_writes
from station.domain.people.rights import Right
from station.domain.ports import ReaderCapabilities
from station.domain.tag_image import TagImage
from station.domain.workflows import RetagState, RetagTask, TagLine
from station.encoding.content import Recognition, TagContent, TagProfile, TagState, is_locked, user_memory
from station.encoding.doctor.case import numbers
from station.encoding.iso15962.data_elements import element
from station.encoding.migration.migration import migrate
from station.encoding.migration.values import values_of
from station.encoding.profiles.value import SiteProfile
from station.encoding.recognition.registry import data_model
from station.encoding.write_plan.plan import plan_item, plan_write
from station.encoding.write_plan.steps import ChipLimits, WritePlan
from station.quality.tag_words import translated, with_meaning


class Trigger(StrEnum):
    """Triggers of a retag's moves."""

    LAID = "laid"
    """A tag was read, and is shown."""
    LIFTED = "lifted"
    """The tag left the pad."""
    WANTED = "wanted"
    """The first gesture."""
    TAKEN_BACK = "taken-back"
    """The first gesture was canceled."""
    WRITES = "writes"
    """The second gesture was made, or a half-written tag came back."""
    WRITTEN = "written"
    """The tag was read back as wanted."""
    DOUBT = "doubt"
    """A fault stops the work."""
    SETTLED = "settled"
    """The fault is over."""


_S, _H = RetagState, Trigger
MOVES: Final[dict[tuple[RetagState, Trigger], RetagState]] = {
    (_S.EMPTY, _H.LAID): _S.SHOWN,
    (_S.EMPTY, _H.DOUBT): _S.STOPPED,
    (_S.EMPTY, _H.WRITES): _S.WRITING,
    (_S.SHOWN, _H.LAID): _S.SHOWN,
    (_S.SHOWN, _H.LIFTED): _S.EMPTY,
    (_S.SHOWN, _H.WANTED): _S.SURE,
    (_S.SHOWN, _H.DOUBT): _S.STOPPED,
    (_S.SURE, _H.LAID): _S.SHOWN,
    (_S.SURE, _H.LIFTED): _S.EMPTY,
    (_S.SURE, _H.TAKEN_BACK): _S.SHOWN,
    (_S.SURE, _H.WRITES): _S.WRITING,
    (_S.SURE, _H.DOUBT): _S.STOPPED,
    (_S.WRITING, _H.WRITTEN): _S.DONE,
    (_S.WRITING, _H.DOUBT): _S.STOPPED,
    (_S.STOPPED, _H.DOUBT): _S.STOPPED,
    (_S.STOPPED, _H.SETTLED): _S.EMPTY,
    (_S.DONE, _H.LIFTED): _S.EMPTY,
}
"""All moves of a retag; no other move is possible."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The planned result for a tag."""

    image: TagImage
    """The tag as it was read."""
    recognition: Recognition
    plan: WritePlan | None = None
    """None = not possible, for the reason in `refused`."""
    content: TagContent | None = None
    """Planned content of the tag."""
    lines: tuple[TagLine, ...] = ()
    refused: Sentence = EMPTY
    needs_barcode: bool = False
    """The tag's content is only a claim. The planned content is unknown until the item's barcode is scanned."""

    @property
    def named(self) -> str:
        """The item whose barcode is the second gesture; "" = the tag names none."""
        if self.content is not None:
            return self.content.primary_item_identifier
        return self.recognition.identifier

    @property
    def right(self) -> Right:
        """The right that is needed. Another library's tag takes a technician."""
        return Right.ERASE_TAG if self.recognition.state is TagState.OURS else Right.OVERWRITE_FOREIGN


def blank_of(image: TagImage) -> TagImage:
    """Return the image as a new tag: user memory, DSFID and AFI zero (docs/reference/tag-data.md#recognition; a gate
    asks for AFI 07)."""
    own = len(user_memory(image))
    return dataclasses.replace(image, memory=bytes(own) + image.memory[own:], afi=0x00, dsfid=0x00)


def to_erase(image: TagImage, recognition: Recognition, profile: TagProfile, capabilities: ReaderCapabilities) -> Draft:
    """Plan the erasure, with a line for each lost element. Refuses locked blocks with content before any command to the
    reader."""
    lines = tuple(_line("erased", oid, element(oid).name, value) for oid, value in _said(recognition))
    draft = Draft(image=image, recognition=recognition, lines=lines)
    new = blank_of(image)
    if (new.memory, new.afi, new.dsfid) == (image.memory, image.afi, image.dsfid):
        return msgspec.structs.replace(draft, refused=Sentence("retag.empty-already"))
    held = [
        block
        for block in range(image.block_count)
        if is_locked(image, block) and image.block(block) != new.block(block)
    ]
    if held:
        return msgspec.structs.replace(draft, refused=Sentence("retag.locked", count=len(held), blocks=numbers(held)))
    limits = ChipLimits.of(image.uid)
    try:
        plan = plan_write(
            image,
            new,
            max_blocks_per_write=capabilities.max_blocks_per_write,
            limits=limits,
            eas=False if profile.eas and limits.has_eas else None,
        )
    except (TagLocked, NotPossible) as error:
        return msgspec.structs.replace(draft, refused=error.with_remedy)
    return msgspec.structs.replace(draft, plan=as_this_reader_writes(plan, capabilities))


def to_migrate(
    image: TagImage,
    recognition: Recognition,
    site: SiteProfile,
    isil: str,
    capabilities: ReaderCapabilities,
    barcode: str,
) -> Draft:
    """Plan the migration to the site's own profile, with a line for every element. `barcode`: as scanned; "" = not
    scanned."""
    profile = site.tag_profile(isil)
    draft = Draft(image=image, recognition=recognition)
    if recognition.state is TagState.BLANK:
        return msgspec.structs.replace(draft, refused=Sentence("retag.nothing-to-carry"))
    result = migrate(
        recognition,
        profile,
        size=max(len(user_memory(image)), 1),
        block_size=max(image.block_size, 1),
        take_over=True,
        barcode=barcode,
        keep=site.oids,
    )
    lines = tuple(
        _line(note.kind.value, note.oid, note.name, note.before, note.after, note.reason) for note in result.notes
    )
    draft = msgspec.structs.replace(draft, lines=lines, content=result.content, refused=translated(result.refused))
    if result.content is None:
        asks = not barcode and recognition.decoding is not None and not recognition.identifier
        return msgspec.structs.replace(draft, needs_barcode=asks)
    try:
        plan = plan_item(
            image,
            result.content,
            with_shelf(profile, result.content),
            max_blocks_per_write=capabilities.max_blocks_per_write,
            limits=ChipLimits.of(image.uid),
        )
    except (TagLocked, NotPossible, EncodingError) as error:
        refused = Sentence.joined((error.with_detail, error.remedy), " ")
        return msgspec.structs.replace(draft, refused=refused)
    if plan.empty:
        return msgspec.structs.replace(draft, refused=Sentence("retag.ours-already"))
    return msgspec.structs.replace(draft, plan=as_this_reader_writes(plan, capabilities))


def to_finish(image: TagImage, wanted: TagImage, capabilities: ReaderCapabilities, *, eas: bool | None) -> WritePlan:
    """Plan the steps from a half-written tag to the image that its attempt intended. Raises the errors of
    `plan_write`."""
    new = dataclasses.replace(wanted, locked=image.locked)
    plan = plan_write(
        image, new, max_blocks_per_write=capabilities.max_blocks_per_write, limits=ChipLimits.of(image.uid), eas=eas
    )
    return as_this_reader_writes(plan, capabilities)


def with_shelf(profile: TagProfile, content: TagContent) -> TagProfile:
    """Return the profile, with room for the shelf location that is carried over."""
    return dataclasses.replace(profile, call_number_on_tag=profile.call_number_on_tag or bool(content.shelf_location))


def target_of(task: RetagTask, site: SiteProfile) -> Sentence:
    """Describe the intended result."""
    if task is RetagTask.ERASE:
        return Sentence("retag.target-new")
    model = data_model(site.model).title
    if model in site.name:
        return Sentence.verbatim(site.name)
    return Sentence("retag.target-profile", profile=site.name, model=model)


def _said(recognition: Recognition) -> list[tuple[int, str]]:
    """Return every element that a decoder found, valid or not, since it will be lost."""
    if recognition.decoding is None:
        return []
    return sorted(values_of(recognition.decoding.content).items())


def _line(kind: str, oid: int, name: str, before: str, after: str = "", reason: str = "") -> TagLine:
    """Return a line about one element, translated. Its values are given both raw and in readable form."""
    old, new = with_meaning(oid, before), with_meaning(oid, after)
    return TagLine(kind, translated(name), before, after, translated(reason), old, new)
