"""How many blocks one Read Multiblock asks for, and in which of the manual's two shapes they come back.

The manual (Model 210 Protocol Specification 1.0.0, "firmware 5.0.2 and greater") lets one command name 255 blocks, has a
shape without the block's number (7.5, response option bit 2) and names no size of the reader's memory. Its words for too
much are "not enough memory" (FE), for an option "option not supported" (31), for either perhaps "parameter error" (32) or
"command not implemented" (02) (Appendix A). So the most is asked for, in the shorter shape, and a reader that refuses is
asked again, for less.

What is known of real readers: Biblio-RFID and koha-rfid-go ask for 8 blocks without options (capture of an 810, firmware
5.0.2); Helsinki's signum-savotta (application/src/rfid_reader.py) for 8 blocks with option 0C (@a9bb374) or 05 (@405cc9a), of
firmware 5.1.25 and 5.2.27. That question of the capture, 8 blocks without options, is what is gone back to.

Reads change nothing, so that they may be tried. Writes are not: they carry `SAFE_BLOCKS`, or fewer where a read has shown
that the reader holds fewer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from station.base.errors import ReaderSilent, RemoteProtocolError
from station.domain.tag_image import Uid
from station.drivers.threem import commands
from station.drivers.threem.commands import (
    NOT_ENOUGH_MEMORY,
    NOT_IMPLEMENTED,
    OPTION_NOT_SUPPORTED,
    PARAMETER_ERROR,
    Request,
    error_for,
)
from station.drivers.threem.replies import NEW_STYLE, Blocks, Refused

_LOG = logging.getLogger(__name__)

SAFE_BLOCKS: Final = 8
"""What every known client asks a real reader for, in one read and in one write."""
MOST_READ: Final = 32
"""Blocks of one read, until the reader refuses: more is asked of no chip (`Chip.most_read`)."""
_EITHER: Final = (NOT_IMPLEMENTED, PARAMETER_ERROR)
"""The manual does not say what is meant: every reader has this command, and no parameter of it can be wrong but these."""
_STRIKES: Final = 2
"""So many reads of a size or shape that was never answered may end without an answer before it is given up for good."""

Exchange = Callable[[Request[Blocks]], "Blocks | Refused"]


class Reads:
    """What this reader is asked for. `most`: blocks; 0 = `MOST_READ`, and less where it refuses."""

    def __init__(self, exchange: Exchange, most: int) -> None:
        self._exchange = exchange
        self._allowed = most or MOST_READ
        self._shape: int | None = NEW_STYLE
        self._strikes = 0
        self._unanswered = 0
        self.greeted()

    def greeted(self) -> None:
        """A reader was greeted, perhaps another one: what the last one refused may be asked of it. What was not answered
        stays given up, as silence is dear."""
        self.most = self._allowed
        self._options = self._shape
        self._proven = 0

    def read(self, uid: Uid, first: int, count: int) -> Blocks:
        """`count` blocks or fewer, from `first` on; at least one. Raises what the line raises, and the refusal's error."""
        while True:
            asked = min(self.most, count)
            request = commands.read_blocks(uid, first, asked, options=self._options)
            try:
                answer = self._exchange(request)
            except (ReaderSilent, RemoteProtocolError) as error:
                if asked <= self._proven or (asked <= SAFE_BLOCKS and self._options is None):
                    raise
                return self._known_way(uid, first, asked, error)
            if not isinstance(answer, Refused):
                self._proven = max(self._proven, asked)
                self._strikes = self._strikes if asked < self._unanswered else 0
                return answer
            if not self._lowered(answer, asked):
                raise error_for(answer, request.row.name)

    def _lowered(self, refused: Refused, asked: int) -> bool:
        """Less is asked for from now on, as the reader said that this was too much. False: it said something else, or
        there is no less."""
        fewer = (asked > 1 and refused.error == NOT_ENOUGH_MEMORY) or (asked > SAFE_BLOCKS and refused.error in _EITHER)
        plain = self._options is not None and refused.error in (OPTION_NOT_SUPPORTED, *_EITHER)
        if fewer:
            self.most = SAFE_BLOCKS if asked > SAFE_BLOCKS else asked // 2
        if plain:
            self._options = None
        if fewer or plain:
            _LOG.info("error %02X to a read of %d blocks: less is asked for", refused.error, asked)
        return fewer or plain

    def _known_way(self, uid: Uid, first: int, asked: int, error: Exception) -> Blocks:
        """No answer to what was never answered yet: perhaps it was too much, perhaps the line. The question that real
        readers are known to answer is asked; an answer to it counts against the other one."""
        request = commands.read_blocks(uid, first, min(SAFE_BLOCKS, asked))
        answer = self._exchange(request)
        if isinstance(answer, Refused):
            raise error_for(answer, request.row.name) from error
        self._strikes += 1
        self._unanswered = asked
        _LOG.info("%s; %d blocks without options were answered", error, len(answer.locked))
        if self._strikes >= _STRIKES:
            self._strikes = 0
            self._allowed = self.most = min(SAFE_BLOCKS, self.most)
            if not self._proven:  # not even a few blocks came in the shorter shape
                self._shape = self._options = None
        return answer
