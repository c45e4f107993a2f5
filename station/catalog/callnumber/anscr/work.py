"""Make an ANSCR number from the facts of a recording, and check a number against them.

Source: docs/reference/call-numbers.md#anscr: term 1 in the table; term 2 against 1XX, 7XX and 245 by
category (composer for B to J, performer for M); term 3 against 245 and 240; term 4 digits against the last two digits
of 028 $a. The category is a person's decision: `categories` proposes it.

Choices where no source decides:

- Term 3 is made from 245; the term that 240 would give is reported too, and both pass the check.
- Digits are counted from the end across all punctuation ("LM 6029-2" is 92), as Montvale does; without the "-2" of the
  medium (29) they pass too.
- Articles and short words are those of English and of the record's language.
- Without a name for term 4, its letter is that of term 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from station.catalog.callnumber.anscr.category import categories, is_spoken
from station.catalog.callnumber.anscr.facts import AUTHORS, COMPOSERS, PERFORMERS, Work
from station.catalog.callnumber.anscr.notation import ARTICLES, CATEGORIES, ENGLISH, STANDARD, Kind, Rules, parse
from station.catalog.callnumber.value import CallNumber, NotThisScheme, Role, Scheme, fold


class Term(NamedTuple):
    """One of the four terms, with its source."""

    text: str
    reason: str


class Proposal(NamedTuple):
    """A number for a person to confirm."""

    number: str
    """The terms that could be made, separated by spaces."""
    terms: tuple[Term, ...]
    remarks: tuple[str, ...]
    """Missing terms, and alternatives."""


class Finding(NamedTuple):
    """A disagreement between a number and the record."""

    term: int
    """1 to 4; 0 = the number as a whole."""
    sentence: str
    sure: bool = True
    """False: codes of the record contradict the category, but a person may have chosen it for a reason."""


_WORD: Final = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:['’ʹ][^\W_]+)*")
"""A word; initials ("L.A.") are one word."""
_DIGIT: Final = re.compile(r"[0-9]")
_CREDIT: Final = re.compile(r"\s*([^,;(/]+)([,;(/]?)")
_SHOWN: Final = 3
_MEDIUM: Final = re.compile(r"[-/ ][0-9]\Z")


def generate(work: Work, category: str, rules: Rules = STANDARD) -> Proposal:
    """Return the number of this recording in a category. Raise `ValueError` if the library has no such category."""
    category = category.upper()
    if category not in rules.categories:
        raise ValueError(f"{category} is no category")
    remarks: list[str] = []
    terms = [Term(category, CATEGORIES.get(category, "a category of this library"))]
    second = next(_seconds(work, category, rules), None)
    if second:
        terms.append(second)
    else:
        remarks.append("There is neither a name nor a title to make the second term of.")
    thirds = list(_thirds(work, rules))
    if thirds:
        terms.append(thirds[0])
        remarks += [f"The third term could be {term.text}: {term.reason}." for term in thirds[1:2]]
    else:
        remarks.append("There is no title to make the third term of.")
    digits = next(_digits(work, rules), None)
    if digits and second:
        letter = next(_initials(work), None) or Term(second.text[0], "the second term, as no performer is named")
        terms.append(Term(letter.text + digits.text, f"{letter.reason}; {digits.reason}"))
    else:
        remarks.append("There is no issue number (028, first indicator 0) to make the fourth term of.")
    return Proposal(" ".join(term.text for term in terms), tuple(terms), tuple(remarks))


def check(number: CallNumber | str, work: Work, rules: Rules = STANDARD) -> tuple[Finding, ...]:
    """Return the disagreements with the record, term by term; empty = everything that can be compared agrees."""
    if isinstance(number, str):
        try:
            number = parse(number, rules=rules)
        except NotThisScheme as error:
            return (Finding(0, f"This is no ANSCR number: {error}."),)
    if number.scheme is not Scheme.ANSCR:
        return (Finding(0, "This is no ANSCR number."),)
    terms = [fold(term).upper() for term in number.of(Role.TERM)]
    found = [*_check_category(terms[0], work, rules)]
    found += _compare(2, terms, list(_seconds(work, terms[0], rules, all_kinds=False)))
    found += _compare(3, terms, list(_thirds(work, rules)))
    found += _check_fourth(terms, work, rules)
    found += [Finding(place, f"Term {place} is missing.") for place in range(len(terms) + 1, 5)]
    return tuple(found)


def _check_category(category: str, work: Work, rules: Rules) -> Iterator[Finding]:
    name = CATEGORIES.get(category, "a category of this library")
    if category in CATEGORIES and category != "S" and is_spoken(category) is not work.spoken:
        kind = "not of music" if work.spoken else "of music"
        yield Finding(1, f"Term 1 ({category}) is {name}, but the record is {kind} (leader/06).")
        return
    proposed = categories(work, rules)
    if proposed and category not in {proposal.category for proposal in proposed}:
        said = " or ".join(proposal.category for proposal in proposed)
        yield Finding(
            1, f"Term 1 ({category}) is {name}, the record would be {said}: {proposed[0].reason}.", sure=False
        )


def _check_fourth(terms: list[str], work: Work, rules: Rules) -> Iterator[Finding]:
    if len(terms) < 4:
        return
    letter, digits = terms[3][:1], terms[3][1:]
    initials = list(_initials(work)) or [Term(term.text[:1], term.reason) for term in _seconds(work, terms[0], rules)]
    if initials and letter not in {term.text for term in initials}:
        yield Finding(4, f"Term 4 begins with {letter}; by the record it would be {_or(initials)}.")
    wanted = list(_digits(work, rules))
    if wanted and digits not in {term.text for term in wanted}:
        yield Finding(4, f"Term 4 ends with {digits or 'nothing'}; by the record it would be {_or(wanted)}.")


def _compare(place: int, terms: list[str], wanted: list[Term]) -> Iterator[Finding]:
    if len(terms) >= place and wanted and terms[place - 1] not in {term.text for term in wanted}:
        yield Finding(place, f"Term {place} is {terms[place - 1]}; by the record it would be {_or(wanted)}.")


def _or(terms: Iterable[Term]) -> str:
    reasons: dict[str, str] = {}
    for text, reason in terms:
        reasons.setdefault(text, reason)
    shown = [f"{text} ({reason})" for text, reason in islice(reasons.items(), _SHOWN)]
    more = len(reasons) - len(shown)
    return ", or ".join(shown) + (f", or one of {more} more" if more else "")


def _seconds(work: Work, category: str, rules: Rules, *, all_kinds: bool = True) -> Iterator[Term]:
    """Yield second terms, preferred ones first. With `all_kinds` False: only those of the first kind that the recording
    has, but all if the category uses titles."""
    kinds = _kinds(category, rules)
    found = False
    for kind in kinds:
        if found and not all_kinds and kinds[0] is not Kind.TITLE:
            return
        if kind is Kind.TITLE:
            title = _without_article(work.title, work.skip, work.language)
            letters = _letters(title, rules.name_letters)
            if letters:
                found = True
                yield Term(letters, "title (245)")
            continue
        for name, where in _people(work, kind):
            letters = _letters(_surname(name), rules.name_letters)
            if letters:
                found = True
                yield Term(letters, f"{kind.value} {name} ({where})")


def _kinds(category: str, rules: Rules) -> tuple[Kind, ...]:
    """Return the sources of term 2. A library's own category ("MB", blues) uses those of its first letter."""
    known = rules.second_term.get(category)
    if known is None:
        known = next((kinds for name, kinds in rules.second_term.items() if name[:1] == category[:1]), tuple(Kind))
    return known


