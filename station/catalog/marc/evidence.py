"""Evidence in the bytes of a record for MARC-8 or for Windows-1252, where both can be meant.

MARC 21 allows MARC-8 and UTF-8 only; some systems export Windows-1252. In MARC-8 an accent (E0 to FE) precedes its
letter, in Windows-1252 the same byte is a letter: "Bu", F1, "uel" is "Buñuel" or "Buųel". Each place is weighed by the
letters of the record's language (008/35-37). The weights are the station's choice; no standard decides.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple

from station.catalog.marc import marc8

Decision = Literal["marc-8", "windows-1252", "unclear"]

SURE: Final = 3
"""Minimum lead. Less than four times the evidence for the other set is not enough either."""
_STRONG: Final = 4
_PLAIN: Final = 3
_LIKELY: Final = 2
_WEAK: Final = 1

_LETTERS: Final = {
    "fre": "àâæçéèêëîïôœùûü",
    "spa": "áéíñóúü",
    "ger": "äöüß",
    "por": "áâãàçéêíóôõú",
    "ita": "àèéìíòóùú",
    "dut": "éèëïöüáó",
    "dan": "æøåé",
    "nor": "æøåéòô",
    "swe": "åäöé",
    "fin": "åäö",
    "ice": "áðéíóúýþæö",
    "cat": "àçèéíïòóúü",
    "glg": "áéíñóúü",
    "afr": "áâéèêëîïôöû",
    "alb": "çë",
    "baq": "çñ",
    "bre": "êñù",
    "est": "äõöüšž",
    "fao": "áðíóúýæø",
    "gla": "àèìòù",
    "gle": "áéíóú",
    "ltz": "äéë",
}
"""Accented letters of languages that Windows-1252 can write, in lower case, by MARC code. Those from "afr" on are the main
exemplar characters of Unicode CLDR."""
_ANY: Final = frozenset("".join(_LETTERS.values()))
_COMMON: Final = frozenset(letter for letter in _ANY if letter <= "ÿ")
"""Those of Latin-1: its bytes are the accents of MARC-8."""
_INVERTED: Final = frozenset({"spa", "cat", "glg"})
"""Languages with ¿ and ¡ before a question or exclamation."""
_ENGLISH: Final = frozenset({"eng", "und", "mul", "zxx", "lat", ""})
"""No letters of their own: names and titles of any language."""

_ASCII_BLANK: Final = bytes.maketrans(bytes(range(0x80)), b" " * 0x80)
_ENTRY_008: Final = re.compile(rb"(?:.{12})*?008.{4}([0-9]{5})", re.DOTALL)
_LANGUAGE: Final = re.compile(r"[a-z]{3}\Z")
_OTHER_SET: Final = re.compile(rb"[\xc0-\xff]{4}|[\x81\x8f\x90\x9d]")
"""No word of a language in Windows-1252 has four such letters in a row (Cyrillic in Windows-1251 has); and bytes that are
undefined in both sets."""
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""Bytes that Windows-1252 does not define."""
_ORDINALS: Final = "ªº"
_SIGN_IN_WORD: Final = re.compile(
    r"[^\W\d_][\u0080-\u00bf\u00d7\u00f7\u02c6\u02dc\u201a\u201c-\u203a\u20ac\u2122](?<![ªº·])[^\W\d_]"
    r"|[a-zß-öø-ÿœšž][À-ÖØ-ÞŒŠŽŸ]"
)
"""In a word, a sign other than apostrophe, dash and middle dot, or a capital after a small letter: the text is in another
set, as CP850."""
_CONTROLS: Final = frozenset(b"\x88\x89\x8d\x8e")
"""Non-sorting marks and joiners of MARC-8."""
STRAY: Final = re.compile(rb"[\x80-\x87\x8a-\x8c\x8f-\x9f]")
"""Bytes that MARC-8 does not define, and that are letters of CP850."""
_QUOTES: Final = {b"\x92": (True, True), b"\x93": (False, True), b"\x96": (False, False), b"\x97": (False, False)}
"""Windows-1252: apostrophe, opening quotation mark, dashes; with a letter before and after or not."""
_INITIALS: Final = frozenset(b"\xb1\xb2\xb3\xb5\xb6\xba\xbc\xbd")
"""ł, ø, đ, æ, œ, ð, ơ, ư, which can begin a word; in Windows-1252 ±, ², ³, µ, ¶, º, ¼, ½."""
_LIGATURES: Final = {0xEB: 0xEC, 0xFA: 0xFB}
"""First and second half, each before its letter, as in romanized Russian."""
_BOTH_WAYS: Final = {(0xE4, "n"), (0xE4, "a"), (0xE4, "o"), (0xE3, "a"), (0xE3, "o"), (0xE3, "e"), (0xE3, "i")}
"""ä and ã before a letter that carries the tilde or the circumflex of MARC-8: "Länder" and "España", "São" and "Sô"."""


