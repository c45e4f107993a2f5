"""Targets that read files: dumps of other tools, and site profiles."""

from __future__ import annotations

import json
from importlib import resources
from typing import Final

from fuzz.oracle import demand, demand_clean
from station.acquisitions.edifact.file import read as read_vendor_file
from station.acquisitions.edifact.packing import packing_list
from station.base.errors import EncodingError, PackingRefused, SettingsError, VendorFileRefused
from station.base.words import tell
from station.domain.tag_image import TagImage, Uid
from station.encoding.dumps.dumps import detect, read_dumps
from station.encoding.dumps.value import MAX_MEMORY, MAX_TAGS, Dump, Format
from station.encoding.dumps.write import write_dump
from station.encoding.profiles.profiles import READY, parse
from station.encoding.profiles.value import ELEMENT_NAMES, SOURCES, SiteProfile

FORMATS: Final = (None, *Format)
"""Formats by byte 0 of an input: None = detect by the content."""
DUMP_WORDS: Final = (
    *("Created", "proxmark3", "FileType", "Card", "blocks", "uid", "dsfid", "dsfidlock", "afi", "afilock", "raw"),
    *("bytesperpage", "pagescount", "locks", "tags", "memory", "block_size", "locked", "true", "false", "null"),
    *(
        "Filetype:",
        "Version:",
        "Device type: ",
        "UID:",
        "DSFID:",
        "AFI:",
        "Block Count:",
        "Block Size:",
        "Data Content:",
    ),
    *("Security Status:", "Lock DSFID", "Flipper NFC device", "ISO15693-3", "ISO15693", "SLIX", "15693 v2", "15693 v3"),
    *("15693 v4", "15693 v5", "block", "page", "0x", "E00401501F453D8F", "00000000", "00000010", "*", "#", "=", "-"),
)
PROFILE_WORDS: Final = (
    *SOURCES,
    *ELEMENT_NAMES,
    *(
        "constant:",
        "name",
        "model",
        "28560-2",
        "28560-3",
        "3m",
        "dsfid",
        "afi_in_stock",
        "afi_on_loan",
        "smallest",
        "reserve",
    ),
    *(
        "lock",
        "leave_out",
        "eas",
        "dsfids_28560_2",
        "dsfids_28560_3",
        "about",
        "sources",
        "open",
        "[elements]",
        "true",
        "0x",
    ),
    *(" = ", '"""', "[]", "{}", "#", "1979-05-27", "inf", "[[", "]]", "\\u0000"),
)
WITH_EVERYTHING: Final = (Format.BLOCKS, Format.PROXMARK, Format.FLIPPER, Format.JSON)
"""Formats that keep UID, DSFID, AFI and locks."""


def dumps(data: bytes) -> None:
    """A dump in a given or detected format; a readable dump is written and read again in every format."""
    if not data:
        return
    form, text = FORMATS[data[0] % len(FORMATS)], data[1:]
    try:
        found = read_dumps(text, form)
    except EncodingError as error:
        demand_clean(tell(error.detail))
        return
    demand(1 <= len(found) <= MAX_TAGS, f"{len(found)} tags")
    if form is None:
        demand({dump.format for dump in found} == {detect(text)}, "read in another format than the detected one")
    for dump in found:
        demand(1 <= len(dump.memory) <= MAX_MEMORY, f"{len(dump.memory)} bytes of memory")
        demand_clean(dump)
    _written(found[0])


def _written(dump: Dump) -> None:
    try:
        image = dump.image()
    except EncodingError as error:
        demand_clean(tell(error.detail))
        return
    demand(len(image.locked) == image.block_count, f"{len(image.locked)} lock bits of {image.block_count} blocks")
    for form in Format:
        try:
            text = write_dump(image, form)
        except EncodingError:
            continue
        again = read_dumps(text, form)
        demand(len(again) == 1, f"{form.value}: {len(again)} tags out of one")
        demand(again[0].memory == image.memory, f"{form.value}: another memory")
        if form in WITH_EVERYTHING:
            demand(_same(again[0].image(), image), f"{form.value}: {again[0].image()}, not {image}")


def _same(got: TagImage, wanted: TagImage) -> bool:
    """Return True if equal, except for an invalid UID: a Proxmark3 dump of a tag without a UID has zeros there."""
    if not wanted.uid.startswith("E0"):
        got = TagImage(wanted.uid, got.block_size, got.memory, got.locked, got.afi, got.dsfid)
    return got == wanted


