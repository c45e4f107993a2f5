"""Every workflow of the menu, a short run of each, by scan and tap on a real terminal; pictures of each act are kept.

`RUNS` has a row for every entry of the menu; a new entry without a row fails. All runs use one demo, so that each
workflow works on the results of those before it (a written tag, an item with its verdict). `make walks` and the soak
run them; `make test` runs only the plain walk of tests/stories/test_first_day.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from station.base.words import tell
from station.demo.staff import STAFF
from station.demo.stage import CARTON
from station.tui.pages.menu import ENTRIES
from tests.stories.phrases import Phrases
from tests.stories.walk import Step, Walk
from tests.support import station_process

FIRST, SECOND, SET, FOREIGN, LEGACY = (f"31999000000{number}" for number in ("014", "022", "139", "063", "212"))
ENGINES = CARTON.lines[-1]
PIN = next(pin for login, _, _, pin, _ in STAFF if login == "tess")
ANN = next(pin for login, _, _, pin, _ in STAFF if login == "ann")
FIFTEEN = ", ".join(["F2"] * 15)
READY = '"Scan a barcode" or "Scan the next barcode"'[1:-1]


def rows(*pairs: str) -> list[Step]:
    """Parse rows of the form: text on the screen | act."""
    found = []
    for pair in pairs:
        says, act = pair.split(" | ")
        found.append(Step(tuple(says.split("; ")), act))
    return found


def chosen(key: str) -> list[Step]:
    """Return the rows that open the menu and tap the workflow's button."""
    opened = '"What would you like to do?" or "Your item waits"'[1:-1]
    return rows("Menu | Tap `Menu`", f"{opened} | Tap `{tell(f'menu.{key}')}`")


RUNS: dict[str, list[Step]] = {
    "process": rows(
        f"{READY}; On the pad; Today | Scan `{FIRST}`",
        "Put the item on the pad; Will be written | Put it on the pad (F4)",
        "Compare the item with this page; spine label; wrong > | Pass every check",
        "PASS; Take it off the pad | Look at the verdict",
    ),
    "search": rows(
        "Type title, author, call number or ISBN | Type `atlas shad`",
        "Tap the item that is in your hand; Umbra, Celeste | Tap `Close`",
    ),
    "undo": rows("Yes, undo it; No, leave it | Tap `No, leave it`"),
    "inspect": rows(
        f"our tag of {FIRST} | Tap `Bytes`",
        "No block is locked | Tap `Doctor`",
        "Overview | Tap `History`",
        f"{FIRST}; Undo tag write | Tap `Undo tag write`",
        "Yes, undo it; No, leave it | Tap `Yes, undo it`",
        'blank tag" or "undone; Take it off" or "Go on | Take it off the pad (F6)',
        "Put an item on the pad, or scan a barcode | Take the next item (F2)",
    ),
    "convert": rows(
        f"0 done; Scan a barcode and put the item on the pad | Scan `{SECOND}`",
        "Put the item on the pad | Put it on the pad (F4)",
        "one done; Take it off the pad | Take it off the pad (F6)",
        "stack 1 of 8 | Tap `Verify stack`",
        "Put the stack on the pad: one item | Put it on the pad (F4)",
        "It is right. Take it off the pad; right | Take it off the pad (F6)",
        "stack 0 of 8; one done | Tap `End session`",
    ),
    "receive": rows(
        f"Scan the carton label; INV-2026-2 | Scan `{CARTON.cartons[0]}`",
        f"Scan the next copy; {ENGINES.title} | Scan `{ENGINES.numbers[0]}`",
        f"Matched; {ENGINES.title} | Tap `Something is wrong`",
        "It is damaged; Send it back | Tap `It is damaged`",
        f"Damaged; {ENGINES.title} | Tap `Carton is counted`",
        "4 copies are short. Is another carton to come? | Tap `No, that is all`",
        "Closed: one copy counted | Look at the screen",
    ),
    "release": rows(
        f"Scan the items of the truck | Scan `{SECOND}`",
        f'{SECOND}; Scan" or "right | Scan `{FIRST}`',
        f"1 of 2 can go; not right; {FIRST} | Tap `Release`",
        "Released; may leave | Tap `New list`",
    ),
    "pack": rows(
        f"Scan a box label or an item, or tap a box | Scan `{SECOND}`",
        "It is for Main Library. Tap its box | Tap `Box for Main Library`",
        "Put it on the pad | Put it on the pad (F4)",
        "Put it in; one item | Tap `Close the box`",
        "Closed. Stick its label on. Put its packing slip in; Print again | Tap `Next box`",
        "Scan a box label or an item, or tap a box | Take it off the pad (F6)",
    ),
    "erase": rows(
        "Put the one tag to erase on the pad | Put it on the pad (F4)",
        f"{SECOND}; Leave it as it is; tap Erase it | Tap `Erase it`",
        f"To erase this tag, scan the barcode of | Scan `{SECOND}`",
        "Erased. Take it off | Take it off the pad (F6)",
    ),
    "migrate": rows(
        f"Put the one tag to update on the pad | Put one of an older model on the pad (F6, {FIFTEEN}, F4)",
        f"{LEGACY}; kept 3; Update tag; Leave it as it is | Tap `Update tag`",
        f"To update this tag, scan the barcode of | Scan `{LEGACY}`",
        "Updated and read back. Take it off the pad | Take it off the pad (F6)",
    ),
    "sets": rows(
        f"Scan the set's barcode | Scan `{SET}`",
        "Missing: 1, 2; a new tag becomes part 1 of 2; Put the parts on the pad | Put part 1 on the pad ("
        "F2, F2, F2, F2, F2, F2, F2, F2, F2, F2, F4)",
        'Missing: 2; Put" or "put | Take the next part (F6, F2)',
        'Missing: 2; Put" or "put | Put it on the pad (F4)',
        "2 of 2 seen; How many pieces have no tag | Tap `None without tag`",
        "Complete: 2 parts. Scan the next set | Take it off the pad (F6)",
    ),
    "to-fix": rows(
        "To fix; 1 open | Tap `Technical Services`",
        "a line is missing; Take it | Tap `✓ Fixed`",
        "Marked as fixed | Tap `Close`",
    ),
    "sign-off": rows(
        "Scan your staff card | Scan `STAFF-tess`",
        f"Tess Marlowe: type your PIN | Type `{PIN}`",
    ),
    "withdraw": rows(
        "Scan the item to withdraw | Tap `Lease return`",
        f"Scan the leased item | Scan `{FIRST}`",
        "Is this the item | Tap `✓ Yes`",
        '2/" or "Check 2 of | Tap `Set aside`',
    ),
    "statistics": rows("by worker; page 1 | Tap `By vendor`", "by vendor | Tap `Close`"),
    "board": rows("Status board; Work in hand | Tap `Close`"),
    "call-staff": rows('Staff called at" or "█▀█ | Look at the screen'),
    "staff-here": rows("Your call is answered. | Look at the screen"),
}
"""Key of the menu's entry -> rows after its button was tapped."""

