"""A place for the calls of the table of hostile text: hostile files and a hostile data directory."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Final

from click.testing import CliRunner, Result

from station.cli import station
from station.domain.events import CopyCounted
from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.golden.constant import constant
from tests.stories.hostile.command_table import Row
from tests.stories.hostile.hostile_directory import bench, tag_dump, tag_title
from tests.stories.hostile.hostile_station import reading, running
from tests.support.hostile_text import MARK
from tests.support.hostile_values import STORABLE, Dealer

EVIL: Final = MARK + " " + " ".join(text.replace("\0", "") for text in STORABLE)
"""The corpus in one argument; an argument cannot hold NUL."""
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Characters with which a cell must not begin (OWASP, "CSV Injection")."""


class Place:
    """The hostile files, and a copy of the data directory for each call that changes it. `settings`: further settings, by
    dotted name."""

    def __init__(self, root: Path, **settings: object) -> None:
        self.root, self.made = root, root / "made"
        self.made.mkdir(0o700)
        with constant():
            bench(self.made, Dealer(), **settings)
        files = root / "files"
        files.mkdir()
        self._given = self._files(files)
        self._count = 0
        self._unchanged: Path | None = None

    def _files(self, files: Path) -> dict[str, str]:
        one_line = [text.replace("\n", " ").replace("\r", " ") for text in STORABLE]
        packed = [" ".join(one_line[at : at + 8]) for at in range(0, len(one_line), 8)]  # each line is looked up
        self.lines = "\n".join(["31999000000014", "31999000000022", MARK, *FORMULAS, *packed])
        (files / "list.txt").write_text(self.lines, encoding="utf-8", newline="")
        (files / "list.csv").write_text(
            f'line,barcode,title,Qty\n1,31999000000014,"{EVIL.replace(chr(34), "")}",1\n', encoding="utf-8", newline=""
        )
        line = {"line": "1", "barcode": "31999000000014", "title": EVIL[:250]}
        (files / "list.json").write_text(json.dumps({"name": EVIL[:50], "lines": [line]}), encoding="utf-8")
        escaped = "".join(f"?{char}" if char in ":+?'" else char for char in EVIL[:250])
        (files / "list.edi").write_text(
            f"UNB+UNOC:3+{escaped}+B+261130:0825+1'UNH+1+INVOIC:D:96A:UN'BGM+380+7'DTM+137:20261130:102'"
            f"LIN+1++9780262033848:EN'IMD+L+050+:::{escaped}'QTY+47:1'UNT+7+1'UNZ+1+1'",
            encoding="utf-8",
            newline="",
        )
        (files / "rules.toml").write_text(f"[[rule]]\nid = {json.dumps(EVIL[:300])}\n", encoding="utf-8")
        named = os.fsencode(files) + b"/[red]E \x1b]0;x\x07\xff\xe2\x80\xae\n.csv"
        shutil.copy(files / "list.csv", named)
        (files / "vendors.toml").write_text(
            f'[[vendor]]\nid = "new"\nname = {json.dumps(EVIL[:60])}\nnames = [{json.dumps(EVIL[:90])}]\n',
            encoding="utf-8",
        )
        (files / "plan.toml").write_text(
            f"[[codes]]\naccount = {json.dumps(EVIL[:90])}\ntitle = {json.dumps(EVIL[:90])}\n"
            f'[[rules]]\nid = "any"\nmaterial = {json.dumps(EVIL[:90])}\nshares = [{{account = {json.dumps(EVIL[:90])}}}]\n',
            encoding="utf-8",
        )
        queries = Queries(self.made / JOURNAL, FakeClock())
        row = queries.outbox_page()[0]
        difference = queries.differences()[0]
        return {
            "evil": EVIL,
            "dump": tag_dump(f"{MARK}\x1b]0;x\x07\u202e"),
            "title": tag_title(f"{MARK}\x1b]0;x\x07\u202e"),
            "list": str(files / "list.txt"),
            "csv": str(files / "list.csv"),
            "json": str(files / "list.json"),
            "edi": str(files / "list.edi"),
            "mrc": str(self.made / "books.mrc"),
            "rules": str(files / "rules.toml"),
            "bytes": os.fsdecode(named),
            "delivery": row.id,
            "vendors": str(files / "vendors.toml"),
            "plan": str(files / "plan.toml"),
            "difference": difference.id,
            "shipment": queries.shipments(everything=True)[0].id,
            "count": next(str(logged.seq) for logged in queries.events() if isinstance(logged.event, CopyCounted)),
        }

    def name(self, **texts: str) -> None:
        """Let the words of rows have these names."""
        self._given |= texts

    def call(self, row: Row, *, as_json: bool) -> tuple[Result, Path]:
        """Run a row. Return the answer and the folder of its files."""
        self._count += 1
        data, out = self._unchanged or self.root / f"data{self._count:03}", self.root / f"out{self._count:03}"
        if self._unchanged is None:
            shutil.copytree(self.made, data)
        before = files_of(data)
        out.mkdir()
        given = {**self._given, "data": str(data), "out": str(out)}
        words = [word.format(**given) for word in row.words.split()]
        lines = row.stdin.format(lines=self.lines, evil=EVIL).encode("utf-8") if row.stdin else b""
        words = ["--data", str(data), *words, *(["--json"] if as_json else [])]
        with constant(), running(data) if row.live else reading() if row.reader else contextlib.nullcontext():
            result = CliRunner().invoke(station, words, input=lines)
        if (data / "labels").is_dir():
            shutil.copytree(data / "labels", out, dirs_exist_ok=True)
        self._unchanged = data if files_of(data) == before else None
        if self._unchanged is None:
            shutil.rmtree(data)
        return result, out


def files_of(data: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of each file and folder, except those that SQLite makes to read."""
    found = {str(path): path.lstat() for path in data.rglob("*") if not path.name.endswith("-shm")}
    made = {path for path, status in found.items() if path.endswith("-wal") and not status.st_size}
    return {path: (one.st_size, one.st_mtime_ns) for path, one in found.items() if path not in made}
