"""The orders screen: the orders for the item in hand, in pages, confirmed by a second tap, at all sizes.

`station library` does the same, with the same rights.
"""

from __future__ import annotations

import msgspec
import pytest

from station.domain.deliveries.delivery import Offer
from station.domain.deliveries.intents import FactsIntent, MembersIntent, ScanInIntent
from station.tui.pages.library_orders import LibraryOrdersScreen
from station.tui.widgets.touch import SMALL, Go
from tests.support.told import told
from tests.tui.pages.test_outbox import FakeOutbox
from tests.tui.running_app import EVERY_SIZE, Desk, running
from tests.tui.scenes import SCENES

BARCODE = str(SCENES["check-label"].item.barcode)  # type: ignore[union-attr]
SCAN = Offer(system="alma", barcode=BARCODE, intent=ScanInIntent(barcode=BARCODE, library="M", department="TECHSERV"))
TORN = Offer(system="alma", barcode=BARCODE, intent=FactsIntent(barcode=BARCODE, condition="TORN"))
SETS = tuple(
    Offer(system="alma", barcode=BARCODE, intent=MembersIntent(set_id=str(7000 + n), barcodes=(BARCODE,)))
    for n in range(30)
)


class Orders(FakeOutbox):
    """An outbox that takes orders too."""

    def __init__(self, *offers: Offer, error: Exception | None = None) -> None:
        super().__init__()
        self.made, self.refuses = offers, error
        self.asked: list[str] = []
        self.given: list[tuple[Offer, str]] = []

    def offers(self, barcode: str) -> tuple[Offer, ...]:
        self.asked.append(barcode)
        return self.made

    def give(self, offer: Offer, operator: str) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.given.append((offer, operator))


async def opened(desk: Desk) -> None:
    await desk.open(Go.OUTBOX)
    await desk.tap("Order")
    await settled(desk)
    assert isinstance(desk.app.screen, LibraryOrdersScreen)


async def settled(desk: Desk) -> None:
    await desk.app.workers.wait_for_complete()
    await desk.pilot.pause()


async def tap_line(desk: Desk, words: str) -> None:
    button = next(
        one for one in desk.buttons if one.offered is not None and any(words in line for line in one.offered.lines)
    )
    desk.later()
    await desk.pilot.click(button)
    await settled(desk)


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_an_order_is_shown_asked_twice_and_given_with_who_gave_it(size: tuple[int, int]) -> None:
    port = Orders(SCAN, TORN)
    async with running("check-label", size=size, outbox=port) as desk:
        desk.app.desk.snapshot = msgspec.structs.replace(desk.app.desk.snapshot, operator="Tess T.", worker="w-7")
        await opened(desk)
        assert port.asked == [BARCODE]
        for words in (
            BARCODE,
            "Scan in",
            "scan in at department TECHSERV",
            "condition TORN",
        ):
            assert words in desk.text, words
        for button in desk.buttons:
            assert button.region.width >= SMALL[0] and button.region.height >= SMALL[1]
        assert len(list(desk.app.screen.walk_children())) <= 50
        await tap_line(desk, "condition TORN")
        await desk.tap("No")
        await tap_line(desk, "TECHSERV")
        assert port.given == []
        await desk.tap("Yes, order it")
        await settled(desk)
        assert port.given == [(SCAN, "w-7")]
        assert "The outbox shows its progress." in desk.text


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_pages_show_each_order_once(size: tuple[int, int]) -> None:
    port = Orders(*SETS)
    async with running("check-label", size=size, outbox=port) as desk:
        await opened(desk)
        seen: list[str] = []
        for _ in range(40):
            seen += [told(offer.words) for offer in port.made if f"{told(offer.words)} " in desk.text]
            more = next(one for one in desk.buttons if one.offered and one.offered.label.startswith("Next"))
            if more.offered is None or not more.offered.enabled:
                break
            await desk.tap(more.offered.label)
        assert sorted(seen) == sorted(told(offer.words) for offer in port.made)


def test_no_two_offers_have_one_key() -> None:
    made = (SCAN, msgspec.structs.replace(SCAN, intent=msgspec.structs.replace(SCAN.intent, done=True)), TORN, *SETS)
    assert len({one.key for one in made}) == len(made)


async def test_another_item_takes_the_question_away() -> None:
    port = Orders(SCAN)
    async with running("check-label", outbox=port) as desk:
        await opened(desk)
        await tap_line(desk, "TECHSERV")
        item = msgspec.structs.replace(desk.app.desk.snapshot.item, barcode="31234000000031")
        await desk.show(msgspec.structs.replace(desk.app.desk.snapshot, item=item))
        await settled(desk)
        assert "Yes, order it" not in desk.text
        assert port.asked[-1] == "31234000000031"


async def test_without_an_item_or_a_system_it_says_what_is_missing() -> None:
    async with running("idle", outbox=Orders(SCAN)) as desk:
        await opened(desk)
        assert "Scan the item first" in desk.text and "TECHSERV" not in desk.text
    async with running("check-label", outbox=Orders()) as desk:
        await opened(desk)
        assert "No library system that is set up takes orders" in desk.text


async def test_without_a_port_there_is_no_such_button() -> None:
    async with running("check-label") as desk:
        await desk.open(Go.OUTBOX)
        assert "Order" not in desk.labels()
