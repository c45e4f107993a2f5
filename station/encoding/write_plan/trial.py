"""The plan for a reader that was not yet seen to set the AFI and the DSFID: it sets both before the memory.

Some readers answer alike for a tag that is not there and for a command that they do not have, and some answer OK and
do nothing. Only a tag shows what such a reader does. With this order a refusal finds the memory as it was, and
`put_back` restores the AFI and the DSFID.
"""

from __future__ import annotations

import dataclasses

from station.domain.tag_image import TagImage
from station.encoding.content import BEING_WRITTEN
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import (
    CheckAfi,
    CheckBlocks,
    CheckDsfid,
    ChipLimits,
    ResetField,
    SetAfi,
    SetBlocks,
    SetDsfid,
    Step,
    VerifyAll,
    WritePlan,
)


def tried_first(plan: WritePlan, *, afi: bool, dsfid: bool) -> WritePlan:
    """Return the plan with its change of the AFI (if `afi`) and the mark of a tag in mid-write (if `dsfid`) before
    everything else, each read back. A plan that changes neither stays as it is."""
    first: list[Step] = []
    rest = list(plan.steps)
    sets_afi = next((step for step in rest if isinstance(step, SetAfi)), None)
    if afi and sets_afi is not None:
        rest.remove(sets_afi)
        first += [sets_afi, CheckAfi(sets_afi.value)]
    if dsfid and _can_be_marked_first(plan):
        mark: tuple[Step, ...] = (SetDsfid(BEING_WRITTEN), CheckDsfid(BEING_WRITTEN))
        for step in mark:
            if step in rest:
                rest.remove(step)
        first += mark
    return dataclasses.replace(plan, steps=(*first, *rest))


def _can_be_marked_first(plan: WritePlan) -> bool:
    """Return whether the plan sets the DSFID, and does not clear block 0 before: then old content could pass for a
    finished tag while its DSFID is torn (`plan._shut`)."""
    changes = [step for step in plan.steps if isinstance(step, SetDsfid | SetBlocks)]
    if plan.old.dsfid == BEING_WRITTEN or not any(isinstance(step, SetDsfid) for step in changes):
        return False
    return SetDsfid(BEING_WRITTEN) not in changes or changes[0] == SetDsfid(BEING_WRITTEN)


def put_back(present: TagImage, old: TagImage) -> WritePlan | None:
    """Plan the steps from the tag as it is after a refusal to the tag as it was. None: its memory has changed, beyond a
    block 0 that was cleared under the old DSFID."""
    plan = plan_write(dataclasses.replace(present, memory=old.memory), old, limits=ChipLimits.of(old.uid))
    if present.memory == old.memory:
        return plan
    size = old.block_size
    if present.dsfid != old.dsfid or present.memory != bytes(size) + old.memory[size:]:
        return None
    block = old.block(0)
    sets_afi = [step for step in plan.steps if isinstance(step, SetAfi)]
    steps: tuple[Step, ...] = (
        SetBlocks(0, block),
        CheckBlocks(0, block, twice=True),
        *sets_afi,
        ResetField(),
        VerifyAll(),
    )
    return dataclasses.replace(plan, old=present, steps=steps)
