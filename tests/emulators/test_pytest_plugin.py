"""The pytest plugin in projects of other people, which import neither the station nor its tests."""

from __future__ import annotations

import tomllib
from importlib.metadata import entry_points

import pytest

from tests.conftest import ROOT

pytest_plugins = ["pytester"]

PROJECT = """
import socket
import pytest

INVENTORY = bytes.fromhex("07FFB001001C56")
VERSION = bytes.fromhex("D60003116420")


def ask(port, data):
    with open(port, "r+b", buffering=0) as line:
        line.write(data)
        answer = line.read(1)
        while len(answer) < answer[0]:
            answer += line.read(1)
        return answer


def test_the_usual_reader_is_a_feig(rfid_reader, tags):
    assert ask(rfid_reader.port, INVENTORY).hex() == "0600b0015c63"
    tag = tags.add("E00401000012AB01", memory=b"\\x01\\x02", dsfid=3)
    assert bytes.fromhex(tag.uid) in ask(rfid_reader.port, INVENTORY)
    assert (tag.memory[:4], tag.dsfid, tag.on_pad, tag.eas, tag.locked) == (b"\\x01\\x02\\0\\0", 3, True, False, [])
    assert rfid_reader.counters["commands"] == {"b001": 2}
    tag.lift()
    assert not tags["e00401000012ab01"].on_pad
    tag.poke(afi=7)
    assert (tag.afi, len(tags), [one.uid for one in tags]) == (7, 1, [tag.uid])


@pytest.mark.rfid("3m", network=True, scenario="two-tags", options=["--version", "0a010203"])
def test_one_in_the_network(rfid_reader, tags):
    assert len(tags) == 2
    with socket.create_connection(rfid_reader.address, 10) as line:
        line.sendall(VERSION)
        assert line.makefile("rb").read(9) == bytes.fromhex("D6000811000A010203")
    tags.lift()
    assert not any(tag.on_pad for tag in tags)


@pytest.mark.rfid("3m", minimal="refuses", network=True)
def test_a_minimal_one(rfid_reader):
    with socket.create_connection(rfid_reader.address, 10) as line:
        line.sendall(VERSION)
        assert line.makefile("rb").read(5) == bytes.fromhex("D600041102")


def test_faults_and_the_plug(rfid_reader):
    import os
    rfid_reader.do("silence", on=True)
    rfid_reader.unplug()
    assert not os.path.lexists(rfid_reader.port)
    rfid_reader.plug()
    assert os.path.lexists(rfid_reader.port)
    with pytest.raises(Exception, match="unknown or missing"):
        rfid_reader.do("dance")


@pytest.mark.parametrize("chip", ["slix", "slix2", "sli", "lri2k", "tag-it-hfi-plus", "ntag213"])
def test_tags_get_numbers_of_their_kind(tags, chip):
    assert tags.add(chip=chip).uid != tags.add(chip=chip).uid
"""


@pytest.fixture(autouse=True)
def only_this_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out a dozen other plugins, which would take ten seconds."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def test_a_project_of_somebody_else(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PROJECT)
    result = pytester.runpytest_subprocess("-p", "station.pytest_plugin", "--strict-markers", "-W", "error")
    result.assert_outcomes(passed=10)


def test_the_ini_file_chooses_the_reader(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nrfid_reader = trf7970a\n")
    pytester.makepyfile("def test_kind(rfid_reader): assert rfid_reader.kind == 'trf7970a'")
    pytester.runpytest_subprocess("-p", "station.pytest_plugin", "-W", "error").assert_outcomes(passed=1)


def test_what_cannot_be_is_an_error_with_its_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import pytest
        @pytest.mark.rfid("gramophone")
        def test_one(rfid_reader): pass
        @pytest.mark.rfid(scenario="no-such")
        def test_two(rfid_reader): pass
    """)
    result = pytester.runpytest_subprocess("-p", "station.pytest_plugin", "-W", "error")
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*there is no reader 'gramophone'*", "*no-such: No such file*"])


def test_it_is_an_entry_point_by_the_name_that_projects_use() -> None:
    """By that name pytest loads the plugin once, whether it was requested with -p or found."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert declared == {"station.pytest_plugin": "station.emulators.pytest_plugin"}
    for entry in entry_points(group="pytest11", name="station.pytest_plugin"):
        assert entry.load().__name__ == "station.emulators.pytest_plugin"
