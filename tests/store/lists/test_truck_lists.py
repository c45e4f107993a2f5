"""Lists of trucks in files: which ones are offered, and what is read from them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from station.base.sentence import Sentence
from station.catalog.barcodes.list import LARGEST
from station.store.lists.truck_lists import TruckLists

LIST = b"# of today\nTRUCK-7\n31234000000016\n\n31234000000024\n"


def put(path: Path, data: bytes = LIST, at: int = 1_700_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (at, at))
    return path


def test_the_newest_list_stands_first_and_a_stick_is_looked_into(tmp_path: Path) -> None:
    own = put(tmp_path / "lists" / "old.txt", at=1_600_000_000)
    stick = put(tmp_path / "media" / "ann" / "STICK" / "Monday.CSV")
    lists = TruckLists((tmp_path / "lists", tmp_path / "media", tmp_path / "nowhere"))
    assert [(one.key, one.name) for one in lists.files()] == [(str(stick), "Monday.CSV"), (str(own), "old.txt")]
    assert lists.files()[0].at.startswith("2023-11-1")
    assert lists.read(str(stick)).lines == ("TRUCK-7", "31234000000016", "31234000000024")
    stick.unlink()
    gone = lists.read(str(stick))
    assert gone.lines == () and gone.refused == Sentence("release.file-gone", name="Monday.CSV")


def test_only_lists_in_the_folders_themselves_can_be_chosen(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    secret = put(tmp_path / "secret.txt")
    put(folder / ".hidden.txt")
    put(folder / "picture.png")
    put(folder / "one" / "two" / "three" / "too-deep.txt")
    (folder / "link.txt").symlink_to(secret)
    (folder / "linked").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.txt")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt"))).write_bytes(LIST)
    good = put(folder / "one" / "two" / "good.txt")
    lists = TruckLists((folder,))
    assert [one.key for one in lists.files()] == [str(good)]
    for key in (str(secret), str(folder / "link.txt"), str(folder / ".." / "secret.txt"), str(folder / "pipe.txt"), ""):
        assert lists.read(key).refused and not lists.read(key).lines, key


def test_names_are_shown_harmless(tmp_path: Path) -> None:
    put(tmp_path / ("[red]\x1b[31m\u202e" + "x" * 90 + ".txt"))
    (one,) = TruckLists((tmp_path,)).files()
    assert "\x1b" not in one.name and "\u202e" not in one.name and len(one.name) <= 60


@pytest.mark.parametrize("data", [b"\xff\xfe\xfd", b"31234000000016\n\xe4\n", b"\0" * 40, b"1\n" * LARGEST])
def test_what_is_no_list_is_refused_whole(tmp_path: Path, data: bytes) -> None:
    path = put(tmp_path / "a.txt", data)
    read = TruckLists((tmp_path,)).read(str(path))
    assert read.lines == () and read.refused == Sentence("release.file-no-list", name="a.txt")


def test_a_stick_full_of_other_things_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.store.lists.truck_lists._LOOKS", 5)
    monkeypatch.setattr("station.store.lists.truck_lists._MOST", 3)
    for number in range(9):
        put(tmp_path / f"{number}.txt")
    assert len(TruckLists((tmp_path,)).files()) == 3
    monkeypatch.setattr("station.store.lists.truck_lists._LOOKS", 2)
    assert len(TruckLists((tmp_path,)).files()) == 2