Place = tuple[bytes, bytes, bytes]
"""A run of bytes beyond ASCII: the byte before it, the run, and at most two bytes behind it."""


class Evidence(NamedTuple):
    """Weight of what fits only one of the two sets."""

    marc8: int = 0
    windows: int = 0

    @property
    def decision(self) -> Decision:
        """Return the set that the evidence speaks for."""
        if self.marc8 - self.windows >= SURE and self.marc8 >= 4 * self.windows:
            return "marc-8"
        if self.windows - self.marc8 >= SURE and self.windows >= 4 * self.marc8:
            return "windows-1252"
        return "unclear"


def evidence(data: bytes, places: list[Place]) -> Evidence:
    """Weigh all places of a whole record (ISO 2709) that are not ASCII: its `places_of`."""
    language = _language(data)
    weights = []
    for before, run, ahead in places:
        if _OTHER_SET.search(run):
            return Evidence()
        weights.append(_weigh(before, run, ahead, language))
    weighed = Evidence(sum(max(weight, 0) for weight in weights), sum(max(-weight, 0) for weight in weights))
    if language not in _LETTERS and language not in _ENGLISH:
        weighed = Evidence(weighed.marc8)  # Windows-1252 cannot write this language: it could be any set
    nothing_marc8 = max(weights, default=0) < _LIKELY
    if weighed.decision == "unclear" and nothing_marc8 and _only_windows(places, {language, *_languages(data)}):
        return Evidence(0, max(weighed.windows, SURE))
    return weighed


def _only_windows(places: list[Place], languages: set[str]) -> bool:
    """Return True if a letter of these languages stands where MARC-8 has no letter, and all places fit Windows-1252."""
    own = _ANY if languages & _ENGLISH else frozenset("".join(_LETTERS.get(language, "") for language in languages))
    found = False
    for before, run, ahead in places:
        if _UNDEFINED.search(run) or _SIGN_IN_WORD.search((before + run + ahead[:1]).decode("cp1252", "replace")):
            return False
        letters = {char.lower() for char in run.decode("cp1252") if char.isalpha() and char not in _ORDINALS}
        if not letters <= _ANY:
            return False
        found = found or (not letters.isdisjoint(own) and not marc8.PLAIN.fullmatch(run + ahead[:1]))
    return found


def _languages(data: bytes) -> set[str]:
    """Return the codes in 041."""
    end = data.find(b"\x1e", 24)
    codes: set[str] = set()
    for at in range(24, end - 11, 12):
        if data[at : at + 3] == b"041" and data[at + 3 : at + 12].isdigit():
            start = end + 1 + int(data[at + 7 : at + 12])
            body = data[start : start + int(data[at + 3 : at + 7])].decode("latin-1")
            codes.update(code for text in body.split("\x1f")[1:] for code in re.findall("[a-z]{3}", text[1:]))
    return codes


def places_of(data: bytes) -> list[Place]:
    """Return the places of a record that are not ASCII, in order."""
    places = []
    end = 0
    for run in data.translate(_ASCII_BLANK).split():
        start = data.find(run, end)
        end = start + len(run)
        places.append((data[start - 1 : start] or data[:1], run, data[end : end + 2]))
    return places


def _language(data: bytes) -> str:
    """Return 008/35-37; "" = not a code. The directory has 12 bytes for each field: tag, length, start."""
    end = data.find(b"\x1e", 24)
    entry = _ENTRY_008.match(data, 24, end)
    if entry is None:
        return ""
    start = end + 1 + int(entry[1])
    code = data[start + 35 : start + 38].decode("latin-1")
    return code if _LANGUAGE.match(code) else ""


