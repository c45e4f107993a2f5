"""Machine checks of call number and label."""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import CallNumber, Role, Scheme, parse
from station.catalog.callnumber.value import fold
from station.catalog.labels import compare
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
_CLASSED: Final = (Scheme.LC, Scheme.DEWEY, Scheme.NLM)


def number_of(facts: Facts) -> CallNumber:
    """Return the item's call number, parsed by the scheme given for it."""
    return parse(facts.item.call_number, facts.item.call_number_scheme or None, facts.site.numbers)


@predicate(needs="the scanned or typed label of the piece")
def label_matches(facts: Facts, _: Rule) -> Judgement:
    """The scanned or typed label differs from the expected label in at least one line."""
    if not facts.item.label_lines:
        return abstain("finding.no-label")
    if facts.label_seen is None:
        return abstain("finding.label-not-scanned")
    found = compare(facts.item.label_lines, facts.label_seen)
    return fail_as_told("; ".join(one.sentence for one in found)) if found else PASS


@predicate(needs="class numbers in the record; a call number")
def class_agrees(facts: Facts, _: Rule) -> Judgement:
    """The class of the call number is in no class number of the record. If the record has local class numbers (090,
    092, 096), only they count. The class of a SuDoc number is its text before the colon (086). A local or ANSCR
    number must begin with the number in 099."""
    if facts.item.marc is None:
        return abstain(NO_MARC)
    if not facts.item.call_number:
        return abstain(NO_NUMBER)
    number = number_of(facts)
    if number.scheme in (Scheme.LOCAL, Scheme.ANSCR):
        hints = [one for one in facts.item.marc.class_numbers if one[0] == "099"]
    else:
        hints = [one for one in facts.item.marc.class_numbers if one[1] == number.scheme.value]
    local = [one for one in hints if one[0] in ("090", "092", "096")]
    if not hints:
        return abstain("finding.no-class-in-record")
    mine = _class(number)
    for _field, _scheme, text in local or hints:
        if _same_class(number.scheme, mine, _class(parse(text, number.scheme, facts.site.numbers))):
            return PASS
    field, _scheme, text = (local or hints)[0]
    shown = f"{mine[0]}{mine[1]}" if number.scheme in _CLASSED else number.text
    return fail("finding.class-differs", item=shown, field=field, said=text)


def _class(number: CallNumber) -> tuple[str, str]:
    if number.scheme is Scheme.SUDOC:
        return "".join(number.of(Role.AGENCY, Role.STEM)).casefold().replace(" ", "").rstrip(":."), ""
    if number.scheme in (Scheme.LOCAL, Scheme.ANSCR):
        return " ".join(fold(word) for word in number.text.split()), ""
    letters = "".join(number.of(Role.LETTERS)).upper()
    return letters, "".join(number.of(Role.NUMBER)).replace("/", "").replace("'", "").strip(".")


def _same_class(scheme: Scheme, one: tuple[str, str], other: tuple[str, str]) -> bool:
    if scheme is Scheme.DEWEY:  # Libraries shorten Dewey numbers to the length they want.
        return bool(one[1]) and (one[1].startswith(other[1]) or other[1].startswith(one[1]))
    if scheme in (Scheme.LOCAL, Scheme.ANSCR):  # 099 may hold only the collection, or the number without its disc.
        return f"{one[0]} ".startswith(f"{other[0]} ")
    return one == other


@predicate(needs="a call number with a known scheme")
def call_number_parses(facts: Facts, _: Rule) -> Judgement:
    """The call number does not follow the scheme given in 852 or in the item's field."""
    item = facts.item
    if not item.call_number:
        return abstain(NO_NUMBER)
    if item.call_number_scheme in ("", Scheme.LOCAL):
        return abstain("finding.scheme-local")
    number = number_of(facts)
    if number.scheme.value == item.call_number_scheme:
        return PASS
    return fail("finding.not-of-scheme", number=item.call_number, scheme=item.call_number_scheme)


