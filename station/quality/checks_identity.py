"""Machine checks of identity and receipt: barcode, numbers on the piece, edition, volume, status, packing list."""

from __future__ import annotations

import re
from typing import Final

from stdnum import isbn

from station.catalog.barcode import check as check_barcode
from station.errors import BarcodeMalformed
from station.quality.facts import Facts
from station.quality.judgement import NO_MARC, PASS, Judgement, abstain, fail, predicate
from station.quality.rules import Rule


@predicate()
def barcode_known(facts: Facts, _: Rule) -> Judgement:
    """Neither library system nor catalog index knows the barcode."""
    return PASS if facts.found else fail(f"nobody knows {facts.item.barcode}")


@predicate(needs="barcodes of the settings")
def barcode_format(facts: Facts, _: Rule) -> Judgement:
    """Length, beginning, characters or check digit are not those of this library's barcodes."""
    if facts.site.barcodes is None:
        return abstain("the site has not said what its barcodes look like")
    try:
        check_barcode(facts.item.barcode, facts.site.barcodes)
    except BarcodeMalformed as error:
        return fail(error.detail)
    return PASS


@predicate(needs="the number on the piece, scanned; numbers in the record")
def piece_number(facts: Facts, _: Rule) -> Judgement:
    """The number that was scanned from the piece is not in the record."""
    number, known = _piece_number(facts)
    if not number:
        return abstain("no number was scanned from the piece")
    marc = facts.item.marc
    if not facts.item.isbns and not (marc and (marc.cancelled_isbns or marc.other_numbers)):
        return abstain("the record has no number to compare with")
    return PASS if known else fail(f"{facts.scanned} is not in the record")


@predicate(needs="the number on the piece, scanned; a MARC record")
def piece_number_cancelled(facts: Facts, _: Rule) -> Judgement:
    """The record has the ISBN of the piece only as cancelled or of another form (020 $z)."""
    number, _known = _piece_number(facts)
    if not number:
        return abstain("no number was scanned from the piece")
    if facts.item.marc is None:
        return abstain(NO_MARC)
    only = number in facts.item.marc.cancelled_isbns and number not in facts.item.isbns
    return fail(f"{facts.scanned} stands in 020 $z only") if only else PASS


def _piece_number(facts: Facts) -> tuple[str, bool]:
    """(number on the piece as it is compared, the record has it somewhere)."""
    text = facts.scanned.strip()
    if isbn.is_valid(text):
        number = isbn.to_isbn13(isbn.compact(text))
    else:
        number = re.sub(r"[^0-9A-Z]", "", text.upper()).lstrip("0")
    marc = facts.item.marc
    known = {*facts.item.isbns, *((*marc.cancelled_isbns, *marc.other_numbers) if marc else ())}
    return number, number in known


@predicate(needs="years in 264 or 260 and in 008")
def years_agree(facts: Facts, _: Rule) -> Judgement:
    """No year of 264 or 260 $c stands in 008."""
    marc = facts.item.marc
    if marc is None:
        return abstain(NO_MARC)
    if not marc.years or not marc.fixed_years:
        return abstain("the record does not give the year twice")
    if set(marc.years) & set(marc.fixed_years):
        return PASS
    return fail(f"264 or 260 says {', '.join(marc.years)}, 008 says {', '.join(marc.fixed_years)}")


@predicate(needs="a designation of the volume in two places")
def volume_agrees(facts: Facts, _: Rule) -> Judgement:
    """The volume in the item's description is not that of its call number or of the part title (245 $n)."""
    item = facts.item
    mine = _numbers(item.description)
    if not mine:
        return abstain("the item has no numbered description")
    others = {
        where: found
        for where, text in (
            ("the call number", item.call_number),
            ("the part title", item.marc.part_title if item.marc else ""),
        )
        if (found := _designated(text))
    }
    if not others:
        return abstain("the volume is said in one place only")
    for where, found in others.items():
        if not found & mine:
            return fail(f"the item says {item.description}, {where} says {' '.join(sorted(found))}")
    return PASS


_DESIGNATED: Final = re.compile(
    r"\b(?:v|vol|volume|bd|band|t|tome|pt|part|teil|no|disc|disk|d|bk|book)\b[.\s]*([0-9]{1,4}|[ivxl]{1,6}\b)",
    re.IGNORECASE,
)
_ROMAN: Final = {"i": 1, "v": 5, "x": 10, "l": 50}


def _designated(text: str) -> set[str]:
    """Numbers that stand behind a word for volume or part."""
    return {_arabic(found) for found in _DESIGNATED.findall(text)}


def _numbers(text: str) -> set[str]:
    return {str(int(found)) for found in re.findall(r"[0-9]{1,4}", text) if found.isascii()} | _designated(text)


def _arabic(text: str) -> str:
    if text.isdigit():
        return str(int(text))
    values = [_ROMAN[char] for char in text.casefold()]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-value if value < after else value for value, after in pairs))


def _codes_given(rule: Rule) -> str:
    return "" if rule.codes else f"the check {rule.check} needs codes"


@predicate(needs="the item's status", takes=("codes",), refuse=_codes_given)
def item_status(facts: Facts, rule: Rule) -> Judgement:
    """The item's status is one of `codes` (on loan, missing, withdrawn ...)."""
    status = facts.item.status
    if not status:
        return abstain("the item's status is not known")
    blocked = status.casefold() in {code.casefold() for code in rule.codes}
    return fail(f"its status is {status}") if blocked else PASS


@predicate(needs="whether record or holdings are suppressed")
def suppressed(facts: Facts, _: Rule) -> Judgement:
    """Record or holdings are hidden from the public, or the record is marked as deleted."""
    if facts.item.marc is not None and facts.item.marc.deleted:
        return fail("the record is marked as deleted (leader/05)")
    if facts.item.suppressed is None:
        return abstain("nobody says whether record or holdings are suppressed")
    return fail("record or holdings are suppressed") if facts.item.suppressed else PASS


@predicate(needs="packing list or invoice")
def on_packing_list(facts: Facts, _: Rule) -> Judgement:
    """Not on packing list or invoice, more copies than ordered, or ordered for another library."""
    receipt = facts.receipt
    if receipt is None:
        return abstain("no packing list or invoice was given")
    if not receipt.listed:
        return fail("it is not on the packing list")
    if receipt.received > receipt.ordered:
        return fail(f"{receipt.received} came, {receipt.ordered} ordered")
    if receipt.library and facts.item.library and receipt.library != facts.item.library:
        return fail(f"it was ordered for {receipt.library}, the item is of {facts.item.library}")
    return PASS


@predicate(needs="item notes")
def lease_identified(facts: Facts, _: Rule) -> Judgement:
    """Nothing says under which lease the item is here (note or order line)."""
    if facts.leased is None:
        return abstain("the site has not said which items are leased")
    return PASS if facts.item.notes or facts.item.purchase else fail("neither a note nor an order line names the lease")


@predicate(needs="a MARC record")
def donor_named(facts: Facts, _: Rule) -> Judgement:
    """The item is a gift, and the record does not say whose (541 $a, 561 $a)."""
    if facts.gift is None:
        return abstain("neither site nor record says what is a gift")
    if facts.item.marc is None:
        return abstain(NO_MARC)
    return PASS if facts.item.marc.donor else fail("541 and 561 do not name the donor")


CHECKS: Final = (
    barcode_known,
    barcode_format,
    piece_number,
    piece_number_cancelled,
    years_agree,
    volume_agrees,
    item_status,
    suppressed,
    on_packing_list,
    lease_identified,
    donor_named,
)
