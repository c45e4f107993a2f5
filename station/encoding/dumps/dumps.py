"""Dumps of tags in the formats of the tools that people use, read and written.

    read_dumps(data)              ->  Dumps: the format is recognised by what stands in the file, never by its name
    read_dump(data, Format.EML)   ->  one Dump, in a format that is told
    write_dump(image, form)       ->  bytes

A dump is hostile until it is read: its size is limited, every error names the line at fault, and `DumpUnreadable` is the
only one that is raised, on any bytes. What the format tells beside the memory (UID, DSFID, AFI, locks, block size) is
taken from it. The formats with their sources are in `text` and `other_tools`.
"""

from __future__ import annotations

from station.encoding.dumps.other_tools import (
    is_proxmark,
    is_proxmark_bin,
    parse_json,
    read_flipper,
    read_proxmark,
    read_proxmark_bin,
    read_station,
)
from station.encoding.dumps.text import (
    looks_like_base64,
    looks_like_blocks,
    looks_like_eml,
    looks_like_hexdump,
    read_base64,
    read_blocks,
    read_eml,
    read_hex,
    read_hexdump,
)
from station.encoding.dumps.value import MAX_DUMP, Dump, Format, memory_of, refuse


def detect(data: bytes) -> Format:
    """The format of `data` by its content. Raises `DumpUnreadable` for none and for too much.

    Bytes that are no text are a memory as it is. Digits alone are hexadecimal before they are base64; lines of 4 or 8
    bytes each are an .eml.
    """
    _limit(data)
    text = _text(data)
    if text is None:
        return Format.PROXMARK_BIN if is_proxmark_bin(data) else Format.RAW
    if not text.strip():
        refuse("the dump is empty")
    begin = text.lstrip()
    if begin.startswith(("{", "[")):
        return Format.PROXMARK if is_proxmark(parse_json(text)) else Format.JSON
    if begin.lower().startswith("filetype:"):
        return Format.FLIPPER
    for form, fits in _TEXTS:
        if fits(text):
            return form
    return Format.HEX


_TEXTS = (
    (Format.BLOCKS, looks_like_blocks),
    (Format.HEXDUMP, looks_like_hexdump),
    (Format.EML, looks_like_eml),
    (Format.BASE64, looks_like_base64),
)


def read_dumps(data: bytes, form: Format | None = None) -> tuple[Dump, ...]:
    """All tags of a dump, at least one; `form` None = recognise it. Raises `DumpUnreadable`."""
    _limit(data)
    form = detect(data) if form is None else form
    match form:
        case Format.RAW:
            return (Dump(form, memory_of(data)),)
        case Format.PROXMARK_BIN:
            return (read_proxmark_bin(data),)
    text = _text(data)
    if text is None:
        refuse(f"not text, so not {form.value}")
    match form:
        case Format.HEX:
            return (read_hex(text),)
        case Format.BASE64:
            return (read_base64(text),)
        case Format.BLOCKS:
            return read_blocks(text)
        case Format.HEXDUMP:
            return (read_hexdump(text),)
        case Format.EML:
            return (read_eml(text),)
        case Format.FLIPPER:
            return (read_flipper(text),)
        case Format.PROXMARK:
            return (read_proxmark(parse_json(text)),)
        case Format.JSON:
            return read_station(parse_json(text))


def read_dump(data: bytes, form: Format | None = None) -> Dump:
    """The one tag of a dump. Raises `DumpUnreadable`, also for several."""
    found = read_dumps(data, form)
    if len(found) != 1:
        refuse(f"{len(found)} tags in the dump, one is wanted")
    return found[0]


def _limit(data: bytes) -> None:
    if not data:
        refuse("the dump is empty")
    if len(data) > MAX_DUMP:
        refuse(f"more than {MAX_DUMP} bytes are no dump of a tag")


def _text(data: bytes) -> str | None:
    """`data` as text, with line ends of any kind as \\n; None if it is none. UTF-16 is what PowerShell redirects into."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    if wide and not text.isascii():
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if all((char >= " " and char != "\x7f") or char in "\n\t" for char in text) else None
