"""Would the station's recognizer accept a state, and with which identifier? The answer for a million
memories at once.

Independent of the package: a separate CRC (linear: a table per place), a separate walk over the elements, separate
layouts, all in numpy. It judges by structure only (CRC and version; a complete walk with one identifier; the 3M
layout). So it accepts everything that the recognizer accepts, and a little more: texts are not decoded.
`test_torn_judge.py` compares it with the recognizer. The recognizer also judges every state that it accepts in a tear
proof.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from tests.encoding.write_plan.torn_states import Bytes, States

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]
Crc = npt.NDArray[np.uint16]
KEY = 24
BEING_WRITTEN = 0xC0
"""The station's DSFID of a tag that is being changed."""
COMMITTED = {"28560-2": 0x06, "28560-3": 0x3E}
"""DSFIDs of finished tags in the profiles of these tests; 3M tags have none."""
FILLINGS = (b"", b"\x55" * 24, b"\x55" * 20)
"""Blank tags: zeros, and two fill patterns of 3M tags followed by zeros."""


@dataclass(frozen=True)
class Elements:
    """Identifiers that the walk found in the states of `which`."""

    which: Index
    scheme: Bytes
    length: Index
    data: Bytes
    """(k, 24) its first bytes, zeros after its end."""


@dataclass(frozen=True)
class Verdict:
    """For each of n states: whether it is blank, and which data models would accept it if DSFID were ignored."""

    blank: Mask
    part3: Mask
    """ISO 28560-3 in any way that the station reads."""
    part3_plain: Mask
    """The same for a reader that knows only the plain layout: bytes in order, version 1."""
    three_m: Mask
    part2: Mask
    elements: Elements

    def committed(self, dsfid: Bytes) -> Mask:
        """Return the states that give an identity to a reader that honors DSFID."""
        part3 = self.part3 & (dsfid == COMMITTED["28560-3"])
        part2 = self.part2 & (dsfid == COMMITTED["28560-2"])
        return (part3 | part2 | self.three_m) & ~self.blank & (dsfid != BEING_WRITTEN)

    def new(self, dsfid: Bytes) -> Mask:
        """Return the states that look like a new tag."""
        return self.blank & (dsfid != BEING_WRITTEN)


def judge(states: States) -> Verdict:
    if states.words is None and states.whole is None and states.count > 1:
        return _repeated(judge(dataclasses.replace(states, dsfid=states.dsfid[:1])), states.count)
    zero_first = np.ones(states.count, bool)
    for at in range(4):
        zero_first &= np.equal(states.byte(at), 0)
    live = ~zero_first
    if not live.any():
        # While block 0 is zero the tag is unfinished (or blank), whatever follows it.
        return Verdict(_blank(states), live, live, live, live, _no_elements())
    part3, plain = _part3(states)
    part2, elements = _part2(states)
    return Verdict(_blank(states), part3 & live, plain & live, _three_m(states) & live, part2, elements)


def _repeated(one: Verdict, count: int) -> Verdict:
    """Return the verdict on the same memory under many DSFIDs."""
    found = one.elements
    which = np.arange(count) if len(found.which) else found.which
    elements = Elements(which, found.scheme.repeat(count), found.length.repeat(count), found.data.repeat(count, axis=0))
    masks = (mask.repeat(count) for mask in (one.blank, one.part3, one.part3_plain, one.three_m, one.part2))
    return Verdict(*masks, elements)


def _no_elements() -> Elements:
    nothing = np.zeros(0, np.intp)
    return Elements(nothing, np.zeros(0, np.uint8), nothing, np.zeros((0, KEY), np.uint8))


# --- blank ----------------------------------------------------------------------------------------------------------


def _blank(states: States) -> Mask:
    found = np.zeros(states.count, bool)
    for filling in FILLINGS:
        wanted = filling.ljust(states.size, b"\0")
        same: Mask | np.bool_ = np.ones(states.count, bool)
        if states.whole is not None:
            same = (states.whole == np.frombuffer(wanted, np.uint8)).all(axis=1)
        else:
            start = states.block * 4
            outside = wanted[:start] + wanted[start + 4 :] == states.memory[:start] + states.memory[start + 4 :]
            if not outside:
                continue
            for at in range(start, start + 4):
                same &= np.equal(states.byte(at), wanted[at])
        found |= same
    return found


