"""`station withdraw`: the list of unfinished withdrawals, from the journal of a real store."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from station.base.clock import SystemClock
from station.base.sentence import Sentence
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.deliveries.delivery import NewDelivery
from station.domain.deliveries.intents import WithdrawIntent, lane
from station.domain.events import (
    AnyEvent,
    DeliveryOrdered,
    TagErased,
    WithdrawalBegan,
    WithdrawalJudged,
    WithdrawalLeft,
)
from station.domain.findings import Finding, Outcome, Severity
from station.domain.verdict import Verdict
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from tests.support.sample_events import UID, record, verified

FAILED = Finding(
    "marks-cancelled", "t", Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim("Barcode not struck out")
)


def begun(code: str, name: str, task: str = "withdrawal") -> WithdrawalBegan:
    return WithdrawalBegan(checklist=name, task=task, barcode=code, day="2026-11-25", item=record(code))


def judged(code: str, name: str, *findings: Finding) -> WithdrawalJudged:
    verdict = Verdict.FAIL if findings else Verdict.PASS
    return WithdrawalJudged(
        checklist=name, task="withdrawal", barcode=code, verdict=verdict, findings=findings, day="d", item=record(code)
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-XxExmp"}), encoding="utf-8")
    return tmp_path


def journaled(data: Path, *events: AnyEvent) -> None:
    store = open_store(data / JOURNAL, SystemClock())
    try:
        for event in events:
            if isinstance(event, DeliveryOrdered):  # without a decision, as an earlier version did
                delivery = NewDelivery(event.system, lane(event.intent), event.intent)
                store.journal.record(event, deliveries=[delivery])
            else:
                store.journal.record(event)
    finally:
        store.close()


def listed(data: Path, *options: str) -> list[dict[str, str]]:
    ran = CliRunner().invoke(station, ["--data", str(data), "withdraw", "list", "--json", *options])
    assert ran.exit_code == 0, ran.output
    return list(msgspec.json.decode(ran.output))


def test_what_is_unfinished(data: Path) -> None:
    journaled(data, begun("1", "a"), judged("1", "a", FAILED), begun("2", "b"), judged("2", "b"))
    journaled(data, begun("3", "c", "lease-return"))
    journaled(data, WithdrawalLeft(checklist="c", task="lease-return", barcode="3"), begun("2", "d", "lease-return"))
    rows = {(row["barcode"], row["task"], row["checklist"], row["failed"], row["decision"]) for row in listed(data)}
    assert rows == {
        ("1", "withdrawal", "fail", "marks-cancelled", "open"),
        ("3", "lease-return", "left", "", "not-needed"),
        ("2", "lease-return", "open", "", "not-needed"),
    }


def test_checks_order_and_erasure_come_in_any_order_and_the_list_shows_what_is_left(data: Path) -> None:
    decide, erase = judged("1", "a"), TagErased(attempt="e", uid=UID, barcode="1")
    order = DeliveryOrdered(system="alma", intent=WithdrawIntent(barcode="1"))
    steps: dict[str, AnyEvent] = {"checks": decide, "order": order, "tag": erase}
    for number, way in enumerate(itertools.permutations(steps)):
        place = data / str(number)
        place.mkdir()
        (place / "station.toml").write_bytes((data / "station.toml").read_bytes())
        journaled(place, verified("w", UID, "1"))
        done: set[str] = set()
        for name in way:
            journaled(place, steps[name])
            done.add(name)
            if done == {"tag"}:
                continue
            (row,) = listed(place, "--all")
            assert (row["checklist"] == "pass") is ("checks" in done), way
            assert (row["system"] == "waiting") is ("order" in done), way
            assert (row["tag"] == "proven") is ("tag" in done), way
        assert [row["step"] for row in listed(place)] == ["wait"], "the order is not carried out"


def test_a_pass_of_an_older_version_without_a_reason_leaves_the_live_tag_unfinished(data: Path) -> None:
    blind = msgspec.structs.replace(FAILED, rule="tag-released", outcome=Outcome.PASS, reason="")
    journaled(data, verified("w", UID, "1"), msgspec.structs.replace(judged("1", "a"), findings=(blind,)))
    assert [(row["checklist"], row["tag"]) for row in listed(data)] == [("pass", "waiting")]
    said = msgspec.structs.replace(blind, code="tag-cut", reason="the tag was cut up")
    journaled(data, msgspec.structs.replace(judged("1", "b"), findings=(said,)))
    assert [(row["tag"], row["step"]) for row in listed(data)] == [("by-hand", "decide")]


@pytest.mark.parametrize(
    ("rule", "hint"),
    [("tag-relased", "Rules: tag-released"), ("spine-label", "no such rule"), ("own-marks-off", "Rules: ")],
)
def test_an_unknown_rule_is_an_error_and_changes_nothing(data: Path, rule: str, hint: str) -> None:
    ran = CliRunner().invoke(
        station, ["--data", str(data), "withdraw", "answer", "31234000000016", "--answer", f"{rule}=pass", "--pass-all"]
    )
    assert ran.exit_code == 2 and rule in ran.output and hint in ran.output
    assert not (data / JOURNAL).exists()
