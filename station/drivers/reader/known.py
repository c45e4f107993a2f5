"""What readers were found to lack for writing, kept in the data directory for each model and firmware.

A lack is found by `learn` (`station doctor`, `station reader info`), by `station harness`, or by the first refusal. It
is kept so that a later write is not begun that the reader cannot finish. `learn` asks the reader again, and what it then
has is no longer kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from station.base.errors import NotPossible, ProtocolError, ReaderSilent
from station.base.files import replace_own
from station.domain.ports import Lack, Reader, ReaderCapabilities

R = TypeVar("R", bound=Reader)

_LOG = logging.getLogger(__name__)

KEPT: Final = "reader-lacks.json"
"""File in the data directory: reader and firmware, with the names of their lacks."""
_KEPT_LACKS: Final = (Lack.WRITE, Lack.SET_AFI, Lack.SET_DSFID, Lack.LOCK)
"""Lacks that show only when a tag is written."""
_SHOWS_A_LACK: Final = (ProtocolError, NotPossible, ReaderSilent)


class KnownLacks:
    """The kept lacks of all readers. Not thread-safe: only the thread that owns the reader uses it."""

    def __init__(self, data: Path) -> None:
        """`data`: the data directory."""
        self._path = data / KEPT
        self._kept: dict[str, list[str]] | None = None

    def perform(self, operation: Callable[[R], object], reader: R) -> object:
        """Perform an operation of the port; add the kept lacks to its capabilities, and keep a lack that it shows."""
        try:
            result = operation(reader)
        except _SHOWS_A_LACK:
            self.noted(reader.capabilities)
            raise
        return self.added(result) if isinstance(result, ReaderCapabilities) else result

    def added(self, can: ReaderCapabilities) -> ReaderCapabilities:
        """Return the capabilities without the functions that this reader is known to lack."""
        lacks = self._of(can)
        if not lacks - set(can.lacks):
            return can
        every = tuple(lack for lack in Lack if lack in lacks or lack in can.lacks)
        return msgspec.structs.replace(can, lacks=every, can_lock=can.can_lock and Lack.LOCK not in lacks)

    def noted(self, can: ReaderCapabilities) -> None:
        """Keep what the reader was found to lack, beside what is kept already."""
        self._keep(can, {*self._of(can), *_found(can)})

    def learned(self, can: ReaderCapabilities) -> None:
        """Keep what the reader lacks now that it was asked for everything, and nothing else."""
        self._keep(can, _found(can))

    def _of(self, can: ReaderCapabilities) -> set[Lack]:
        return {lack for lack in _KEPT_LACKS if lack in self._all().get(_who(can), ())}

    def _keep(self, can: ReaderCapabilities, lacks: set[Lack]) -> None:
        """Save the lacks. A disk error is logged, not raised: the work does not depend on the file."""
        if lacks == self._of(can):
            return
        kept = {**self._all(), _who(can): [str(lack) for lack in sorted(lacks)]}
        self._kept = {who: names for who, names in kept.items() if names}
        try:
            replace_own(self._path, msgspec.json.format(msgspec.json.encode(self._kept), indent=1))
        except OSError as error:
            _LOG.warning("the reader's lacks were not kept: %s", error)

    def _all(self) -> dict[str, list[str]]:
        if self._kept is None:
            try:
                self._kept = msgspec.json.decode(self._path.read_bytes(), type=dict[str, list[str]])
            except FileNotFoundError:
                self._kept = {}
            except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
                _LOG.warning("%s cannot be read, so it is made anew: %s", self._path, error)
                self._kept = {}
        return self._kept


def _who(can: ReaderCapabilities) -> str:
    return f"{can.name} {can.firmware}".strip()


def _found(can: ReaderCapabilities) -> set[Lack]:
    return {lack for lack in _KEPT_LACKS if lack in can.lacks}
