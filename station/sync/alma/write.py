"""Change an Alma item without overwriting other changes: read, compare, send the whole object, read again.

Alma has no version check for items (docs/reference/systems.md#alma-put, rule 3). So:

1. Read the item. If the wanted values are already there, nothing is sent.
2. If a field holds another person's text, that is a conflict: nothing is sent, and both sides are shown.
3. Durably store the state of the item (the witness), because from now on something may have been sent.
4. Read the item again at once. A digest of all data that a PUT writes shows whether it was changed since. If so, start
   again from 1 with that change kept.
5. Send the object with only the station's fields changed; every other byte goes back as it came.
6. Read the item again. Later changes by others are kept and named; an overwritten value of ours is a conflict.

A change made between 4 and 5, which follow each other at once, is overwritten and cannot be detected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as MappingOf
from typing import Final

import msgspec

from station.base.errors import CatalogError, Conflict, InDoubt, Rejected, StationError, Unreachable
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.deliveries.delivery import Confirmation, Delivery, Receipt, Sending
from station.domain.deliveries.intents import (
    Decision,
    FactsIntent,
    MoveIntent,
    NoteIntent,
    ResultIntent,
    item_of,
)
from station.sync.alma import note as alma_note
from station.sync.alma.client import AlmaClient
from station.sync.alma.errors import said_in
from station.sync.alma.fields import WRITABLE
from station.sync.alma.item import AlmaItem, differences
from station.sync.alma.mapping import Mapping, same

TURNS: Final = 4
"""Number of times an item may change during a delivery before the delivery is postponed."""
_SHOWN: Final = 500


class Witness(msgspec.Struct, frozen=True):
    """State of the item before something was sent: digest of all data that a PUT writes, and of each field that the
    station was about to write."""

    item: str
    fields: dict[str, str] = {}


class ItemWriter:
    """Writes results, notes, facts, and the place of an item to its fields. A new place moves the item to another
    holdings record, so that it is read again by its barcode."""

    def __init__(self, client: AlmaClient, mapping: Mapping, note_field: str, note_limit: int) -> None:
        self._client = client
        self._mapping = mapping
        self._note_field = mapping.note_field or note_field
        self._limit = note_limit

    def deliver(self, delivery: Delivery, sending: Sending) -> Receipt:
        """Write the delivery to the item; see the module."""
        read = self._read(delivery)
        for _ in range(TURNS):
            values = self._values(read, delivery)
            if self._is_there(read, delivery):
                return Receipt(Sentence("alma.already", fields=self._named(delivery)), unchanged=True)
            self._refuse_conflicts(read, delivery)
            body = read.with_fields(values)
            sending(_witness(read, values))
            again = self._client.item_at(read.path, reserve=1)
            if again.digest == read.digest:
                self._client.put(again, again.with_fields(values))
                return self._compared(AlmaItem(body), delivery, values)
            self._client.give()
            self._check(again, delivery)
            read = again
        raise Unreachable(Sentence("alma.being-changed", barcode=clean(item_of(delivery.intent), 60)))

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Look up whether the delivery landed. If not, the witness shows whether our fields are unchanged since before
        the sending."""
        read = self._read(delivery)
        if self._is_there(read, delivery):
            return Confirmation.LANDED
        before = _decoded(delivery.witness)
        if before is None:
            return Confirmation.CANNOT_TELL if self._may_be_later(read, delivery) else Confirmation.NOT_LANDED
        if read.digest == before.item:
            return Confirmation.NOT_LANDED
        untouched = all(_digest(read.raw(field)) == digest for field, digest in before.fields.items())
        return Confirmation.NOT_LANDED if untouched else Confirmation.CANNOT_TELL

    def _may_be_later(self, read: AlmaItem, delivery: Delivery) -> bool:
        """Return True if the station's text on the item may be later than this delivery, which would then undo it. Used
        without a witness, after an older journal was restored."""
        if not delivery.intent.slots:
            return False
        field = self._note(delivery)
        if field and alma_note.may_have_later(read.note(field), delivery):
            return True
        return any(
            read.raw(name).strip()
            and not same(read.raw(name), value)
            and (isinstance(delivery.intent, MoveIntent) or self._mapping.ours(name, read.raw(name), value))
            for name, value in self._plain(delivery).items()
        )

    # --- planned values -------------------------------------------------------------------------------------------

    def _facts(self, delivery: Delivery) -> dict[str, str]:
        intent = delivery.intent
        if isinstance(intent, FactsIntent):
            return intent.facts
        if not isinstance(intent, ResultIntent):
            return {}
        rules = tuple(finding.rule for finding in intent.findings if finding.rule)
        return {
            "uid": clean(intent.uid, 64), "part": str(intent.part), "parts": str(intent.parts),
            "set": f"{intent.part}/{intent.parts}", "verdict": intent.verdict.value, "date": alma_note.day(delivery),
            "rules": ", ".join(clean(rule, 60) for rule in rules), "condition": self._mapping.condition(rules),
        }  # fmt: skip

    def _plain(self, delivery: Delivery) -> dict[str, str]:
        """Return field -> value of the whole fields. Raises `Rejected` if the mapping has no field for the intent."""
        if isinstance(delivery.intent, MoveIntent):
            wanted = {"library": delivery.intent.library, "location": delivery.intent.location}
            return {field: value for field, value in wanted.items() if value}
        fields = self._mapping.render(self._facts(delivery))
        if isinstance(delivery.intent, FactsIntent):
            placed = {
                name
                for field in fields
                for name in delivery.intent.facts
                if f"{{{name}}}" in self._mapping.fields[field]
            }
            nowhere = sorted(set(delivery.intent.facts) - placed)
            if nowhere or not fields:
                raise Rejected(Sentence("alma.no-field", what=", ".join(nowhere) or Sentence("alma.this")))
        return fields

    def _note(self, delivery: Delivery) -> str:
        """Return the note field that gets an entry; "" = none."""
        intent = delivery.intent
        if isinstance(intent, NoteIntent):
            field = intent.field or self._note_field
            if field not in WRITABLE or WRITABLE[field].kind != "note":
                raise Rejected(Sentence("alma.no-note", field=repr(clean(field, 60))))
            return field
        return self._mapping.note_field if isinstance(intent, ResultIntent) else ""

    def _values(self, read: AlmaItem, delivery: Delivery) -> dict[str, str]:
        values = self._plain(delivery)
        field = self._note(delivery)
        if field:
            limit = min(self._limit, WRITABLE[field].limit)
            values[field] = alma_note.add(read.note(field), delivery, limit)
        return values

    def _is_there(self, read: AlmaItem, delivery: Delivery) -> bool:
        """Return True if the item has the delivery: by the id in its entry or, without an entry, by every value."""
        field = self._note(delivery)
        if field:
            return alma_note.names(read.note(field), delivery)
        return all(same(read.raw(name), value) for name, value in self._plain(delivery).items())

    def _named(self, delivery: Delivery) -> str:
        return self._note(delivery) or ", ".join(self._plain(delivery))

    # --- changes by others ----------------------------------------------------------------------------------------

    def _refuse_conflicts(self, read: AlmaItem, delivery: Delivery) -> None:
        allowed: MappingOf[str, str] = {}
        if delivery.decision is Decision.SEND_OURS:
            allowed = {side.field: side.theirs for side in delivery.sides}
        if isinstance(delivery.intent, MoveIntent):
            return  # the place is replaced, whoever wrote it
        sides = [
            (field, value, read.raw(field))
            for field, value in self._plain(delivery).items()
            if not self._mapping.ours(field, read.raw(field), value)
            and allowed.get(field) != clean(read.raw(field), 2000)
        ]
        if sides:
            names = ", ".join(field for field, _, _ in sides)
            raise Conflict(Sentence("alma.own-text", fields=names), tuple(sides))

    def _compared(self, sent: AlmaItem, delivery: Delivery, values: MappingOf[str, str]) -> Receipt:
        """Require that our values are still there. Later changes by others are kept and named."""
        if isinstance(delivery.intent, MoveIntent):
            after = self._moved(sent)
        else:
            after = self._client.again(sent.path, "change")
        if after.barcode != sent.barcode:
            raise Conflict(
                Sentence("alma.became", found=after.barcode or Sentence("alma.nothing"), barcode=sent.barcode)
            )
        note = self._note(delivery)
        lost = [field for field, value in values.items() if field != note and not same(after.raw(field), value)]
        if note and not alma_note.holds(after.note(note), delivery):
            lost.append(note)
        if lost:
            sides = tuple((field, values[field], after.raw(field)) for field in lost)
            shown = "; ".join(f"{field}: {clean(theirs, _SHOWN)!r}" for field, _, theirs in sides)
            raise Conflict(Sentence("alma.not-there", found=shown), sides)
        if isinstance(delivery.intent, MoveIntent):
            place = (after.text("item_data", "library"), after.text("item_data", "location"))
            return Receipt(Sentence("alma.moved", library=place[0], location=place[1]))
        mine = {f"item_data.{field}" for field, value in values.items() if same(after.raw(field), value)}
        others = [name for name in differences(sent, after) if name not in mine]
        written = ", ".join(values)
        if not others:
            return Receipt(Sentence("alma.written", fields=written))
        return Receipt(Sentence("alma.written-kept", fields=written, kept=clean(", ".join(others), _SHOWN)))

    def _moved(self, sent: AlmaItem) -> AlmaItem:
        try:
            after = self._client.item(sent.barcode)
        except StationError as error:
            raise InDoubt(Sentence("alma.again.change", why=error.coded_detail), body=said_in(error)) from error
        if after.pid != sent.pid:
            raise InDoubt(Sentence("alma.became", found=after.pid, barcode=sent.barcode))
        return after

    def _read(self, delivery: Delivery) -> AlmaItem:
        try:
            read = self._client.item(item_of(delivery.intent))
        except CatalogError as error:
            raise Rejected(error.detail, body=error.body) from error
        self._check(read, delivery)
        return read

    def _check(self, read: AlmaItem, delivery: Delivery) -> None:
        if read.barcode != item_of(delivery.intent):
            wanted = clean(item_of(delivery.intent), 60)
            raise Conflict(
                Sentence("alma.other-barcode", barcode=wanted, found=read.barcode or Sentence("alma.nothing"))
            )


def _witness(read: AlmaItem, values: MappingOf[str, str]) -> str:
    fields = {field: _digest(read.raw(field)) for field in values}
    return msgspec.json.encode(Witness(read.digest, fields)).decode("ascii")


def _decoded(witness: str) -> Witness | None:
    try:
        return msgspec.json.decode(witness, type=Witness) if witness else None
    except msgspec.DecodeError:
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
