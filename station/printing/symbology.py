"""Barcodes as bars: what each kind can carry, and how wide it becomes. No drawing.

Code 39: ANSI/AIM BC1. Codabar: ANSI/AIM BC3. Code 128: ANSI/AIM BC4 = ISO/IEC 15417. QR: ISO/IEC 18004. A value that a
scanner could not give back as it was has a `problem`, and is not printed.
"""

from __future__ import annotations

from typing import Final

from station.base.text import clean
from station.base.words import tell
from station.printing.paper import Symbology

LINEAR_QUIET: Final = 10
"""Modules of white at both ends of a row of bars (all three standards)."""
QR_QUIET: Final = 4
"""Modules of white around a QR symbol (ISO/IEC 18004, 9.1)."""
LONGEST: Final = 48
"""Longest value that is printed."""
CODABAR_START: Final = "A"
CODABAR_STOP: Final = "A"
"""Start and stop character (^BK prints A by default too); scanners are usually set to leave them out."""

WORDS: Final[dict[Symbology, str]] = {
    "code39": "Code 39",  # not for people
    "codabar": "Codabar",  # not for people
    "code128": "Code 128",  # not for people
    "qr": "QR code",  # not for people
}
"""Names, the same in every language."""

_DIGITS: Final = "0123456789"
_CARRIES: Final[dict[Symbology, str]] = {
    "code39": f"{_DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%",  # not for people
    "codabar": f"{_DIGITS}-$:/.+",
    "code128": "".join(map(chr, range(0x20, 0x7F))),
    "qr": "".join(map(chr, range(0x20, 0x7F))),
}
_CODABAR_WIDE: Final = {**dict.fromkeys(f"{_DIGITS}-$", 2), **dict.fromkeys(":/.+ABCD", 3)}  # not for people
"""Wide elements of the seven in a Codabar character."""


def problem(symbology: Symbology, value: str) -> str:
    """Why this kind of barcode cannot carry the value, in words; "" if it can."""
    bad = sorted({char for char in value if char not in _CARRIES[symbology]})
    if bad:
        shown = ", ".join(clean(char) or f"U+{ord(char):04X}" for char in bad)
        takes = tell(f"print.carries.{symbology}")
        return tell("print.cannot-carry", kind=WORDS[symbology], characters=shown, takes=takes)
    if not value or value != value.strip():
        return tell("print.no-barcode")
    if len(value) > LONGEST:
        return tell("print.barcode-too-long", count=len(value), most=LONGEST)
    return ""


def pairs(value: str) -> bool:
    """True when Code 128 carries the value in code set C: digits, an even number of them."""
    return len(value) % 2 == 0 and len(value) >= 4 and all(char in _DIGITS for char in value)


def modules(symbology: Symbology, value: str, ratio: float) -> float:
    """Width of a row of bars in narrow bars, without the white at its ends. A QR code is drawn by its renderer."""
    match symbology:
        case "code39":
            # Nine elements a character, three of them wide; a narrow gap; a * at both ends.
            return (len(value) + 2) * (3 * ratio + 7) - 1
        case "codabar":
            marked = f"{CODABAR_START}{value}{CODABAR_STOP}"
            wide = [_CODABAR_WIDE[char] for char in marked]
            return sum(count * ratio + 7 - count for count in wide) + len(marked) - 1
        case "code128":
            symbols = len(value) // 2 if pairs(value) else len(value)
            # Start and check character, and a stop character of 13.
            return (symbols + 2) * 11 + 13
        case _:
            raise ValueError(f"{symbology} has no row of bars")
