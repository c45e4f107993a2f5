"""Fonts: which font has a character, and the width of text.

Fonts are tried in this order: Vera, which is part of reportlab (Latin); fonts of Debian packages, if installed; the
site's own (`labels.fonts`). A character that no font has is reported, never printed as an empty box. Text that runs
from right to left, or whose letters join (Arabic, Hebrew, the Indian scripts), would be wrong without a shaper, so it
counts as not printable, too.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import reportlab  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFError, TTFont  # type: ignore[import-untyped]

from station.base.errors import SettingsError
from station.base.sentence import Sentence
from station.base.text import clean

_OWN: Final = Path(reportlab.__file__).parent / "fonts"
_DEBIAN: Final = Path("/usr/share/fonts/truetype")
FACES: Final = (
    (_OWN / "Vera.ttf", _OWN / "VeraBd.ttf"),
    (_DEBIAN / "dejavu/DejaVuSans.ttf", _DEBIAN / "dejavu/DejaVuSans-Bold.ttf"),
    (_DEBIAN / "freefont/FreeSans.ttf", _DEBIAN / "freefont/FreeSansBold.ttf"),
    (_DEBIAN / "droid/DroidSansFallbackFull.ttf", _DEBIAN / "droid/DroidSansFallbackFull.ttf"),
)
"""(regular, bold), best first. Packages: fonts-dejavu-core (Greek, Cyrillic, ...), fonts-freefont-ttf,
fonts-droid-fallback (Chinese, Japanese, Korean)."""

_NEEDS_SHAPING: Final = (
    *("ARABIC", "HEBREW", "SYRIAC", "THAANA", "NKO", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL"),
    *("TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "TIBETAN", "MYANMAR", "KHMER", "MONGOLIAN"),
)
"""First words of the Unicode names of scripts that need a shaper or run from right to left."""


@lru_cache(maxsize=4096)
def _thousandths(font: str, text: str) -> float:
    """Return the width in thousandths of the font's size: a layout tries the same lines in many sizes."""
    return float(pdfmetrics.stringWidth(text, font, 1000))


class Piece:
    """Text in one font."""

    __slots__ = ("font", "text")

    def __init__(self, font: str, text: str) -> None:
        self.font = font
        self.text = text

    def width(self, size: float) -> float:
        """Return the width in points."""
        return 0.001 * size * _thousandths(self.font, self.text)


class Fonts:
    """The fonts of this machine and site, in the order in which they are tried."""

    def __init__(self, extra: Sequence[str] = ()) -> None:
        faces = [(regular, bold) for regular, bold in FACES if regular.is_file() and bold.is_file()]
        self._faces = [(_load(regular), _load(bold)) for regular, bold in faces]
        for name in extra:
            path = Path(name)
            if not path.is_file():
                raise SettingsError(
                    Sentence.joined(("labels.fonts", Sentence("print.no-font", path=str(path))), ": ")
                )  # not for people
            font = _load(path)
            self._faces.append((font, font))

    def pieces(self, text: str, *, bold: bool = False) -> list[Piece]:
        """Split the text by font, into as few fonts as needed. A character without a font is omitted (`missing` names
        it)."""
        fonts = self._fonts(bold)
        for font in fonts:
            if _glyphs(font).issuperset(map(ord, text)):
                return [Piece(font, text)] if text else []
        pieces: list[Piece] = []
        for char in text:
            font = next((font for font in fonts if ord(char) in _glyphs(font)), "")
            if not font:
                continue
            if pieces and pieces[-1].font == font:
                pieces[-1].text += char
            else:
                pieces.append(Piece(font, char))
        return pieces

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width in points."""
        return sum(piece.width(size) for piece in self.pieces(text, bold=bold))

    def missing(self, text: str) -> tuple[str, ...]:
        """Return the characters that cannot be printed correctly, each once."""
        fonts = self._fonts(bold=True)
        bad = [char for char in text if shaped(char) or not any(ord(char) in _glyphs(font) for font in fonts)]
        return tuple(dict.fromkeys(bad))

    def _fonts(self, bold: bool) -> list[str]:
        """Return all fonts; for bold text the bold ones first."""
        order = (1, 0) if bold else (0, 1)
        return [pair[weight] for weight in order for pair in self._faces]


def shaped(char: str) -> bool:
    """Return whether the letter belongs to a script that needs a shaper or runs from right to left."""
    if char.isascii():
        return False
    first = unicodedata.name(char, "").partition(" ")[0]
    return first in _NEEDS_SHAPING or unicodedata.bidirectional(char) in ("R", "AL")


def describe(char: str) -> str:
    """Return a description of a character for the operator."""
    return f"{clean(char) or '?'} ({unicodedata.name(char, f'U+{ord(char):04X}')})"


@cache
def _load(path: Path) -> str:
    """Register a font file. Its name is derived from its path, so the same file always has the same name."""
    name = f"{path.stem}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}" if path.parent != _OWN else path.stem
    try:
        pdfmetrics.registerFont(TTFont(name, str(path)))
    except (TTFError, OSError) as error:
        raise SettingsError(Sentence("print.bad-font", path=str(path), why=clean(str(error)))) from error
    return name


@cache
def _glyphs(font: str) -> frozenset[int]:
    return frozenset(code for code, glyph in pdfmetrics.getFont(font).face.charToGlyph.items() if glyph)
