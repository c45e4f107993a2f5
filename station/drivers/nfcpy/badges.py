"""Staff badges on the badge reader, as `domain.ports.Badges`. A badge identifies a worker; it grants no rights."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from station.base.clock import Clock
from station.base.errors import PortLost, ProtocolError, TagError, TransportError
from station.domain.ports import BadgeSeen
from station.drivers.line.serial import Transport
from station.drivers.nfcpy import label
from station.drivers.nfcpy.frontend import FELICA, TYPE_A, Card, Frontend, opener
from station.drivers.nfcpy.records import texts
from station.drivers.nfcpy.type2 import find_message

_LOG = logging.getLogger(__name__)

_LOOK_S: Final = 5.0
_RANDOM: Final = 0x08
"""First byte of a single-size UID that changes each time (ISO/IEC 14443-3 6.5.4): phones, and cards configured so."""


class BadgeReader:
    """Badge reader. Not thread-safe: only one thread may look. The device is opened at the first look, and again after
    it was lost."""

    def __init__(self, open_frontend: Callable[[], Frontend], *, felica: bool = False) -> None:
        """`felica`: also look for FeliCa cards, which makes a look without a card longer."""
        self._open = open_frontend
        self._kinds = (TYPE_A, FELICA) if felica else (TYPE_A,)
        self._frontend: Frontend | None = None

    @classmethod
    def at(cls, port: str, open_line: Callable[[], Transport], clock: Clock, *, felica: bool = False) -> BadgeReader:
        """Return the badge reader at `port`: nfcpy itself opens "usb..." and "udp..."; any other port is a serial
        line."""
        return cls(opener(port, open_line, clock), felica=felica)

    def look(self) -> BadgeSeen | None:
        try:
            if self._frontend is None:
                self._frontend = self._open()
            with self._frontend.within(_LOOK_S):
                return self._seen(self._frontend)
        except (TransportError, ProtocolError) as error:
            self._close(farewell=False)
            if isinstance(error, TransportError):
                raise
            raise PortLost(f"the badge reader: {error}") from error

    def _seen(self, frontend: Frontend) -> BadgeSeen | None:
        frontend.field_off()
        for kind in self._kinds:
            card = frontend.find(air=kind)
            if card is not None:
                break
        else:
            return None
        said = self._texts(frontend, card) if card.type2 else ()
        frontend.field_off()
        return BadgeSeen(
            card.uid.hex().upper(),
            said[0] if said else "",
            changing=len(card.uid) == 4 and card.uid[0] == _RANDOM,
        )

    @staticmethod
    def _texts(frontend: Frontend, card: Card) -> tuple[str, ...]:
        """Return the texts of the badge's NDEF message; empty if the badge was removed or cannot be read."""
        try:
            known = label.describe(frontend, card.uid)
            message = find_message(label.read_user(frontend, 0, known.chip.user_pages))
        except (TagError, ProtocolError) as error:
            _LOG.info("a badge without a text: %s", error)
            return ()
        return texts(message) if message else ()

    def close(self) -> None:
        self._close(farewell=True)

    def _close(self, *, farewell: bool) -> None:
        frontend, self._frontend = self._frontend, None
        if frontend is not None:
            try:
                frontend.close(farewell=farewell)
            except (TransportError, ProtocolError) as error:
                _LOG.info("closing: %s", error)
