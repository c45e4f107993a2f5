"""Drivers by name: the station's own, and those that another package adds by an entry point."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from station.base.clock import SystemClock
from station.base.errors import SettingsError
from station.base.settings import Reader, parse
from station.drivers import registry
from station.drivers.feig.reader import FeigReader
from station.drivers.registry import DRIVERS, driver, installed, make_reader, reader_owner
from station.drivers.threem.reader import ThreemReader
from tests.support.patience import PATIENCE_S

MODULE = """
from station.drivers.registry import Driver


class Reader:
    def __init__(self, transport_factory, clock, settings):
        self.settings = settings

    def close(self):
        pass



fixed = Driver(Reader)
NOTHING = None
"""
ENTRIES = """
[station.reader]
acme = acme_reader:Reader
acme-fixed = acme_reader:fixed
acme-nothing = acme_reader:NOTHING
acme-missing = acme_reader_that_is_not:Reader
feig = acme_reader:Reader
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a package on the path as pip would have installed it."""
    (tmp_path / "acme_reader.py").write_text(MODULE, encoding="utf-8")
    metadata = tmp_path / "acme_reader-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-reader\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(ENTRIES, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "acme_reader", raising=False)


def test_our_own_by_name() -> None:
    assert isinstance(make_reader(Reader(), SystemClock()), FeigReader)
    assert isinstance(make_reader(Reader(driver="3m"), SystemClock()), ThreemReader)


def test_the_line_of_a_3m_reader_is_fixed_whatever_the_settings_say() -> None:
    line = DRIVERS["3m"].line(parse('[reader]\ndriver = "3m"\nbaud = 38400\nparity = "E"\nport = "/x"').reader)
    assert (line.baud, line.parity, line.port) == (19200, "N", "/x")


@pytest.mark.parametrize("name", ["acme", "acme-fixed"])
def test_a_strangers_driver_is_found_by_its_name_and_gets_the_settings(acme: None, name: str) -> None:
    reader = make_reader(Reader(driver=name, port="/dev/acme"), SystemClock())
    assert type(reader).__module__ == "acme_reader"
    assert reader.settings.port == "/dev/acme"  # type: ignore[attr-defined]
    owner = reader_owner(Reader(driver=name), SystemClock())
    owner.start()
    assert owner.stop(PATIENCE_S)


def test_a_stranger_does_not_take_our_names(acme: None) -> None:
    assert "feig" not in installed()
    assert driver("feig") is registry.DRIVERS["feig"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("acme-missing", "cannot be loaded"),
        ("acme-nothing", "is not a driver"),
        ("nobody", "there are feig, 3m, nfcpy, acme, acme-fixed"),
    ],
)
def test_what_is_no_driver_is_said_before_anything_starts(acme: None, name: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        reader_owner(Reader(driver=name), SystemClock())
