"""The texts that the program shows, in English and Spanish: commands, snapshots of the bench, the journal.

`python -m tests.golden.said [ROOM ...]` records what has no recording yet. It refuses a text that differs from its recording and
is not named in `changes-said.toml`, and keeps the recorded one: the texts stay those of commit 8773a596.
"""

from __future__ import annotations

import contextlib
import fnmatch
import gzip
import json
import lzma
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pypdfium2
from click.testing import CliRunner, Result

from station.base import words
from station.base.text import clean
from station.cli import station
from station.cli.admin.settings_file import template
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.golden import answers, shifts
from tests.golden.constant import constant, folder, masked
from tests.golden.corpus import JOURNAL as OLD_JOURNAL
from tests.golden.leaves import Leaves, leaves, lines
from tests.stories.hostile.command_table import TABLE, Row
from tests.stories.hostile.hostile_place import Place
from tests.support import sample_events

FILE: Final = Path(__file__).parent / "said.json.xz"
CHANGES: Final = Path(__file__).parent / "changes-said.toml"
LANGUAGES: Final = ("en", "es")


@contextlib.contextmanager
def spoken(language: str) -> Iterator[None]:
    """Let faces that read no settings speak this language."""
    words.use(language)
    try:
        yield
    finally:
        words.use()


# --- commands -------------------------------------------------------------------------------------------------------


def name_of(row: Row, *, as_json: bool) -> str:
    """Return the name of a call: its words."""
    return f"{row.words} --json" if as_json else row.words


def outcome(result: Result, files: Path, root: Path, *, as_json: bool) -> Leaves:
    """Return exit code, outputs and files of a call."""
    found: Leaves = {"/exit": result.exit_code, **lines("/stderr", masked(result.stderr, root))}
    if as_json:
        values = [json.loads(line) for line in masked(result.stdout, root).splitlines()]
        found |= leaves(values[0] if len(values) == 1 else values, "/json")
    else:
        found |= lines("/stdout", masked(result.stdout, root))
    for path in sorted(files.rglob("*")):
        if path.is_file():
            found |= lines(f"/{path.name}", masked(_text_of(path), root))
    return found


def _text_of(path: Path) -> str:
    if path.suffix != ".pdf":
        return path.read_text(encoding="utf-8")
    document = pypdfium2.PdfDocument(path)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


class Calls:
    """The calls of the table of hostile text, of a station that speaks this language."""

    def __init__(self, root: Path, language: str) -> None:
        self._root = root
        self._place = Place(root, **{"screen.language": language})

    def outcome(self, row: Row, *, as_json: bool) -> Leaves:
        """Run a call."""
        result, files = self._place.call(row, as_json=as_json)
        return outcome(result, files, self._root, as_json=as_json)


CALLS: Final = {
    name_of(row, as_json=as_json): (row, as_json)
    for rows in TABLE.values()
    for row in rows
    for as_json in ((False, True) if row.json else (False,))
}


# --- the journal ----------------------------------------------------------------------------------------------------


def journals(language: str) -> dict[str, Leaves]:
    """Return what commands and screens show of a journal with one event of each kind, and of the recorded old one."""
    found: dict[str, Leaves] = {}
    for name in ("each kind", "old"):
        with constant(), folder() as root:
            data = root / "data"
            data.mkdir()
            settings = template(**{"library.isil": "US-TxDa", "screen.language": language})
            (data / "station.toml").write_text(settings, encoding="utf-8")
            if name == "old":
                (data / JOURNAL).write_bytes(gzip.decompress(OLD_JOURNAL.read_bytes()))
            store = open_store(data / JOURNAL, FakeClock())
            if name == "each kind":
                for event in sample_events.ONE_OF_EACH:
                    store.journal.record(event)
            store.close()
            for call in ("journal show --limit 500", "journal show --limit 500 --full"):
                for more in ([], ["--json"]):
                    result = CliRunner().invoke(station, ["--data", str(data), *call.split(), *more])
                    known = outcome(result, root / "none", root, as_json=bool(more))
                    found[" ".join([name, call, *more])] = known
            with spoken(language):
                queries = Queries(data / JOURNAL, FakeClock())
                for plain in (False, True):
                    page = queries.journal_page(limit=500, plain=plain)
                    found[f"{name} page{' plain' if plain else ''}"] = {
                        f"/{row.seq:03} {row.kind}": clean(words.tell(row.summary)) for row in page
                    }
                items = {getattr(row.event, "barcode", "") for row in queries.events()} - {""}
                for item in sorted(items):
                    found[f"{name} item {item}"] = leaves(queries.item_history(item))
    return found


