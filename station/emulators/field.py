"""The pad: which tags lie in the radio field, and what happens to a cell that is programmed there."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from station.emulators.faults import Faults
from station.emulators.tags import Drawer, Tag
from station.emulators.tear import torn
from station.emulators.vicc import Vicc


class Field:
    def __init__(self, drawer: Drawer, faults: Faults, rng: random.Random) -> None:
        self._drawer = drawer
        self._faults = faults
        self._rng = rng
        self._on_pad: dict[str, Vicc] = {}
        self.powered = True
        self.programmed = 0  # cells programmed since the start, torn ones included
        self.air_writes: Counter[tuple[str, str]] = Counter()  # (uid, cell)

    @property
    def uids(self) -> list[str]:
        return sorted(self._on_pad)

    def place(self, uid: str) -> None:
        """Idempotent: a tag that lies there stays as it is. KeyError when there is no such tag."""
        tag = self._drawer[uid]
        if tag.uid not in self._on_pad:
            self._on_pad[tag.uid] = Vicc(tag, self.program, self.refuse_lock, self._rng)

    def lift(self, uid: str | None = None) -> None:
        """Take one tag (or all) away; it loses power. Idempotent."""
        for name in [uid.upper()] if uid is not None else self.uids:
            vicc = self._on_pad.pop(name, None)
            if vicc is not None and vicc.tag.field_off():
                self._drawer.save(vicc.tag)

    def off(self) -> None:
        """The field goes: every tag falls back to Ready, weakly programmed cells fall back to what they were."""
        for vicc in self._on_pad.values():
            vicc.state = "ready"
            if vicc.tag.field_off():
                self._drawer.save(vicc.tag)

    def wake(self, only: frozenset[str] | None = None) -> None:
        """Every quiet tag (or `only` these) is Ready again, with the field staying on."""
        for uid, vicc in self._on_pad.items():
            if only is None or uid in only:
                vicc.state = "ready" if vicc.state == "quiet" else vicc.state

    def describe(self, tag: Tag) -> dict[str, Any]:
        vicc = self._on_pad.get(tag.uid)
        return {**tag.to_json(), "on_pad": vicc is not None, "state": None if vicc is None else vicc.state}

    def answers(self, frame: bytes) -> list[bytes]:
        """What all tags in the field say to a request; the same words said by two at once are heard as one."""
        return list(dict.fromkeys(said for vicc in self._live() if (said := vicc.answer(frame)) is not None))

    def slots(self, frame: bytes) -> dict[int, list[bytes]]:
        """Answers to an inventory request by time slot."""
        heard: dict[int, list[bytes]] = {}
        for vicc in self._live():
            said = vicc.inventory(frame)
            if said is not None:
                heard.setdefault(said[0], []).append(said[1])
        return heard

    def _live(self) -> list[Vicc]:
        return [self._on_pad[uid] for uid in self.uids] if self.powered else []

    def refuse_lock(self) -> bool:
        return self._faults.refuse_lock

    def program(self, tag: Tag, cell: str, new: bytes) -> bool:
        """Program one cell and store the tag. False: the tag left the field meanwhile, its cell is torn, it is silent."""
        old = tag.cell(cell)
        tag.writes[cell] = tag.writes.get(cell, 0) + 1
        self.programmed += 1
        self.air_writes[tag.uid, cell] += 1
        tag.weak.pop(cell, None)
        tag.reverting.pop(cell, None)
        fault = self._faults.at_write()
        if fault is not None:
            self._tear(tag, cell, old, new, fault.args)
            self.lift(tag.uid)
            self._drawer.save(tag)
            return False
        tag.put(cell, new)
        if old != new and self._faults.weak_probability > 0 and self._rng.random() < self._faults.weak_probability:
            tag.reverting[cell] = old
        self._drawer.save(tag)
        return True

    def _tear(self, tag: Tag, cell: str, old: bytes, new: bytes, args: dict[str, Any]) -> None:
        mode = str(args.get("mode", "old"))
        rng = random.Random(args["seed"]) if "seed" in args else self._rng  # noqa: S311 - a model, not a secret
        if tag.chip.counter_block is not None and cell == str(tag.chip.counter_block) and mode != "old":
            mode = "new"  # the counter's own anti-tearing (SLIX2 data sheet)
        mask = bytes.fromhex(args["mask"]) if "mask" in args else None
        tag.put(cell, torn(mode, old, new, rng, mask, bool(args.get("erasing", False))))
        if mode == "weak":
            tag.weak[cell] = (old, new)
