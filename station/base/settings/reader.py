"""Settings of the RFID reader."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Reader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The RFID reader."""

    driver: Annotated[str, Meta(min_length=1, max_length=40)] = "feig"
    """"feig" = FEIG OBID ISO-Host (CPR, MR, PR, LR families); "3m" = 3M / Bibliotheca 810 and 210; "nfcpy" = NTAG
    labels and badges, no library labels; or the name of a separately installed driver."""
    port: str = "/dev/serial/by-id/CHANGE-ME"
    """Serial port; use the name under /dev/serial/by-id, which stays the same. "tcp://HOST:PORT" is a reader in the
    network or behind a terminal server (FEIG: port 10001). "replay:FILE" plays a capture instead."""
    baud: Literal[4800, 9600, 19200, 38400, 57600, 115200, 230400] = 38400
    """Speed as configured in the reader (FEIG default 38400); "3m" is always 19200."""
    parity: Literal["E", "O", "N"] = "E"
    """Parity as configured in the reader (FEIG default E); "3m" has none."""
    bus_address: Annotated[int, Meta(ge=0, le=255)] = 255
    """Reader address; 255 reaches every FEIG reader."""
    answer_ms: Annotated[int, Meta(ge=100, le=30000)] = 1000
    """Maximum time in ms that a reader may take for one command (FEIG: its TR-RESPONSE-TIME); the station waits a
    little longer."""
    operation_ms: Annotated[int, Meta(ge=1000, le=120000)] = 20000
    """Maximum time in ms of one operation with all its commands (an inventory, reading or writing one tag)."""
    frames: Literal["auto", "standard", "advanced"] = "auto"
    """Frame format of a FEIG reader: "auto" detects it when connecting; MR102 and others support "advanced" only."""
    memory_size: Literal["auto", "manual", "air"] = "auto"
    """How a FEIG reader reports the size of a tag: "manual" = bytes and blocks (4, 28), "air" = one less of each (3,
    27), "auto" accepts both (an odd number is one less)."""
    antenna: Annotated[int, Meta(ge=0, le=2)] = 0
    """Antenna output of a FEIG reader with two outputs; 0 = the one that is on."""
    hosts: tuple[str, ...] = ()
    """Network readers that "station reader scan" looks for, as "tcp://HOST:PORT"."""
    most_blocks: Annotated[int, Meta(ge=0, le=255)] = 0
    """Maximum number of tag blocks per command; 0 = the driver's safe limit (FEIG: the reader's buffers, at most 32;
    3M: 8 in a write, 32 in a read, fewer if the reader refuses)."""
    poll_ms: Annotated[int, Meta(ge=50, le=5000)] = 250
    """Time in ms between looks at the pad."""
    capture: str = ""
    """File, relative to the data directory, in which all traffic with the reader is recorded; it holds UIDs and
    contents of tags (see docs/readers/captures.md). Empty = nothing is recorded."""
