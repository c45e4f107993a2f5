"""Machine checks of the class: against the class numbers of the record, and against the location."""

from __future__ import annotations

import re
from typing import Final

from station.catalog.callnumber import CallNumber, Role, Scheme
from station.catalog.callnumber.value import fold
from station.catalog.callnumber.value import number as number_key
from station.quality.checks import piece_count
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import NO_MARC, PASS, Judgement, abstain, fail, predicate
from station.quality.checks.label import CLASSED, NO_NUMBER, number_of, parsed
from station.quality.rules import Rule

_OF_LIBRARY: Final = ("090", "092", "096")
_WORD: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_AND_MORE: Final = re.compile(r",?\s+etc\.?\s*\Z")
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_ORDINAL: Final = re.compile(r"\b([0-9]+)(?:st|nd|rd|th|d)\b")


@predicate(needs="class numbers in the record; a complete call number")
def class_agrees(facts: Facts, _: Rule) -> Judgement:
    """If the record has class numbers of a library (090, 092, 096): the class of the call number is in none of them.
    Otherwise (050, 055, 060, 082): a number of the record has the same cutters and a class that differs by one slip of the
    finger. The class of a SuDoc number is its text before the colon (086). A local or ANSCR number that resembles 099
    must have its words and numbers."""
    number, hints, abstained = _classes(facts)
    if abstained is not None:
        return abstained
    library = [one for one in hints if one[0] in _OF_LIBRARY]
    read = [(one, parsed(one[2], number.scheme, facts.site.numbers)) for one in library or hints]
    if any(same_class(number, other) for _one, other in read):
        return PASS
    for one, other in read:
        if library or number.scheme is Scheme.SUDOC or _resembles(number, other):
            return fail("finding.class-differs", item=_shown(number), field=one[0], said=one[2])
    return abstain("finding.class-own")


@predicate(needs="class numbers in the record; a complete call number of a whole work")
def class_near(facts: Facts, _: Rule) -> Judgement:
    """The record has class numbers only of other agencies (050, 055, 060, 082), and all are in another main class than the
    call number: another letter (LC; A, general works, takes any subject), other letters (NLM), another hundred (Dewey). A
    bibliography may stand with the bibliographies (Z1201 and more, 016) or with its subject. One part of a set with a
    record of its own is not judged: its number may be that of the set."""
    number, hints, abstained = _classes(facts)
    if abstained is not None:
        return abstained
    if number.scheme not in CLASSED or any(one[0] in _OF_LIBRARY for one in hints):
        return abstain("finding.class-of-library")
    if piece_count.is_part(facts.item):
        return abstain("finding.class-of-series")
    others = [parsed(one[2], number.scheme, facts.site.numbers) for one in hints]
    near = {_main_class(number), "A"} if number.scheme is Scheme.LC else {_main_class(number)}
    if _main_class(number) == "A" or any(_main_class(other) in near for other in others):
        return PASS
    if any(_is_bibliography(one) for one in (number, *others)):
        return PASS
    if any(_resembles(number, other) for other in others):
        return abstain("finding.class-reported")
    return fail("finding.class-differs", item=_shown(number), field=hints[0][0], said=hints[0][2])


def _classes(facts: Facts) -> tuple[CallNumber, list[tuple[str, str, str]], Judgement | None]:
    """Return the call number, the class numbers of the record in its scheme, and an abstention if there is nothing to
    compare. A 099 without a digit is a remark ("In process"), not a number."""
    number = number_of(facts)
    if facts.item.marc is None:
        return number, [], abstain(NO_MARC)
    if not facts.item.call_number:
        return number, [], abstain(NO_NUMBER)
    if number.scheme in (Scheme.LOCAL, Scheme.ANSCR):
        if not any(char.isdigit() for char in number.text):
            return number, [], abstain("finding.no-class")
        hints = [
            one for one in facts.item.marc.class_numbers if one[0] == "099" and any(char.isdigit() for char in one[2])
        ]
    else:
        if number.scheme in CLASSED and not number.of(Role.CUTTER, Role.WORK):
            return number, [], abstain("finding.not-complete")
        hints = [one for one in facts.item.marc.class_numbers if one[1] == number.scheme.value and one[0] != "099"]
    return number, hints, None if hints else abstain("finding.no-class-in-record")


def _shown(number: CallNumber) -> str:
    return "".join(_class(number)) if number.scheme in CLASSED else number.text


