"""The journal's stored form of an item, and the reports that people read: in the present form, and in that of old
journals."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from station.base.sentence_json import encode_sentence
from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.shared.app import NOT_GOOD
from station.domain import events as ev
from station.domain.findings import Outcome
from station.domain.people.sign_on import MACHINE
from station.domain.snapshot import Phase
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow
from station.manual.pictures.items import BASES
from station.quality.rules import Catalogue
from station.runtime.data_directory import JOURNAL
from station.store.database.database import open_writer
from station.store.database.decoding import Decoder
from station.store.projections import projections
from station.store.queries.queries import Queries
from tests.bench.item.test_sampling import RealJournal
from tests.conftest import FakeClock
from tests.support import sample_events, simulated_bench
from tests.support.simulated_bench import BOOK, CATALOG, DVD, OTHER, RULES, Rig
from tests.support.told import told

MOST = 5000
"""Maximum bytes of an item's events, payloads as stored."""


@pytest.fixture(autouse=True)
def items(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two books with nearly complete data."""
    for barcode in (BOOK, OTHER):
        marc = msgspec.structs.replace(BASES["book"].item.marc, vendor_barcodes=(barcode,))
        monkeypatch.setitem(CATALOG, barcode, msgspec.structs.replace(BASES["book"].item, barcode=barcode, marc=marc))


@contextmanager
def opened(folder: Path, rules: Catalogue = RULES) -> Iterator[RealJournal]:
    with closing(open_writer(folder / JOURNAL)) as sql:
        yield RealJournal(sql, rules.texts)


def answer(rig: Rig, fails: str = "") -> None:
    """Answer all checks, up to the verdict. The rule `fails` gets its first reason."""
    while rig.now.phase is Phase.CHECKING:
        covers = rig.now.checks[rig.now.current_check].covers
        reason = next((words for one in covers if one.rule == fails for _, words, _ in one.reasons), "")
        needed = next((words for one in covers for _, words, _ in one.pass_reasons), "")
        rig.answer(Outcome.FAIL if reason else Outcome.PASS, reason or needed)
    assert rig.now.verdict is not None


def process(rig: Rig, barcode: str, tag: int, fails: str = "") -> None:
    rig.lift()
    rig.scan(barcode)
    rig.place(rig.world.tag(tag))
    answer(rig, fails)


def rows(sql: sqlite3.Connection) -> list[tuple[int, str, bytes]]:
    return sql.execute("SELECT seq, kind, payload FROM events ORDER BY seq").fetchall()


def test_an_item_takes_at_most_so_many_bytes(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        process(Rig(journal=journal), BOOK, 1)  # type: ignore[arg-type]
        stored = [(kind, len(payload)) for _, kind, payload in rows(journal.sql)]
        assert ("item-judged", 1) in Counter(kind for kind, _ in stored).items()
        assert sum(size for kind, size in stored if kind != "rules-in-force") <= MOST, stored


def test_rules_are_journaled_once_and_before_the_first_finding(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        rig = Rig(journal=journal)  # type: ignore[arg-type]
        process(rig, BOOK, 1)
        process(rig, OTHER, 2)
        kinds = [kind for _, kind, _ in rows(journal.sql)]
        assert kinds.count("rules-in-force") == 1
        assert kinds.index("rules-in-force") < kinds.index("check-answered")
        last = json.loads(rows(journal.sql)[-1][2])
        assert last["rules_in"] == kinds.index("rules-in-force") + 1
        assert last["findings"] and not any("title" in finding for finding in last["findings"])


def test_an_old_verdict_keeps_its_words_after_the_rules_are_edited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = next(rule.title for rule in RULES.rules if rule.id == "spine-label")
    changed = tuple(
        msgspec.structs.replace(rule, title="Printed label") if rule.id == "spine-label" else rule
        for rule in RULES.rules
    )
    for rules, barcode, tag in ((RULES, BOOK, 1), (msgspec.structs.replace(RULES, rules=changed), OTHER, 2)):
        monkeypatch.setattr(simulated_bench, "RULES", rules)
        with opened(tmp_path, rules) as journal:
            process(Rig(journal=journal), barcode, tag, fails="spine-label")  # type: ignore[arg-type]
    queries = Queries(tmp_path / JOURNAL, FakeClock())
    said = [told(row.summary) for row in queries.journal_page() if row.kind == "item-judged"]
    why = "the text is different"
    assert said == [f"{OTHER} failed: Printed label: {why}", f"{BOOK} failed: {title}: {why}"]
    assert [row.kind for row in queries.journal_page()].count("rules-in-force") == 2
    assert queries.verify().ok


ASKED = (
    ("journal", "show", "--limit", "1000"),
    ("corrections", "list", "--all"),
    ("corrections", "figures"),
    ("corrections", "slip", BOOK),
    ("quality", "stats", "--by", "worker"),
    ("quality", "stats", "--by", "material"),
    ("withdraw", "list"),
    ("tag", "ledger"),
    ("board",),
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")


def work(folder: Path) -> dict[str, Any]:
    """Process items that pass, fail, are judged again, waived and withdrawn. Return the reports about them."""
    folder.mkdir()
    (folder / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")

    def said(*words: str) -> str:
        ran = CliRunner().invoke(station, ["--data", str(folder), *words, "--json"])
        assert ran.exit_code in (0, NOT_GOOD), ran.output  # the board: work is waiting
        return TIME.sub("", ran.output)

    with opened(folder) as journal:
        rig = Rig(journal=journal)  # type: ignore[arg-type]
        process(rig, BOOK, 1)
        process(rig, OTHER, 2, fails="spine-label")
        process(rig, OTHER, 2)
        process(rig, DVD, 3, fails="undamaged")
        rig.lift()
        rig.enter(Workflow.WITHDRAW)
        rig.act("task", "withdrawal")
        rig.scan(BOOK)
        answer(rig, fails="marks-cancelled")
    facts: dict[str, Any] = {"waived": said("corrections", "waive", DVD, "--rule", "undamaged", "--reason", "seen")}
    facts |= {" ".join(words): said(*words) for words in ASKED}
    with closing(open_writer(folder / JOURNAL)) as sql:
        facts["projections"] = projections.dump(sql)
        facts["deliveries"] = sql.execute("SELECT system, lane, intent FROM outbox ORDER BY event_seq").fetchall()
    facts["events"] = [readable(one.event) for one in Queries(folder / JOURNAL, FakeClock()).events()]
    assert Queries(folder / JOURNAL, FakeClock()).verify().ok
    return facts


def readable(event: Any) -> Any:
    """Remove what is not stored: why the machine abstained, and the position of these findings."""
    if not isinstance(event, ev.ItemJudged | ev.WithdrawalJudged):
        return event
    abstained = [one for one in event.findings if one.outcome is Outcome.ABSTAINED and one.by == MACHINE]
    others = [one for one in event.findings if one not in abstained]
    without = [msgspec.structs.replace(one, reason="") for one in abstained]
    return msgspec.structs.replace(event, findings=(*others, *without))


def test_people_read_the_same_of_both_forms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = work(tmp_path / "new")
    whole = msgspec.json.Encoder(
        order="sorted", enc_hook=encode_sentence
    )  # the form of old journals: every field, every word
    monkeypatch.setattr(ev, "encode", lambda event, *_references: whole.encode(event))
    old = work(tmp_path / "old")
    assert any(one.outcome is Outcome.ABSTAINED for event in new["events"] for one in getattr(event, "findings", ()))
    for asked, answer_then in old.items():
        assert new[asked] == answer_then, asked


def test_what_no_rule_says_stays_whole(tmp_path: Path) -> None:
    """A finding under rules that were edited since, as a waiver judges it again."""
    with opened(tmp_path) as journal:
        before = sample_events.judged(BOOK, Verdict.FAIL)
        journal.record(before)
        seq, kind, payload = rows(journal.sql)[-1]
        assert json.loads(payload)["findings"][0]["title"] == before.findings[0].title
        assert Decoder(journal.sql)(seq, kind, payload) == sample_events.signed(before)


def test_a_record_that_changed_since_the_scan_is_stored_with_the_verdict(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        verdict = sample_events.judged(BOOK)
        other = msgspec.structs.replace(verdict, item=msgspec.structs.replace(verdict.item, vendor="Acme"))
        journal.record(ev.ItemScanned(barcode=BOOK, part=1, item=verdict.item), verdict, other)
        found = rows(journal.sql)
        assert [("item" in json.loads(row[2]), "item_in" in json.loads(row[2])) for row in found[-2:]] == [
            (False, True),
            (True, False),
        ]
        assert [Decoder(journal.sql)(*row).item for row in found[-2:]] == [verdict.item, other.item]  # type: ignore[union-attr]
