"""The inputs: the corpus in a tag, a record, SIP2, Alma and the web page, each read by the real adapter.

Each function yields the station's value with the text that a person must be able to read in it (`harmless.plain`, which
does not use `station.base.text`). The strings are packed, so that few items carry all of them.
"""

from __future__ import annotations

import contextlib
import copy
import io
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import ndef
import pymarc

from station.base import settings as configured
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import StationError
from station.base.settings import Alma as AlmaSettings
from station.base.settings import CatalogSettings, Reader, load
from station.catalog.findings.record_facts import live_with_facts
from station.domain.item import Barcode, ItemRecord
from station.domain.workflows import InspectedTag
from station.drivers.nfcpy import records as nfc_records
from station.drivers.registry import make_reader
from station.encoding.content import TagContent
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_3 import basic_block
from station.encoding.recognition import rfid501
from station.runtime.data_directory import CATALOG
from station.runtime.library_systems import catalog_index
from station.store.catalog_index.import_file import import_file
from station.sync.alma.system import Alma
from station.sync.sip2.opening import open_sip2
from station.web import messages
from tests.bench.workflows.test_inspect import Bench
from tests.conftest import FakeClock
from tests.encoding.iso28560_3.written import frame, with_crc
from tests.stories.hostile.hostile_directory import SAMPLE, settings_text, tag_title
from tests.stories.hostile.packing import LONG, MARC_ENDS, NOT_IN_SIP2, NOT_IN_XML, Arrival, packed
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.controlled_emulator import controlled
from tests.support.harmless import plain
from tests.support.hostile_text import MARK
from tests.support.hostile_values import STORABLE
from tests.support.told import told
from tests.sync.sip2.test_session import Bed
from tests.sync.sip2.test_system import system


def from_tags(_folder: Path) -> Iterator[Arrival]:
    """ISO 28560-2: the title element (OID 17), as the bench inspects it and as the codec decodes it."""
    rig = Bench()
    for number, text in enumerate(packed(60), 1):
        uid = rig.world.tag(number, memory=bytearray.fromhex(tag_title(text)), dsfid=0x06)
        rig.inspect(uid)
        read = plain(text.encode()[:60].decode("utf-8", "ignore"))
        yield Arrival(rig.tag, read)
        yield Arrival(iso28560_2_codec.decode(rig.tag.memory).content.further, read)
        rig.lift()
        rig.look(2)


def from_ndef(_folder: Path) -> Iterator[Arrival]:
    """NFC Forum text and URI records, as on a badge and on an NFC label."""
    for text in packed():
        yield Arrival(nfc_records.texts(nfc_records.text_message(text)), plain(text))
        yield Arrival(nfc_records.texts(b"".join(ndef.message_encoder([ndef.UriRecord(text)]))), "")
    yield Arrival(nfc_records.texts(nfc_records.text_message(LONG)), "long WWW")


def from_marc(folder: Path) -> Iterator[Arrival]:
    """ISO 2709 through the importer and the index: one text as title, author and note of its item."""
    texts = {f"3{n:013d}": text for n, text in enumerate([*packed(180, MARC_ENDS), LONG])}
    (folder / "station.toml").write_text(settings_text(), encoding="utf-8")
    settings = load(folder / "station.toml")
    with (folder / "books.mrc").open("wb") as out:
        for record in records_of({barcode: text[:9000] for barcode, text in texts.items()}):
            out.write(record.as_marc())
    import_file(folder / "books.mrc", folder / CATALOG, settings.catalog.profile, settings.catalog)
    index = catalog_index(settings, folder)
    for barcode, text in texts.items():
        yield Arrival(index.find(Barcode(barcode)), plain(text)[:100] if text is LONG else plain(text))


def from_sip2(folder: Path) -> Iterator[Arrival]:
    """Title, location and call number of a SIP2 message 18, from the emulated server over TCP."""
    bed = Bed(folder)
    try:
        texts = {f"3{n:013d}": text for n, text in enumerate([*packed(180, NOT_IN_SIP2), LONG[:2000]])}
        items = {b: {"title": t, "status": "06", "location": t, "call_number": t} for b, t in texts.items()}
        bed.emulator.call("reset", items=items)
        asked = system(bed, timeout_s=20.0)
        try:
            for barcode, text in texts.items():
                yield Arrival(asked.look_up(Barcode(barcode)), plain(text)[:100] if len(text) > 1000 else plain(text))
        finally:
            asked.close()
    finally:
        bed.emulator.stop()
    assert (folder / "log").read_bytes() == b"", "an emulator must not log the text that it receives"


