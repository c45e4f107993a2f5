"""Machine checks of call number and label; `class_numbers` has those of the class."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from station.base.sentence import Sentence
from station.catalog.callnumber import CallNumber, Options, Role, Scheme, parse
from station.catalog.callnumber.lc import CARRIERS
from station.catalog.callnumber.lc_classes import is_class
from station.catalog.callnumber.value import fold
from station.catalog.labels import compare
from station.domain.item import ItemRecord
from station.quality.checks import piece_count
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
from station.quality.checks.tag import wanted_of
from station.quality.rules import Rule

NO_NUMBER: Final = "finding.no-call-number"
CLASSED: Final = (Scheme.LC, Scheme.DEWEY, Scheme.NLM)


@lru_cache(maxsize=64)
def parsed(text: str, scheme: str | None, options: Options) -> CallNumber:
    """Return a parsed number of an item or its record. Several rules compare the same numbers."""
    return parse(text, scheme, options)


def number_of(facts: Facts) -> CallNumber:
    """Return the item's call number, parsed by the scheme given for it."""
    return parsed(facts.item.call_number, facts.item.call_number_scheme or None, facts.site.numbers)


@predicate(needs="the scanned or typed label of the piece")
def label_matches(facts: Facts, _: Rule) -> Judgement:
    """The scanned or typed label differs from the expected label in at least one line."""
    if not facts.item.label_lines:
        return abstain("finding.no-label")
    if facts.label_seen is None:
        return abstain("finding.label-not-scanned")
    differences = compare(facts.item.label_lines, facts.label_seen)
    return fail_as_told(Sentence.joined(difference.sentence for difference in differences)) if differences else PASS


@predicate(needs="a call number that is in, or resembles, a scheme")
def call_number_parses(facts: Facts, _: Rule) -> Judgement:
    """The call number does not follow the scheme given in 852 or in the item's field, although it begins like a number of
    that scheme, or follows another scheme. A number of the library's own making ("3463", "CD 1234") is not judged:
    systems give it the library's scheme, too. Nor is that of an online resource, which is on no shelf."""
    item = facts.item
    if not item.call_number:
        return abstain(NO_NUMBER)
    if item.call_number_scheme in ("", Scheme.LOCAL):
        return abstain("finding.scheme-local")
    number = number_of(facts)
    if number.scheme.value == item.call_number_scheme:
        return PASS
    if _ONLINE.search(item.call_number):
        return abstain("finding.scheme-none")
    if _resembles(item.call_number, item.call_number_scheme) or _follows_another(facts):
        return fail("finding.not-of-scheme", number=item.call_number, scheme=item.call_number_scheme)
    return abstain("finding.scheme-none")


_ONLINE: Final = re.compile(
    r"\b(?:e-?(?:book|journal|resource)s?|electronic (?:resource|book|journal)s?|online|internet)\W*\Z", re.IGNORECASE
)
_LC_LIKE: Final = re.compile(
    r"(?P<class>[A-Za-z]{1,3})\s?[1-9][0-9]{0,3}(?![0-9])|(?P<alone>[A-Za-z]{1,3})\s?\.\s?[A-Za-z][0-9]"
)
_VOLUME_ALONE: Final = re.compile(r"(?:v|vol|bd|t|no|pt)\.\s?[0-9]", re.IGNORECASE)
_CLASS_LOST: Final = re.compile(r"[0-9]{1,4}(?:\.[0-9]+)?\s*\.[A-Za-z][0-9]")
_BEGINS: Final = {
    "dewey": re.compile(r"[0-9OIl]{3}(?![0-9])|[0-9]{1,3}\.[0-9]"),
    "sudoc": re.compile(r"[A-Za-z]{1,4}\s?[0-9]{1,3}\.[0-9]|[^:]*[0-9]:"),
    "anscr": re.compile(r"[A-Z]{1,2}\s[A-Z]{3,4}\s"),
}


def _resembles(text: str, scheme: str) -> bool:
    """Return True if a text that does not follow the scheme begins like one of its numbers.

    Law classes of three letters or of K without a number are not judged: libraries cuttered them before LC had numbers.
    """
    if scheme not in ("lc", "nlm"):
        return bool(scheme in _BEGINS and _BEGINS[scheme].match(text))
    if _VOLUME_ALONE.match(text):
        return True
    match = _LC_LIKE.match(text)
    letters = ((match["class"] or match["alone"]) if match else "").upper()
    if match and is_class(letters) and letters not in CARRIERS:
        return not (match["alone"] and letters[0] == "K")
    return _CLASS_LOST.match(text) is not None


