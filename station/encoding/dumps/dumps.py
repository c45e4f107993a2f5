"""Read and write dumps of tags in the formats of common tools.

    read_dumps(data)              ->  Dumps: the format is recognized by the content of the file, never by its name
    read_dump(data, Format.EML)   ->  one Dump, in a given format
    write_dump(image, form)       ->  bytes

Dumps are untrusted input: their size is limited, every error names the line at fault, and only `DumpUnreadable` is
raised, on any bytes. If the format holds more than the memory (UID, DSFID, AFI, locks, block size), that is read too.
`text` and `other_tools` describe the formats with their sources.
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
    """Return the format of `data` by its content. Raises `DumpUnreadable` if there is none or too much data.

    Bytes that are not text are a raw memory. Digits alone are taken as hexadecimal before base64; lines of 4 or 8 bytes
    each are an .eml.
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
    """Return all tags of a dump, at least one; `form` None = detect it. Raises `DumpUnreadable`."""
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
    """Return the only tag of a dump. Raises `DumpUnreadable`, also if there are several."""
    found = read_dumps(data, form)
    if len(found) != 1:
        refuse(f"{len(found)} tags in the dump instead of one")
    return found[0]


def _limit(data: bytes) -> None:
    if not data:
        refuse("the dump is empty")
    if len(data) > MAX_DUMP:
        refuse(f"more than {MAX_DUMP} bytes are too many for a dump of a tag")


def _text(data: bytes) -> str | None:
    """Return `data` as text with \\n as its line ends; None if it is not text. PowerShell redirects output as
    UTF-16."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    if wide and not text.isascii():
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if all((char >= " " and char != "\x7f") or char in "\n\t" for char in text) else None
