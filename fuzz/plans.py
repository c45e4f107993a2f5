"""Targets that change tags: a plan from any tag to any content, carried out on the spot."""

from __future__ import annotations

from dataclasses import replace

from fuzz import cases
from fuzz.oracle import demand, demand_clean
from station.encoding.content import TagContent, TagProfile, TagState, is_locked
from station.encoding.plan import SetAfi, SetBlocks, SetDsfid, WritePlan, new_image, plan_write
from station.encoding.recognise import recognise
from station.errors import EncodingError, TagLocked
from station.image import TagImage

ISIL = "US-InU-Mu"


def planned(data: bytes) -> None:
    """Byte 0: what is wanted; the rest is the tag. The plan ends where it says, and touches no locked block."""
    if not data:
        return
    old = cases.whole(cases.image(data[1:]))
    wanted, profile = wish(data[0])
    try:
        new = new_image(old, wanted, profile)
        plan = plan_write(old, new, max_blocks_per_write=1 + (data[0] >> 4))
    except (EncodingError, TagLocked):
        return
    after = carried_out(plan)
    demand(after == new, f"the plan leaves {after}, not {new}")
    judged = recognise(after, profile)
    demand_clean(judged)
    demand(judged.state is TagState.OURS, f"what we wrote is {judged.state}: {judged.reasons}")
    demand(judged.identifier == wanted.primary_item_identifier, f"what we wrote says {judged.identifier!r}")
    demand(plan_write(new, new).empty, "a finished tag needs a plan")


def wish(choice: int) -> tuple[TagContent, TagProfile]:
    """One of sixteen wishes: short and long identifiers, sets, call numbers, a lock policy."""
    content = TagContent(
        primary_item_identifier=("30123456789012", "A/7", "0000012", "K" * 40)[choice & 0x03],
        part=2 if choice & 0x04 else 1,
        parts=12 if choice & 0x04 else 1,
        shelf_location="QA 76.73 .P98 2026" if choice & 0x08 else "",
    )
    lock = frozenset({1, 3}) if choice & 0x04 else frozenset[int]()
    return content, replace(TagProfile(isil=ISIL), call_number_on_tag=bool(choice & 0x08), lock=lock)


def carried_out(plan: WritePlan) -> TagImage:
    """The tag after every step was carried out as it is written."""
    old = plan.old
    memory, afi, dsfid = bytearray(old.memory), old.afi, old.dsfid
    for step in plan.steps:
        match step:
            case SetDsfid(value):
                dsfid = value
            case SetAfi(value):
                afi = value
            case SetBlocks(first, data):
                last = first + len(data) // old.block_size - 1
                demand(0 <= first <= last < old.block_count, f"blocks {first} to {last} of {old.block_count}")
                for block in range(first, last + 1):
                    demand(not is_locked(old, block), f"block {block} is locked")
                memory[first * old.block_size : (last + 1) * old.block_size] = data
            case _:
                pass
    return replace(old, memory=bytes(memory), afi=afi, dsfid=dsfid)
