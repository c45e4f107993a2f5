"""Evidence in a memory that no data model reads: readable text, fillings, marks of known writers, randomness.

Each clue covers its bytes, so that the annotated dump shows it. Sources and inferences:
- NFC phone tag: a Type 5 tag of the NFC Forum begins with E1 or E2, then version 1.0 in the high nibble 4 and access
  bits (stm32duino/ST25DV tagtype5_wrapper.h; TI SLOA227B 5.2.4.3; "E2 40 00 01 .." in SparkFun's ST25DV64KC library);
  an NDEF message is TLV 03. That such a tag belongs to a phone and not to a library is inference.
- "W_OK": Bibliotheca's mark after the data (docs/reference/tag-data.md#variants-in-the-field, #element-layout).
- Readable text, repeated bytes, and "looks random" (as many different values as random data has) are visible in the
  bytes; their meaning is inference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from station.base.text import clean
from station.encoding.content import Part, Range

SHORTEST_TEXT: Final = 4
"""Minimum printable ASCII characters in a row that count as readable."""
SHORTEST_FILLING: Final = 8
"""Minimum equal bytes in a row that count as a filling."""
MOST_TOLD: Final = 3
"""Maximum texts, and fillings, in the sentences; the annotated dump shows all."""
_MORE: Final = {"text": "pieces of readable text", "filling": "places with one repeated byte"}
_RUNS: Final = re.compile(
    rb"(?P<fill>(?P<byte>.)(?P=byte){%d,})|(?P<text>[ -~]{%d,})" % (SHORTEST_FILLING - 1, SHORTEST_TEXT), re.DOTALL
)
_MARK: Final = b"W_OK"
_SHORTEST_CHANCE: Final = 48
_CHANCE: Final = 0.85
"""Minimum share of the different values that the same number of random bytes has on average, for bytes to count as
random."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence in a memory."""

    code: str
    """Stable: "phone-tag", "writer-mark", "text", "filling", "chance"."""
    sentence: str
    """The sentence for a librarian."""
    offset: int
    length: int
    label: str
    """Label for the annotated dump."""
    value: str = ""


def clues(memory: bytes) -> tuple[Clue, ...]:
    """Return all clues, by kind and then by place. Linear in the memory; never raises."""
    runs = [*_runs(memory)]
    return (*_phone(memory), *runs, *_chance(memory, runs))


def sentences(memory: bytes) -> tuple[str, ...]:
    """Return the sentences for a librarian about the memory; texts and fillings beyond the first few are only
    counted."""
    found: list[str] = []
    told = dict.fromkeys(_MORE, 0)
    for clue in clues(memory):
        if clue.code in told:
            told[clue.code] += 1
            if told[clue.code] > MOST_TOLD:
                continue
        found.append(clue.sentence)
    more = (f"{count - MOST_TOLD} more {_MORE[code]}." for code, count in told.items() if count > MOST_TOLD)
    return (*found, *more)


def ranges(memory: bytes, start: int = 0) -> tuple[Range, ...]:
    """Return the clues from byte `start` on as ranges, with gaps where nothing is known; zeros up to the end are
    free."""
    found: list[Range] = []
    for clue in clues(memory[start:]):
        if clue.code == "chance":
            continue
        offset = start + clue.offset
        zeros = clue.code == "filling" and not memory[offset] and offset + clue.length == len(memory)
        found.append(
            Range(offset, clue.length, Part.FREE, "free")
            if zeros
            else Range(offset, clue.length, Part.UNKNOWN, clue.label, clue.value)
        )
    return tuple(found)


def _phone(memory: bytes) -> tuple[Clue, ...]:
    if len(memory) < 4 or memory[0] not in (0xE1, 0xE2) or memory[1] >> 4 != 4:
        return ()
    # A memory size of 0 in byte 2 means that the container has eight bytes, not four.
    size = 4 if memory[2] else 8
    message = " and holds a message (NDEF)" if memory[size : size + 1] == b"\x03" else ""
    sentence = f"It begins as an NFC tag for phones does{message}: probably no library's format."
    return (Clue("phone-tag", sentence, 0, min(size, len(memory)), "capability container of an NFC tag for phones"),)


def _runs(memory: bytes) -> list[Clue]:
    found: list[Clue] = []
    for match in _RUNS.finditer(memory):
        offset, length = match.start(), match.end() - match.start()
        if match["fill"] is not None:
            byte = f"{memory[offset]:02X}"
            where = f"Bytes {offset} to {offset + length - 1}"
            label = f"filled with {byte}" if memory[offset] else "zeros"
            found.append(Clue("filling", f"{where} all hold {byte}.", offset, length, label))
        elif match["text"] == _MARK:
            sentence = f'The mark "W_OK" of a Bibliotheca writer stands at byte {offset}.'
            found.append(Clue("writer-mark", sentence, offset, length, "mark of a Bibliotheca writer", "W_OK"))
        else:
            text = clean(match["text"].decode("ascii"))
            if text:
                sentence = f'Readable text at byte {offset}: "{text}".'
                found.append(Clue("text", sentence, offset, length, "readable text", text))
    return found


def _chance(memory: bytes, runs: list[Clue]) -> tuple[Clue, ...]:
    """Return a clue for bytes that are neither filling nor text, if they look random."""
    rest = bytearray(memory)
    for run in reversed(runs):
        del rest[run.offset : run.offset + run.length]
    if len(rest) < _SHORTEST_CHANCE:
        return ()
    expected = 256 * (1 - (255 / 256) ** len(rest))
    if len(set(rest)) < _CHANCE * expected:
        return ()
    sentence = "The rest looks random: encrypted or packed data, or a damaged tag."
    return (Clue("chance", sentence, 0, len(memory), "looks random"),)
