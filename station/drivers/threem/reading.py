"""How many blocks one Read Multiblock requests, and in which of the manual's two forms they are returned.

The manual (Model 210 Protocol Specification 1.0.0, "firmware 5.0.2 and greater") allows one command to name 255 blocks,
has a form without block numbers (7.5, response option bit 2), and does not state the size of the reader's memory. Its
error for too many blocks is "not enough memory" (FE), for an option "option not supported" (31), and for either perhaps
"parameter error" (32) or "command not implemented" (02) (Appendix A). So the largest number is requested first, in the
shorter form, and less if the reader refuses.

Known uses of real readers: Biblio-RFID and koha-rfid-go request 8 blocks without options (capture of an 810, firmware
5.0.2). Helsinki's signum-savotta (application/src/rfid_reader.py) requests 8 blocks with option 0C (@a9bb374) or 05
(@405cc9a), from firmware 5.1.25 and 5.2.27. The fallback is the request of the capture, 8 blocks without options.

Reads change nothing, so larger ones may be tried. Writes are not tried: they carry `SAFE_BLOCKS`, or fewer if a read
has shown that the reader holds fewer.
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
"""Blocks that every known client requests from a real reader, in one read and in one write."""
MOST_READ: Final = 32
"""Blocks of one read, until the reader refuses. No chip allows more (`Chip.most_read`)."""
_EITHER: Final = (NOT_IMPLEMENTED, PARAMETER_ERROR)
"""Errors that can mean either. Every reader has this command, and only the number of blocks and the options can be
wrong."""
_STRIKES: Final = 2
"""Number of unanswered reads after which a size or form that was never answered is given up permanently."""

Exchange = Callable[[Request[Blocks]], "Blocks | Refused"]


class Reads:
    """The size and form of the reads of one reader. `most`: largest number of blocks; 0 = `MOST_READ`, reduced on a
    refusal."""

    def __init__(self, exchange: Exchange, most: int) -> None:
        self._exchange = exchange
        self._allowed = most or MOST_READ
        self._shape: int | None = NEW_STYLE
        self._strikes = 0
        self._unanswered = 0
        self.greeted()

    def greeted(self) -> None:
        """Reset after a greeting. It may be another reader, so reads that were refused are allowed again. Unanswered
        ones are not, because silence costs time."""
        self.most = self._allowed
        self._options = self._shape
        self._proven = 0

    def read(self, uid: Uid, first: int, count: int) -> Blocks:
        """Read at least one and at most `count` blocks from `first` on. Raises what the line raises, and a refusal's
        error."""
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
        """Reduce later requests if the reader refused this one as too much. Return False if the refusal has another
        reason, or if nothing can be reduced."""
        fewer = (asked > 1 and refused.error == NOT_ENOUGH_MEMORY) or (asked > SAFE_BLOCKS and refused.error in _EITHER)
        plain = self._options is not None and refused.error in (OPTION_NOT_SUPPORTED, *_EITHER)
        if fewer:
            self.most = SAFE_BLOCKS if asked > SAFE_BLOCKS else asked // 2
        if plain:
            self._options = None
        if fewer or plain:
            _LOG.info("error %02X to a read of %d blocks: the next read is reduced", refused.error, asked)
        return fewer or plain

    def _known_way(self, uid: Uid, first: int, asked: int, error: Exception) -> Blocks:
        """Handle a missing answer to a read that was never answered before, because of its size or because of the line.
        Send the request that real readers are known to answer; if it is answered, count that against the larger
        request."""
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
            if not self._proven:  # not even a few blocks arrived in the shorter form
                self._shape = self._options = None
        return answer