# --- ISO 28560-3 ----------------------------------------------------------------------------------------------------

MESSAGE = (*range(19), *range(21, 34))


@cache
def crc_table() -> Crc:
    """Return (32, 256): the contribution of a byte at each place of the message to the CRC."""
    table = np.zeros((32, 256), np.uint16)
    for value in range(256):
        register = value << 8
        for place in range(31, -1, -1):
            for _ in range(8):
                register = (register << 1 ^ (0x1021 if register & 0x8000 else 0)) & 0xFFFF
            table[place, value] = register
    return table


@cache
def crc_start() -> int:
    """Return the contribution of the initial value FFFF over 32 bytes."""
    register = 0xFFFF
    for _ in range(256):
        register = (register << 1 ^ (0x1021 if register & 0x8000 else 0)) & 0xFFFF
    return register


def _part3(states: States) -> tuple[Mask, Mask]:
    """Return (any way, plain way): bytes in order or reversed in each block; owner of 13 or 11 bytes, or
    cut by blocks.
    """
    none = np.zeros(states.count, bool)
    if states.size < 32:
        return none, none
    found, plain = none.copy(), none
    for turned in (False, True):
        places = [at - at % 4 + 3 - at % 4 if turned else at for at in range(min(states.size, 36))]
        columns = [states.byte(at) for at in places]
        first = np.asarray(columns[0])
        version_1 = first >> 4 == 1
        version = version_1 | (first & 0x0F == 1)
        if not version.any():
            continue
        for end in (34, 32) if states.size >= 34 else (32,):
            fits = _crc_fits(columns, end) & version
            found = found | fits
            if not turned and end == min(34, states.size):
                plain = none | (fits & version_1)
        if not turned and states.size >= 34:
            found = found | (_cut_owner(columns) & version)
    return found, plain


def _crc_fits(columns: list[int | Bytes], end: int) -> Mask:
    """Check the CRC over a message whose bytes from `end` on count as zero."""
    table, known = crc_table(), crc_start()
    varying: Crc | None = None
    for place, at in enumerate(MESSAGE):
        if at >= end:
            break
        column = columns[at]
        if isinstance(column, int):
            known ^= int(table[place, column])
        else:
            part: Crc = table[place][column]
            varying = part if varying is None else varying ^ part
    stored = np.asarray(columns[19], np.uint16) | np.asarray(columns[20], np.uint16) << np.uint16(8)
    crc = np.uint16(known) if varying is None else varying ^ np.uint16(known)
    return np.atleast_1d(crc == stored)


def _cut_owner(columns: list[int | Bytes]) -> Mask:
    """Check for blocks in the owner field: the CRC covers the printable bytes from 21 on, and zeros after them."""
    printable = np.atleast_1d(np.bool_(True))
    found = np.atleast_1d(np.bool_(False))
    for end in range(21, 34):
        column = np.asarray(columns[end])
        text = np.atleast_1d((column >= 0x20) & (column < 0x7F))
        here = printable & ~text
        if here.any():
            found = found | (here & _crc_fits(columns, end))
        printable = printable & text
        if not printable.any():
            break
    return found


# --- 3M -------------------------------------------------------------------------------------------------------------


def _three_m(states: States) -> Mask:
    found = np.zeros(states.count, bool)
    marked = np.equal(states.byte(0), 4) & np.equal(states.byte(2), 0)
    which = np.flatnonzero(np.broadcast_to(marked, (states.count,)))
    if not len(which) or states.size < 32:
        return found
    rows = states.rows(which)
    number, total = rows[:, 1] >> 4, rows[:, 1] & 0x0F
    good = ((number == 0) & (total == 0)) | ((number >= 1) & (number <= total))
    field = rows[:, 4:20]
    filled = np.cumsum(field == 0, axis=1) == 0
    good &= filled[:, 0] & ((field == 0) | filled).all(axis=1)
    good &= ((field >= 0x20) & (field < 0x7F) | ~filled).all(axis=1)
    good &= (rows[:, 28:32] == 0).all(axis=1)
    good &= ~_text_for_numbers(rows[:, 21:34])
    found[which[good]] = True
    return found


