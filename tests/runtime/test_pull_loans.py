"""Lines of a pull list on loan: what counts as an answer of the library system, and when it is asked no more."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from station.base.errors import DepartureRefused, RecordNotTold, StationError, Unreachable
from station.domain.item import Barcode, ItemRecord
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.withdrawals.pull_list import PullLine, PullListStanding, PullOutcome, PullStanding
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.runtime.pull_loans import GIVES_UP, MOST_ASKED, LoansAsked, asked_loans, loans_of
from tests.support.told import raises_told

OPEN = PullListStanding(
    id="pull-1", name="Cooking", reason="weeded", destination="recycle", imported_at="", imported_by="tess", newest=1
)


def loans(count: int) -> tuple[PullStanding, ...]:
    """Return lines on loan, each ticked after the next one."""
    return tuple(
        PullStanding(
            list="pull-1", content=PullLine(line=f"{n}", barcode=f"{n}"), outcome=PullOutcome.ON_LOAN, at=f"{9999 - n}"
        )
        for n in range(count)
    )


def answered(source: str, reply: Reply) -> ItemAnswer:
    sign = SignAnswer(sign=Sign.LOAN, reply=reply, source=source)
    return ItemAnswer(record=ItemRecord(barcode=Barcode("1")), signs=(sign,))


class System:
    """Gives these answers in turn, and the last one from then on; raises an error."""

    def __init__(self, *answers: ItemAnswer | StationError) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, question: ItemQuestion) -> ItemAnswer:
        assert question.signs
        answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append(question.barcode)
        if isinstance(answer, StationError):
            raise answer
        return answer


def about(system: System, count: int = 1) -> LoansAsked:
    return asked_loans(loans(count), system, ("file", "alma"), "tess")


def test_each_answer_of_the_library_system_is_counted_and_ticked_with_its_source() -> None:
    system = System(
        answered("alma", Reply.YES), answered("alma", Reply.NO), ItemAnswer(unknown_to="alma"), Unreachable("down")
    )
    asked = about(system, 4)
    assert [(tick.line, tick.outcome, tick.source, tick.operator) for tick in asked.ticks] == [
        ("1", PullOutcome.BACK, "alma", "tess"),
        ("2", PullOutcome.GONE, "alma", "tess"),
    ]
    assert (asked.still, asked.unanswered) == (1, 1)
    assert [sentence.key.rpartition(".")[2] for sentence in asked.sentences] == ["back", "gone", "still", "unanswered"]


@pytest.mark.parametrize(
    "answer",
    [
        answered("catalog", Reply.NO),
        answered("record", Reply.NO),
        answered("alma", Reply.NOT_KNOWN),
        ItemAnswer(record=ItemRecord(barcode=Barcode("1"))),
        ItemAnswer(),
        RecordNotTold("down"),
    ],
)
def test_what_only_a_record_says_is_no_answer(answer: ItemAnswer | StationError) -> None:
    assert about(System(answer)) == LoansAsked(unanswered=1)


def test_a_silent_library_system_is_asked_no_more() -> None:
    silent, slow = (
        System(Unreachable("down")),
        System(*[Unreachable("busy")] * (GIVES_UP - 1), answered("alma", Reply.YES)),
    )
    assert about(silent, 20).unanswered == 20 and len(silent.asked) == GIVES_UP
    assert about(slow, 20).still == 20 - GIVES_UP + 1 and len(slow.asked) == 20


def test_of_a_long_list_the_lines_that_wait_longest_are_asked_about() -> None:
    system = System(answered("alma", Reply.YES))
    lines = [replace(line, recalled=True) for line in loans(MOST_ASKED + 5)]
    asked = asked_loans(loans_of(OPEN, lines), system, ("alma",), "tess")
    assert (asked.still, asked.unanswered) == (MOST_ASKED, 5)
    assert system.asked[0] == f"{MOST_ASKED + 4}" and "4" not in system.asked
    assert {(tick.outcome, tick.recalled, tick.source) for tick in asked.ticks} == {(PullOutcome.ON_LOAN, True, "alma")}
    assert len(asked.ticks) == MOST_ASKED, "each has a newer tick, so that the others are asked about the next time"


def test_only_lines_on_loan_of_an_open_list_are_asked_about() -> None:
    (line,) = loans(1)
    others = [replace(line, outcome=outcome) for outcome in (None, *PullOutcome) if outcome is not PullOutcome.ON_LOAN]
    assert loans_of(OPEN, [*others, replace(line, withdrawal="withdrawal-2"), line]) == (line,)
    with raises_told(DepartureRefused, "is closed"):
        loans_of(replace(OPEN, closed_at="2026-12-01"), [line])
