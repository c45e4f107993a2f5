"""A vendor's file that is sent from a desk: the fields of its form, and what it says until a person takes it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import msgspec

from station.base.errors import PackingRefused, ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.domain.receiving.vendor import Vendor
from station.office.asked import Asked
from station.office.forms import Declined, Field, FieldKind
from station.office.upload import Uploads

FILE: Final = "file"
VENDOR: Final = "vendor"
Content = TypeVar("Content")


class SentFile(msgspec.Struct, frozen=True):
    """Name and digest of a file, and what it says."""

    source: str
    digest: str
    """SHA-256, hexadecimal."""
    content: object


def fields(vendors: Iterable[Vendor], hint: str) -> tuple[Field, Field]:
    """Return the fields of file and vendor. `hint`: which files there are."""
    choices = (("", tell("shipment.file-says")), *((vendor.id, clean(vendor.name)) for vendor in vendors))
    return (
        Field(name=FILE, label=tell("shipment.head.file"), kind=FieldKind.FILE, hint=hint, needed=True),
        Field(name=VENDOR, label=tell("shipment.head.vendor"), kind=FieldKind.CHOICE, choices=choices),
    )


def keep(asked: Asked, uploads: Uploads, read: Callable[[bytes, str], object]) -> str:
    """Keep what the form's file says, and return the id of the upload. `read`: by bytes and name. Raise `Declined`."""
    if asked.upload is None:
        raise Declined(tell("form.missing", field=tell("shipment.head.file")), FILE)
    name, data = asked.upload.name, asked.upload.content
    try:
        content = read(data, name)
    except PackingRefused as error:
        raise Declined(tell(error.detail or error.sentence), FILE) from error
    return uploads.keep(asked.session, SentFile(name, hashlib.sha256(data).hexdigest(), content))


def find(asked: Asked, uploads: Uploads, kind: type[Content]) -> tuple[SentFile, Content]:
    """Return the file that the address names, and what it says. Raise `ReceivingRefused` if the file is gone."""
    sent = uploads.find(asked.session, asked.names["upload"])
    if not isinstance(sent, SentFile) or not isinstance(sent.content, kind):
        raise ReceivingRefused(Sentence("shipment.file-gone"))
    return sent, sent.content
