"""Install the station by docs/how-to/install.md on a fresh Debian machine, use it, restore it elsewhere, and remove it.

Needs root, Linux, mmdebstrap, systemd-container and git; packages come from where this machine's apt and pip find them. The
machine is a container. The reader is an emulated FEIG reader in a process of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Final

from scripts.unit_test.bench import FILES, READER, UNIT, Bench
from scripts.unit_test.machine import Machine, fresh_root
from scripts.unit_test.page import Step, filled, lines, steps

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = ROOT / "docs" / "how-to"
CACHE: Final = Path(os.environ.get("STATION_UNIT_TEST_CACHE") or ROOT / "build" / "unit-test")
SOURCES: Final = "root/rfid-processing-station"
BACKUPS: Final = "mnt/rfid-station-backups"
"""The directory of hardware/station-backup.service."""

SCRATCH: Final = "/var/tmp/scratch"
RECORDS: Final = "/var/tmp/records.mrc"
INSTALL: Final = {
    "import FILE": f"import {RECORDS}",
    "scan --write": f"scan {READER} --write --yes",
    "udevadm control --reload && udevadm trigger": "udevadm verify /etc/udev/rules.d/99-rfid-station.rules",
}
REMOVE: Final = {"udevadm control --reload": "true"}
"""What a person fills in on a page, and what a container cannot do: it has no udev."""

ITEMS: Final = 12
WRITE_RECORDS: Final = f"""/opt/rfid-station/.venv/bin/python -c '
from pathlib import Path
from station.catalog.sample.sample import numbered, numbered_barcode
Path("{RECORDS}").write_bytes(numbered({ITEMS}))
for number in range(1, {ITEMS + 1}): print(numbered_barcode(number))'"""

CHECKS: Final = (
    "pipx runpip rfid-processing-station check",
    "uv pip check --python $(dirname $(readlink -f /root/.local/bin/station))/python",
)
"""Whether the packages of the wheel fit each other; for each way of the page."""

OF_THE_SYSTEM: Final = (
    *(
        "etc/apt/",
        "etc/machine-id",
        "root/.cache/",
        "run/",
        "tmp/",
        "var/backups/",
        "var/cache/",
        "var/log/",
        "var/tmp/",
    ),
    *("var/lib/apt/", "var/lib/dpkg/", "var/lib/systemd/", BACKUPS, SOURCES),
)
"""Files that Debian keeps of any use, the backups, and the clone."""


def install(machine: Machine) -> tuple[Bench, set[str]]:
    """Install the station, and process the first item. Print how long that took. Return also the files of Debian's
    packages."""
    machine.boot(network=True)
    machine.folder = SOURCES
    start = time.monotonic()
    print(f"install.md, {machine.run('. /etc/os-release && echo $PRETTY_NAME')}:")
    todo = filled(steps(PAGES / "install.md", "Start at boot"), INSTALL)
    barcodes: list[str] = []
    packages: set[str] = set()
    for step in todo:
        if not barcodes and "station --data" in step.command:  # the program is installed
            for path, text in FILES.items():
                (machine.root / path[1:]).parent.mkdir(exist_ok=True)
                (machine.root / path[1:]).write_text(text)
            machine.run("systemctl daemon-reload && systemctl enable --now unit-test-reader")
            barcodes = machine.run(WRITE_RECORDS).split()
        follow(machine, step)
        if step.command.startswith("apt install"):
            packages = set(machine.added())
    bench = Bench(machine, "rfid-station", barcodes, [])
    bench.opened()
    bench.next_item()
    print(f"{len(todo)} commands, {minutes(start)} to the first PASS; {machine.run(f'{bench.station} --version')}")
    return bench, packages


def follow(machine: Machine, step: Step) -> None:
    """Do one step of a page, and print it with what it changes."""
    start = time.monotonic()
    machine.run(step.command)
    print(f"  {time.monotonic() - start:5.1f} s  {step.command}\n           {step.change}", flush=True)


def minutes(start: float) -> str:
    """Return the time since `start`."""
    return f"{(time.monotonic() - start) / 60:.1f} minutes"


def play(bench: Bench) -> None:
    """Process a shift, kill the unit and the program, make the nightly backup, and restart the machine."""
    while len(bench.passed) < 7:
        bench.next_item()
    bench.check()
    print(f"{len(bench.passed)} items passed; {bench.exposure()}", flush=True)
    bench.next_item(killed_in_write=True)
    bench.kill()
    bench.next_item()
    bench.check()
    print(
        "kill -9 of the unit while a tag was half written, and of the station: started again, journal whole", flush=True
    )
    bench.machine.run(f"install -d -o rfid-station -m 700 /{BACKUPS}")
    for command in lines(PAGES / "back-up.md", "Every night"):
        bench.machine.run(command)
    bench.machine.run("systemctl start station-backup")
    bench.machine.restart()
    bench.opened()
    bench.next_item()
    bench.check()
    print(f"restart of the machine: the unit runs; {len(bench.passed)} items passed, each delivered once", flush=True)


