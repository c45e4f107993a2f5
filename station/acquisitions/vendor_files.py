"""Read the packing lists and orders of a vendor's file, whatever its form."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from station.acquisitions import order_records, packing_lists
from station.acquisitions.edifact import file as edifact
from station.acquisitions.edifact.documents import Document
from station.acquisitions.edifact.messages import Note
from station.acquisitions.edifact.packing import packing_list
from station.acquisitions.edifact.segments import looks_like as looks_like_edifact
from station.base.errors import PackingRefused
from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.domain.packing_lists.packing_list import ListKind, PackingList
from station.domain.receiving.vendor import Mapper


class FileForm(StrEnum):
    EDIFACT = "edifact"
    MARC = "marc"
    TABLE = "table"
    """CSV, XLSX or JSON."""


class FileOptions(NamedTuple):
    """What a person gives beside the file."""

    list: str = ""
    """Number of the list, if the file does not give it."""
    vendor: str = ""
    """Name of the vendor, if the file does not give it."""
    mapper: Mapper = Mapper()
    """Of a table."""
    kind: ListKind = ListKind.BOX
    """Of a table."""
    profile: str = ""
    """Name of the profile of the order fields of MARC records; "" = the one that fits."""


class FileLists(NamedTuple):
    lists: tuple[PackingList, ...]
    unused: tuple[str, ...] = ()
    """The vendor's names of columns that are left out."""
    notes: tuple[Note, ...] = ()
    """How an EDIFACT file deviates from the standard."""
    left_out: tuple[Document, ...] = ()
    """Documents that name no copies."""


_USES: Final = {
    FileForm.EDIFACT: (),
    FileForm.MARC: ("list", "vendor", "profile"),
    FileForm.TABLE: ("list", "vendor", "mapper", "kind"),
}


def form_of(data: bytes) -> FileForm:
    """Return the form of a file, by its first bytes."""
    if looks_like_edifact(data):
        return FileForm.EDIFACT
    return FileForm.MARC if order_records.looks_like(data) else FileForm.TABLE


def unused_options(form: FileForm, options: FileOptions) -> tuple[str, ...]:
    """Return the fields of `options` that a file of this form has no use for."""
    default = FileOptions()
    return tuple(
        name
        for name in FileOptions._fields
        if name not in _USES[form] and getattr(options, name) != getattr(default, name)
    )


def read(data: bytes, file: str, options: FileOptions, barcodes: Barcodes) -> FileLists:
    """Return the lists of a file. `file`: cleaned name for errors; `barcodes`: format of the library's barcodes. Raise
    `PackingRefused` or `VendorFileRefused` if anything in the file is wrong, or it names no copies."""
    match form_of(data):
        case FileForm.EDIFACT:
            return _edifact(data, file)
        case FileForm.MARC:
            return FileLists(
                order_records.read(
                    data, file, profile=options.profile, default_list=options.list, default_vendor=options.vendor
                )
            )
        case _:
            table = packing_lists.read(
                data,
                file,
                mapper=options.mapper,
                default_list=options.list,
                default_vendor=options.vendor,
                barcodes=barcodes,
                kind=options.kind,
            )
            return FileLists(table.lists, table.unused)


def _edifact(data: bytes, file: str) -> FileLists:
    vendor_file = edifact.read(data, file)
    lists = [packing_list(document, file) for document in vendor_file.documents]
    if not any(lists):
        raise PackingRefused(Sentence("receiving.no-lists", file=file))
    left_out = tuple(document for document, made in zip(vendor_file.documents, lists, strict=True) if made is None)
    return FileLists(tuple(filter(None, lists)), notes=vendor_file.notes, left_out=left_out)
