"""Barcodes: the values that each kind can carry, and their width. No drawing.

Code 39: ANSI/AIM BC1. Codabar: ANSI/AIM BC3. Code 128: ANSI/AIM BC4 = ISO/IEC 15417. QR: ISO/IEC 18004. A value that a
scanner could not return unchanged has a `problem`, and is not printed.
"""

from __future__ import annotations

from typing import Final

from station.base.text import clean
from station.base.words import tell
from station.printing.paper import Symbology

LINEAR_QUIET: Final = 10
"""Modules of the quiet zone at each end of a linear barcode (all three standards)."""
QR_QUIET: Final = 4
"""Modules of the quiet zone around a QR symbol (ISO/IEC 18004, 9.1)."""
LONGEST: Final = 48
"""Longest value that is printed, in characters."""
CODABAR_START: Final = "A"
CODABAR_STOP: Final = "A"
"""Start and stop character (^BK also prints A by default); scanners are usually configured to omit them."""

WORDS: Final[dict[Symbology, str]] = {
    "code39": "Code 39",  # not for people
    "codabar": "Codabar",  # not for people
    "code128": "Code 128",  # not for people
    "qr": "QR code",  # not for people
}
"""Names, identical in every language."""

_DIGITS: Final = "0123456789"
_CARRIES: Final[dict[Symbology, str]] = {
    "code39": f"{_DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%",  # not for people
    "codabar": f"{_DIGITS}-$:/.+",
    "code128": "".join(map(chr, range(0x20, 0x7F))),
    "qr": "".join(map(chr, range(0x20, 0x7F))),
}
_CODABAR_WIDE: Final = {**dict.fromkeys(f"{_DIGITS}-$", 2), **dict.fromkeys(":/.+ABCD", 3)}  # not for people
"""Number of wide elements among the seven of a Codabar character."""


def problem(symbology: Symbology, value: str) -> str:
    """Return the reason why this kind of barcode cannot carry the value; "" if it can."""
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
    """Return whether Code 128 carries the value in code set C: an even number of digits, at least four."""
    return len(value) % 2 == 0 and len(value) >= 4 and all(char in _DIGITS for char in value)


def modules(symbology: Symbology, value: str, ratio: float) -> float:
    """Return the width of a linear barcode in narrow bars, without quiet zones. Raises `ValueError` for a QR code."""
    match symbology:
        case "code39":
            # Nine elements per character, three of them wide; a narrow gap; a * at each end.
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
            raise ValueError(f"{symbology} is not a linear barcode")
