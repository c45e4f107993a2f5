"""A large synthetic catalog: record `number` is always the same, and its content follows from arithmetic.

In every 20 records: 1 without an item, 4 with two, 15 with one (23 items); 2 in MARC-8 (leader/09 blank, ANSEL
accents), 2 with a title in another script in 880, the rest in UTF-8 and ASCII; call numbers are LC, and Dewey in every
third record. About 1.5 kB each, from 1 to 2. Barcodes of neighboring records are far apart, as in a library that has
applied them for decades.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_STEP: Final = 387_420_489
"""3^18: odd and not a multiple of 5, so that number * step modulo 10^9 gives every residue once."""
_TEXT: Final = """atlas bridge canal delta engine forest garden harbour island journey kingdom lantern mountain northern
orchard painter question railway saddle theatre umbrella village winter yearbook zoology archive ballad compass"""
_WORDS: Final = tuple(_TEXT.split())
_PEOPLE: Final = "Ambler Birdsong Coldwater Dunmore Eastlake Fairweather Greenhalgh Hollis Inkpen Jessop"
_NAMES: Final = tuple(_PEOPLE.split())
_CLASSES: Final = ("QA76.73", "PS3552", "PR6019", "HD9743", "TK5105.5", "ML410", "BF637", "E185.61", "NA7235", "Z678.9")
_SCRIPTS: Final = ("Воображаемая книга", "ספר דמיוני", "想像之書", "Φανταστικό βιβλίο")
_NOTE: Final = (
    "Invented record for measurements. " + "It says nothing of any book, and it is here to be read quickly. " * 3
)
_CHUNK: Final = 2000


def barcode(number: int, item: int = 0) -> str:
    """Return 14 digits, the last one a Luhn check digit."""
    payload = f"3{number * _STEP % 10**9:09d}{item:03d}"
    doubled = sum(int(digit) * 2 - 9 * (digit > "4") for digit in payload[::-2])
    return payload + str(-(doubled + sum(map(int, payload[-2::-2]))) % 10)


def items(number: int) -> int:
    """Return the number of items of record `number`."""
    return 0 if number % 20 == 0 else 2 if number % 5 == 1 else 1


def items_in(count: int) -> int:
    """Return the number of items of the records 1 to `count`; `count` is a multiple of 20."""
    if count % 20:
        raise ValueError("the count must be a multiple of 20")
    return count // 20 * 23


def title(number: int, edition: int = 1) -> str:
    """Return the title as the index gives it. It has an accent where the record's charset matters."""
    word = _WORDS[number % len(_WORDS)]
    accent = "bücher" if number % 10 in (3, 5) else "book"
    return f"The {word} {accent} {number}" + (f", edition {edition}" if edition > 1 else "")


def write(path: Path, count: int) -> int:
    """Write the records 1 to `count`; return the size in bytes. Memory use is bounded."""
    size = 0
    with path.open("wb") as stream:
        for start in range(1, count + 1, _CHUNK):
            size += stream.write(b"".join(map(record, range(start, min(start + _CHUNK, count + 1)))))
    return size


def record(number: int, *, edition: int = 1, deleted: bool = False) -> bytes:
    """Return record `number` in ISO 2709."""
    marc8 = number % 10 == 3
    written = title(number, edition)
    shown = written.replace("ü", "\udce8u").encode("ascii", "surrogateescape") if marc8 else written.encode()
    name = _NAMES[number % 10]
    word, other = _WORDS[number % len(_WORDS)], _WORDS[number // 7 % len(_WORDS)]
    year = 1950 + number % 75
    dewey = number % 3 == 0
    cutter = f".{name[0]}{number % 89 + 10}"
    call = (
        f"{number % 1000:03d}.{number % 97} {name[:3].upper()}" if dewey else f"{_CLASSES[number % 10]} {cutter} {year}"
    )
    linked = number % 10 == 7
    fields: list[tuple[bytes, bytes]] = [
        (b"001", b"syn%09d" % number),
        (b"003", b"ImP"),
        (b"005", b"20240101000000.0"),
        (b"008", b"240101s%d    xx a     b    001 0 eng d" % year),
        (b"020", b"  \x1fa978%010d" % (number % 10**10)),
        (b"035", b"  \x1fa(ImP)%d" % number),
        (b"040", b"  \x1faImP\x1fbeng\x1ferda\x1fcImP"),
        (b"082", b"04\x1fa%03d.%d\x1f223" % (number % 1000, number % 97))
        if dewey
        else (b"050", b" 4\x1fa%b" % call.encode()),
        (b"100", f"1 \x1fa{name}, Ada,\x1fd{year - 40}-".encode()),
        (b"245", b"10%b\x1fa%b /\x1fcAda %b." % (b"\x1f6880-01" if linked else b"", shown, name.encode())),
        (b"264", b" 1\x1faNowhere :\x1fbImaginary Press,\x1fc%d." % year),
        (b"300", b"  \x1fa%d pages :\x1fbillustrations ;\x1fc%d cm" % (80 + number % 700, 18 + number % 14)),
        (b"336", b"  \x1fatext\x1fbtxt\x1f2rdacontent"),
        (b"337", b"  \x1faunmediated\x1fbn\x1f2rdamedia"),
        (b"338", b"  \x1favolume\x1fbnc\x1f2rdacarrier"),
        (b"500", b"  \x1fa" + _NOTE[: 60 + number * 37 % 150].encode()),
        (b"504", b"  \x1faIncludes bibliographical references and index."),
        (
            b"505",
            (
                "0 \x1fa"
                + " -- ".join(f"The {_WORDS[(number + at) % len(_WORDS)]} of the {other}" for at in range(number % 17))
            ).encode(),
        ),
        (b"520", f"  \x1fa{_NOTE}Of the {word} and the {other}, and what came of it.".encode()),
        (b"650", f" 0\x1fa{word.capitalize()}s\x1fzNowhere\x1fxHistory.".encode()),
        (b"650", f" 0\x1fa{other.capitalize()}s\x1fvFiction.".encode()),
    ]
    if linked:
        fields.append((b"880", f"10\x1f6245-01\x1fa{_SCRIPTS[number // 10 % 4]} {number} /".encode()))
    scheme = "DEWEY" if dewey else "LC"
    for item in range(items(number)):
        where = f"\x1fi{barcode(number, item)}\x1flSTACKS\x1fmMAIN\x1fp{number % 90 + 9}.95\x1ftBOOK"
        fields.append((b"949", f"  \x1fa{call}\x1fw{scheme}\x1fc{item + 1}{where}".encode()))
    return _iso2709(fields, b"d" if deleted else b"n", b" " if marc8 else b"a")


def _iso2709(fields: list[tuple[bytes, bytes]], status: bytes, charset: bytes) -> bytes:
    directory, start = [], 0
    for tag, data in fields:
        directory.append(b"%b%04d%05d" % (tag, len(data) + 1, start))
        start += len(data) + 1
    base = 25 + 12 * len(fields)
    body = b"\x1e".join(data for _, data in fields)
    leader = b"%05d%bam %b22%05d i 4500" % (base + start + 1, status, charset, base)
    return b"%b%b\x1e%b\x1e\x1d" % (leader, b"".join(directory), body)
