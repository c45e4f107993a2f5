"""Targets that change tags: a plan from any tag to any content, executed at once, and torn at every step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from fuzz import cases
from fuzz.oracle import demand, demand_clean
from station.base.errors import EncodingError, TagError
from station.domain.tag_image import TagImage
from station.encoding.content import TagContent, TagProfile, TagState, is_locked
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import as_written
from station.encoding.write_plan.plan import plan_item, plan_write, undo
from station.encoding.write_plan.steps import ChipLimits, LockBlocks, SetAfi, SetBlocks, SetDsfid, Step, WritePlan
from station.encoding.write_plan.verify import differences, element_differences

ISIL: Final = "US-InU-Mu"
MODELS: Final = ("28560-2", "28560-3")
CHIP: Final = ChipLimits(has_eas=True)


def planned(data: bytes) -> None:
    """Write plan. Byte 0: content, byte 1: options; then the tag. The plan reaches its result; locked blocks stay."""
    made = _plan(data)
    if made is None:
        return
    plan, wanted, profile = made
    after = plan.old
    for step in plan.steps:
        after = carried_out(after, step)
    demand(after == plan.new, f"the plan leaves {after}, not {plan.new}")
    judged = recognise(after, profile)
    demand_clean(judged)
    demand(judged.state is TagState.OURS, f"the written tag is {judged.state}: {judged.reasons}")
    demand(judged.identifier == wanted.primary_item_identifier, f"the written tag holds {judged.identifier!r}")
    demand(not differences(plan.new, after, locks=True), "differences between equal tags")
    wrong = element_differences(as_written(wanted, profile), judged, profile.model)
    demand(not wrong, f"the written tag reads differently: {wrong}")
    told = (
        *differences(plan.new, plan.old),
        *element_differences(as_written(wanted, profile), recognise(plan.old, profile)),
    )
    demand_clean(told)
    demand(plan_write(plan.new, plan.new).empty, "a finished tag needs a plan")
    try:
        back = undo(plan, limits=CHIP)
    except (EncodingError, TagError):
        return
    for step in back.steps:
        after = carried_out(after, step)
    demand(after == replace(plan.old, locked=after.locked), "undo restores other content")


def torn(data: bytes) -> None:
    """Torn write. As `planned`; byte 2: new bytes of a block. A tear reads as old, new or incomplete, never blank."""
    made = _plan(data[:2] + data[3:])
    if made is None:
        return
    plan, wanted, profile = made
    before = recognise(plan.old, profile)
    allowed = {"", before.identifier, wanted.primary_item_identifier}
    mask = (*data[2:3], 0)[0]
    for state in tears(plan, mask):
        judged = recognise(state, profile)
        if state.memory == plan.old.memory and judged.content == before.content:
            continue  # the DSFID was torn during its write, and the tag still has its old content
        demand(judged.identifier in allowed, f"a torn tag holds {judged.identifier!r}: {state}")
        blank = judged.state is TagState.BLANK and before.state is not TagState.BLANK
        demand(not blank, f"a torn tag looks blank: {state}")


def _plan(data: bytes) -> tuple[WritePlan, TagContent, TagProfile] | None:
    """Return the plan for an input; None if it is refused, or if the input is invalid."""
    if len(data) < 2:
        return None
    old = cases.whole(cases.image(data[2:]))
    wanted, profile = wish(data[0], data[1])
    limits = replace(CHIP, blocks_per_write=1 + (data[1] >> 4))
    try:
        return plan_item(old, wanted, profile, limits=limits), wanted, profile
    except (EncodingError, TagError):
        return None


def wish(choice: int, how: int) -> tuple[TagContent, TagProfile]:
    """Return content and profile: short and long identifiers, sets, call numbers, a title; both written models, a lock
    policy, EAS."""
    content = TagContent(
        primary_item_identifier=("30123456789012", "A/7", "0000012", "K" * 40)[choice & 0x03],
        part=2 if choice & 0x04 else 1,
        parts=12 if choice & 0x04 else 1,
        shelf_location="QA 76.73 .P98 2026" if choice & 0x08 else "",
        further=((17, "Ein M\u00e4rchen"),) if choice & 0x10 else (),
    )
    model = MODELS[how & 1]
    return content, TagProfile(
        isil=ISIL,
        dsfid=0x3E if model == "28560-3" else 0x06,
        model=model,
        call_number_on_tag=bool(choice & 0x08),
        lock=frozenset({1, 3}) if how & 2 else frozenset(),
        reserve=how & 4,
        eas=bool(how & 8),
    )


def carried_out(tag: TagImage, step: Step) -> TagImage:
    """Return the tag after one successful step."""
    match step:
        case SetDsfid(value):
            return replace(tag, dsfid=value)
        case SetAfi(value):
            return replace(tag, afi=value)
        case SetBlocks(first, data):
            last = first + len(data) // tag.block_size - 1
            demand(0 <= first <= last < tag.block_count, f"blocks {first} to {last} of {tag.block_count}")
            for block in range(first, last + 1):
                demand(not is_locked(tag, block), f"block {block} is locked")
            memory = bytearray(tag.memory)
            memory[first * tag.block_size : (last + 1) * tag.block_size] = data
            return replace(tag, memory=bytes(memory))
        case LockBlocks(first, count):
            locked = (was or first <= block < first + count for block, was in enumerate(tag.locked))
            return replace(tag, locked=tuple(locked))
        case _:
            return tag


def tears(plan: WritePlan, mask: int) -> Iterator[TagImage]:
    """Yield the tag between the steps, and during the write of each step: bytes of a block and bits of the DSFID in
    `mask` are already new."""
    tag = plan.old
    for step in plan.steps:
        after = carried_out(tag, step)
        if isinstance(step, SetDsfid):
            yield replace(tag, dsfid=(tag.dsfid or 0) & ~mask | (after.dsfid or 0) & mask)
        if isinstance(step, SetBlocks):
            size = tag.block_size
            memory = bytearray(tag.memory)
            for at in range(step.first * size, step.first * size + len(step.data)):
                if mask >> (at % size % 8) & 1:
                    memory[at] = after.memory[at]
                if at % size == size - 1:
                    yield replace(tag, memory=bytes(memory))
                    memory[at + 1 - size : at + 1] = after.memory[at + 1 - size : at + 1]
        tag = after
        yield tag
