"""The same texts on every machine: fixed dates, ids and findings about the machine, and masks for the rest."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from unittest import mock

from station.base.clock import SystemClock
from tests.conftest import ROOT

DAY: Final = date(2026, 12, 1)
FREE: Final = mock.Mock(free=71_400_000_000)
SQLITE: Final = (3, 46, 1)
MASKS: Final = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "{digest}"),
    (re.compile(r"\b(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\b"), "{digest}"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:{port}"),
    (re.compile(r"(?<=journal )[0-9a-f]{16}\b"), "{journal}"),
    (re.compile(r"(?<=diario )[0-9a-f]{16}\b"), "{journal}"),
    (re.compile(r'(?<="journal_id": ")[0-9a-f]{16}'), "{journal}"),
    (re.compile(r"(?<=local CA )[0-9a-f]{8}"), "{name}"),
    (re.compile(r'(?<="not_before": ")[^"]+|(?<="not_after": ")[^"]+'), "{time}"),
    (re.compile(re.escape(str(ROOT))), "{station}"),
)


@contextlib.contextmanager
def constant() -> Iterator[None]:
    """Fix the date, the time zone, the ids that the program makes, and what the doctor finds on the machine."""
    numbers = itertools.count(1)
    zone = os.environ.get("TZ")
    with contextlib.ExitStack() as stack:
        for owner, name, value in (
            (SystemClock, "now", lambda _: f"{DAY}T09:00:00.000000+00:00"),
            (SystemClock, "day", lambda _, ahead=0: (DAY + timedelta(days=ahead)).isoformat()),
            (secrets, "token_hex", lambda size=32: f"{next(numbers):0{2 * size}x}"),
            (uuid, "uuid4", lambda: uuid.UUID(int=next(numbers))),
            (shutil, "disk_usage", lambda _: FREE),
            (shutil, "which", lambda *_, **__: None),
            (sqlite3, "sqlite_version", ".".join(map(str, SQLITE))),
            (sqlite3, "sqlite_version_info", SQLITE),
        ):
            stack.enter_context(mock.patch.object(owner, name, value))
        try:
            os.environ["TZ"] = "UTC"
            time.tzset()
            yield
        finally:
            os.environ.pop("TZ") if zone is None else os.environ.update(TZ=zone)
            time.tzset()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Make a folder whose path has the same length everywhere, because texts with it are wrapped to a width."""
    with tempfile.TemporaryDirectory(prefix="st", dir="/tmp") as name:
        yield Path(name)


def masked(text: str, root: Path) -> str:
    """Return the text without the path of the folder, digests and ports."""
    text = re.sub(rf"{root}/(data|out)\d+", r"{\1}", text).replace(str(root), "{root}")
    for pattern, name in MASKS:
        text = pattern.sub(name, text)
    return text