def restore(first: Bench, machine: Machine, items: int) -> None:
    """Restore the nightly backup on another machine for another account, and process the item that passed after it again.
    `items`: how many had passed when the backup was made."""
    (machine.root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
    (machine.root / f"etc/systemd/system/graphical.target.wants/{UNIT}.service").unlink()
    shutil.rmtree(machine.root / "var/lib/rfid-station")
    machine.boot(network=False)
    machine.folder = SOURCES
    account = "library-desk"
    bench = Bench(machine, account, first.barcodes, first.passed[:items])
    machine.run(
        f"useradd --system --create-home --home-dir /var/lib/{account} --groups dialout,lp,video,input {account}"
    )
    machine.run("userdel rfid-station")
    machine.run(
        f"sed -i 's#=rfid-station#={account}#; s#/lib/rfid-station#/lib/{account}#' /etc/systemd/system/{UNIT}.service"
    )
    machine.run(f"systemctl daemon-reload && chown -R {account} /{BACKUPS}")
    values = {"FILE": f"/{BACKUPS}/*", "DIRECTORY": bench.data, "WHO": "operator --yes"}
    for text in lines(PAGES / "back-up.md", "Restore"):
        for name, value in values.items():
            text = text.replace(name, value)
        machine.run(f"STATION_DATA={bench.data} runuser -u {account} -- sh -c '{text}'")
    machine.run(f"{bench.station} catalog import {RECORDS}")
    machine.run(f"{bench.station} doctor")
    machine.run(f"systemctl start {UNIT}")
    bench.opened()
    bench.next_item()
    bench.check()
    machine.run(f"systemctl stop {UNIT}")
    if bench.kinds()[0] != "station-stopped":
        raise AssertionError(f"the unit stopped before the station: {bench.kinds()}")
    print(f"restored for another account on another machine: {len(bench.passed)} items passed, each delivered once")


def wheel(machine: Machine) -> None:
    """Install the wheel by each way of the page, ask it for its version and its pages, and remove it."""
    machine.boot(network=True)
    machine.folder = SOURCES
    machine.run("apt install pipx && pipx install uv")
    machine.run("/opt/rfid-station/.venv/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /var/tmp .")
    machine.run(f"station --data {SCRATCH} init --isil US-TxDa")
    in_root = "PATH=/root/.local/bin:$PATH;"
    removals = re.findall(r"`((?:pipx|uv tool) uninstall [^`]+)`", (PAGES / "uninstall.md").read_text())
    installs = [line for line in lines(PAGES / "install.md", "The program") if "WHEEL" in line]
    for install_line, check, removal in zip(installs, CHECKS, removals, strict=True):
        machine.run(f"{in_root} {install_line.replace('WHEEL', '/var/tmp/rfid_*.whl')}")
        machine.run(f"{in_root} {check}")
        machine.run(f"{in_root} bash -c 'eval \"$(_STATION_COMPLETE=bash_source station)\" && complete -p station'")
        answer = machine.run(f"{in_root} station --version && station --data {SCRATCH} doctor | grep 'OK *program'")
        print(f"{install_line}: {answer}", flush=True)
        machine.run(f"{in_root} {removal}")


def remove(machine: Machine, packages: set[str]) -> list[str]:
    """Remove the station by its page. Return the files that are left, without the data and those of `packages`."""
    machine.mount()
    machine.boot(network=True)
    machine.folder = "root"
    machine.run("systemctl disable --now unit-test-reader && rm /etc/systemd/system/unit-test-reader.service")
    print("uninstall.md:", flush=True)
    todo = filled(steps(PAGES / "uninstall.md", "The program"), REMOVE)
    for step in todo:
        follow(machine, step)
    machine.run("! grep rfid-station /etc/passwd /etc/shadow /etc/group /etc/gshadow")
    machine.power_off()
    data = "var/lib/rfid-station/"
    added = sorted(set(machine.added()) - packages)
    print(f"{len(todo)} commands; of the data {sum(path.startswith(data) for path in added)} files are left")
    return [path for path in added if not path.startswith((*OF_THE_SYSTEM, data))]


def main() -> int:
    if os.geteuid() != 0:
        print("unit-test: only root can boot a machine", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # switches the machine off
    start = time.monotonic()
    root = fresh_root(CACHE)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="run-") as folder:
        machine = Machine(f"bench-{os.getpid()}", Path(folder) / "bench", [root])
        other = Machine(f"other-{os.getpid()}", Path(folder) / "other", [machine.changes, root])
        try:
            machine.mount()
            subprocess.run(["git", "clone", "-q", "--depth=1", ROOT.as_uri(), str(machine.root / SOURCES)], check=True)
            bench, packages = install(machine)
            play(bench)
            machine.power_off()
            other.mount()
            restore(bench, other, len(bench.passed) - 1)
            other.power_off()
            other.mount()
            wheel(other)
            other.power_off()
            left = remove(machine, packages)
        except subprocess.CalledProcessError as error:
            print(f"{error}\n{error.output}", file=sys.stderr)
            return 1
        finally:
            other.remove()
            machine.remove()
    print(f"left besides the data: {', '.join(left) or 'nothing'}; {minutes(start)} in all")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
