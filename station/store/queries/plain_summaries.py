"""Events in the words of the bench's screens: titles in place of barcodes, and sentences in place of codes. Ids and codes
are left out; the exact sentences are in `summaries`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from station.base.errors import sentence_of
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState, reason_words, system_word
from station.store.queries.names_of_items import item_of_correction, stop_before, title_of
from station.store.queries.summaries import SENTENCES, also, by, says_program, why, word_of

Name = Callable[[str], str]
"""Returns how an item is named, from its barcode."""


class Plain:
    """Makes the sentences of one page or history. `exactly`: adds each item's barcode to its title."""

    def __init__(self, db: sqlite3.Connection, *, exactly: bool) -> None:
        self._db = db
        self._exactly = exactly
        self._names: dict[str, str] = {}

    def sentence(self, seq: int, event: ev.AnyEvent) -> str:
        """Return the sentence of one event, safe to show (at most 200 characters)."""
        if isinstance(event, ev.ItemSetAside):
            event = msgspec.structs.replace(event, reason=Sentence.verbatim(self._stop(seq, tell(event.reason))))
        named = renamed(event, self.name, self._flag)
        said = PLAIN.get(type(event), SENTENCES[type(event)])(named)
        return clean(tell("journal.authorised", said=said, who=event.authorised) if event.authorised else said)

    def name(self, barcode: str) -> str:
        """Return the title of an item, or its barcode if the journal has no title."""
        if barcode not in self._names:
            title = title_of(self._db, barcode)
            key = "journal.plain.item" if self._exactly else "journal.plain.title"
            self._names[barcode] = tell(key, title=title, barcode=barcode) if title else barcode
        return self._names[barcode]

    def _flag(self, correction: str) -> str:
        barcode = item_of_correction(self._db, correction)
        return tell("journal.plain.flag-of", item=self.name(barcode)) if barcode else correction

    def _stop(self, seq: int, reason: str) -> str:
        """Return the sentence of the stop that has this code; the text itself if it is no such code."""
        return _inside(stop_before(self._db, seq, reason)) or _why_words(reason)


def renamed(event: Any, name: Name, flag: Name) -> Any:
    """Return the event with names in the place of its barcodes and of its correction's id."""
    found: dict[str, object] = {
        field: name(value) for field in ("barcode", "restored") if (value := getattr(event, field, ""))
    }
    if correction := getattr(event, "correction", ""):
        found["correction"] = flag(correction)
    if isinstance(event, ev.DeliveryOrdered) and hasattr(event.intent, "barcode"):
        found["intent"] = msgspec.structs.replace(event.intent, barcode=name(event.intent.barcode))
    if isinstance(event, ev.StackChecked):
        found["lines"] = _named(event.lines, name)
    if isinstance(event, ev.TruckReleased):
        found["wrong"] = _named(event.wrong, name)
    return msgspec.structs.replace(event, **found)


def _named(lines: Iterable[Any], name: Name) -> tuple[Any, ...]:
    return tuple(
        msgspec.structs.replace(line, barcode=name(line.barcode) if line.barcode else tell("item.a-tag"))
        for line in lines
    )


def _inside(sentence: str) -> str:
    """Return a sentence as a part of another one."""
    return sentence.removesuffix(".")


def _why_words(code: str) -> str:
    """Return the sentence of an error's code; a text that is no such code is returned as it is."""
    return _inside(tell(sentence_of(code))) or code


def _item(event: Any) -> str:
    if event.parts > 1:
        return tell("journal.part", barcode=event.barcode, part=event.part, parts=event.parts)
    return str(event.barcode)


def _started(event: ev.TagWriteStarted) -> str:
    if event.purpose:
        said = also(tell(f"journal.plain.to-{event.purpose}"), event.barcode)
        said = why(said, tell(event.note))
    else:
        said = tell("journal.plain.writing", item=_item(event))
    return also(said, tell("journal.again") if event.resumes else "")


def _verified(event: ev.TagWriteVerified) -> str:
    return tell("journal.plain.written-already" if event.unchanged else "journal.plain.written", item=_item(event))


def _security(key: str, event: Any) -> str:
    return tell(f"journal.plain.{key}-{'secured' if event.secure else 'not-secured'}", item=_item(event))


