"""A bench on the machine: its unit, its emulated reader, and the items that pass."""

from __future__ import annotations

import json
from typing import Final

from scripts.unit_test.machine import Machine

UNIT: Final = "rfid-station"
READER: Final = "tcp://127.0.0.1:10001"
_SAY: Final = "station emulate say /run/unit-test-reader.sock"
_MOST_EXPOSED: Final = 3.0

FILES: Final = {
    f"/etc/systemd/system/{UNIT}.service.d/no-screen.conf": """[Service]
Environment=WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1
TTYPath=
StandardInput=null
TTYReset=no
TTYVHangup=no
TTYVTDisallocate=no
UtmpIdentifier=
""",
    "/etc/systemd/system/unit-test-reader.service": """[Service]
WorkingDirectory=/root/rfid-processing-station
ExecStart=/usr/bin/python3 -m station.emulators.feig --listen 127.0.0.1:10001 --memory /var/tmp/unit-test-tags \
--control /run/unit-test-reader.sock --detach
[Install]
WantedBy=multi-user.target
""",
}
"""Files of the test on the machine. The container has no terminal 7 and no graphics, so cage draws into memory."""


class Bench:
    """A station that runs as unit, under `account`, with its data in `home`/data."""

    def __init__(self, machine: Machine, account: str, barcodes: list[str], passed: list[str]) -> None:
        self.machine = machine
        self.data = f"/var/lib/{account}/data"
        self.station = f"runuser -u {account} -- station --data {self.data}"
        self._account = account
        self.barcodes = barcodes
        self.passed = passed
        """Barcodes of the items that passed, also those before a restore."""

    def opened(self) -> None:
        """Wait until the station is open. Raises `TimeoutError`."""
        self.machine.until(f"systemctl is-active {UNIT}", "active")
        self.machine.until(f"{self.station} who >/dev/null && echo open", "open")

    def next_item(self, *, killed_in_write: bool = False) -> None:
        """Process the next item to its pass. With `killed_in_write`, kill the unit while the tag is half written."""
        barcode = self.barcodes[len(self.passed)]
        uid = f"E0040150{len(self.passed) + 1:08X}"
        self.machine.run(f"{_SAY} create uid={uid}", check=False)  # refused if the item had passed after the backup
        self.machine.run(f"{_SAY} place uid={uid}")
        if killed_in_write:
            self.machine.run(f"{_SAY} lift-after-writes n=3")
            self.machine.run(f"{self.station} process {barcode} --pass-all --timeout 5", check=False)
            kinds = self.kinds()
            if kinds.index("tag-write-started") > kinds.index("tag-write-verified"):
                raise AssertionError(f"no tag is half written: {kinds}")
            self.kill(f"systemctl show -P MainPID {UNIT}")
            self.machine.run(f"{_SAY} place uid={uid}")
        self.machine.run(f"{self.station} process {barcode} --pass-all")
        self.machine.run(f"{_SAY} lift")
        self.passed.append(barcode)

    def kinds(self) -> list[str]:
        """Return the kinds of the newest events, newest first."""
        shown = self.machine.run(f"{self.station} journal show --json --limit 60")
        return [event["kind"] for event in json.loads(shown)]

    def kill(self, process: str = "") -> None:
        """Kill a process, and wait until systemd has started the station again. `process`: shell command that prints
        its number; "" = the station itself."""
        before = int(self.machine.run(f"systemctl show -P NRestarts {UNIT}"))
        self.machine.run(f"kill -9 $({process or f'pgrep -x -u {self._account} station'})")
        self.machine.until(f"systemctl show -P NRestarts {UNIT}", str(before + 1))
        self.opened()

    def check(self) -> None:
        """Prove that the journal is whole, and that each pass was delivered once. Raises `AssertionError`."""
        self.machine.run(f"{self.station} journal verify")
        results = f"{self.data}/results.jsonl"
        self.machine.until(f"wc -l < {results}", str(len(self.passed)))
        lines = [json.loads(line) for line in self.machine.run(f"cat {results}").splitlines()]
        delivered = [(line["barcode"], line["verdict"]) for line in lines]
        if delivered != [(barcode, "pass") for barcode in self.passed]:
            raise AssertionError(f"delivered: {delivered}; passed: {self.passed}")

    def exposure(self) -> str:
        """Return how exposed the unit is that runs. Raises `AssertionError` if that is too much, or if the program does
        not have the rights of the unit."""
        analyze = f"systemd-analyze security --no-pager --threshold={_MOST_EXPOSED * 10:.0f}"
        self.machine.run(f"{analyze} --offline=true /etc/systemd/system/{UNIT}.service")
        status = self.machine.run(f"cat /proc/$(pgrep -x -u {self._account} station)/status")
        rights = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
        if (rights["NoNewPrivs"], rights["Seccomp"], int(rights["CapBnd"], 16)) != ("1", "2", 0):
            raise AssertionError(f"the program has other rights than its unit: {status}")
        return self.machine.run(f"{analyze} {UNIT}").splitlines()[-1].strip("→ ")
