"""Intents: what a library system shall record or do, as a tagged union of absolute statements about one item or set.

An intent describes the wanted state ("item X carries this result", "item X was scanned in at department D"), never a
change ("add one", "toggle"). Where its effect can be read back, sending it twice does no harm. It is keyed by the
journal event that it was committed with, so that A, B, A are three intents and not two.

The tags are stored in the outbox permanently: never rename one, and give new fields a default.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain.findings import Finding
from station.domain.verdict import Verdict


class _Intent(msgspec.Struct, frozen=True, kw_only=True):
    operator: str = ""
    """The worker responsible for it. It stays in the station unless an adapter's documentation states otherwise."""


class ResultIntent(_Intent, frozen=True, kw_only=True, tag="result"):
    """One result: the item's tag, its place in the set, the verdict. The adapter's settings map it to fields."""

    barcode: str
    uid: str
    part: int
    parts: int
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    """Failed findings only."""
    whole: bool = False
    """True if with this result every part of the item has passed."""

    @property
    def subject(self) -> Sentence:
        """Return the subject for lists: the barcode, or the name of a set of items."""
        return Sentence.verbatim(self.barcode)

    @property
    def slots(self) -> frozenset[str]:
        """Return the slots that this intent sets. An older intent that is sent after a newer one of the same lane, and
        shares a slot with it, would undo the newer one. Empty: the intent only adds, and undoes nothing. Each part of a
        set has its own result slot."""
        return frozenset({f"result:{self.part}"})  # not for people

    @property
    def short(self) -> str:
        """Return one word for narrow lists: the verdict, or the kind of intent."""
        return self.verdict.value

    @property
    def words(self) -> Sentence:
        """Return the intent in one line. Its values are not cleaned."""
        verdict = Sentence(f"delivery.verdict.{self.verdict.value}")
        if self.parts > 1:
            return Sentence("delivery.result-part", verdict=verdict, part=self.part, parts=self.parts)
        return Sentence("delivery.result", verdict=verdict)


class NoteIntent(_Intent, frozen=True, kw_only=True, tag="note"):
    """The item shall carry this station text in a note. Text by others in the note is kept."""

    barcode: str
    text: str
    field: str = ""
    """The library system's own name of the note; "" = the note named in its settings."""

    @property
    def subject(self) -> Sentence:
        return Sentence.verbatim(self.barcode)

    @property
    def slots(self) -> frozenset[str]:
        """See `ResultIntent.slots`. Notes accumulate: none replaces another."""
        return frozenset()

    @property
    def short(self) -> str:
        return "note"

    @property
    def words(self) -> Sentence:
        return Sentence("delivery.note", text=self.text)


class ScanInIntent(_Intent, frozen=True, kw_only=True, tag="scan-in"):
    """The item shall be scanned in once at a department or a circulation desk of a library.

    Its effect cannot always be read back (an item that was there before looks the same afterwards); then it is sent at
    most once. Parameters: docs/reference/systems.md#alma-scan-in (Alma) and #sip2-messages (SIP2 check-in, where `desk`
    is AP).
    """

    barcode: str
    library: str = ""
    department: str = ""
    """Department code; set either this or `desk`, not both."""
    desk: str = ""
    """Circulation desk code, or the SIP2 location."""
    work_order_type: str = ""
    status: str = ""
    """Status of the work order."""
    done: bool = False
    """The department has finished its work; only with `department`."""

    @property
    def subject(self) -> Sentence:
        return Sentence.verbatim(self.barcode)

    @property
    def slots(self) -> frozenset[str]:
        return frozenset({"place"})

    @property
    def short(self) -> str:
        return "scan-in"

    @property
    def words(self) -> Sentence:
        where, code = ("department", self.department) if self.department else ("desk", self.desk)
        if not code:
            return Sentence(f"delivery.scan-in-usual{'-done' if self.done else ''}")
        return Sentence(f"delivery.scan-in-{where}{'-done' if self.done else ''}", code=code)