def _text_for_numbers(field: Bytes) -> Mask:
    """Find a letter, more printable characters, then zeros: the owner field of ISO 28560-3."""
    letter = (field[:, 0] | 0x20 >= ord("a")) & (field[:, 0] | 0x20 <= ord("z")) & (field[:, 0] < 0x80)
    text = (field >= 0x20) & (field < 0x7F)
    end = field.shape[1] - np.argmax((field != 0)[:, ::-1], axis=1)
    inside = np.arange(field.shape[1]) < end[:, None]
    found: Mask = letter & (end > 1) & (text | ~inside).all(axis=1)
    return found


# --- ISO 28560-2 ----------------------------------------------------------------------------------------------------


def _part2(states: States) -> tuple[Mask, Elements]:
    found = np.zeros(states.count, bool)
    # Most states end here: without a first element there is no identifier.
    which = np.flatnonzero(np.broadcast_to(np.not_equal(states.byte(0), 0), (states.count,)))
    if not len(which):
        return found, _no_elements()
    rows = states.rows(which)
    good, scheme, at, length, _ = walk(rows, oid_first=True)
    again = np.flatnonzero(~good)
    if len(again):
        other, scheme_2, at_2, length_2, both = walk(rows[again], oid_first=False)
        take = other & both
        good[again[take]] = True
        scheme[again[take]], at[again[take]], length[again[take]] = scheme_2[take], at_2[take], length_2[take]
    found[which[good]] = True
    scheme, at, length = scheme[good], at[good], length[good]
    places = np.arange(KEY)
    taken = rows[np.flatnonzero(good)[:, None], np.minimum(at[:, None] + places, states.size - 1)]
    data = np.where(places < length[:, None], taken, 0).astype(np.uint8)
    return found, Elements(which[good], scheme, length, data)


def walk(rows: Bytes, *, oid_first: bool) -> tuple[Mask, Bytes, Index, Index, Mask]:
    """Return (sound, the identifier's scheme, its first data byte, its length, an element with both OID and
    pad count).
    """
    count, size = rows.shape
    memory = np.zeros((count, size + 4), np.uint8)
    memory[:, :size] = rows
    flat, width = memory.ravel(), size + 4
    at = np.zeros(count, np.intp)
    sound, owner, both = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count, bool)
    scheme, data_at, length = np.zeros(count, np.uint8), np.zeros(count, np.intp), np.zeros(count, np.intp)
    filled: npt.NDArray[np.int16] | None = None
    live = np.arange(count)
    while len(live):
        here, base = at[live], live * width
        precursor = flat[base + here]
        ended = (here >= size) | (precursor == 0)
        sound[live[ended]] = data_at[live[ended]] > 0
        live, here, base, precursor = live[~ended], here[~ended], base[~ended], precursor[~ended]
        oid = (precursor & 0x0F).astype(np.intp)
        padded, extended = precursor >= 0x80, oid == 15
        first, second = flat[base + here + 1].astype(np.intp), flat[base + here + 2].astype(np.intp)
        either = padded & extended
        extra = np.where(either & ~np.bool_(oid_first), second, first)
        pad = np.where(either & np.bool_(oid_first), second, first) * padded
        oid = np.where(extended, oid + extra, oid)
        head = here + 1 + padded + extended
        data = head + 1
        end = data + flat[base + np.minimum(head, size)]
        behind = end + pad
        good = (oid >= 1) & (oid <= 127) & (head < size) & (behind <= size)
        if (good & (pad > 0)).any():
            if filled is None:
                filled = np.cumsum(memory != 0, axis=1, dtype=np.int16).ravel()
            stop = np.minimum(behind, size)
            good &= (pad == 0) | (filled[base + stop - 1] == filled[base + np.minimum(end, size) - 1])
        is_id, is_owner = oid == 1, oid == 3
        good &= ~(is_id & (data_at[live] > 0)) & ~(is_owner & owner[live])
        # An empty identifier does not count.
        good &= ~(is_id & (end == data))
        live_id = live[is_id & good]
        chosen = is_id & good
        scheme[live_id], data_at[live_id] = precursor[chosen] >> 4 & 7, data[chosen]
        length[live_id] = (end - data)[chosen]
        owner[live[is_owner]] = True
        both[live[either]] = True
        at[live] = behind
        live = live[good]
    return sound, scheme, data_at, length, both