def from_alma(folder: Path) -> Iterator[Arrival]:
    """The item's JSON alone, then with bib and holding as MARCXML, then Alma's error with a hostile code."""
    process = AlmaProcess(folder)
    try:
        for without, describes in ((None, False), (NOT_IN_XML, True)):
            texts = {str(n): text for n, text in enumerate([*packed(180, without), LONG], 1)}
            process.reset({barcode: _alma_item(barcode, text) for barcode, text in texts.items()})
            asked = Alma(
                AlmaSettings(base_url=process.base_url),
                lambda: Secret(CANARY),
                FakeClock(),
                describe=_described if describes else None,
            )
            for barcode, text in texts.items():
                found = asked.look_up(Barcode(barcode))
                assert ("item only" not in told(found.origin)) == describes or not describes, told(found.origin)
                yield Arrival(found, plain(text)[:100] if text is LONG else plain(text))
        for text in packed(180):
            process.do("error", n=1, code=text)
            yield Arrival(_refusal(lambda: asked.look_up(Barcode("1"))), "")
        for what in ("log", "items"):
            process._lines.write(json.dumps({"do": what}).encode() + b"\n")
            process._lines.flush()
            assert process._lines.readline().isascii(), "an emulator's reports are shown on terminals"
    finally:
        process.close()


def _alma_item(barcode: str, text: str) -> dict[str, Any]:
    value = {"value": text, "desc": text}
    item = fictitious(barcode, pid=1000 + int(barcode), public_note=text, internal_note_1=text, process_type=value)
    item["bib_data"] |= {"mms_id": f"99{barcode}", "title": text, "author": text}
    item["holding_data"] |= {"holding_id": f"22{barcode}", "call_number": text}
    item["item_data"] |= {"location": value, "library": value}
    return item


def _described(bib: bytes, holding: bytes, item: Any) -> ItemRecord:
    return live_with_facts(bib, holding, item, CatalogSettings())


def _refusal(what: Callable[[], object]) -> tuple[str, str, str]:
    """Return the texts of a `StationError`."""
    try:
        what()
    except StationError as error:
        return told(error.sentence), told(error.detail), error.code
    raise AssertionError("not refused")


def from_web(_folder: Path) -> Iterator[Arrival]:
    """Alma's page: a barcode with an invisible character is refused; one that is only odd arrives unchanged."""
    for text in packed(180, NOT_IN_XML):
        body = f"<rfid><barcode>{_escaped(text)}</barcode><is_secure>true</is_secure></rfid>".encode()
        try:
            asked, _ = messages.set_security(body)
        except messages.BadMessage as refused:
            yield Arrival((str(refused),), "")
        else:
            yield Arrival(asked, plain(text))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


NUL: Final = {0: None}
"""Ends a field of an ISO 28560-3 block."""
BLOCKS: Final = 28
"""Number of blocks of the tags here: 112 bytes."""


def part3(text: str) -> bytes:
    """Return a valid ISO 28560-3 tag of 112 bytes with this text as its title (block 4), built by hand."""
    basic = bytes([0x11, 1, 1]) + b"31999000000014".ljust(16, b"\0") + bytes(2) + b"USTxDa".ljust(13, b"\0")
    return with_crc((basic + frame(4, text.encode()[:60])).ljust(4 * BLOCKS, b"\0"))


def threem_tag(text: bytes) -> bytes:
    """Return a 3M tag (RFID 501) with these bytes in place of the barcode, built by hand."""
    return (bytes([0x04, 0x11, 0, 1]) + text[:16].ljust(16, b"\0")).ljust(4 * BLOCKS, b"\0")


def _texts(content: TagContent) -> tuple[str, ...]:
    """Return all texts that a codec decoded."""
    return (
        content.primary_item_identifier,
        content.owner_institution,
        *(one.value for one in content.elements),
        *(text for _, text in content.further),
    )


