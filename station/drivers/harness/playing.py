"""Settings that a recording must contain so that the same run can be replayed: requests depend on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from station.base.errors import CaptureUnreadable
from station.base.settings import Reader

_FIELDS: Final = (
    *("driver", "baud", "parity", "bus_address", "answer_ms", "operation_ms"),
    *("frames", "memory_size", "antenna", "most_blocks"),
)


def how(settings: Reader) -> dict[str, object]:
    """Return the settings that determine what is sent, for a capture's meta line."""
    return {name: getattr(settings, name) for name in _FIELDS}


def as_recorded(meta: Mapping[str, object], port: str = "replay:") -> Reader:
    """Return the settings of the recorded run. Raises `CaptureUnreadable` for invalid values."""
    said = {name: meta[name] for name in _FIELDS if name in meta}
    try:
        return msgspec.convert({**said, "port": port}, Reader)
    except msgspec.ValidationError as error:
        raise CaptureUnreadable(f"its first line: {error}") from error
