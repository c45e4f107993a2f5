"""Names of other programs at the socket: what they do to a tag is journaled under their name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from station.base.errors import ControlRefused
from station.base.settings import Settings
from station.domain.commands import CheckStack, PadRequest, ReadPad, SetSecurity, UpdateItem
from station.domain.events import WorkerRegistered
from station.domain.people.rights import Role
from station.domain.people.sign_on import OWN_PROGRAM
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.service import Service
from station.store.owner import open_store
from station.store.people.names import People
from tests.conftest import FakeClock
from tests.support.station_service import service_of

BOOK = "31234000000016"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """The service of a station with its people and without a bench, where "demo operator" works if nobody signs on."""
    settings = Settings()
    operator = msgspec.structs.replace(settings.station, operator="demo operator")
    settings = msgspec.structs.replace(settings, station=operator)
    store = open_store(tmp_path / JOURNAL, FakeClock())
    store.journal.record(WorkerRegistered(worker="w-tess", role=Role.TECHNICIAN))
    People(tmp_path / PEOPLE).add("w-tess", "tess", "Tess Imaginary")
    yield service_of(settings, tmp_path, store)
    store.close()


@pytest.mark.parametrize(
    "request_", [UpdateItem(barcode=BOOK), SetSecurity(barcode=BOOK, secure=False), CheckStack()], ids=repr
)
def test_a_program_without_a_name_may_only_look(service: Service, request_: PadRequest) -> None:
    with pytest.raises(ControlRefused):
        service.ask(request_)
    service.ask(ReadPad())


LIKE_A_PERSON = (
    *("tess", "TESS", "w-tess", "Tess Imaginary", "tess1", "te-ss", "Signed by Tess", "tess_bot", "imag1nary"),
    *("t\u0435ss", "\u03c4ess", "\u13d6e\u0455s", "caf\u00e9"),
    *("systems", "operator", "demo operator", "dem0", "machine", "nobody", 'x" says "y', " "),
)


@pytest.mark.parametrize("source", LIKE_A_PERSON)
def test_a_program_may_not_have_the_name_of_a_person_or_role(service: Service, source: str) -> None:
    with pytest.raises(ControlRefused):
        service.ask(SetSecurity(barcode=BOOK, secure=False, source=source))


@pytest.mark.parametrize("source", [OWN_PROGRAM, "shelf check 2", "RFID gate (east)", "assessment"])
def test_a_program_may_have_a_name_of_its_own(service: Service, source: str) -> None:
    service.ask(SetSecurity(barcode=BOOK, secure=False, source=source))
