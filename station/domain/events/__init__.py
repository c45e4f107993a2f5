"""Journaled events: append-only, frozen, stored as the exact bytes that `encode` returns.

Never remove or rename a field or a tag: old journals must stay readable. Give new fields a default, and never change a
default: the journal omits a field that has an empty default.

Import from this package, not from its files. A new event is a class in the file of its subject, named in the union at
the end of that file; `AnyEvent` is the union of the unions.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from station.base.sentence_json import decode_sentence, encode_sentence
from station.domain.events import stored
from station.domain.events.base import Event as Event
from station.domain.events.corrections import *
from station.domain.events.distribution import *
from station.domain.events.items import *
from station.domain.events.library import *
from station.domain.events.people import *
from station.domain.events.purchases import *
from station.domain.events.receiving import *
from station.domain.events.rules import *
from station.domain.events.shipments import *
from station.domain.events.station import *
from station.domain.events.stored import RuleIds as RuleIds
from station.domain.events.stored import StoredFinding as StoredFinding
from station.domain.events.stored import findings_in as findings_in
from station.domain.events.stored import whole_findings as whole_findings
from station.domain.events.tags import *
from station.domain.events.withdrawals import *
from station.domain.events.workflows import *
from station.domain.findings import RuleText

AnyEvent = (
    StationEvent
    | ItemEvent
    | TagEvent
    | CorrectionEvent
    | WorkerEvent
    | RulesInForce
    | LibraryEvent
    | PackingListEvent
    | ShipmentEvent
    | PurchaseStep
    | DistributionStep
    | DepartureEvent
    | WorkflowEvent
)

WorkOrder = (
    CorrectionStep
    | CorrectionOpened
    | FindingWaived
    | RetrainingHeld
    | DeliveryOrdered
    | PackingListStep
    | ShipmentStep
    | PurchaseStep
    | DistributionStep
    | WithdrawalStep
    | PullStep
    | TransferStepEvent
)
"""Events that a person may ask to journal about work. The store first checks whether they are permitted
(`ports.Journal.order`)."""

Reported = (
    CatalogImported
    | CatalogingRequested
    | CatalogingResolved
    | TruckReleased
    | ListTaken
    | OrderLineRead
    | SystemInvoiceRead
    | PresenceRead
)
"""Events that another process may pass to the running station to journal."""

Ordered = WorkOrder | PersonEvent | Reported
"""Events that the running station journals for others."""

Judging = CheckAnswered | ItemJudged | WithdrawalJudged
"""Events that hold findings."""

PartialDecoders = Mapping[str, Callable[[bytes], Any]]
"""By kind of event."""

_ENCODER = msgspec.json.Encoder(order="sorted", enc_hook=encode_sentence)
_TYPES: Final[Mapping[str, type[Event]]] = {str(struct.__struct_config__.tag): struct for struct in AnyEvent.__args__}
KINDS: Final = frozenset(_TYPES)
"""Every kind of event this program knows."""
JUDGING: Final = frozenset(str(struct.__struct_config__.tag) for struct in Judging.__args__)


@cache
def _any_event() -> msgspec.json.Decoder[AnyEvent]:
    return msgspec.json.Decoder(AnyEvent, dec_hook=decode_sentence)


@cache
def _decoder(kind: str) -> Callable[[bytes], Any]:
    """Return the decoder of a kind. Decoding one struct takes a fraction of the time of decoding the union (measured)."""
    return msgspec.json.Decoder(_TYPES[kind], dec_hook=decode_sentence).decode


@cache
def _form_decoder(kind: str) -> Callable[[bytes], Any]:
    """Return the decoder of a kind that may refer to earlier events."""
    return msgspec.json.Decoder(stored.form(_TYPES[kind]), dec_hook=decode_sentence).decode


def encode(
    event: AnyEvent, rules: tuple[int, Mapping[str, RuleText]] | None = None, item_in: int | None = None
) -> bytes:
    """Return the exact bytes to journal (canonical JSON: keys sorted, UTF-8, bytes as base64).

    `rules`: sequence number of the event that describes the rules in force, and its rules by id. `item_in`: sequence
    number of the event that holds the same item record. See `stored`.
    """
    plain = stored.plain(event)
    if rules is not None and isinstance(event, Judging):
        stored.shorten_findings(plain, *rules)
    if item_in is not None:
        stored.refer_to_item(plain, item_in)
    return _ENCODER.encode(plain)


def decode(payload: bytes) -> AnyEvent:
    """Decode an event without references, the inverse of `encode`. Raise `msgspec.DecodeError` if it is not an
    event."""
    return _any_event().decode(payload)


def decode_as(kind: str, payload: bytes, earlier: stored.Earlier) -> AnyEvent:
    """Decode an event of this kind (one of `KINDS`), the inverse of `encode`. Raise `msgspec.DecodeError` if it is not
    an event of this kind, or if `earlier` lacks what it refers to."""
    if kind in JUDGING and (b'"rules_in"' in payload or b'"item_in"' in payload):
        form = _form_decoder(kind)(payload)
        try:
            event: AnyEvent = stored.restore(form, _TYPES[kind], earlier)
        except LookupError as error:
            raise msgspec.ValidationError(str(error)) from error
    else:
        event = _decoder(kind)(payload)
    if b'"kind":' not in payload:  # msgspec reads a struct without its tag
        raise msgspec.ValidationError("Object missing required field `kind`")
    return event


def partial_decoders(kinds: Container[str], unread: Mapping[type[Event], Collection[str]]) -> PartialDecoders:
    """Return a decoder for each kind. Events of these `kinds` are decoded except for their fields in `unread`, which stay
    JSON; such an event is decoded to its stored form. Of all other events only the kind is read: they must be JSON of
    their kind."""
    decoders: dict[str, Callable[[bytes], Any]] = {}
    for kind, struct in _TYPES.items():
        if kind not in kinds:
            form = msgspec.defstruct(f"Kind{struct.__name__}", (), tag_field="kind", tag=kind)
        else:
            form = stored.form(struct, unread[struct]) if struct in unread else struct
        decoders[kind] = msgspec.json.Decoder(form, dec_hook=decode_sentence).decode
    return decoders


def partly(decoders: PartialDecoders, kinds: Sequence[str], payloads: Sequence[bytes]) -> list[Any]:
    """Decode events of these kinds. Raise `KeyError` for an unknown kind, `msgspec.DecodeError` as `decode_as`."""
    events = [decoders[kind](payload) for kind, payload in zip(kinds, payloads, strict=True)]
    if not all(map(operator.contains, payloads, itertools.repeat(b'"kind":'))):
        raise msgspec.ValidationError("Object missing required field `kind`")
    return events


def kind(event: AnyEvent) -> str:
    """Return the event's tag, as stored in the journal column `kind`."""
    return kind_of(type(event))


def kind_of(event: type[Event]) -> str:
    """Return the tag of an event class."""
    return str(event.__struct_config__.tag)
