"""`station harness --reader replay:FILE` for a FILE that is not a run of the harness.

Any capture can show a part of the contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import msgspec

from station.base.clock import Clock
from station.base.errors import StationError
from station.base.settings import Reader
from station.domain.tag_image import Uid
from station.drivers.from_capture import REFUSALS, driver_of
from station.drivers.harness.hands import Wish
from station.drivers.harness.playing import as_recorded
from station.drivers.line.capture import Capture, load
from station.drivers.line.opening import REPLAY
from station.drivers.line.replay import Replay
from station.drivers.registry import make_reader

NO_WRITES: Final = "a recording cannot be written to, unless it is one of a run of the harness"


@dataclass(frozen=True)
class Recorded:
    """Capture in the role of a reader. `tags`: the tags in its first inventory."""

    settings: Reader
    replay: Replay
    tags: tuple[Uid, ...]
    sentence: str

    @property
    def not_alone(self) -> str:
        """Why no tag can be found alone; "" if there was exactly one tag."""
        return "" if len(self.tags) == 1 else f"where {len(self.tags) or 'no'} tags lay none can be found alone"

    def do(self, wish: Wish) -> bool:
        """See `drivers.harness.hands.Hands`. The recorded tags are on the pad, and nothing else can be done."""
        return len(self.tags) == {Wish.SCRATCH: 1, Wish.TWO: 2}.get(wish, -1)


def recorded(port: str, name: str | None, clock: Clock) -> Recorded | None:
    """Return the capture that `port` names; None for another port, or for a run of the harness beside its report.

    Such a run is replayed in its order. Raises `CaptureUnreadable`, and `UsageError` for a protocol of no driver here.
    """
    if not port.startswith(REPLAY):
        return None
    path = Path(port.removeprefix(REPLAY))
    capture = load(path)
    if capture.meta.get("harness") and path.with_suffix(".report.json").exists():
        return None
    driver = name or _driver(capture)
    if driver not in REFUSALS:
        raise click.UsageError(f"{path}: the protocol is not recognized; name it by --driver ({', '.join(REFUSALS)})")
    settings = msgspec.structs.replace(as_recorded(capture.meta, port), driver=driver)
    tags = _tags(settings, _played(capture, clock, driver), clock)
    what = f"{capture.exchanges} requests" + (f", tags {', '.join(tags)}" if tags else ", no tag in them")
    return Recorded(
        settings,
        _played(capture, clock, driver),
        tags,
        f"A recording ({what}) stands for the reader. Each request gets the answer that the same request got in the "
        "recording; any other request is refused. A case that needs more is reported as skipped.",
    )


def _driver(capture: Capture) -> str:
    said = capture.meta.get("driver")
    return said if isinstance(said, str) and said in REFUSALS else driver_of(capture)


def _played(capture: Capture, clock: Clock, driver: str) -> Replay:
    return Replay(capture, clock, in_order=False, otherwise=REFUSALS[driver])


def _tags(settings: Reader, replay: Replay, clock: Clock) -> tuple[Uid, ...]:
    reader = make_reader(settings, clock, replay.connect)
    try:
        reader.reconnect()
        return tuple(tag.uid for tag in reader.inventory().tags)
    except StationError:
        return ()
    finally:
        reader.close()
