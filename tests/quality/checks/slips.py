"""Slips of the finger in the cutters and the year of an item's call number: when the record proves one, seeded slips, and
numbers that libraries change on purpose.

Shares no code with the rule. A slip is *provable* if the record's own number (050, 055, 060, 082, 090, 092) has the same
class and the same words after it, but for one, and one edit makes that word of the record into the item's: two neighbors
exchanged, one character wrong, missing or too many. So is a number that is the record's but for letters typed for the
digits that they resemble. A year that only
one of the two numbers has does not count. Not provable is what catalogers do on purpose:

* the last digit of a cutter changed, added or left out: that is how a shelflist makes room;
* a work letter added, changed or left out;
* another year: a copy may have the date of its own printing. Whether the record knows the year is the question of another
  rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

_CLASS = re.compile(r"(?:([A-Z]{1,3})[' ]*)?([0-9]+(?:\.[0-9]+)?)[' .]*(?=[A-Za-z0-9])")
_WORD = re.compile(r"[^\W_]+")
_YEAR = re.compile(r"(1[4-9]|20)[0-9]{2}[a-z]{0,2}\Z")
_ORDINAL = re.compile(r"[0-9]+(st|nd|rd|th|d)\Z")
_CUTTER = re.compile(r"([a-z]{1,3})([0-9]+)([a-z]*)\Z")
_TYPED = str.maketrans("lio", "110")


def taken_apart(number: str, *, glued: bool = False) -> tuple[str, list[str]] | None:
    """Return the class and the lower-case words after it; None = there is nothing to compare. `glued`: cutters may follow
    each other without a blank ("G3B7")."""
    found = _CLASS.match(number)
    if not found:
        return None
    rest = re.sub(r"(?<=[0-9])(?=[A-Z][0-9])", " ", number[found.end() :]) if glued else number[found.end() :]
    return (found[1] or "") + found[2], [word.lower() for word in _WORD.findall(rest)]


def provable(record: str, item: str) -> bool:
    """Return True if the record's number proves a slip in the item's, both without volume and copy."""
    texts = ["".join(_WORD.findall(number)).lower() for number in (record, item)]
    if texts[0] != texts[1] and texts[0].translate(_TYPED) == texts[1].translate(_TYPED):
        return True
    theirs = taken_apart(record, glued=True)
    return any(_proves(theirs, taken_apart(item, glued=glued)) for glued in (False, True))


def _proves(theirs: tuple[str, list[str]] | None, own: tuple[str, list[str]] | None) -> bool:
    if theirs is None or own is None or theirs[0] != own[0]:
        return False
    right, typed = theirs[1], own[1]
    if len(right) == len(typed) + 1 and _YEAR.match(right[-1]):
        right = right[:-1]
    elif len(typed) == len(right) + 1 and _YEAR.match(typed[-1]):
        typed = typed[:-1]
    wrong = [(one, other) for one, other in zip(right, typed, strict=False) if one != other]
    return len(right) == len(typed) and len(wrong) == 1 and _is_slip(*wrong[0])


def _is_slip(right: str, typed: str) -> bool:
    if right.translate(_TYPED) == typed.translate(_TYPED):
        return True
    if not _one_edit(right, typed):
        return False
    if _YEAR.match(right):
        return not _YEAR.match(typed)
    if sorted(right) == sorted(typed):  # neighbors exchanged
        return True
    if _ORDINAL.match(right):
        return not _ORDINAL.match(typed)
    one, other = _CUTTER.match(right), _CUTTER.match(typed)
    if one is None or other is None:
        return one is not None
    if one[3] != other[3]:  # work letters
        return False
    last = one[2][:-1] == other[2][:-1] or one[2] == other[2][:-1] or one[2][:-1] == other[2]
    return one[1] != other[1] or not last


def _one_edit(right: str, typed: str) -> bool:
    """Return True if the Damerau-Levenshtein distance (of neighbors) is one, by trying every edit."""
    exchanged = {right[:at] + right[at + 1] + right[at] + right[at + 2 :] for at in range(len(right) - 1)}
    missing = {right[:at] + right[at + 1 :] for at in range(len(right))}
    replaced = {right[:at] + char + right[at + 1 :] for at in range(len(right)) for char in typed}
    added = {right[:at] + char + right[at:] for at in range(len(right) + 1) for char in typed}
    return typed in exchanged | missing | replaced | added


def seeded(number: str, random: Random) -> Iterator[tuple[str, str]]:
    """Yield (kind, number with one slip) for each place behind the class where this kind of slip is possible; what it
    gives may look like a deliberate change. The digits and letters that are typed are drawn at random."""
    found = _CLASS.match(number)
    if not found:
        return
    for at in range(found.end(1) + 1, found.end()):
        for digit, typed in (("1", "l"), ("0", "O")):
            if number[at] == digit:
                yield "letter for a digit", number[:at] + typed + number[at + 1 :]
    for word in _WORD.finditer(number, found.end()):
        before, text, after = number[: word.start()], word[0], number[word.end() :]
        for at, char in enumerate(text):
            head, tail = text[:at], text[at + 1 :]
            if tail and tail[0] != char:
                yield "exchanged", f"{before}{head}{tail[0]}{char}{tail[1:]}{after}"
            if char.isdigit():
                digit = random.choice([other for other in "0123456789" if other != char])
                yield "wrong digit", f"{before}{head}{digit}{tail}{after}"
                yield "missing digit", f"{before}{head}{tail}{after}"
                yield "doubled digit", f"{before}{head}{char}{char}{tail}{after}"
            else:
                letter = random.choice([other for other in "ABCDEFGHJKMNPQRSTUVWXYZ" if other != char.upper()])
                yield "wrong letter", f"{before}{head}{letter}{tail}{after}"
            for letters, typed in (("1", "l"), ("1", "I"), ("0", "O"), ("0", "o")):
                if char == letters:
                    yield "letter for a digit", f"{before}{head}{typed}{tail}{after}"


def on_purpose(number: str) -> Iterator[tuple[str, str]]:
    """Yield (what was done, number) for what libraries change on purpose."""
    found = _CLASS.match(number)
    words = list(_WORD.finditer(number, found.end())) if found else []
    cutters = [word for word in words if _CUTTER.match(word[0].lower())]
    if found is None or not cutters:
        return
    last = cutters[-1]
    head, digits, letters = re.fullmatch(r"([A-Za-z]+)([0-9]+)([A-Za-z]*)", last[0]).groups()  # type: ignore[union-attr]
    before, after = number[: last.start()], number[last.end() :]
    for digit in {"3", "5", "8"} - {digits[-1]}:
        yield "shelflist: last digit", f"{before}{head}{digits[:-1]}{digit}{letters}{after}"
    yield "shelflist: longer cutter", f"{before}{head}{digits}5{letters}{after}"
    if len(digits) > 1:
        yield "shelflist: shorter cutter", f"{before}{head}{digits[:-1]}{letters}{after}"
    if not letters:
        yield "work letter", f"{before}{last[0]}a{after}"
        yield "work letter", f"{before}{last[0]}x{after}"
    yield "another cutter", f"{before}Z9376{after}"
    yield "cutter added", f"{before}{last[0]} A2{after}"
    yield "own shelving scheme", f"CD {digits}"
    yield "own shelving scheme", f"FIC {head.upper()}{digits}"
    yield "other scheme", f"839.31 {head.upper()}{digits}{letters.lower()}"
    if _YEAR.match(words[-1][0].lower()):
        begin = number[: words[-1].start()]
        year = int(words[-1][0][:4])
        yield "year left out", begin.rstrip(" '")
        yield "year of the copy", f"{begin}{year + 1}"
        yield "year of the copy", f"{begin}{year + 30}"
        yield "letter of an edition", f"{begin}{year}b"
    else:
        yield "year of the copy", f"{number} 1998"
