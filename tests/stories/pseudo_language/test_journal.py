"""Journal, corrections and advice in the pseudo-language (`tests.support.pseudo_language`)."""

from __future__ import annotations

import msgspec
import pytest

import station.base.words
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, Result
from station.domain.corrections.correction import Entry, Step
from station.domain.corrections.correction import opened as correction_opened
from station.domain.corrections.words import OVERDUE, headline, waits_for, words
from station.domain.findings import Severity
from station.domain.people.rights import Role
from station.domain.reader_health import Advice, LineHealth, OperationHealth, ReaderHealth, advice, placement
from station.store.queries.second_check_cover import hidden_sentence
from station.store.queries.summaries import summary
from tests.support import sample_events
from tests.support.for_each import for_each
from tests.support.pseudo_language import catalogue, plain_words, pseudo
from tests.support.told import told


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())


def test_the_pseudo_language_finds_what_goes_around_the_catalogue() -> None:
    assert pseudo("{n} items of {all}") == "{n} ｉｔｅｍｓ ｏｆ {all}"
    assert plain_words(station.base.words.tell("release.scan")) == set()
    assert plain_words("ｉｔｅｍｓ of A title", "A title") == {"of"}


@for_each("event", sample_events.ONE_OF_EACH)
def test_the_journal_says_nothing_by_itself(event: ev.AnyEvent) -> None:
    """Every kind of event, with and without an authorizing person."""
    for one in (event, msgspec.structs.replace(event, authorised="w-9", operator="w-8")):
        assert plain_words(told(summary(one)), ev.encode(one).decode()) == set()


def test_what_stands_for_a_hidden_event() -> None:
    assert plain_words(told(hidden_sentence("3123"))) == set()


OPENED = ev.CorrectionOpened(
    correction="k1",
    barcode="3123",
    rule="r1",
    title=Sentence.verbatim("TITLE"),
    due="2026-01-01",
    found_by="w-1",
    reason=Sentence.verbatim("WHY"),
    note=Sentence.verbatim("NOTE"),
)
STEPS: tuple[ev.CorrectionStep | ev.CorrectionOpened | ev.FindingWaived, ...] = (
    OPENED,
    msgspec.structs.replace(OPENED, part=2, parts=3),
    ev.CorrectionAssigned(correction="k1", owner="OWNER", operator="w-1"),
    ev.CorrectionAssigned(correction="k1", due="2026-01-01", operator="w-1"),
    ev.CorrectionAssigned(correction="k1", owner="OWNER", due="2026-01-01", reason="WHY", operator="w-1"),
    ev.CorrectionMended(correction="k1", note=Sentence.verbatim("NOTE"), operator="w-1"),
    *(
        ev.CorrectionRechecked(
            correction="k1", passed=passed, by_machine=machine, reason=Sentence.verbatim("WHY"), operator="w-1"
        )
        for passed in (True, False)
        for machine in (True, False)
    ),
    *(
        ev.CorrectionClosed(correction="k1", result=result, reason=Sentence.verbatim("WHY"), operator="")
        for result in Result
    ),
    ev.SecondCheckSeen(correction="k1", operator="w-1"),
    ev.FindingWaived(
        barcode="3123",
        rule="r1",
        title=Sentence.verbatim("TITLE"),
        severity=Severity.MAJOR,
        reason="WHY",
        operator="w-1",
        role=Role.OPERATOR,
    ),
)


@for_each("event", STEPS)
def test_a_correction_says_nothing_by_itself(event: ev.CorrectionStep) -> None:
    records = "TITLE WHY NOTE OWNER operator"
    assert plain_words(told(words(Step(1, "t", event), {})), records) == set()
    for kind in CorrectionKind:
        now = msgspec.structs.replace(correction_opened(OPENED), kind=kind)
        entry = Entry(correction=now, steps=(Step(1, "t", OPENED),), opened_at="t")
        assert plain_words(f"{told(headline(entry))} {told(waits_for(entry))} {told(OVERDUE)}", records) == set()


WHO = {"since": "", "until": "", "driver": "", "port": ""}


def test_the_advice_about_reader_and_place_says_nothing_by_itself() -> None:
    line = LineHealth(exchanges=100, garbled=9, silent=9, stray=4)
    silent = OperationHealth(name="read_blocks", done=50, errors={"tag-absent": 50})
    bad = ReaderHealth(**WHO, lost=2, line=line, operations=(silent,))
    found: list[Advice] = [*advice(bad), *advice(ReaderHealth(**WHO))]
    found += advice(ReaderHealth(**WHO, line=LineHealth(exchanges=100)))
    for polls in (
        [],
        [frozenset({"E0"})] * 3,
        [frozenset({"E0"}), frozenset()],
        [frozenset({"E0", "E1"})] * 9 + [frozenset()],
    ):
        found += placement(polls, unresolved=len(polls) % 2, unheard=len(polls) % 2).advice
    assert len({one.key for one in found}) >= 9
    for one in found:
        assert plain_words(told(one.sentence).replace("reader.answer_ms", ""), "E0 E1") == set(), one.key