def _follows_another(facts: Facts) -> bool:
    number = parsed(facts.item.call_number, None, facts.site.numbers)
    return number.scheme in CLASSED and not number.prefix and bool(number.of(Role.CUTTER, Role.WORK))


@predicate(needs="a scheme that defines a complete call number")
def call_number_complete(facts: Facts, _: Rule) -> Judgement:
    """There is no call number, nothing follows its class (LC, Dewey, NLM: cutter or work letters; ANSCR: terms), or a
    cutter is only a letter without a number ("M1507.A+", which LC leaves to the library to complete). A date is enough
    in texts of the Bible (LC: BS), and where the record's own number has it so (F592.4 1983). A number that does not
    follow its scheme is left to `call_number_parses`, and one that the record has in 099 is the library's own."""
    item = facts.item
    if not item.call_number:
        return fail("finding.no-call-number-in-record")
    if item.call_number_scheme not in ("lc", "dewey", "nlm", "anscr"):
        return abstain("finding.scheme-open")
    if item.marc is not None and any(
        (class_number[0], fold(class_number[2])) == ("099", fold(item.call_number))
        for class_number in item.marc.class_numbers
    ):
        return abstain("finding.scheme-local")
    number = number_of(facts)
    if number.scheme is Scheme.ANSCR:
        return PASS if len(number.of(Role.TERM)) >= 2 else fail("finding.only-category", number=item.call_number)
    if number.scheme not in CLASSED:
        return abstain("finding.not-of-its-scheme")
    bare = [text for text in number.of(Role.CUTTER) if not any(char.isdigit() for char in text)]
    if bare:
        return fail("finding.bare-cutter", number=item.call_number, cutter=bare[0])
    if number.of(Role.CUTTER, Role.WORK) or _dated_class(facts, number):
        return PASS
    return fail("finding.no-cutter", number=item.call_number)


def _dated_class(facts: Facts, number: CallNumber) -> bool:
    if not number.of(Role.CAPTION):
        return False
    known = facts.item.marc.class_numbers if facts.item.marc is not None else ()
    others = [
        parsed(text, number.scheme, facts.site.numbers) for _field, scheme, text in known if scheme == number.scheme
    ]
    return number.of(Role.LETTERS) == _BIBLE or any(other.base == number.base for other in others)


_BIBLE: Final = ("BS",)  # not for people


def _only_date(rule: Rule) -> str:
    wrong = [value for value in (rule.table or {}).values() if value not in ("date", "")]
    return f'the table has "{wrong[0]}"; only "date" or nothing is allowed' if wrong else ""


@predicate(needs="a table of policies; a call number with a class", takes=("table",), refuse=_only_date)
def call_number_dated(facts: Facts, rule: Rule) -> Judgement:
    """The rule's table requires a date, and the call number (LC, Dewey, NLM) has none."""
    if not rule.table:
        return abstain("finding.not-said.dates")
    if not facts.item.call_number:
        return abstain(NO_NUMBER)
    number = number_of(facts)
    if number.scheme not in CLASSED:
        return abstain("finding.no-class")
    if not number.of(Role.CUTTER, Role.WORK):
        return abstain("finding.not-complete")
    if wanted_of(facts, rule) != "date" or number.of(Role.DATE):
        return PASS
    return fail("finding.no-date", number=facts.item.call_number)


