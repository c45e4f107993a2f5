"""The screen offers what settings and library systems permit, and an order from there takes effect once."""

from __future__ import annotations

from pathlib import Path
from random import Random

from station.base import settings as configuration
from station.domain.deliveries.intents import FactsIntent, MembersIntent, kind
from station.runtime.library_systems import systems
from station.runtime.order_offers import offers
from station.sync.courier.courier import Courier
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess
from tests.support.station_service import service_of
from tests.support.told import told
from tests.sync.conftest import alma, alma_process

__all__ = ["alma", "alma_process"]

TOML = """
[library]
isil = "US-XxExmp"
[barcodes]
length = 0
prefixes = []
check_digit = "none"
[delivery.file]
enabled = true
[delivery.alma]
enabled = true
base_url = "{alma}"
{more}
"""
PLACE = 'mapping = "ours.toml"\nlibrary = "MAIN"\ndepartment = "TECHSERV"\nwork_order_type = "RFID"'
MAPPING = """
name = "ours"
[fields]
internal_note_3 = "{entry}"
physical_condition = "{condition}"
[conditions]
spine-label = "RELABEL"
"""


def made(folder: Path, alma: AlmaProcess, more: str = PLACE) -> configuration.Settings:
    (folder / "credentials").mkdir(mode=0o700)
    (folder / "credentials" / "alma").write_text(CANARY)
    (folder / "credentials" / "alma").chmod(0o600)
    (folder / "ours.toml").write_text(MAPPING)
    (folder / "station.toml").write_text(TOML.format(alma=alma.base_url, more=more))
    return configuration.load(folder / "station.toml")


def test_places_codes_and_sets_that_are_known(tmp_path: Path, alma: AlmaProcess) -> None:
    settings = made(tmp_path, alma)
    found = offers(settings, tmp_path, systems(settings, tmp_path), ("7001",), "1")
    assert [told(offer.words) for offer in found] == [
        "scan in at department TECHSERV", "scan in at department TECHSERV, done", "condition RELABEL", "set 7001",
    ]  # fmt: skip
    assert {offer.system for offer in found} == {"alma"}


def test_two_systems_offer_their_orders(tmp_path: Path, alma: AlmaProcess) -> None:
    more = f'{PLACE}\n[delivery.sip2]\nenabled = true\nhost = "127.0.0.1"\ntls = "none"\ndesk = "FRONT"'
    settings = made(tmp_path, alma, more)
    found = offers(settings, tmp_path, systems(settings, tmp_path), (), "1")
    assert [(offer.system, kind(offer.intent)) for offer in found][2:] == [
        ("alma", "facts"), ("sip2", "scan-in"),
    ]  # fmt: skip


def test_without_a_place_or_a_mapping_these_are_not_offered(tmp_path: Path, alma: AlmaProcess) -> None:
    settings = made(tmp_path, alma, more="")
    assert offers(settings, tmp_path, systems(settings, tmp_path), (), "1") == ()


def test_an_order_takes_effect_once(tmp_path: Path, alma: AlmaProcess) -> None:
    settings = made(tmp_path, alma)
    from station.base.clock import SystemClock
    from station.runtime.data_directory import JOURNAL
    from station.store.owner import open_store

    store, connected = open_store(tmp_path / JOURNAL, SystemClock()), systems(settings, tmp_path)
    service = service_of(settings, tmp_path, store, connected)
    try:
        scan = next(offer for offer in service.offers("1") if isinstance(offer.intent, FactsIntent))
        service.give(scan, "bea")
        assert not any(isinstance(offer.intent, MembersIntent) for offer in service.offers("1"))
        courier = Courier(store.outbox, connected, FakeClock(), Random(1))
        for _ in range(6):
            courier.step()
        assert store.queries.outbox_counts() == {"delivered": 1}, store.queries.outbox_page()
        assert [(effect["kind"]) for effect in alma.effects()] == ["item-put"]
        assert [row.intent.operator for row in store.queries.outbox_page()] == ["bea"]
    finally:
        store.close()


def test_sets_are_those_that_were_used_the_newest_first(tmp_path: Path) -> None:
    from station.base.clock import SystemClock
    from station.domain.deliveries.delivery import NewDelivery
    from station.domain.events import StationStarted
    from station.store.owner import open_store

    store = open_store(tmp_path / "journal.db", SystemClock())
    try:
        for set_id in ("7001", "7002", "7001", "7003", "7001"):
            intent = MembersIntent(set_id=set_id, barcodes=("1",))
            store.journal.record(
                StationStarted(version="0", station="s"), deliveries=[NewDelivery("alma", f"set:{set_id}", intent)]
            )
        assert store.queries.set_ids() == ("7001", "7003", "7002")
        assert store.queries.set_ids(1) == ("7001",)
    finally:
        store.close()
