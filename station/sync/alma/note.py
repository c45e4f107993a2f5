"""The station's entries in a note field of an Alma item.

A note is shared; the station owns only its own entries and changes nothing else. An entry has a closed grammar, so that
it is found complete anywhere in the note, whatever other text is around it:

    RFID [ID] VERDICT PART/PARTS UID DATE (RULE, RULE)
    RFID [ID] says "TEXT"

ID is the delivery's id (percent-encoded), the parentheses list the failed rules, TEXT is a person's text without
quotation marks. Entries are separated by " | ", not by line breaks, because a note passes through one-line input
fields. Older entries stay as history until the note's limit is reached; then the oldest are removed first. The sources
at hand do not document the maximum length of a note (open): the limit is a parameter.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from station.base.errors import Rejected
from station.base.sentence import Sentence
from station.base.text import clean, clean_sentence
from station.domain.deliveries.delivery import Delivery
from station.domain.deliveries.intents import NoteIntent, ResultIntent

SEPARATOR: Final = " | "
NOTE_LIMIT: Final = 1000
"""Default limit of the whole note, characters (a choice, see above)."""
RULES_SHOWN: Final = 5
_SAFE: Final = ":._-"
_TOKEN: Final = r"[A-Za-z0-9:._~%-]+"
_ENTRY: Final = re.compile(
    rf"RFID \[(?P<id>{_TOKEN})\] (?:[a-z]+ (?P<part>[0-9]+)/[0-9]+ (?:{_TOKEN}) (?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|-)"
    rf"(?: \({_TOKEN}(?:, {_TOKEN})*\))?|says \"[^\"]*\")"
)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def entry(delivery: Delivery) -> str:
    """Return the entry for one result or note. No names of people: operators stay in the station's journal."""
    intent = delivery.intent
    head = f"RFID [{quote(delivery.id, safe=_SAFE)}]"
    if isinstance(intent, NoteIntent):
        text = clean(intent.text, NOTE_LIMIT).replace('"', "'")
        return f'{head} says "{text}"'
    if not isinstance(intent, ResultIntent):
        raise Rejected(Sentence("alma.no-entry", what=clean_sentence(intent.words)))
    words = [
        head,
        intent.verdict.value,
        f"{intent.part}/{intent.parts}",
        quote(intent.uid, safe=_SAFE) or "-",
        day(delivery) or "-",
    ]
    rules = [quote(finding.rule, safe=_SAFE) for finding in intent.findings if finding.rule]
    if rules:
        shown = rules[:RULES_SHOWN]
        more = [f"{len(rules) - RULES_SHOWN}-more"] if len(rules) > RULES_SHOWN else []
        words.append(f"({', '.join(shown + more)})")
    return " ".join(words)


def day(delivery: Delivery) -> str:
    """Return the day of the delivery's event, YYYY-MM-DD; "" if it has none."""
    date = _DATE.match(delivery.event_at)
    return date[0] if date else ""


def holds(note: str, delivery: Delivery) -> bool:
    """Return True if the note has this delivery's entry, complete and unchanged (apart from white space)."""
    wanted = entry(delivery)
    return any(match[0] == wanted for match in _ENTRY.finditer(_one_line(note)))


def names(note: str, delivery: Delivery) -> bool:
    """Return True if the note has an entry with this delivery's id, whatever its other content."""
    wanted = quote(delivery.id, safe=_SAFE)
    return any(match["id"] == wanted for match in _ENTRY.finditer(_one_line(note)))


def may_have_later(note: str, delivery: Delivery) -> bool:
    """Return True if the note has a result of the same part that is not certainly earlier. Within one journal the
    numbers decide (an id begins with journal id and event number); between journals the order is unknown."""
    intent = delivery.intent
    if not isinstance(intent, ResultIntent):
        return False
    journal = quote(delivery.id, safe=_SAFE).split("-")[0]
    for match in _ENTRY.finditer(_one_line(note)):
        if match["part"] != str(intent.part):
            continue
        whose, _, rest = str(match["id"]).partition("-")
        number = rest.partition("-")[0]
        if not (whose == journal and number.isdecimal() and int(number[:18]) < delivery.event_seq):
            return True
    return False


def add(note: str, delivery: Delivery, limit: int = NOTE_LIMIT) -> str:
    """Return the note with this delivery's entry at its end. Foreign text stays character for character; own entries
    make room, oldest first. Raises `Rejected` if foreign text leaves no room."""
    newest = entry(delivery)
    text = f"{note}{SEPARATOR}{newest}" if note.strip() else newest
    while len(text) > limit:
        oldest = next(_ENTRY.finditer(text), None)
        if oldest is None or oldest.end() == len(text):
            raise Rejected(Sentence("alma.no-room", count=len(newest), limit=limit))
        text = _without(text, oldest.start(), oldest.end())
    return text


def same(note: str, other: str) -> bool:
    """Return True if two notes are equal apart from white space. (A service may trim or fold it.)"""
    return _one_line(note) == _one_line(other)


def _without(text: str, start: int, end: int) -> str:
    if text[:start].endswith(SEPARATOR):
        start -= len(SEPARATOR)
    elif text[end:].startswith(SEPARATOR):
        end += len(SEPARATOR)
    return text[:start] + text[end:]


def _one_line(text: str) -> str:
    return " ".join(text.split())
