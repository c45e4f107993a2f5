"""The two apps for `reaction`, each a process on a pty: `python -m benchmarks.reaction_apps FOLDER station|station-3m|minimal`.

`station-3m` has an emulated 3M reader, `station` one of FEIG. FOLDER may hold further settings of the station
(`further.toml`). It holds two named pipes: `do` (requests, one JSON object a line) and `done` (one JSON object for each
request, and one for each change of state). All times are of CLOCK_MONOTONIC, which all processes of the machine share.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static

from station.catalog.sample.sample import numbered_barcode
from station.demo.shelf import DemoTag, uid
from station.demo.stage import Stage
from station.domain.commands import Scan
from station.domain.inventory import Inventory
from station.domain.snapshot import Snapshot
from station.tui.app import StationApp
from station.tui.widgets.touch import TouchButton

ITEMS: Final = 400


class Pipes:
    """Requests from the benchmark, and answers to it."""

    def __init__(self, folder: Path) -> None:
        self._requests = (folder / "do").open(encoding="utf-8")
        self._answers = (folder / "done").open("w", encoding="utf-8")
        self._lock = threading.Lock()

    def tell(self, **values: object) -> None:
        """Write one object."""
        with self._lock:
            self._answers.write(json.dumps(values) + "\n")
            self._answers.flush()

    def serve(self, handle: Callable[[dict[str, Any]], dict[str, object]]) -> None:
        """Answer requests in a thread until the benchmark closes the pipe."""

        def answer() -> None:
            for line in self._requests:
                try:
                    self.tell(answer=True, **handle(json.loads(line)))
                except Exception as error:
                    self.tell(answer=True, error=repr(error))
            os._exit(0)  # the benchmark has ended, whatever the terminal says

        threading.Thread(target=answer, daemon=True).start()


class Minimal(App[None]):
    """Writes the number of the click into its one line."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self._clicks = 0

    def compose(self) -> ComposeResult:
        yield Static("ready", markup=False)

    def on_click(self, event: events.Click) -> None:
        del event
        self._clicks += 1
        self.query_one(Static).update(f"click {self._clicks:05}")


def _station(folder: Path, pipes: Pipes, driver: str) -> None:
    settings = folder / "further.toml"
    further = settings.read_text("utf-8") if settings.exists() else ""
    with Stage(folder / "data", numbered_items=ITEMS, further=further, driver=driver) as stage:
        for number in range(1, ITEMS + 1):
            stage.create(DemoTag(uid=uid(0x10000 + number)))
        station = stage.station
        app = StationApp(station.bench, station.queries, stage.settings, labels=None)
        reader = vars(station)["_reader"].reader
        inventory = reader.inventory
        was, seen_before = "", False

        def look() -> Inventory:
            nonlocal seen_before
            began = time.monotonic()
            found: Inventory = inventory()
            if found.uids and not seen_before:
                pipes.tell(look=began, answered=time.monotonic())
            seen_before = bool(found.uids)
            return found

        def published(snapshot: Snapshot) -> None:
            nonlocal was
            if snapshot.state != was:
                was = snapshot.state
                pipes.tell(state=snapshot.state, at=time.monotonic())

        reader.inventory = look

        def where(wanted: str) -> dict[str, object]:
            for button in app.screen.query(TouchButton):
                if button.offered is not None and button.display and button.lit and wanted in repr(button.offered.does):
                    region = button.region
                    return {"x": region.x + region.width // 2 + 1, "y": region.y + region.height // 2 + 1}
            return {"x": 0, "y": 0}

        def handle(request: dict[str, Any]) -> dict[str, object]:
            number = int(request.get("number", 0))
            match request["do"]:
                case "place":
                    at = time.monotonic()
                    stage.reader.call("place", uid=uid(0x10000 + number))
                    return {"at": at}
                case "lift":
                    stage.reader.call("lift", uid="all")
                    return {}
                case "scan":
                    station.bench.submit(Scan(str(numbered_barcode(number))))
                    return {}
                case "ready":
                    return {}
                case _:
                    found: dict[str, object] = app.call_from_thread(where, request["button"])
                    return found

        station.bench.subscribe(published)
        pipes.serve(handle)
        app.run()


def main() -> None:
    """Run the named app."""
    folder, name = Path(sys.argv[1]), sys.argv[2]
    pipes = Pipes(folder)
    if name == "minimal":
        Minimal().run()
    else:
        _station(folder, pipes, "3m" if name == "station-3m" else "feig")


if __name__ == "__main__":
    main()
