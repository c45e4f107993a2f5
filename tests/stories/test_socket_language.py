"""Commands at the socket tell the station's language, and the screen tells the worker's, of one bench at one moment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from station.base.settings import load
from station.base.words import Library, Session, open_session
from station.domain.people.sign_on import Claim, Pin
from station.runtime.data_directory import PEOPLE
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.station import Station
from station.store.people.names import People
from station.tui.app import StationApp
from tests.cli.session.test_sign_on import PINS, prepare
from tests.support import station_process
from tests.support.served_pad import until
from tests.tui.settling import settled

WORKER: Final = "w-ann"
HERE: Final = {"en": "Ann is at the bench", "es": "Ann está en el puesto de trabajo"}
STOP: Final = {"en": "The reader is not connected.", "es": "El lector no está conectado."}
REMEDY: Final = {"en": "Plug the reader in, and wait.", "es": "Conecte el lector y espere."}


async def screen_during(station: Station, data: Path, library: Library, folder: Path) -> tuple[str, dict[str, Any]]:
    """Return the text on the screen after commands were run beside it, and how each command ended."""
    open_session(Session(library))
    app = StationApp(station.bench, station.queries, load(data / "station.toml"))
    async with app.run_test(size=(100, 30)) as pilot:
        ended = {
            " ".join(words): await asyncio.to_thread(station_process.station, folder, *words, "--data", str(data))
            for words in (
                ("who",),
                ("board",),
                ("process", "31234000000016", "--timeout", "3"),
                ("process", "31234000000016", "--timeout", "3", "--json"),
            )
        }
        await settled(pilot)
        return "\n".join(strip.text for strip in app.screen._compositor.render_strips()), ended


def test_commands_and_screen_tell_the_same_stop_in_their_own_languages(tmp_path: Path) -> None:
    station_language, worker_language = "es", "en"
    data = prepare(tmp_path / "data", **{"screen.language": station_language})
    People(data / PEOPLE).speak(WORKER, worker_language)
    library = Library(station_language)
    with hold(data) as held:
        station = Station(load(data / "station.toml"), data, Session(library))
        station.start()
        server = serving(held, station, lambda: None)
        server.start()
        try:
            station.service.sign_on(Claim(name="ann", pin=Pin(PINS["ann"])))
            until(lambda: station.bench.snapshot.worker == WORKER and station.bench.snapshot.fault is not None)
            screen, ended = asyncio.run(screen_during(station, data, library, tmp_path))
        finally:
            server.stop()
            station.stop()

    assert STOP[worker_language] in screen and STOP[station_language] not in screen
    assert ended["who"].out == f"{HERE[station_language]}\n"
    assert STOP[station_language] in ended["board"].out and STOP[worker_language] not in ended["board"].out
    stopped = ended["process 31234000000016 --timeout 3"]
    assert stopped.code == 10
    assert f"{STOP[station_language]} {REMEDY[station_language]}" in stopped.err
    assert STOP[worker_language] not in stopped.err
    error = ended["process 31234000000016 --timeout 3 --json"].json["error"]
    assert (error["code"], error["sentence"]) == (
        "port-missing",
        f"{STOP[station_language]} {REMEDY[station_language]}",
    )
