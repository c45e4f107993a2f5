"""Migrate a tag's content from any data model to the site's, with a note for every single element.

No loss is silent. Each element found on the tag gets exactly one note: kept, changed, dropped, does-not-fit or guessed.
So does each element of the new content that the old tag did not have. The `after` of a note was read back from the
encoded bytes by the model's own decoder. The encoder decides what the model can carry: each element is tried alone,
then all of them at the size of the tag. Elements without room are left out in the profile's order.

Choices: the identifier, the set information, the owner and the type of usage are never left out for room (the owner and
the usage only if the profile lists them): if they do not fit, nothing is encoded. The owner stays unchanged unless
`take_over` states that the item is now ours. A claim (docs/reference/tag-writing.md#the-algorithm: a tag that was not
finished, or whose CRC is wrong) is carried over only together with the scanned barcode, and then as guessed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from station.base.errors import DoesNotFit, ElementInvalid, EncodingError
from station.base.text import MAX_LENGTH, clean
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import (
    Decoding,
    ElementValue,
    Encoded,
    Recognition,
    TagContent,
    TagProfile,
    TagState,
)
from station.encoding.iso15962.data_elements import (
    CONTENT_PARAMETER,
    OWNER_INSTITUTION,
    PRIMARY_ITEM_IDENTIFIER,
    SET_INFORMATION,
    TYPE_OF_USAGE,
    element,
)
from station.encoding.migration.values import (
    content_of,
    guesses,
    media_format_of_3m,
    set_words,
    uninterpreted,
    unread,
    values_of,
)
from station.encoding.recognition.data_model import WritableModel
from station.encoding.recognition.registry import writable

ROOMY: Final = 2048
"""Bytes of the tag on which an element is tried alone: more than any element needs."""


class NoteKind(StrEnum):
    """Fate of an element."""

    KEPT = "kept"
    CHANGED = "changed"
    DROPPED = "dropped"
    DOES_NOT_FIT = "does-not-fit"
    GUESSED = "guessed"
    """Written, but the old tag did not hold it, or not reliably."""


@dataclass(frozen=True, slots=True)
class MigrationNote:
    """One element, before and after."""

    kind: NoteKind
    oid: int
    """Relative OID; 0 for a field that ISO 28560-1 does not define."""
    name: str
    before: str
    """Value read from the old tag; "" = none."""
    after: str
    """Value read back from the encoded bytes; "" = none."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Migration:
    """The content to write, and the fate of every element."""

    content: TagContent | None
    """None = refused, or a required element does not fit."""
    encoded: Encoded | None
    notes: tuple[MigrationNote, ...]
    refused: str = ""
    """Why nothing is encoded, in one sentence; "" = encoded."""


def migrate(
    source: Recognition | Decoding,
    target: TagProfile,
    *,
    size: int,
    block_size: int = 4,
    take_over: bool = False,
    barcode: str = "",
    keep: Collection[int] | None = None,
) -> Migration:
    """Convert a tag's content to the model of `target`, for a user memory of `size` bytes.

    `take_over`: write our ISIL as the owner, whatever the tag holds. `barcode`: as scanned from the item; required for
    a tag that is not finished or not sound. `keep`: relative OIDs that the site wants on its tags (`SiteProfile.oids`);
    None = all. Raises `ElementInvalid` if `target` cannot be written at all, and `ValueError` for a size or block size
    below 1.
    """
    if size < 1 or block_size < 1:
        raise ValueError("size and block_size must be at least 1")
    model = writable(target.model)
    decoding = source.decoding if isinstance(source, Recognition) else source
    if decoding is None:
        return Migration(None, None, (), "There is nothing on the tag that could be carried over.")
    claim = not decoding.sound or (isinstance(source, Recognition) and source.state is TagState.INCOMPLETE)
    identifier = decoding.content.primary_item_identifier
    if identifier and barcode and identifier != clean(barcode):
        return Migration(
            None, None, (), f"The tag says {identifier}, but the barcode is {clean(barcode)}: find out which is right."
        )
    if not barcode and (claim or not identifier):
        return Migration(None, None, (), "What the tag says is a claim only: scan the item's barcode.")
    draft = _Draft(decoding, model, target, size, block_size)
    draft.take_in(take_over=take_over, barcode=clean(barcode), keep=keep)
    draft.try_each()
    return draft.finish(claim)


