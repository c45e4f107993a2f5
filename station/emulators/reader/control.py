"""The control vocabulary: each line in is one JSON object, and so is each answer (docs/emulators.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from station.emulators.field.coupling import Move, coupling
from station.emulators.field.faults import ONE_SHOT, seconds, tearing
from station.emulators.field.file import Tag
from station.emulators.reader.device import Device

Said = dict[str, Any]


class Control:
    def __init__(self, device: Device[Any], settle: Callable[[], None]) -> None:
        """`settle`: carries out and answers everything that has arrived; raises ValueError if that cannot be
        awaited."""
        self._device = device
        self.quitting = False
        self._words: dict[str, Callable[[Said], Said]] = {
            "create": self._create,
            "place": self._place,
            "lift": self._lift,
            "tags": lambda _: {"tags": [device.field.describe(tag) for tag in device.drawer]},
            "dump": lambda said: {"tag": device.field.describe(device.drawer[str(said["uid"])])},
            "poke": self._poke,
            "state": self._state,
            "unplug": lambda _: self._then(device.unplug),
            "reboot": lambda _: self._then(device.reboot),
            "plug": lambda _: self._then(device.plug),
            "quit": self._quit,
            "counters": lambda _: device.counters(),
            "reset-counters": lambda _: self._then(device.reset_counters),
            "settle": lambda _: self._then(settle),
            "faults": lambda _: self._faults(),
            "clear-faults": lambda _: self._then(device.faults.clear),
            "silence": self._silence,
            "refuse-lock": self._refuse_lock,
            "weak-blocks": self._weak_blocks,
            "assume": self._assume,
            "couple": self._couple,
            "shadow": self._shadow,
            "move": self._move,
            **device.words(),
            "help": lambda _: {"words": sorted([*self._words, *ONE_SHOT])},
        }

    def line(self, text: bytes) -> bytes:
        """Return the answer to one line. An error is reported in the answer, never raised."""
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as wrong:
            return json.dumps({"ok": False, "error": str(wrong)}).encode() + b"\n"
        return json.dumps(self.say(said)).encode() + b"\n"

    def say(self, said: Said) -> Said:
        """Return the answer to one word with its arguments. An error is reported in the answer, never raised."""
        try:
            word = str(said["do"])
            if word == "enter-at-command" and "uid" in said:
                self._device.drawer[str(said["uid"])]  # the tag must exist already
            if word == "wrong-address" and not self._device.addressed:
                raise ValueError("the answers of this reader carry no address")
            if word in ONE_SHOT:
                answer: Said = {"armed": self._device.faults.arm(word, said).to_json()}
            else:
                answer = self._words[word](said)
            return {"ok": True, **answer}
        except KeyError as missing:
            reason = f"unknown or missing: {missing}"
        except (ValueError, TypeError, AttributeError, IndexError, OverflowError) as wrong:
            reason = str(wrong)
        return {"ok": False, "error": reason}

    @staticmethod
    def _then(action: Callable[[], None]) -> Said:
        action()
        return {}

    def _create(self, said: Said) -> Said:
        uid = str(said["uid"]).upper()
        if any(tag.uid == uid for tag in self._device.drawer) and not said.get("replace"):
            raise ValueError(f"tag {uid} already exists")
        self._device.field.lift(uid)
        tag = Tag.from_json(said)
        self._device.drawer.add(tag)
        if said.get("place"):
            self._device.field.place(uid)
        return {"tag": self._device.field.describe(tag)}

    def _place(self, said: Said) -> Said:
        self._device.field.place(str(said["uid"]))
        return {"on_pad": self._device.field.uids}

    def _lift(self, said: Said) -> Said:
        uid = str(said.get("uid", "all"))
        if uid == "all":
            self._device.field.lift()
        else:
            self._device.field.lift(self._device.drawer[uid].uid)
        return {"on_pad": self._device.field.uids}

    def _poke(self, said: Said) -> Said:
        """Change a tag's memory without an air write; nothing is counted."""
        tag = self._device.drawer[str(said["uid"])]
        data = {**tag.to_json(), **{k: v for k, v in said.items() if k in ("afi", "dsfid", "eas", "locked")}}
        data |= {k: bool(said[k]) for k in ("afi_locked", "dsfid_locked") if k in said}
        changed = Tag.from_json(data)
        if "memory" in said:
            patch = bytes.fromhex(str(said["memory"]))
            start = int(said.get("block", 0)) * tag.chip.block_size
            if start < 0 or start + len(patch) > len(changed.memory):
                raise ValueError("the data does not fit into the tag")
            changed.memory[start : start + len(patch)] = patch
        tag.memory[:] = changed.memory
        tag.afi, tag.dsfid, tag.eas, tag.locked = changed.afi, changed.dsfid, changed.eas, changed.locked
        tag.weak.clear()
        tag.reverting.clear()
        self._device.drawer.save(tag)
        return {"tag": self._device.field.describe(tag)}

    def _state(self, _: Said) -> Said:
        device = self._device
        return {
            "plugged": device.line.plugged,
            "link": str(device.place.link or device.line.name),
            "clock": "virtual" if device.place.virtual else "real",
            "on_pad": device.field.uids,
            "rf": device.field.powered,
            "baud": device.baud,
            "bytes_in": device.bytes_in,
            "bytes_out": device.bytes_out,
            **device.state(),
        }

    def _quit(self, _: Said) -> Said:
        self.quitting = True
        return {}

    def _faults(self) -> Said:
        faults = self._device.faults
        return {
            "armed": [fault.to_json() for fault in faults.armed],
            "silence": faults.silence,
            "refuse_lock": faults.refuse_lock,
            "weak_blocks": faults.weak_probability,
        }

    def _silence(self, said: Said) -> Said:
        self._device.faults.silence = bool(said.get("on", True))
        return {"silence": self._device.faults.silence}

    def _refuse_lock(self, said: Said) -> Said:
        self._device.faults.refuse_lock = bool(said.get("on", True))
        return {"refuse_lock": self._device.faults.refuse_lock}

    def _couple(self, said: Said) -> Said:
        self._device.field.couple(str(said["uid"]), *coupling(said))
        return {}

    def _shadow(self, said: Said) -> Said:
        self._device.field.shadow(str(said["uid"]), str(said["by"]), *coupling(said))
        return {}

    def _move(self, said: Said) -> Said:
        """Let a tag enter ("pad") or leave ("away") `after` seconds from now; a cell that is then being programmed is
        torn."""
        where = said["to"]
        if where not in ("pad", "away"):
            raise ValueError('to must be "pad" or "away"')
        uid = self._device.drawer[str(said["uid"])].uid
        args = tearing({key: said[key] for key in said if key not in ("do", "uid", "to", "after")})
        at = self._device.elapsed + seconds(said["after"])
        self._device.field.move(Move(at, uid, where == "pad", args))
        return {"at": at}

    def _assume(self, said: Said) -> Said:
        """Set switches of `Assumed`, and return all of them."""
        values = {key: value for key, value in said.items() if key != "do"}
        self._device.field.assumed.change(values)
        return {"assumed": self._device.field.assumed.to_json()}

    def _weak_blocks(self, said: Said) -> Said:
        probability = float(said["probability"])
        if not 0 <= probability <= 1:
            raise ValueError("probability must be between 0 and 1")
        self._device.faults.weak_probability = probability
        return {"weak_blocks": probability}
