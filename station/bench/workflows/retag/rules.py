"""Erase and migrate: the law of both, and what each would make of the tag that lies there. Pure.

Nothing is written before it was shown what is on the tag and what becomes of it, and before two different gestures: a tap,
and the barcode of the item that the tag names. A tag that names none (another program's, a broken one) has no barcode: it
is taken off and laid down again instead; a command line says its whole UID. What is then written is what was shown: if the
tag reads otherwise by then, it is shown anew.

An attempt of this kind carries its task in the journal (`TagWriteStarted.purpose`), so that no other workflow takes it up
as the write of an item; the image that it was on its way to is journaled with it, and is what it is finished to.
"""

from __future__ import annotations

import dataclasses
from enum import StrEnum
from typing import Final

import msgspec

from station.base.errors import EncodingError, NotPossible, TagLocked
from station.base.words import tell
from station.domain.ports import ReaderCapabilities
from station.domain.rights import Right
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
    """What moves a retag."""

    LAID = "laid"
    """A tag was read; it is shown."""
    LIFTED = "lifted"
    """It is not there any more."""
    WANTED = "wanted"
    """The first gesture."""
    TAKEN_BACK = "taken-back"
    """The first gesture was taken back."""
    WRITES = "writes"
    """The second gesture was made, or a half written tag came back."""
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
"""Where a retag goes; nothing else can happen."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of a tag."""

    image: TagImage
    """The tag as it was read."""
    recognition: Recognition
    plan: WritePlan | None = None
    """None = it cannot be done, and `refused` says why."""
    content: TagContent | None = None
    """What it would say."""
    lines: tuple[TagLine, ...] = ()
    refused: str = ""
    needs_barcode: bool = False
    """What the tag says is a claim only: the item's barcode must be scanned before it is known what it would say."""

    @property
    def named(self) -> str:
        """The item whose barcode is the second gesture; "" = the tag names none."""
        if self.content is not None:
            return self.content.primary_item_identifier
        return self.recognition.identifier

    @property
    def right(self) -> Right:
        """Who may: what is not this library's own takes a technician."""
        return Right.ERASE_TAG if self.recognition.state is TagState.OURS else Right.OVERWRITE_FOREIGN


def blank_of(image: TagImage) -> TagImage:
    """The tag as a new one: user memory, DSFID and AFI zero (tag-data-models.md 7.1; a gate asks for AFI 07)."""
    own = len(user_memory(image))
    return dataclasses.replace(image, memory=bytes(own) + image.memory[own:], afi=0x00, dsfid=0x00)


def to_erase(image: TagImage, recognition: Recognition, profile: TagProfile, capabilities: ReaderCapabilities) -> Draft:
    """What would be lost. Locked blocks that hold something are refused here, before anything goes to the reader."""
    lines = tuple(_line("erased", oid, element(oid).name, value) for oid, value in _said(recognition))
    draft = Draft(image=image, recognition=recognition, lines=lines)
    new = blank_of(image)
    if (new.memory, new.afi, new.dsfid) == (image.memory, image.afi, image.dsfid):
        return msgspec.structs.replace(draft, refused=tell("retag.empty-already"))
    held = [
        block
        for block in range(image.block_count)
        if is_locked(image, block) and image.block(block) != new.block(block)
    ]
    if held:
        return msgspec.structs.replace(draft, refused=tell("retag.locked", blocks=numbers(held)))
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
        return msgspec.structs.replace(draft, refused=error.message)
    return msgspec.structs.replace(draft, plan=plan)


def to_migrate(
    image: TagImage,
    recognition: Recognition,
    site: SiteProfile,
    isil: str,
    capabilities: ReaderCapabilities,
    barcode: str,
) -> Draft:
    """What the tag would say in the site's own profile, with a line for every element. `barcode`: as scanned; "" = nothing
    was."""
    profile = site.tag_profile(isil)
    draft = Draft(image=image, recognition=recognition)
    if recognition.state is TagState.BLANK:
        return msgspec.structs.replace(draft, refused=tell("retag.nothing-to-carry"))
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
        detail = f" ({error.detail})" if error.detail and error.detail not in error.message else ""
        return msgspec.structs.replace(draft, refused=f"{error.message}{detail}")
    if plan.empty:
        return msgspec.structs.replace(draft, refused=tell("retag.ours-already"))
    return msgspec.structs.replace(draft, plan=plan)


def to_finish(image: TagImage, wanted: TagImage, capabilities: ReaderCapabilities, *, eas: bool | None) -> WritePlan:
    """From a half written tag to the image that its attempt was on its way to. Raises what `plan_write` raises."""
    new = dataclasses.replace(wanted, locked=image.locked)
    return plan_write(
        image, new, max_blocks_per_write=capabilities.max_blocks_per_write, limits=ChipLimits.of(image.uid), eas=eas
    )


def with_shelf(profile: TagProfile, content: TagContent) -> TagProfile:
    """The profile, with a place for the shelf location that is carried over."""
    return dataclasses.replace(profile, call_number_on_tag=profile.call_number_on_tag or bool(content.shelf_location))


def target_of(task: RetagTask, site: SiteProfile) -> str:
    """What it would be afterwards, in words."""
    if task is RetagTask.ERASE:
        return tell("retag.target-new")
    return tell("retag.target-profile", profile=site.name, model=data_model(site.model).title)


def _said(recognition: Recognition) -> list[tuple[int, str]]:
    """Every element that a decoder found, whatever its worth: it is about to go."""
    if recognition.decoding is None:
        return []
    return sorted(values_of(recognition.decoding.content).items())


def _line(kind: str, oid: int, name: str, before: str, after: str = "", reason: str = "") -> TagLine:
    """One element in the language of the bench; its values as they are, and as people read them."""
    old, new = with_meaning(oid, before), with_meaning(oid, after)
    return TagLine(kind, translated(name), before, after, translated(reason), old, new)
