"""Ids of cartons: serial shipping container codes (SSCC) of GS1."""

from __future__ import annotations

import re
from typing import Final

_SYMBOL: Final = re.compile(r"(?:\]C1)?(?:00|\(00\))([0-9]{18})\Z")
"""An SSCC in a GS1-128 symbol: the application identifier 00 precedes its 18 digits."""


def carton_id(text: str) -> str:
    """Return the 18 digits of a carton id, as scanned, printed or in a file; any other text as it is."""
    plain = text.strip()
    symbol = _SYMBOL.match(plain.replace(" ", ""))
    return symbol[1] if symbol else plain
