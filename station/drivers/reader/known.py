"""What is known of readers, kept in the data directory for each model, firmware and serial number.

A lack that shows only when a tag is written is kept, so that a later write is not begun that the reader cannot finish.
So is the proof that it can set AFI and DSFID. `remembered.Remembered` asks the reader at each start; what it then has is
no longer kept as a lack. `station harness` keeps what it finds, too.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import msgspec

from station.base.files import replace_own
from station.domain.ports import Lack, ReaderCapabilities

_LOG = logging.getLogger(__name__)

KEPT: Final = "reader-lacks.json"
"""File in the data directory: reader, firmware and serial number, with the names of its lacks and of what is proven."""
_KEPT_LACKS: Final = (Lack.WRITE, Lack.SET_AFI, Lack.SET_DSFID, Lack.LOCK)
"""Lacks that show only when a tag is written."""


_PROVEN: Final = {lack: f"proven-{lack}" for lack in (Lack.SET_AFI, Lack.SET_DSFID)}
"""Names of what a tag has proven: that the reader has the function."""


class KnownReaders:
    """The kept facts of all readers. Not thread-safe: only the thread that owns the reader uses it."""

    def __init__(self, data: Path) -> None:
        """`data`: the data directory."""
        self._path = data / KEPT
        self._kept: dict[str, list[str]] | None = None

    def added(self, can: ReaderCapabilities) -> ReaderCapabilities:
        """Return the capabilities without the functions that this reader is known to lack, with what is unproven."""
        facts = self._of(can)
        every = tuple(lack for lack in Lack if lack in facts or lack in can.lacks)
        return msgspec.structs.replace(
            can,
            lacks=every,
            can_lock=can.can_lock and Lack.LOCK not in facts,
            unproven=tuple(lack for lack, name in _PROVEN.items() if name not in facts),
        )

    def noted(self, can: ReaderCapabilities) -> None:
        """Keep what the reader was found to lack, beside what is kept already."""
        self._keep(can, self._of(can) | _found(can))

    def learned(self, can: ReaderCapabilities) -> None:
        """Keep what the reader lacks now that it was asked for everything, and no other lack."""
        self._keep(can, self._of(can) & {*_PROVEN.values()} | _found(can))

    def proved(self, can: ReaderCapabilities, function: Lack) -> None:
        """Keep that the reader has this function, whatever was kept of it before."""
        self._keep(can, self._of(can) - {str(function)} | {_PROVEN[function]})

    def _of(self, can: ReaderCapabilities) -> set[str]:
        return {*self._all().get(_who(can), ())}

    def _keep(self, can: ReaderCapabilities, facts: set[str]) -> None:
        """Save the facts. A disk error is logged, not raised: the work does not depend on the file."""
        if facts == self._of(can):
            return
        kept = {**self._all(), _who(can): sorted(facts)}
        self._kept = {who: names for who, names in kept.items() if names}
        try:
            replace_own(self._path, msgspec.json.format(msgspec.json.encode(self._kept), indent=1))
        except OSError as error:
            _LOG.warning("what is known of the reader was not kept: %s", error)

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
    return " ".join(part for part in (can.name, can.firmware, can.serial) if part)


def _found(can: ReaderCapabilities) -> set[str]:
    return {str(lack) for lack in _KEPT_LACKS if lack in can.lacks}
