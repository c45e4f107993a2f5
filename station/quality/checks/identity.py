"""Machine checks of identity and receipt: barcode, numbers on the piece, edition, volume, status, packing list."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from stdnum import isbn

from station.base.errors import BarcodeMalformed
from station.catalog.barcodes.barcode import check as check_barcode
from station.catalog.callnumber import Role
from station.domain.amount import amount_in, amount_of
from station.domain.item import status_words
from station.quality.checks import volumes
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import (
    NO_MARC,
    PASS,
    Judgement,
    abstain,
    abstain_as_told,
    fail,
    fail_as_told,
    predicate,
)
from station.quality.checks.label import number_of
from station.quality.rules import Rule


@predicate()
def barcode_known(facts: Facts, _: Rule) -> Judgement:
    """The library system has no item with this barcode (if no library system was asked: the catalog index has none)."""
    if not facts.found:
        return fail("finding.not-known.barcode", barcode=facts.item.barcode)
    system = facts.item.unknown_to
    return fail("finding.not-known.there", system=system, barcode=facts.item.barcode) if system else PASS


@predicate(needs="barcode settings")
def barcode_format(facts: Facts, _: Rule) -> Judgement:
    """The length, prefix, characters or check digit of the barcode are not those of this library's barcodes."""
    if facts.site.barcodes is None:
        return abstain("finding.not-said.barcodes")
    try:
        check_barcode(facts.item.barcode, facts.site.barcodes)
    except BarcodeMalformed as error:
        return fail_as_told(error.detail)
    return PASS


@predicate(needs="the number scanned from the piece; numbers in the record")
def piece_number(facts: Facts, _: Rule) -> Judgement:
    """The number scanned from the piece is not in the record."""
    number, known = _piece_number(facts)
    if not number:
        return abstain("finding.not-scanned")
    marc = facts.item.marc
    if marc is None:
        return abstain(NO_MARC)
    if not facts.item.isbns and not (marc.cancelled_isbns or marc.other_numbers):
        return abstain("finding.no-number")
    return PASS if known else fail("finding.number-not-in-record", number=facts.scanned)


@predicate(needs="the number scanned from the piece; a MARC record")
def piece_number_cancelled(facts: Facts, _: Rule) -> Judgement:
    """The record has the ISBN of the piece only in 020 $z (canceled, or the ISBN of another form)."""
    number, _known = _piece_number(facts)
    if not number:
        return abstain("finding.not-scanned")
    if facts.item.marc is None:
        return abstain(NO_MARC)
    only = number in facts.item.marc.cancelled_isbns and number not in facts.item.isbns
    return fail("finding.number-cancelled", number=facts.scanned) if only else PASS


def _piece_number(facts: Facts) -> tuple[str, bool]:
    """Return (number on the piece in the form used for comparison, True if the record has it)."""
    text = facts.scanned.strip()
    if isbn.is_valid(text):
        number = isbn.to_isbn13(isbn.compact(text))
    else:
        number = re.sub(r"[^0-9A-Z]", "", text.upper()).lstrip("0")
    marc = facts.item.marc
    known = {*facts.item.isbns, *((*marc.cancelled_isbns, *marc.other_numbers) if marc else ())}
    return number, number in known


@predicate(needs="years in 008 and in 264 or 260; not a serial")
def years_agree(facts: Facts, _: Rule) -> Judgement:
    """None of the years in 264 or 260 $c is in 008, nor between its two dates. The record of a serial is not judged:
    its dates in 008 are those of coverage."""
    marc = facts.item.marc
    if marc is None:
        return abstain(NO_MARC)
    if marc.serial:
        return abstain("finding.serial")
    if not marc.years or not marc.fixed_years:
        return abstain("finding.year-once")
    if any(min(marc.fixed_years) <= year <= max(marc.fixed_years) for year in marc.years):
        return PASS
    return fail("finding.years-differ", said=", ".join(marc.years), fixed=", ".join(marc.fixed_years))


