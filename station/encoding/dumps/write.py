"""Write dumps for other tools, to try a result on a Proxmark3 or a Flipper Zero. `other_tools` describes the
formats."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Final

from station.base.errors import DumpUnreadable
from station.base.text import printable_hex
from station.domain.tag_image import TagImage, shown
from station.encoding.dumps.value import Format, refuse


def write_dump(image: TagImage, form: Format) -> bytes:
    """Return `image` in a format; text ends with a line end. Raises `DumpUnreadable` if the format cannot hold it.

    Only blocks, proxmark, flipper and json keep UID, DSFID, AFI and locks. Proxmark3 binaries are not written, because
    its client reads the JSON.
    """
    match form:
        case Format.RAW:
            return image.memory
        case Format.BASE64:
            return base64.b64encode(image.memory) + b"\n"
        case Format.HEX:
            return _lines(printable_hex(block) for block in _blocks(image))
        case Format.EML:
            return _lines(block.hex().upper() for block in _blocks(image))
        case Format.BLOCKS:
            return _lines(listing(image))
        case Format.HEXDUMP:
            return _lines(f"{at:08x}: {image.memory[at : at + 16].hex(' ')}" for at in range(0, len(image.memory), 16))
        case Format.PROXMARK:
            return _proxmark(image)
        case Format.FLIPPER:
            return _flipper(image)
        case Format.JSON:
            return _json(
                {
                    "uid": image.uid,
                    "block_size": image.block_size,
                    "memory": image.memory.hex().upper(),
                    "locked": list(image.locked),
                    "afi": image.afi,
                    "dsfid": image.dsfid,
                }
            )
    raise DumpUnreadable(f"{form.value} dumps are read only; the Proxmark3 client also loads {Format.PROXMARK.value}")


def listing(image: TagImage) -> list[str]:
    """Return one line for the tag and one per block."""
    return [
        f"UID {image.uid}  DSFID {shown(image.dsfid)}  AFI {shown(image.afi)}",
        *(
            f"block {number:3}  {printable_hex(block)}{'  locked' if locked else ''}"
            for number, (block, locked) in enumerate(zip(_blocks(image), _locks(image), strict=True))
        ),
    ]


def _known(byte: int | None) -> int:
    """Return the byte; raise `DumpUnreadable` for an AFI or DSFID that the reader did not report."""
    if byte is None:
        refuse("this format needs AFI and DSFID, and the reader did not report them")
    return byte


def _blocks(image: TagImage) -> list[bytes]:
    return [image.block(number) for number in range(image.block_count)]


def _locks(image: TagImage) -> list[bool]:
    """Return one entry per block; a status that was not read counts as unlocked."""
    return [number < len(image.locked) and image.locked[number] for number in range(image.block_count)]


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _json(value: object) -> bytes:
    return json.dumps(value, indent=2).encode("ascii") + b"\n"


# --- other programs' files ------------------------------------------------------------------------------------------

_V4_PAGES: Final = 160
_PAGES: Final = 256
_PROXMARK_MEMORY: Final = 2048


def _proxmark(image: TagImage) -> bytes:
    """Return FileType "15693 v4", which every client since January 2024 reads; "15693 v5" only for more blocks than v4
    holds."""
    count = image.block_count
    if count > _PAGES or len(image.memory) > _PROXMARK_MEMORY:
        refuse(f"a Proxmark3 dump holds {_PAGES} blocks and {_PROXMARK_MEMORY} bytes at most")
    large = count > _V4_PAGES
    card = {
        "uid": bytes.fromhex(image.uid)[::-1],
        "dsfid": bytes([_known(image.dsfid)]),
        "dsfidlock": bytes(1),
        "afi": bytes([_known(image.afi)]),
        "afilock": bytes(1),
        "bytesperpage": bytes([image.block_size]),
        "pagescount": count.to_bytes(2 if large else 1, "little"),
        "ic": bytes(1),
        "locks": bytes(_locks(image)),
        "random": bytes(2),
        "privacypasswd": bytes(4),
        "state": bytes(1),
    }
    return _json(
        {
            "Created": "proxmark3",
            "FileType": "15693 v5" if large else "15693 v4",
            "Card": {key: value.hex().upper() for key, value in card.items()},
            "blocks": {str(number): block.hex().upper() for number, block in enumerate(_blocks(image))},
        }
    )


_FLIPPER_BLOCKS: Final = 256


def _flipper(image: TagImage) -> bytes:
    """Return an ISO15693-3 device, which the firmware loads for every chip; NXP's own commands need its SLIX device."""
    count = image.block_count
    if count > _FLIPPER_BLOCKS:
        refuse(f"a Flipper Zero file holds {_FLIPPER_BLOCKS} blocks at most")
    return _lines(
        (
            "Filetype: Flipper NFC device",
            "Version: 4",
            "Device type: ISO15693-3",
            f"UID: {printable_hex(bytes.fromhex(image.uid))}",
            f"DSFID: {_known(image.dsfid):02X}",
            f"AFI: {_known(image.afi):02X}",
            "Lock DSFID: false",
            "Lock AFI: false",
            f"Block Count: {count}",
            f"Block Size: {image.block_size:02X}",
            f"Data Content: {printable_hex(image.memory)}",
            f"Security Status: {printable_hex(bytes(_locks(image)))}",
        )
    )
