"""The table [people] of station.toml: who works at the bench, and how that is proven.

Figures: OWASP Password Storage Cheat Sheet for argon2id (19 MiB, 2 passes, 1 lane: 20 ms on the machine of
docs/reference/safety.md#roles-and-pins), and the same page's 6 digits and 5 tries, then a delay of 60 s that doubles.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Identity of workers at the bench, and its proof; see docs/people.md."""

    sign_on: bool = False
    """Workers sign on with card or badge and PIN; false = anyone at the bench works as `station.operator`."""
    idle_minutes: Annotated[float, Meta(ge=0, le=1440)] = 5.0
    """Minutes without activity after which the station signs off automatically; 0 = never."""
    ask_seconds: Annotated[float, Meta(ge=10, le=600)] = 60.0
    """Seconds after which an unanswered question for a PIN is withdrawn."""
    pin_digits: Annotated[int, Meta(ge=6, le=12)] = 6
    """Minimum number of digits of a new PIN; the maximum is 12."""
    tries: Annotated[int, Meta(ge=1, le=10)] = 5
    """Consecutive wrong PINs before the next attempt must wait."""
    delay_s: Annotated[float, Meta(ge=1, le=3600)] = 60.0
    """Seconds of that wait; it doubles with each further wrong PIN."""
    longest_delay_s: Annotated[float, Meta(ge=1, le=86400)] = 3600.0
    """Maximum wait, in seconds."""
    lock_after: Annotated[int, Meta(ge=2, le=100)] = 15
    """Consecutive wrong PINs after which no PIN is accepted until an authorized worker sets a new one."""
    pin_memory_kib: Annotated[int, Meta(ge=8192, le=1048576)] = 19456
    """Memory of argon2id in KiB. A PIN that was stored with other parameters is stored again with these when it is next
    proven."""
    pin_passes: Annotated[int, Meta(ge=1, le=32)] = 2
    """Passes of argon2id."""
    pin_lanes: Annotated[int, Meta(ge=1, le=16)] = 1
    """Lanes of argon2id."""