@lru_cache(maxsize=4096)
def _weigh(byte_before: bytes, run: bytes, behind: bytes, language: str) -> int:
    """Return the weight of one `Place`: positive for MARC-8, negative for Windows-1252."""
    first, last = run[0], run[-1]
    before, ahead = byte_before.decode("latin-1"), behind.decode("latin-1")
    letter = ahead[:1]
    if run in _QUOTES:
        # Inside and at the end of words these bytes are letters of CP850.
        inside = before.isalpha(), letter.isalpha()
        return -_PLAIN if inside == _QUOTES[run] else 0
    if not _CONTROLS.isdisjoint(run):
        return _LIKELY
    if first == 0x92 and before.isalpha() and last >= 0xC0:
        return -_PLAIN  # an apostrophe, then a letter
    if STRAY.search(run):
        return 0
    if last >= 0xE0:
        if not letter.isalpha():
            return -_PLAIN  # an accent without a letter
        if len(run) > 1:
            return -_PLAIN if len(set(run)) == 1 else _WEAK
        return _weigh_accent(last, letter, ahead[1:], language)
    if marc8.decode(run)[1]:
        return -_PLAIN if letter.isalpha() or before.isalpha() else 0  # undefined in MARC-8
    return _weigh_sign(before, first, letter, language)


def _weigh_accent(accent: int, letter: str, ahead: str, language: str) -> int:
    """Weigh an accent of MARC-8 that stands before a letter."""
    if letter.isupper():
        return _STRONG  # Windows-1252: a small letter before a capital
    if (second := _LIGATURES.get(accent)) and ahead[:1] == chr(second):
        return _STRONG
    if accent in _LIGATURES.values():
        return 0  # weighed with its first half, or unusual in both
    composed, other = _composed(accent, letter), bytes([accent]).decode("cp1252")
    known = _LETTERS.get(language, "")
    if (accent, letter) in _BOTH_WAYS:
        if (composed in known) != (other in known):
            return _LIKELY if composed in known else -_LIKELY  # names of other languages are in any record
        follows = ahead[:1]
        if letter != "n" or not follows.isalpha():
            return 0
        return _WEAK if follows in "aeiou" else -_LIKELY  # ñ stands before a vowel
    if composed in _COMMON or composed in known:
        return _STRONG  # Windows-1252: "âe" for "é", a sequence of no language
    if not known and language not in _ENGLISH:
        return _PLAIN if len(composed) == 1 else 0  # a language that Windows-1252 cannot write, or romanized
    if other in known or len(composed) > 1:
        return -_PLAIN
    return -_WEAK


def _weigh_sign(before: str, code: int, letter: str, language: str) -> int:
    """Weigh a character of MARC-8 that is no accent: between letters, it is rarely a sign of Windows-1252, and C0 to C8
    before a letter are rarely the signs of MARC-8."""
    if code >= 0xC0:
        if code == 0xC7 and before.islower():
            return _PLAIN  # ß
        if code in (0xC5, 0xC6):  # ¿ and ¡, or Å and Æ
            return _weigh_inverted(before, code, letter, language)
        return -_PLAIN if letter.isalpha() else _PLAIN if letter.isdigit() else 0
    if code <= 0xA6 and before.islower():
        return 0  # a capital of MARC-8 in a word
    return _PLAIN if letter.isalpha() and (before.isalpha() or (code in _INITIALS and letter.islower())) else 0


def _weigh_inverted(before: str, code: int, letter: str, language: str) -> int:
    """Weigh ¿ and ¡ of MARC-8, which are Å and Æ of Windows-1252. In a title, a small letter may follow either."""
    if letter.isupper() and not before.isalpha():
        return _PLAIN
    if not letter.islower():
        return 0
    if bytes([code]).decode("cp1252").lower() in _LETTERS.get(language, ""):
        return -_PLAIN
    return _LIKELY if language in _INVERTED else -_LIKELY


@cache
def _composed(accent: int, letter: str) -> str:
    """Return the accented letter of MARC-8; more than one character if Unicode has no such letter."""
    return unicodedata.normalize("NFC", marc8.decode(bytes([accent]) + letter.encode("latin-1"))[0])