# --- compare --------------------------------------------------------------------------------------------------------


@cache
def recorded() -> dict[str, dict[str, dict[str, Leaves]]]:
    """Return the leaves by room, name and language. The Spanish ones are those that differ from the English ones; null =
    there is no such leaf."""
    return json.loads(lzma.decompress(FILE.read_bytes())) if FILE.exists() else {}


def expected(room: str, name: str, language: str) -> Leaves | None:
    """Return the recorded leaves; None = not recorded."""
    languages = recorded().get(room, {}).get(name)
    if languages is None:
        return None
    together = {**languages["en"], **(languages["es"] if language == "es" else {})}
    return {path: leaf for path, leaf in together.items() if leaf is not None}


@cache
def changes() -> dict[str, Any]:
    return tomllib.loads(CHANGES.read_text(encoding="utf-8"))


def is_meant(room: str, name: str, path: str) -> bool:
    """Return whether changes-said.toml names this difference."""
    return any(fnmatch.fnmatchcase(f"{name}{path}", pattern) for pattern in changes().get(room, {}))


def with_its_passages(place: str, leaf: object) -> str:
    """Return a recorded leaf with the passages that are changed on purpose there."""
    text = str(leaf)
    for passage in changes()["passage"]:
        if fnmatch.fnmatchcase(place, passage["at"]):
            text = re.sub(passage["was"], passage["now"], text)
    return text


def with_insertions(source: str, then: Leaves) -> Leaves:
    """Return recorded leaves with the numbers that lines and members of lists have after those that came."""
    for entry in changes()["inserted"]:
        if fnmatch.fnmatchcase(source, entry["at"]):
            then = {_moved_path(path, entry["in"], entry["places"]): leaf for path, leaf in then.items()}
    return then


def _moved_path(path: str, beginning: str, places: list[int]) -> str:
    found = re.match(rf"{re.escape(beginning)}(\d+)", path)
    if found is None:
        return path
    return f"{beginning}{_moved(int(found[1]), places):0{len(found[1])}}{path[found.end() :]}"


def _moved(number: int, inserted: list[int]) -> int:
    for place in inserted:
        number += place <= number
    return number


def is_inserted(source: str, path: str) -> bool:
    """Return whether this leaf belongs to a line, or a member of a list, that is not in the recording."""
    return any(
        fnmatch.fnmatchcase(source, entry["at"])
        and any(re.match(rf"{re.escape(entry['in'])}0*{place}(?!\d)", path) for place in entry["places"])
        for entry in changes()["inserted"]
    )


def differs_by_events(source: str, then: object, now: object) -> bool:
    """Return whether only numbers of events differ, by the events that came before them."""
    old, new = (re.split(r"( *\d+ *)", str(leaf)) for leaf in (then, now))
    return old[::2] == new[::2] and any(
        all(
            after == before or int(after) == _moved(int(before), entry["events"])
            for before, after in zip(old[1::2], new[1::2], strict=True)
        )
        for entry in changes()["renumbered"]
        if any(fnmatch.fnmatchcase(source, at) for at in entry["at"])
    )