def _readable(text: str) -> str:
    """Return what a codec reads of a title of at most 60 bytes; "" if the field has an unprintable character, which is
    reported instead."""
    try:
        cut = text.encode()[:60].decode("utf-8")
    except UnicodeDecodeError:
        return ""  # cut inside a character, so it is read as Latin-1, as some writers encode it
    return plain(cut) if cut.isprintable() else ""


EACH: Final = 8
"""One of this many tags is inspected at the bench as well; all go through the codec."""


def from_part3(_folder: Path) -> Iterator[Arrival]:
    """ISO 28560-3: the title block as the codec decodes it, and at the bench."""
    rig = Bench()
    for number, text in enumerate(packed(60, NUL)):
        if not number % EACH:
            yield Arrival(_inspected(rig, number, part3(text), 0x3E), "")
        yield Arrival(_texts(basic_block.decode(part3(text)).content), _readable(text))


def from_rfid501(_folder: Path) -> Iterator[Arrival]:
    """3M's layout: sixteen bytes of barcode, of any value."""
    rig = Bench()
    for number in range(0, len(STORABLE), EACH):
        memories = [threem_tag(text.encode()) for text in (MARK, *STORABLE[number : number + EACH])]
        yield Arrival(tuple(map(_barcode, memories)), MARK)
        yield Arrival(_inspected(rig, number, memories[-1], 0x00), "")


def _barcode(memory: bytes) -> tuple[str, ...]:
    try:
        return _texts(rfid501.decode(memory))
    except StationError as refused:
        return told(refused.sentence), told(refused.detail)


def _inspected(rig: Bench, number: int, memory: bytes, dsfid: int) -> InspectedTag:
    uid = rig.world.tag(number + 1, memory=bytearray(memory), dsfid=dsfid)
    rig.inspect(uid)
    found = rig.tag
    rig.lift()
    rig.look(2)
    return found


def from_threem(folder: Path) -> Iterator[Arrival]:
    """The real driver over a terminal: inventory and memory of hostile tags on the emulated 3M reader."""
    at = ["--link", str(folder / "reader"), "--memory", str(folder / "tags"), "--control", str(folder / "c")]
    emulator = controlled("threem", [*at, "--clock", "virtual", "--no-drip"], folder / "log")
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
            assert data == memory, "the memory must be as created"
            yield Arrival((seen, _texts(basic_block.decode(data).content)), _readable(text))
            emulator.call("lift", uid=uid)
    finally:
        reader.close()
        emulator.stop()
    assert (folder / "log").read_bytes() == b"", "an emulator must not log the content of its tags"


def records_of(texts: dict[str, str]) -> Iterator[pymarc.Record]:
    """Yield for each barcode a record with its text as title, author and note, and in the note of its item."""
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
    """Location, type, status and call number of Voyager's item service, beside the data of its SIP2 side."""
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
            made[name] = controlled(f"library_systems.{name}", words, folder / f"log-{name}")
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
            assert told(found.origin).startswith("Voyager"), told(found.origin)
            yield Arrival(found, plain(text)[:100] if len(text) > 1000 else plain(text))
    for name in made:
        assert (folder / f"log-{name}").read_bytes() == b"", "an emulator must not log the text that it receives"


SOURCES: Final[dict[str, Callable[[Path], Iterator[Arrival]]]] = {
    "tag": from_tags,
    "badge": from_ndef,
    "marc": from_marc,
    "sip2": from_sip2,
    "alma": from_alma,
    "web": from_web,
    "tag-28560-3": from_part3,
    "tag-3m": from_rfid501,
    "reader-3m": from_threem,
    "marcxml": from_marcxml,
    "marc-in-json": from_marc_json,
    "voyager": from_voyager,
}


def texts_of(value: Any) -> list[str]:
    """Return every text in a value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, msgspec.Struct):
        return list(itertools.chain.from_iterable(texts_of(getattr(value, n)) for n in value.__struct_fields__))
    if isinstance(value, dict):
        return list(itertools.chain.from_iterable(texts_of(one) for pair in value.items() for one in pair))
    if isinstance(value, tuple | list | frozenset | set):
        return list(itertools.chain.from_iterable(map(texts_of, value)))
    return []
