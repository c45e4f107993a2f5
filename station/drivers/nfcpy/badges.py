"""Staff badges: what lies on the badge reader, as `domain.ports.Badges`. It says who somebody claims to be, not
that he may."""

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
"""First byte of a single-size UID that changes each time (ISO/IEC 14443-3 6.5.4): phones, and cards set so."""


class BadgeReader:
    """Not thread-safe: one thread looks. The device is opened by the first look and again after it was lost."""

    def __init__(self, open_frontend: Callable[[], Frontend], *, felica: bool = False) -> None:
        """`felica`: also look for FeliCa cards, which makes an empty look longer."""
        self._open = open_frontend
        self._kinds = (TYPE_A, FELICA) if felica else (TYPE_A,)
        self._frontend: Frontend | None = None

    @classmethod
    def at(cls, port: str, open_line: Callable[[], Transport], clock: Clock, *, felica: bool = False) -> BadgeReader:
        """The badge reader at `port`: "usb..." and "udp..." are nfcpy's own, all else the station's serial line."""
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
        """What its NDEF message says; nothing of a badge that was taken away meanwhile or cannot be read."""
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