def _undone(event: ev.TagUndoVerified) -> str:
    said = tell("journal.plain.undone", item=event.barcode)
    said = also(said, tell("journal.restored", barcode=event.restored) if event.restored else "")
    return by(also(said, tell("journal.told", systems=", ".join(event.told)) if event.told else ""), event.operator)


def _refused(event: ev.PadRequestRefused) -> str:
    source = f'"{event.source}"' if event.source else tell("journal.program")
    key = "journal.plain.refused" if event.barcode else "journal.plain.refused-tag"
    return why(tell(key, source=source, item=event.barcode), tell(event.reason) or _why_words(event.code))


def _delivered(event: ev.DeliveryChanged) -> str:
    sentence = tell("journal.delivery", system=system_word(event.system), state=word_of("outbox.state", event.state))
    sentence = also(sentence, word_of("outbox.do", event.decision) if event.decision else "")
    reason = "" if event.state == DeliveryState.DELIVERED else _inside(tell(reason_words(event.reason, event.detail)))
    return why(by(sentence, event.operator), reason)


def _not_signed_on(event: ev.SignOnRefused) -> str:
    said = why(tell("journal.plain.not-signed-on"), event.worker)
    if event.purpose:
        said = also(said, tell("journal.asked-for", purpose=word_of("journal.purpose", event.purpose)))
    return why(said, _inside(tell(sentence_of(event.code))))


PLAIN: Final[dict[type[ev.Event], Callable[[Any], str]]] = {
    ev.TimelineBegan: lambda e: why(by(tell("journal.plain.timeline"), e.operator), e.reason),
    ev.ItemScanned: lambda e: tell(
        "journal.found" if e.by_search else "journal.scanned",
        item=tell("journal.part", barcode=e.barcode, part=e.part, parts=e.item.parts)
        if e.item.parts > 1
        else e.barcode,
    ),
    ev.ScanRefused: lambda e: why(tell("journal.plain.scan-refused"), tell(e.text)),
    ev.TagRecognised: lambda e: tell("journal.plain.tag-read", state=word_of("journal.tag-is", e.state)),
    ev.LineStopped: lambda e: tell("journal.plain.stopped", sentence=e.sentence),
    ev.ChoiceMade: lambda e: by(
        tell("journal.plain.confirmed")
        if e.choice == "overwrite-confirmed"
        else tell("journal.plain.chosen", choice=word_of("choice", e.choice)),
        e.operator,
    ),
    ev.TagWriteStarted: _started,
    ev.TagWriteInterrupted: lambda e: why(tell("journal.plain.interrupted", item=e.barcode), _why_words(e.code)),
    ev.TagWriteVerified: _verified,
    ev.TagErased: lambda e: by(
        also(tell("journal.plain.tag-erased"), tell("journal.was", barcode=e.barcode) if e.barcode else ""), e.operator
    ),
    ev.TagWriteAbandoned: lambda e: why(tell("journal.plain.given-up", item=e.barcode), _why_words(e.reason)),
    ev.SecurityWriteStarted: lambda e: says_program(_security("security", e), e.source),
    ev.SecurityWriteVerified: lambda e: also(_security("is", e), tell("journal.already") if e.unchanged else ""),
    ev.SecurityWriteInterrupted: lambda e: why(
        tell("journal.plain.security-broken", item=e.barcode), _why_words(e.code)
    ),
    ev.PadRequestRefused: _refused,
    ev.ItemSetAside: lambda e: why(
        tell("journal.set-aside", item=e.barcode) if e.barcode else tell("journal.set-aside-item"), e.reason
    ),
    ev.DefectFound: lambda _: tell("journal.plain.defect"),
    ev.DeliveryChanged: _delivered,
    ev.SignOnRefused: _not_signed_on,
    ev.TagUndoStarted: lambda e: by(
        also(tell("journal.plain.undo", item=e.barcode), tell("journal.again") if e.resumes else ""), e.operator
    ),
    ev.TagUndoInterrupted: lambda e: why(tell("journal.plain.undo-broken", item=e.barcode), _why_words(e.code)),
    ev.TagUndoVerified: _undone,
}
"""Kinds of events whose exact sentence has an id or a code."""
