"""What is half withdrawn, without any code of the station: by the journal's events as stored, Alma's items, and the memory
of the tags. Each fault is a sentence."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any, Final, NamedTuple

from tests.stories.kill.checker import Image, Journal

Json = dict[str, Any]
_LAST: Final = "last-under-symbol"


class Facts(NamedTuple):
    """What there is at one moment."""

    journal: Journal
    there: Collection[str]
    """Barcodes that Alma has."""
    tags: dict[str, dict[str, Image]]
    """Barcode -> UID -> what the tag holds, in the order of the parts."""
    first: dict[str, Image]
    """UID -> what the tag held before anything was withdrawn."""
    listed: Collection[str]
    """Ids of the withdrawals that the station lists as not finished."""

    def begun(self) -> dict[str, Json]:
        """Return the decisions, and the orders of a command without one, by the id of their withdrawal."""
        orders = self.journal.of("delivery-ordered")
        return self.decisions() | {f"withdrawal-{event['seq']}": event["intent"] for event in orders}

    def names(self, decision: Json) -> set[str]:
        """Return the ids under which the withdrawal was ever known, and those of the whole item: a part that is not
        finished is put away with the rest."""
        parts, every = (0, decision.get("part", 0)), self.begun().items()
        return {
            name for name, event in every if event["barcode"] == decision["barcode"] and event.get("part", 0) in parts
        }

    def decisions(self) -> dict[str, Json]:
        """Return the decisions that were not taken back, by the id of their withdrawal."""
        gone = {event["withdrawal"] for event in self.journal.of("withdrawal-canceled")}
        every = {f"withdrawal-{event['seq']}": event for event in self.journal.of("withdrawal-decided")}
        return {ident: event for ident, event in every.items() if ident not in gone}


def blank(image: Image) -> bool:
    memory, dsfid, afi = image
    return not int(memory, 16) and (dsfid, afi) == (0, 0)


def faults(facts: Facts) -> Iterator[str]:
    """Compare every withdrawal, and every tag, with what the station lists and has journaled."""
    for ident, decision in facts.decisions().items():
        missing = list(to_do(decision, facts))
        if missing and ident not in facts.listed:
            yield f"{ident} is not listed: {missing}"
    for barcode, tags in facts.tags.items():
        for part, (uid, image) in enumerate(tags.items(), 1):
            yield from (f"tag {uid} {fault}" for fault in of_tag(barcode, part, uid, image, facts))
    for row in facts.journal.sent:
        yield from of_delivery(row, facts)


def to_do(decision: Json, facts: Facts) -> Iterator[str]:
    """Yield the layers that are not done."""
    now, barcode, part = facts.journal, decision["barcode"], decision.get("part", 0)
    names = facts.names(decision)
    if not part and barcode in facts.there:
        yield "the item is in Alma"
    if not any(event.get("part", 0) == part for event in now.of("withdrawn", barcode=barcode)):
        yield "the journal does not say that it left"
    pieces = [event.get("piece", "present") for name, event in facts.begun().items() if name in names]
    if set(pieces) == {"present"}:
        gone = {event["uid"] for event in now.of("tag-destroyed")} | watched(facts)
        for number, (uid, image) in enumerate(facts.tags[barcode].items(), 1):
            if part in (0, number) and uid not in gone and not blank(image):
                yield f"tag {uid} is not blank"
        judged = now.of("checklist-judged", barcode=barcode)
        if not judged or judged[-1]["verdict"] != "pass":
            yield "it is not checked"
        if not names & {event["withdrawal"] for event in now.of("withdrawal-placed")}:
            yield "it is in no box"
    others = any(sign["sign"] == _LAST and sign["reply"] == "no" for sign in decision.get("signs", ()))
    looked = {event["withdrawal"] for event in now.of("oclc-holding-removed")}
    if not part and not others and not names & looked:
        yield "nobody looked in OCLC"


def watched(facts: Facts) -> set[str]:
    """Return the tags whose pieces were not at hand when they were decided."""
    return {tag["uid"] for decision in facts.decisions().values() for tag in decision.get("tags", ())}


def of_tag(barcode: str, part: int, uid: str, image: Image, facts: Facts) -> Iterator[str]:
    """Compare a tag with what the journal says of it."""
    now = facts.journal
    if now.of("tag-erased", uid=uid) and not blank(image):
        yield f"was erased, it says, and holds {image}"
    if image == facts.first[uid]:
        return
    standing = [ident for ident, event in facts.decisions().items() if event["barcode"] == barcode]
    begun = [event["seq"] for event in now.of("tag-write-started", uid=uid)]
    left = [event["seq"] for event in now.of("withdrawn", barcode=barcode) if event.get("part", 0) in (0, part)]
    if not begun or not left or begun[0] < left[0]:
        yield "was changed before its item had left"
    if not blank(image):
        known = uid in now.open_attempts() or now.of("tag-destroyed", uid=uid)
        if not known:
            yield f"holds {image}, and nobody knows that it is unfinished"
        watched = any(tag["uid"] == uid for event in facts.decisions().values() for tag in event.get("tags", ()))
        if not now.of("tag-destroyed", uid=uid) and not watched and not set(standing) & set(facts.listed):
            yield "is half erased, and its item is not listed"


def of_delivery(row: Any, facts: Facts) -> Iterator[str]:
    """Check that a deletion that has not ended is listed, unless the item is gone already."""
    *_, intent, _, state = row
    what = json.loads(intent)
    if what["type"] == "withdraw" and state not in ("delivered", "discarded"):
        known = {event["barcode"] for ident, event in facts.begun().items() if ident in facts.listed}
        if what["barcode"] in facts.there and what["barcode"] not in known:
            yield f"the deletion of {what['barcode']} is {state}, and is not listed"