FOREIGN_TAG = rows(
    f"{READY} | Scan `{FOREIGN}`",
    "Put the item on the pad | Put it on the pad (F2, F2, F2, F2, F2, F4)",
    "STOP; This tag belongs to another library; Overwrite it | Tap `Overwrite it`",
    "Who approves this?; Scan your staff card | Scan `STAFF-tess`",
    f"Tess Marlowe: type your PIN | Type `{PIN}`",
    f"On the pad; Scanned; Scan the barcode | Scan `{FOREIGN}`",
)
"""An act beyond an operator's rights: a technician authorizes it on the spot, and work continues at the same place."""
RECHECK = rows(
    "To fix; one more check is due | Tap `Dictionary`",
    "fixed, one more check is due; ✓ Good now; × Not good | Tap `✓ Good now`",
    "closed:; fixed; once more | Tap `Close`",
)
"""Another person rechecks a mended item."""
OUTBOX = rows(
    "Menu | Tap `Menu`",
    "What would you like to do? | Tap `Outbox`",
    "Outbox; page 1; Parked | Tap `Parked`",
    "Needs a person; page 1; delivered | Tap `Close`",
    "Menu | Tap `Menu`",
    "What would you like to do? | Tap `Journal`",
    "Journal; page 1 | Tap `Close`",
)


def signed_on(walk: Walk, login: str, name: str, pin: str) -> None:
    """Sign on another person in the middle of the work."""
    walk.steps(
        rows(f'{READY}" or "then scan the next one | Scan `STAFF-{login}`', f"{name}: type your PIN | Type `{pin}`")
    )
    walk.see(f"{name} is signed on")


def fails_at(walk: Walk, line: str, reason: str, phrase: str) -> None:
    """Pass pages of checks up to the one with this line. Tap it and its reason, and pass the rest."""
    while not walk.shows(line):
        walk.steps(rows("wrong > | Tap `✓ ALL GOOD`"))
    walk.steps(
        rows(f"{line} | Tap `{line}`", f"{reason} | Tap `{reason}`", f'{phrase}" or "Checks | Pass every other check')
    )
    walk.see("FAIL", "Put it on the problem shelf")


