"""A whole station behind the web service: emulated reader on a pty, real driver, journal and bench, real TLS on a free
port.

The tests judge a tag by the emulator's memory, which a literal decoder reads without the station's code.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from station.base.settings import load
from station.base.words import Session
from station.catalog.sample.sample import SAMPLE_ITEMS
from station.cli.admin.settings_file import template
from station.demo.process import Emulator
from station.domain.snapshot import Snapshot
from station.https import certificates
from station.runtime.station import Station
from tests.conftest import ROOT
from tests.support import station_process
from tests.support.controlled_emulator import controlled
from tests.support.served_pad import NOW, Desk, FakePad, until

ISIL = "US-ImagCC"
SECOND = SAMPLE_ITEMS[1][0]
"""The item in process."""
DVD = SAMPLE_ITEMS[13][0]
"""A set of three parts."""
BOOKS = tuple(SAMPLE_ITEMS[n][0] for n in (0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
"""Items of one part."""
IN_STOCK, ON_LOAN = 0x07, 0xC2


class Whole:
    """A running station with its web service, and methods that place and lift tags."""

    def __init__(self, data: Path, reader: Emulator, station: Station, desk: Desk) -> None:
        self.data, self.reader, self.station, self.desk = data, reader, station, desk

    @staticmethod
    def uid(number: int) -> str:
        return f"E004015000{number:06X}"

    def create(self, number: int, memory: bytes = b"", afi: int = 0, dsfid: int = 0) -> str:
        uid = self.uid(number)
        self.reader.call("create", uid=uid, chip="slix", memory=memory.hex(), afi=afi, dsfid=dsfid, locked=[])
        return uid

    def place(self, *uids: str) -> None:
        for uid in uids:
            self.reader.call("place", uid=uid)

    def lift(self) -> None:
        self.reader.call("lift")
        until(lambda: not self.now.tag_uid or self.now.item is not None)

    def memory(self, uid: str) -> dict[str, Any]:
        tag: dict[str, Any] = self.reader.call("dump", uid=uid)["tag"]
        return tag

    def says(self, uid: str) -> str | None:
        return station_process.identifier(self.memory(uid))

    @property
    def now(self) -> Snapshot:
        return self.station.bench.snapshot

    def journal(self, *kinds: str) -> list[dict[str, Any]]:
        found = [event for kind in kinds for event in station_process.events(self.data, kind)]
        return sorted(found, key=lambda event: event["seq"])


@contextlib.contextmanager
def whole(folder: Path, driver: str = "feig", profile: str = "", **web: Any) -> Iterator[Whole]:
    """Run a whole station on an emulated reader of this driver. `web` goes into station.toml; `profile` is the
    site's."""
    data = folder / "data"
    data.mkdir(mode=0o700, parents=True)
    (folder / "tags").mkdir()
    arguments = ["--link", str(folder / "reader"), "--memory", str(folder / "tags")]
    arguments += ["--control", str(folder / "c.sock"), "--clock", "virtual"]
    named, more = {"feig": ("feig", ["--no-drip"]), "3m": ("threem", [])}[driver]
    reader = controlled(named, [*arguments, *more], folder / "emulator.log")
    try:
        values: dict[str, Any] = {"library.isil": ISIL, "reader.port": str(folder / "reader"), "reader.poll_ms": 50}
        values |= {"reader.driver": driver} if driver != "feig" else {}
        if profile:
            (data / "site.toml").write_text(profile, encoding="utf-8")
            values["tag.profile"] = "site.toml"
        values |= {"web.enabled": True, "web.port": 0} | {f"web.{key}": value for key, value in web.items()}
        (data / "station.toml").write_text(template(**values), encoding="utf-8")
        settings = load(data / "station.toml")
        _import(data)
        authority, _ = certificates.make(data, settings.web.names, NOW)
        station = Station(settings, data, Session())
        station.start()
        try:
            assert station.web is not None
            until(lambda: station.bench.snapshot.reader_ready)
            yield Whole(data, reader, station, Desk(FakePad(), station.web, authority))
        finally:
            station.stop()
    finally:
        reader.stop()


def _import(data: Path) -> None:
    done = station_process.station(
        data.parent, "catalog", "import", str(ROOT / "station/catalog/data/sample.mrc"), "--data", str(data)
    )
    assert done.code == 0, repr(done)
