"""Questions about price, call number and the number on the piece."""

from __future__ import annotations

import re
from typing import Final

from stdnum import isbn

from station.catalog.callnumber import Role, Scheme, parse
from station.catalog.findings.facts import Check, Facts, Hit
from station.catalog.record.call_number import candidates
from station.catalog.record.publisher_number import piece_number

# --- price and call number ------------------------------------------------------------------------------------------


def _price_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    known = facts.item.price if facts.item is not None else ""
    if known or facts.values("020", "c") or facts.values("365", "b"):
        return None
    return Hit("", ("020 $c", "365 $b"))


def _number(facts: Facts) -> tuple[str, str, str]:
    """(call number, scheme, where it stands) of the item, or what the record alone has."""
    if facts.item is not None:
        return facts.item.call_number, facts.item.call_number_scheme, facts.item.call_number_source
    found = candidates(facts.record, options=facts.numbers)
    return (found[0].number, found[0].scheme.value, found[0].source) if found else ("", "", "")


def _call_number_missing(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    return None if _number(facts)[0] else Hit("", ("852", "050", "082", "090"))


def _call_number_class_only(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    text, scheme, source = _number(facts)
    if not text:
        return None
    number = parse(text, scheme or None, facts.numbers)
    if number.scheme not in (Scheme.LC, Scheme.NLM, Scheme.DEWEY):
        return None
    if {piece.role for piece in number.pieces} & {Role.CUTTER, Role.WORK}:
        return None
    return Hit(text, (source or "call number",))  # not for people


def _call_number_prefix_last(facts: Facts, codes: tuple[str, ...]) -> Hit | None:
    text, scheme, source = _number(facts)
    words = [word.strip("[]().,").upper() for word in text.split()]
    if not words or words[-1] not in codes:
        return None
    alone = all(word in codes for word in words)
    return Hit(text, (source or "call number",)) if alone or scheme in ("lc", "nlm") else None  # not for people


def _call_number_not_of_scheme(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    text, scheme, source = _number(facts)
    if not text or scheme in ("", Scheme.LOCAL) or parse(text, scheme, facts.numbers).scheme is not Scheme.LOCAL:
        return None
    return Hit(f"{text} ({scheme})", (source or "call number",))  # not for people


# --- number on the piece --------------------------------------------------------------------------------------------


def _scanned(facts: Facts) -> tuple[str, bool]:
    """(number on the piece, it is an ISBN); ("", False) where none was scanned."""
    return piece_number(facts.piece.isbn) if facts.piece is not None else ("", False)


def _isbns(facts: Facts, code: str) -> frozenset[str]:
    numbers = (_ISBN.match(value) for value in facts.values("020", code))
    plain = (isbn.compact(found[0]) for found in numbers if found)
    return frozenset(isbn.to_isbn13(one) for one in plain if isbn.is_valid(one))


def _others(facts: Facts) -> frozenset[str]:
    """Numbers of 024, digits only, without leading zeros (a UPC is scanned as an EAN with a zero in front)."""
    return frozenset(re.sub(r"\D", "", value).lstrip("0") for value in facts.values("024", "a"))


def _isbn_not_in_record(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    there = _isbns(facts, "a") | _isbns(facts, "z")
    return Hit(number, ("020",)) if is_isbn and there and number not in there | _others(facts) else None


def _isbn_none_in_record(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    there = _isbns(facts, "a") | _isbns(facts, "z")
    return Hit(number, ("020",)) if is_isbn and not there and number not in _others(facts) else None


def _isbn_cancelled(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    cancelled = is_isbn and number in _isbns(facts, "z") and number not in _isbns(facts, "a")
    return Hit(number, ("020 $z",)) if cancelled else None


def _isbn_only_as_ean(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    elsewhere = number in _isbns(facts, "a") | _isbns(facts, "z")
    return Hit(number, ("024 $a",)) if is_isbn and not elsewhere and number in _others(facts) else None


def _ean_not_in_record(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    number, is_isbn = _scanned(facts)
    return Hit(number, ("024",)) if number and not is_isbn and number not in _others(facts) else None


def _isbn_invalid(facts: Facts, _: tuple[str, ...]) -> Hit | None:
    for value in facts.values("020", "a"):
        found = _ISBN.match(value)
        plain = isbn.compact(found[0]) if found else ""
        if len(plain) in (10, 13) and not isbn.is_valid(plain):
            return Hit(plain, ("020 $a",))
    return None


_ISBN: Final = re.compile(r"[0-9][0-9\-]{8,16}[0-9Xx]")

NUMBER_CHECKS: Final[tuple[Check, ...]] = (
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
)