@predicate(needs="a volume designation of the same kind in two places")
def volume_agrees(facts: Facts, _: Rule) -> Judgement:
    """The item's description and its call number, or the part title (245 $n), give different numbers for the same kind
    of part: volume with volume, number with number, disc with disc. A description that is only a number is compared as a
    volume."""
    item = facts.item
    if not item.description:
        return abstain("finding.no-description")
    mine = volumes.designated(item.description)
    shelved = " ".join(number_of(facts).of(Role.ENUMERATION))
    compared = False
    for key, text in (
        ("finding.volume-call-number", shelved),
        ("finding.volume-part-title", item.marc.part_title if item.marc else ""),
    ):
        others = volumes.designated(text)
        for kind in mine.keys() & others.keys():
            compared = True
            if not mine[kind] & others[kind]:
                return fail(key, item=item.description, said=" ".join(sorted(others[kind])))
    if item.marc is None:
        return abstain(NO_MARC)
    return PASS if compared else abstain("finding.volume-once")


def _codes_given(rule: Rule) -> str:
    return "" if rule.codes else f"the check {rule.check} needs codes"


@predicate(needs="the item's status", takes=("codes",), refuse=_codes_given)
def item_status(facts: Facts, rule: Rule) -> Judgement:
    """The item's status is one of `codes` (on loan, missing, withdrawn ...), or the record of a new item is marked as
    deleted. An item that is being withdrawn may be withdrawn."""
    if facts.task == "processing" and facts.item.marc is not None and facts.item.marc.deleted:
        return fail("finding.deleted")
    status = facts.item.status
    if not status:
        return abstain("finding.not-known.status")
    if facts.task == "withdrawal" and status.casefold() == "withdrawn":
        return PASS
    blocked = status.casefold() in {code.casefold() for code in rule.codes}
    return fail("finding.status", status=status_words(status)) if blocked else PASS


@predicate(needs="whether the record or its holdings are suppressed")
def suppressed(facts: Facts, _: Rule) -> Judgement:
    """The record or its holdings are hidden from the public."""
    if facts.item.suppressed is None:
        return abstain("finding.not-known.suppressed")
    return fail("finding.suppressed") if facts.item.suppressed else PASS


@predicate(needs="a packing list or invoice", takes=("limit",))
def on_packing_list(facts: Facts, rule: Rule) -> Judgement:
    """The item is not on an open packing list or invoice, more copies came than were listed or ordered, the item was
    ordered for another library or on another order line, or (if the rule has a `limit`) its price differs from the
    listed price by more than `limit` percent."""
    receipt, item = facts.receipt, facts.item
    if receipt is None:
        return abstain_as_told(facts.no_receipt, "finding.no-receipt")
    if not receipt.listed:
        if receipt.vendor:
            return fail("finding.not-listed-of", vendor=receipt.vendor)
        return fail("finding.not-listed")
    if receipt.received > receipt.shipped:
        return fail("finding.more-than-listed", came=receipt.received, listed=receipt.shipped)
    if receipt.ordered is not None and receipt.received > receipt.ordered:
        return fail("finding.more-than-ordered", came=receipt.received, ordered=receipt.ordered)
    if receipt.library and item.library and receipt.library != item.library:
        return fail("finding.other-library", ordered=receipt.library, item=item.library)
    if receipt.order_line and item.purchase and receipt.order_line != item.purchase:
        return fail("finding.other-order-line", listed=receipt.order_line, item=item.purchase)
    if rule.limit is None or not receipt.price or not item.price:
        return PASS
    listed, mine = amount_of(receipt.price), amount_in(item.price)
    if listed is None or mine is None:
        return abstain("finding.no-amount")
    if not mine.comparable(listed):
        return abstain("finding.other-currency", listed=receipt.price, item=item.price)
    if listed.value and abs(mine.value - listed.value) * 100 > Decimal(rule.limit) * listed.value:
        return fail("finding.other-price", listed=receipt.price, item=item.price)
    return PASS


@predicate(needs="item notes")
def lease_identified(facts: Facts, _: Rule) -> Judgement:
    """The item has neither a note nor an order line, so its lease is not known."""
    if facts.leased is None:
        return abstain("finding.not-said.leased-items")
    return PASS if facts.item.notes or facts.item.purchase else fail("finding.no-lease")


@predicate(needs="a MARC record")
def donor_named(facts: Facts, _: Rule) -> Judgement:
    """The item is a gift, and the record does not name the donor (541 $a, 561 $a)."""
    if facts.gift is None:
        return abstain("finding.not-said.gifts")
    if facts.item.marc is None:
        return abstain(NO_MARC)
    return PASS if facts.item.marc.donor else fail("finding.no-donor")


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
