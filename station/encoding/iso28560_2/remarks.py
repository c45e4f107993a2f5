"""Irregularities of a memory that ISO 28560-2 still reads: the table of remarks, and the functions that make them.

Decoders accept what tags in use contain, and remark on it. A remark of severity INFO has no effect; every other one
lowers the confidence that this is the model at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from station.base.errors import ElementInvalid
from station.base.text import clean
from station.encoding.content import Remark, RemarkKind, Severity
from station.encoding.iso15962 import compaction
from station.encoding.iso15962.compaction import Scheme
from station.encoding.iso15962.data_elements import (
    CONTENT_PARAMETER,
    DEFINED,
    TITLE,
    DataElement,
    Form,
    element,
    is_digits,
)
from station.encoding.iso15962.elements import MAX_LENGTH, PaddedOrder, RawElement

MARKER: Final = b"W_OK"
"""The last bytes of tags that a maker's program wrote (wanghu vector; Bibliotheca,
docs/reference/tag-data.md#variants-in-the-field)."""

_REWRITE: Final = "Write the tag again when it is convenient."
_NOTHING: Final = "Nothing need be done."

# --- the sequence of elements ----------------------------------------------------------------------------------------

IDENTIFIER_NOT_FIRST: Final = RemarkKind(
    "identifier-not-first", Severity.MINOR, "The identifier is not the first element.", _REWRITE
)
DUPLICATE: Final = RemarkKind(
    "duplicate-element",
    Severity.MAJOR,
    "{name} is on the tag twice; the first one was read.",
    "Compare the tag with the catalog and write it again.",
)
PARAMETER_DIFFERS: Final = RemarkKind(
    "content-parameter-differs",
    Severity.MINOR,
    "The content parameter names other elements than the tag holds.",
    _REWRITE,
)
UNKNOWN_ELEMENT: Final = RemarkKind(
    "unknown-element",
    Severity.MINOR,
    "Element {oid} is on the tag. The standard does not define it.",
    "Ask the technician before the tag is written again.",
)
PADDED_EXTENDED: Final = RemarkKind(
    "padded-extended",
    Severity.MINOR,
    "{name} is padded. Programs disagree on how to read that in an element above 14; it was read as {order}.",
    _REWRITE,
)
LONG_ELEMENT: Final = RemarkKind(
    "long-element",
    Severity.MINOR,
    "{name} has {count} bytes. Programs disagree on how to read more than 127.",
    _REWRITE,
)
EMPTY_ELEMENT: Final = RemarkKind("empty-element", Severity.INFO, "{name} is on the tag, but it is empty.", _NOTHING)

# --- one element's value ------------------------------------------------------------------------------------------------

SCHEME_DIFFERS: Final = RemarkKind(
    "scheme-differs",
    Severity.INFO,
    "Written in another way than this station would, which does no harm: {names}.",
    _NOTHING,
)
PADDING_BITS: Final = RemarkKind(
    "padding-bits",
    Severity.MINOR,
    "The last bits of {name} are not filled as the standard says.",
    _REWRITE,
)
NOT_TEXT: Final = RemarkKind(
    "not-text",
    Severity.MINOR,
    "{name} holds something that is not text; it was not read.",
    _REWRITE,
)
CONTROLS: Final = RemarkKind(
    "unprintable",
    Severity.MINOR,
    "{name} holds characters that cannot be shown; they were left out.",
    _REWRITE,
)
ISIL_AS_TEXT: Final = RemarkKind(
    "isil-as-text",
    Severity.MINOR,
    "{name} is written as text ({scheme}), not as ISIL code.",
    _REWRITE,
)
OCTET_SCHEME: Final = RemarkKind(
    "octet-scheme",
    Severity.INFO,
    "{name} is marked as {scheme}; this station marks it as octet string.",
    _NOTHING,
)
USAGE_ODD: Final = RemarkKind(
    "usage-encoding",
    Severity.MINOR,
    "{name} is not written the way the standard has it; it was not read.",
    _REWRITE,
)
SET_NONSENSE: Final = RemarkKind(
    "set-nonsense",
    Severity.MAJOR,
    "The set information {text!r} makes no sense; read as a single part.",
    "Count the parts and write the tag again.",
)
DIGITS_DIFFER: Final = RemarkKind(
    "digits-differ",
    Severity.MINOR,
    "{name} should be {digits} digits.",
    "Compare the tag with the catalog.",
)

# --- after the elements
# ------------------------------------------------------------------------------------------------

LEFTOVER: Final = RemarkKind(
    "leftover",
    Severity.INFO,
    "Behind the end of the content stands something that is not read: {count} bytes, perhaps of an earlier content.",
    "Write the tag again if it came from another library.",
)
WRITER_MARK: Final = RemarkKind(
    "writer-mark",
    Severity.INFO,
    "The last bytes hold the mark {mark} of another maker's program.",
    _NOTHING,
)

KINDS: Final = (
    IDENTIFIER_NOT_FIRST,
    DUPLICATE,
    PARAMETER_DIFFERS,
    UNKNOWN_ELEMENT,
    PADDED_EXTENDED,
    LONG_ELEMENT,
    EMPTY_ELEMENT,
    SCHEME_DIFFERS,
    PADDING_BITS,
    NOT_TEXT,
    CONTROLS,
    ISIL_AS_TEXT,
    OCTET_SCHEME,
    USAGE_ODD,
    SET_NONSENSE,
    DIGITS_DIFFER,
    LEFTOVER,
    WRITER_MARK,
)
_HARMLESS: Final = frozenset(kind.code for kind in KINDS if kind.severity is Severity.INFO)


