"""A failed check as a sentence: the rule's title, then the reason.

Rules, and the journal, have these texts in English. The catalog's area `question` repeats those of the shipped rules, so
that a face tells them in its language. A text that it does not have is that of a site, of an older journal, or of the
machine; it is shown as it is.
"""

from __future__ import annotations

from typing import Final

from station.base.sentence import EMPTY, Sentence, Value
from station.base.settings import Corrections

READY: Final = "note.ready"
"""Beginning of the keys of the station's ready notes."""
READY_NOTES: Final = frozenset(Corrections().ready_notes)
"""The station's ready notes, in English."""


def in_use(name: str, text: str, **values: Value) -> Sentence:
    """Return a rule's text. `name`: where the area `question` repeats it; `text`: in English; `values`: for its places."""
    return Sentence.english(text, f"question.{name}", **values)


def title_of(rule: str, title: str) -> Sentence:
    """Return the title of a rule. `rule`: its id."""
    return in_use(f"title.{rule}", title)


def reason_of(reason: Sentence) -> Sentence:
    """Return the reason of a fail. A person's reason is journaled as its phrase in English."""
    return reason if reason.text is None else Sentence.english(reason.text, "question.phrase")


def note_of(text: str) -> Sentence:
    """Return a note to a fail. A ready note of the station is journaled as its text in English, with the key under which
    the catalogs repeat it; any other note is the same in each language."""
    return Sentence.english(text, READY) if text in READY_NOTES else Sentence.verbatim(text)


def told(rule: str, title: str, reason: Sentence = EMPTY, note: Sentence = EMPTY) -> Sentence:
    """Return a defect as people read it: the rule's title, then the reason, then a person's note."""
    defect = title_of(rule, title)
    defect = Sentence("finding.said", title=defect, reason=reason_of(reason)) if reason else defect
    return Sentence("finding.said-note", said=defect, note=note) if note else defect
