"""A Debian machine: systemd, booted by systemd-nspawn in a folder over a fresh Debian root."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

DEBIAN: Final = "trixie"
CERTIFICATES: Final = "etc/unit-test-certificates.crt"
"""Copy of this machine's certificate authorities in the root, for pip and uv."""
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_REBOOT: Final = 133
"""Exit code of systemd-nspawn --keep-unit when the machine restarts."""
_PATIENCE_S: Final = 180.0


def fresh_root(cache: Path) -> Path:
    """Return the root of a fresh Debian; make it if `cache` has none."""
    root = cache / f"debian-{DEBIAN}"
    if not root.exists():
        new = cache / f"debian-{DEBIAN}.new"
        if new.exists():
            shutil.rmtree(new)
        cache.mkdir(parents=True, exist_ok=True)
        packages = "systemd-sysv,dbus,libpam-systemd,udev"
        subprocess.run(["mmdebstrap", "--variant=important", f"--include={packages}", DEBIAN, str(new)], check=True)
        (new / "etc/apt/apt.conf.d/90unit-test").write_text('APT::Get::Assume-Yes "true";\n')
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", new / CERTIFICATES)
        new.rename(root)
    return root


class Machine:
    """A machine whose disk is `below` with what changed in `folder`/changes. It survives a restart."""

    def __init__(self, name: str, folder: Path, below: Sequence[Path]) -> None:
        self.name = name
        self.folder = ""
        """Where commands run, from the root of the disk."""
        self.below = below
        self.changes = folder / "changes"
        self.root = folder / "root"
        self.console = folder / "console.txt"
        self._work = folder / "work"
        self._process: subprocess.Popen[bytes] | None = None
        self._init = 0

    def mount(self) -> None:
        """Lay the changes over the disk below."""
        for path in (self.changes, self.root, self._work):
            path.mkdir(parents=True, exist_ok=True)
        lower = ":".join(str(path) for path in self.below)
        options = f"lowerdir={lower},upperdir={self.changes},workdir={self._work}"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, str(self.root)], check=True)

    def boot(self, *, network: bool) -> None:
        """Start systemd, and wait until all units have started. Raises `TimeoutError`."""
        command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", f"--machine={self.name}", "--boot"]
        command += ["--resolv-conf=replace-host"] if network else ["--private-network"]
        # Without this variable, systemd 257 refuses to boot on control groups of version 1.
        environment = {**os.environ, "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE": "1"}
        with self.console.open("ab") as console:
            self._process = subprocess.Popen(
                [*command, f"--directory={self.root}"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=environment,
            )
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline and self._process.poll() is None:
            time.sleep(0.2)
            self._init = int((children.read_text().split() or ["0"])[0])
            if self._init and self.run("systemctl is-system-running --wait", check=False) in ("running", "degraded"):
                return
        raise TimeoutError(f"systemd did not start; see {self.console}")

    def run(self, command: str, *, check: bool = True) -> str:
        """Run a shell command as root, and return what it printed. Raises `subprocess.CalledProcessError`."""
        environment = {"PATH": _PATH, "HOME": "/root", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        environment |= {name: os.environ[name] for name in ("PIP_INDEX_URL", "PIP_TRUSTED_HOST") if name in os.environ}
        environment |= dict.fromkeys(("PIP_CERT", "SSL_CERT_FILE"), f"/{CERTIFICATES}")
        enter = ["nsenter", f"--target={self._init}", "--all", "--root", f"--wdns=/{self.folder}"]
        done = subprocess.run(
            [*enter, "sh", "-c", command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        printed = done.stdout.decode(errors="replace").strip()
        if check and done.returncode:
            raise subprocess.CalledProcessError(done.returncode, command, printed)
        return printed

    def until(self, command: str, expected: str) -> None:
        """Run `command` until it prints `expected`. Raises `TimeoutError`."""
        deadline = time.monotonic() + _PATIENCE_S
        while (printed := self.run(command, check=False)) != expected:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{command}: {printed!r}, not {expected!r}")
            time.sleep(0.5)

    def restart(self) -> None:
        """Restart the machine, without network."""
        assert self._process is not None
        self.run("systemctl reboot", check=False)
        if self._process.wait(_PATIENCE_S) != _REBOOT:
            raise RuntimeError(f"the machine did not restart; see {self.console}")
        self.boot(network=False)

    def power_off(self) -> None:
        """Switch the machine off, and take its disk off. What changed stays in `changes`."""
        if self._process is not None and self._process.poll() is None:
            self.run("systemctl poweroff", check=False)
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self.root.is_mount():
            subprocess.run(["umount", str(self.root)], check=True)

    def remove(self) -> None:
        """Switch the machine off, and remove its disk."""
        self.power_off()
        shutil.rmtree(self.root.parent, ignore_errors=True)

    def added(self) -> Iterator[str]:
        """Yield each file that the disk below does not have."""
        for folder, _, names in os.walk(self.changes):
            for name in names:
                path = Path(folder, name)
                place = path.relative_to(self.changes)
                removed = path.is_char_device()
                if not removed and not any(
                    (root / place).is_symlink() or (root / place).exists() for root in self.below
                ):
                    yield str(place)