def doubts(remarks: Sequence[Remark]) -> int:
    """Return the number of remarks that speak against this model, or against its writer."""
    return sum(remark.code not in _HARMLESS for remark in remarks)


# --- functions that make the remarks
# -----------------------------------------------------------------------------------


def of_elements(raw: Sequence[RawElement], values: Sequence[str], octets: Sequence[int | None]) -> Iterator[Remark]:
    """Yield remarks about each single element. `values` are raw texts, `octets` the bytes of one-octet elements."""
    other: list[RawElement] = []
    for item, value, octet in zip(raw, values, octets, strict=True):
        row = element(item.oid)
        yield from _of_layout(item, row)
        if not item.data:
            yield EMPTY_ELEMENT.remark(item.offset, item.length, name=row.name)
            continue
        match row.form:
            case Form.OCTET:
                yield from _of_octet(item, row, octet)
            case Form.ISIL | Form.BITMAP if item.scheme is Scheme.APPLICATION:
                pass
            case Form.BITMAP:
                other.append(item)
            case Form.ISIL:
                yield ISIL_AS_TEXT.remark(item.offset, item.length, name=row.name, scheme=compaction.NAMES[item.scheme])
            case _ if item.scheme is Scheme.APPLICATION:
                yield NOT_TEXT.remark(item.offset, item.length, name=row.name)
            case _:
                yield from _of_text(item, row, value)
                if _scheme_differs(item, value):
                    other.append(item)
    if other:
        names = ", ".join(element(item.oid).name for item in other)
        yield SCHEME_DIFFERS.remark(other[0].offset, other[0].length, names=names)


def _of_layout(item: RawElement, row: DataElement) -> Iterator[Remark]:
    if item.oid not in DEFINED:
        yield UNKNOWN_ELEMENT.remark(item.offset, item.length, oid=item.oid)
    if item.order is not PaddedOrder.NEVER:
        yield PADDED_EXTENDED.remark(item.offset, item.length, name=row.name, order=item.order.value)
    if len(item.data) > MAX_LENGTH:
        yield LONG_ELEMENT.remark(item.offset, item.length, name=row.name, count=len(item.data))


def _of_octet(item: RawElement, row: DataElement, octet: int | None) -> Iterator[Remark]:
    if octet is None:
        yield USAGE_ODD.remark(item.offset, item.length, name=row.name)
    elif item.scheme is not Scheme.OCTETS:
        yield OCTET_SCHEME.remark(item.offset, item.length, name=row.name, scheme=compaction.NAMES[item.scheme])


def _of_text(item: RawElement, row: DataElement, value: str) -> Iterator[Remark]:
    if clean(value) != value:
        yield CONTROLS.remark(item.offset, item.length, name=row.name)
    if row.digits is not None and not is_digits(value, row.digits):
        yield DIGITS_DIFFER.remark(item.offset, item.length, name=row.name, digits=row.digits)
    if item.scheme in _FILLED and _packed(value, item.scheme) != item.data:
        yield PADDING_BITS.remark(item.offset, item.length, name=row.name)


_FILLED: Final = (Scheme.INTEGER, Scheme.FIVE_BIT, Scheme.SIX_BIT, Scheme.SEVEN_BIT)
"""Schemes in which one text can be stored in several ways: leading zero bytes, bits of the last byte."""


def _packed(value: str, scheme: Scheme) -> bytes:
    """Return `value` as it should be stored; b"" if the scheme does not allow it."""
    try:
        return compaction.encode(value, scheme)
    except ElementInvalid:
        return b""


def _scheme_differs(item: RawElement, value: str) -> bool:
    """Return True if `choose` takes another scheme; for a title, UTF-8 is equally good (dp2 forces it)."""
    if not value or (item.oid == TITLE and item.scheme is Scheme.UTF8):
        return False
    return compaction.choose(value) is not item.scheme


def of_order(raw: Sequence[RawElement], announced: frozenset[int] | None) -> Iterator[Remark]:
    """Yield remarks about the elements together. `announced` are the content parameter's elements, None if there is
    none."""
    seen: set[int] = set()
    for item in raw:
        if item.oid in seen:
            yield DUPLICATE.remark(item.offset, item.length, name=element(item.oid).name)
        seen.add(item.oid)
    if announced is not None and announced != seen - {1, CONTENT_PARAMETER}:
        parameter = next(item for item in raw if item.oid == CONTENT_PARAMETER)
        yield PARAMETER_DIFFERS.remark(parameter.offset, parameter.length)
    first = next((item for item in raw if item.oid == 1), None)
    if first is not None and first is not raw[0]:
        yield IDENTIFIER_NOT_FIRST.remark(first.offset, first.length)


def of_rest(memory: bytes, end: int) -> Iterator[Remark]:
    """Yield remarks about the bytes after the terminator at `end`."""
    stop = len(memory)
    if marked(memory, end):
        stop -= len(MARKER)
        yield WRITER_MARK.remark(stop, len(MARKER), mark=MARKER.decode("ascii"))
    rest = memory[end + 1 : stop]
    left = rest.strip(b"\0")
    if left:
        yield LEFTOVER.remark(end + 1 + rest.index(left), len(left), count=len(left))


def marked(memory: bytes, end: int) -> bool:
    """Return True if a maker's mark is in the last bytes, after the terminator at `end`."""
    return memory.endswith(MARKER) and len(memory) - len(MARKER) > end
