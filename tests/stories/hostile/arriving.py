"""The ways in: the corpus as a tag, a record, SIP2, Alma and the web page bring it, each through the real adapter.

Each yields what the station has of it then, with what an eye must find there (`harmless.plain`, which knows nothing of
`station.base.text`). The strings are packed, so that few items carry all of them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import ndef

from station.base.credentials import Secret
from station.base.errors import StationError
from station.base.settings import Alma as AlmaSettings
from station.base.settings import CatalogSettings, load
from station.catalog.findings.record_facts import live_with_facts
from station.domain.item import Barcode, ItemRecord
from station.drivers.nfcpy import records as nfc_records
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.runtime.library_systems import CATALOG, catalog_index
from station.store.catalog_index.import_file import import_file
from station.sync.alma.system import Alma
from station.web import messages
from tests.bench.workflows.test_inspect import Bench
from tests.conftest import FakeClock
from tests.stories.hostile.arriving_more import MORE, records_of
from tests.stories.hostile.hostile_directory import settings_text, tag_title
from tests.stories.hostile.packing import LONG, MARC_ENDS, NOT_IN_SIP2, NOT_IN_XML, Arrival, packed
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.harmless import plain
from tests.sync.sip2.test_session import Bed
from tests.sync.sip2.test_system import system


def from_tags(_folder: Path) -> Iterator[Arrival]:
    """ISO 28560-2: the title element (OID 17), looked at by the bench's own inspector, and as the codec gives it."""
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
    """NFC Forum text and URI records, as a badge and an NFC label hold them."""
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
    """Title, location and call number of an 18, from the emulated server over TCP."""
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
    assert (folder / "log").read_bytes() == b"", "an emulator's log holds nothing of what it was told"


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
                assert ("item only" not in found.origin) == describes or not describes, found.origin
                yield Arrival(found, plain(text)[:100] if text is LONG else plain(text))
        for text in packed(180):
            process.do("error", n=1, code=text)
            yield Arrival(_refusal(lambda: asked.look_up(Barcode("1"))), "")
        for what in ("log", "items"):
            process._lines.write(json.dumps({"do": what}).encode() + b"\n")
            process._lines.flush()
            assert process._lines.readline().isascii(), "what an emulator tells of itself stands on terminals"
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
    """What is told of a `StationError`."""
    try:
        what()
    except StationError as error:
        return error.message, error.detail, error.code
    raise AssertionError("not refused")


def from_web(_folder: Path) -> Iterator[Arrival]:
    """Alma's page: a barcode in which something cannot be seen is refused; one that is only odd arrives as it is."""
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


SOURCES: Final[dict[str, Callable[[Path], Iterator[Arrival]]]] = {
    "tag": from_tags,
    "badge": from_ndef,
    "marc": from_marc,
    "sip2": from_sip2,
    "alma": from_alma,
    "web": from_web,
    **MORE,
}


def texts_of(value: Any) -> list[str]:
    """Every text in it."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, msgspec.Struct):
        return list(itertools.chain.from_iterable(texts_of(getattr(value, n)) for n in value.__struct_fields__))
    if isinstance(value, dict):
        return list(itertools.chain.from_iterable(texts_of(one) for pair in value.items() for one in pair))
    if isinstance(value, tuple | list | frozenset | set):
        return list(itertools.chain.from_iterable(map(texts_of, value)))
    return []
