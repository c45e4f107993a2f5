"""The real app on a real terminal, with prepared snapshots: the pty tests run it as a separate process.

    python -m tests.tui.pty_app FRAMES.json     a scan of n shows frame n
    python -m tests.tui.pty_app --paint         a scan is shown at once, as its own notice

It ends with 0 after an orderly quit. Then it writes to file descriptor 3 whether the bench received Quit, whatever
signals arrive meanwhile. Its clock advances by half a second each time it is read, so that no two taps are a double
tap.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from pathlib import Path

import msgspec

from station.base.sentence import Sentence
from station.base.sentence_json import decode_sentence
from station.domain.commands import Command, Quit, Scan
from station.domain.corrections.correction import Entry
from station.domain.deliveries.delivery import Delivery
from station.domain.notices import Notice
from station.domain.ports import DemoState, JournalRow
from station.domain.snapshot import Snapshot
from station.tui.app import StationApp
from tests.tui.sample_corrections import FakeWork
from tests.tui.scenes import BASE, SETTINGS, FakeBench, FakeDemo, FakeQueries


class Frame(msgspec.Struct):
    """All content that the screens can receive."""

    snapshot: Snapshot
    journal: tuple[JournalRow, ...]
    outbox: tuple[Delivery, ...]
    demo: DemoState
    work: tuple[Entry, ...] = ()


class Answering(FakeBench):
    """Publishes the frame whose number was scanned."""

    def __init__(self, frames: list[Frame], queries: FakeQueries, demo: FakeDemo, work: FakeWork) -> None:
        super().__init__()
        self.work = work
        self.frames = frames
        self.queries = queries
        self.demo = demo

    def submit(self, command: Command) -> None:
        super().submit(command)
        if not isinstance(command, Scan):
            return
        if not self.frames:
            self.publish(
                msgspec.structs.replace(BASE, number=len(self.sent), notice=Notice("notice", Sentence.of(command.text)))
            )
            return
        frame = self.frames[int(command.text)]
        self.queries.journal, self.queries.outbox = frame.journal, frame.outbox
        self.work.entries = frame.work
        self.demo.publish(frame.demo)
        self.publish(frame.snapshot)


def main() -> None:
    frames = (
        []
        if sys.argv[1] == "--paint"
        else msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=list[Frame], dec_hook=decode_sentence)
    )
    queries, demo, work = FakeQueries(), FakeDemo(), FakeWork()
    bench = Answering(frames, queries, demo, work)
    StationApp(bench, queries, SETTINGS, demo, itertools.count(step=0.5).__next__, work=work).run()
    for number in (signal.SIGCONT, signal.SIGHUP, signal.SIGTERM):
        os.kill(os.getpid(), number)  # these signals have no effect any more: the app is already ending
    told_quit = any(isinstance(command, Quit) for command in bench.sent)
    os.write(3, b"quit" if told_quit else b"nothing")


if __name__ == "__main__":
    main()
