"""The hash chain and SQLite's check in a second process, so that two processors share the work of `verify`.

The child answers only with a chain in which nothing is wrong. In every other case (a fault, a failed start, a crash)
there is no answer, and the caller does the whole check.
"""

from __future__ import annotations

import gc
import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import msgspec

import station
from station.base.errors import StoreError
from station.store.database.database import integrity_check, open_reader
from station.store.database.decoding import Decoder
from station.store.journal import hash_chain
from station.store.journal.hash_chain import Chain

_START: Final = (
    "import sys; path, until, replayed, sys.path[:] = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(), sys.argv[4:]; "
    f"from {__name__} import answer; answer(path, until, replayed)"
)
"""The child imports from the same folders as this process (`-S`: without searching for them again)."""
_POLL_S: Final = 0.05

_log = logging.getLogger("station.store")


def answer(path: str, until: int, replayed: Container[str]) -> None:
    """Print the chain up to event `until` if nothing is wrong. Runs in the child. `replayed`: kinds of event that the
    parent decodes."""
    gc.disable()  # a batch of events holds no cycle, and the collector takes a fifth of the time (measured)
    with closing(open_reader(Path(path))) as sql, ThreadPoolExecutor(1) as beside:
        damaged = beside.submit(_damaged, Path(path))  # SQLite works without the interpreter's lock
        sql.execute("BEGIN")
        decoder = Decoder(sql)
        try:
            chain = hash_chain.recompute(sql, until, lambda events: decoder.check(events, replayed))
            sound = chain.sound and not damaged.result()
        except (StoreError, sqlite3.Error):
            return
        if sound:
            sys.stdout.buffer.write(msgspec.json.encode(chain))


def _damaged(path: Path) -> tuple[str, ...]:
    with closing(open_reader(path)) as sql:
        return integrity_check(sql)


@contextmanager
def beside(path: Path, until: int, replayed: Iterable[str]) -> Iterator[Callable[[Callable[[], None]], Chain | None]]:
    """Start the child, and yield a function that waits for the answer; None = no answer. The function calls its
    argument while it waits. The child is killed at the end of the block."""
    places = [str(Path(station.__file__).parents[1]), *sys.path]
    try:
        child = subprocess.Popen(
            [sys.executable, "-S", "-c", _START, str(path), str(until), " ".join(replayed), *places],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        _log.warning("the process for the hash chain could not be started: %s", error)
        yield lambda _waiting: None
        return

    def result(waiting: Callable[[], None]) -> Chain | None:
        while True:
            try:
                said, why = child.communicate(timeout=_POLL_S)
                break
            except subprocess.TimeoutExpired:
                waiting()
        if child.returncode:
            _log.warning(
                "the process for the hash chain exited with code %d: %s", child.returncode, why.decode(errors="replace")
            )
        try:
            return None if child.returncode else msgspec.json.decode(said, type=Chain)
        except msgspec.DecodeError:
            return None

    with child:
        try:
            yield result
        finally:
            child.kill()
