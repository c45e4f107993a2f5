"""Errors about content to be written: encoding and catalog."""

from __future__ import annotations

from typing import Self

from station.base.errors.base import Detail, Recovery, StationError
from station.base.sentence import Sentence

# --- encoding: the content ------------------------------------------------------------------------------------------


class EncodingError(StationError):
    """Content and tag format do not fit together; never raised itself."""

    code = "encoding"
    recovery = Recovery.ASK_STAFF
    exit_code = 21


class ElementInvalid(EncodingError):
    """A data element has a value that its format does not allow."""

    code = "element-invalid"
    has_remedy = True


class DoesNotFit(EncodingError):
    """The content is larger than the tag: `needed` and `available` are bytes."""

    code = "does-not-fit"
    recovery = Recovery.REPLACE_ITEM
    has_remedy = True

    def __init__(self, needed: int, available: int) -> None:
        self.needed = needed
        self.available = available
        super().__init__(f"{needed} bytes needed, {available} available")


class NotPossible(EncodingError):
    """The tag or the reader cannot do a step that the profile requires (locking, EAS bit); nothing was written."""

    code = "not-possible"
    has_remedy = True
    detail_is = Detail.FIRST

    def __init__(self, detail: str | Sentence = "", lacks: str = "") -> None:
        self.lacks = lacks
        super().__init__(detail)


class Undecodable(EncodingError):
    """Memory does not follow its data model, at byte `offset`. The decoders raise nothing else."""

    code = "undecodable"

    def __init__(self, offset: int, reason: str) -> None:
        self.offset = offset
        self.reason = reason
        super().__init__(f"at byte {offset}: {reason}")


class DumpUnreadable(EncodingError):
    """A file or text is not a tag dump in the expected format; `line` is the faulty line, 0 = the whole text."""

    code = "dump-unreadable"

    def __init__(self, reason: str | Sentence, line: int = 0) -> None:
        self.reason = reason
        self.line = line
        super().__init__(Sentence.joined((f"line {line}", reason), ": ") if line else reason)


# --- catalog --------------------------------------------------------------------------------------------------------


class CatalogError(StationError):
    """A barcode or record is not usable; never raised itself."""

    code = "catalog"
    recovery = Recovery.ASK_STAFF
    exit_code = 30
    body: str = ""
    """The library system's answer, if there was one; not cleaned."""

    @classmethod
    def answered(cls, detail: str | Sentence, body: str) -> Self:
        """Return the error with the answer that reported it."""
        error = cls(detail)
        error.body = body
        return error


class BarcodeMalformed(CatalogError):
    """The scanned text is not one of this library's barcodes (length, prefix, check digit, two barcodes in one
    burst)."""

    code = "barcode-malformed"
    recovery = Recovery.ASK_OPERATOR


class BarcodeUnknown(CatalogError):
    """The catalog index has no record with this barcode, and the library system, if it is asked, has none either."""

    code = "barcode-unknown"
    has_remedy = True
    takes_name = True


class RecordUnreadable(CatalogError):
    """The record with this barcode could not be read when the catalog was imported. `detail`: file, record and
    reason."""

    code = "record-unreadable"
    has_remedy = True


class RecordNotTold(CatalogError):
    """The library system gave no record and the catalog index has none, so it is unknown whether a record exists."""

    code = "record-not-told"
    recovery = Recovery.ASK_OPERATOR
    has_remedy = True


class ItemWithdrawn(CatalogError):
    """The item leaves the library: its withdrawal was ordered, or its checks passed. `detail`: its title."""

    code = "withdrawn"
    has_remedy = True
    detail_is = Detail.FIRST
    takes_name = True


class NotMovedYet(CatalogError):
    """The item moves, or gets another call number, and the library system does not show that yet. `detail`: where it goes,
    and what the library system shows."""

    code = "not-moved-yet"
    has_remedy = True
    detail_is = Detail.FIRST


class BarcodeAmbiguous(CatalogError):
    """Two items in the catalog have this barcode, so the item cannot be determined."""

    code = "barcode-ambiguous"
    has_remedy = True


class FileNotMarc(CatalogError):
    """A file of records cannot be opened or is not MARC."""

    code = "file-not-marc"
    exit_code = 31
    detail_is = Detail.FIRST


class ImportRefused(CatalogError):
    """A catalog file could not be imported; the index is unchanged."""

    code = "import-refused"
    exit_code = 31
    detail_is = Detail.FIRST


class ImportFewItems(ImportRefused):
    """With this item profile, too few records of a catalog file have an item; the index is unchanged."""

    code = "import-few-items"


class ImportFewCallNumbers(ImportRefused):
    """With another item profile, more than twice as many call numbers are found in a catalog file; the index is
    unchanged."""

    code = "import-few-call-numbers"


class ImportBarcodes(ImportRefused):
    """Too many barcodes of a catalog file do not match the settings in [barcodes]; the index is unchanged."""

    code = "import-barcodes"


class PackingRefused(CatalogError):
    """A packing list cannot be used, or none has that name; the other lists are unchanged."""

    code = "packing-list-refused"
    exit_code = 31
    detail_is = Detail.WHOLE


class VendorFileRefused(CatalogError):
    """A vendor's EDIFACT file, or a file of vendors or accounts, cannot be used; nothing of it was taken."""

    code = "vendor-file-refused"
    exit_code = 31
    detail_is = Detail.FIRST
