"""Read a vendor's EDIFACT file: its documents, and how it deviates from the standard."""

from __future__ import annotations

from typing import NamedTuple

from station.acquisitions.edifact import documents, messages
from station.acquisitions.edifact.documents import Document
from station.acquisitions.edifact.messages import Note, NoteCode
from station.base.sentence import Sentence
from station.base.text import clean


class VendorFile(NamedTuple):
    documents: tuple[Document, ...]
    notes: tuple[Note, ...]


def read(data: bytes, file: str) -> VendorFile:
    """Return all documents of a file, in order. `file`: name for errors. Raise `VendorFileRefused` with line, segment
    and reason: nothing of a file that cannot be read whole is taken."""
    shown = clean(file)
    transmission = messages.read(data, shown)
    for note in transmission.notes:
        if note.code is NoteCode.BAD_TAG:
            raise messages.at(shown, note.line, note.segment, Sentence("edifact.no-tag"))
    read = tuple(
        documents.read(message, interchange, shown)
        for interchange in transmission.interchanges
        for message in interchange.messages
    )
    early = tuple(
        Note(code=NoteCode.DUE_EARLY, document=document.number, expected=document.date, actual=document.due)
        for document in read
        if document.due and document.due < document.date
    )
    return VendorFile(read, (*transmission.notes, *early))