@predicate(needs="a date in the call number and in the record; a whole work in one volume, not a map")
def call_number_date(facts: Facts, _: Rule) -> Judgement:
    """The date in the call number is neither a year in 264, 260 or 008, nor the year before or after it, nor between the
    dates of 008, nor a year that the record names otherwise (conference, original, thesis). A serial, one part of a
    set with a record of its own and a map are not judged: their date is that of coverage, of the first part, or of the
    situation."""
    item, marc = facts.item, facts.item.marc
    if marc is None:
        return abstain(NO_MARC)
    if marc.serial:
        return abstain("finding.serial")
    number = number_of(facts)
    if piece_count.is_part(item) or _is_of_open_set(item) or item.material == "map":
        return abstain("finding.date-of-whole")
    dates = {year for text in number.of(Role.DATE) for year in _YEAR.findall(text)}
    years = {*marc.years, *marc.fixed_years}
    if not dates or not years:
        return abstain("finding.no-year")
    known = {int(year) for year in years}
    if dates & {*years, *marc.named_years}:
        return PASS
    begin, end = min(map(int, marc.fixed_years), default=0), max(map(int, marc.fixed_years), default=0)
    if any(begin <= int(date) <= end or {int(date) - 1, int(date) + 1} & known for date in dates):
        return PASS
    return fail("finding.date-not-in-record", said=" ".join(sorted(dates)), record=", ".join(sorted(years)))


def _is_of_open_set(item: ItemRecord) -> bool:
    """Return True for a volume of a set whose number of volumes is still open (300 "volumes <1,3>")."""
    return bool(item.description and item.extent) and piece_count.pieces_in(item.extent) is None


_YEAR: Final = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")


@predicate(needs="the shelf list of the catalog index")
def call_number_unique(facts: Facts, _: Rule) -> Judgement:
    """Another title has the same call number."""
    if not facts.item.call_number:
        return abstain(NO_NUMBER)
    if facts.same_number is None:
        return abstain_as_told(facts.no_shelf_list, "finding.no-shelf-list")
    return fail("finding.same-number", others="; ".join(facts.same_number)) if facts.same_number else PASS


@predicate(needs="a table of prefixes; the expected label", takes=("table",))
def prefix_on_label(facts: Facts, rule: Rule) -> Judgement:
    """The expected label does not begin with the collection prefix that the rule's table requires."""
    if not rule.table:
        return abstain("finding.not-said.prefixes")
    if not facts.item.label_lines:
        return abstain("finding.no-label")
    wanted = wanted_of(facts, rule)
    if not wanted:
        return PASS
    first = " ".join(facts.item.label_lines).casefold()
    return PASS if first.startswith(wanted.casefold()) else fail("finding.no-prefix", wanted=wanted)


@predicate(needs="the height in 300 $c; oversize locations in the settings")
def oversize_location(facts: Facts, _: Rule) -> Judgement:
    """The piece is taller than `rules.oversize_cm` but not in `rules.oversize_locations`, or the reverse. Without
    oversize locations, a tall piece is not judged."""
    height, site = facts.item.height_cm, facts.site
    if height is None:
        return abstain("finding.no-height")
    tall = height > site.oversize_cm
    if tall and not site.oversize_locations:
        return abstain("finding.not-said.oversize")
    placed = facts.item.location in site.oversize_locations
    if tall == placed:
        return PASS
    if tall:
        if not facts.item.location:
            return fail("finding.oversize-nowhere", height=f"{height:g}")
        return fail("finding.oversize", height=f"{height:g}", location=facts.item.location)
    return fail("finding.not-oversize", height=f"{height:g}", location=facts.item.location)


@predicate(needs="the expected label; a volume or copy")
def volume_on_label(facts: Facts, _: Rule) -> Judgement:
    """The item has a volume or disc number, or a copy number above 1, that is in no line of the expected label."""
    item = facts.item
    if not item.label_lines:
        return abstain("finding.no-label")
    label_text = "".join("".join(item.label_lines).casefold().split())
    wanted = "".join(item.description.casefold().split())
    if (
        wanted
        and wanted not in label_text
        and not _numbers_in(item.description) <= _numbers_in(" ".join(item.label_lines))
    ):
        return fail("finding.volume-not-on-label", volume=item.description)
    return PASS


def _numbers_in(text: str) -> set[str]:
    return {digits.lstrip("0") for digits in re.findall(r"\d+", text)} or {text}


@predicate()
def label_fits(facts: Facts, _: Rule) -> Judgement:
    """The expected label has a line that is wider than the label template allows, or too many lines."""
    problems = facts.item.label_problems
    return fail_as_told(Sentence.joined(problems, " ")) if problems else PASS


CHECKS: Final = (
    label_matches,
    call_number_parses,
    call_number_complete,
    call_number_dated,
    call_number_date,
    call_number_unique,
    prefix_on_label,
    oversize_location,
    volume_on_label,
    label_fits,
)
