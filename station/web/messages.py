"""Alma's XML in both directions: reads requests without entities, writes answers with everything escaped.

Message shapes: docs/reference/systems.md#alma-rfid-page (from a working open driver; the vendor's own page was not seen
completely, so everything counts as not verified). Tolerant where drivers differ: the root may be `rfid` or the element
itself; white space and further elements are ignored. Strict where it matters: UTF-8 only, no DOCTYPE (and so no custom
entities), limited depth and number of elements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring
from xml.parsers import expat

import msgspec

from station.base.text import clean
from station.domain.commands import SetSecurity, UpdateItem
from station.domain.pad_answers import PadTag

MAX_DEPTH: Final = 16
MAX_ELEMENTS: Final = 2000
MAX_TEXT: Final = 200
"""Longest text that is examined; no field of the protocol is longer."""
SOURCE: Final = "Alma"
XML: Final = "application/xml; charset=utf-8"


_READER: Final = re.compile(r"[0-9A-Za-z.:-]{0,64}")
_HOLDERS: Final = frozenset({"rfid", "items", "item", "tags", "tag", "rfidtag", "security"})
"""Elements that hold other elements and no text."""


class BadMessage(ValueError):
    """A body that is not a request of this protocol; the text is the reason. Never leaves the web package."""


class Node(msgspec.Struct):
    """An element: local name, its own text, its children."""

    name: str
    text: str = ""
    children: list[Node] = []

    def child(self, *names: str) -> Node | None:
        """Return the first child with one of these names."""
        return next((child for child in self.children if child.name in names), None)

    def value(self, *names: str) -> str | None:
        """Return the text of the child with one of these names, without white space at its ends; None = no such child.

        Raises `BadMessage` for text that cleaning would change, because its meaning must not be guessed.
        """
        matches = [child for child in self.children if child.name in names]
        if not matches:
            return None
        child = matches[0]
        if len(matches) > 1:
            raise BadMessage(f"{child.name} occurs twice")
        text = child.text.strip(" \t\r\n")
        if child.children or clean(text, MAX_TEXT) != text:
            raise BadMessage(f"{clean(child.name, 40)} holds invisible characters, or too many, or elements")
        return text


# --- reading ------------------------------------------------------------------------------------------------------------


def parse(body: bytes) -> Node:
    """Return the root element. Raises `BadMessage` for anything but plain, bounded UTF-8 XML without a DOCTYPE."""
    return _Parser().parse(body)


class _Parser:
    """One pass of expat over one body; every refusal ends it at once."""

    def __init__(self) -> None:
        # "utf-8" here overrides the document's declaration; a different declaration is still refused.
        self._expat = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._expat.buffer_text = True
        self._expat.XmlDeclHandler = self._declaration
        self._expat.StartDoctypeDeclHandler = self._doctype
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._characters
        self._open: list[Node] = []
        self._root: Node | None = None
        self._count = 0

    def parse(self, body: bytes) -> Node:
        if b"\0" in body:
            raise BadMessage("the encoding is not UTF-8")  # expat would follow a byte order mark of UTF-16
        try:
            self._expat.Parse(body, True)
        except expat.ExpatError as error:
            raise BadMessage(f"not XML: {error}") from error
        if self._root is None:
            raise BadMessage("not XML: no element")
        return self._root

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() != "utf-8":
            raise BadMessage(f"the encoding is {clean(encoding, 40)}, not UTF-8")

    def _doctype(self, *_: object) -> None:
        raise BadMessage("a DOCTYPE is not allowed")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise BadMessage("too many elements")
        node = Node(name.rpartition(" ")[2], children=[])
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node
        self._open.append(node)

    def _end(self, _name: str) -> None:
        node = self._open.pop()
        if node.name in _HOLDERS and node.text.strip(" \t\r\n"):
            raise BadMessage(f"{node.name} holds text where elements are expected")

    def _characters(self, text: str) -> None:
        node = self._open[-1]
        if len(node.text) < 8 * MAX_TEXT:
            node.text += text[: 8 * MAX_TEXT]


def set_security(body: bytes) -> tuple[SetSecurity, str]:
    """Return the request `setSecurity` and its `reader_ip` ("" = none). Raises `BadMessage`."""
    root = parse(body)
    where = _within(root, "security", "item")
    secure = _truth(_first(where, "is_secure", "secure"))
    if secure is None:
        raise BadMessage("is_secure must be true or false")
    return SetSecurity(barcode=_barcode(where), secure=secure, source=SOURCE), _reader(root)


def update_item(body: bytes, uids: bool) -> tuple[UpdateItem, str]:
    """Return the request `itemUpdate` and its `reader_ip`. `uids`: the field `tag_id` is a tag's UID. Raises
    `BadMessage`.

    One item with at most one tag: the tag on the pad is the one that is written, one piece at a time.
    """
    root = parse(body)
    holder = root.child("items") or (root if root.name == "items" else None)
    items = [child for child in holder.children if child.name == "item"] if holder else [_within(root, "item")[0]]
    if len(items) != 1:
        raise BadMessage(f"only one item per call, please; there are {len(items)}")
    item = items[0]
    container = item.child("tags") or item
    tags = [child for child in container.children if child.name in ("tag", "rfidtag")]
    if len(tags) > 1:
        raise BadMessage("one part at a time, please: lay it alone on the pad")
    part, uid = 0, ""
    if tags:
        text = tags[0].value("part_num") or ""
        if text and not (text.isascii() and text.isdigit() and len(text) <= 3):
            raise BadMessage("part_num must be a whole number")
        part = int(text or 0)
        uid = (tags[0].value("tag_id") or "").upper() if uids else ""
    secure_text = item.value("is_secure", "secure")
    secure = _truth(secure_text)
    if secure_text and secure is None:
        raise BadMessage("is_secure must be true or false")
    request = UpdateItem(barcode=_barcode([item]), part=part, uid=uid, secure=secure, source=SOURCE)
    return request, _reader(root)


def _within(root: Node, *names: str) -> list[Node]:
    """Return the elements in which a field may be: the named element, else the root itself."""
    inner = root.child(*names)
    return [inner, root] if inner is not None else [root]


def _first(where: Sequence[Node], *names: str) -> str | None:
    return next((value for node in where if (value := node.value(*names)) is not None), None)


def _barcode(where: Sequence[Node]) -> str:
    barcode = _first(where, "barcode")
    if not barcode:
        raise BadMessage("the barcode is missing")
    return barcode


def _reader(root: Node) -> str:
    within = [
        root,
        *(child for child in root.children),
        *(below for child in root.children for below in child.children),
    ]
    reader = _first(within, "reader_ip") or ""
    if not _READER.fullmatch(reader):
        raise BadMessage("reader_ip is neither an address nor a name")
    return reader


def _truth(text: str | None) -> bool | None:
    return {"true": True, "false": False}.get((text or "").lower())


# --- writing ------------------------------------------------------------------------------------------------------------


def items(tags: Sequence[PadTag], uids: bool) -> bytes:
    """Return the answer to `getItems`: every item on the pad that has an identity, with its parts on the pad.

    `is_complete` is true only if each part from 1 to the total is on the pad exactly once and all tags hold the same
    total; `is_secure` only if every tag on the pad would alarm at the gate. Tags without an identity (new, half
    written, unknown) are not items and are left out.
    """
    root = Element("rfid")
    listed = SubElement(root, "items")
    grouped: dict[str, list[PadTag]] = {}
    for tag in tags:
        if tag.barcode:
            grouped.setdefault(tag.barcode, []).append(tag)
    for barcode, parts in grouped.items():
        total = max(1, *(tag.parts for tag in parts))
        item = SubElement(listed, "item")
        _text(item, "barcode", barcode)
        _text(item, "is_secure", _word(all(tag.secure for tag in parts)))
        _text(item, "is_complete", _word(is_complete(parts)))
        _text(item, "total_num_of_parts", str(total))
        within = SubElement(item, "tags")
        for tag in sorted(parts, key=lambda each: (each.part, each.uid)):
            element = SubElement(within, "tag")
            _text(element, "tag_id", tag.uid if uids else tag.barcode)
            _text(element, "part_num", str(tag.part))
            _text(element, "material_type", tag.media_format)
            _text(element, "library", tag.owner)
            _text(element, "location", tag.location)
    return _written(root)


def is_complete(parts: Sequence[PadTag]) -> bool:
    """Return True if the whole set is on the pad, each part once."""
    totals = {max(1, tag.parts) for tag in parts}
    return len(totals) == 1 and sorted(max(1, tag.part) for tag in parts) == list(range(1, totals.pop() + 1))


def success() -> bytes:
    """Return the answer to a change that was made and read back."""
    root = Element("rfid")
    _text(root, "success", "true")
    return _written(root)


def failure(sentence: str) -> bytes:
    """Return the answer to a request that was not carried out."""
    root = Element("rfid")
    _text(SubElement(root, "ExceptionDetail"), "Message", clean(sentence, 500))
    return _written(root)


def _text(parent: Element, name: str, text: str) -> None:
    # A cleaned text has no character that XML 1.0 forbids; ElementTree escapes the rest.
    SubElement(parent, name).text = clean(text)


def _word(truth: bool) -> str:
    return "true" if truth else "false"


def _written(root: Element) -> bytes:
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body
