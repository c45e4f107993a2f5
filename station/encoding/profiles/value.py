"""A site profile as a value: the content of one library's tags, and the source of each value.

The sources are a closed list (`SOURCES`), so that a profile can be checked without an item. `SiteProfile.content` fills
them from plain texts and depends on neither catalog nor settings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from station.base.errors import ElementInvalid, SettingsError
from station.encoding.content import BEING_WRITTEN, READ_AS, TagContent, TagProfile
from station.encoding.iso15962.data_elements import (
    CONTENT_PARAMETER,
    DANISH_USAGES,
    ELEMENTS,
    OWNER_INSTITUTION,
    PRIMARY_ITEM_IDENTIFIER,
    SET_INFORMATION,
    SHELF_LOCATION,
    TYPE_OF_USAGE,
)
from station.encoding.iso28560_3.danish import IN_BLOCKS
from station.encoding.iso28560_3.extensions import PLACE

CONSTANT: Final = "constant:"
SOURCES: Final[Mapping[str, str]] = {
    "item.barcode": "the item's barcode",
    "item.part": "which part of how many this tag is on (set information)",
    "item.parts": "number of parts",
    "item.title": "title",
    "item.author": "author",
    "item.call_number": "call number",
    "item.library": "library code of the item",
    "item.location": "location code of the item",
    "item.item_type": "item type code",
    "item.description": "volume or part designation",
    "item.copy": "copy number",
    "item.isbn": "first ISBN-13 of the record, digits only",
    "item.media_format": "media format code (ISO 28560-1 element 19), from the kind of material",
    "item.record_id": "number of the catalog record",
    "settings.isil": "the library's own ISIL",
}
"""Possible sources of a value, besides "constant:VALUE"."""

ALWAYS: Final = (PRIMARY_ITEM_IDENTIFIER, OWNER_INSTITUTION, SET_INFORMATION, TYPE_OF_USAGE)
"""Elements that every profile writes."""
DSFIDS: Final[Mapping[str, int]] = {"28560-2": 0x06, "28560-3": 0x3E}
"""Default marks of a finished tag (docs/reference/tag-data.md#dsfid-and-afi), by the model that reads the tag
(`READ_AS`); never used for another model."""


SAME_AFI: Final = "the AFI in stock and on loan are the same: no gate could tell them apart"


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


ELEMENT_NAMES: Final[Mapping[str, int]] = {
    _slug(row.name): oid for oid, row in ELEMENTS.items() if 1 <= oid <= 26 and oid != CONTENT_PARAMETER
}
"""Names of elements in a profile -> relative OID: "primary-item-identifier" and so on (ISO 28560-1, 2014 edition)."""
NAME_OF: Final = {oid: name for name, oid in ELEMENT_NAMES.items()}


@dataclass(frozen=True, slots=True)
class SiteProfile:
    """One validated profile."""

    name: str
    """Name for display."""
    model: str
    """Data model: its name in `registry`."""
    elements: tuple[tuple[int, str], ...] = ()
    """(relative OID, source), ascending; empty = tags of this model are only read."""
    dsfid: int = 0x06
    afi_in_stock: int = 0x07
    afi_on_loan: int = 0xC2
    smallest: int = 0
    """Minimum bytes of user memory."""
    reserve: int = 0
    """Bytes reserved in the content parameter (28560-2)."""
    lock: frozenset[int] = frozenset()
    """Relative OIDs whose blocks are locked."""
    leave_out: tuple[int, ...] = ()
    """Relative OIDs that migration leaves out first if a tag is too small."""
    eas: bool = False
    dsfids_28560_2: tuple[int, ...] = (0x06,)
    dsfids_28560_3: tuple[int, ...] = (0x3E,)
    about: str = ""
    sources: tuple[str, ...] = ()
    """References for this layout."""
    open: tuple[str, ...] = ()
    """Questions that no source settled."""

    @property
    def read_only(self) -> bool:
        """True if the station writes no tags with this profile."""
        return not self.elements

    @property
    def oids(self) -> tuple[int, ...]:
        """Relative OIDs of the written elements."""
        return tuple(oid for oid, _ in self.elements)

    @property
    def type_of_usage(self) -> int:
        """The byte of element 5: class nibble, qualifier nibble. A read-only profile has the default."""
        return int(dict(self.elements).get(TYPE_OF_USAGE, f"{CONSTANT}10").removeprefix(CONSTANT), 16)

    def tag_profile(self, isil: str) -> TagProfile:
        """Return the profile for encoders, plans and recognition, for the library `isil`."""
        return TagProfile(
            isil=isil,
            dsfid=self.dsfid,
            afi_in_stock=self.afi_in_stock,
            afi_on_loan=self.afi_on_loan,
            type_of_usage=self.type_of_usage,
            call_number_on_tag=SHELF_LOCATION in self.oids,
            model="" if self.read_only else self.model,
            lock=self.lock,
            reserve=self.reserve,
            smallest=self.smallest,
            eas=self.eas,
            dsfids_28560_2=self.dsfids_28560_2,
            dsfids_28560_3=self.dsfids_28560_3,
            leave_out=self.leave_out,
        )

    def content(self, values: Mapping[str, str], *, part: int = 1, parts: int = 1) -> TagContent:
        """Return the content for a tag, from the values of the sources. An element whose source is empty is not
        written.

        Raises `ElementInvalid` for a read-only profile and for a source without an entry in `values`.
        """
        if self.read_only:
            raise ElementInvalid(f"{self.name}: tags of this profile are read, never written")
        found: dict[int, str] = {}
        for oid, source in self.elements:
            if oid == SET_INFORMATION:
                continue
            if source.startswith(CONSTANT):
                found[oid] = source.removeprefix(CONSTANT)
            elif source in values:
                found[oid] = values[source]
            else:
                raise ElementInvalid(f"there is no value for {source}")
        return TagContent(
            primary_item_identifier=found.pop(PRIMARY_ITEM_IDENTIFIER),
            owner_institution=found.pop(OWNER_INSTITUTION),
            part=part,
            parts=parts,
            type_of_usage=int(found.pop(TYPE_OF_USAGE), 16),
            shelf_location=found.pop(SHELF_LOCATION, ""),
            further=tuple((oid, value) for oid, value in sorted(found.items()) if value),
        )

    def changed(
        self,
        *,
        dsfid: int | None = None,
        afi_in_stock: int | None = None,
        afi_on_loan: int | None = None,
        type_of_usage: int | None = None,
        call_number: bool | None = None,
    ) -> SiteProfile:
        """Return the profile with single settings of station.toml applied (None = unchanged). Raises
        `SettingsError`."""
        elements = dict(self.elements)
        if elements and type_of_usage is not None:
            elements[TYPE_OF_USAGE] = f"{CONSTANT}{type_of_usage:02X}"
        if elements and call_number is not None:
            elements.pop(SHELF_LOCATION, None)
            if call_number:
                elements[SHELF_LOCATION] = "item.call_number"
        new = replace(
            self,
            elements=tuple(sorted(elements.items())),
            dsfid=self.dsfid if dsfid is None else dsfid,
            afi_in_stock=self.afi_in_stock if afi_in_stock is None else afi_in_stock,
            afi_on_loan=self.afi_on_loan if afi_on_loan is None else afi_on_loan,
            lock=self.lock & frozenset(elements),
        )
        if new.afi_in_stock == new.afi_on_loan:
            raise SettingsError(f"tag.afi_in_stock and tag.afi_on_loan: {SAME_AFI}")
        wrong = "" if new.read_only else wrong_dsfid(new.model, new.dsfid)
        if wrong:
            raise SettingsError(f"tag.dsfid: {wrong}")
        for oid, source in new.elements:
            if wrong := no_place(new.model, oid, source):
                key = "tag.call_number_on_tag" if oid == SHELF_LOCATION else "tag.type_of_usage"
                raise SettingsError(f"{key}: {wrong}")
        return new


def no_place(model: str, oid: int, source: str) -> str:
    """Return why no tag of `model` can carry this element from this source; empty = it can."""
    if READ_AS.get(model, model) != "28560-3":
        return ""
    if oid not in PLACE and oid not in ALWAYS:
        return f"{NAME_OF[oid]} has no place on a tag of ISO 28560-3"
    if oid == TYPE_OF_USAGE and not source.endswith("0"):
        return f"ISO 28560-3 has no place for the qualifier: {NAME_OF[oid]} must end in 0"
    return _no_place_in_danish(model, oid, source) if model in READ_AS else ""


def _no_place_in_danish(model: str, oid: int, source: str) -> str:
    """Return the same for what the Danish model lacks compared to ISO 28560-3 (`danish`)."""
    if oid == TYPE_OF_USAGE:
        group = int(source.removeprefix(CONSTANT)[0], 16)
        return "" if group in DANISH_USAGES else f"{NAME_OF[oid]}: the Danish model has no class {group:X}"
    if oid in ALWAYS or (model == "danish" and oid in IN_BLOCKS):
        return ""
    where = "in the Danish model" if model == "danish" else "on a Danish tag of 32 bytes"
    return f"{NAME_OF[oid]} has no place {where}"


def wrong_dsfid(model: str, dsfid: int) -> str:
    """Return why this DSFID cannot mark a finished tag of `model`; empty = it can."""
    if dsfid == 0:
        return "DSFID 00 marks a tag that is not finished and cannot mark a finished one"
    if dsfid == BEING_WRITTEN:
        return f"DSFID {dsfid:02X} marks a tag that is being written and cannot mark a finished one"
    own = READ_AS.get(model, model)
    owner = next((name for name, value in DSFIDS.items() if value == dsfid and name != own), "")
    return f"DSFID {dsfid:02X} marks tags of ISO {owner}, and this profile is of {model}" if owner else ""
