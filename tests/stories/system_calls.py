"""Analyzes a system-call trace (strace -f -tt -y -xx): did the journal reach the disk before the first write to the
tag?

For each tag, the journal's `tag-write-started` goes to journal.db-wal by pwrite64. Then fdatasync (or fsync) of that
file must have *returned*. Only then may a frame that writes to this tag (FEIG [B0] with 24 Write Multiple Blocks, 27
Write AFI or 29 Write DSFID, addressed: mode 01, then the UID) be passed to the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from station.domain.tag_image import NOBODY

COMMAND = ("strace", "-f", "-tt", "-y", "-xx", "-s", "16384", "-e", "trace=fdatasync,fsync,write,pwrite64,openat")
WRITES = (0x24, 0x27, 0x29)
JOURNAL = "journal.db-wal"

_LINE = re.compile(r"(?P<pid>\d+) +(?P<at>\d\d:\d\d:\d\d\.\d+) (?P<rest>.*)")
_RESUMED = re.compile(r"<\.\.\. (?P<name>\w+) resumed>(?P<tail>.*)")
_CALL = re.compile(r'(?P<name>\w+)\(\d+<(?P<path>[^>]*)>(?:, "(?P<data>[^"]*)")?')
_STARTED = re.compile(rb'"kind":"tag-write-started","new":\{[^{}]*"uid":"([0-9A-F]{16})"')


@dataclass
class Call:
    """One call: numbers of the lines where it began and returned (-1: not seen)."""

    name: str
    path: str
    data: bytes
    began: int
    returned: int = -1


@dataclass
class Verdict:
    """The result of a trace. `first_write` and `safe_from` are line numbers by UID."""

    first_write: dict[str, int] = field(default_factory=dict)
    safe_from: dict[str, int] = field(default_factory=dict)
    frames: int = 0
    syncs: int = 0

    @property
    def too_early(self) -> list[str]:
        """Return the tags whose first write was sent before the journal's sync had returned."""
        return [uid for uid, at in self.first_write.items() if not 0 <= self.safe_from.get(uid, -1) < at]


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """Yield calls on files in the order of their returns. A call that never returned is left out."""
    open_calls: dict[str, Call] = {}
    for number, line in enumerate(lines):
        match = _LINE.match(line)
        if match is None:
            continue
        pid, rest = match["pid"], match["rest"]
        if (resumed := _RESUMED.match(rest)) is not None:
            call = open_calls.pop(pid, None)
            if call is not None and _good(resumed["tail"]):
                call.returned = number
                yield call
            continue
        found = _CALL.match(rest)
        if found is None:
            continue
        call = Call(found["name"], _bytes(found["path"]).decode(), _bytes(found["data"] or ""), number)
        if rest.rstrip().endswith("<unfinished ...>"):
            open_calls[pid] = call
        elif _good(rest):
            call.returned = number
            yield call


def _good(text: str) -> bool:
    """Return whether the call succeeded, from the text after the last "= "."""
    return not text.rpartition("= ")[2].startswith(("-", "?"))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", "")) if text.startswith("\\x") else text.encode()


def written_uid(data: bytes) -> str | None:
    """Return the UID to which these bytes write if they are a standard FEIG request; otherwise None. A question with the
    UID of no tag writes nothing."""
    if len(data) >= 15 and data[0] == len(data) and data[2] == 0xB0 and data[3] in WRITES and data[4] & 0x07 == 1:
        uid = data[5:13].hex().upper()
        return None if uid == NOBODY else uid
    return None


def judge(lines: Iterable[str]) -> Verdict:
    """Analyze a trace. A sync covers only data whose write to the log was complete before the sync began."""
    verdict = Verdict()
    logged: dict[str, int] = {}
    for call in calls(lines):
        if call.path.endswith(JOURNAL) and call.name == "pwrite64":
            for uid in _STARTED.findall(call.data):
                logged.setdefault(uid.decode(), call.returned)
        elif call.path.endswith(JOURNAL) and call.name in ("fdatasync", "fsync"):
            verdict.syncs += 1
            for uid, at in logged.items():
                if at < call.began:
                    verdict.safe_from.setdefault(uid, call.returned)
        elif call.path.startswith("/dev/pts/") and call.name == "write":
            uid = written_uid(call.data)
            if uid is not None:
                verdict.frames += 1
                verdict.first_write.setdefault(uid, call.began)
    return verdict
