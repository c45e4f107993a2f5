"""A disk in memory that loses power: an apsw VFS that logs every write and sync, and images of what a cut may leave.

Model (docs/reference/safety.md#power-loss): what was synced is durable; of what was not, each 512-byte sector reaches
the medium with p = 0.45 (in any of its unsynced versions), is garbage with p = 0.10, and is as it was otherwise. A
truncation that was not synced happened or not. Sectors are not powersafe: garbage hits all 512 bytes (the writer runs
with psow=0).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import apsw

SECTOR = 512
SURVIVES, GARBAGE = 0.45, 0.10


class DiskError(Exception):
    """Raised inside the VFS where a fault was ordered."""


@dataclass
class Disk:
    """Files by name, the log of what was done to them, and faults to come."""

    files: dict[str, bytearray] = field(default_factory=dict)
    log: list[tuple[object, ...]] = field(default_factory=list)
    logging: bool = True
    fail_at: int = 0
    """The n-th operation from now fails (1 = the next); 0 = none."""
    fail_with: type[Exception] = apsw.IOError
    stays: bool = False
    """The fault stays until it is lifted (a full disk) or passes."""
    broken: bool = False
    operations: int = 0

    def note(self, *operation: object) -> None:
        if self.logging:
            self.log.append(operation)

    def step(self) -> None:
        self.operations += 1
        if self.broken:
            raise self.fail_with()
        if self.fail_at:
            self.fail_at -= 1
            if self.fail_at == 0:
                self.broken = self.stays
                raise self.fail_with()


class DiskFile:
    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self._name = name

    @property
    def _data(self) -> bytearray:
        return self._disk.files[self._name]

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._data[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        self._disk.step()
        if len(self._data) < offset:
            self._data.extend(bytes(offset - len(self._data)))
        self._data[offset : offset + len(data)] = data
        self._disk.note("write", self._name, offset, bytes(data))

    def xTruncate(self, size: int) -> None:
        self._disk.step()
        del self._data[size:]
        self._disk.note("truncate", self._name, size)

    def xSync(self, flags: int) -> None:
        self._disk.step()
        self._disk.note("sync", self._name)

    def xFileSize(self) -> int:
        return len(self._data)

    def xClose(self) -> None:
        pass

    def xLock(self, level: int) -> None:
        pass

    def xUnlock(self, level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, pointer: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return SECTOR

    def xDeviceCharacteristics(self) -> int:
        return 0


class DiskVFS(apsw.VFS):
    """Registered under `name` as long as the object lives."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name, flags):  # type: ignore[no-untyped-def]
        file = name.filename() if isinstance(name, apsw.URIFilename) else (name or "temporary")
        if file not in self.disk.files:
            self.disk.step()
            self.disk.files[file] = bytearray()
            self.disk.note("create", file)
        return DiskFile(self.disk, file)

    def xDelete(self, name: str, syncdir: bool) -> None:
        self.disk.files.pop(name, None)
        self.disk.note("delete", name)

    def xAccess(self, name: str, flags: int) -> bool:
        return name in self.disk.files

    def xFullPathname(self, name: str) -> str:
        return name


@dataclass
class _Medium:
    """One file as it is on the medium and as the program believes it to be."""

    durable: bytearray = field(default_factory=bytearray)
    current: bytearray = field(default_factory=bytearray)
    versions: dict[int, list[bytes]] = field(default_factory=dict)
    truncations: list[int] = field(default_factory=list)

    def write(self, offset: int, data: bytes) -> None:
        if len(self.current) < offset:
            self.current.extend(bytes(offset - len(self.current)))
        self.current[offset : offset + len(data)] = data
        for sector in range(offset // SECTOR, (offset + len(data) - 1) // SECTOR + 1):
            content = bytes(self.current[sector * SECTOR : (sector + 1) * SECTOR])
            self.versions.setdefault(sector, []).append(content)

    def truncate(self, size: int) -> None:
        del self.current[size:]
        self.truncations.append(size)

    def sync(self) -> None:
        self.durable = bytearray(self.current)
        self.versions.clear()
        self.truncations.clear()

    def after_cut(self, rng: random.Random) -> bytearray:
        left = bytearray(self.durable)
        for size in self.truncations:
            if rng.random() < 0.5:
                del left[size:]
        for sector, versions in self.versions.items():
            chance = rng.random()
            if chance >= SURVIVES + GARBAGE:
                continue
            content = rng.choice(versions) if chance < SURVIVES else rng.randbytes(SECTOR)
            start = sector * SECTOR
            if len(left) < start:
                left.extend(bytes(start - len(left)))
            left[start : start + len(content)] = content
        return left


@dataclass(frozen=True)
class Image:
    files: dict[str, bytearray]
    acked: int
    """Index of the last acknowledgement before the cut, -1 for none."""


def images(log: list[tuple[object, ...]], points: list[int], each: int, rng: random.Random) -> Iterator[Image]:
    """`each` images for every crash point: the power goes before operation number `point` of the log."""
    media: dict[str, _Medium] = {}
    acked, wanted = -1, set(points)
    for number, operation in enumerate(log):
        if number in wanted:
            for _ in range(each):
                yield Image({name: medium.after_cut(rng) for name, medium in media.items()}, acked)
        match operation:
            case ("ack", int(which)):
                acked = which
            case ("create", str(name)):
                media[name] = _Medium()
            case ("delete", str(name)):
                media.pop(name, None)
            case ("write", str(name), int(offset), bytes(data)):
                media[name].write(offset, data)
            case ("truncate", str(name), int(size)):
                media[name].truncate(size)
            case ("sync", str(name)):
                media[name].sync()
