"""Targets on UHF tags: ISO 28560-4, URN Code 40, and the other layouts that libraries use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fuzz import seeds
from fuzz.oracle import demand, demand_clean, demand_sane, said
from station.base.errors import EncodingError
from station.base.text import clean
from station.base.words import tell
from station.encoding.iso28560_4 import codec as iso28560_4_codec
from station.encoding.iso28560_4 import other_uhf, urn40
from station.encoding.iso28560_4.codec import LIBRARY_AFIS, OwnerPlace

CODES: Final = frozenset(kind.code for kind in (*iso28560_4_codec.KINDS, *seeds.kinds_of("28560-2")))
READERS: Final[tuple[Callable[[bytes], object], ...]] = (
    other_uhf.decode_bookwaves,
    other_uhf.decode_alliance,
    lambda data: clean(other_uhf.decode_alliance_96(data)),  # raw by contract
    lambda data: clean(other_uhf.decode_alliance_128(data)),
    other_uhf.decode_alliance_user_bank,
)


def part_4(data: bytes) -> None:
    """ISO 28560-4 and other layouts. Byte 0: length of the EPC bank, and if it begins with a CRC; then both banks."""
    if not data:
        return
    with_crc, cut = bool(data[0] & 0x80), 1 + (data[0] & 0x7F)
    epc_bank, user_bank = data[1:cut], data[cut:]
    _library(epc_bank, user_bank, with_crc)
    try:
        bank = iso28560_4_codec.decode_epc_bank(epc_bank, with_crc=with_crc)
    except EncodingError as error:
        demand_clean(tell(error.detail))
    else:
        demand(len(bank.data) == 2 * bank.pc.words, "other words than the control word counts")
        demand_clean(_read(lambda: other_uhf.read(bank)))
    for reader in READERS:
        demand_clean(_read(lambda reader=reader: reader(data[1:])))  # type: ignore[misc]


def _read(call: Callable[[], object]) -> object:
    """Return the result of a reader, or the reason for its failure."""
    try:
        return call()
    except EncodingError as error:
        return error.detail


def _library(epc_bank: bytes, user_bank: bytes, with_crc: bool) -> None:
    """Require that a library's tag reads the same after it was written, if it can be written."""
    try:
        decoded = iso28560_4_codec.decode(epc_bank, user_bank, with_crc=with_crc)
    except EncodingError as error:
        demand_clean(tell(error.detail))
        return
    demand_clean((decoded.content, decoded.remarks))
    demand_sane(decoded.content)
    demand({remark.code for remark in decoded.remarks} <= CODES, f"a remark in no table: {decoded.remarks}")
    for owner in OwnerPlace:
        try:
            written = iso28560_4_codec.encode(decoded.content, afi=min(LIBRARY_AFIS), owner=owner)
        except EncodingError as error:
            demand_clean(tell(error.detail))
            continue
        again = iso28560_4_codec.decode(written.epc_bank, written.user_bank, with_crc=False)
        demand(said(again.content) == said(decoded.content), f"{said(decoded.content)} became {said(again.content)}")


def code_40(data: bytes) -> None:
    """URN Code 40, from bytes and from text."""
    texts = [data.decode("latin-1"), data.decode("utf-8", "replace")]
    try:
        texts.append(urn40.decode(data))
    except EncodingError as error:
        demand_clean(tell(error.detail))
    else:
        demand(len(texts[-1]) <= 24 * len(data), "more characters than the bytes can hold")
        demand_clean(clean(texts[-1]))
    for text in texts:
        try:
            packed = urn40.even(urn40.encode(text))
        except EncodingError:
            continue
        again = urn40.decode(packed)
        demand(again == text, f"{text!r} became {again!r}")
