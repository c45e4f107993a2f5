"""A journal tells its sentences for ever: no key that it may hold leaves the catalog, and none changes its values."""

from __future__ import annotations

import json

from station.domain import events as ev
from tests.architecture.source_files import parsed
from tests.golden import journal_keys
from tests.golden.shifts import SHIFTS
from tests.support.for_each import for_each


def test_every_key_that_journals_may_hold_is_listed_and_still_told() -> None:
    wrong = journal_keys.problems(journal_keys.listed(), journal_keys.journaled(), journal_keys.catalog())
    assert not wrong, "docs/how-to/add-a-sentence.md, A sentence of the journal:\n" + "\n".join(wrong)


def test_what_a_shift_journals_is_listed() -> None:
    listed = journal_keys.listed()
    held = {
        (key, tuple(values))
        for event in SHIFTS["mishaps"]().rig.journal.events
        for key, values in journal_keys.keys_in(json.loads(ev.encode(event)))
    }
    assert held, "the shift journals sentences with keys"
    assert {(key, values) for key, values in held if list(values) != listed.get(key)} == set()


@for_each(
    ("change", "problem"),
    [
        ({}, "detail.attempts has left the catalog"),
        ({"detail.attempts": ["number"]}, "detail.attempts takes ['number'], and journals hold ['count']"),
        ({"detail.attempts": ["count"], "detail.new": []}, "detail.new is new"),
    ],
)
def test_a_change_that_a_journal_would_not_survive_is_found(change: journal_keys.Keys, problem: str) -> None:
    (found,) = journal_keys.problems({"detail.attempts": ["count"]}, change, change)
    assert problem in found


def test_a_key_is_found_whole_and_composed() -> None:
    source = parsed(
        "a.py", 'Sentence("detail.one")\nSentence(f"state.{code}.two")\nSentence.english(text, f"word.{name}")'
    )
    keys = ["detail.one", "detail.other", "state.idle.two", "state.idle", "state.a.b.two", "word.three"]
    assert journal_keys.named([source], keys) == {"detail.one", "state.idle.two"}
