"""Discovery of readers: emulated readers at other speeds, silent, busy and babbling ports, and the new station.toml."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from station.base.clock import Clock
from station.base.errors import SettingsError
from station.base.settings import Reader, Settings, parse
from station.cli import station
from station.cli.admin.settings_file import changed, template
from station.cli.shared import app
from station.drivers.feig.models import MODELS, model, transponders
from station.drivers.line import serial as transport
from station.drivers.line.serial import PortInfo, SerialTransport, serial_ports
from station.drivers.registry import DRIVERS
from station.drivers.search.discovery import Found, Outcome, in_order, lines, scan
from station.drivers.search.probes import BY_DRIVER, PROBES
from tests.drivers.feig.test_against_emulator import Bench
from tests.drivers.feig.test_models import Net
from tests.support.fair import FairClock
from tests.support.nfcpy_peer import NfcPad
from tests.support.patience import PATIENCE_S
from tests.support.told import told


@contextmanager
def talker(folder: Path, answer: Callable[[bytes], bytes], heard: bytearray | None = None) -> Iterator[str]:
    """Yield a port whose far end gives `answer` to each piece of bytes it receives."""
    far, near = os.openpty()
    wake_read, wake_write = os.pipe()
    os.set_blocking(far, False)
    link = folder / f"port{far}"
    link.symlink_to(os.ttyname(near))

    def work() -> None:
        import select

        while True:
            ready, _, _ = select.select([far, wake_read], [], [])
            if wake_read in ready:
                return
            data = os.read(far, 4096)
            if heard is not None:
                heard.extend(data)
            if reply := answer(data):
                os.write(far, reply)

    os.set_blocking(near, False)
    import tty

    tty.setraw(near)
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield str(link)
    finally:
        os.write(wake_write, b"x")
        thread.join(PATIENCE_S)
        for descriptor in (far, near, wake_read, wake_write):
            os.close(descriptor)


def ports(*names: str) -> tuple[PortInfo, ...]:
    return tuple(PortInfo(name, name) for name in names)


def look(*names: str, clock: Clock | None = None) -> tuple[Found, ...]:
    return scan(ports(*names), Reader(), clock or FairClock())


@pytest.mark.parametrize("baud", [38400, 9600, 115200, 230400])
def test_an_emulated_feig_is_found_at_whatever_speed_it_was_set_to(tmp_path: Path, baud: int) -> None:
    bench = Bench(tmp_path, "--baud", str(baud))
    try:
        (found,) = look(bench.link, clock=bench.clock)
        assert found.outcome is Outcome.READER
        assert (found.driver, found.baud, told(found.model), found.firmware) == ("feig", baud, "FEIG CPR.M02", "2.05")
        assert "reads ISO 15693" in map(told, found.details) and "buffers of 255 and 255 bytes" in map(
            told, found.details
        )
        counted = bench.do("counters")["commands"]
        assert set(counted) == {"65", "66"}, "only commands that read were sent"
    finally:
        bench.close()


def test_a_3m_reader_answers_as_the_real_one_did(tmp_path: Path) -> None:
    # docs/reference/readers.md#3m-frames: the probe and its answer, from real hardware
    probe, answer = bytes.fromhex("D500050400118C66"), bytes.fromhex("D500090400110A0500027250")
    with talker(tmp_path, lambda data: answer if data == probe else b"") as port:
        (found,) = look(port)
    assert (found.outcome, found.driver, found.baud, found.parity) == (Outcome.READER, "3m", 19200, "N")
    assert (told(found.model), found.firmware) == ("3M / Bibliotheca", "5.0.2")


def test_every_kind_of_port_in_one_look(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    heard = bytearray()
    with ExitStack() as stack:
        stack.callback(bench.close)
        silent = stack.enter_context(talker(tmp_path, lambda data: b"", heard))
        babble = stack.enter_context(talker(tmp_path, lambda data: b"\x1b]0;hello\x07" + data))
        busy = stack.enter_context(talker(tmp_path, lambda data: b""))
        holder = SerialTransport(Reader(port=busy))
        stack.callback(holder.close)
        gone = str(tmp_path / "gone")
        found = look(silent, babble, busy, gone, bench.link, clock=bench.clock)
    assert [one.outcome for one in found] == [
        Outcome.SILENT,
        Outcome.UNKNOWN,
        Outcome.BUSY,
        Outcome.MISSING,
        Outcome.READER,
    ]
    assert all(one.sentence for one in found)
    pn532 = "5555" + "00" * 14 + "0000FF02FED4022A00"
    asked = tuple(map(bytes.fromhex, (pn532, "05FF65E5CB", "020007FF656E61", "D500050400118C66")))
    left = bytes(heard)
    for frame in asked:
        left = left.replace(frame, b"")
    assert heard and left == b"", "a silent port receives the four probes and nothing else"


@pytest.mark.parametrize("where", ["terminal", "network"])
def test_a_reader_that_knows_advanced_frames_only_is_found(tmp_path: Path, where: str) -> None:
    make = Net if where == "network" else Bench
    bench = make(tmp_path, "--model", "mr102")
    try:
        (found,) = look(bench.link, clock=bench.clock)
        assert (found.outcome, found.driver, found.frames) == (Outcome.READER, "feig", "advanced")
        assert ("TCP" in told(found.sentence)) == found.in_network == (where == "network")
        assert "advanced frames" in map(told, found.details)
    finally:
        bench.close()


def test_a_3m_reader_behind_a_terminal_server_is_found(tmp_path: Path) -> None:
    class Pad(Net):
        MODULE = "threem"

    pad = Pad(tmp_path)
    try:
        (found,) = look(pad.link, clock=pad.clock)
        assert (found.outcome, found.driver, told(found.sentence)[-3:]) == (Outcome.READER, "3m", "TCP")
    finally:
        pad.close()


def test_a_host_that_cannot_be_reached_is_said_so() -> None:
    (found,) = look("tcp://127.0.0.1:1")
    assert (found.outcome, told(found.sentence)) == (Outcome.MISSING, "cannot be reached")


def test_nothing_to_look_at_is_no_error() -> None:
    assert scan((), Reader(), FairClock()) == ()


def test_settings_and_memory_come_first_then_known_adapters() -> None:
    plain = PortInfo("/dev/ttyS0", "/dev/ttyS0")
    usb = PortInfo("/dev/ttyUSB1", "/dev/ttyUSB1", 0x1A86, 0x7523)
    ftdi = PortInfo("/dev/serial/by-id/usb-FTDI", "/dev/ttyUSB0", 0x0403, 0x6001, "FT232R")
    order = in_order((plain, usb, ftdi), ("", "/dev/ttyUSB1", "/dev/gone", "/dev/ttyUSB1"))
    assert [port.name for port in order] == ["/dev/ttyUSB1", "/dev/gone", "/dev/serial/by-id/usb-FTDI", "/dev/ttyS0"]
    assert in_order((plain, usb, ftdi), ("/dev/ttyUSB0",))[0] is ftdi, "either name is recognized"
    names = [PortInfo("/dev/a", ""), PortInfo("/dev/b", "", 0x1A86), PortInfo("/dev/c", "", 0x0AB1, 1)]
    names.append(PortInfo("/dev/d", "", 0x0403, 0x6001))
    assert [port.name for port in in_order(names, ())] == ["/dev/c", "/dev/d", "/dev/b", "/dev/a"], (
        "the order does not depend on the names"
    )
    assert ftdi.usb == "0403:6001 FT232R" and plain.usb == ""


def test_the_settings_line_is_tried_first_and_every_line_once() -> None:
    tried = lines(Reader(baud=57600, parity="O"))
    assert tried[0] == ("feig", 57600, "O")
    assert len(set(tried)) == len(tried)
    assert lines(Reader(driver="somebody-s"))[0] == ("feig", 38400, "E"), "a driver from another package has no probe"
    for _, baud, parity in tried:
        parse(f'[reader]\nbaud = {baud}\nparity = "{parity}"')
    assert {probe.driver for probe in PROBES} == set(BY_DRIVER) <= set(DRIVERS)


def test_usb_numbers_and_stable_names_come_from_the_system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    by_id = tmp_path / "by-id"
    by_id.mkdir()
    (by_id / "usb-FTDI-if00").symlink_to(device)
    info = ListPortInfo(str(device))
    info.vid, info.pid, info.description = 0x0403, 0x6001, "FT232R\x1b[2J"
    other = ListPortInfo("/dev/ttyS4")
    monkeypatch.setattr(list_ports, "comports", lambda: [info, other])
    one, two = serial_ports(by_id)
    assert (one.name, one.device) == (str(by_id / "usb-FTDI-if00"), str(device))
    assert "\x1b" not in one.usb and one.usb.startswith("0403:6001 FT232R")
    assert (two.name, two.usb) == ("/dev/ttyS4", "")
    assert [port.name for port in serial_ports(tmp_path / "none")] == [str(device), "/dev/ttyS4"]


def test_names_of_models_are_those_of_annex_b() -> None:
    # H20800-16e Annex B, as listed in docs/reference/readers.md#feig-commands
    assert [model(n) for n in (80, 81, 87, 74, 91)] == ["CPR.M02", "CPR.02", "CPR.04/M04", "MR100/PR100", "LRU1000"]
    assert model(33) == "SW-TYPE 33"
    assert len(MODELS) == 17
    # 6.4: bit 3 ISO15693, 4 14443A, 5 14443B, 8 Jewel
    assert transponders(0x0138) == ("ISO 15693", "ISO 14443 A", "ISO 14443 B", "Jewel")


# --- station.toml ---------------------------------------------------------------------------------------------------


WRITTEN = template()
OLD = parse(WRITTEN)


@given(
    st.sampled_from(["feig", "3m"]),
    st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30),
    st.sampled_from([9600, 38400, 115200]),
    st.sampled_from(["E", "N"]),
)
def test_any_value_goes_into_the_written_file_and_nothing_else_changes(
    driver: str, port: str, baud: int, parity: str
) -> None:
    old = WRITTEN
    new = changed(old, OLD, "reader", {"driver": driver, "port": port, "baud": baud, "parity": parity})
    assert parse(new) == Settings(reader=Reader(driver=driver, port=port, baud=baud, parity=parity))  # type: ignore[arg-type]
    differing = [pair for pair in zip(old.split("\n"), new.split("\n"), strict=True) if pair[0] != pair[1]]
    assert len(differing) <= 4
    assert not any(line.startswith("#") for line, _ in differing)


def test_a_person_s_own_file_keeps_its_comments_and_order() -> None:
    old = '# mine\n[reader]  # the pad\n  baud = 9600 # slow\nport="/dev/ttyUSB3"   # left one\n[tag]\ndsfid = 6\n'
    new = changed(old, parse(old), "reader", {"port": "/dev/x", "baud": 38400, "parity": "N"})
    assert new == (
        '# mine\n[reader]  # the pad\nparity = "N"\n  baud = 38400 # slow\nport="/dev/x"   # left one\n[tag]\ndsfid = 6\n'
    )
    odd = '# a\u2028b\n[reader]\nport = "x\u2028y"\n'
    assert changed(odd, parse(odd), "reader", {"port": "/dev/x"}) == '# a\u2028b\n[reader]\nport = "/dev/x"\n'
    assert changed("", parse(""), "reader", {"baud": 9600}) == "\n[reader]\nbaud = 9600\n"


@pytest.mark.parametrize(
    "old", ['reader.port = "/dev/x"\n', 'reader = {port = "/dev/x"}\n', '[reader]\n"port" = "/dev/x"\n']
)
def test_a_file_that_cannot_be_changed_line_by_line_is_left_to_a_person(old: str) -> None:
    with pytest.raises(SettingsError):
        changed(old, parse(old), "reader", {"port": "/dev/y"})


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(list_ports, "comports", list)  # leave this machine's own ports alone
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}))
    return folder


def run(data: Path, *arguments: str, at: tuple[Bench | NfcPad, ...] = ()) -> tuple[int, str, str]:
    """Run the command. `at`: emulators that it can reach."""
    clock = FairClock(*(one.control for one in at))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "SystemClock", lambda: clock)
        result = CliRunner().invoke(station, ["reader", "scan", "--data", str(data), *arguments])
    clock.close()
    return result.exit_code, result.stdout, result.stderr


def test_scan_writes_what_it_found_and_remembers_the_port(tmp_path: Path, data: Path) -> None:
    bench = Bench(tmp_path, "--baud", "9600")
    try:
        code, out, err = run(data, bench.link, at=(bench,))
        assert code == 0 and "FEIG CPR.M02" in out and "--write" in err
        before = (data / "station.toml").read_text()
        code, _, err = run(data, bench.link, "--write", at=(bench,))
        assert code == 2 and "--yes" in err, "without a terminal there is no confirmation"
        assert (data / "station.toml").read_text() == before
        code, out, _ = run(data, "--write", "--yes", "--json", at=(bench,))
        assert code == 0 and json.loads(out)["written"] is True, "the remembered port is searched"
        settings = parse((data / "station.toml").read_text())
        assert (settings.reader.port, settings.reader.baud) == (bench.link, 9600)
        assert settings.library.isil == "US-TxDa"
        bench.do("unplug")
        code, out, _ = run(data)
        assert code == 1 and "not there" in out
    finally:
        bench.close()


def test_hosts_of_the_settings_are_looked_at_and_a_found_one_is_written(tmp_path: Path, data: Path) -> None:
    bench = Net(tmp_path, "--model", "mr102")
    path = data / "station.toml"
    try:
        path.write_text(template(**{"library.isil": "US-TxDa", "reader.hosts": (bench.link, "tcp://127.0.0.1:1")}))
        code, out, _ = run(data, "--write", "--yes", "--json", at=(bench,))
        assert code == 0
        assert [one["outcome"] for one in json.loads(out)["ports"]] == ["reader", "missing"]
        reader = parse(path.read_text()).reader
        assert (reader.port, reader.frames, reader.baud) == (bench.link, "advanced", Reader().baud)
    finally:
        bench.close()


def test_two_readers_or_none_are_not_written(tmp_path: Path, data: Path) -> None:
    told = bytes.fromhex("D500090400110A0500027250")
    with talker(tmp_path, lambda data: told if data[:1] == b"\xd5" else b"") as one:
        bench = Bench(tmp_path)
        try:
            before = (data / "station.toml").read_text()
            code, _, err = run(data, one, bench.link, "--write", "--yes", at=(bench,))
            assert code == 1 and "name a PORT" in err
            code, _, err = run(data, str(tmp_path / "gone"), "--write", "--yes")
            assert code == 1 and "no reader was found" in err
            assert (data / "station.toml").read_text() == before
        finally:
            bench.close()


def test_a_reader_of_badges_is_named_and_goes_into_its_own_section(tmp_path: Path, data: Path) -> None:
    """The probe wakes a sleeping PN532. If a reader of labels is found beside it, both are written."""
    for name in ("labels", "badges"):
        (tmp_path / name).mkdir()
    bench = Bench(tmp_path / "labels")
    pn532 = NfcPad(tmp_path, "pn532", "--link", str(tmp_path / "badges" / "reader"))
    try:
        code, out, err = run(data, pn532.link, bench.link, "--write", "--yes", "--json", at=(bench, pn532))
        assert code == 0, err
        found = json.loads(out)["ports"]
        assert [(one["driver"], one["model"]) for one in found] == [("nfcpy", "PN532"), ("feig", "FEIG CPR.M02")]
        assert (found[0]["firmware"], found[0]["baud"], found[0]["parity"]) == ("1.6", 115200, "N")
        settings = parse((data / "station.toml").read_text())
        assert (settings.badge.port, settings.reader.port) == (pn532.link, bench.link)
        assert settings.reader.driver == "feig"
        assert pn532.do("counters")["commands"] == {"02": 1}, "only its version was requested"
    finally:
        pn532.close()
        bench.close()


def test_the_port_list_is_asked_in_one_place() -> None:
    assert transport.list_ports is list_ports