@predicate(needs="a scheme that defines a complete call number")
def call_number_complete(facts: Facts, _: Rule) -> Judgement:
    """There is no call number, nothing follows its class (LC, Dewey, NLM: cutter or work letters; ANSCR: terms), or a
    cutter is only a letter without a number ("M1507.A+", which LC leaves to the library to complete)."""
    item = facts.item
    if not item.call_number:
        return fail("finding.no-call-number-in-record")
    if item.call_number_scheme not in ("lc", "dewey", "nlm", "anscr"):
        return abstain("finding.scheme-open")
    number = number_of(facts)
    if number.scheme is Scheme.ANSCR:
        return PASS if len(number.of(Role.TERM)) >= 2 else fail("finding.only-category", number=item.call_number)
    if number.scheme in _CLASSED:
        bare = [text for text in number.of(Role.CUTTER) if not any(char.isdigit() for char in text)]
        if bare:
            return fail("finding.bare-cutter", number=item.call_number, cutter=bare[0])
        complete = bool(number.of(Role.CUTTER, Role.WORK))
    else:  # It follows no scheme: letters after the first word are taken for a cutter.
        complete = any(any(char.isalpha() for char in word) for word in item.call_number.split()[1:])
    return PASS if complete else fail("finding.no-cutter", number=item.call_number)


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
    if number.scheme not in _CLASSED:
        return abstain("finding.no-class")
    if not number.of(Role.CUTTER, Role.WORK):
        return abstain("finding.not-complete")
    if wanted_of(facts, rule) != "date" or number.of(Role.DATE):
        return PASS
    return fail("finding.no-date", number=facts.item.call_number)


@predicate(needs="a date in the call number and in the record")
def call_number_date(facts: Facts, _: Rule) -> Judgement:
    """The date in the call number is not a year in 264, 260 or 008."""
    if facts.item.marc is None:
        return abstain(NO_MARC)
    dates = {found for text in number_of(facts).of(Role.DATE) for found in re.findall(r"\d{4}", text)}
    years = {*facts.item.marc.years, *facts.item.marc.fixed_years}
    if not dates or not years:
        return abstain("finding.no-year")
    if dates & years:
        return PASS
    return fail("finding.date-not-in-record", said=" ".join(sorted(dates)), record=", ".join(sorted(years)))


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


@predicate(needs="a table of classes and locations", takes=("table",))
def class_fits_location(facts: Facts, rule: Rule) -> Judgement:
    """The rule's table assigns the class of the item to another location. If several entries match, the longest
    counts."""
    if not rule.table:
        return abstain("finding.not-said.classes")
    if not facts.item.call_number or not facts.item.location:
        return abstain("finding.no-number-or-location")
    number = number_of(facts)
    if number.scheme not in _CLASSED:
        return abstain("finding.no-class")
    mine = "".join(_class(number))
    fitting = max((key for key in rule.table if _begins(mine, key)), key=len, default=None)
    if fitting is None:
        return PASS
    allowed = rule.table[fitting]
    if facts.item.location in allowed.split():
        return PASS
    return fail("finding.other-location", begins=fitting, allowed=allowed, location=facts.item.location)


def _begins(text: str, key: str) -> bool:
    """Return True if the class begins with `key`; "M" does not match "ML"."""
    if not text.startswith(key.upper()):
        return False
    return not (key[-1:].isalpha() and text[len(key) : len(key) + 1].isalpha())


@predicate(needs="the height in 300 $c")
def oversize_location(facts: Facts, _: Rule) -> Judgement:
    """The piece is taller than `rules.oversize_cm` but not in `rules.oversize_locations`, or the reverse."""
    height, site = facts.item.height_cm, facts.site
    if height is None:
        return abstain("finding.no-height")
    tall = height > site.oversize_cm
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
    said = "".join("".join(item.label_lines).casefold().split())
    wanted = "".join(item.description.casefold().split())
    if wanted and wanted not in said and not _numbers_in(item.description) <= _numbers_in(" ".join(item.label_lines)):
        return fail("finding.volume-not-on-label", volume=item.description)
    return PASS


def _numbers_in(text: str) -> set[str]:
    return {found.lstrip("0") for found in re.findall(r"\d+", text)} or {text}


@predicate()
def label_fits(facts: Facts, _: Rule) -> Judgement:
    """The expected label has a line that is wider than the label template allows, or too many lines."""
    problems = facts.item.label_problems
    return fail_as_told(" ".join(problems)) if problems else PASS


CHECKS: Final = (
    label_matches,
    class_agrees,
    call_number_parses,
    call_number_complete,
    call_number_dated,
    call_number_date,
    call_number_unique,
    prefix_on_label,
    class_fits_location,
    oversize_location,
    volume_on_label,
    label_fits,
)
