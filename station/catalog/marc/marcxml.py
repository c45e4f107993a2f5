"""MARCXML as a stream: pymarc's SAX handler behind a parser that resolves nothing and holds one record at a time.

A document type declaration is refused (no external entities, no entity bombs: MARCXML needs neither). A record that is
too large or has no usable leader is refused alone. Characters that XML does not permit, and bytes that are not UTF-8,
become U+FFFD. After broken XML the parser starts again at the next record, behind the beginning of the document, so that
only the broken record is lost.
"""

from __future__ import annotations

import codecs
import io
import logging
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple
from xml.sax import SAXException, make_parser
from xml.sax.handler import (
    feature_external_ges,
    feature_external_pes,
    feature_namespaces,
    property_lexical_handler,
)

from pymarc import Leader, Record, XmlHandler, record_to_xml

from station.catalog.marc.iso2709 import MAX_RECORD, BadRecord, Readable
from station.catalog.marc.text_formats import (
    is_code,
    is_control,
    is_tag,
    leader_of,
    left_out,
    text_field,
    unread_in,
)

MAX_FIELDS: Final = 10_000
"""Maximum fields of one record; the exchange format's directory is limited to 8,331."""

_CHUNK: Final = 1 << 16
_KEPT: Final = MAX_RECORD
"""Characters of the current record that are kept, to name the barcodes of a refused one and to start again."""
_REFERENCE: Final = 12
"""Characters of the longest reference to a character (&#x10FFFF;) and some zeros."""
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NUMBER: Final = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,9}));")
_ENCODING: Final = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_RECORD: Final = re.compile(r"<(?:[\w.-]{1,40}:)?record[\s>]")
_RECORD_END: Final = re.compile(r"</(?:[\w.-]{1,40}:)?record\s*>")
_LONGEST_END: Final = 60
_NOTHING: Final = re.compile(r"(?:<\?xml[^<>]*\?>|</?(?:[\w.-]{1,40}:)?collection(?:\s[^<>]*)?>|\s)*\Z")
"""Text between two documents in one file, which has no record."""
_NOTES: Final = 10
"""Notes on one record."""

logging.getLogger("pymarc").addHandler(logging.NullHandler())


class FromXml(NamedTuple):
    """One record, or why it was refused with the text of it."""

    record: Record | None
    problem: str = ""
    notes: tuple[str, ...] = ()
    text: str = ""


class _Refused(Exception):
    """The whole document is not acceptable."""


class _NoDoctype:
    """Handler of lexical events; only the refused one matters."""

    def startDTD(self, *_: object) -> None:
        raise _Refused("it has a document type declaration, which MARCXML does not need")

    def endDTD(self) -> None: ...
    def comment(self, _content: str) -> None: ...
    def startCDATA(self) -> None: ...
    def endCDATA(self) -> None: ...


