"""More ways in, as in `arriving`: ISO 28560-3 and 3M tags, a 3M reader, MARCXML, MARC-in-JSON, and Voyager."""

from __future__ import annotations

import contextlib
import copy
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pymarc

from station.base import settings as configured
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import StationError
from station.base.settings import Reader, load
from station.demo.process import Emulator
from station.domain.item import Barcode
from station.domain.workflows import InspectedTag
from station.drivers.registry import make_reader
from station.encoding.content import TagContent
from station.encoding.iso28560_3 import basic_block
from station.encoding.recognition import rfid501
from station.runtime.library_systems import CATALOG, catalog_index
from station.store.catalog_index.import_file import import_file
from station.sync.sip2.opening import open_sip2
from tests.bench.workflows.test_inspect import Bench
from tests.encoding.iso28560_3.written import frame, with_crc
from tests.stories.hostile.hostile_directory import SAMPLE, settings_text
from tests.stories.hostile.packing import LONG, NOT_IN_SIP2, NOT_IN_XML, Arrival, packed
from tests.support.harmless import plain
from tests.support.hostile_text import MARK
from tests.support.hostile_values import STORABLE

NUL: Final = {0: None}
"""Ends a field of an ISO 28560-3 block."""
BLOCKS: Final = 28
"""Of the tags here: 112 bytes."""


def part3(text: str) -> bytes:
    """A sound ISO 28560-3 tag of 112 bytes with this text as its title (block 4), made by hand."""
    basic = bytes([0x11, 1, 1]) + b"31999000000014".ljust(16, b"\0") + bytes(2) + b"USTxDa".ljust(13, b"\0")
    return with_crc((basic + frame(4, text.encode()[:60])).ljust(4 * BLOCKS, b"\0"))


def threem_tag(text: bytes) -> bytes:
    """A 3M tag (RFID 501) with these bytes where the barcode stands, made by hand."""
    return (bytes([0x04, 0x11, 0, 1]) + text[:16].ljust(16, b"\0")).ljust(4 * BLOCKS, b"\0")


def _texts(content: TagContent) -> tuple[str, ...]:
    """All that a codec read."""
    return (
        content.primary_item_identifier,
        content.owner_institution,
        *(one.value for one in content.elements),
        *(text for _, text in content.further),
    )


def _readable(text: str) -> str:
    """What is read of a title of at most 60 bytes; "" = nothing: a field that is not printable throughout is told as such."""
    try:
        cut = text.encode()[:60].decode("utf-8")
    except UnicodeDecodeError:
        return ""  # torn in a character: read as Latin-1, as some writers have it
    return plain(cut) if cut.isprintable() else ""


EACH: Final = 8
"""Every so many tags one is looked at by the bench's own inspector; all go through the codec."""


def from_part3(_folder: Path) -> Iterator[Arrival]:
    """ISO 28560-3: the title block as the codec gives it, and at the bench."""
    rig = Bench()
    for number, text in enumerate(packed(60, NUL)):
        if not number % EACH:
            yield Arrival(_inspected(rig, number, part3(text), 0x3E), "")
        yield Arrival(_texts(basic_block.decode(part3(text)).content), _readable(text))


def from_rfid501(_folder: Path) -> Iterator[Arrival]:
    """3M's layout: sixteen bytes of barcode, whatever they are."""
    rig = Bench()
    for number in range(0, len(STORABLE), EACH):
        memories = [threem_tag(text.encode()) for text in (MARK, *STORABLE[number : number + EACH])]
        yield Arrival(tuple(map(_barcode, memories)), MARK)
        yield Arrival(_inspected(rig, number, memories[-1], 0x00), "")


def _barcode(memory: bytes) -> tuple[str, ...]:
    try:
        return _texts(rfid501.decode(memory))
    except StationError as refused:
        return refused.message, refused.detail


def _inspected(rig: Bench, number: int, memory: bytes, dsfid: int) -> InspectedTag:
    uid = rig.world.tag(number + 1, memory=bytearray(memory), dsfid=dsfid)
    rig.inspect(uid)
    found = rig.tag
    rig.lift()
    rig.look(2)
    return found


def from_threem(folder: Path) -> Iterator[Arrival]:
    """The real driver over a terminal: inventory and memory of hostile tags, by the emulated 3M reader."""
    at = ["--link", str(folder / "reader"), "--memory", str(folder / "tags"), "--control", str(folder / "c")]
    emulator = Emulator("threem", [*at, "--clock", "virtual", "--no-drip"], folder / "log")
    reader = make_reader(Reader(driver="3m", port=str(folder / "reader")), SystemClock())
    try:
        reader.reconnect()
        for number, text in enumerate(packed(60, NUL), 1):
            uid = f"E0040100{number:08X}"
            memory = part3(text)
            emulator.call("create", uid=uid, chip="slix", memory=memory.hex(), afi=7, dsfid=0x3E, locked=[], place=True)
            seen = reader.inventory()
            (tag,) = seen.tags
            data = b"".join(reader.read_blocks(tag.uid, first, 4).data for first in range(0, BLOCKS, 4))
            assert data == memory, "as it was laid there"
            yield Arrival((seen, _texts(basic_block.decode(data).content)), _readable(text))
            emulator.call("lift", uid=uid)
    finally:
        reader.close()
        emulator.stop()
    assert (folder / "log").read_bytes() == b"", "an emulator's log holds nothing of what lies on it"


