"""Writer of the Danish model (Doc 067, July 2005), a subset of ISO 28560-3.

The bytes are those of ISO 28560-3, so a tag of this model reads as one, and these objects have its name. The
differences are in the allowed content (docs/reference/tag-data.md#basic-block, #extension-blocks and #type-of-usage;
Doc 067 pp. 25 to 35):

    owner           two letters of the country, then the library: 11 bytes, 9 on a tag of 32 bytes
    type of usage   classes 0, 1, 2, 7 and 8 alone
    blocks          1 (media format, alternative item identifier, owner) and 2 (supplier, item identification, order, invoice,
                    other); "other" is in the place of ISO 28560-3's GS1 product identifier, and no element goes there

Named choice: a missing type of usage is written as class 1, "for circulation". The Norwegian profile (biblev.no,
20.10.2006) has 1 where the field is unused. The identifier has at most 16 characters (Doc 067 p. 15).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from station.base.errors import ElementInvalid
from station.base.text import clean
from station.encoding.content import Encoded, TagContent, TagProfile
from station.encoding.iso15962.data_elements import DANISH_USAGES, element
from station.encoding.iso28560_3.basic_block import SHORT
from station.encoding.iso28560_3.models import Iso28560Part3
from station.encoding.iso28560_3.write import Choices, Objections

UNUSED_USAGE: Final = 0x10
COUNTRY: Final = 2
SHORT_LIBRARY: Final = 9
"""Characters of the library on a tag of 32 bytes."""
IN_BLOCKS: Final = frozenset({19, 22, 9, 18, 10, 21})
"""Elements of blocks 1 and 2."""


class Danish(Iso28560Part3):
    """The Danish model, with its two extension blocks."""

    title = "Danish model (Doc 067)"
    blocks = True

    def __init__(self) -> None:
        super().__init__(Choices(spill_identifier=False))

    def encode(self, content: TagContent, profile: TagProfile, block_size: int, size: int) -> Encoded:
        """Encode as ISO 28560-3; raise `ElementInvalid` for content that the Danish model does not have."""
        for oid, reason in self._objections(content):
            raise ElementInvalid(f"{element(oid).name}: {reason}")
        return super().encode(self._with_usage(content), profile, block_size, size)

    def cannot_carry(self, content: TagContent, size: int) -> Objections:
        """Return the elements that a tag of `size` bytes cannot carry: (relative OID, reason) each."""
        found = dict(self._objections(content))
        for oid, reason in super().cannot_carry(self._with_usage(content), size):
            found.setdefault(oid, reason)
        return tuple(sorted(found.items()))

    def _with_usage(self, content: TagContent) -> TagContent:
        return replace(content, type_of_usage=UNUSED_USAGE) if content.type_of_usage is None else content

    def _objections(self, content: TagContent) -> Objections:
        found: dict[int, str] = {}
        country, _, library = content.owner_institution.partition("-")
        if content.owner_institution and not (len(country) == COUNTRY and country.isalpha() and country.isupper()):
            found[3] = f"{clean(content.owner_institution)} does not begin with the two letters of a country"
        elif len(library) > SHORT_LIBRARY and not self.blocks:
            found[3] = (
                f"the library has {len(library)} characters behind its country; there is room for {SHORT_LIBRARY}"
            )
        usage = content.type_of_usage
        if usage is not None and usage >> 4 not in DANISH_USAGES:
            found[5] = f"the Danish model has no class {usage >> 4:X}"
        shelf = ((6, ""),) if content.shelf_location else ()
        for oid, _value in (*shelf, *content.further):
            if not (self.blocks and oid in IN_BLOCKS):
                found[oid] = "the Danish model has no place for it" if self.blocks else "32 bytes have no room for it"
        return tuple(sorted(found.items()))


class Danish32(Danish):
    """The Danish model on tags of 32 bytes: only the mandatory block. On a larger tag the rest stays zero."""

    title = f"Danish model (Doc 067), {SHORT} bytes"
    blocks = False
