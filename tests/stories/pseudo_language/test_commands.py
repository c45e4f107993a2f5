"""The text reports of commands in the pseudo-language: text in plain letters does not come from the catalog.

The table of commands is that of `tests.stories.hostile.command_table`; the data directory is the hostile one with
numbers in place of its texts. As in the field, the command selects the language when it reads the settings, so the test
also finds a command that prints text before that.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner

import station.base.words
from station.base.words.telling import codes
from station.catalog.findings.codes import CODES
from station.cli import station as station_command
from station.domain.people.rights import Role
from station.encoding.dumps.value import Format
from station.encoding.iso15962.data_elements import ELEMENTS
from station.encoding.profiles.profiles import READY, ready
from station.quality.rulebook.shipped import shipped
from tests.stories.hostile import hostile_directory, hostile_place, hostile_station
from tests.stories.hostile.command_table import BARCODE, TABLE, Row
from tests.stories.hostile.hostile_directory import KEYS, tag_dump, tag_title
from tests.support.hostile_values import Dealer
from tests.support.pseudo_language import UNITS, catalogue, plain_words

MOVED = (
    "station release check",
    "station release truck",
    "station sets",
    "station set",
    "station corrections list",
    "station corrections overdue",
    "station corrections show",
    "station corrections figures",
    "station corrections assign",
    "station corrections mend",
    "station corrections close",
    "station corrections recheck",
    "station corrections order",
    "station corrections waive",
    "station corrections look",
    "station quality check",
    "station quality rules list",
    "station quality stats",
    "station quality sampling draw",
    "station quality sampling plan",
    "station quality sampling rejected",
    "station quality sampling state",
    "station quality sampling tells",
    "station quality sampling unasked",
    "station corrections slip",
    "station label",
    "station catalog check",
    "station catalog show",
    "station cataloging list",
    "station cataloging show",
    "station cataloging add",
    "station cataloging resolve",
    "station receiving import",
    "station receiving type",
    "station receiving list",
    "station receiving read",
    "station receiving show",
    "station receiving close",
    "station receiving vendors list",
    "station receiving vendors show",
    "station receiving vendors import",
    "station receiving shipment open",
    "station receiving shipment close",
    "station receiving shipment list",
    "station receiving shipment show",
    "station receiving count",
    "station receiving fault",
    "station receiving undo",
    "station receiving return",
    "station receiving bind",
    "station receiving claim",
    "station receiving differences list",
    "station receiving differences show",
    "station receiving differences assign",
    "station receiving differences note",
    "station receiving differences end",
    "station library note",
    "station library facts",
    "station library scan-in",
    "station journal rebuild",
    "station journal archive",
    "station backup create",
    "station update",
    "station outbox list",
    "station outbox show",
    "station outbox discard",
    "station withdraw list",
    "station convert",
    "station stack verify",
    "station inspect",
    "station pad items",
    "station board",
    "station library members",
    "station outbox retry",
    "station pad security",
    "station pad update",
    "station people add",
    "station people sign-on",
    "station roll load",
    "station sound mute",
    "station sound unmute",
    "station sound volume",
    "station tag doctor",
    "station tag erase",
    "station tag migrate",
    "station tag plan",
    "station tag read",
    "station tag write",
    "station people card add",
    "station people card remove",
    "station people erase",
    "station people leave",
    "station people list",
    "station people pin change",
    "station people pin list",
    "station people pin reset",
    "station people pin set",
    "station people record",
    "station people rename",
    "station people retrain",
    "station people role",
    "station people speak",
    "station sign-on",
    "station sign-off",
    "station who",
    "station journal verify",
    "station reader badge",
    "station reader health",
    "station reader info",
    "station reader label",
    "station reader placement",
    "station reader scan",
    "station reader signal",
    "station sound test",
    "station sync check",
    "station tag abandon",
    "station undo",
)
MORE: dict[str, tuple[Row, ...]] = {
    "station people pin set": (Row("people pin set bea", stdin="482913\n"), Row("people pin set bea", stdin="1\n")),
    "station people card add": (Row("people card add bea 4711"), Row("people card add bea 31999000000014")),
    "station people card remove": (Row("people card remove 4712"),),
    "station sync check": (Row("sync check"),),
    "station reader scan": (Row("reader scan --write"),),
    "station journal verify": (Row("journal verify"),),
    "station catalog show": (Row("catalog show"), Row("catalog show 7"), Row(f"catalog show {BARCODE} --live")),
    "station tag doctor": (Row("tag doctor {dump} --barcode 4711 --part 1/2"), Row(f"tag doctor {'00' * 112}")),
    "station tag migrate": (
        Row("tag migrate {title} --barcode 12345 --profile iso-28560-3"),
        Row("tag migrate {title} --barcode 12345 --profile danish-32"),
        Row("tag migrate {dump} --barcode 4711"),
        Row(f"tag migrate {'00' * 112}"),
    ),
    "station tag plan": (
        Row("tag plan {dump} --id 4711 --owner US-4711 --profile us-28560-2"),
        Row(f"tag plan {'00' * 112} --id 4711 --owner US-4711 --profile iso-28560-3"),
    ),
}
"""Rows for reports that the table does not produce."""
MISTYPED = ("sync check {evil}", "tag abandon {evil}", "tag doctor {dump} --barcode {evil} --part {evil}")
"""Rows whose report is about a mistyped command."""
CASES = [
    pytest.param(row, id=row.words[:50], marks=pytest.mark.soak)
    for path in MOVED
    for row in (*TABLE[path], *MORE.get(path, ()))
    if not re.search(r"--(csv|svg|since|print)", row.words)
    and row.words not in MISTYPED  # files, and mistyped commands
]
"""Left out: reports that consist of data only (`orders list`), and faults in a file of rules (`quality rules lint`)."""
CASES.append(
    pytest.param(Row(f"process {BARCODE} --timeout 1 --pass-all", live=True), id="process", marks=pytest.mark.soak)
)
"""Its row in the table is about mistyped arguments."""


NAMES = re.compile(
    r"\b[0-9A-Fa-f]{8,}\b|(?<!\S)/\S+|\bw-\w+|" + "|".join(sorted({*codes(), *CODES}, key=len, reverse=True))
)
"""Not translated: ids, UIDs, paths, codes of errors."""


RECORDS = "A field guide to imaginary rivers QH Quillfeather Ada ann nc Codabar FULLWIDTH LATIN CAPITAL SMALL LETTER "
RECORDS += "STACKS BOOK book lc pages eng Español earlier withdraw.task"
"""Texts of the labels' item, its operator, the type of its barcode, Unicode names of letters that fonts may lack, a
language's own name, the packing lists' names, and the beginning of the key of an unknown task."""
PAPERS = "spine pocket flag x"
"""Names of papers, as typed."""
RULES = re.compile(
    "|".join(
        [
            *(rf"(?<![\w-]){rule.id}(?![\w-])" for rule in shipped().rules),
            *(
                re.sub(r"\\{[a-z]+\\}", r"[0-9A-Z]*", re.escape(text))
                for rule in shipped().rules
                for text in sorted((rule.title, rule.question, rule.look), key=len, reverse=True)
                if re.sub(r"\{[a-z]+\}", "", text).strip()
            ),
            *("A field guide to imaginary rivers", "Quillfeather, Ada", "QH", "MAIN", r"\bnc\b"),
        ]
    )
)
"""Data: texts of the shipped rules, and the record that is checked."""

TAGS = re.compile(
    "|".join(
        [
            r"^block +[0-9]+  .*$|^UID [0-9A-F]*  DSFID .*$",  # a dump in the station's own format, which commands read again
            r"^ {10}\([a-z-]+(, .*)?\)$",  # the codec's code and detail, for the technician
            r"\b[0-9A-F]{2}( [0-9A-F]{2})+\b",
            *(re.escape(one.name) for one in ELEMENTS.values()),
            *(re.escape(ready(name).name) for name in READY),
            rf"\b{Format.HEX.value}\b",
            r"\bUS-TxDa\b",
        ]
    ),
    re.M,
)
"""In the reports of `tag`: bytes, and names of the standard, of profiles, formats and the library."""


TYPED = (
    "station list books mrc nam column barcode order_line isbn outbox resolve retry keep theirs send ours discard red "
    "reader scan write baud file delivery alma sip symphony"
)
"""Commands that the user is asked to type, with their arguments; a rule of the hostile journal; a library system."""
STAFF = " ".join((*hostile_directory.STAFF, *Role))
"""Logins and roles, which are typed."""


class Numbers(Dealer):
    """A dealer whose every text is a number."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 7000

    def of_kind(self, kind: type) -> Numbers:
        return self

    def __call__(self) -> str:
        self._number += 1
        return str(self._number)


