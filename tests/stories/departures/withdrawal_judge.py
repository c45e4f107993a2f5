"""The judge of withdrawals: it compares what the station says with Alma's own log and with the tags' memory.

* No item ends half withdrawn without being listed. What is finished is finished in every layer.
* Every proof is true: a deletion is in Alma's log, an erased tag is blank, a destroyed one is watched.
* What was taken back, or never decided, is untouched: in Alma as at the tag.
* No tag was erased before its item was deleted. Nothing was overridden that no person saw.
"""

from __future__ import annotations

from typing import Any

from station.domain.deliveries.delivery import DeliveryState
from station.domain.item_state import ItemState
from station.domain.withdrawals.proof import Layer, ProofState
from station.domain.withdrawals.withdrawal import LeavingTag, NextStep, Piece, TagStanding, Withdrawal
from tests.stories.departures.half_withdrawn import faults
from tests.stories.departures.withdrawal_schedule import ITEMS, Outcome
from tests.support.simulated_bench import Tag

Json = dict[str, Any]


def judge(outcome: Outcome) -> list[str]:
    """Return the faults as sentences; empty if all is well."""
    wrong = [f"tag {uid} was gone before the deletion" for uid in outcome.gone_early]
    wrong += faults(outcome.facts)
    wrong += [f"a defect: {event}" for event in outcome.facts.journal.of("defect-found")]
    for barcode in ITEMS:
        wrong += [f"{barcode}: {fault}" for fault in of_item(barcode, outcome)]
    for each in outcome.withdrawals.values():
        if not each.canceled_at:
            wrong += [f"{each.id} of {each.barcode}: {fault}" for fault in of_withdrawal(each, outcome)]
    strange = {row["kind"] for row in outcome.log["effects"]} - {
        "withdraw", "item-put", "holding-delete", "holding-suppress", "bib-delete", "bib-suppress",
    }  # fmt: skip
    return wrong + [f"Alma shows {kind}" for kind in sorted(strange)]


def of_item(barcode: str, outcome: Outcome) -> list[str]:
    """Compare all withdrawals of an item, with those taken back, with Alma and tags."""
    wrong = []
    standing = [each for each in outcome.withdrawals.values() if each.barcode == barcode and not each.canceled_at]
    whole = [each for each in standing if not each.part]
    effects = [row for row in outcome.log["effects"] if row["kind"] == "withdraw" and row["barcode"] == barcode]
    if len(whole) > 1:
        wrong.append(f"{len(whole)} withdrawals")
    if effects and not any(each.system for each in whole) and not ordered(barcode, outcome):
        wrong.append("deleted in Alma without a decision that stands")
    if len(effects) > 1:
        wrong.append(f"deleted {len(effects)} times")
    if any(row["overridden"] for row in effects) and barcode not in outcome.allowed:
        wrong.append(f"overridden unseen: {effects[0]['overridden']}")
    withdrawn = outcome.states[barcode] is ItemState.WITHDRAWN
    if withdrawn != any(each.decided_at or each.delivery_state != DeliveryState.DISCARDED for each in whole):
        wrong.append(f"its state is {outcome.states[barcode]}")
    for part, tag in enumerate(outcome.tags[barcode], 1):
        alone = any(each.part == part for each in standing)
        if outcome.live_when_changed.get(tag.uid) and not alone:
            wrong.append(f"tag {tag.uid} was changed before the deletion")
        leaves = any(each.part in (0, part) for each in standing)
        if not leaves and (not untouched(tag) or tag.uid in outcome.cut):
            wrong.append(f"tag {tag.uid} was changed, and its item stays")
    return wrong


