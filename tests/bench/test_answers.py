"""A command carries a ticket; the snapshot reports the command's result under this ticket, as a code."""

from __future__ import annotations

import pytest

from station.domain.commands import CancelQuestion, Choose, Command, LoadRoll, Scan
from station.domain.notices import Answered
from tests.bench.test_authorise import desk, foreign, lend, locking
from tests.support.simulated_bench import BOOK, UNKNOWN, Rig
from tests.support.told import told


def answers(rig: Rig, command: Command, ticket: str = "mine") -> list[Answered]:
    rig.bench.handle(command, ticket)
    return [one for one in rig.now.answered if one.ticket == ticket]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (Scan(BOOK), "begun"),
        (Scan(UNKNOWN), "barcode-unknown"),
        (Scan("12"), "barcode-malformed"),
        (Scan("$$PASS"), "notice.not-possible"),
        (LoadRoll("Box 7"), "notice.roll"),
        (CancelQuestion(), "done"),
    ],
)
def test_a_command_is_answered_once_by_a_code(command: Command, code: str) -> None:
    (answer,) = answers(Rig(), command)
    assert answer.code == code


def test_the_item_in_hand_refuses_another_scan_in_the_words_of_the_screen() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    (answer,) = answers(rig, Scan(UNKNOWN))
    assert (answer.code, told(answer.sentence)) == ("notice.checks-first", told(rig.now.notice.sentence))


def test_a_command_that_waits_for_a_right_is_answered_when_it_is_lent() -> None:
    rig = desk("ann")
    foreign(rig)
    assert answers(rig, Choose("overwrite")) == []
    lend(rig, "tess")
    assert [one.code for one in rig.now.answered if one.ticket == "mine"] == ["done"]


def test_a_scan_that_began_an_item_is_answered_although_a_right_is_asked_for_at_once() -> None:
    rig = locking("ann")
    rig.world.place(rig.world.tag(1))
    rig.look()
    assert [one.code for one in answers(rig, Scan(BOOK))] == ["begun"]
    assert rig.now.sign_on_prompt is not None, "the site locks its tags, so the right is asked for"


def test_a_command_that_waits_for_a_right_is_answered_when_the_question_is_canceled() -> None:
    rig = desk("ann")
    foreign(rig)
    assert answers(rig, Choose("overwrite")) == []
    rig.bench.handle(CancelQuestion())
    assert [one.code for one in rig.now.answered if one.ticket == "mine"] == ["people.not-authorised"]


def test_an_old_answer_gives_way_to_newer_ones() -> None:
    rig = Rig()
    answers(rig, LoadRoll("Box 1"), "first")
    for number in range(20):
        answers(rig, LoadRoll(f"Box {number}"), str(number))
    assert "first" not in {one.ticket for one in rig.now.answered}