def _people(work: Work, kind: Kind) -> Iterator[tuple[str, str]]:
    """Yield (name, field) of all persons of this kind, as given in the record or inferred."""
    wanted = {Kind.COMPOSER: COMPOSERS, Kind.PERFORMER: PERFORMERS, Kind.AUTHOR: AUTHORS}[kind]
    for name in work.names:
        if name.roles & wanted:
            yield name.text, "1XX" if name.main else "7XX"
    unsaid = [name for name in work.names if not name.roles]
    if kind is Kind.PERFORMER:
        yield from ((name.text, "7XX") for name in unsaid if not name.main)
        credited = _credited(work.credit)
        if credited:
            yield credited, "511"
    yield from ((name.text, "1XX") for name in unsaid if name.main)
    if kind is not Kind.PERFORMER:
        yield from ((contained.name, "7XX, the first work on it") for contained in work.contained[:1])


def _initials(work: Work) -> Iterator[Term]:
    """Yield the first letters of all performers."""
    for name, where in _people(work, Kind.PERFORMER):
        letters = _letters(_surname(name), 1)
        if letters:
            yield Term(letters, f"performer {name} ({where})")


def _thirds(work: Work, rules: Rules) -> Iterator[Term]:
    """Yield third terms from 245 and 240, each once."""
    seen: set[str] = set()
    for title, skip, where in ((work.title, work.skip, "245"), (work.uniform_title, work.uniform_skip, "240")):
        letters = _title_term(_without_article(title, skip, work.language), work.language, rules)
        if letters and letters not in seen:
            seen.add(letters)
            yield Term(letters, f"title ({where})")


def _digits(work: Work, rules: Rules) -> Iterator[Term]:
    for issue in work.issue_numbers:
        for text in (issue, _MEDIUM.sub("", issue)):
            digits = "".join(_DIGIT.findall(text))[-rules.issue_digits :]
            if digits:
                yield Term(digits, f"issue number {issue} (028)")


def _title_term(title: str, language: str, rules: Rules) -> str:
    words = _WORD.findall(title)
    little = rules.insignificant.get(ENGLISH, frozenset()) | rules.insignificant.get(language, frozenset())
    significant = [word for word in words if word.endswith(".") or fold(word) not in little] or words
    if len(significant) == 1:
        return _letters(significant[0], rules.title_letters)
    return "".join(_letters(word, 1) for word in significant[: rules.title_words])


def _without_article(title: str, skip: int, language: str) -> str:
    """Return the title without the number of characters given in the record; if none is given, without an article of
    English or of the title's language."""
    if 0 < skip < len(title):
        return title[skip:]
    first, space, after = title.partition(" ")
    if space and first.isalpha() and first.casefold() in ARTICLES[ENGLISH] | ARTICLES.get(language, frozenset()):
        return after
    return title


def _surname(name: str) -> str:
    """Return the text before the first comma; for a body, the whole name. An initial article is skipped."""
    return _without_article(name.partition(",")[0], 0, ENGLISH)


def _credited(credit: str) -> str:
    """Return the first name of a credit, surname first if a part follows: "Russell Watson, vocals" -> "Watson,
    Russell"."""
    found = _CREDIT.match(credit)
    if found is None:
        return ""
    name = found[1].strip(" .")
    first, _, last = name.rpartition(" ")
    return f"{last}, {first}" if found[2] == "," and first else name


def _letters(text: str, count: int) -> str:
    """Return the first letters and digits, in upper case."""
    return fold(text)[:count].upper()