class Holdings(StrEnum):
    """Action on a holdings record whose last item is withdrawn (docs/reference/systems.md#alma-calls)."""

    RETAIN = "retain"
    DELETE = "delete"
    SUPPRESS = "suppress"


class Bib(StrEnum):
    """Action on a bibliographic record whose last holdings record is deleted."""

    RETAIN = "retain"
    DELETE = "delete"
    SUPPRESS = "suppress"


class WithdrawIntent(_Intent, frozen=True, kw_only=True, tag="withdraw"):
    """The item shall no longer exist in the library system."""

    barcode: str
    holdings: Holdings = Holdings.RETAIN
    bib: Bib = Bib.RETAIN
    reason: str = ""
    """Code that is written into the item before it is deleted, if the adapter's settings name a field; "" = none."""

    @property
    def subject(self) -> Sentence:
        return Sentence.verbatim(self.barcode)

    @property
    def slots(self) -> frozenset[str]:
        return frozenset({"existence"})

    @property
    def short(self) -> str:
        return "withdraw"

    @property
    def words(self) -> Sentence:
        return Sentence(f"delivery.withdraw.{self.holdings.value}")


class MembersIntent(_Intent, frozen=True, kw_only=True, tag="set-members"):
    """These items shall be members of a set. Existing members stay."""

    set_id: str
    barcodes: tuple[str, ...]

    @property
    def subject(self) -> Sentence:
        return Sentence("delivery.set", set_id=self.set_id)

    @property
    def slots(self) -> frozenset[str]:
        """See `ResultIntent.slots`. Memberships accumulate: none replaces another."""
        return frozenset()

    @property
    def short(self) -> str:
        return "members"

    @property
    def words(self) -> Sentence:
        return Sentence("delivery.members", count=len(self.barcodes))


class FactsIntent(_Intent, frozen=True, kw_only=True, tag="facts"):
    """The item shall carry these facts, in the fields that the adapter's settings map them to; "" = not given."""

    barcode: str
    condition: str = ""
    """The library system's own code for the physical condition."""
    weeding_number: str = ""
    weeding_date: str = ""
    """YYYY-MM-DD."""

    @property
    def subject(self) -> Sentence:
        return Sentence.verbatim(self.barcode)

    @property
    def slots(self) -> frozenset[str]:
        """See `ResultIntent.slots`. Each fact has its own slot."""
        return frozenset(f"fact:{name}" for name in self.facts)  # not for people

    @property
    def facts(self) -> dict[str, str]:
        """Return the facts given, by name."""
        facts = {"condition": self.condition, "weeding_number": self.weeding_number, "weeding_date": self.weeding_date}
        return {name: value for name, value in facts.items() if value}

    @property
    def short(self) -> str:
        return "facts"

    @property
    def words(self) -> Sentence:
        facts = (Sentence(f"delivery.fact.{name.replace('_', '-')}", value=value) for name, value in self.facts.items())
        return Sentence.joined(facts, ", ") or Sentence("delivery.no-facts")


class ReceiveIntent(_Intent, frozen=True, kw_only=True, tag="receive"):
    """A copy of an order line shall be received, and carry this barcode. It is sent at most once unless reading back shows
    that nothing happened; no library system takes a receipt back by its interface."""

    order_line: str
    barcode: str
    """Our barcode, which goes out with the receipt."""
    count: int = 0
    """Number of the count; 0 = the copy was not counted."""
    listed_barcode: str = ""
    """The barcode that the vendor names for the copy: the item may carry it in the library system."""
    library: str = ""
    """Code of the library that the copy is for; "" = unknown."""
    title: str = ""
    received: str = ""
    """ISO 8601 date on which the copy came; "" = today."""

    @property
    def subject(self) -> Sentence:
        return Sentence.verbatim(self.barcode)

    @property
    def slots(self) -> frozenset[str]:
        """See `ResultIntent.slots`. A receipt undoes no other."""
        return frozenset()

    @property
    def short(self) -> str:
        return "receive"

    @property
    def words(self) -> Sentence:
        return Sentence("delivery.receive", order_line=self.order_line)


