"""The radio field of a pad: the tags in it, and the programming of their cells."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from station.emulators.field.assumed import Assumed
from station.emulators.field.chips import ISO14443A
from station.emulators.field.coupling import Coupling, Move, Shadow
from station.emulators.field.faults import Faults
from station.emulators.field.file import Drawer, Tag
from station.emulators.field.iso15693 import Vicc
from station.emulators.field.ntag import Picc
from station.emulators.field.tear import torn


class Field:
    def __init__(self, drawer: Drawer, faults: Faults, rng: random.Random) -> None:
        self._drawer = drawer
        self._faults = faults
        self._rng = rng
        self._on_pad: dict[str, Vicc | Picc] = {}
        self.assumed = Assumed()
        self._coupling: dict[str, Coupling] = {}
        self._shadows: dict[str, Shadow] = {}
        self._moves: list[Move] = []
        self._speaking: list[str] = []
        self.now = 0.0  # the emulator's seconds
        self.tprog = 0.0  # seconds to program a cell
        self.powered = True
        self.programmed = 0  # cells programmed since the start, including torn ones
        self.air_writes: Counter[tuple[str, str]] = Counter()  # (uid, cell)

    @property
    def uids(self) -> list[str]:
        return sorted(self._on_pad)

    def place(self, uid: str) -> None:
        """Put a tag on the pad. Idempotent: a tag already there is not changed. Raises KeyError if there is no such
        tag."""
        tag = self._drawer[uid]
        if tag.uid not in self._on_pad:
            self._on_pad[tag.uid] = self._alive(tag)

    def _alive(self, tag: Tag) -> Vicc | Picc:
        if tag.chip.air == ISO14443A:
            return Picc(tag, self.program, self._rng, self.assumed)
        return Vicc(tag, self.program, self.refuse_lock, self._rng, self.assumed)

    def lift(self, uid: str | None = None) -> None:
        """Remove one tag (or all), which loses power. Idempotent."""
        for name in [uid.upper()] if uid is not None else self.uids:
            vicc = self._on_pad.pop(name, None)
            if vicc is None:
                continue
            vicc.off()
            if vicc.tag.field_off():
                self._drawer.save(vicc.tag)

    def off(self) -> None:
        """Switch the field off: every tag returns to Ready, and weakly programmed cells revert to their old content."""
        for vicc in self._on_pad.values():
            vicc.off()
            if vicc.tag.field_off():
                self._drawer.save(vicc.tag)

    def wake(self, only: frozenset[str] | None = None) -> None:
        """Return every quiet tag (or `only` these) to Ready, with the field on."""
        for uid, vicc in self._on_pad.items():
            if isinstance(vicc, Vicc) and (only is None or uid in only):
                vicc.state = "ready" if vicc.state == "quiet" else vicc.state

    def describe(self, tag: Tag) -> dict[str, Any]:
        vicc = self._on_pad.get(tag.uid)
        told: dict[str, Any] = {"on_pad": vicc is not None, "state": None if vicc is None else vicc.state}
        if tag.uid in self._coupling:
            told["coupling"] = self._coupling[tag.uid].to_json()
        return {**tag.to_json(), **told}

    def answers(self, frame: bytes) -> list[bytes]:
        """Return the answers of all tags in the field to a request; equal answers of two tags are heard as one."""
        said = [(vicc.tag.uid, words) for vicc in self._live() if (words := vicc.answer(frame)) is not None]
        self._speaking = [uid for uid, _ in said]
        return list(dict.fromkeys(words for _, words in said))

    def slots(self, frame: bytes) -> dict[int, list[bytes]]:
        """Return the answers to an inventory request by time slot."""
        heard: dict[int, list[bytes]] = {}
        for vicc in self._live():
            said = vicc.inventory(frame)
            if said is not None:
                heard.setdefault(said[0], []).append(said[1])
        return heard

    def _live(self) -> list[Vicc]:
        return [tag for tag in self._powered() if isinstance(tag, Vicc)]

    def cards(self) -> list[Picc]:
        """Return every ISO 14443 A tag in the field that receives this request."""
        return [tag for tag in self._powered() if isinstance(tag, Picc)]

    def there(self, card: Picc) -> bool:
        """Return whether the tag is still there, without having been away."""
        return self._on_pad.get(card.tag.uid) is card

    def card_awaits(self) -> bool:
        """Return whether an ISO 14443 A tag would hear the next request. If none would, count that request as
        missed."""
        cards = [uid for uid, tag in self._on_pad.items() if isinstance(tag, Picc)]
        if not self.powered or not cards:
            return False
        if any(all(one.would_hear() for one in self._couplings(uid)) for uid in cards):
            return True
        self.cards()
        return False

    def _powered(self) -> list[Vicc | Picc]:
        """Return the tags that hear a request. A tag that does not hear it loses power, and with it its state."""
        if not self.powered:
            return []
        heard = []
        for uid in self.uids:
            if self._hears(uid):
                heard.append(self._on_pad[uid])
            else:
                self._on_pad[uid].off()
        return heard

    def _hears(self, uid: str) -> bool:
        return all([one.hears() for one in self._couplings(uid)])  # noqa: C419 - each of them must count

    def _couplings(self, uid: str) -> list[Coupling]:
        """Return the couplings that limit the tag's hearing now."""
        found = [self._coupling[uid]] if uid in self._coupling else []
        shadow = self._shadows.get(uid)
        return [*found, shadow] if shadow is not None and shadow.by in self._on_pad else found

    # -- coupling and movements --------------------------------------------------------------------------------------

    def couple(self, uid: str, heard: int, of: int) -> None:
        """Let the tag be heard `heard` times of `of`; all of them = normal coupling."""
        name = self._drawer[uid].uid
        self._coupling.pop(name, None)
        if heard < of:
            self._coupling[name] = Coupling(heard, of)

    def shadow(self, uid: str, by: str, heard: int, of: int) -> None:
        """As `couple`, but only while the tag `by` is present, too."""
        name = self._drawer[uid].uid
        self._shadows.pop(name, None)
        if heard < of:
            self._shadows[name] = Shadow(heard, of, by=self._drawer[by].uid)

    def move(self, move: Move) -> None:
        """Schedule a tag to enter or leave."""
        self._drawer[move.uid]
        self._moves.append(move)
        self._moves.sort(key=lambda move: move.at)

    def advance(self, now: float) -> None:
        """Set the time to `now`, and carry out the movements that are due."""
        self.now = now
        while self._moves and self._moves[0].at <= now:
            move = self._moves.pop(0)
            (self.place if move.enters else self.lift)(move.uid)

    def heard_whole(self) -> bool:
        """Return whether all tags that answered last have stayed until now."""
        return all(uid in self._on_pad for uid in self._speaking)

    def _leaving(self, uid: str) -> Move | None:
        """Return the movement that removes this tag before a cell that is begun now is programmed; None if there is
        none."""
        for move in self._moves:
            if move.uid == uid and not move.enters and move.at <= self.now + self.tprog:
                return move
        return None

    def refuse_lock(self) -> bool:
        return self._faults.refuse_lock

    def program(self, tag: Tag, cell: str, new: bytes) -> bool:
        """Program one cell and store the tag. Return False if the tag left the field meanwhile: its cell is torn, and
        it does not answer."""
        old = tag.cell(cell)
        tag.writes[cell] = tag.writes.get(cell, 0) + 1
        self.programmed += 1
        self.air_writes[tag.uid, cell] += 1
        tag.weak.pop(cell, None)
        tag.reverting.pop(cell, None)
        fault = self._faults.at_write(cell)
        move = self._leaving(tag.uid) if fault is None else None
        if move is not None:
            self._moves.remove(move)
        args = fault.args if fault is not None else move.args if move is not None else None
        if args is not None:
            self._tear(tag, cell, old, new, args)
            self.lift(tag.uid)
            self._drawer.save(tag)
            return False
        tag.put(cell, new)
        if old != new and self._faults.weak_probability > 0 and self._rng.random() < self._faults.weak_probability:
            tag.reverting[cell] = old
        self._drawer.save(tag)
        return True

    def _tear(self, tag: Tag, cell: str, old: bytes, new: bytes, args: dict[str, Any]) -> None:
        if "bytes" in args:  # lifted after this number of bytes of the cell was programmed
            count = int(args["bytes"])
            tag.put(cell, new[:count] + old[count:])
            return
        mode = str(args.get("mode", "old"))
        rng = random.Random(args["seed"]) if "seed" in args else self._rng  # noqa: S311 - a model, not a secret
        if tag.chip.counter_block is not None and cell == str(tag.chip.counter_block) and mode != "old":
            mode = "new"  # the counter's own anti-tearing (SLIX2 data sheet)
        mask = bytes.fromhex(args["mask"]) if "mask" in args else None
        tag.put(cell, torn(mode, old, new, rng, mask, bool(args.get("erasing", False))))
        if mode == "weak":
            tag.weak[cell] = (old, new)
