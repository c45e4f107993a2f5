"""MARCXML as a stream: pymarc's SAX handler behind a parser that resolves nothing and holds one record at a time.

A document type declaration is refused (no external entities, no entity bombs: MARCXML needs neither). A record that is
too large, or lacks a leader, tags or codes that the schema requires, is refused alone. Broken XML ends the file,
because nothing after it can be trusted.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any, Final
from xml.sax import SAXException, make_parser
from xml.sax.handler import (
    feature_external_ges,
    feature_external_pes,
    feature_namespaces,
    property_lexical_handler,
)

from pymarc import Record, XmlHandler, record_to_xml

from station.catalog.marc.iso2709 import MAX_RECORD, BadRecord, Readable

MAX_FIELDS: Final = 10_000
"""Maximum fields of one record; the exchange format's directory is limited to 8,331."""

_CHUNK: Final = 1 << 16

logging.getLogger("pymarc").addHandler(logging.NullHandler())


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
        self.done: list[Record | str] = []
        self._size = 0
        self._fields = 0
        self._problem = ""

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        element = name[1]
        if element == "record":
            self._size = self._fields = 0
            self._problem = ""
        if element in ("controlfield", "datafield"):
            self._fields += 1
            if self._fields > MAX_FIELDS:
                self._problem = self._problem or f"more than {MAX_FIELDS} fields"
        if self._problem and element != "record":
            return
        wanted = {"controlfield": "tag", "datafield": "tag", "subfield": "code"}.get(element)
        if wanted and len(attrs.get((None, wanted), "")) != (1 if wanted == "code" else 3):
            self._problem = f"field {self._fields}: <{element}> without a proper {wanted}"
            return
        super().startElementNS(name, qname, attrs)  # type: ignore[no-untyped-call]

    def characters(self, content: str) -> None:
        self._size += len(content)
        if self._size > MAX_RECORD:
            self._problem = self._problem or f"longer than {MAX_RECORD} characters"
            self._text = []
            return
        super().characters(content)  # type: ignore[no-untyped-call]

    def endElementNS(self, name: Any, qname: Any) -> None:
        if self._problem:
            if name[1] == "record":
                self.done.append(self._problem)
                self._problem = ""
                self._record = self._field = None
            self._text = []
            return
        if name[1] == "leader" and len("".join(self._text)) != 24:
            self._problem = f"the leader has {len(''.join(self._text))} characters, not 24"
            return
        super().endElementNS(name, qname)  # type: ignore[no-untyped-call]

    def process_record(self, record: Record) -> None:
        self.done.append(record if record.fields else "it has no fields")


def records(stream: Readable) -> Iterator[Record | str]:
    """Yield the records in order; a text reports a record that cannot be used (the last one, if the XML breaks)."""
    handler = _Handler()
    parser = make_parser()  # noqa: S317 - nothing is resolved: see below
    parser.setFeature(feature_namespaces, True)
    parser.setFeature(feature_external_ges, False)
    parser.setFeature(feature_external_pes, False)
    parser.setContentHandler(handler)
    parser.setProperty(property_lexical_handler, _NoDoctype())
    problem = ""
    try:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)  # type: ignore[attr-defined]
            yield from handler.done
            handler.done = []
        parser.close()  # type: ignore[attr-defined]
    except _Refused as error:
        problem = str(error)
    except (SAXException, ValueError, LookupError) as error:
        problem = f"broken XML, the rest of the file was not read: {error}"
    yield from handler.done
    if problem:
        yield problem


def one(data: bytes) -> Record:
    """Return the one record of a MARCXML snippet. Raise `BadRecord`."""
    for record in records(io.BytesIO(data)):
        if isinstance(record, str):
            raise BadRecord(record)
        return record
    raise BadRecord("no record in the XML")


def snippet(record: Record) -> bytes:
    """Return a record as MARCXML, the format in which records read from XML are kept, whatever their length."""
    data: bytes = record_to_xml(record, quiet=True)  # type: ignore[no-untyped-call]
    return data
