"""`station corrections` and `station people`: the commands that a person types, their output, and their events in the
journal."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from click.testing import CliRunner, Result

from station.base.sentence import Sentence
from station.base.settings import load
from station.base.words import tell
from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.quality.correction_view import merged
from station.domain.correction_states import CorrectionKind, CorrectionState, Recheck
from station.domain.corrections.correction import Correction, Entry
from station.domain.events import (
    AnyEvent,
    CorrectionMended,
    CorrectionOpened,
    CorrectionRechecked,
    FindingWaived,
    ItemJudged,
    WorkerLeft,
    WorkerRegistered,
)
from station.domain.findings import Finding, Outcome, Severity
from station.domain.people.rights import Role
from station.domain.verdict import Verdict
from station.quality.verdict.corrections import reports
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.proof import Identity
from station.runtime.lock import hold
from station.runtime.order_offers import carry_out
from station.runtime.people_changes import PeopleChanges
from station.runtime.socket.server import Orders, Server
from station.store.owner import open_store
from station.store.people.names import People
from station.store.queries.queries import Queries
from tests.conftest import ROOT, FakeClock
from tests.runtime.socket.test_socket import Bench
from tests.support.sample_events import judged as failed
from tests.support.sample_events import record
from tests.support.told import told

BARCODE, OTHER = "31999000000014", "31999000000022"
NAME = "Quetzalcoatlus Northropi"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    text = template(**{"library.isil": "US-TxDa", "station.operator": "ann"})
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(data: Path) -> Callable[..., Result]:
    return lambda *words: CliRunner().invoke(station, ["--data", str(data), *map(str, words)])


Run = Callable[..., Result]


def value(result: Result, code: int = 0) -> Any:
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def put(data: Path, *events: AnyEvent) -> None:
    store = open_store(data / JOURNAL, FakeClock())
    try:
        store.journal.record(*events)
    finally:
        assert store.close()


def report(ident: str, barcode: str = BARCODE, rule: str = "spine-label", **more: object) -> CorrectionOpened:
    values: dict[str, object] = {
        "title": "The spine label is the expected one",
        "due": "2020-01-01",
        "owner": "Marking",
        "worker": "",
        "found_by": "ann",
        "reason": "Crooked",
    }
    return CorrectionOpened(correction=ident, barcode=barcode, rule=rule, **{**values, **more})  # type: ignore[arg-type]


def events(data: Path, kind: type[AnyEvent]) -> list[Any]:
    return [row.event for row in Queries(data / JOURNAL, FakeClock()).events() if isinstance(row.event, kind)]


STAFF = {"sys": Role.SYSTEMS, "tess": Role.TECHNICIAN, "bea": Role.OPERATOR, "tim": Role.TRAINEE}


@pytest.fixture
def staffed(run: Run, data: Path) -> Run:
    """The command with four people, registered directly. A test below covers registration by the command."""
    people = People(data / PEOPLE)
    for login in STAFF:
        people.add(f"w-{login[::-1]}0", login, login.title())
    put(data, *(WorkerRegistered(worker=f"w-{login[::-1]}0", role=role) for login, role in STAFF.items()))
    return run


def ident_of(login: str) -> str:
    return f"w-{login[::-1]}0"


# --- corrections ----------------------------------------------------------------------------------------------------


def test_from_the_flag_to_the_end(staffed: Run, data: Path) -> None:
    put(data, report("aaaa1111"))
    (listed,) = value(staffed("corrections", "list", "--json"))
    assert (listed["id"], listed["overdue"], listed["owner"]) == ("aaaa1111", True, "Marking")
    lines = staffed("corrections", "list").stdout.splitlines()
    assert lines[0] == "1 open, 1 overdue"
    assert "! OVERDUE" in lines[1] and "to fix" in lines[1]
    assert value(staffed("corrections", "overdue", "--json"), 1)

    assert staffed("corrections", "assign", BARCODE, "--owner", "bea", "--operator", "tess").exit_code == 0
    due = ("--due", "2099-12-31", "--reason", "holidays")
    assert staffed("corrections", "assign", "aaaa", *due, "--operator", "tess").exit_code == 0
    (his,) = value(staffed("corrections", "list", "--owner", "bea", "--operator", "bea", "--json"))
    assert (his["due"], his["owner_name"]) == ("2099-12-31", "Bea")
    assert value(staffed("corrections", "list", "--json"))[0]["owner"] == "another person"
    assert value(staffed("corrections", "list", "--owner", "Marking", "--json")) == []
    assert staffed("corrections", "overdue").exit_code == 0

    mended = staffed("corrections", "mend", "aaaa", "--note", "new", "--operator", "bea").stdout
    assert tell("correction.to-do-again", title=BARCODE) in mended, "people do not sign on: no other person is needed"
    own = value(staffed("corrections", "recheck", "aaaa", "--operator", "bea", "--json"), 35)
    assert own["error"]["code"] == "own-work"
    assert staffed("corrections", "recheck", "aaaa", "--failed", "--operator", "tess").exit_code == 35
    back = staffed("corrections", "recheck", "aaaa", "--failed", "--reason", "still crooked", "--operator", "tess")
    assert "open" in back.stdout
    assert staffed("corrections", "mend", "aaaa", "--operator", "bea").exit_code == 0
    assert [e["id"] for e in value(staffed("corrections", "list", "--rechecks", "--json"))] == ["aaaa1111"]
    assert "closed: fixed" in staffed("corrections", "recheck", "aaaa", "--operator", "tess").stdout
    assert value(staffed("corrections", "list", "--json")) == []
    shown = staffed("corrections", "show", BARCODE, "--operator", "tess").stdout
    for word in ("Crooked", "fixed, says Bea", "checked by Tess: not good: still crooked", "closed: fixed"):
        assert word in shown, word
    assert staffed("journal", "verify").exit_code == 0


def test_show_says_the_label_and_the_scan_that_finishes_the_item(run: Run, data: Path) -> None:
    wrong = Finding("spine-label", "Spine label", Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim("Crooked"))
    item = msgspec.structs.replace(record(BARCODE), label_lines=("QA", "76", ".A1"))
    judged = msgspec.structs.replace(failed(BARCODE, Verdict.FAIL), findings=(wrong,), item=item)
    put(data, report("aaaa1111", item_title="A title", recheck=Recheck.NONE), judged)
    shown = run("corrections", "show", BARCODE).stdout
    assert "QA / 76 / .A1" in shown and 'Fix it, then scan "A title" at the bench.' in shown
    finish = 'Scan "A title" once more to finish it.'
    assert finish in run("corrections", "mend", "aaaa").stdout
    (value_of,) = value(run("corrections", "show", BARCODE, "--json"))
    assert (value_of["label"], value_of["to_do"]) == (["QA", "76", ".A1"], finish)


def test_who_mends_it_sees_note_and_photo_of_who_found_it(staffed: Run, data: Path) -> None:
    """From the finding at the bench to the output of `show`."""
    found = Finding(
        rule="undamaged",
        title="Whole",
        severity=Severity.MAJOR,
        outcome=Outcome.FAIL,
        reason=Sentence.verbatim("Damaged"),
        note=Sentence.verbatim("spine torn"),
        photo="/media/p1.jpg",
        by=ident_of("ann"),
    )
    opened = reports(
        [found],
        (),
        record(BARCODE),
        1,
        from_severity=Severity.MAJOR,
        whose=lambda _: "",
        rule_of=lambda _: None,
        due=lambda _: "2099-01-01",
        new_id=lambda: "aaaa1111",
    )
    put(data, *opened)
    assert "Damaged (spine torn; photo: /media/p1.jpg)" in staffed("corrections", "show", "aaaa").stdout
    put(data, report("bbbb1111", OTHER))
    assert "photo" not in staffed("corrections", "show", "bbbb").stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("close", "aaaa", "--result", "no-defect", "--reason", "seen"), 35, "closed"),
        (("mend", "aaaa"), 35, "closed"),
        (("mend", "ffff"), 35, "No correction has"),
        (("mend", "zz"), 35, "No correction has"),
        (("show", "ffff"), 1, "no correction"),
        (("close", "bbbb", "--result", "no-defect"), 2, "reason"),
        (
            ("close", "bbbb", "--result", "no-defect", "--reason", " \x07 "),
            35,
            "Nothing is closed without a reason. Give one: --reason.",
        ),
        (("close", "bbbb", "--result", "mended", "--reason", "x"), 2, "mended"),
        (("assign", "bbbb"), 35, "owner"),
        (("assign", "bbbb", "--due", "tomorrow"), 2, "not a date"),
        (("assign", "bbbb", "--due", "2026-13-40"), 2, "not a date"),
        (("recheck", "bbbb"), 35, "was not marked as fixed"),
        (("recheck", "mach"), 30, "no record"),
        (("mend", "bbbb2"), 35, "No correction has"),
        (("mend", OTHER), 2, "may mean"),
    ],
)
def test_what_is_refused_changes_nothing(
    words: tuple[str, ...], code: int, said: str, staffed: Run, data: Path
) -> None:
    put(
        data, report("aaaa1111"), report("bbbb1111", OTHER), report("mach1111", OTHER, "price", recheck=Recheck.MACHINE)
    )
    closing = ("--result", "withdrawn", "--reason", "lost", "--operator", "tess")
    assert staffed("corrections", "close", "aaaa", *closing).exit_code == 0
    before = Queries(data / JOURNAL, FakeClock()).head()
    result = staffed("corrections", *words, *(() if words[0] == "show" else ("--operator", "tess")))
    assert result.exit_code == code, result.output
    assert said in result.stdout + result.stderr
    assert Queries(data / JOURNAL, FakeClock()).head().seq == before.seq


def test_an_empty_station_has_no_corrections(run: Run) -> None:
    assert value(run("corrections", "list", "--json")) == []
    assert run("corrections", "overdue").exit_code == 0
    assert value(run("corrections", "show", "aaaa", "--json"), 1)["found"] is False


def judged(barcode: str = BARCODE, severity: Severity = Severity.MAJOR) -> ItemJudged:
    wrong = Finding("spine-label", "The spine label", severity, Outcome.FAIL, "ann", Sentence.verbatim("Crooked"))
    fine = Finding("title", "The title", Severity.CRITICAL, Outcome.PASS, "ann")
    return ItemJudged(
        barcode=barcode,
        uid="E004010000000001",
        part=1,
        parts=1,
        verdict=Verdict.FAIL,
        findings=(wrong, fine),
        item=record(barcode),
        operator="ann",
    )


def test_a_waiver_judges_the_item_again_and_delivers_it(staffed: Run, data: Path) -> None:
    put(data, report("aaaa1111", severity=Severity.CRITICAL), judged(severity=Severity.CRITICAL))
    refused = value(staffed("corrections", "waive", "aaaa", "--reason", "fits", "--operator", "bea", "--json"), 35)
    assert refused["error"]["code"] == "not-allowed"
    assert staffed("corrections", "waive", "aaaa", "--reason", "old binding", "--operator", "tess").exit_code == 0
    before, after = events(data, ItemJudged)
    (waived,) = events(data, FindingWaived)
    assert (before.verdict, after.verdict) == (Verdict.FAIL, Verdict.PASS)
    assert after.findings == before.findings, "the finding must stay"
    (waiver,) = after.waivers
    assert (waiver.rule, waiver.by, waiver.reason) == ("spine-label", waived.operator, "old binding")
    (delivery,) = Queries(data / JOURNAL, FakeClock()).outbox_page()
    assert (delivery.intent.verdict, delivery.intent.findings) == (Verdict.PASS, ())
    assert value(staffed("corrections", "list", "--json")) == []
    again = value(staffed("corrections", "waive", "aaaa", "--reason", "x", "--operator", "tess", "--json"), 35)
    assert again["error"]["code"] == "correction-not-open"


def test_a_finding_that_is_no_correction_is_waived_by_its_rule(staffed: Run, data: Path) -> None:
    put(data, judged())
    words = ("corrections", "waive", BARCODE, "--rule")
    assert value(staffed(*words, "title", "--reason", "x", "--json"), 35)["error"]["code"] == "correction-unknown"
    assert staffed(*words, "spine-label", "--reason", " \x07", "--operator", "tess").exit_code == 35
    assert staffed(*words, "spine-label", "--reason", "fits", "--operator", "tim").exit_code == 35
    assert staffed(*words, "spine-label", "--reason", "fits", "--operator", "bea").exit_code == 0
    assert [event.verdict for event in events(data, ItemJudged)] == [Verdict.FAIL, Verdict.PASS]
    assert staffed(*words, "spine-label", "--reason", "fits", "--operator", "bea").exit_code == 35, (
        "a second waiver must be refused"
    )


def test_what_passed_is_not_called_waived(staffed: Run, data: Path) -> None:
    minor = msgspec.structs.replace(judged(severity=Severity.MINOR), verdict=Verdict.PASS)
    put(data, minor, msgspec.structs.replace(minor, barcode=OTHER, item=record(OTHER)))
    put(data, report("aaaa1111", OTHER, severity=Severity.MINOR))
    words = ("--rule", "spine-label", "--reason", "fits", "--operator", "bea", "--json")
    refused = value(staffed("corrections", "waive", BARCODE, *words), 35)["error"]
    assert (refused["code"], "nothing to accept" in refused["detail"]) == ("correction-not-open", True)
    assert events(data, FindingWaived) == []
    assert value(staffed("corrections", "waive", OTHER, *words))["rule"] == "spine-label", (
        "the waiver must close its correction"
    )
    assert value(staffed("corrections", "list", "--json")) == []


def test_the_machine_looks_again_at_the_record_from_the_desk(staffed: Run, data: Path) -> None:
    """The sample catalog has one record that deliberately has no call number (station/catalog/sample/works.toml)."""
    no_call, rule = "31999000000253", "call-number-complete"
    assert staffed("catalog", "import", ROOT / "station/catalog/data/sample.mrc").exit_code == 0
    by_machine = {"recheck": Recheck.MACHINE, "found_by": "machine", "title": "x"}
    put(
        data,
        report("aaaa1111", BARCODE, rule, **by_machine),
        report("bbbb1111", no_call, rule, **by_machine),
        report("cccc1111", OTHER, "tag-identifier", **by_machine),
        report("dddd1111", OTHER, "rule-that-was-retired", **by_machine),
    )
    assert "closed: fixed" in staffed("corrections", "recheck", "aaaa", "--operator", "tim").stdout
    (step,) = [event for event in events(data, CorrectionRechecked) if event.correction == "aaaa1111"]
    assert step.by_machine and step.passed
    assert "open" in staffed("corrections", "recheck", "bbbb").stdout
    (step,) = [event for event in events(data, CorrectionRechecked) if event.correction == "bbbb1111"]
    assert step.by_machine and not step.passed and "call number" in told(step.reason)
    for ident, why in (("cccc", tell("finding.no-tag")), ("dddd", tell("correction.does-not-apply"))):
        refused = value(staffed("corrections", "recheck", ident, "--json"), 35)["error"]
        assert refused["code"] == "correction-not-open" and why in refused["detail"]


def test_the_slip_says_what_who_and_until_when(staffed: Run, data: Path) -> None:
    put(data, report("aaaa1111"), report("bbbb1111", rule="stamp", title="The stamp", owner="Processing"))
    shown = value(staffed("corrections", "slip", BARCODE, "--json"))
    text = " ".join(shown["lines"])
    for word in ("The spine label", "Crooked", "due 2020-01-01", "Marking", "The stamp", "Processing"):
        assert word in text, word
    printed = value(staffed("corrections", "slip", "aaaa", "--print", "--json"))
    assert Path(printed["printed"]["file"]).read_bytes().startswith(b"%PDF")
    assert f"No correction has the number {OTHER}." in staffed("corrections", "slip", OTHER).output
    closed = ("--result", "no-defect", "--reason", "right", "--operator", "tess")
    for ident in ("aaaa", "bbbb"):
        assert staffed("corrections", "close", ident, *closed).exit_code == 0
    ended = staffed("corrections", "slip", BARCODE)
    assert ended.exit_code == 35
    assert "The item has no open correction; closed: no defect." in ended.output


@pytest.fixture
def served(data: Path) -> Iterator[None]:
    """A station with the same data; its bench is a fake, its journal is real."""
    with hold(data, FakeClock()) as held:
        store, settings = open_store(data / JOURNAL, FakeClock()), load(data / "station.toml")
        identity = Identity(settings, data, lambda: store.queries, FakeClock())
        server = Server(
            held,
            Bench(),
            quit_station=lambda: None,
            orders=cast(
                Orders,
                SimpleNamespace(
                    order=lambda events, *_: carry_out(store, events, ("file",)),
                    changed=PeopleChanges(settings, data, identity, store).make,
                ),
            ),
        )
        server.start()
        try:
            yield
        finally:
            assert server.stop(10.0)
            assert store.close()


def test_a_running_station_looks_whether_it_may_be(run: Run, data: Path, served: None) -> None:
    assert run("people", "add", "tess", "--role", "technician").exit_code == 0
    order = ("corrections", "order", BARCODE, "--worker", "tess", "--reason", "plan")
    assert value(run(*order, "--operator", "bea", "--json"), 30)["error"]["code"] == "barcode-unknown"
    refused = value(run("people", "add", "eve", "--role", "systems", "--operator", "bea", "--json"), 35)
    assert refused["error"]["code"] == "not-allowed"
    assert "eve" not in run("people", "list", "--operator", "tess").stdout
    assert run("people", "leave", "tess", "--reason", "x", "--operator", "bea").exit_code == 35


def test_figures_by_owner_and_rule(staffed: Run, data: Path) -> None:
    """Two corrections of Marking (one of them mended after it came back once), one of a worker."""
    put(
        data,
        report("aaaa1111"),
        CorrectionMended(correction="aaaa1111", operator="bea"),
        CorrectionRechecked(correction="aaaa1111", passed=False, reason=Sentence.verbatim("crooked"), operator="tess"),
        CorrectionMended(correction="aaaa1111", operator="bea"),
        CorrectionRechecked(correction="aaaa1111", passed=True, operator="tess"),
        report("bbbb1111", OTHER),
        report("cccc1111", OTHER, "stamp", owner=ident_of("bea"), due="2099-01-01"),
        CorrectionMended(correction="cccc1111", operator="tess"),
    )
    found = value(staffed("corrections", "figures", "--operator", "tess", "--json"))
    assert [(one["name"], one["open"], one["overdue"], one["to_recheck"], one["came_back"]) for one in found] == [
        ("Marking", 1, 1, 0, 1),
        ("Bea", 1, 0, 1, 0),
    ]
    assert (found[0]["closed"], found[0]["median_days"], found[1]["median_days"]) == ({"mended": 1}, 0, None)
    assert "Bea" not in staffed("corrections", "figures", "--operator", "tim").stdout
    rules = value(staffed("corrections", "figures", "--by", "rule", "--json"))
    assert {one["name"]: one["open"] for one in rules} == {"spine-label": 1, "stamp": 1}


# --- several benches ------------------------------------------------------------------------------------------------


def entry(ident: str, opened_at: str, overdue: bool = False, **more: object) -> Entry:
    values: dict[str, object] = {
        "kind": CorrectionKind.MEND,
        "barcode": BARCODE,
        "rule": "label",
        "title": "x",
        "severity": Severity.MAJOR,
        "recheck": Recheck.NONE,
        "owner": "B",
    }
    now = Correction(id=ident, **{**values, **more})  # type: ignore[arg-type]
    closed = "2026-01-09" if now.state is CorrectionState.CLOSED else ""
    return Entry(correction=now, steps=(), opened_at=opened_at, overdue=overdue, closed_at=closed)


def test_the_same_item_on_two_benches_stands_once() -> None:
    closed = {"state": CorrectionState.CLOSED}
    found = merged(
        {
            "": [entry("a", "2026-01-02"), entry("b", "2026-01-03", rule="stamp", owner="A")],
            "two": [
                entry("c", "2026-01-01", overdue=True),
                entry("d", "2026-01-04", barcode=OTHER),
                entry("e", "1", **closed),
            ],
            "three": [entry("f", "2026-01-05", kind=CorrectionKind.RECHECK)],
        }
    )
    assert [(one.entry.correction.id, one.also) for one in found] == [
        ("b", ()),
        ("c", ("two",)),
        ("d", ("two",)),
        ("f", ("three",)),
        ("e", ("two",)),
    ]
    assert next(one for one in found if one.entry.correction.id == "c").entry.overdue


def test_another_bench_is_read_and_not_changed(
    staffed: Run, data: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("bench-2")
    put(data, report("aaaa1111"))
    put(other, report("bbbb1111"), report("cccc1111", OTHER))
    before = (other / JOURNAL).read_bytes()
    found = value(staffed("corrections", "list", "--also", other, "--json"))
    assert [(one["barcode"], one["also"]) for one in found] == [(BARCODE, [str(other)]), (OTHER, [str(other)])]
    assert (other / JOURNAL).read_bytes() == before
    nowhere = staffed("corrections", "list", "--also", other / "nowhere")
    assert nowhere.exit_code == 2
    assert "there is no journal in" in nowhere.output, "a wrong path must not count as a damaged journal"


# --- people ---------------------------------------------------------------------------------------------------------


def listed(run: Run, viewer: str = "sys") -> list[dict[str, str]]:
    found: list[dict[str, str]] = value(run("people", "list", "--operator", viewer, "--json"))
    return found


def test_the_first_one_registers_himself_and_then_the_others(run: Run) -> None:
    assert run("people", "add", "eve", "--role", "systems").exit_code == 0
    assert run("people", "add", "tim").exit_code == 35, "ann is not registered and therefore an operator"
    assert run("people", "add", "Tim", "--name", "T. Rainee", "--operator", "eve").exit_code == 0
    rows = {row["login"]: row for row in listed(run, "eve")}
    assert {login: row["role"] for login, row in rows.items()} == {"eve": "systems", "tim": "trainee"}
    assert [row["login"] for row in listed(run, "tim")] == ["tim"]
    assert run("people", "list", "--operator", "tim").stdout.startswith("2 registered"), "the count is of all people"
    assert rows["tim"]["name"] == "T. Rainee"
    assert all(row["worker"].startswith("w-") and len(row["worker"]) == 10 for row in rows.values())


def test_people_come_change_and_go(staffed: Run) -> None:
    assert staffed("people", "role", "tim", "operator", "--operator", "tess", "--reason", "trained").exit_code == 0
    assert staffed("people", "rename", "tim", "T.", "--operator", "tim").exit_code == 0
    assert staffed("people", "rename", "bea", "X", "--operator", "tim").exit_code == 35
    assert staffed("people", "leave", "tim", "--reason", "term is over", "--operator", "tess").exit_code == 0
    after = {
        row["login"]: (row["name"], row["role"], row["standing"])
        for row in value(staffed("people", "list", "--operator", "tess", "--json"))
    }
    assert after["tim"] == ("T.", "operator", "left")
    refused = value(
        staffed("corrections", "order", BARCODE, "--worker", "bea", "--reason", "x", "--operator", "tim", "--json"), 35
    )
    assert refused["error"]["code"] == "worker-gone"
    assert value(staffed("people", "add", "BEA", "--operator", "sys", "--json"), 35)["error"]["code"] == "worker-taken"
    assert (
        value(staffed("people", "role", "nobody", "operator", "--operator", "sys", "--json"), 35)["error"]["code"]
        == "worker-unknown"
    )


def test_a_refused_registration_leaves_no_name(staffed: Run, data: Path) -> None:
    assert staffed("people", "add", "eve", "--name", NAME, "--operator", "bea").exit_code == 35
    assert all(NAME.encode() not in path.read_bytes() for path in data.iterdir() if path.is_file())


def test_a_name_is_erased_and_the_chain_stays_whole(staffed: Run, data: Path) -> None:
    assert staffed("people", "add", "quetzal", "--name", NAME, "--role", "operator", "--operator", "sys").exit_code == 0
    ident = next(row["worker"] for row in listed(staffed) if row["login"] == "quetzal")
    put(data, report("aaaa1111", worker=ident))
    assert staffed("corrections", "mend", "aaaa", "--operator", "quetzal").exit_code == 0
    assert staffed("people", "erase", "quetzal", "--reason", "asked", "--operator", "tess").exit_code == 35
    assert NAME in staffed("people", "list", "--operator", "sys").stdout
    assert staffed("people", "erase", "quetzal", "--reason", "asked", "--operator", "sys").exit_code == 0
    for path in data.rglob("*"):
        if path.is_file():
            assert NAME.encode() not in path.read_bytes(), path
            assert b"quetzal" not in path.read_bytes(), path
    assert staffed("journal", "verify").exit_code == 0
    shown = staffed("corrections", "show", "aaaa", "--operator", "tess").stdout
    assert ident in shown and NAME not in shown
    assert [event.erased for event in events(data, WorkerLeft)] == [False, True]
    again = staffed("people", "erase", ident, "--reason", "asked", "--operator", "sys")
    assert again.exit_code == 0, "an interrupted erasure must be repeatable"


def test_an_erased_name_is_on_no_slip_and_in_no_reason(staffed: Run, data: Path) -> None:
    """Slips in the data directory are compressed, so a search for bytes would not find the name in them."""
    assert staffed("people", "add", "quetzal", "--name", NAME, "--role", "operator", "--operator", "sys").exit_code == 0
    ident = next(row["worker"] for row in listed(staffed) if row["login"] == "quetzal")
    put(data, report("aaaa1111", worker=ident))
    assert staffed("corrections", "assign", "aaaa", "--owner", "me", "--operator", "quetzal").exit_code == 0
    assert staffed("corrections", "slip", "aaaa", "--print", "--operator", "sys").exit_code == 0
    (slip,) = (data / "labels").iterdir()
    (data / "labels" / "spine-1.pdf").write_bytes(b"no name is on a spine")
    for reason in ("asked by Quetzal", f"for {NAME}.", NAME.split()[0].upper()):
        refused = staffed("people", "erase", "quetzal", "--reason", reason, "--operator", "sys")
        assert refused.exit_code == 2 and "The reason says the name" in refused.stderr
    assert slip.exists() and NAME in staffed("people", "list", "--operator", "sys").stdout, "nothing may be done yet"
    done = staffed("people", "erase", "quetzal", "--reason", "asked", "--operator", "sys")
    assert done.exit_code == 0 and "Flag slips in files were deleted (1)" in done.stderr
    assert [path.name for path in (data / "labels").iterdir()] == ["spine-1.pdf"]


def test_error_retraining_and_recheck_are_one_record(staffed: Run, data: Path) -> None:
    tim = ident_of("tim")
    order = report("eeee1111", OTHER, "", what=CorrectionKind.RECHECK, worker=tim, title="All checks", due="2099-01-01")
    put(
        data,
        report("aaaa1111", worker=tim),
        report("bbbb1111", OTHER, worker=tim),
        judged(),
        msgspec.structs.replace(judged(), operator=tim),
    )
    train = ("people", "retrain", "tim", "--rule", "spine-label", "--correction", "aaaa", "--note", "shown again")
    assert staffed(*train, "--operator", "bea").exit_code == 35
    assert staffed(*train, "--operator", "tess").exit_code == 0
    put(data, order)
    assert staffed("corrections", "recheck", "eeee", "--operator", "tim").exit_code == 35
    assert staffed("corrections", "recheck", "eeee", "--operator", "bea").exit_code == 0
    found = value(staffed("people", "record", "tim", "--operator", "tess", "--json"))
    assert (found["judged"], found["passed"], found["failed"]) == (1, 0, 1)
    assert [one["correction"]["id"] for one in found["errors"]] == ["aaaa1111", "bbbb1111"]
    assert [one["correction"]["result"] for one in found["rechecks"]] == ["passed"]
    (loop,) = found["loops"]
    assert (loop["rule"], loop["errors"], loop["errors_since"], loop["rechecks_since"]) == ("spine-label", 2, 0, 1)
    assert loop["retrained"]
    text = staffed("people", "record", "tim", "--operator", "tess").stdout
    assert "since then 0 errors and 1 good recheck" in text and "shown again" in text


def doctor(run: Run, name: str) -> dict[str, str]:
    lines = json.loads(run("doctor", "--json").stdout)["lines"]
    return next(line for line in lines if line["name"] == name)


def test_the_doctor_looks_at_corrections_and_people(staffed: Run, data: Path) -> None:
    assert (doctor(staffed, "corrections")["level"], doctor(staffed, "people")["found"]) == ("OK", "4 registered")
    put(data, report("aaaa1111"))
    assert "1 overdue" in doctor(staffed, "corrections")["found"]
    assert doctor(staffed, "corrections")["level"] == "WARN"
    people = People(data / PEOPLE)
    people.add("w-cut", "cut", "")
    assert (doctor(staffed, "people")["level"], "cut" in doctor(staffed, "people")["found"]) == ("WARN", True)
    assert staffed("people", "add", "cut", "--operator", "sys").exit_code == 0, (
        "an interrupted registration must be completed"
    )
    assert next(row for row in listed(staffed) if row["login"] == "cut")["worker"] == "w-cut"
    put(data, WorkerLeft(worker="w-cut", erased=True, reason="x"))
    assert (doctor(staffed, "people")["level"], "w-cut" in doctor(staffed, "people")["found"]) == ("FAIL", True)
    assert staffed("people", "erase", "w-cut", "--reason", "x", "--operator", "sys").exit_code == 0
    assert doctor(staffed, "people")["level"] == "OK"


# --- who sees what --------------------------------------------------------------------------------------------------

VIEWERS = ("sys", "tess", "bea", "tim", "nobody")
SEES_ALL = ("sys", "tess")


def test_whose_record_a_viewer_may_read(staffed: Run) -> None:
    for viewer, whose in itertools.product(VIEWERS, ("tess", "bea", "tim")):
        result = staffed("people", "record", whose, "--operator", viewer, "--json")
        allowed = viewer in SEES_ALL or viewer == whose
        error = value(result, 0 if allowed else 35).get("error", {}).get("code", "")
        assert error == ("" if allowed else "not-allowed"), (viewer, whose)


def test_what_a_list_of_people_shows(staffed: Run) -> None:
    for viewer in VIEWERS:
        logins = {row["login"] for row in listed(staffed, viewer)}
        assert logins == (set(STAFF) if viewer in SEES_ALL else {viewer} & set(STAFF)), viewer


def test_a_correction_says_whose_work_it_is_to_those_who_may_see(staffed: Run, data: Path) -> None:
    tim, bea = ident_of("tim"), ident_of("bea")
    put(data, report("aaaa1111", worker=tim, found_by=bea), CorrectionMended(correction="aaaa1111", operator=bea))
    commands = (("list",), ("show", "aaaa"), ("overdue",))
    for viewer, command, words in itertools.product(VIEWERS, commands, ((), ("--json",))):
        said = staffed("corrections", *command, "--operator", viewer, *words).stdout
        for ident, login in ((tim, "tim"), (bea, "bea")):
            seen = ident in said or login.title() in said
            if viewer not in SEES_ALL and viewer != login:
                assert not seen, (viewer, command, login)
            elif command == ("show", "aaaa"):
                assert seen, (viewer, command, login)


def test_a_second_check_is_blind_in_the_queue_too(staffed: Run, data: Path) -> None:
    """The findings about an item that waits for its second check are shown only to the first worker, and to those who
    have looked."""
    tim = ident_of("tim")
    found = report("aaaa2222", worker=tim)
    order = report(
        "bbbb3333", BARCODE, "", what=CorrectionKind.RECHECK, worker=tim, title="All checks", due="2099-01-01"
    )
    put(data, found, order)

    def seen(viewer: str) -> set[str]:
        rows = value(staffed("corrections", "list", "--operator", viewer, "--json"))
        return {row["id"][:8] for row in rows}

    assert seen("bea") == {"bbbb3333"}
    assert seen("tess") == {"bbbb3333"}
    assert seen("tim") == {"aaaa2222", "bbbb3333"}
    put(data, CorrectionRechecked(correction="bbbb3333", passed=True, operator=ident_of("bea")))
    assert seen("bea") == {"aaaa2222"}