def test_every_workflow_of_the_menu_is_played() -> None:
    assert set(RUNS) == {entry.key for entry in ENTRIES}, "a new workflow needs its run on a real terminal"


def test_spanish_screens_have_a_text_for_each_text_of_the_rows() -> None:
    """All but data. Otherwise a walk on Spanish screens would look for English."""
    steps = [*(step for run in RUNS.values() for step in run), *FOREIGN_TAG, *RECHECK, *OUTBOX]
    quoted = {text for step in steps for text in (*step.says, *re.findall(r"^Tap `(.*)`", step.act))}
    spanish = Phrases("es")
    same = {text for text in quoted if spanish.ways(text) == [text]}
    assert same == {
        FIRST,
        SECOND,
        LEGACY,
        CARTON.name,
        ENGINES.title,
        "Umbra, Celeste",
        "Dictionary",
        "Technical Services",
        "Bytes",
    }


def play(walk: Walk, *workflows: str) -> None:
    """Run each of these workflows, from its button in the menu to its end."""
    for key in workflows:
        walk.steps(chosen(key))
        walk.steps(RUNS[key])
        walk.shoot(f"end-of-{key}")


@pytest.mark.soak
@pytest.mark.parametrize("language", ["en", "es"], ids=["english", "spanish"])
@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 45)], ids=["80x24", "100x30", "160x45"])
def test_all_workflows_on_a_real_terminal(tmp_path: Path, size: tuple[int, int], language: str) -> None:
    whole_day(Walk("workflows", tmp_path, "--sign-on", size=size, language=language))
    what_it_left(tmp_path)


@pytest.mark.soak
def test_the_whole_day_needs_no_office(tmp_path: Path) -> None:
    """The screens serve every act of the piece and of the day where the office cannot even be imported."""
    whole_day(Walk("no-office", tmp_path, "--sign-on", program="tests.stories.without_office"))
    what_it_left(tmp_path)


def whole_day(walk: Walk) -> None:
    """Play every workflow of the menu, with three people."""
    try:
        walk.steps(RUNS["sign-off"])
        play(walk, "process", "undo", "inspect", "convert", "receive", "release", "pack", "erase")
        walk.steps(chosen("process"))
        signed_on(walk, "ann", "Ann Quillfeather", ANN)
        walk.steps(FOREIGN_TAG)
        fails_at(walk, "Spine label exactly", "Line missing", "a line is missing")
        walk.steps(rows("Put it on the problem shelf | Take it off the pad (F6)"))
        play(walk, "to-fix")
        signed_on(walk, "tess", "Tess Marlowe", PIN)
        walk.steps(chosen("to-fix"))
        walk.steps(RECHECK)
        play(walk, "sets", "migrate")
        walk.steps(OUTBOX)
        play(walk, "withdraw", "statistics", "call-staff", "board", "staff-here")
        walk.steps(chosen("sign-off"))
        walk.steps(RUNS["sign-off"])
        walk.see("Tess Marlowe is signed on")
        assert walk.end() == 0
    finally:
        walk.close()


def what_it_left(data: Path) -> None:
    """Check that the journal has every result once, with its operator."""
    judged = [(event["barcode"], event["verdict"]) for event in station_process.events(data, "item-judged")]
    assert judged == [(FIRST, "pass"), (SECOND, "pass"), (FOREIGN, "fail")]
    assert len(station_process.events(data, "tag-undo-verified")) == 1
    assert len(station_process.events(data, "truck-released")) == 1
    written = [(event["barcode"], event.get("part", 1)) for event in station_process.events(data, "tag-write-verified")]
    assert [part for barcode, part in written if barcode == SET] == [1, 2]
    assert {FIRST, SECOND, FOREIGN, LEGACY} <= {barcode for barcode, _ in written}
    (mended,), (rechecked,) = (
        station_process.events(data, "correction-mended"),
        station_process.events(data, "correction-rechecked"),
    )
    assert (mended["operator"], rechecked["operator"]) == ("w-demo-ann", "w-demo-tess")
    tags = station_process.tag_files(data)
    erased = [tag for tag in tags.values() if any(tag["writes"].values()) and not int(tag["memory"], 16)]
    assert len(erased) == 2, "one write must be undone and one tag erased"
    assert not station_process.events(data, "defect-found")
    station_process.verified(data, data)
