"""An Alma item object: read field by field, and changed in a few fields with every other byte unchanged.

Fields and their traps: docs/reference/systems.md#alma-item and #alma-put. Absent values come as null, "" or {"value":
"", "desc": null}, all three in one answer. A changed object keeps the text of every foreign value, so that fields
unknown to this program, long numbers and spellings go back exactly as Alma sent them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from station.base.errors import Rejected
from station.base.sentence import Sentence
from station.base.text import clean
from station.sync.alma.errors import shown

_Object = dict[str, msgspec.Raw]

_CODE: Final = re.compile(r"[0-9]{1,30}")
CODE_FIELDS: Final = frozenset({"physical_condition", "library", "location"})
"""Fields that are codes, even if an item lacks them."""
READ_ONLY: Final = frozenset({
    "pid", "creation_date", "modification_date", "base_status", "process_type", "requested", "awaiting_reshelving",
    "work_order_type", "work_order_at", "edition", "imprint", "language", "library_details", "parsed_call_number",
    "parsed_alt_call_number", "parsed_issue_level_description", "title_abcnph", "call_number", "call_number_type",
    "accession_number", "link", "due_date", "due_date_policy", "permanent_call_number", "permanent_call_number_type",
    "holding_suppress_from_publishing",
})  # fmt: skip
"""Fields that Alma returns and a PUT does not change (item XSD: "api get"; the newer names:
docs/reference/systems.md#alma-item)."""


class AlmaItem:
    """An item, from the answer to `GET .../items/{pid}`. Raises `Rejected` for JSON that is not an item."""

    def __init__(self, body: bytes) -> None:
        try:
            self._top = msgspec.json.decode(body, type=_Object)
            self._item = msgspec.json.decode(self._top["item_data"], type=_Object)
            self._view: dict[str, Any] = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, KeyError, UnicodeDecodeError) as error:
            raise Rejected(Sentence("alma.no-item-object", why=type(error).__name__), body=shown(body)) from None
        self._body = body
        self.mms_id = self._number("bib_data", "mms_id")
        self.holding_id = self._number("holding_data", "holding_id")
        self.pid = self._number("item_data", "pid")

    @property
    def path(self) -> str:
        """The item's canonical address."""
        return f"/almaws/v1/bibs/{self.mms_id}/holdings/{self.holding_id}/items/{self.pid}"

    @property
    def barcode(self) -> str:
        """The item's barcode, cleaned; "" when absent."""
        return self.text("item_data", "barcode")

    @property
    def process(self) -> str:
        """Code of the process that the item is in; "" = none."""
        return self.text("item_data", "process_type")

    def text(self, part: str, field: str) -> str:
        """Return a field's text (a code field's value), cleaned; "" for any kind of absent value."""
        group = self._view.get(part)
        return _text(group.get(field)) if isinstance(group, dict) else ""

    def note(self, field: str) -> str:
        """Return a note unchanged, not cleaned: it only ever goes back to its source."""
        value = self._view["item_data"].get(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Rejected(Sentence("alma.no-text", field=field))
        return value

    def with_fields(self, values: Mapping[str, str]) -> bytes:
        """Return the whole object with these fields of item_data changed. Raises `Rejected` if sending it would do
        harm.

        Code fields get their value and keep no description. An omitted or empty barcode makes Alma generate a new one,
        and another library or location moves the item (docs/reference/systems.md#alma-put, rules 1 and 2). Therefore
        the result is compared with the received object.
        """
        item = dict(self._item)
        for field, value in values.items():
            is_code = isinstance(self._view["item_data"].get(field), dict) or field in CODE_FIELDS
            shaped: object = {"value": value, "desc": None} if is_code else value
            item[field] = msgspec.Raw(msgspec.json.encode(shaped))
        body = msgspec.json.encode({**self._top, "item_data": msgspec.Raw(msgspec.json.encode(item))})
        sent = AlmaItem(body)
        if not sent.barcode:
            raise Rejected(Sentence("alma.no-barcode"))
        changed = [name for name in differences(self, sent) if name.removeprefix("item_data.") not in values]
        if changed:
            raise Rejected(Sentence("alma.would-change", fields=", ".join(changed)))
        return body

    def raw(self, field: str) -> str:
        """Return a field of item_data unchanged, not cleaned: a text, a code's value, or "" for any kind of absent
        value."""
        return self.raw_of("item_data", field)

    def raw_of(self, part: str, field: str) -> str:
        """Return a field of another part in the same way."""
        value = _plain(self._view[part].get(field))
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else str(value)

    @property
    def digest(self) -> str:
        """SHA-256 of all data that a PUT writes: every field of item and holding data except Alma's own, code fields by
        their value. Two items with the same digest are equal in everything that a PUT could overwrite."""
        writable = {name: value for name, value in self.flat().items() if name.partition(".")[2] not in READ_ONLY}
        return hashlib.sha256(
            msgspec.json.encode(sorted((name, str(value)) for name, value in writable.items()))
        ).hexdigest()

    def flag(self, part: str, field: str) -> bool:
        """Return True only if the field is true."""
        group = self._view.get(part)
        return isinstance(group, dict) and group.get(field) is True

    def _number(self, part: str, field: str) -> str:
        number = self.text(part, field)
        if not _CODE.fullmatch(number):
            raise Rejected(Sentence("alma.no-number-in-item", field=f"{part}.{field}"), body=shown(self._body))
        return number

    def flat(self) -> dict[str, object]:
        """Return every value of item and holding data by "part.field"; code fields by value, any kind of absent value
        as ""."""
        return {
            f"{part}.{field}": _plain(value)
            for part in ("item_data", "holding_data")
            if isinstance(group := self._view.get(part), dict)
            for field, value in group.items()
        }


def differences(item: AlmaItem, other: AlmaItem) -> tuple[str, ...]:
    """Return the names of the fields ("item_data.policy") whose values differ; modification_date does not count."""
    left, right = item.flat(), other.flat()
    names = sorted(left.keys() | right.keys())
    return tuple(
        name for name in names if name != "item_data.modification_date" and left.get(name, "") != right.get(name, "")
    )


def _text(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def _plain(value: object) -> object:
    if isinstance(value, dict):
        value = value.get("value")
    return "" if value is None else value
