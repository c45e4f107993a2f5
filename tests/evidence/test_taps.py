"""Taps of a scripted shift: those that were made are those that the journal tells, and no kind takes more than its
limit."""

from __future__ import annotations

import asyncio

from scripts.evidence.taps import KINDS, LIMITS, counted
from station.domain.events import CheckAnswered
from tests.support.simulated_bench import SETTINGS
from tests.tui.scripted_shift import TRAINEES, Trainees, play


def test_the_journal_tells_the_taps_of_a_scripted_shift() -> None:
    done, events = asyncio.run(play())
    judged = counted(events)
    assert [(tag.barcode, tag.taps) for tag in judged] == [(item.barcode, figures.taps) for item, figures in done]
    assert {tag.kind for tag in judged} == set(KINDS)
    assert [tag for tag in judged if tag.taps > LIMITS[tag.kind]] == []
    assert [figures.taps for item, figures in done if item.name.startswith("set")] == [1, 1, 1]


def test_a_trainees_book_takes_three_taps_after_each_question_had_its_time() -> None:
    ((_, figures),), events = asyncio.run(play(TRAINEES, Trainees()))
    answers = [event for _, event in events if isinstance(event, CheckAnswered)]
    assert (figures.taps, len({answer.finding.rule for answer in answers}), len(answers)) == (3, 7, 7)
    assert figures.asleep_s >= 7 * SETTINGS.screen.all_good_after
    assert not any(answer.quick for answer in answers)
