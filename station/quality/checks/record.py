"""Machine checks of record, package and condition: record findings of the catalog, pieces, price, notes, retention."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from station.base.sentence import Sentence, Value
from station.catalog.barcodes.barcode import is_ours
from station.catalog.findings.codes import CODES
from station.catalog.findings.tables import related
from station.catalog.record.publisher_number import piece_number as scanned_number
from station.domain.amount import amount_in
from station.quality.checks import piece_count
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import NO_MARC, PASS, Judgement, abstain, fail, fail_as_told, predicate
from station.quality.checks.tag import wanted_of
from station.quality.rules import Rule

MAGNETIC: Final = frozenset({"ss", "sg", "st", "vf", "vc", "vr", "ca", "cf", "cj", "ch"})
"""338 $b of cassettes, reels, cartridges and computer tapes and disks (RDA carrier terms; rule 41: never a strip on
these)."""
_NO_LANGUAGE: Final = ("mul", "zxx", "und")
"""Codes for several, none, and an undetermined language: 041 may say which."""
_AUDIENCES: Final = frozenset("abcdefgj")
"""008/22 (MARC 21): a preschool, b primary, c pre-adolescent, d adolescent, e adult, f specialized, g general, j
juvenile."""


def _finding_codes(rule: Rule) -> str:
    unknown = [code for code in rule.codes if code not in CODES]
    if unknown:
        return f'there is no record finding "{unknown[0]}"'
    return "" if rule.codes else f"the check {rule.check} needs codes"


@predicate(needs="a MARC record", takes=("codes",), refuse=_finding_codes)
def record_findings(facts: Facts, rule: Rule) -> Judgement:
    """The catalog check finds one of `codes` in the record (station catalog check lists them)."""
    if facts.item.marc is None:
        return abstain(NO_MARC)
    sentences = [sentence for code, sentence in facts.item.marc.findings if code in rule.codes]
    at_item = any(facts.item.marc.findings[at][0] in rule.codes for at in facts.item.marc.told_at_item)
    return fail_as_told(Sentence.joined(sentences, " "), at_item=at_item) if sentences else PASS


@predicate(needs="a MARC record of full level", takes=("codes",), refuse=_finding_codes)
def full_record_findings(facts: Facts, rule: Rule) -> Judgement:
    """The catalog check finds one of `codes` in a record of full level (leader/17)."""
    if facts.item.marc is not None and not _PARTIAL.isdisjoint(code for code, _ in facts.item.marc.findings):
        return abstain("finding.partial-level")
    return record_findings.run(facts, rule)


_PARTIAL: Final = frozenset({"level-prepublication", "level-preliminary", "level-unknown", "level-minimal"})
"""Findings about records below full level, which lack more than they should."""


@predicate(needs="a MARC record of something that has a height", takes=("codes",), refuse=_finding_codes)
def copy_left_over(facts: Facts, rule: Rule) -> Judgement:
    """The catalog check finds one of `codes`, or a book, score or map has no size (300 $c), although 300 describes more
    than the extent or the record follows RDA. The record of a volume of works bound together lacks no size."""
    if facts.item.marc is None:
        return abstain(NO_MARC)
    sentences = [sentence for code, sentence in facts.item.marc.findings if code in rule.codes]
    if facts.item.material in ("book", "score", "map") and not (
        facts.item.marc.height_given or facts.item.marc.extent_only or facts.item.marc.host
    ):
        sentences.append(Sentence("finding.no-size"))
    return fail_as_told(Sentence.joined(sentences, " ")) if sentences else PASS


@predicate(needs="languages in 041 and 008; an audience in 008")
def language_plausible(facts: Facts, _: Rule) -> Judgement:
    """The language in 008/35-37 is in no 041 $a, $d or $j (a family of languages has its members), or the audience in
    008/22 is not a code of MARC 21."""
    marc = facts.item.marc
    if marc is None:
        return abstain(NO_MARC)
    if marc.audience and marc.audience not in _AUDIENCES:
        return fail("finding.no-such-audience", audience=marc.audience)
    known = all(code != "language-unknown" for code, _ in marc.findings)  # another rule's finding
    if not marc.language or not marc.languages or not known:
        return PASS if marc.audience else abstain("finding.language-once")
    coded = marc.language.casefold()
    if coded in _NO_LANGUAGE or any(related(coded, code.casefold()) or code == "mul" for code in marc.languages):
        return PASS
    return fail("finding.languages-differ", fixed=marc.language, said=", ".join(marc.languages))


@predicate(needs="a file in which some item has a price")
def price_present(facts: Facts, _: Rule) -> Judgement:
    """Neither the item nor the record has a price that is an amount (365 $b, or $c of 020, 024, 037)."""
    if facts.item.price_of_file:
        return abstain("finding.price-of-file")
    price = facts.item.price
    if not price:
        invoiced = facts.receipt.invoiced_price if facts.receipt is not None else ""
        return fail("finding.no-price-but-invoiced", price=invoiced) if invoiced else fail("finding.no-price")
    known = amount_in(price) is not None or _NUMBER.search(price)  # another rule's finding
    return PASS if known else fail("finding.price-no-amount", price=price)


@predicate(needs="a price that is an amount, and not an odd one of the whole file", takes=("limit",))
def price_plausible(facts: Facts, rule: Rule) -> Judgement:
    """The price is zero or one cent, consists of nines, is a barcode, or is higher than the limit in a currency of
    dollars, euros, pounds or francs."""
    price = facts.item.price
    absurd = fail("finding.price-absurd", price=price)
    if facts.item.price_of_file:
        absurd = abstain("finding.price-of-file")
    if price and ((facts.item.barcode and facts.item.barcode in price) or _NUMBER.search(price)):
        return absurd
    amount = amount_in(price)
    if amount is None:
        return abstain("finding.no-amount")
    value = amount.value
    too_much = amount.currency in _SMALL and rule.limit is not None and value > Decimal(str(rule.limit))
    filled = value >= _NINES and set(str(value).replace(".", "").rstrip("0")) == {"9"}
    if value <= _CENT or too_much or filled:
        return absurd
    return PASS


_NUMBER: Final = re.compile(r"[0-9]{10}")
"""More digits than any price has: a barcode or an ISBN."""
_SMALL: Final = frozenset({"", "$", "USD", "EUR", "GBP", "CAD", "AUD", "NZD", "CHF", "FR", "DEM"})  # not for people
"""Currencies whose unit has about the worth of a dollar. Of others no amount is too high."""
_CENT: Final = Decimal("0.01")
_NINES: Final = Decimal("999")
"""Smallest price of nines that is a filler ("999.99"): 9.99 and 99 are prices."""


@predicate(needs="a location; a table", takes=("table",))
def location_known(facts: Facts, rule: Rule) -> Judgement:
    """The item's location is not in the rule's table, the locations of this library."""
    if not rule.table:
        return abstain("finding.not-said.locations")
    if not facts.item.location:
        return abstain("finding.no-location")
    known = facts.item.location in rule.table or "*" in rule.table
    return PASS if known else fail("finding.location-unknown", location=facts.item.location)


@predicate(needs="the ISBN scanned from the piece; a MARC record")
def piece_number_recorded(facts: Facts, _: Rule) -> Judgement:
    """The piece has an ISBN, and the record has no number at all (020, 024, 028)."""
    number, is_isbn = scanned_number(facts.scanned)
    marc = facts.item.marc
    if not number or not is_isbn:
        return abstain("finding.not-scanned")
    if marc is None:
        return abstain(NO_MARC)
    mistyped = any(code in ("isbn-invalid", "letter-in-isbn") for code, _ in marc.findings)  # another rule's finding
    if facts.item.isbns or marc.cancelled_isbns or marc.other_numbers or mistyped:
        return PASS
    return fail("finding.number-not-recorded", number=facts.scanned)


@predicate(needs="949 $i or 952 $p in the record, or a barcode in the packing list; barcode settings")
def vendor_barcode(facts: Facts, _: Rule) -> Judgement:
    """The vendor's packing list has another barcode for the copy than the item, or has this barcode for another title; or
    the record has the supplier's item data (949 $i, 952 $p) with barcodes of this library, and this barcode is not among
    them. The rule `tag-identifier` compares the item with its tag."""
    marc, rules, receipt = facts.item.marc, facts.site.barcodes, facts.receipt
    if receipt is not None and receipt.other_title:
        return fail("finding.barcode-of-other-title", title=receipt.other_title)
    listed = receipt.listed_barcode if receipt is not None else ""
    if listed and facts.item.barcode and listed != facts.item.barcode:
        return fail("finding.list-says-barcode", listed=listed)
    if marc is None:
        return PASS if listed else abstain(NO_MARC)
    if not facts.item.barcode:
        return abstain("finding.no-barcode")
    if rules is None:
        return PASS if listed else abstain("finding.not-said.barcodes")

    barcodes = [text for text in marc.vendor_barcodes if is_ours(text, rules)]
    if not barcodes:
        return PASS if listed else abstain("finding.no-vendor-barcode")
    return PASS if facts.item.barcode in barcodes else fail("finding.record-says", said=", ".join(barcodes[:3]))


@predicate(needs="whether the library must keep the piece")
def retention(facts: Facts, _: Rule) -> Judgement:
    """The library has committed itself to retain the piece (583 or the item's data)."""
    item = facts.item
    if item.retained:
        return fail("finding.retained")
    if item.marc is not None and item.marc.retention:
        return fail_as_told(Sentence.verbatim(item.marc.retention))
    return abstain("finding.not-known.retained") if item.marc is None else PASS


@predicate(needs="a count by hand")
def pieces_agree(facts: Facts, _: Rule) -> Judgement:
    """The count by hand differs from the number that most of record, item and tag give, or there is no majority."""
    if facts.counted is None:
        return abstain("finding.not-counted")
    pieces = set_of(facts)
    if pieces.agree or (pieces.majority == facts.counted):
        return PASS
    return fail_as_told(pieces.sentence)


def set_of(facts: Facts) -> piece_count.SetCheck:
    """Return the comparison of the four sources for this item."""
    return piece_count.of_item(facts.item, facts.tag.parts if facts.tag is not None else None, facts.counted)


@predicate(needs="field 300 of the record; a number of pieces in the item")
def accompanying_parts(facts: Facts, _: Rule) -> Judgement:
    """The record has accompanying material but the item only one part, or the item has several parts but the record
    only one piece. The booklet in the case of a disc is no part."""
    item = facts.item
    if not item.accompanying and not item.extent:
        return abstain("finding.no-extent")
    if not item.parts_given and item.parts == 1:
        return abstain("finding.parts-not-given")
    if item.accompanying and item.parts == 1 and not (item.material in _CASED and _INSERT.fullmatch(item.accompanying)):
        return _disagree(facts, "finding.accompanying-not-in-item", said=item.accompanying)
    whole = not item.accompanying and not item.description
    if whole and item.parts > 1 and piece_count.record_pieces(item) == 1:
        return _disagree(facts, "finding.parts-not-in-record", parts=item.parts, said=item.extent)
    return PASS


_CASED: Final = ("music-cd", "dvd", "audiobook", "software")
_INSERT: Final = re.compile(
    r"(?:(?:1|one)\s)?(?:booklet|insert|leaflet|program notes?|folder|guide)s?\b[^+&]*", re.IGNORECASE
)


def _disagree(facts: Facts, key: str, **values: Value) -> Judgement:
    """Return a fail with this reason. If sources other than record and item have a number, add all numbers."""
    pieces = set_of(facts)
    if len(pieces.sources) > 2 and not pieces.agree:
        return fail("finding.and-pieces", why=Sentence(key, **values), pieces=pieces.sentence)
    return fail(key, **values)


@predicate(needs="carriers in the record; a table", takes=("table",))
def strip_allowed(facts: Facts, rule: Rule) -> Judgement:
    """The rule's table requires a security strip on a magnetic medium."""
    if not rule.table:
        return abstain("finding.not-said.strip")
    if facts.item.marc is None:
        return abstain(NO_MARC)
    magnetic = sorted(set(facts.item.marc.carriers) & MAGNETIC)
    wanted = wanted_of(facts, rule)
    return fail("finding.magnetic", wanted=wanted, carrier=magnetic[0]) if magnetic and wanted else PASS


CHECKS: Final = (
    record_findings,
    full_record_findings,
    copy_left_over,
    language_plausible,
    price_present,
    price_plausible,
    location_known,
    piece_number_recorded,
    vendor_barcode,
    retention,
    pieces_agree,
    accompanying_parts,
    strip_allowed,
)