class _Handler(XmlHandler):
    """Collects finished records and tracks the size of the current record."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.done: list[FromXml] = []
        self._begin()

    def _begin(self) -> None:
        self._size = self._fields = 0
        self._problem = ""
        self._notes: list[str] = []
        self._field_out = self._subfield_out = False
        """True inside a field or subfield that is left out."""

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        element = name[1]
        if element == "record":
            self._begin()
        if element in ("controlfield", "datafield"):
            self._fields += 1
            if self._fields > MAX_FIELDS:
                self._problem = self._problem or f"more than {MAX_FIELDS} fields"
            tag = attrs.get((None, "tag"), "")
            self._field_out = not is_tag(tag) or (element == "datafield" and is_control(tag))
            if self._field_out:
                self._note(left_out(self._fields, tag[:20]))
        elif element == "subfield" and not self._field_out:
            self._subfield_out = not is_code(attrs.get((None, "code"), ""))
            if self._subfield_out:
                self._note(f"a subfield of field {self._fields} was left out: it has no code")
        if (self._problem or self._field_out or self._subfield_out) and element != "record":
            self._text = []
            return
        super().startElementNS(name, qname, attrs)  # type: ignore[no-untyped-call]

    def _note(self, note: str) -> None:
        if len(self._notes) < _NOTES:
            self._notes.append(note)

    def characters(self, content: str) -> None:
        self._size += len(content)
        if self._size > MAX_RECORD:
            self._problem = self._problem or f"longer than {MAX_RECORD} characters"
            self._text = []
            return
        super().characters(content)  # type: ignore[no-untyped-call]

    def endElementNS(self, name: Any, qname: Any) -> None:
        element, text = name[1], "".join(self._text)
        if self._problem:
            if element == "record":
                self.done.append(FromXml(None, self._problem))
                self._begin()
                self._record = self._field = None
            self._text = []
        elif self._field_out or self._subfield_out:
            self._field_out = self._field_out and element not in ("controlfield", "datafield")
            self._subfield_out = self._subfield_out and element != "subfield"
            self._text = []
        elif element == "leader" and self._record:
            try:
                leader, note = leader_of(text)
                self._record.leader = Leader(leader)
                self._notes += [note] if note else []
            except BadRecord as error:
                self._problem = str(error)
            self._text = []
        elif element == "controlfield" and self._record and self._field and not is_control(self._field.tag):
            self._record.add_field(text_field(self._field.tag, text))
            self._field, self._text = None, []
        else:
            super().endElementNS(name, qname)  # type: ignore[no-untyped-call]

    def process_record(self, record: Record) -> None:
        if record.fields:
            lost = unread_in(record.fields)
            self.done.append(FromXml(record, notes=(*self._notes, *([lost] if lost else []))))
        else:
            self.done.append(FromXml(None, "it has no fields"))


def records(stream: Readable) -> Iterator[FromXml]:
    """Yield the records in order, usable or not. Text between records that is not XML counts as an unusable record."""
    start: str | None = None
    """The document up to its first record, which is fed again after broken XML."""
    parser, handler = _parser()
    text = ""
    for frame in _frames(stream):
        text = frame if isinstance(frame, str) else ""
        if start is None:
            first = _RECORD.search(text)
            start = text[: first.start()] if first else ""
        problem = ""
        try:
            parser.feed(frame)
        except _Refused as error:
            yield FromXml(None, str(error))
            return
        except (SAXException, ValueError, LookupError) as error:
            problem = f"broken XML: {error}"
        yield from _with_text(handler.done, text)
        handler.done = []
        if not problem:
            continue
        if not _RECORD_END.search(text):
            yield FromXml(None, f"{problem}; the rest of the file was not read", text=text[:_KEPT])
            return
        last = max((opening.start() for opening in _RECORD.finditer(text)), default=len(text))
        parser, handler = _parser()
        again = _from(parser, handler, start, text[last:])
        if not again:
            parser, handler = _parser()
            _from(parser, handler, start, "")
        if not again or not _NOTHING.match(text[:last]):
            yield FromXml(None, problem, text=text[: last if again else _KEPT])
        yield from _with_text(again, text)
        text = ""
    try:
        parser.close()
    except (SAXException, ValueError, LookupError) as error:
        yield FromXml(None, f"broken XML, the file ends before its document does: {error}", text=text[:_KEPT])


def _from(parser: Any, handler: _Handler, start: str, text: str) -> list[FromXml]:
    """Return the records of `text` behind the start of the document; none if it is broken too."""
    try:
        parser.feed(start)
        parser.feed(text)
    except (_Refused, SAXException, ValueError, LookupError):
        return []
    found, handler.done = handler.done, []
    return found


def _with_text(found: list[FromXml], text: str) -> Iterator[FromXml]:
    for one in found:
        yield one if one.record is not None else one._replace(text=text[:_KEPT])


def _parser() -> tuple[Any, _Handler]:
    handler = _Handler()
    parser = make_parser()  # noqa: S317 - nothing is resolved: see below
    parser.setFeature(feature_namespaces, True)
    parser.setFeature(feature_external_ges, False)
    parser.setFeature(feature_external_pes, False)
    parser.setContentHandler(handler)
    parser.setProperty(property_lexical_handler, _NoDoctype())
    return parser, handler


def _frames(stream: Readable) -> Iterator[str | bytes]:
    """Yield the document in pieces that each end with a record. A piece longer than a record may be comes in parts, and a
    document in another encoding as it is."""
    head = stream.read(_CHUNK)
    named = _ENCODING.search(head[:200])
    if head[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<") or (
        named and named[1].upper() not in (b"UTF-8", b"UTF8", b"US-ASCII", b"ASCII")
    ):
        while head:
            yield head
            head = stream.read(_CHUNK)
        return
    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    waiting, text, searched = "", "", 0
    while True:
        waiting += decode(head, final=not head)
        cut = len(waiting)
        if head and (reference := waiting.rfind("&", max(0, cut - _REFERENCE))) >= 0:
            cut = reference
        text += _permitted(waiting[:cut])
        waiting = waiting[cut:]
        begin = 0
        for end in _RECORD_END.finditer(text, searched):
            yield text[begin : end.end()]
            begin = end.end()
        text = text[begin:]
        searched = max(0, len(text) - _LONGEST_END)
        if len(text) > 2 * _KEPT or (not head and text):
            yield text
            text, searched = "", 0
        if not head:
            return
        head = stream.read(_CHUNK)


def _permitted(text: str) -> str:
    """Return the text with U+FFFD for every character that XML 1.0 does not permit."""
    return _NUMBER.sub(_reference, _FORBIDDEN.sub("\ufffd", text)) if text else text


def _reference(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    fine = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return found[0] if fine else "\ufffd"


def one(data: bytes) -> Record:
    """Return the one record of a MARCXML snippet. Raise `BadRecord`."""
    for found in records(io.BytesIO(data)):
        if found.record is None:
            raise BadRecord(found.problem)
        return found.record
    raise BadRecord("no record in the XML")


def snippet(record: Record) -> bytes:
    """Return a record as MARCXML, the format in which records read from XML are kept, whatever their length."""
    data: bytes = record_to_xml(record, quiet=True)  # type: ignore[no-untyped-call]
    return data
