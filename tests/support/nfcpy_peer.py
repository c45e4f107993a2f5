"""The peer of nfcpy's udp device in a separate process, and the station's reader connected to it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from tests.support import forked
from tests.support.fair import FairClock
from tests.support.patience import PATIENCE_S

BADGE = "04A1B2C3D4E5F6"
OTHER = "04112233445566"


class NfcPad:
    """An emulator with its control socket. `link` is the address that it prints at its start."""

    def __init__(self, folder: Path, module: str, *options: str) -> None:
        control = str(folder / "control")
        paths = ["--memory", folder / "tags", "--control", control]
        self._process = forked.emulator(module, *paths, "--clock", "virtual", *options)
        assert self._process.stdout is not None
        self.link = str(json.loads(self._process.stdout.readline())["link"])
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(control)
        self._lines = self._socket.makefile("rb")
        self.control = control
        self.clock = FairClock(control)

    def do(self, word: str, **arguments: object) -> dict[str, Any]:
        self._socket.sendall(json.dumps({"do": word, **arguments}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._lines.readline())
        assert answer["ok"], answer
        return answer

    def anew(self) -> None:
        """Reset the emulator to its state after a start; its stored tags stay."""
        for word in ("unplug", "plug", "clear-faults", "lift", "reset-counters"):
            self.do(word)

    def label(self, uid: str = BADGE, chip: str = "ntag213", **more: object) -> None:
        self.do("create", uid=uid, chip=chip, place=True, replace=True, **more)

    def memory(self, uid: str = BADGE) -> bytes:
        return bytes.fromhex(self.do("dump", uid=uid)["tag"]["memory"])

    def close(self) -> None:
        self.clock.close()
        self._lines.close()
        self._socket.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()