@dataclass(slots=True)
class _Draft:
    """One migration in progress."""

    decoding: Decoding
    model: WritableModel
    target: TagProfile
    size: int
    block_size: int
    wanted: dict[int, str] = field(default_factory=dict)
    """Relative OID -> value to write."""
    why: dict[int, tuple[NoteKind, str]] = field(default_factory=dict)
    """Relative OID -> kind and reason of its note, as far as known."""
    must: set[int] = field(default_factory=set)
    failed: str = ""

    def take_in(self, *, take_over: bool, barcode: str, keep: Collection[int] | None) -> None:
        """Collect the content of the new tag, regardless of room."""
        content = self.decoding.content
        self.wanted = values_of(content)
        for oid, reason in guesses(self.decoding).items():
            self.why[oid] = NoteKind.GUESSED, reason
        if PRIMARY_ITEM_IDENTIFIER not in self.wanted:
            self.wanted[PRIMARY_ITEM_IDENTIFIER] = barcode
            self.why[PRIMARY_ITEM_IDENTIFIER] = NoteKind.CHANGED, "the tag named no item; the barcode was scanned"
        if take_over and self.target.isil and self.wanted.get(OWNER_INSTITUTION, "") != self.target.isil:
            self.wanted[OWNER_INSTITUTION] = self.target.isil
            self.why[OWNER_INSTITUTION] = NoteKind.CHANGED, "the item is ours now"
        if TYPE_OF_USAGE not in self.wanted:
            self.wanted[TYPE_OF_USAGE] = f"{self.target.type_of_usage:02X}"
            self.why[TYPE_OF_USAGE] = NoteKind.GUESSED, "the tag did not say; the site's own type of usage is taken"
        media = media_format_of_3m(self.decoding)
        if media:
            self.wanted[19] = media
            self.why[19] = NoteKind.GUESSED, "from the item type of the 3M layout"
        self.must = {
            oid
            for oid in (PRIMARY_ITEM_IDENTIFIER, OWNER_INSTITUTION, SET_INFORMATION, TYPE_OF_USAGE)
            if oid in (PRIMARY_ITEM_IDENTIFIER, SET_INFORMATION) or oid not in self.target.leave_out
        }
        for item in self.decoding.content.elements:
            if uninterpreted(item) and item.oid not in self.must:
                self._drop(item.oid, NoteKind.DROPPED, "it is written in a way that only its writer knows")
        for oid in [oid for oid in self.wanted if keep is not None and oid not in keep and oid not in self.must]:
            self._drop(oid, NoteKind.DROPPED, "the site's profile does not write it")

    def try_each(self) -> None:
        """Leave out elements that the model cannot carry, then elements without room, in the profile's order."""
        for oid in self._order():
            reason = self._refusal(oid, ROOMY)
            if reason and oid == TYPE_OF_USAGE and self._class_alone():
                continue
            if reason:
                self._fail_or_drop(oid, NoteKind.DROPPED, reason)
        for oid in self._order():
            reason = self._refusal(oid, self.size)
            if reason:
                self._fail_or_drop(oid, NoteKind.DOES_NOT_FIT, reason)
        if self.size < self.target.smallest:
            self._fail(
                PRIMARY_ITEM_IDENTIFIER, f"the tag has {self.size} bytes; the profile wants {self.target.smallest}"
            )
        order = [oid for oid in self.target.leave_out if oid in self.wanted and oid not in self.must]
        order += sorted((oid for oid in self.wanted if oid not in self.must and oid not in order), reverse=True)
        while not self.failed:
            try:
                self._encode(self.wanted, self.size)
                return
            except DoesNotFit as error:
                reason = f"all together need {error.needed} bytes, and the tag has {error.available}"
            except ElementInvalid as error:
                reason = error.detail.text or ""
            if not order:
                self._fail(PRIMARY_ITEM_IDENTIFIER, reason)
                return
            self._drop(order.pop(0), NoteKind.DOES_NOT_FIT, reason)

    def finish(self, claim: bool) -> Migration:
        """Encode, read back, and write the note of every element."""
        if self.failed:
            for oid in list(self.wanted):
                self._drop(oid, NoteKind.DROPPED, "nothing is written")
            return Migration(None, None, self._notes({}, claim), self.failed)
        encoded = self._encode(self.wanted, self.size)
        image = TagImage(
            Uid("E004000000000000"),
            self.block_size,
            encoded.data.ljust(self.size, b"\0"),
            (),
            self.target.afi_in_stock,
            self.target.dsfid,
        )
        read = self.model.read(image, image.memory)
        after = values_of(read.content)
        for item in read.content.elements:
            if item.oid == CONTENT_PARAMETER:
                after[CONTENT_PARAMETER] = item.value
        return Migration(content_of(self.wanted), encoded, self._notes(after, claim))

    # --- trying ------------------------------------------------------------------------------------------------------

    def _encode(self, values: dict[int, str], size: int) -> Encoded:
        return self.model.encode(content_of(values), self.target, self.block_size, size)

    def _order(self) -> list[int]:
        """Return the required elements first: the others are tried beside them."""
        return sorted(self.wanted, key=lambda oid: (oid not in self.must, oid))

    def _refusal(self, oid: int, size: int) -> str:
        """Return why this element, alone or beside the required ones, cannot be stored on a tag of `size` bytes; "" =
        it can."""
        value = self.wanted[oid]
        if len(value) >= MAX_LENGTH and value.endswith("…"):
            return "it is longer than what the station reads"
        beside = {} if oid in self.must else {other: self.wanted[other] for other in self.must if other in self.wanted}
        alone = {**_PLAIN, **beside, oid: value}
        try:
            self._encode(alone, size)
        except EncodingError as error:
            return (error.detail.text or "").removeprefix(f"{element(oid).name}: ")
        return ""

    def _class_alone(self) -> bool:
        """Reduce the type of usage to its class; return False if there is no room even for that."""
        full = self.wanted[TYPE_OF_USAGE]
        self.wanted[TYPE_OF_USAGE] = f"{full[0]}0"
        if self._refusal(TYPE_OF_USAGE, ROOMY):
            self.wanted[TYPE_OF_USAGE] = full
            return False
        self.why.setdefault(TYPE_OF_USAGE, (NoteKind.CHANGED, "the new model has a place for the class alone"))
        return True

    def _fail_or_drop(self, oid: int, kind: NoteKind, reason: str) -> None:
        if oid in self.must:
            self._fail(oid, reason)
        else:
            self._drop(oid, kind, reason)

    def _fail(self, oid: int, reason: str) -> None:
        self._drop(oid, NoteKind.DOES_NOT_FIT, reason)
        self.failed = self.failed or f"{element(oid).name} does not fit: {reason}{_WAYS_OUT.get(oid, '')}."

    def _drop(self, oid: int, kind: NoteKind, reason: str) -> None:
        self.wanted.pop(oid, None)
        self.why[oid] = kind, reason

    # --- notes -------------------------------------------------------------------------------------------------------

    def _notes(self, after: dict[int, str], claim: bool) -> tuple[MigrationNote, ...]:
        notes: list[MigrationNote] = []
        chosen = _chosen(self.decoding)
        for place, item in enumerate(self.decoding.content.elements):
            if item.oid == 0:
                notes.append(_note(NoteKind.DROPPED, item, "", _NO_ELEMENT))
            elif chosen[item.oid] != place:
                reason = "it is on the tag twice; the other one counts" if item.value else "it is empty"
                notes.append(_note(NoteKind.DROPPED, item, "", reason))
            else:
                notes.append(self._one(item.oid, item, after, claim))
        for oid in sorted({*self.why, *after} - set(chosen)):
            if oid in after or self.why[oid][0] is NoteKind.DOES_NOT_FIT:
                notes.append(self._one(oid, None, after, claim))
        notes += [
            MigrationNote(NoteKind.DROPPED, 0, "Data that was not read", "", "", why) for why in unread(self.decoding)
        ]
        return tuple(notes)

    def _one(self, oid: int, item: ElementValue | None, after: dict[int, str], claim: bool) -> MigrationNote:
        """Return the note of one element: `item` as found, or None if the old tag had none."""
        before = "" if item is None else _before(self.decoding, item)
        name = element(oid).name if item is None else item.name
        now = after.get(oid, "")
        known, reason = self.why.get(oid, (None, ""))
        if oid == CONTENT_PARAMETER:
            kind = NoteKind.DROPPED if not now else NoteKind.KEPT if before == now else NoteKind.CHANGED
            reason = "" if kind is NoteKind.KEPT else _PARAMETER[kind]
            return MigrationNote(kind, oid, name, before, now, reason)
        if not now:
            kind = known if known in (NoteKind.DROPPED, NoteKind.DOES_NOT_FIT) else NoteKind.DROPPED
            return MigrationNote(kind, oid, name, before, "", reason or "it says nothing that could be written")
        if known in (NoteKind.GUESSED, NoteKind.CHANGED):
            kind = known
        elif now != before:
            kind, reason = NoteKind.CHANGED, "the new model writes it differently"
        elif claim and oid != PRIMARY_ITEM_IDENTIFIER:
            kind, reason = NoteKind.GUESSED, "nothing proves that the old tag was whole"
        else:
            kind = NoteKind.KEPT
        return MigrationNote(kind, oid, name, before, now, reason)


