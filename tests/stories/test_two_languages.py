"""An English station with a worker who reads Spanish: the worker's screens are Spanish, and all else is English."""

from __future__ import annotations

import asyncio
from pathlib import Path

from station.base import words
from station.base.sentence import Sentence
from station.base.settings import Settings, load
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import ScanInIntent
from station.domain.events import DeliveryChanged, DeliveryOrdered
from station.domain.people.sign_on import Claim, Pin
from station.https import certificates
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.station import Station
from station.store.people.names import People
from station.store.queries.queries import Queries
from station.tui.app import StationApp
from station.tui.widgets.touch import TouchButton
from tests.cli.session.test_sign_on import PINS, prepare
from tests.conftest import FakeClock
from tests.support import station_process
from tests.support.served_pad import NOW, Desk, FakePad, until
from tests.tui.settling import settled

ITEM = "31234000000015"
WORKER = "w-ann"


def receipts(data: Path) -> list[Sentence]:
    events = [row.event for row in Queries(data / JOURNAL, FakeClock()).events()]
    return [event.detail for event in events if isinstance(event, DeliveryChanged)]


async def labels_on_screen(station: Station, settings: Settings) -> list[str]:
    app = StationApp(station.bench, station.queries, settings)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(pilot)
        return [button.offered.label for button in app.screen.query(TouchButton) if button.offered]


def test_a_worker_reads_spanish_at_an_english_station(tmp_path: Path) -> None:
    data = prepare(tmp_path / "data", **{"web.enabled": True, "web.port": 0, "delivery.file.enabled": True})
    People(data / PEOPLE).speak(WORKER, "es")
    settings = load(data / "station.toml")
    authority, _ = certificates.make(data, settings.web.names, NOW)
    words.use(settings.screen.language, None)
    library = words.current_session().library
    texts = words.station_session()
    with hold(data) as held:
        station = Station(settings, data, texts)
        station.start()
        server = serving(held, station, lambda: None)
        server.start()
        try:
            assert station.web is not None
            page = Desk(FakePad(), station.web, authority)
            english_refusal = page.call("GET", "/getItems")
            assert english_refusal.status == 503 and english_refusal.message
            station.service.sign_on(Claim(name="ann", pin=Pin(PINS["ann"])))
            until(lambda: station.bench.snapshot.worker == WORKER)

            labels = asyncio.run(labels_on_screen(station, settings))
            assert library.catalogue("es").tell("button.menu", None, {}) in labels

            store = station.store
            order = ScanInIntent(barcode=ITEM, desk="FRONT", operator=WORKER)
            store.journal.record(
                DeliveryOrdered(system="file", intent=order, operator=WORKER),
                deliveries=[NewDelivery("file", ITEM, order)],
            )
            until(lambda: len(receipts(data)) == 1)
            assert receipts(data) == [Sentence("delivery.line", file="results.jsonl")]

            listed = station_process.station(tmp_path, "outbox", "list", "--json", "--data", str(data))
            assert [row["detail"] for row in listed.json["deliveries"]] == ["line in results.jsonl"]
            assert page.call("GET", "/getItems").message == english_refusal.message
        finally:
            server.stop()
            station.stop()
