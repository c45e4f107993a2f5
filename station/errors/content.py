"""Errors of what is to be written: encoding and catalog."""

from __future__ import annotations

from station.errors.base import Recovery, StationError

# --- encoding: the content ------------------------------------------------------------------------------------------


class EncodingError(StationError):
    """Content and tag format do not fit together; never raised itself."""

    code = "encoding"
    recovery = Recovery.ASK_STAFF
    exit_code = 21
    sentence = "The data cannot be put on a tag. Set the item aside for the technician."


class ElementInvalid(EncodingError):
    """A data element has a value that its format does not allow."""

    code = "element-invalid"


class DoesNotFit(EncodingError):
    """The content is larger than the tag: `needed` and `available` are bytes."""

    code = "does-not-fit"
    recovery = Recovery.REPLACE_ITEM
    sentence = "The tag is too small for this data. Use a bigger tag."

    def __init__(self, needed: int, available: int) -> None:
        self.needed = needed
        self.available = available
        super().__init__(f"{needed} bytes needed, {available} available")


class NotPossible(EncodingError):
    """The tag or the reader cannot do a step that the profile asks for (locking, EAS bit); nothing was written."""

    code = "not-possible"
    sentence = "This tag or this reader cannot do what the library's tag profile asks for. Nothing was written."

    @property
    def message(self) -> str:
        """The sentence with what cannot be done."""
        return f"{self.sentence} ({self.detail})" if self.detail else self.sentence


class Undecodable(EncodingError):
    """Memory that does not follow its data model, at byte `offset`. The decoders raise nothing else."""

    code = "undecodable"
    sentence = "The tag holds something that the station cannot read."

    def __init__(self, offset: int, reason: str) -> None:
        self.offset = offset
        self.reason = reason
        super().__init__(f"at byte {offset}: {reason}")


class DumpUnreadable(EncodingError):
    """A file or text is no dump of a tag in the format it is read as; `line` is the line at fault, 0 = the whole."""

    code = "dump-unreadable"
    sentence = "This is no dump of a tag that the station can read."

    def __init__(self, reason: str, line: int = 0) -> None:
        self.reason = reason
        self.line = line
        super().__init__(f"line {line}: {reason}" if line else reason)


# --- catalog --------------------------------------------------------------------------------------------------------


class CatalogError(StationError):
    """A barcode or record is not usable; never raised itself."""

    code = "catalog"
    recovery = Recovery.ASK_STAFF
    exit_code = 30
    sentence = "The record cannot be used. Set the item aside for the technician."


class BarcodeMalformed(CatalogError):
    """The scanned text is not one of this library's barcodes (length, prefix, check digit, two in one burst)."""

    code = "barcode-malformed"
    recovery = Recovery.ASK_OPERATOR
    sentence = "That is not one of our barcodes. Scan the library's barcode again."


class BarcodeUnknown(CatalogError):
    """No record has this barcode."""

    code = "barcode-unknown"
    sentence = "No record has this barcode. Set the item aside for the technician."


class RecordIncomplete(CatalogError):
    """The record lacks something without which nothing may be written; `missing` names it."""

    code = "record-incomplete"
    sentence = "The record is not complete. Set the item aside for the technician."

    def __init__(self, missing: str) -> None:
        self.missing = missing
        super().__init__(f"no {missing}")

    @property
    def message(self) -> str:
        """The sentence names what is missing."""
        return f"The record has no {self.missing}. Set the item aside for the technician."


class BarcodeAmbiguous(CatalogError):
    """Two items in the catalog have this barcode; which one is meant cannot be known."""

    code = "barcode-ambiguous"
    sentence = "Two items in the catalog have this barcode. Set the item aside for the technician."


class ImportRefused(CatalogError):
    """A catalog file could not be imported; the index is as it was."""

    code = "import-refused"
    exit_code = 31
    sentence = "The file was not imported; the catalog is as it was."

    @property
    def message(self) -> str:
        """The sentence with the reason."""
        return f"{self.sentence} ({self.detail})" if self.detail else self.sentence
