"""Reading of an ISO 28560-3 memory with a missing or wrong CRC: its probable content, with the evidence for it.

Readers in use accept such tags; libdanrfid scores how plausible they are
(docs/reference/tag-data.md#variants-in-the-field). Here they are claims: `Decoding.sound` is False, so `recognise`
never takes one for an identity, and its confidence stays below that of every model with a check or a complete walk. The
rules are a table of our own. Required are the version (also with swapped nibbles), at most twenty parts, a printable
identifier of at least three characters, and a printable owner, both filled with zeros. Memories of other layouts do not
have all of that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from station.base.errors import Undecodable
from station.domain.tag_image import TagImage
from station.encoding.content import Decoding, Remark
from station.encoding.iso15962.data_elements import USAGE_CLASSES
from station.encoding.iso28560_3 import deviants
from station.encoding.iso28560_3.basic_block import (
    BASIC,
    CRC_AT,
    DSFID,
    ID_AT,
    MODEL,
    SHORT,
    SHORT_WAYS,
    WAYS,
    Decoded,
    Way,
    basic_of,
    crc_fits,
    crc_of,
    read,
    stored_crc,
)
from station.encoding.iso28560_3.extensions import EXTENSIONS_AT
from station.encoding.iso28560_3.models import Reading, decoding_of

BEST: Final = 0.4
"""Confidence if every rule holds: below 0.5, the minimum of a sound reading of another model."""
ENOUGH: Final = 0.6
"""Minimum share of all points at which the claim is reported."""
SHORTEST: Final = 3
"""Minimum characters of a credible identifier."""
MOST_PARTS: Final = 20
"""Below any printable character, so that running text is never taken for this model."""


class Rule(NamedTuple):
    """Evidence for the model."""

    points: int
    holds: Callable[[Decoded, TagImage], bool]
    words: str


def _codes(decoded: Decoded) -> set[str]:
    return {remark.code for remark in decoded.remarks}


def _country(decoded: Decoded) -> bool:
    country = decoded.stored_owner[:2]
    return len(decoded.stored_owner) > 2 and country.isascii() and country.isalpha() and country.isupper()


_DISORDER: Final = {deviants.NO_BLOCK.code, deviants.BLOCK_XOR.code, deviants.SHORT_LAYOUT.code}
RULES: Final = (
    Rule(2, lambda d, _: _country(d), "the owner begins with a country"),
    Rule(2, lambda d, _: d.content.primary_item_identifier.isalnum(), "the identifier is of letters and digits"),
    Rule(1, lambda d, _: d.content.parts <= 7, "the number of parts is small"),
    Rule(
        1,
        lambda d, _: not _codes(d) & {deviants.SWAPPED_PARTS.code, deviants.SET_NONSENSE.code},
        "part number and number of parts agree",
    ),
    Rule(1, lambda d, _: not _codes(d) & {deviants.SWAPPED_NIBBLES.code}, "the version stands where it should"),
    Rule(
        1, lambda d, _: "future" not in USAGE_CLASSES[(d.content.type_of_usage or 0) >> 4], "the type of usage is known"
    ),
    Rule(1, lambda d, _: not _codes(d) & _DISORDER, "what lies behind is in order"),
    Rule(1, lambda _, image: image.dsfid == DSFID, f"DSFID is {DSFID:02X}"),
)
_ALL_POINTS: Final = sum(rule.points for rule in RULES)


class Iso28560Part3Claim(Reading):
    """ISO 28560-3 without its CRC, last in the registry. It is never written."""

    title = "ISO 28560-3 without a valid CRC"
    only_claims = True

    def read(self, image: TagImage, memory: bytes) -> Decoding:
        """Return the most plausible reading. Raises `Undecodable` if none is plausible or the CRC is right."""
        if len(memory) < SHORT:
            raise Undecodable(len(memory), f"the model needs {SHORT} bytes")
        # A cheap test that rejects most memories of other layouts.
        if deviants.VERSION not in (memory[0] >> 4, memory[0] & 0x0F) and not _may_be_turned(memory, image.block_size):
            raise Undecodable(0, "the version of the model is not known")
        tries: list[tuple[bytes, bytes, Way]] = []
        for way in WAYS if len(memory) >= BASIC else SHORT_WAYS:
            laid = deviants.turned(memory, image.block_size) if way.turned else memory
            basic = basic_of(laid, way.short)
            if crc_fits(basic):
                # Either sound, or refused for another reason, which then counts.
                raise Undecodable(CRC_AT, "the CRC is right")
            tries.append((laid, basic, way))
        best: tuple[int, Decoded, tuple[str, ...]] | None = None
        refused: Undecodable | None = None
        for laid, basic, way in tries:
            try:
                decoded = _claim(laid, basic, way, image.block_size)
            except Undecodable as error:
                refused = refused or error
                continue
            held = [rule for rule in RULES if rule.holds(decoded, image)]
            points = sum(rule.points for rule in held)
            if best is None or points > best[0]:
                best = points, decoded, tuple(rule.words for rule in held)
        if best is None:
            raise refused or Undecodable(0, "the content is not plausible")
        points, decoded, words = best
        if points < ENOUGH * _ALL_POINTS:
            raise Undecodable(CRC_AT, f"the CRC is wrong, and too little speaks for the model ({'; '.join(words)})")
        missing = decoded.remarks[0].code == deviants.CRC_MISSING.code
        reason = (
            f"The memory looks like ISO 28560-3 (Danish model), but its CRC is {'missing' if missing else 'wrong'}: "
            f"{', '.join(words)}."
        )
        return decoding_of(decoded, MODEL, BEST * points / _ALL_POINTS, reason, sound=False)


def _may_be_turned(memory: bytes, block_size: int) -> bool:
    at = min(max(block_size, 1), len(memory)) - 1
    return deviants.VERSION in (memory[at] >> 4, memory[at] & 0x0F)


def _claim(laid: bytes, basic: bytes, way: Way, block_size: int) -> Decoded:
    """Read one layout; raise `Undecodable` unless the required content is there."""
    stored, wanted = stored_crc(basic), crc_of(basic)
    wrong = deviants.CRC_WRONG.remark(CRC_AT, 2, stored=stored, wanted=wanted)
    remarks: list[Remark] = [deviants.CRC_MISSING.remark(CRC_AT, 2) if not stored else wrong, *way.remarks(block_size)]
    decoded = read(laid, basic, remarks, EXTENSIONS_AT, way, block_size)
    if len(decoded.content.primary_item_identifier) < SHORTEST:
        raise Undecodable(ID_AT, "there is no credible identifier")
    if decoded.content.parts > MOST_PARTS:
        raise Undecodable(1, f"{decoded.content.parts} parts are too many to believe without a CRC")
    return decoded
