"""The ways in which an ISO 15693 tag does not carry out a request."""

from __future__ import annotations


class Refused(Exception):
    """The request is answered with an error code (ISO/IEC 15693-3 7.4.2)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Gone(Exception):
    """The tag lost power while programming: no answer."""


class Silent(Exception):
    """The request is answered by silence."""
