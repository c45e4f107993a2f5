"""Words by which a record is found when the barcode cannot be read: titles, names and ISBNs.

Text is folded alike for the index and for what a person types: no diacritics, no case, and each Chinese or Japanese
character is a word, because these scripts have no spaces. An ISBN-10 becomes an ISBN-13.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, NamedTuple

from station.catalog.marc.marc import FieldText

VERSION: Final = "1"
"""Version of the words, kept in the index. An index with words of another version cannot be searched."""
TAGS: Final = frozenset({"020", "100", "110", "111", "245", "246", "700", "710", "711", "880"})

_TITLES: Final = {"245": "abnp", "246": "abnp"}
_NAMES: Final = {"100": "abcq", "110": "abn", "111": "acn", "700": "abcq", "710": "abn", "711": "acn"}
_LONGEST: Final = 500
"""Maximum characters of a title or of all names; longer text adds nothing to recognize the record by."""


class _Letters(dict[int, int | str | None]):
    """Table for `str.translate`, after decomposition and case folding: a mark is left out. Fills itself."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.combining(chr(code)) else code
        if code < _OFTEN:
            self[code] = kept
        return kept


_OFTEN: Final = 0x3000
"""Characters below are kept in the table: the alphabets."""
_LETTERS: Final = _Letters(
    {
        ord("ø"): "o",
        ord("ł"): "l",
        ord("đ"): "d",
        ord("ð"): "d",
        ord("þ"): "th",
        ord("æ"): "ae",
        ord("œ"): "oe",
        ord("ı"): "i",
    }
)
"""Latin letters that Unicode does not decompose, after case folding."""
_FOREIGN: Final = re.compile("[^\x00-\x7f]+")
_IDEOGRAPH: Final = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD: Final = re.compile(r"[^\W_]+")
_ISBN: Final = re.compile(r"\s*([0-9][0-9Xx\- ]{2,24})")
_NO_DIGITS: Final = str.maketrans("", "", "Xx- ")


class Words(NamedTuple):
    """Searchable text of one record, folded."""

    title: str
    author: str
    isbn: str


def words_in(texts: Iterable[FieldText]) -> Words:
    """Return the words of the record with these fields (at least those with `TAGS`)."""
    titles: list[str] = []
    names: list[str] = []
    isbns: dict[str, None] = {}
    for tag, subfields in texts:
        if tag == "020":
            for code, text in subfields:
                if code in "az" and (number := isbn_of(text)):
                    isbns[number] = None
            continue
        if tag == "880":
            tag = next((text[:3] for code, text in subfields if code == "6"), "")
        if tag in _TITLES:
            codes = _TITLES[tag]
            titles += [text for code, text in subfields if code in codes]
            if tag == "245":
                names += [text for code, text in subfields if code == "c"]
        elif tag in _NAMES:
            codes = _NAMES[tag]
            names += [text for code, text in subfields if code in codes]
    return Words(fold(" ".join(titles)[:_LONGEST]), fold(" ".join(names)[:_LONGEST]), " ".join(isbns))


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    return _WORD.findall(fold(text))


def fold(text: str) -> str:
    """Return the text without diacritics, with each ideograph as a word of its own. Case does not count."""
    if text.isascii():
        return text  # FTS5 takes capital and small letters as the same
    plain = _FOREIGN.sub(_without_marks, unicodedata.normalize("NFKD", text).casefold())
    if plain.isascii():
        return plain
    return _IDEOGRAPH.sub(r" \g<0> ", unicodedata.normalize("NFC", plain))


def _without_marks(found: re.Match[str]) -> str:
    return found[0].translate(_LETTERS)


def isbn_of(text: str) -> str:
    """Return the ISBN at the beginning of a text as digits, a complete ISBN-10 as ISBN-13; "" if there is none.

    The number may be incomplete or mistyped: its check digit is not compared, so that a record with a mistyped ISBN is
    found by what its cover says.
    """
    found = _ISBN.match(text)
    if found is None:
        return ""
    digits = found[1].translate(_NO_DIGITS)
    number = digits + "X" if len(digits) == 9 and found[1].rstrip(" -").endswith(("X", "x")) else digits
    if len(number) == 10:
        body = "978" + number[:9]
        return body + str(-sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(body)) % 10)
    return number[:13]