def _class(number: CallNumber) -> tuple[str, str]:
    if number.scheme is Scheme.SUDOC:
        return "".join(number.of(Role.AGENCY, Role.STEM)).casefold().replace(" ", "").rstrip(":."), ""
    if number.scheme in (Scheme.LOCAL, Scheme.ANSCR):
        return number.text, ""
    letters = "".join(number.of(Role.LETTERS)).upper()
    digits = "".join(number.of(Role.NUMBER)).replace("/", "").replace("'", "").strip(".")
    # LC has no class number 0; "KJF0" is how a system stores letters alone
    return letters, "" if number.scheme is Scheme.LC and not digits.strip("0") else digits


def same_class(number: CallNumber, other: CallNumber) -> bool:
    if number.scheme in (Scheme.LOCAL, Scheme.ANSCR):
        return any(all(_has(number, word) for word in _words(other, joined=joined)) for joined in (False, True))
    one, two = _class(number), _class(other)
    if number.scheme is Scheme.DEWEY:  # Libraries shorten Dewey numbers to the length they want.
        return bool(one[1]) and (one[1].startswith(two[1]) or two[1].startswith(one[1]))
    if not other.of(Role.CUTTER, Role.WORK) and number.scheme is not Scheme.SUDOC:  # only the class, maybe cut short
        return one[0] == two[0] and one[1].startswith(two[1])
    return one == two


def _resembles(number: CallNumber, other: CallNumber) -> bool:
    """Return True if the numbers are so similar that one is probably the other, mistyped."""
    if number.scheme in (Scheme.LOCAL, Scheme.ANSCR):
        return any(_has(number, word) for word in _words(other))
    mine, theirs = (tuple(fold(text) for text in one.of(Role.CUTTER)) for one in (number, other))
    return bool(mine) and mine == theirs and one_edit("".join(_class(number)), "".join(_class(other)))


def one_edit(one: str, other: str) -> bool:
    """Return True if one character is wrong, missing or too many, two are exchanged, or the decimal is missing."""
    short, long = sorted((one, other), key=len)
    if long.startswith(f"{short}.") or any(long[:at] + long[at + 1 :] == short for at in range(len(long))):
        return True
    wrong = [at for at, (first, second) in enumerate(zip(one, other, strict=False)) if first != second]
    if len(one) != len(other) or len(wrong) > 2:
        return False
    return len(wrong) == 1 or (
        wrong[1] == wrong[0] + 1 and one[wrong[0]] == other[wrong[1]] and one[wrong[1]] == other[wrong[0]]
    )


def _words(number: CallNumber, *, joined: bool = False) -> list[str]:
    """Return words and numbers. `joined`: "MICRO-F" is one word (microfiche), not two."""
    text = _AND_MORE.sub("", _ORDINAL.sub(r"\1", number.text.casefold()))
    return _WORD.findall(_HYPHEN.sub("", text) if joined else text)


def _has(number: CallNumber, word: str) -> bool:
    """Return True if the number has a word or number of 099. Numbers may have leading zeros ("C 0645", "C 645"), ordinals
    an ending ("2d ser.", "ser.2"), and a word may be shortened ("Micfilm", "Microfilm")."""
    return any(_same_word(one, word) for joined in (False, True) for one in _words(number, joined=joined))


def _same_word(one: str, other: str) -> bool:
    if "0" <= one[:1] <= "9":
        return one.lstrip("0") == other.lstrip("0")
    short, long = sorted((fold(one), fold(other)), key=len)
    if short == long:
        return True
    rest = iter(long)
    return len(short) > 2 and short[0] == long[0] and all(char in rest for char in short)


def _main_class(number: CallNumber) -> str:
    letters, digits = _class(number)
    if number.scheme is Scheme.DEWEY:
        return digits[:1]
    return letters[:1] if number.scheme is Scheme.LC else letters


def _is_bibliography(number: CallNumber) -> bool:
    """Return True for a class of bibliographies of a country, a subject or a person, which are of any subject (LC outline,
    class Z; Dewey 016)."""
    letters, digits = _class(number)
    if number.scheme is Scheme.LC:
        return letters == "Z" and number_key(digits.partition(".")[0]) >= _SUBJECTS
    return number.scheme is Scheme.DEWEY and digits.startswith("016")


_SUBJECTS: Final = number_key("1201")
"""Z1 to Z1200 are about books and libraries themselves."""


@predicate(needs="a table of classes and locations", takes=("table",))
def class_fits_location(facts: Facts, rule: Rule) -> Judgement:
    """The rule's table assigns the class of the item to another location. If several entries match, the longest
    counts."""
    if not rule.table:
        return abstain("finding.not-said.classes")
    if not facts.item.call_number or not facts.item.location:
        return abstain("finding.no-number-or-location")
    number = number_of(facts)
    if number.scheme not in CLASSED:
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


CHECKS: Final = (
    class_agrees,
    class_near,
    class_fits_location,
)
