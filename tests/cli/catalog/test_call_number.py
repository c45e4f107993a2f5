"""`station callnumber`: arguments and standard input, line by line; the output is safe for a terminal."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from station.base.errors import SettingsError
from tests.support import forked

NUMBERS = "QA76 .A25\nREF QA76.9 .A3 v.2\n\nB MOZA MF A20\nQA76 .A3\n"


def station(*args: str, typed: str | bytes = "") -> subprocess.CompletedProcess[str]:
    data = typed.encode() if isinstance(typed, str) else typed
    done = forked.run("callnumber", *args, input=data)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def test_sort_reads_lines_and_keeps_them_as_they_are() -> None:
    done = station("sort", "--scheme", "lc", typed="PZ7.M3 Zed\nPZ7.M3 Har\n  pz7.m3   har v.10\nPZ7.M3 Har v.2\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["PZ7.M3 Har", "PZ7.M3 Har v.2", "pz7.m3 har v.10", "PZ7.M3 Zed"]


def test_sort_unique() -> None:
    done = station("sort", "--unique", "QA76 .W35 F3", "QA76 .W35 xF3", "QA76 .A1")
    assert done.stdout.splitlines() == ["QA76 .A1", "QA76 .W35 F3"]


def test_parse_is_one_line_a_number() -> None:
    done = station("parse", typed=NUMBERS)
    assert [line.split("\t")[1] for line in done.stdout.splitlines()] == ["lc", "lc", "anscr", "lc"]
    first = json.loads(station("parse", "--json", "QA76 .A25").stdout)
    assert first == {
        "text": "QA76 .A25",
        "scheme": "lc",
        "pieces": [["class letters", "QA"], ["class number", "76"], ["cutter", ".A25"]],
        "remarks": [],
        "key": "lc$qa$276$a25",
    }


def test_explain_in_words() -> None:
    done = station("explain", "PZ7.M3567585 Bs 1999b c.2", "CD 1234")
    assert "Library of Congress" in done.stdout
    assert "cutter: .M3567585 (M, then the decimal 0.3567585)" in done.stdout
    assert "class letters: PZ (language and literature)" in done.stdout
    assert "a local number" in done.stdout
    told = json.loads(station("explain", "--json", "G4364 .L8:2G7").stdout)
    assert told["pieces"][2] == [
        "cutter",
        ".L8:2G7",
        "L, then the decimal 0.8; then a part of this place (2G7), behind all of the whole",
    ]


def test_sudoc_switches() -> None:
    numbers = ("Y 4.J 89/2:S.HRG.104-374", "Y 4.J 89/2:98/52", "Y 4.J 89/2:C 55/2")
    humboldt = station("sort", *numbers).stdout.splitlines()
    assert humboldt == ["Y 4.J 89/2:C 55/2", "Y 4.J 89/2:98/52", "Y 4.J 89/2:S.HRG.104-374"]
    letters = station("sort", "--senate", "letters", *numbers).stdout.splitlines()
    assert letters == ["Y 4.J 89/2:C 55/2", "Y 4.J 89/2:S.HRG.104-374", "Y 4.J 89/2:98/52"]
    numbers_first = station("sort", "--numbers-first", "--senate", "letters", *numbers).stdout.splitlines()
    assert numbers_first == ["Y 4.J 89/2:98/52", "Y 4.J 89/2:C 55/2", "Y 4.J 89/2:S.HRG.104-374"]
    years = station("sort", "--years-first", "CS 3.2:R 5/2", "CS 3.2:R 5/975").stdout.splitlines()
    assert years == ["CS 3.2:R 5/975", "CS 3.2:R 5/2"]
    assert station("sort", "CS 3.2:R 5/975", "CS 3.2:R 5/2").stdout.splitlines() == ["CS 3.2:R 5/2", "CS 3.2:R 5/975"]


def test_cutter() -> None:
    done = station("cutter", "Carter", "Cinelli")
    assert (done.returncode, done.stdout) == (0, "Carter\tC37\nCinelli\tC56\n")
    assert station("cutter", "--digits", "1", "Smith").stdout == "Smith\tS6\n"
    bad = station("cutter", "日本")
    assert bad.returncode == 1
    assert "no letter" in bad.stderr


def test_label_says_what_does_not_fit(tmp_path: Path) -> None:
    assert station("label", "QA76.9.D3 D38 2004").stdout == "QA | 76.9 | .D3 | D38 | 2004\n"
    tight = station("label", "641.5 Extraordinarily")
    assert (tight.returncode, tight.stdout) == (1, "641.5 | Extraordinarily\n")
    assert "15 characters, the label takes 10" in tight.stderr
    mine = tmp_path / "mine.toml"
    mine.write_text('name = "mine"\nletters_number = false\nwidth = 20\n[prefixes]\nREF = "REFERENCE"\n')
    done = station("label", "--template", str(mine), "--location", "ref", "--copy", "2", "QA76 .A25")
    assert done.stdout == "REFERENCE | QA76 | .A25 | c.2\n"
    hostile = station("label", "--copy", "9" * 5000, "--volume", "v.2\x1b[2J", "QA76 .A25")
    assert (hostile.returncode, hostile.stdout) == (0, "QA | 76 | .A25 | v.2 | [2J\n")


@pytest.mark.parametrize(
    ("text", "said"), [('name = "a"\nwidth = "x"\n', "line 2"), ('name = "a"\nwidth = [', "bad.toml")]
)
def test_a_wrong_template_is_refused(tmp_path: Path, text: str, said: str) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text(text)
    done = station("label", "--template", str(bad), "QA76")
    assert done.returncode == SettingsError.exit_code
    assert said in done.stderr
    assert station("label", "--template", "nobody", "QA76").returncode == done.returncode


def test_hostile_lines() -> None:
    long = b"Q" * 100_000 + b"\n"
    done = station("parse", typed=b"\x1b]52;c;AAAA\x07QA76 .A25\n\xff\xfe\x00\n" + long + "\u202eQA1\n".encode())
    assert done.returncode == 0, done.stderr
    assert all(char.isprintable() or char in "\n\t" for char in done.stdout)
    assert "\u202e" not in done.stdout
    assert len(done.stdout.splitlines()) == 4


def test_anscr_of_a_file(tmp_path: Path, shared: Path) -> None:
    opera = str(shared / "data/marc/loc_opera43_marcxml.xml")
    done = station("anscr", opera, "--record", "42")
    assert done.returncode == 0, done.stderr
    assert [line.strip() for line in done.stdout.splitlines()][:3] == [
        "record 42: Aïda",
        "B: 008/18-19 or 047 says operas (op): opera",
        "B VERD AID P10",
    ]
    made = json.loads(station("anscr", opera, "--record", "43", "--category", "b", "--json").stdout)
    assert (made["record"], made["categories"], made["numbers"][0][0]) == (
        43,
        [["B", "6XX says Operas -- Excerpts: opera"]],
        "B VERD VAI C23",
    )
    assert station("anscr", opera, "--record", "42", "--check", "B VERD AID P10").returncode == 0
    wrong = station("anscr", opera, "--record", "42", "--check", "B VERD AID P11")
    assert (wrong.returncode, "Term 4 ends with 11" in wrong.stdout) == (1, True)
    soft = station("anscr", opera, "--record", "42", "--check", "ES VERD AID P10")
    assert (soft.returncode, "perhaps: Term 1 (ES)" in soft.stdout) == (0, True)
    assert len(station("anscr", opera, "--json").stdout.splitlines()) == 17
    narrow = station("anscr", opera, "--record", "42", "--name-letters", "3", "--title-letters", "2", "--digits", "3")
    assert "  B VER AI P910" in narrow.stdout.splitlines()
    assert station("anscr", opera, "--category", "BB").returncode == 2
    junk = tmp_path / "junk.mrc"
    junk.write_bytes(b"this is no record")
    assert "neither ISO 2709" in station("anscr", str(junk)).stderr
    broken = tmp_path / "broken.mrc"
    broken.write_bytes(b"00100njm a2200049 a 4500\x1e\x1d")
    said = station("anscr", str(broken))
    assert (said.returncode, said.stderr.startswith("record 1:")) == (1, True)
