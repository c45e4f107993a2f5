"""Checks behind the table of record findings. Each gets the facts and its row's codes; None = nothing is wrong.

Choices where no source decides: leader/18 = i says only that the punctuation is ISBD, so 040 $e is missing only in a
record with the fields of RDA (264, 336 to 338); a record that names other rules there is consistent ("pn",
provider-neutral, is not a set of rules). An AACR2 record with fields of RDA is a hybrid, and consistent. 007 and the item
type are not compared if 300 $e or a second 300 names accompanying material.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from stdnum import issn

from station.base.sentence import Sentence
from station.base.text import clean
from station.catalog.callnumber import CallNumber, Role, Scheme, parse
from station.catalog.findings.facts import Check, Facts, Hit, link_of
from station.catalog.record import isbn
from station.catalog.record.call_number import candidates
from station.catalog.record.publisher_number import piece_number
from station.catalog.record.record_price import price_of
from station.domain.amount import amount_in

# --- rules of description -------------------------------------------------------------------------------------------


def _rda_coded_aacr2(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    return Hit("", ("leader/18", "040 $e")) if facts.leader(18) == "a" and "rda" in facts.rules else None


def _rda_not_said(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if facts.leader(18) != "i" or facts.rules - {"pn"}:
        return None
    by_rda = all(tag in facts.record.by_tag for tag in ("264", "336", "337", "338"))
    return Hit("i", ("leader/18", "040 $e")) if by_rda else None


def _rda_with_gmd(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    words = facts.values("245", "h")
    return Hit(words[0], ("245 $h",)) if words and "rda" in facts.rules else None


def _rda_without_carrier(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if "rda" not in facts.rules:
        return None
    missing = tuple([tag for tag in ("336", "337", "338") if tag not in facts.record.by_tag])
    return Hit(_all_of(missing), missing) if missing else None


def _all_of(names: tuple[str, ...]) -> str | Sentence:
    listed: str | Sentence = names[0]
    for name in names[1:]:
        listed = Sentence("record.what.and", first=listed, second=name)
    return listed


# --- type matrix ----------------------------------------------------------------------------------------------------


def _type_007(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    row, kinds = facts.type_row, tuple(data[0] for data in facts.fixed if data[0] in _KINDS_007)
    if row is None or not row.fixed or not kinds or set(kinds) & set(row.fixed) or facts.has_accompanying:
        return None
    wrong = [
        kind
        for kind in kinds
        if not _has_006(facts, kind) and not (kind == "c" and (on_computer(facts, "007") or _is_online_too(facts)))
    ]
    if not wrong:
        return None
    return Hit(Sentence("record.what.007", type=row.words, kinds=", ".join(wrong)), ("leader/06", "007"))


def _type_media(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    row, media = facts.type_row, tuple(code for code in facts.values("337", "b") if code not in _ANY_MEDIUM)
    if row is None or not row.media or not media or set(media) & set(row.media):
        return None
    if "c" in media and on_computer(facts, "33X"):
        return None
    return Hit(
        Sentence("record.what.medium", type=row.words, said=_words(facts, "337", media)), ("leader/06", "337 $b")
    )


def _type_carrier(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    row, carriers = facts.type_row, tuple(code for code in facts.values("338", "b") if code not in _ANY_MEDIUM)
    if row is None or not row.carriers or not carriers or any(code.startswith(row.carriers) for code in carriers):
        return None
    if any(code.startswith("c") for code in carriers) and on_computer(facts, "33X"):
        return None
    return Hit(
        Sentence("record.what.carrier", type=row.words, said=_words(facts, "338", carriers)), ("leader/06", "338 $b")
    )


_KINDS_007: Final = "acdfghkmqrstv"
"""007/00 of a kind of thing; o (kit), z (not specified) and characters that are no code say nothing."""
_006: Final = {"c": "m", "s": "ij", "v": "g", "m": "g", "g": "gk", "k": "k", "a": "ef", "d": "ef", "q": "cd", "t": "at"}
"""007/00, and 006/00 of a part or aspect in this form."""


def _has_006(facts: Facts, kind: str) -> bool:
    return any(field.data[:1] in _006.get(kind, "") for field in facts.fields("006") if field.data)


def on_computer(facts: Facts, apart_from: str) -> bool:
    """Return True if other parts of the description say that the thing is on a computer carrier.

    Any content may be on one: leader/06 of a text on a CD-ROM or online is that of text (MARC leader/06).
    """
    signs = {
        "007": any(data[:1] == "c" for data in facts.fixed),
        "33X": "c" in facts.values("337", "b") or any(code.startswith("c") for code in facts.values("338", "b")),
        "006": _has_006(facts, "c"),
        "words": any(_COMPUTER.search(text) for text in (*facts.values("245", "h"), *facts.values("300", "a"))),
        "008": _form_of_item(facts) in ("o", "q", "s"),
        "needs": bool(facts.fields("538")),
    }
    return any(there for name, there in signs.items() if name != apart_from)


def _form_of_item(facts: Facts) -> str:
    """Return 008/23, or 008/29 for maps and visual materials (MARC 21)."""
    at = 29 if facts.type_code in ("e", "f", "g", "k", "o", "r") else 23
    return next((field.data[at : at + 1] for field in facts.fields("008") if field.data), "")


def _is_online_too(facts: Facts) -> bool:
    """Return True if the record of a print version names the online one, as one record for both does: in 530, 533, 776,
    or in an 856 of the resource or a version of it (second indicator 0, 1 or blank)."""
    if facts.fields("530", "533"):
        return True
    if any(_COMPUTER.search(field.value()) for field in facts.fields("776")):
        return True
    return any(tuple(field.indicators or ())[1:2] != ("2",) for field in facts.fields("856"))


_COMPUTER: Final = re.compile(r"computer|electronic|online|cd-?rom|dvd-?rom|digital|internet|\bweb", re.IGNORECASE)


def _type_content(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    row, contents = facts.type_row, tuple(code for code in facts.values("336", "b") if code not in _ANY_CONTENT)
    if row is None or not row.contents or not contents or any(code.startswith(row.contents) for code in contents):
        return None
    return Hit(
        Sentence("record.what.content", type=row.words, said=_words(facts, "336", contents)), ("leader/06", "336 $b")
    )


_ANY_CONTENT: Final = ("xxx", "zzz")
_ANY_MEDIUM: Final = ("x", "z", "zu")
"""Codes for "other" and "unspecified"."""


def _words(facts: Facts, tag: str, codes: tuple[str, ...]) -> str:
    return ", ".join((*codes, *(f"({word})" for word in facts.values(tag, "a"))))


def _carrier_media(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    media, carriers = set(facts.values("337", "b")), facts.values("338", "b")
    if not media or not carriers:
        return None
    wrong = tuple(code for code in carriers if code[:1] != "z" and not {code[:1], _PROJECTED.get(code[:1], "")} & media)
    return Hit(Sentence("record.what.no-medium", codes=", ".join(wrong)), ("337 $b", "338 $b")) if wrong else None


def _carrier_007(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for code in facts.values("338", "b"):
        wanted = _CARRIER_007.get(code)
        same = tuple(data for data in facts.fixed if wanted and data[0] == wanted[0])
        if wanted and same and not any(data.startswith(wanted) for data in same):
            return Hit(Sentence("record.what.carrier-007", code=code, said=same[0][:2]), ("007", "338 $b"))
    return None


def _type_item(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    row, item_type = facts.type_row, facts.item.item_type if facts.item is not None else ""
    known = _known_words(facts, item_type)
    if row is None or not known or known & set(row.items) or facts.has_accompanying:
        return None
    if (
        _says_other_kind(facts, known)
        or _says_type(facts, known)
        or any(check(facts, ()) for check in (_type_007, _type_media, _type_carrier))
    ):
        return None
    what = Sentence("record.what.item-type", type=row.words, said=item_type)
    return Hit(what, ("leader/06", "item type"))  # not for people


def _known_words(facts: Facts, item_type: str) -> set[str]:
    """Return the words of an item type that say what a thing is."""
    return {word for word in _WORD.findall(item_type.upper()) if any(word in row.items for row in facts.types)}


def _says_other_kind(facts: Facts, words: set[str]) -> bool:
    """Return True if the type says how the thing appears (a periodical of discs), or if the item is the book of a set."""
    appears = facts.leader(7) in ("b", "i", "s") and bool(words & _PERIODICALS)
    return appears or (facts.item is not None and bool(words & _BOOKS) and bool(_BOOK.search(facts.item.description)))


_PERIODICALS: Final = frozenset(
    {"ISSUE", "ISSUES", "MAGAZINE", "MAGAZINES", "PERIODICAL", "PERIODICALS", "SERIAL", "SERIALS"}
)
_BOOKS: Final = frozenset({"BK", "BOOK", "BOOKS", "TEXTBOOK"})
_BOOK: Final = re.compile(r"\b(?:bks?|book(?:let)?s?|guides?|manuals?|text|libretto)\b", re.IGNORECASE)


def _says_type(facts: Facts, words: set[str]) -> bool:
    """Return True if the record says that the thing is also of the item's type: microfiche of a map, text on a CD-ROM.
    Many libraries lend all that is printed on paper as a book."""
    if words & {"MICROFICHE", "MICROFILM", "MICROFORM"}:
        noted = (field.value() for field in facts.record.fields if field.tag[:1] in ("3", "5") or field.tag == "245")
        return any(data[:1] == "h" for data in facts.fixed) or any("micro" in text.casefold() for text in noted)
    if words & {"CD", "CDROM", "CDS", "ROM", "SOFTWARE"} and on_computer(facts, ""):
        return True
    if words & _BOOKS and facts.type_code in tuple("acdefkt"):
        return True
    if set(facts.values("338", "b")) == {"cr"}:  # its 006 is that of the online resource
        return False
    also = {field.data[:1] for field in facts.fields("006") if field.data}
    return any(words & set(row.items) for row in facts.types if also & set(row.leader))


def _online_item(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    item, carriers = facts.item, facts.values("338", "b")
    if item is None or not item.barcode or set(carriers) != {"cr"} or facts.has_accompanying or _type_item(facts, ()):
        return None
    known = _known_words(facts, item.item_type)
    if not known or _ONLINE.search(f"{item.item_type} {item.call_number} {item.location}"):
        return None
    return Hit(item.item_type, ("338 $b", "item type"))  # not for people


_ONLINE: Final = re.compile(
    r"online|internet|electronic|stream|\bweb|e-?(?:book|journal|resource)|(?<=[0-9])\s?eb?\b|\burl\b", re.IGNORECASE
)
_WORD: Final = re.compile(r"[A-Z0-9]+")
_PROJECTED: Final = {"m": "g"}
"""Motion picture carriers (mc, mf, mo, mr) belong to the medium g (projected)."""
_CARRIER_007: Final = {"sd": "sd", "vd": "vd", "cd": "co", "ss": "ss", "vf": "vf", "he": "he"}
"""338 $b, and the first characters of 007 in the same category. Section 6 gives only c for cd; 007/01 o is the optical
disc."""

# --- vendor or prepublication copy ----------------------------------------------------------------------------------


def _level(facts: Facts, codes: tuple[str, ...]) -> Hit | None:
    return Hit(facts.leader(17), ("leader/17",)) if facts.leader(17) in codes else None


def _projected_date(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if not facts.fields("263"):
        return None
    return Hit(next(iter(facts.values("263", "a")), Sentence("record.what.no-date")), ("263",))


def _extent_unfinished(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    wrong = next((value for value in facts.values("300", "a") if _NO_PAGES.match(value)), "")
    return Hit(wrong, ("300 $a",)) if wrong else None


def _leftover(facts: Facts, codes: tuple[str, ...]) -> Hit | None:
    there = tuple(tag for tag in codes if facts.fields(tag))
    return Hit(", ".join(there), there) if there else None


_NO_PAGES: Final = re.compile(r"(?:p\.?|pages)(?:\s[^\d]*)?\Z", re.IGNORECASE)

# --- what every record needs -----------------------------------------------------------------------------------------


def _title_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    return None if facts.title else Hit("", ("245",))


def _extent_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """The extent of a serial that still appears is not required (RDA 3.4.1.10)."""
    serial = facts.leader(7) in ("b", "i", "s")
    return None if serial or facts.is_host or facts.values("300", "a") else Hit("", ("300 $a",))


# --- other scripts --------------------------------------------------------------------------------------------------


def _alternate_without_link(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for field in facts.fields("880"):
        if link_of(field) is None:
            return Hit(clean(field.value()) or Sentence("record.what.empty"), ("880 $6",))
    return None


def _alternate_without_pair(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    there = set(facts.links)
    for tag, other, occurrence in facts.links:
        if tag == "880" and occurrence != "00" and (other, "880", occurrence) not in there:
            return Hit(Sentence("record.what.link", tag=other, occurrence=occurrence), ("880 $6", other))
    return None


def _pair_without_alternate(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    there = set(facts.links)
    for tag, other, occurrence in facts.links:
        if tag != "880" and other == "880" and occurrence != "00" and ("880", tag, occurrence) not in there:
            return Hit(Sentence("record.what.link", tag=tag, occurrence=occurrence), (f"{tag} $6", "880"))
    return None


# --- characters -----------------------------------------------------------------------------------------------------


def _characters_lost(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    """Name the first broken word, that of the title before others."""
    if "\ufffd" not in facts.all_text:
        return None
    broken = [(tag, text) for tag, text in facts.tagged_texts if "\ufffd" in text]
    tag, text = next((pair for pair in broken if pair[0] == "245"), broken[0])
    return Hit(next(word for word in text.split() if "\ufffd" in word), (tag,))


def _characters_twice_encoded(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for tag, text in () if facts.all_text.isascii() else facts.tagged_texts:
        if not text.isascii() and any(_is_utf8(match[0]) for match in _LATIN.finditer(text)):
            return Hit(text, (tag,))
    return None


def _is_utf8(run: str) -> bool:
    for charset in ("latin-1", "cp1252"):
        try:
            run.encode(charset).decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False


def _characters_control(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if facts.all_text.isprintable():
        return None
    tags = tuple(
        dict.fromkeys(tag for tag, text in facts.tagged_texts if not text.isprintable() and any(map(_is_control, text)))
    )
    return Hit(", ".join(tags), tags) if tags else None


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" and char not in _NON_SORTING  # not for people


def _characters_mislabelled(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    return Hit(facts.charset_note, ("leader/09",)) if facts.charset_note else None


_LATIN: Final = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]+"
)
"""A lead byte of UTF-8 read as Latin-1, and the bytes that may follow it read as Latin-1 or Windows-1252."""
_NON_SORTING: Final = "\u0088\u0089\u0098\u009c"

# --- price and call number ------------------------------------------------------------------------------------------


def _price_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    if facts.item is not None and facts.item.price_of_file:
        return None
    if facts.item is not None and amount_in(facts.item.price) is not None:
        return None
    return None if amount_in(price_of(facts.record)) is not None else Hit("", ("020 $c", "365 $b"))


def _call_number_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    return None if facts.numbered.text else Hit("", ("852", "050", "082", "090"))


def _call_number_class_only(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    text, _scheme, source = facts.numbered
    if not text or facts.number.scheme not in (Scheme.LC, Scheme.NLM, Scheme.DEWEY):
        return None
    if facts.number.of(Role.CUTTER, Role.WORK) or _is_dated_class(facts, facts.number, source):
        return None
    return Hit(text, (source or "call number",))  # not for people


def _is_dated_class(facts: Facts, number: CallNumber, source: str) -> bool:
    """Return True for a date in the place of the cutter: in a Bible, or where the record has the item's number so."""
    if not number.of(Role.CAPTION):
        return False
    if number.of(Role.LETTERS) == ("BS",):  # not for people
        return True
    hints = (hint for hint in candidates(facts.record, options=facts.numbers) if hint.source != source)
    return any(parse(hint.number, number.scheme, facts.numbers).base == number.base for hint in hints)


