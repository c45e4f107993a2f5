"""Voyager: SIP2 for changes, its REST service (read only) for the item's location.

`GET <url>/record/{bib}/items?view=full` (Voyager 7.2 and later; Ex Libris Developer Network, "Record Items") answers
XML

    <response><reply-text>ok</reply-text><reply-code>0</reply-code>
      <items><institution>
        <item href="..."><itemData name="location" code="stk">Stacks</itemData>...</item>
      </institution></items>
    </response>

Sources of the shape: the vendor's page for address and parameters; for the elements, and the names `location`,
`permLocation`, `tempLocation` (with `code`), `typeDesc`, `itemStatus`, `itemStatusCode`, the code of two public clients
(VoyagerXWS, getitforme at Texas A&M). The names `itemBarcode`, `callNumber` and `enumeration` are recollection: items
without a barcode are used only if the record has one item, and missing data stays as SIP2 has it.

The bib number is not in SIP2: it comes from the catalog index (`ItemRecord.record_id`, field 001).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

import msgspec

from station.base.errors import Rejected, SyncError
from station.base.sentence import Sentence
from station.base.text import clean, clean_sentence
from station.domain.deliveries.delivery import Check, CheckOutcome
from station.domain.item import Barcode, ItemRecord
from station.sync.http import Answer

MAX_ITEMS: Final = 2000
"""Most items read of one record."""
_DEPTH: Final = 50
_BIB: Final = re.compile(r"[0-9]{1,12}")
PROBE: Final = "1"
"""The bib number that `Voyager.check` requests. It need not exist, since only the answer's shape matters."""


class VoyagerItem(msgspec.Struct, frozen=True):
    """One item of a record: `data` by name, `codes` for elements that have one. Texts are cleaned."""

    data: dict[str, str]
    codes: dict[str, str]

    @property
    def barcode(self) -> str:
        """The item's barcode; "" if the service does not give it."""
        return self.data.get("itemBarcode", "")


class _Items:
    """Collects `item` elements from expat. A document type is refused."""

    def __init__(self) -> None:
        self.items: list[VoyagerItem] = []
        self.reply: dict[str, str] = {}
        self.root = ""
        self._path: list[str] = []
        self._text: list[str] = []
        self._name = self._code = ""
        self._data: dict[str, str] = {}
        self._codes: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= _DEPTH:
            raise Rejected(Sentence("sip2.voyager.deep"))
        self._path.append(name)
        self._text = []
        if name == "item":
            self._data, self._codes = {}, {}
        elif name == "itemData":
            self._name, self._code = attributes.get("name", ""), attributes.get("code", "")

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        self._path.pop()
        text = clean("".join(self._text))
        if name == "itemData" and self._name:
            self._data[self._name] = text
            if self._code:
                self._codes[self._name] = clean(self._code)
        elif name == "item" and len(self.items) < MAX_ITEMS:
            self.items.append(VoyagerItem(self._data, self._codes))
        elif name in ("reply-text", "reply-code"):
            self.reply[name] = text
        elif not self._path:
            self.root = name
        self._text = []


def items_of(body: bytes) -> tuple[VoyagerItem, ...]:
    """Return the items of an answer. Raises `Rejected` for XML that is broken, has a document type, has other content,
    or reports a failure."""
    collected = _parsed(body)
    if collected.reply.get("reply-code", "0") != "0":
        raise Rejected(Sentence("sip2.voyager.says", text=collected.reply.get("reply-text", "no")))
    return tuple(collected.items)


def _parsed(body: bytes) -> _Items:
    collected = _Items()
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise Rejected(Sentence("sip2.voyager.doctype"))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = collected.start
    parser.EndElementHandler = collected.end
    parser.CharacterDataHandler = collected.text
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        # ValueError, LookupError: Python has no such encoding, or it is not a text encoding.
        line = error.lineno if isinstance(error, expat.ExpatError) else 1
        raise Rejected(Sentence("sip2.voyager.no-xml", line=line), body=clean(repr(body[:200]))) from None
    if collected.root != "response":
        raise Rejected(Sentence("sip2.voyager.other", root=repr(clean(collected.root, 40))))
    return collected


def refined(record: ItemRecord, items: tuple[VoyagerItem, ...]) -> ItemRecord:
    """Return the record with Voyager's data of its item; unchanged if no item certainly matches.

    A temporary location takes precedence over the permanent one, as in Voyager itself ("Record Items", parameter
    location).
    """
    matches = [item for item in items if item.barcode == record.barcode]
    if not matches and len(items) == 1 and not items[0].barcode:
        matches = list(items)
    if len(matches) != 1:
        return record
    item = matches[0]
    temporary = item.codes.get("tempLocation", "")
    location = temporary or item.codes.get("location") or item.codes.get("permLocation") or record.location
    number = item.data.get("callNumber", "") or record.call_number
    status = item.data.get("itemStatus", "")
    return msgspec.structs.replace(
        record,
        location=location,
        item_type=item.data.get("typeDesc", "") or record.item_type,
        call_number=number,
        call_number_source="Voyager item" if item.data.get("callNumber") else record.call_number_source,
        description=item.data.get("enumeration", "") or record.description,
        origin=Sentence.verbatim(clean(f"Voyager ({status})" if status else "Voyager")),
    )


class Voyager:
    """Refines records from SIP2. `get` requests a path below the REST address. `bib` returns the bib number of a
    barcode ("" = unknown)."""

    def __init__(self, get: Callable[[str], Answer], bib: Callable[[Barcode], str]) -> None:
        self._get = get
        self._bib = bib

    def refine(self, record: ItemRecord) -> ItemRecord:
        """Return SIP2's record with Voyager's additions. If Voyager fails, return the record unchanged except for a
        note in `origin`."""
        bib = self._bib(record.barcode)
        if not _BIB.fullmatch(bib):
            return record
        try:
            answer = self._get(f"/record/{bib}/items?view=full")
            if answer.status != 200:
                raise Rejected(Sentence("alma.status", status=answer.status))
            return refined(record, items_of(answer.body))
        except SyncError as error:
            return msgspec.structs.replace(
                record,
                origin=Sentence.joined(
                    (record.origin, Sentence.joined((Sentence.verbatim("Voyager"), error.detail), ": "))
                ),
            )

    def check(self) -> tuple[Check, ...]:
        """Check whether the item service answers correctly. Requests a record that need not exist; changes nothing."""
        what, remedy = Sentence("sync-check.voyager.answers"), Sentence("sync-check.voyager.do")
        try:
            answer = self._get(f"/record/{PROBE}/items?view=full")
            if answer.status != 200:
                raise Rejected(Sentence("alma.status", status=answer.status))
            reply = _parsed(answer.body).reply
        except SyncError as error:
            sentence = clean_sentence(error.detail, 300)
            return (Check(what=what, outcome=CheckOutcome.BAD, found=sentence, remedy=remedy),)
        if "reply-code" not in reply:
            return (
                Check(what=what, outcome=CheckOutcome.BAD, found=Sentence("sync-check.voyager.no-code"), remedy=remedy),
            )
        text = reply.get("reply-text", "") or reply["reply-code"]
        sentence = Sentence("sync-check.voyager.found", record=PROBE, said=text)
        return (Check(what=what, outcome=CheckOutcome.GOOD, found=sentence),)