def of_withdrawal(each: Withdrawal, outcome: Outcome) -> list[str]:
    wrong = []
    own = {tag.uid: tag for tag in outcome.tags[each.barcode]}
    named = {tag.uid: tag for tag in each.tags}
    wanted = [tag for part, tag in enumerate(outcome.tags[each.barcode], 1) if each.part in (0, part)]
    system = proof(each, Layer.SYSTEM)
    if system in (ProofState.PROVEN, ProofState.BY_HAND) and each.barcode in outcome.there:
        wrong.append("deleted, it says, and Alma has the item")
    deleted = not each.part and any(
        row["kind"] == "withdraw" and row["barcode"] == each.barcode for row in outcome.log["effects"]
    )
    if system is ProofState.PROVEN and not deleted and not removed_by_others(each.barcode, outcome):
        wrong.append("proven, it says, and Alma's log has no deletion")
    ends = outcome.ends[each.barcode, each.part]
    if ends != (bool(each.part) or system in (ProofState.PROVEN, ProofState.BY_HAND)):
        wrong.append(f"the journal says {ends} times that it left")
    for tag in each.tags:
        wrong += of_tag(tag, own[tag.uid], each, outcome) if tag.uid in own else [f"tag {tag.uid} is of another item"]
    if each.piece is Piece.PRESENT and {tag.uid for tag in wanted} != set(named):
        wrong.append("a tag is not named")
    if each.piece is not Piece.PRESENT and not all(blank(tag) or tag.uid in outcome.watched for tag in wanted):
        wrong.append("its piece is lost, and a tag is not watched")
    if proof(each, Layer.TAG) is ProofState.PROVEN and not all(map(blank, wanted)):
        wrong.append("its tags are proven blank, and are not")
    begun = deleted or any(not untouched(tag) or tag.uid in outcome.cut for tag in wanted)
    done = (bool(each.part) or each.barcode not in outcome.there) and all(
        blank(tag) or tag.uid in outcome.watched for tag in wanted
    )
    half = begun and not (done and settled(each))
    if (half or each.next_step is not NextStep.NOTHING) and each.id not in outcome.listed:
        wrong.append("half withdrawn, and not listed")
    if each.id not in outcome.listed and not (done and settled(each)):
        wrong.append("not listed, and not finished")
    return wrong


def of_tag(tag: LeavingTag, real: Tag, each: Withdrawal, outcome: Outcome) -> list[str]:
    """Compare what is said of one tag with its memory."""
    match tag.standing:
        case TagStanding.ERASED if not blank(real):
            return [f"tag {tag.uid} is erased, it says, and holds {bytes(real.memory).hex()}"]
        case TagStanding.DESTROYED if tag.uid not in outcome.cut or tag.uid not in outcome.watched:
            return [f"tag {tag.uid} is destroyed, it says"]
        case TagStanding.WATCHED if tag.uid not in outcome.watched or not (
            tag.uid in outcome.absent or lost(each, tag.part, outcome)
        ):
            return [f"tag {tag.uid} is watched, it says"]
        case TagStanding.LIVE if tag.uid in outcome.cut:
            return [f"tag {tag.uid} carries its item, it says, and is cut"]
    return []


def lost(each: Withdrawal, part: int, outcome: Outcome) -> bool:
    """Return whether a decision that stands says that the part was not at hand."""
    return any(
        other.piece is not Piece.PRESENT and other.part in (0, part)
        for other in outcome.withdrawals.values()
        if other.barcode == each.barcode and not other.canceled_at
    )


def ordered(barcode: str, outcome: Outcome) -> bool:
    """Return whether a command ordered the deletion that was carried out, without a decision."""
    orders = outcome.facts.journal.of("delivery-ordered")
    seqs = {
        event["seq"]
        for event in orders
        if event["intent"]["type"] == "withdraw" and event["intent"]["barcode"] == barcode
    }
    return any(row[0] in seqs and row[-1] == "delivered" for row in outcome.facts.journal.sent)


def removed_by_others(barcode: str, outcome: Outcome) -> bool:
    return any(row["kind"] == "remove" and row["barcode"] == barcode for row in outcome.log["edits"])


def settled(each: Withdrawal) -> bool:
    """Return whether every layer but the decision's signs is settled. A deletion that a command of an earlier version ordered
    and the library system has carried out has no decision."""
    ordered_before = not each.decided_at and each.delivery_state == DeliveryState.DELIVERED
    without = (Layer.SIGNS, Layer.DECISION) if ordered_before else (Layer.SIGNS,)
    return all(proof.settled for proof in each.proofs if proof.layer not in without)


def proof(each: Withdrawal, layer: Layer) -> ProofState:
    named = each.proof(layer)
    assert named is not None
    return named.state


def blank(tag: Tag) -> bool:
    return not any(tag.memory) and (tag.afi, tag.dsfid) == (0, 0)


def untouched(tag: Tag) -> bool:
    return tag.writes == 0