def dump_seeds() -> list[bytes]:
    """Return two tags in every writable format, and a few texts as typed by people."""
    images = (
        TagImage(Uid("E00401501F453D8F"), 4, bytes.fromhex("11051cbe991a140201d0140204b30000"), (True,) * 4, 7, 6),
        TagImage(Uid("E007000000000001"), 8, bytes(range(32)), (False,) * 4, 0, 0x3E),
    )
    found = []
    for image in images:
        for number, form in enumerate(FORMATS):
            if form is None:
                continue
            try:
                text = write_dump(image, form)
            except EncodingError:
                continue
            found += [bytes([number]) + text, b"\0" + text]
    typed = (
        b"00000000  11 05 1c be 99 1a 14 02  01 d0 14 02 04 b3 00 00  |................|\n*\n00000040\n",
        b"0000000 11 05 1c be 99 1a 14 02 01 d0 14 02 04 b3 00 00\n*\n0000100\n",
        b"# comment\n11051cbe\n991a1402\n",
        b"0x11, 0x05, 0x1C\n",
        "11 05 1c".encode("utf-16"),
        json.dumps({"Created": "proxmark3", "FileType": "15693", "raw": "1105" * 8}).encode(),
        json.dumps({"FileType": "15693 v2", "blocks": {"0": "11051CBE", "1": "991A1400"}}).encode(),
        json.dumps({"tags": [{"uid": "E00401501F453D8F", "memory": "1105", "block_size": 2}]}).encode(),
        b"Filetype: Flipper NFC device\nVersion: 2\nDevice type: ISO15693\nUID: E0 04 01 50 1F 45 3D 8F\n",
        b"Offset(h)\n",
    )
    return [*found, *(b"\0" + text for text in typed)]


def command_seeds() -> list[bytes]:
    """Return each dump with a command and its format; half of them are detected by their content."""
    return [
        bytes([number * 7 % 256, data[0] if number % 2 else 0]) + data[1:] for number, data in enumerate(dump_seeds())
    ]


def profiles(data: bytes) -> None:
    """A site profile: a `SettingsError` that names the file and a line, or a consistent profile."""
    text = data.decode("utf-8", "replace")
    try:
        profile = parse(text, "site.toml")
    except SettingsError as error:
        detail = tell(error.detail)
        demand_clean(detail)
        demand(detail.startswith("site.toml, line "), f"no line in {detail!r}")
        line = int(detail.removeprefix("site.toml, line ").partition(":")[0])
        demand(1 <= line <= text.count("\n") + 1, f"line {line} of {text.count(chr(10)) + 1}")
        return
    demand_clean(profile)
    _used(profile)


def _used(profile: SiteProfile) -> None:
    """Require that a valid profile can be used for an item, unless it writes nothing."""
    made = profile.tag_profile("US-InU-Mu")
    demand(made.dsfid != 0, "a finished tag would look unfinished")
    if profile.read_only:
        return
    values = dict.fromkeys(SOURCES, "07")
    try:
        content = profile.content(values, part=1, parts=1)
    except EncodingError as error:
        demand_clean(tell(error.detail))
        return
    demand(bool(content.primary_item_identifier), "an item without an identifier")


def profile_seeds() -> list[bytes]:
    """Return the ready-made profiles, complete and in pieces."""
    folder = resources.files("station.encoding").joinpath("data/profiles")
    texts = [folder.joinpath(f"{name}.toml").read_bytes() for name in READY]
    return [*texts, *(text[: len(text) // 2] for text in texts), b""]


EDIFACT_WORDS: Final = (
    *("UNA:+.? '", "UNB+UNOC:3+A+B+261130:0825+1'", "UNG+", "UNH+1+INVOIC:D:96A:UN'", "DESADV", "BGM+380+", "BGM+351+"),
    *("DTM+137:20261130:102'", "LIN+1++9780262033848:EN'", "PIA+5+", "IMD+L+050+:::", "QTY+47:", "QTY+12:", "GIR+001+"),
    *(":LAC+", "MOA+203:", "PRI+AAB:", "RFF+LI:", "ALC+C++++", "GIN+BJ+", "CPS+1'", "UNS+S'", "CNT+2:1'", "UNE+1+1'"),
    *("UNT+3+1'", "UNZ+1+1'", "?'", "?", "\r\n", "'"),
)


def edifact(data: bytes) -> None:
    """A vendor's file: it is read, with harmless text in every value, or refused in a harmless sentence."""
    try:
        documents = read_vendor_file(data, "a.edi").documents
    except VendorFileRefused as error:
        demand_clean(tell(error.detail))
        return
    for document in documents:
        demand_clean(document)
        demand_clean([line.title for line in document.lines])
        try:
            demand_clean(packing_list(document, "a.edi"))
        except PackingRefused as error:
            demand_clean(tell(error.detail))


def edifact_seeds() -> list[bytes]:
    """Return a despatch advice and an invoice, made up."""
    head = b"UNA:+.? 'UNB+UNOC:3+A+B+261130:0825+1'"
    advice = (
        b"UNH+1+DESADV:D:96A:UN'BGM+351+7'CPS+1'GIN+BJ+00016921002621109648'LIN+1++9780262033848:EN'QTY+12:2'UNT+7+1'"
    )
    invoice = (
        b"UNH+2+INVOIC:D:96A:UN'BGM+380+7'DTM+137:20261130:102'CUX+2:EUR:4'LIN+1'PIA+5+0262033844:IB'IMD+L+050+:::A?'B'"
        b"QTY+47:1'GIR+001+31999000000014:LAC'MOA+203:15'ALC+C++++DI'MOA+8:1'UNS+S'CNT+2:1'MOA+79:16'UNT+16+2'"
    )
    return [
        head + advice + b"UNZ+1+1'",
        head + invoice + b"UNZ+1+1'",
        head + advice + invoice + b"UNZ+2+1'",
        invoice,
        head,
    ]