_PLAIN: Final = {PRIMARY_ITEM_IDENTIFIER: "0", SET_INFORMATION: set_words(1, 1), TYPE_OF_USAGE: "10"}
_WAYS_OUT: Final = {
    OWNER_INSTITUTION: "; it can be replaced by ours if the item is ours now",
    TYPE_OF_USAGE: "; if leave_out lists it, the model's value for none is written",
}
_NO_ELEMENT: Final = "no data element of ISO 28560-1 is for this"
_PARAMETER: Final = {
    NoteKind.CHANGED: "it is made anew from the elements that are written",
    NoteKind.DROPPED: "the new model has none",
}


def _note(kind: NoteKind, item: ElementValue, after: str, reason: str) -> MigrationNote:
    return MigrationNote(kind, item.oid, item.name, item.value, after, reason)


def _chosen(decoding: Decoding) -> dict[int, int]:
    """Return relative OID -> index of the element that the content was taken from, among those with this OID."""
    values = values_of(decoding.content)
    chosen: dict[int, int] = {}
    for place, item in enumerate(decoding.content.elements):
        best = chosen.get(item.oid)
        if best is None or _rank(decoding.content.elements[best], values) < _rank(item, values):
            chosen[item.oid] = place
    return chosen


def _rank(item: ElementValue, values: dict[int, str]) -> int:
    return 2 * bool(item.value and item.value == values.get(item.oid)) + bool(item.value)


def _before(decoding: Decoding, item: ElementValue) -> str:
    """Return the old tag's value in the wording used to compare values."""
    if item.oid == SET_INFORMATION and SET_INFORMATION not in guesses(decoding):
        return values_of(decoding.content)[SET_INFORMATION]
    return item.value
