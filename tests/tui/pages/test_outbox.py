"""The outbox screens: states by symbol and word, both sides of a conflict, decisions with confirmation, all sizes."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from station.base.errors import NotAllowed, StoreLocked
from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.commands import Settle
from station.domain.deliveries.delivery import DeliveryRate, DeliveryState
from station.domain.deliveries.intents import Decision, ScanInIntent, Side, item_of
from station.domain.notices import Notice
from station.domain.people.sign_on import Asks, SignOnPrompt, Why
from station.tui.pages.outbox import AT_THE_SCREEN, STATES, DeliveryScreen, OutboxScreen, counted, details
from station.tui.pages.sign_on import SignOnDialog
from station.tui.widgets.touch import MAIN, SMALL, Go
from tests.support.patience import PATIENCE_S
from tests.support.told import told
from tests.tui.running_app import EVERY_SIZE, Desk, running
from tests.tui.scenes import ITEM, OUTBOX, FakeQueries, delivery

CLASH = msgspec.structs.replace(
    delivery(5512, DeliveryState.PARKED, "somebody's own text stands in storage_location_id"),
    reason="conflict",
    sides=(Side("storage_location_id", "E004015012345678", "shelf 7"),),
    body='{"errorCode":"401652"}',
)
UNKNOWN = msgspec.structs.replace(
    delivery(7001, DeliveryState.PARKED, "re-reading cannot tell"),
    intent=ScanInIntent(barcode="31234000007001", department="TECHSERV"),
    sent=True,
)
SEVERAL = FakeQueries(outbox=(CLASH, UNKNOWN, *OUTBOX))


class FakeOutbox:
    """Records decisions, and returns prepared answers."""

    def __init__(self, answer: str = "queued", count: int = 1, error: Exception | None = None) -> None:
        self.answer, self.count, self.error = answer, count, error
        self.done: list[tuple[str, ...]] = []

    def retry(self, name: str | None, operator: str = "") -> int:
        self.done.append(("retry", name or ""))
        return self.count

    def decide(self, name: str, decision: Decision, operator: str, reason: str = "") -> str:
        if self.error is not None:
            raise self.error
        self.done.append((decision.value, name, operator))
        return self.answer


async def opened(desk: Desk, tapped: str) -> None:
    await desk.open(Go.OUTBOX)
    await opened_from(desk, tapped)


async def opened_from(desk: Desk, tapped: str) -> None:
    button = next(
        one for one in desk.buttons if one.offered is not None and any(tapped in line for line in one.offered.lines)
    )
    desk.later()
    await desk.pilot.click(button)
    await desk.pilot.pause()
    assert isinstance(desk.app.screen, DeliveryScreen)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_the_list_says_state_system_item_and_reason(size: tuple[int, int]) -> None:
    async with running(size=size) as desk:
        await desk.open(Go.OUTBOX)
        assert isinstance(desk.app.screen, OutboxScreen)
        for words in ("1 needs a person, 1 being looked up", "31234000007731", STATES[DeliveryState.PARKED]):
            assert words in desk.text
        assert "Alma: 3 waiting, sent within a minute" in desk.text
        assert not any(f"1 {state.value}" in desk.text for state in DeliveryState if "-" in state.value)
        assert "no answer within 20 s" in desk.text
        await desk.tap("Parked")
        await desk.app.workers.wait_for_complete()
        await desk.pilot.pause()
        assert "31234000005512" in desk.text
        assert "31234000007731" not in desk.text


def test_counts_are_words_and_what_needs_somebody_comes_first() -> None:
    counts = {state.value: 2 for state in DeliveryState}
    assert counted(counts) == (
        "2 need a person, 2 being looked up, 2 tried again later, 2 being sent, 2 waiting, 2 delivered, 2 discarded"
    )
    assert counted({"parked": 1, "pending": 1}) == "1 needs a person, 1 waiting"
    assert counted({}) == "Nothing yet."


async def test_a_failed_try_is_told_in_words_and_its_technical_reason_is_for_staff() -> None:
    failed = msgspec.structs.replace(
        delivery(4217, DeliveryState.DEFERRED, "unreachable: http://localhost:9: [Errno 111] Connection refused"),
        reason="unreachable",
    )
    async with running(queries=FakeQueries(outbox=(failed,))) as desk:
        await desk.open(Go.OUTBOX)
        await until(desk, "The library system does not answer")
        assert ITEM.title[:25] in desk.text and failed.lane in desk.text
        assert "Errno" not in desk.text and "unreachable" not in desk.text
        await opened_from(desk, failed.lane)
        assert f"{ITEM.title} · " in desk.text
        assert "For staff: unreachable: http://localhost:9: Connection refused" in desk.text


async def test_the_list_follows_what_happens_while_it_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """No snapshot is published: deliveries that move do not change the depth."""
    monkeypatch.setattr("station.tui.pages.outbox.REFRESH_S", 0.05)
    queries = FakeQueries(outbox=OUTBOX)
    async with running(queries=queries) as desk:
        await desk.open(Go.OUTBOX)
        assert "31234000009990" not in desk.text
        queries.outbox = (delivery(9990, DeliveryState.LEASED), *OUTBOX)
        queries.flow = (DeliveryRate(system="alma", waiting=4, still_s=600.0),)
        await until(desk, "31234000009990")
        assert "1 being sent" in desk.text
        assert "nothing sent for 10 min" in desk.text
        await opened_from(desk, "31234000009990")
        queries.error = StoreLocked("held")
        await desk.tap("< Back")
        await until(desk, told(StoreLocked().sentence)[:30])
        queries.error = None
        await until(desk, "31234000009990")


async def until(desk: Desk, words: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while words not in desk.text:
            await desk.pilot.pause(0.02)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_conflict_shows_both_sides_and_all_four_decisions(size: tuple[int, int]) -> None:
    async with running(size=size, queries=SEVERAL, outbox=FakeOutbox()) as desk:
        await opened(desk, "31234000005512")
        for words in ("storage_location_id", "E004015012345678", "shelf 7", "Try again", "Keep theirs", "Send ours"):
            assert words in desk.text, words
        assert "Discard" in desk.text
        for button in desk.buttons:
            if button.offered is not None and button.display:
                least = SMALL if size[1] < 30 else (MAIN if button.offered.label in ("Try again",) else SMALL)
                assert button.region.width >= least[0]
                assert button.region.height >= least[1]


@pytest.mark.parametrize(
    ("label", "decision"),
    [("Keep theirs", "keep-theirs"), ("Send ours", "send-ours"), ("Discard", "discard")],
)
async def test_a_decision_is_asked_for_twice_and_carries_the_operator(label: str, decision: str) -> None:
    outbox = FakeOutbox()
    async with running(queries=SEVERAL, outbox=outbox) as desk:
        await opened(desk, "31234000005512")
        await desk.tap(label)
        assert outbox.done == []
        await desk.tap("No")
        assert outbox.done == []
        await desk.tap(label)
        await desk.tap(f"Yes: {label.lower()}")
        await desk.app.workers.wait_for_complete()
        await desk.pilot.pause()
        assert outbox.done == [(decision, "d5512", desk.app.desk.snapshot.worker)]
        assert tell("outbox.answer.queued") in desk.text
        assert "Send ours" not in desk.text, "the conflict is decided"


async def test_what_may_have_been_sent_says_so_before_it_is_sent_again() -> None:
    async with running(queries=SEVERAL, outbox=FakeOutbox()) as desk:
        await opened(desk, "31234000007001")
        await desk.tap("Send ours")
        assert "may have been sent once already" in desk.text


async def test_try_again_needs_no_second_tap_and_a_refusal_is_a_sentence() -> None:
    outbox = FakeOutbox(answer="superseded")
    async with running(queries=SEVERAL, outbox=outbox) as desk:
        await opened(desk, "31234000005512")
        await desk.tap("Try again")
        await desk.app.workers.wait_for_complete()
        await desk.pilot.pause()
        assert outbox.done == [("retry", "d5512")]
    async with running(queries=SEVERAL, outbox=outbox) as desk:
        await opened(desk, "31234000005512")
        await desk.tap("Send ours")
        await desk.tap("Yes: send ours")
        await desk.app.workers.wait_for_complete()
        await desk.pilot.pause()
        assert "would undo it" in desk.text


async def test_a_store_that_fails_is_a_sentence() -> None:
    async with running(queries=SEVERAL, outbox=FakeOutbox(error=StoreLocked("held"))) as desk:
        await opened(desk, "31234000005512")
        await desk.tap("Discard")
        await desk.tap("Yes: discard")
        await desk.app.workers.wait_for_complete()
        await desk.pilot.pause()
        assert told(StoreLocked().sentence)[:40] in desk.text


async def test_who_may_not_decide_is_told_so_and_who_decides_is_named_as_in_the_journal() -> None:
    outbox = FakeOutbox(error=NotAllowed("settle: technician or above"))
    async with running(queries=SEVERAL, outbox=outbox) as desk:
        desk.app.desk.snapshot = msgspec.structs.replace(desk.app.desk.snapshot, operator="Bea B.", worker="w-17")
        await opened(desk, "31234000005512")
        for error in (outbox.error, None):
            outbox.error = error
            await desk.tap("Keep theirs")
            await desk.tap("Yes: keep theirs")
            await desk.app.workers.wait_for_complete()
            await desk.pilot.pause()
            assert ("Ask a person who may" in desk.text) is (error is not None)
        assert outbox.done == [("keep-theirs", "d5512", "w-17")]


async def test_where_people_sign_on_a_technician_is_asked_for_and_the_same_delivery_says_what_came_of_it() -> None:
    outbox = FakeOutbox(error=NotAllowed("settle: technician or above", "settle"))
    sign_on_prompt = SignOnPrompt(
        asks=Asks.WHO, why=Why.AUTHORISE, what=Sentence.verbatim("x"), role="technician", leave=True
    )
    async with running(queries=SEVERAL, outbox=outbox) as desk:
        signed = msgspec.structs.replace(desk.app.desk.snapshot, sign_on=True, worker="w-17")
        await desk.show(signed)
        await opened(desk, "31234000005512")
        for code, over in (("people.not-authorised", False), ("outbox.answer.queued", True)):
            notice = tell(code)
            await desk.tap("Keep theirs")
            await desk.tap("Yes: keep theirs")
            await desk.app.workers.wait_for_complete()
            await desk.pilot.pause()
            await desk.pilot.pause()
            assert desk.bench.sent == [Settle("d5512", Decision.KEEP_THEIRS, AT_THE_SCREEN)]
            desk.bench.sent.clear()
            await desk.show(msgspec.structs.replace(signed, sign_on_prompt=sign_on_prompt))
            assert isinstance(desk.app.screen, SignOnDialog)
            await desk.show(msgspec.structs.replace(signed, notice=Notice(code, Sentence.of(notice))))
            assert isinstance(desk.app.screen, DeliveryScreen) and notice in " ".join(desk.text.split())
            assert ("Send ours" not in desk.labels()) is over


async def test_without_a_port_nothing_can_be_decided() -> None:
    async with running(queries=SEVERAL) as desk:
        await opened(desk, "31234000005512")
        assert "Send ours" not in desk.text


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_pages_and_no_more_than_fifty_widgets(size: tuple[int, int]) -> None:
    rows = tuple(delivery(number, DeliveryState.PENDING) for number in range(100, 160))
    async with running(size=size, queries=FakeQueries(outbox=rows)) as desk:
        await desk.open(Go.OUTBOX)
        assert len(list(desk.app.screen.walk_children())) <= 50
        seen = set()
        for _ in range(60):
            seen |= {row.id for row in rows if item_of(row.intent) in desk.text}
            older = next(one for one in desk.buttons if one.offered and one.offered.label == "Older >")
            if older.offered is None or not older.offered.enabled:
                break
            await desk.tap("Older >")
            await desk.app.workers.wait_for_complete()
            await desk.pilot.pause()
        assert len(seen) == len(rows)


def test_what_keeps_an_item_is_named_in_plain_words() -> None:
    kept = msgspec.structs.replace(CLASH, sides=(Side("process", "withdrawn", "process_type LOST_LOAN"),))
    shown = " ".join(line.plain for line in details(kept, 80))
    assert "State in Alma" in shown and "deleted" in shown and "LOST_LOAN" in shown
    assert "withdrawn" not in shown
