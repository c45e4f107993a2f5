"""`station harness`: run the contract of a reader on a reader, an emulator or a recording, with a scratch tag."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
import msgspec

from station import __version__
from station.base.errors import (
    PortBusy,
    PortDenied,
    PortMissing,
    ReaderSilent,
    StationError,
    TagMismatch,
    TransportError,
)
from station.base.settings import Reader
from station.base.text import clean
from station.base.words import tell
from station.cli.reader.conformance_capture import NO_WRITES, Recorded, recorded
from station.cli.reader.harness_operator import AbsentHands, TerminalHands, TerminalOperator, at_terminal
from station.cli.reader.slow_search import search_slowly
from station.cli.shared.app import DONE, NOT_GOOD, App, as_json, data_option, json_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.drivers.harness import scratch
from station.drivers.harness.hands import Hands, NoHands, Played
from station.drivers.harness.playing import as_recorded, how
from station.drivers.harness.results import Report, Restored
from station.drivers.harness.scratch import Image, put_back
from station.drivers.harness.subject import Sent, Subject, counting
from station.drivers.harness.suite import (
    MINIMUM,
    MINIMUM_READING,
    MINIMUM_RECORDED,
    Suite,
    minimum_of,
    no_item,
    unexpected,
)
from station.drivers.harness.words import lines
from station.drivers.line.capture import Recorder, load, recording
from station.drivers.line.opening import REPLAY, opener
from station.drivers.line.serial import PortInfo, serial_ports
from station.drivers.reader.known import KnownReaders
from station.drivers.registry import DRIVERS, driver, make_reader
from station.drivers.search.discovery import Found, Outcome, in_order, scan, unanswered
from station.runtime.data_directory import SETTINGS_NAME

NOT_RESTORED: Final = TagMismatch.exit_code
TOO_LITTLE: Final = 12
_OWN_LINE: Final = ("usb", "udp")
"""Ports that nfcpy opens itself, so that they cannot be probed."""
_LOST: Final[dict[Outcome, type[TransportError]]] = {
    Outcome.BUSY: PortBusy,
    Outcome.DENIED: PortDenied,
    Outcome.MISSING: PortMissing,
}


@click.command()
@data_option
@json_option
@click.option(
    "--reader", "port", required=True, help='Port of the reader: /dev/ttyUSB0, "tcp://HOST:PORT", or "replay:FILE".'
)
@click.option("--driver", "name", help="Driver (feig, 3m, nfcpy, or an installed one); without it, the port is probed.")
@click.option("--read-only", is_flag=True, help="Run only the cases that write nothing, and ask nothing.")
@click.option("--scratch", "uid", metavar="UID", help="Tag that may be written although it is not blank.")
@click.option("--yes", is_flag=True, help="Write to a blank scratch tag without asking.")
@click.option("--no-hands", is_flag=True, help="Ask no one to move tags: one scratch tag is already on the pad.")
@click.option(
    "--image",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Directory where the tag is saved before it is written; by default, the current one.",
)
@click.option(
    "--capture",
    type=click.Path(path_type=Path),
    help="Record all data to and from the reader in this new file, or in a new file in this directory.",
)
@click.option(
    "--restore",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only restore the tag that was saved in this file.",
)
@pass_app
def harness(
    app: App,
    port: str,
    name: str | None,
    read_only: bool,
    uid: str | None,
    yes: bool,
    no_hands: bool,
    folder: Path,
    capture: Path | None,
    restore: Path | None,
) -> int:
    """Test whether a reader keeps the contract that the station relies on, with a scratch tag, and report the results.

    The harness looks first, and reports what it finds. Before the first write it shows the tag and its content, and
    asks. A tag that is not blank is refused unless --scratch names its UID. Nothing is ever locked. The tag is saved in
    a file and restored byte for byte at the end, also after Ctrl-C, a lifted tag or a pulled plug. If that fails, the
    report names what may have changed, and the command that restores it.

    "replay:FILE" replays a recorded run of this command. Any other capture takes the role of a reader that answers only
    the recorded requests. No device is needed, and what the capture cannot show is reported as skipped.

    What a reader cannot do (the EAS bit, AFI, a field reset) is neither saved nor changed, and its cases are skipped.
    The minimum is a tag that is found, read, written and read back: the cases connect, one, read-first, read-all and
    write-one. With --read-only, the minimum ends before write-one; for a capture of something else, it is connect.

    Exit code 0: no case failed, and the minimum passed; 1: a case failed, or the run was stopped; 12: no case failed,
    and a case of the minimum did not pass; 20: the tag is not as it was.
    """
    for file in () if capture is None else (capture, capture.with_suffix(".report.json")):
        if file.is_file():
            raise click.UsageError(f"{file} exists already; a capture never replaces another")
    played = recorded(port, name, app.clock)
    settings = _found(app, port, name) if played is None else played.settings
    with stoppable(signal.SIGTERM, signal.SIGHUP) as stop, _line(app, settings, capture, played) as (subject, place):
        subject.stop = stop
        if restore is not None:
            return _restore(app, subject, settings, restore)
        desk = TerminalOperator(app, folder, read_only=read_only, scratch=uid or "", yes=yes)
        if played is None:
            suite = Suite(subject, _hands(app, settings, no_hands=no_hands), settings, desk)
        else:
            suite = Suite(subject, played, settings, desk, next(iter(played.tags), None), NO_WRITES, played.not_alone)
        began = app.clock.now()
        try:
            suite.run()
        finally:
            desk.end(suite.restored)
            report = _report(settings, began, suite, subject, place, desk)
    wanted = MINIMUM_RECORDED if played is not None else MINIMUM_READING if read_only else MINIMUM
    report = msgspec.structs.replace(report, minimum=minimum_of(report.results, wanted))
    if played is None:
        report = msgspec.structs.replace(report, no_item=no_item(report.reader, report.results))
        if report.reader is not None and (app.data / SETTINGS_NAME).exists():
            KnownReaders(app.data).noted(report.reader)
    if played is not None:
        report = msgspec.structs.replace(report, recording=played.sentence)
    if place is not None:
        report = _kept(report, place, capture)
    app.report(report, lines(report))
    if report.restored is not None and not report.restored.exact:
        return NOT_RESTORED
    if not report.good:
        return NOT_GOOD
    return TOO_LITTLE if report.minimum.missing else DONE


# --- the reader -----------------------------------------------------------------------------------------------------


def _found(app: App, port: str, name: str | None) -> Reader:
    """Return the settings for the reader at this port. If there is no usable reader, raises the error of the port."""
    known = app.settings().reader if (app.data / SETTINGS_NAME).exists() else Reader()
    base = msgspec.structs.replace(known, port=port, capture="", driver=name or known.driver)
    if port.startswith(REPLAY):
        return as_recorded(load(Path(port.removeprefix(REPLAY))).meta, port)
    if port.startswith(_OWN_LINE):
        return msgspec.structs.replace(base, driver="nfcpy")
    if name is not None and name not in DRIVERS:
        driver(name)  # third-party driver: must be installed; no request is known that its reader understands
        return base
    app.note(f"Looking for the reader at {port}, with requests that only read.")
    listed = tuple(info for info in serial_ports() if port in (info.name, info.device)) or (PortInfo(port, port),)
    (result, *_) = quick = scan(in_order(listed, (port,)), base, app.clock)
    if unanswered(quick):
        (result, *_) = search_slowly(app, quick, base)[0]
    if result.outcome is not Outcome.READER:
        raise _LOST.get(result.outcome, ReaderSilent)(f"{port}: {tell(result.sentence)}")
    app.note(f"{port}: {tell(result.sentence)} (driver {result.driver})")
    if name is not None and result.driver != name:
        raise ReaderSilent(f"{port}: driver {name} was asked for, and {result.driver} answers")
    return _settings_of(base, result)


def _settings_of(base: Reader, result: Found) -> Reader:
    settings = msgspec.structs.replace(base, driver=result.driver)
    if not result.in_network:
        # msgspec checks no types here: the search used only speeds and parities that the settings allow.
        settings = msgspec.structs.replace(settings, baud=result.baud, parity=result.parity)
    if result.frames == "advanced" or (result.frames and result.in_network):
        # In a network, "auto" begins differently than on a serial line, and a recording has no network.
        settings = msgspec.structs.replace(settings, frames=result.frames)
    return settings


@contextmanager
def _line(
    app: App, settings: Reader, capture: Path | None, played: Recorded | None
) -> Iterator[tuple[Subject, Path | None]]:
    """Yield the reader under test, not yet connected, and the file in which it is recorded."""
    line_settings = driver(settings.driver).line(settings)
    sent = None if settings.port.startswith(_OWN_LINE) else Sent()
    line = opener(line_settings, app.clock, Path()) if played is None else played.replay.connect
    place, recorder = None, None
    if capture is not None:
        if sent is None:
            raise click.UsageError("a line that nfcpy opens itself cannot be recorded")
        place = capture / ".harness.jsonl.part" if capture.is_dir() else capture
        place.unlink(missing_ok=True)
        recorder = Recorder(place, app.clock, {"station": __version__, **how(settings), "harness": True})
        line = recording(line, recorder)
    if sent is not None:
        line = counting(line, sent)
    recording_of = None if played is None else played.replay
    subject = Subject(make_reader(settings, app.clock, line), app.clock, settings, sent, recording=recording_of)
    try:
        yield subject, place
    finally:
        try:
            subject.close()
        except StationError as error:
            app.note(f"closing the port: {tell(error.coded_detail)}")
        if recorder is not None:
            recorder.close()


def _hands(app: App, settings: Reader, *, no_hands: bool) -> Hands:
    if settings.port.startswith(REPLAY):
        path = Path(settings.port.removeprefix(REPLAY)).with_suffix(".report.json")
        try:
            return Played(msgspec.json.decode(path.read_bytes(), type=Report).hands)
        except (OSError, msgspec.MsgspecError) as error:
            raise click.UsageError(f"{path}, the report of the recorded run, is needed beside it: {error}") from error
    if no_hands:
        return NoHands()
    return TerminalHands(app) if at_terminal() else AbsentHands(app)


# --- the report -----------------------------------------------------------------------------------------------------


def _report(
    settings: Reader, began: str, suite: Suite, subject: Subject, place: Path | None, desk: TerminalOperator
) -> Report:
    greeted = any(result.case == "connect" and result.outcome.value == "passed" for result in suite.results)
    serial = not settings.port.startswith(("tcp:", REPLAY, *_OWN_LINE))
    line_settings = driver(settings.driver).line(settings)
    restored = suite.restored
    if restored is not None and not restored.exact:
        restored = msgspec.structs.replace(restored, image=str(desk.path or ""))
    return Report(
        station=__version__,
        began=began,
        driver=settings.driver,
        port=settings.port,
        line=f"{line_settings.baud} baud 8{line_settings.parity}1" if serial else "",
        reader=subject.capabilities if greeted else None,
        results=tuple(suite.results),
        tag=suite.tag,
        restored=restored,
        stopped=suite.stopped,
        hands=tuple(suite.hands),
        capture=str(place or ""),
    )


def _kept(report: Report, place: Path, capture: Path | None) -> Report:
    """Give the capture its name, and write the report beside it: both are needed to replay the run."""
    if capture is not None and capture.is_dir() and place.exists():
        who = f"{report.driver}-{report.reader.name}-{report.reader.firmware}" if report.reader else report.driver
        stem = "-".join("".join(char if char.isalnum() or char in ".-" else " " for char in clean(who, 80)).split())
        number = 1
        while (path := capture / f"{stem}{'' if number == 1 else f'-{number}'}.jsonl").exists():
            number += 1
        place.rename(path)
        place = path
    report = msgspec.structs.replace(report, capture=str(place))
    beside = place.with_suffix(".report.json")
    beside.touch(mode=0o600)  # readable by its owner only, like the capture
    beside.write_text(as_json(report) + "\n", encoding="ascii")
    return report


# --- restoring a tag ------------------------------------------------------------------------------------------------


def _restore(app: App, subject: Subject, settings: Reader, path: Path) -> int:
    try:
        saved: Image = scratch.load(path)
    except (OSError, ValueError) as error:
        raise click.UsageError(clean(str(error), 400)) from error
    subject.reconnect()
    try:
        left = put_back(subject, saved, app.note)
    except StationError:
        raise
    except Exception as error:
        left = (unexpected(error),)
    sentence = scratch.as_it_was(saved)
    if left:
        sentence = f"The tag {saved.uid} is not as it was saved in {path}: {', '.join(left)}."
    restored = Restored(not left, sentence, left, str(path) if left else "")
    app.report({"driver": settings.driver, "port": settings.port, "restored": restored}, [sentence])
    return NOT_RESTORED if left else DONE