_OF_A_CUT: Final = (
    (re.compile(r"\b999\d\d\b"), "{calls left}"),
    (re.compile(r"peer closed connection without .*|Server disconnected without .*"), "{connection cut}"),
)
"""What depends on the moment in which the emulated Alma cuts a connection: whether it counts the call, and how much of the
answer arrived."""


def _compared(leaf: object) -> object:
    """Return what is compared of a leaf: of a number nine digits, because scipy and Python round differently."""
    if isinstance(leaf, float):
        return f"{leaf:.9g}"
    if isinstance(leaf, str):
        for pattern, name in _OF_A_CUT:
            leaf = pattern.sub(name, leaf)
    return leaf


def differences(room: str, name: str, language: str, now: Leaves) -> list[str]:
    """Return each leaf that differs from its recording and is not named in changes-said.toml, with both texts. Something
    that was never recorded has no difference."""
    then = expected(room, name, language)
    if then is None:
        return []
    then = with_insertions(f"{room}: {name}", then)
    return [
        f"{language} {room}: {name}{path}\n  recorded: {then.get(path, '-')!r}\n  now:      {now.get(path, '-')!r}"
        for path in (*then, *(path for path in now if path not in then))
        if _compared(then.get(path)) != _compared(now.get(path))
        and not is_meant(room, name, path)
        and not is_inserted(f"{room}: {name}", path)
        and not differs_by_events(f"{room}: {name}", then.get(path), now.get(path))
        and with_its_passages(f"{room}: {name}{path}", then.get(path)) != str(now.get(path))
    ]


def has_spanish(call: str) -> bool:
    """Return whether a call showed other texts in Spanish than in English, or was never recorded."""
    languages = recorded()["calls"].get(call)
    return languages is None or bool(languages["es"])


def missing(room: str, beginning: str, present: Iterable[str]) -> list[str]:
    """Return the recorded names with this beginning that are not present and not named in changes-said.toml."""
    names = (name for name in recorded().get(room, {}) if name.startswith(beginning))
    return sorted(name for name in set(names) - set(present) if not is_meant(room, name, ""))


# --- record ---------------------------------------------------------------------------------------------------------


def calls(language: str) -> dict[str, Leaves]:
    """Return the outcome of each call."""
    with folder() as root:
        made = Calls(root, language)
        return {name: made.outcome(row, as_json=as_json) for name, (row, as_json) in CALLS.items()}


def bench(language: str) -> dict[str, Leaves]:
    """Return the recordings of all shifts at the bench."""
    with spoken(language):
        return {act: known for name in shifts.SHIFTS for act, known in shifts.recording(name).items()}


def rules(language: str) -> dict[str, Leaves]:
    """Return what the rules of quality say."""
    with spoken(language):
        return answers.rules()


def systems(language: str) -> dict[str, Leaves]:
    """Return what the adapters of library systems say."""
    with spoken(language):
        return answers.systems()


ROOMS: Final = {"calls": calls, "bench": bench, "journal": journals, "rules": rules, "systems": systems}


def record(room: str) -> list[str]:
    """Record what has no recording in this room. Return the differences that are not named."""
    kept = recorded().setdefault(room, {})
    made = {language: ROOMS[room](language) for language in LANGUAGES}
    for name in made["en"]:
        if name not in kept:
            english, spanish = made["en"][name], made["es"][name]
            paths = [path for path in {**english, **spanish} if english.get(path) != spanish.get(path)]
            kept[name] = {"en": english, "es": {path: spanish.get(path) for path in paths}}
    return [
        line
        for language, named in made.items()
        for name, now in named.items()
        for line in differences(room, name, language, now)
    ]


def main() -> None:
    """Record the rooms that the command names, or all."""
    wrong = [line for room in sys.argv[1:] or ROOMS for line in record(room)]
    if wrong:
        raise SystemExit("\n".join([*wrong, f"{len(wrong)} differences: name them in {CHANGES.name}"]))
    FILE.write_bytes(lzma.compress(json.dumps(recorded(), indent=0, sort_keys=True).encode()))


if __name__ == "__main__":
    main()