class KeepIntent(_Intent, frozen=True, kw_only=True, tag="keep"):
    """A received copy shall stay in the department that the settings name, and not be in transit."""

    order_line: str
    barcode: str
    count: int = 0

    @property
    def subject(self) -> Sentence:
        return Sentence.verbatim(self.barcode)

    @property
    def slots(self) -> frozenset[str]:
        return frozenset({f"keep:{self.barcode}"})  # not for people

    @property
    def short(self) -> str:
        return "keep"

    @property
    def words(self) -> Sentence:
        return Sentence("delivery.keep", order_line=self.order_line)


class MoveIntent(_Intent, frozen=True, kw_only=True, tag="move"):
    """The item shall belong to this library and location; "" = as before."""

    barcode: str
    library: str = ""
    location: str = ""

    @property
    def subject(self) -> Sentence:
        return Sentence.verbatim(self.barcode)

    @property
    def slots(self) -> frozenset[str]:
        return frozenset({"shelf"})

    @property
    def short(self) -> str:
        return "move"

    @property
    def words(self) -> Sentence:
        return Sentence("delivery.move", library=self.library, location=self.location)


Intent = (
    ResultIntent
    | NoteIntent
    | ScanInIntent
    | WithdrawIntent
    | MembersIntent
    | FactsIntent
    | ReceiveIntent
    | KeepIntent
    | MoveIntent
)

KINDS: Final = frozenset(str(struct.__struct_config__.tag) for struct in Intent.__args__)
"""The tag of every intent."""


def item_of(intent: Intent) -> str:
    """Return the barcode of the item that the intent is about; "" = it is about a set."""
    return "" if isinstance(intent, MembersIntent) else intent.barcode


def lane(intent: Intent) -> str:
    """Return the lane that keeps deliveries in order: the item's barcode, the set, or the order line."""
    match intent:
        case MembersIntent():
            return f"set:{intent.set_id}"  # not for people
        case ReceiveIntent() | KeepIntent():
            return f"pol:{intent.order_line}"  # not for people
        case _:
            return intent.barcode


def held_item(intent: Intent) -> str:
    """Return the barcode that no library system knows before this intent is carried out; "" = it brings none."""
    return intent.barcode if isinstance(intent, ReceiveIntent) else ""


def count_of(intent: Intent) -> int:
    """Return the number of the count whose copy is received or kept; 0 = the intent is about no counted copy."""
    return intent.count if isinstance(intent, ReceiveIntent | KeepIntent) else 0


def kind(intent: Intent) -> str:
    """Return the intent's tag, one of `KINDS`."""
    return str(intent.__struct_config__.tag)


class Side(msgspec.Struct, frozen=True):
    """One field for which station and library system want different values, for a person to decide. Texts are cleaned
    and bounded."""

    field: str
    ours: str
    """The value that the station wants."""
    theirs: str
    """The value in the library system."""

    @property
    def heading(self) -> Sentence:
        """Return the field for display."""
        return Sentence(f"delivery.side.{self.field}") if self.field in _KEEPS else Sentence.verbatim(self.field)

    @property
    def ours_words(self) -> Sentence:
        """Return what the station wants, for display; empty = nothing."""
        return Sentence("delivery.side.deleted") if self.field in _KEEPS else Sentence.verbatim(self.ours)


_KEEPS: Final = ("process", "refusal")
"""Fields that are none of the item: what keeps it from being deleted."""


class Decision(StrEnum):
    """A person's decision about a delivery that could not be carried out."""

    KEEP_THEIRS = "keep-theirs"
    """Leave the library system unchanged."""
    SEND_OURS = "send-ours"
    """Send it, even over the values shown as theirs."""
    DISCARD = "discard"
    """The delivery is no longer wanted."""
