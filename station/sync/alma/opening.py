"""From settings to the Alma adapter: the site's mapping, and what makes its records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from station.base import settings
from station.base.clock import Clock
from station.base.credentials import Secret
from station.sync.alma.mapping import load_mapping
from station.sync.alma.record import Describe, Labelled
from station.sync.alma.system import Alma
from station.sync.courier.shared_quota import SharedQuota

SHARE: Final = "alma.share"
"""The ledger of requests, in the data directory: one for the station and every command beside it."""


def open_alma(
    config: settings.Alma,
    data: Path,
    clock: Clock,
    key: Callable[[], Secret],
    describe: Describe | None = None,
    labelled: Labelled = lambda record: record,
    fields: Sequence[str] = (),
) -> Alma:
    """The adapter for `delivery.alma`; `fields`: those of live items that the site's rules look at by name.

    Raises `SettingsError` with file and line for what is not sound.
    """
    quota = SharedQuota(data / SHARE, clock)
    return Alma(
        config,
        key,
        clock,
        mapping=load_mapping(config, data),
        describe=describe,
        labelled=labelled,
        quota=quota,
        fields=fields,
    )
