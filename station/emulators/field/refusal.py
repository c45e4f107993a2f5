"""How a tag of ISO 15693 does not do what it was asked."""

from __future__ import annotations


class Refused(Exception):
    """Answered with an error code (ISO/IEC 15693-3 7.4.2)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Gone(Exception):
    """The tag lost power while programming: no answer."""


class Silent(Exception):
    """What was asked for is answered by silence."""