class Place(hostile_place.Place):
    """The place of the hostile calls, without letters in its data."""

    def __init__(self, root: Path) -> None:
        with mock.patch.object(hostile_place, "Dealer", Numbers), mock.patch.object(hostile_directory, "_printable"):
            super().__init__(root)
        self._given |= {"evil": "7117", "dump": tag_dump("7117"), "title": tag_title("7117")}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("numbers"))


def test_a_command_that_needs_no_settings_speaks_the_language_of_the_bench(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text('[library]\nisil = "US-XxExmp"\n[screen]\nlanguage = "de"\n')
    (tmp_path / "words").mkdir()
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    said = "".join(
        f'\nmsgid "sampling.{key}"\nmsgstr "{{position}} {word} {{digest}}"\n'
        for key, word in (("asked", "gefragt"), ("not-asked", "nicht gefragt"))
    )
    (tmp_path / "words/de.po").write_text(head + said)
    try:
        words = ["quality", "sampling", "draw", "00", "2", "2", "1"]
        result = CliRunner().invoke(station_command, ["--data", str(tmp_path), *words])
    finally:
        station.base.words.use()
    digest = hashlib.sha256(b"00:1").hexdigest()[:16]
    assert (result.exit_code, result.stdout) == (0, f"1 gefragt {digest}\n"), "both of two items must be drawn"


@pytest.mark.parametrize("row", CASES)
def test_no_report_says_anything_by_itself(place: Place, row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    pseudo = catalogue()

    def use(*_: object) -> None:
        monkeypatch.setattr(station.base.words.current_session(), "catalogue", pseudo)

    monkeypatch.setattr(station.base.words, "use", use)
    with mock.patch.object(hostile_station, "Dealer", Numbers):
        result, _ = place.call(row, as_json=False)
    assert result.exit_code != 70, result.output
    known = f"{UNITS} {TYPED} {RECORDS} {PAPERS} {STAFF} {row.words} {' '.join(map(str, KEYS.values()))}"
    told = result.stdout + result.stderr
    said = NAMES.sub("", RULES.sub("", TAGS.sub("", told) if row.words.startswith("tag ") else told))
    assert plain_words(said, known) == set(), said
