"""Generated faults against every driver: see campaign.py for the invariants."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SOAK
from tests.drivers.campaign import SILICON, Campaign

SEEDS = 300 if SOAK else 50
SOAK_SEEDS = int(os.environ.get("STATION_CAMPAIGN", "10000"))

DRIVERS = {
    # Refusals that cannot be mistaken for an answer: those of the tag and of the reader, and "no transponder".
    "feig": ("feig", (0x02, 0x03, 0x05, 0x0E, 0x80, 0x81)),
    "3m": ("threem", (0x02, 0x06, 0x0F, 0x12, 0x15, 0x16, 0x30, 0x31, 0xFE)),
}


MINIMAL = {"feig": ("", "b02b,b027,b029"), "3m": ("", "09,0b,0f")}
"""Commands of a minimal reader beyond those that inventory, read and write need."""
OTHER_CHIPS = [name for name in SILICON if name != "slix"]


@pytest.fixture(params=DRIVERS)
def campaign(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Campaign]:
    module, errors = DRIVERS[request.param]
    campaign = Campaign(request.param, module, tmp_path, errors)
    yield campaign
    campaign.close()


def test_every_schedule_keeps_the_laws(campaign: Campaign) -> None:
    for seed in range(SEEDS):
        campaign.run(seed)
    # Faults took effect, but not in every operation.
    assert campaign.outcomes["done"] > SEEDS
    assert {"reader-silent", "protocol-remote", "tag-absent", "port-lost"} <= set(campaign.outcomes)


@pytest.fixture(params=OTHER_CHIPS)
def other(request: pytest.FixtureRequest, name: str, tmp_path: Path) -> Iterator[Campaign]:
    module, errors = DRIVERS[name]
    campaign = Campaign(name, module, tmp_path, errors, request.param)
    yield campaign
    campaign.close()


@pytest.mark.parametrize("name", DRIVERS)
def test_every_other_chip_too(other: Campaign) -> None:
    for seed in range(SEEDS // 10):
        other.run(seed)
    assert other.outcomes["done"] > SEEDS // 10


@pytest.mark.parametrize("answer", ["refuses", "silent"])
@pytest.mark.parametrize(("name", "added"), [(name, added) for name, all_of in MINIMAL.items() for added in all_of])
def test_a_minimal_reader_too(name: str, added: str, answer: str, tmp_path: Path) -> None:
    """Without the optional commands every invariant holds too."""
    module, errors = DRIVERS[name]
    campaign = Campaign(name, module, tmp_path, errors, options=("--minimal", answer, "--with", added))
    try:
        for seed in range(SEEDS // 5):
            campaign.run(seed)
        assert campaign.outcomes["done"] > SEEDS // 5
        assert campaign.reader.capabilities.lacks
    finally:
        campaign.close()


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", DRIVERS)
def test_thousands_of_schedules_of_every_other_chip(other: Campaign) -> None:
    for seed in range(SEEDS, SEEDS + SOAK_SEEDS // 4):
        other.run(seed)
    print(
        f"{other.name}, {other.silicon.target}: {SOAK_SEEDS // 4} schedules, operations by their end: {other.outcomes}"
    )


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_ten_thousand_schedules(campaign: Campaign) -> None:
    for seed in range(SEEDS, SEEDS + SOAK_SEEDS):
        campaign.run(seed)
    print(f"{campaign.name}: {SOAK_SEEDS} schedules, operations by their end: {campaign.outcomes}")
