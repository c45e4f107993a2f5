"""MARCXML from Alma's answers for bibs and holdings: as XML, or inside JSON under a UTF-16 declaration.

The traps are those of docs/reference/systems.md#alma-put, rule 5: a text that declares UTF-16 but is not. So the
declaration is removed, and the bytes themselves decide the encoding. The parser in `catalog.marc.marc` resolves nothing
and refuses a document type, which is the place for external entities and entity bombs; the size was limited on receipt.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from station.base.errors import Rejected
from station.base.sentence import Sentence
from station.base.text import clean
from station.catalog.marc import marcxml
from station.catalog.marc.iso2709 import BadRecord
from station.sync.http import Answer

_DECLARATION: Final = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}\?>")
_SUPPRESSED: Final = re.compile(rb"<suppress_from_publishing>\s*true\s*</suppress_from_publishing>")
_BOMS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Marc(msgspec.Struct, frozen=True):
    """One record as MARCXML bytes (UTF-8), and whether it is suppressed from publishing."""

    data: bytes
    suppressed: bool = False


class _Wrapped(msgspec.Struct):
    anies: list[str] = []
    suppress_from_publishing: str | bool | None = None


def marc_of(answer: Answer) -> Marc:
    """Return the record in an answer that is a `bib` or `holding`. Raises `Rejected` with the reason for any other
    answer."""
    body = answer.body.lstrip()
    suppressed = False
    if body[:1] == b"{":
        try:
            wrapped = msgspec.json.decode(body, type=_Wrapped)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Rejected(Sentence("alma.no-record")) from None
        if len(wrapped.anies) != 1:
            raise Rejected(Sentence("alma.several-records", count=len(wrapped.anies)))
        data = wrapped.anies[0].encode("utf-8", "replace")
        suppressed = wrapped.suppress_from_publishing in ("true", True)
    else:
        data = _as_utf8(body)
        suppressed = _SUPPRESSED.search(data[:5000]) is not None
    data = _DECLARATION.sub(b"", data)
    try:
        record = marcxml.one(data)
    except BadRecord as error:
        raise Rejected(Sentence("alma.unreadable", why=clean(str(error), 200))) from None
    return Marc(marcxml.snippet(record), suppressed)


def _as_utf8(body: bytes) -> bytes:
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body.decode(name, "replace").encode("utf-8", "replace")
    return body
