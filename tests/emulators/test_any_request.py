"""An emulated reader answers any whole frame, or is silent; no frame ends it."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.emulators.feig import device as feig
from station.emulators.field.faults import ONE_SHOT
from station.emulators.pn532 import device as pn532
from station.emulators.reader.control import Control
from station.emulators.reader.device import Device
from station.emulators.threem import device as threem
from station.emulators.trf7970a import device as trf7970a
from tests.emulators.trf7970a.trf_rig import request as trf_request
from tests.support.feig_rig import frame as feig_frame
from tests.support.pn532_rig import frame as pn532_frame
from tests.support.threem_rig import frame as threem_frame

LABELS = {"E004015000000001": "slix2", "E00700000071AB02": "tag-it-hfi-plus", "E00220000000AA01": "lri2k"}
BADGE = "04A1B2C3D4E5F6"
CARD = (0x26, 0x30, 0x39, 0x3A, 0x3C, 0x1B, 0x50, 0x52, 0x60, 0x93, 0xA0, 0xA2)
"""First bytes of frames that a card of type A may understand."""

few = st.binary(max_size=16)
label = st.sampled_from(sorted(LABELS)).map(bytes.fromhex)


@st.composite
def air_request(draw: st.DrawFn) -> bytes:
    """Draw flags, a command of ISO/IEC 15693-3 or of a manufacturer, usually its parameters, and any rest."""
    flags = draw(st.sampled_from((0x02, 0x06, 0x12, 0x16, 0x22, 0x26, 0x36, 0x62)) | st.integers(0, 255))
    command = draw(st.sampled_from((0x01, 0x02, *range(0x20, 0x2D), *range(0xA0, 0xA7), *range(0xB2, 0xBB))))
    uid = draw(label)
    maker = uid[1:2] if 0xA0 <= command <= 0xDF else b""
    address = uid[::-1] if flags & 0x20 and not flags & 0x04 else b""
    return bytes((flags, command)) + draw(st.sampled_from((maker + address, b""))) + draw(few)


@st.composite
def of_feig(draw: st.DrawFn) -> bytes:
    """Draw B0 with and without a UID, B1, BF with any request, and all other commands."""
    command = draw(st.sampled_from((0xB0, 0xB1, 0xBF)) | st.integers(0, 255))
    if command == 0xBF:
        mode = draw(st.integers(0, 6))
        data = bytes((mode,)) + draw(st.sampled_from((b"\x00\x38", b"\x01\x08", b"\x00\x00"))) + b"\x02\x1f"
        data += (b"\x84\x6a" if mode > 2 else b"") + draw(air_request())
    else:
        sub = draw(st.sampled_from((0x01, 0x02, *range(0x22, 0x2D))))
        front = b"\x04" + bytes((draw(st.integers(0xA2, 0xA5)),)) if command == 0xB1 else bytes((sub,))
        data = draw(st.sampled_from((front + b"\x01" + draw(label), front, b""))) + draw(few)
    return bytes.fromhex(feig_frame((bytes((0xFF, command)) + data).hex()))


@st.composite
def of_threem(draw: st.DrawFn) -> bytes:
    """Draw any command with and without a UID, and any request passed through."""
    command = draw(st.sampled_from((0x14, 0xFE, *range(0x01, 0x10))) | st.integers(0, 255))
    if command == 0x14:
        request = draw(air_request())
        data = len(request).to_bytes(2, "big") + draw(st.binary(min_size=4, max_size=4)) + request
    else:
        data = draw(label | st.just(b"")) + draw(few)
    return bytes.fromhex(threem_frame((bytes((command,)) + data).hex()))


@st.composite
def of_trf7970a(draw: st.DrawFn) -> bytes:
    """Draw any request on the air, and any other command."""
    command = draw(st.sampled_from((0x10, 0x14, 0x18)) | st.integers(0, 255))
    data = draw(air_request()) if command == 0x18 else draw(few)
    return trf_request((bytes((command,)) + data).hex()).encode()


@st.composite
def of_pn532(draw: st.DrawFn) -> bytes:
    """Draw known commands with any parameters, and frames for a card."""
    command = draw(st.sampled_from((0x32, 0x40, 0x42, 0x44, 0x4A, 0x54, 0x60)) | st.integers(0, 255))
    data = draw(few)
    if command == 0x4A:
        data = draw(st.sampled_from((b"\x01\x00", data)))
    elif command in (0x40, 0x42):
        data = (b"\x01" if command == 0x40 else b"") + bytes((draw(st.sampled_from(CARD)),)) + data
    return bytes.fromhex(pn532_frame((bytes((0xD4, command)) + data).hex()))


READERS: dict[str, tuple[Callable[..., Device[Any]], Callable[..., Any], dict[str, Any], st.SearchStrategy[bytes]]] = {
    "feig": (feig.Device, feig.Options, {"model": "mr101"}, of_feig()),
    "threem": (threem.Device, threem.Options, {}, of_threem()),
    "trf7970a": (trf7970a.Device, trf7970a.Options, {}, of_trf7970a()),
    "pn532": (pn532.Device, pn532.Options, {"sleeps": False}, of_pn532()),
}


@contextmanager
def plugged(make: Callable[..., Device[Any]], options: Callable[..., Any], **more: Any) -> Iterator[Device[Any]]:
    """Yield a reader with its own folder and line (a fixture would be shared by all examples)."""
    folder = Path(tempfile.mkdtemp(prefix="reader-"))
    device = make(options(memory=folder, link=folder / "reader", virtual=True, drip=False, **more))
    try:
        yield device
    finally:
        device.line.unplug()
        shutil.rmtree(folder, ignore_errors=True)


def serve(device: Device[Any]) -> None:
    """Answer all received requests, and advance the time by the duration of each exchange."""
    while device.requests:
        for spent in device.serve(device.requests.popleft()):
            device.elapsed += spent.seconds
            device.field.advance(device.elapsed)


@pytest.mark.parametrize("kind", READERS)
@given(data=st.data())
def test_no_frame_ends_an_emulator(kind: str, data: st.DataObject) -> None:
    make, options, more, frames = READERS[kind]
    with plugged(make, options, **more) as device:
        control = Control(device, lambda: None)
        for uid, chip in {BADGE: "ntag213"}.items() if kind == "pn532" else LABELS.items():
            assert control.say({"do": "create", "uid": uid, "chip": chip, "place": True})["ok"]
        if kind == "trf7970a":
            device.hear(trf_request("10 0021 0100").encode())
        for frame in data.draw(st.lists(frames, min_size=1, max_size=12)):
            device.hear(frame)
            serve(device)


WORDS = (
    *(
        "create",
        "place",
        "lift",
        "dump",
        "poke",
        "state",
        "counters",
        "silence",
        "refuse-lock",
        "weak-blocks",
        "assume",
    ),
    *("couple", "shadow", "move", "deaf-to-quiet", "faults", "help", *ONE_SHOT),
)
NAMES = (
    *("uid", "chip", "memory", "block", "afi", "dsfid", "eas", "locked", "locked_cells", "writes", "weak", "reverting"),
    *("registers", "place", "replace", "heard", "of", "by", "to", "after", "probability", "on", "n", "command", "ms"),
    *("keep", "replug", "at", "count", "data", "where", "code", "execute", "bit", "mode", "mask", "seed", "bytes"),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(("pad", "away", *LABELS)) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(said=st.lists(st.tuples(st.sampled_from(WORDS), st.dictionaries(st.sampled_from(NAMES), anything, max_size=5))))
def test_no_word_ends_an_emulator(said: list[tuple[str, dict[str, Any]]]) -> None:
    """Every error of a control command is reported. A command without an error is armed and takes effect."""
    with plugged(threem.Device, threem.Options) as device:
        control = Control(device, lambda: None)
        for uid, chip in LABELS.items():
            assert control.say({"do": "create", "uid": uid, "chip": chip, "place": True})["ok"]
        for word, arguments in said:
            answer = json.loads(control.line(json.dumps({**arguments, "do": word}).encode()))
            assert answer["ok"] or answer["error"] is not None
            device.plug()
            device.hear(bytes.fromhex(threem_frame("FE 00 07")))
            serve(device)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"do": "drop-bytes", "at": 1e400}',
        b'{"do": "late-answer", "ms": NaN}',
        b'{"do": "delay-answer", "ms": -1}',
        b'{"do": "unplug-at-command", "replug": Infinity}',
        b'{"do": "create", "uid": "E004015000000002", "writes": [1]}',
        b'{"do": "create", "uid": "E004015000000002", "afi": 256}',
        b'{"do": "create", "uid": "E004015000000002", "locked": [-1]}',
        b'{"do": "create", "uid": "E004015000000002", "afl": 7}',
        b'{"do": "poke", "uid": "E004015000000001", "dsfid": -1}',
        b'{"do": "move", "uid": "E004015000000001", "to": "away", "after": NaN}',
    ],
)
def test_what_cannot_be_is_refused(line: bytes, tmp_path: Path) -> None:
    device = threem.Device(threem.Options(memory=tmp_path, link=tmp_path / "reader", virtual=True))
    control = Control(device, lambda: None)
    assert control.say({"do": "create", "uid": "E004015000000001"})["ok"]
    assert json.loads(control.line(line))["ok"] is False
    assert [tag.uid for tag in device.drawer] == ["E004015000000001"]
    device.line.unplug()


@pytest.mark.parametrize("request_on_the_air", ["1601", "0601", "160100", "06010C", "06010C12", "FF01"])
def test_an_inventory_that_breaks_off_is_no_request(request_on_the_air: str, tmp_path: Path) -> None:
    """This covers each way in which a host puts its own request on the air."""
    for kind, frame in (
        ("trf7970a", trf_request("18" + request_on_the_air).encode()),
        ("feig", bytes.fromhex(feig_frame(f"FF BF 04 0070 021F 846A {request_on_the_air}"))),
        (
            "threem",
            bytes.fromhex(threem_frame(f"14 {len(request_on_the_air) // 2:04X} 000C 0000 {request_on_the_air}")),
        ),
    ):
        make, options, more, _ = READERS[kind]
        device = make(options(memory=tmp_path / kind, link=tmp_path / kind / "reader", virtual=True, **more))
        assert Control(device, lambda: None).say({"do": "create", "uid": "E004015000000001", "place": True})["ok"]
        if kind == "trf7970a":
            device.hear(trf_request("10 0021 0100").encode())
        device.hear(frame)
        serve(device)
        device.line.unplug()
