"""Read GNU gettext's text files (PO), which people edit; make and read its compiled files (MO), which a wheel contains.

Formats: GNU gettext manual, "The Format of PO Files" and "The Format of GNU MO Files". `setup.py` loads this file
without its package. Therefore it imports only the standard library.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final, NamedTuple

MO_MAGIC: Final = 0x950412DE
"""First word of an MO file, in the byte order of all its words; the station's files are little-endian."""
_HEADER: Final = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals={}; plural={};\n"

_LINE: Final = re.compile(r'(?:(msgid|msgid_plural|msgstr|msgstr\[\d\])[ \t]+)?"((?:[^"\\]|\\.)*)"')
_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_PLURAL: Final = re.compile(r"^Plural-Forms:\s*nplurals\s*=\s*(\d+)\s*;\s*plural\s*=\s*([^;\n]+)", re.MULTILINE)


class PluralRule(NamedTuple):
    """Number of plural forms of a language, and the C expression that selects one (gettext manual, "Plural forms")."""

    forms: int
    expression: str


GERMANIC: Final = PluralRule(2, "n != 1")
"""Rule of a file whose header has none."""


class Message(NamedTuple):
    """One message of a PO file."""

    key: str
    forms: tuple[str, ...]
    """The sentence, or one sentence for each plural form."""
    plural: bool
    translated: bool
    """False: marked as fuzzy, or a form is empty or missing."""
    line: int


class GettextError(ValueError):
    """The file does not have the format. The message names the line."""


def read_po(text: str) -> tuple[PluralRule, list[Message]]:
    """Return the plural rule and the messages of a PO file. Raise `GettextError` for a malformed file. Also raise it
    for contexts (`msgctxt`), which the station's files never have, and for escapes other than `\\n`, `\\t`, `\\r`,
    `\\"` and `\\\\`."""
    rule = GERMANIC
    messages = []
    for texts, line, fuzzy in _raw(text):
        key = texts.pop("msgid")
        plural = texts.pop("msgid_plural", None) is not None
        names = [f"msgstr[{number}]" for number in range(len(texts))] if plural else ["msgstr"]
        if not texts or sorted(texts) != names:
            raise GettextError(f"line {line}: a msgid needs one msgstr, or msgid_plural and msgstr[0], msgstr[1], ...")
        if key == "" and not plural:
            rule = _rule(texts["msgstr"])
            continue
        forms = tuple(texts[name] for name in names)
        if plural and len(forms) > rule.forms:
            raise GettextError(f"line {line}: more plural forms than the header names ({rule.forms})")
        whole = all(forms) and (not plural or len(forms) == rule.forms)
        messages.append(Message(key, forms, plural, whole and not fuzzy, line))
    return rule, messages


def _raw(text: str) -> Iterator[tuple[dict[str, str], int, bool]]:
    """Yield for each message its texts by keyword, the line of its msgid, and whether it is fuzzy."""
    parts: dict[str, list[str]] = {}
    begun, fuzzy, next_fuzzy = 0, False, False
    keyword = ""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if not line or line[0] == "#":
            next_fuzzy = next_fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise GettextError(f"line {number}")
        said, piece = found.groups()
        if said == "msgid":
            if parts:
                yield _texts(parts, begun), begun, fuzzy
            parts, begun, fuzzy, next_fuzzy = {}, number, next_fuzzy, False
        if said is not None:
            keyword = said
        if (said is not None and said in parts) or (not parts and said != "msgid"):
            raise GettextError(f"line {number}")
        parts.setdefault(keyword, []).append(piece)
    if parts:
        yield _texts(parts, begun), begun, fuzzy


def _texts(parts: Mapping[str, list[str]], line: int) -> dict[str, str]:
    texts = {keyword: "".join(pieces) for keyword, pieces in parts.items()}
    try:
        return {
            keyword: _ESCAPE.sub(lambda found: _ESCAPED[found[1]], text) if "\\" in text else text
            for keyword, text in texts.items()
        }
    except KeyError as error:
        raise GettextError(f"line {line}: unknown escape \\{error.args[0]}") from None


def _rule(header: str) -> PluralRule:
    found = _PLURAL.search(header)
    return GERMANIC if found is None else PluralRule(int(found[1]), found[2].strip())


def compile_mo(text: str) -> bytes:
    """Return the MO file of a PO file. Raise `GettextError`."""
    rule, messages = read_po(text)
    strings = {"": _HEADER.format(*rule)}
    for message in messages:
        if message.translated:
            identity = f"{message.key}\0{message.key}" if message.plural else message.key
            strings[identity] = "\0".join(message.forms)
    pairs = sorted((key.encode(), text.encode()) for key, text in strings.items())
    # Seven words, table of ids, table of strings, no hash table, then the texts, each followed by a NUL.
    texts = [key for key, _ in pairs] + [text for _, text in pairs]
    begin = 28 + 8 * len(texts)
    places = accumulate((len(text) + 1 for text in texts), initial=begin)
    table = [word for text, place in zip(texts, places, strict=False) for word in (len(text), place)]
    head = (MO_MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, begin)
    return struct.pack(f"<{7 + len(table)}I", *head, *table) + b"".join(text + b"\0" for text in texts)


def read_mo(data: bytes) -> tuple[PluralRule, dict[str, tuple[str, ...]]]:
    """Return the plural rule and the sentences by key. `data`: an MO file that `compile_mo` made."""
    _, _, count, ids, strings = struct.unpack_from("<5I", data)

    def texts(table: int) -> Iterator[str]:
        for length, at in struct.iter_unpack("<2I", data[table : table + 8 * count]):
            yield data[at : at + length].decode()

    found = {
        key.partition("\0")[0]: tuple(text.split("\0")) for key, text in zip(texts(ids), texts(strings), strict=True)
    }
    return _rule(found.pop("")[0]), found
