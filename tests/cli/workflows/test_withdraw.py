"""`station withdraw`: the list of unfinished withdrawals, from the journal of a real store."""

from __future__ import annotations

from pathlib import Path

import msgspec
from click.testing import CliRunner

from station.base.clock import SystemClock
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.events import WithdrawalBegan, WithdrawalJudged, WithdrawalLeft
from station.domain.findings import Finding, Outcome, Severity
from station.domain.snapshot import Verdict
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.support.sample_events import record

FAILED = Finding("marks-cancelled", "t", Severity.MAJOR, Outcome.FAIL, "ann", "Barcode not struck out")


def begun(code: str, name: str, task: str = "withdrawal") -> WithdrawalBegan:
    return WithdrawalBegan(checklist=name, task=task, barcode=code, day="2026-11-25", item=record(code))


def judged(code: str, name: str, *findings: Finding) -> WithdrawalJudged:
    verdict = Verdict.FAIL if findings else Verdict.PASS
    return WithdrawalJudged(
        checklist=name, task="withdrawal", barcode=code, verdict=verdict, findings=findings, day="d", item=record(code)
    )


def test_what_is_unfinished(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-XxExmp"}), encoding="utf-8")
    store = open_store(tmp_path / JOURNAL, SystemClock())
    try:
        store.journal.record(begun("1", "a"), judged("1", "a", FAILED), begun("2", "b"), judged("2", "b"))
        store.journal.record(begun("3", "c", "lease-return"))
        store.journal.record(WithdrawalLeft(checklist="c", task="lease-return", barcode="3"))
        store.journal.record(begun("2", "d", "lease-return"))
    finally:
        store.close()
    ran = CliRunner().invoke(station, ["--data", str(tmp_path), "withdraw", "list", "--json"])
    assert ran.exit_code == 0, ran.output
    rows = [(row["barcode"], row["task"], row["state"], row["failed"]) for row in msgspec.json.decode(ran.output)]
    assert rows == [
        ("1", "withdrawal", "fail", ["marks-cancelled"]),
        ("3", "lease-return", "left", []),
        ("2", "lease-return", "open", []),
    ]
    every = CliRunner().invoke(station, ["--data", str(tmp_path), "withdraw", "list", "--all"])
    assert "2026" in every.output and "pass" in every.output