def _call_number_prefix_last(facts: Facts, codes: tuple[str, ...]) -> Hit | None:
    """Many libraries write the carrier behind the number ("M2000 .T24 1986 CD"). An accession number whose scheme is wrong
    ("3489 CD", said to be LC) is no classified number with a collection."""
    text, scheme, source = facts.numbered
    words = [word.strip("[]().,").upper() for word in text.split()]
    if not words or words[-1] not in codes:
        return None
    alone = all(word in codes for word in words)
    classed = (
        words[-1] not in _CARRIERS and scheme in (Scheme.LC, Scheme.NLM) and facts.number.scheme is not Scheme.LOCAL
    )
    return Hit(text, (source or "call number",)) if alone or classed else None  # not for people


_CARRIERS: Final = frozenset({"AUDIO", "CD", "DVD", "MICROFILM", "VIDEO"})


def _call_number_not_of_scheme(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    text, scheme, source = facts.numbered
    if not text or scheme in ("", Scheme.LOCAL) or facts.number.scheme is not Scheme.LOCAL:
        return None
    return Hit(f"{text} ({scheme})", (source or "call number",))  # not for people


# --- number on the piece --------------------------------------------------------------------------------------------


def _scanned(facts: Facts) -> tuple[str, bool]:
    """Return (number on the piece, True for an ISBN); ("", False) if none was scanned."""
    return piece_number(facts.piece.isbn) if facts.piece is not None else ("", False)


def _isbns(facts: Facts, code: str) -> frozenset[str]:
    numbers = (_ISBN.match(value) for value in facts.values("020", code))
    plain = (isbn.plain(match[0]) for match in numbers if match)
    return frozenset(isbn.as_13(number) for number in plain if isbn.is_valid(number))


def _others(facts: Facts) -> frozenset[str]:
    """Return the numbers of 024, digits only, without leading zeros (a UPC is scanned as an EAN with a leading
    zero)."""
    return frozenset(re.sub(r"\D", "", value).lstrip("0") for value in facts.values("024", "a"))


def _isbn_not_in_record(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    if not is_isbn:
        return None
    there = _isbns(facts, "a") | _isbns(facts, "z")
    return Hit(number, ("020",)) if there and number not in there | _others(facts) else None


def _isbn_none_in_record(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    if not is_isbn:
        return None
    there = _isbns(facts, "a") | _isbns(facts, "z")
    return Hit(number, ("020",)) if not there and number not in _others(facts) else None


def _isbn_cancelled(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    cancelled = is_isbn and number in _isbns(facts, "z") and number not in _isbns(facts, "a")
    return Hit(number, ("020 $z",)) if cancelled else None


def _isbn_only_as_ean(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    if not is_isbn:
        return None
    elsewhere = number in _isbns(facts, "a") | _isbns(facts, "z")
    return Hit(number, ("024 $a",)) if not elsewhere and number in _others(facts) else None


def _ean_not_in_record(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    return Hit(number, ("024",)) if number and not is_isbn and number not in _others(facts) else None


def _isbn_invalid(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for value in facts.values("020", "a"):
        match = _ISBN.match(value) or _SHORT_ISBN.match(value)
        plain = isbn.plain(match[0]) if match else ""
        if plain and not isbn.is_valid(plain):
            return Hit(plain, ("020 $a",))
    return None


def _issn_invalid(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for tag, code in _ISSN_IN:
        for value in facts.values(tag, code):
            match = _ISSN.match(value)
            if match and not issn.is_valid(match[0]):
                return Hit(match[0], (f"{tag} ${code}",))
    return None


_ISBN: Final = re.compile(r"[0-9][0-9\-]{8,16}[0-9Xx]")
_SHORT_ISBN: Final = re.compile(r"[0-9][0-9\-]{6,7}[0-9Xx](?![\w.,])")
_ISSN: Final = re.compile(r"[0-9]{4}-?[0-9]{3}[0-9Xx](?!\w)")
_ISSN_IN: Final = (("022", "a"), ("490", "x"), ("440", "x"), ("830", "x"))

CHECKS: Final[dict[str, Check]] = {
    check.__name__.lstrip("_"): check
    for check in (
        _rda_coded_aacr2,
        _rda_not_said,
        _rda_with_gmd,
        _rda_without_carrier,
        _type_007,
        _type_media,
        _type_carrier,
        _type_content,
        _carrier_media,
        _carrier_007,
        _type_item,
        _online_item,
        _level,
        _projected_date,
        _extent_unfinished,
        _leftover,
        _title_missing,
        _extent_missing,
        _alternate_without_link,
        _alternate_without_pair,
        _pair_without_alternate,
        _characters_lost,
        _characters_twice_encoded,
        _characters_control,
        _characters_mislabelled,
        _price_missing,
        _call_number_missing,
        _call_number_class_only,
        _call_number_prefix_last,
        _call_number_not_of_scheme,
        _isbn_not_in_record,
        _isbn_none_in_record,
        _isbn_cancelled,
        _isbn_only_as_ean,
        _ean_not_in_record,
        _isbn_invalid,
        _issn_invalid,
    )
}
"""Checks by name."""
