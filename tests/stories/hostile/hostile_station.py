"""A running station, and readers, with only hostile answers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Final, cast
from unittest import mock

import msgspec

from station.base.bus import Bus
from station.base.sentence import Sentence
from station.base.settings import Reader
from station.domain.commands import Command, PadRequest
from station.domain.inventory import Inventory
from station.domain.pad_answers import PadAnswer
from station.domain.ports import BadgeSeen, ReaderCapabilities
from station.domain.snapshot import Phase, Snapshot
from station.domain.tag_image import Uid
from station.domain.workflows import StackState
from station.drivers.feig.setup import ConfigurationBlock, Description
from station.drivers.harness.results import Report, Restored
from station.drivers.line.capture import Recorder
from station.drivers.nfcpy.notes import LabelSeen
from station.drivers.search import discovery
from station.drivers.search.discovery import Outcome as Found
from station.runtime.lock import hold
from station.runtime.socket.server import Orders, Server
from tests.conftest import FakeClock
from tests.stories.hostile.hostile_directory import KEYS
from tests.support.hostile_text import MARK
from tests.support.hostile_values import Dealer, filled
from tests.support.patience import PATIENCE_S
from tests.support.told import told


def snapshot(deal: Dealer) -> Snapshot:
    """Return a snapshot with every field of text filled, in the middle of a stop. The mark stands in the texts that most
    commands print, wherever a new field moves the cycle of texts."""
    keys = {
        **KEYS,
        "worker": "w-ann",
        "Snapshot.language": f"{MARK} \x1b]0;{MARK}\x07\u202e",
        "choices": (),
        "sign_on_prompt": None,
        "phase": Phase.STOPPED,
        "sign_on": False,
    }
    made = filled(Snapshot, deal, keys)
    assert made.fault is not None
    fault = msgspec.structs.replace(made.fault, sentence=Sentence.verbatim(f"{MARK} {told(made.fault.sentence)}"))
    return msgspec.structs.replace(made, number=7, operator=Sentence.verbatim(f"{MARK} {deal()}"), fault=fault)


class HostileBench:
    """A bench that publishes a snapshot with further hostile texts after every command."""

    def __init__(self) -> None:
        self._deal = Dealer()
        self.bus = Bus(snapshot(self._deal))

    waiting = 0

    def submit(self, command: Command, job: str = "") -> str:
        now = msgspec.structs.replace(snapshot(self._deal), number=self.bus.latest.number + 1)
        self.bus.publish(now)
        return ""

    @property
    def snapshot(self) -> Snapshot:
        return self.bus.latest

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        return self.bus.subscribe(subscriber)


class HostilePad:
    """A `PadPort` that answers at once."""

    def __init__(self) -> None:
        self._deal = Dealer()

    def ask(self, request: PadRequest) -> Future[PadAnswer]:
        answer: Future[PadAnswer] = Future()
        answer.set_result(
            filled(PadAnswer, self._deal, {**KEYS, "refusal": None, "refused": "", "StackLine.state": StackState.WRONG})
        )
        return answer


class HostileOrders:
    """Does what people ask for, and answers with hostile texts."""

    def __init__(self, deal: Dealer) -> None:
        self._deal = deal

    def order(self, *_: object) -> int:
        return 1

    def retried(self, *_: object) -> int:
        return 1

    def decided(self, *_: object) -> str:
        return self._deal()

    def sign_on(self, *_: object) -> str:
        return self._deal()


@contextlib.contextmanager
def running(data: Path) -> Iterator[None]:
    """Run the control socket of a hostile station in this data directory."""
    deal = Dealer()
    with hold(data, FakeClock()) as held:
        server = Server(
            held,
            HostileBench(),
            quit_station=lambda: None,
            pad=HostilePad(),
            orders=cast(Orders, HostileOrders(deal)),
        )
        server.start()
        try:
            yield
        finally:
            assert server.stop(PATIENCE_S)


class Answers:
    """Answers each call with a filled value of the type given for its name. Any other call does nothing."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kind = self._answers.get(name)
        return lambda *_, **__: None if kind is None else filled(kind, Dealer(), READER_KEYS)


READER_KEYS: Final[dict[str, Any]] = {
    "uid": Uid("E004010012345678"),
    "collision": False,
    "can_signal": True,
    "port": f"{MARK} \x1b]0;x\x07\u202e",
    "Found.outcome": Found.READER,
    "baud": 38400,
    "parity": "E",
    "empty": False,
    "driver": "feig",
    "frames": "",
    "data": "00" * 14,
}


class HostileReader(Answers):
    """A reader with a false name, false settings and false tags."""

    def __init__(self) -> None:
        super().__init__(inventory=Inventory)
        self.capabilities: ReaderCapabilities = filled(ReaderCapabilities, Dealer(), READER_KEYS)
        self.setup = Answers(
            describe=Description,
            read=ConfigurationBlock,
            read_all=tuple[ConfigurationBlock, ...],
            write=ConfigurationBlock,
        )


class HostileSuite:
    """A run of the reader contract with only hostile text."""

    def __init__(self, *_: object) -> None:
        self.restored: Restored | None = None

    def run(self, *_: object) -> None:
        """Do nothing; the report below is the result."""


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """Put this reader at every port at which a command looks for one."""

    @contextlib.contextmanager
    def opened(_app: object) -> Iterator[HostileReader]:
        yield HostileReader()

    @contextlib.contextmanager
    def line(_app: object, _settings: object, capture: Path | None, _played: object) -> Iterator[tuple[Any, Path]]:
        place = (capture or Path()) / ".harness.jsonl.part"
        recorder = Recorder(place, FakeClock(), {"station": MARK, "port": READER_KEYS["port"]})
        recorder.event("opened", during=READER_KEYS["port"])
        recorder.close()
        yield HostileReader(), place

    def answer(kind: Any) -> Any:
        return lambda *_, **__: filled(kind, Dealer(), READER_KEYS)

    replaced = {
        "reader.info.opened": opened,
        "reader.info.FeigReader": HostileReader,
        "reader.health.opened": opened,
        "reader.configuration.opened": opened,
        "reader.configuration.setup_of": lambda reader: reader.setup,
        "reader.nfc.badge_reader": lambda *_: Answers(look=BadgeSeen),
        "reader.nfc.make_reader": lambda *_: HostileReader(),
        "reader.scan.scan": answer(tuple[discovery.Found, ...]),
        "reader.harness._found": lambda *_: Reader(),
        "reader.harness._line": line,
        "reader.harness.Suite": HostileSuite,
        "reader.harness._report": answer(Report),
    }
    with contextlib.ExitStack() as stack:
        for name, value in replaced.items():
            stack.enter_context(mock.patch(f"station.cli.{name}", value))
        for name in ("read_label", "write_label"):
            stack.enter_context(mock.patch(f"station.drivers.nfcpy.notes.{name}", answer(LabelSeen)))
        yield