def records_of(texts: dict[str, str]) -> Iterator[pymarc.Record]:
    """For each barcode a record that says its text as title, author and note, and in the note of its item."""
    with SAMPLE.open("rb") as file:
        sample = next(iter(pymarc.MARCReader(file)))
    assert sample is not None
    for barcode, text in texts.items():
        record = copy.deepcopy(sample)
        record["001"].data = barcode
        for tag, code in (("245", "a"), ("100", "a"), ("500", "a"), ("949", "o")):
            field = record[tag]
            field.delete_subfield(code)
            field.add_subfield(code, text)
        record["949"].delete_subfield("i")
        record["949"].add_subfield("i", barcode)
        yield record


def _marc(folder: Path, name: str, written: Callable[[list[pymarc.Record]], bytes]) -> Iterator[Arrival]:
    """One text as title, author and note of its item, through the importer and the index."""
    texts = {f"3{n:013d}": text for n, text in enumerate([*packed(180, NOT_IN_XML), LONG])}
    (folder / "station.toml").write_text(settings_text(), encoding="utf-8")
    settings = load(folder / "station.toml")
    records = list(records_of(texts))
    (folder / name).write_bytes(written(records))
    import_file(folder / name, folder / CATALOG, settings.catalog.profile, settings.catalog)
    index = catalog_index(settings, folder)
    for barcode, text in texts.items():
        yield Arrival(index.find(Barcode(barcode)), plain(text)[:100] if text is LONG else plain(text))


def _xml(records: list[pymarc.Record]) -> bytes:
    out = io.BytesIO()
    writer = pymarc.XMLWriter(out)
    for record in records:
        writer.write(record)
    writer.close(close_fh=False)
    return out.getvalue()


def from_marcxml(folder: Path) -> Iterator[Arrival]:
    """MARCXML (the slim schema), as pymarc writes it."""
    return _marc(folder, "books.xml", _xml)


def from_marc_json(folder: Path) -> Iterator[Arrival]:
    """MARC-in-JSON, as pymarc writes it."""
    return _marc(folder, "books.json", lambda records: f"[{','.join(one.as_json() for one in records)}]".encode())


def from_voyager(folder: Path) -> Iterator[Arrival]:
    """Location, type, status and call number of Voyager's item service, beside what its SIP2 side says."""
    texts = {f"3{n:013d}": text for n, text in enumerate([*packed(180, {**NOT_IN_XML, **NOT_IN_SIP2}), LONG[:2000]])}
    bibs = {barcode: str(1000 + n) for n, barcode in enumerate(texts)}
    items = {b: {"title": t, "status": "06", "location": "STACKS"} for b, t in texts.items()}
    records = {
        bibs[b]: [
            {"itemBarcode": b, "location": [t, t], "typeDesc": t, "itemStatus": t, "callNumber": t, "enumeration": t}
        ]
        for b, t in texts.items()
    }
    (folder / "items.json").write_text(json.dumps(items))
    (folder / "records.json").write_text(json.dumps(records))
    with contextlib.ExitStack() as stack:
        made = {}
        for name, option, what in (("sip2", "--items", "items"), ("voyager", "--records", "records")):
            words = [option, str(folder / f"{what}.json"), "--control", str(folder / name)]
            made[name] = Emulator(f"library_systems.{name}", words, folder / f"log-{name}")
            stack.callback(made[name].stop)
        config = configured.Sip2(
            host="127.0.0.1",
            port=made["sip2"].ready["port"],
            tls="none",
            timeout_s=20.0,
            voyager_url=str(made["voyager"].ready["base_url"]),
        )
        asked = open_sip2(
            config, folder, SystemClock(), lambda: Secret("x"), bib=bibs.__getitem__, complete=lambda record: record
        )
        stack.callback(asked.close)
        for barcode, text in texts.items():
            found = asked.look_up(Barcode(barcode))
            assert found.origin.startswith("Voyager"), found.origin
            yield Arrival(found, plain(text)[:100] if len(text) > 1000 else plain(text))
    for name in made:
        assert (folder / f"log-{name}").read_bytes() == b"", "an emulator's log holds nothing of what it was told"


MORE: Final[dict[str, Callable[[Path], Iterator[Arrival]]]] = {
    "tag-28560-3": from_part3,
    "tag-3m": from_rfid501,
    "reader-3m": from_threem,
    "marcxml": from_marcxml,
    "marc-in-json": from_marc_json,
    "voyager": from_voyager,
}
