"""Create the Alma adapters from settings: with the site's mapping, and the functions that make its records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from station.base import settings
from station.base.clock import Clock
from station.base.credentials import Secret
from station.sync.alma.mapping import load_mapping
from station.sync.alma.orders import AlmaOrders
from station.sync.alma.record import Describe, Labelled
from station.sync.alma.system import Alma
from station.sync.courier.shared_quota import SharedQuota

SHARE: Final = "alma.share"
"""Ledger of requests, in the data directory: shared by the station and all commands."""


def open_alma(
    config: settings.Alma,
    data: Path,
    clock: Clock,
    key: Callable[[], Secret],
    describe: Describe | None = None,
    labelled: Labelled = lambda record: record,
    fields: Sequence[str] = (),
    reason_field: str = "",
) -> Alma:
    """Return the adapter for `delivery.alma`. `fields`: fields of live items that the site's rules check by name;
    `reason_field`: as for `Alma`.

    Raises `SettingsError` with file and line for invalid settings.
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
        reason_field=reason_field,
    )


def open_alma_orders(config: settings.Alma, data: Path, clock: Clock, key: Callable[[], Secret]) -> AlmaOrders:
    """Return the adapter for `delivery.alma.orders`. Raises `SettingsError` if the address is not usable."""
    return AlmaOrders(config, key, clock, quota=SharedQuota(data / SHARE, clock))
