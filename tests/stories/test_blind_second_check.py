"""The blind second check, on every path: the person who owes it never sees what the first check found.

The test is complete, because (1) every method of the journal's views, (2) every command, (3) every method of a port
that screens read, and (4) every view of a workflow is in a table here. An entry is either tested, or has a reason why
it cannot reveal a result. A new one fails until it is entered. The text to find (`MARK`) is in every text of the first
check that could be shown.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import click
import msgspec
import pytest
from click.testing import CliRunner, Result

from station.base.errors import StillBlind
from station.base.sentence import Sentence
from station.base.settings import Settings, load
from station.cli import station
from station.cli.admin.settings_file import template
from station.cli.shared.deferred import loaded
from station.domain import events, ports
from station.domain.correction_states import CorrectionKind
from station.domain.corrections.correction import Entry
from station.domain.deliveries import delivery as deliveries
from station.domain.deliveries.intents import NoteIntent, ResultIntent
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item_state import ItemState
from station.domain.people.rights import Role
from station.domain.sampling import By, Stream, Whose
from station.domain.verdict import Verdict
from station.domain.workflows import ReleaseLine, WorkflowView
from station.reports.screens import Reports
from station.reports.status_board import StatusBoards
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import workforce
from station.store.owner import open_store
from station.store.people.names import People
from station.store.people.visibility import WorkViews
from station.store.queries.journal_search import EventFilter
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.office.conftest import office
from tests.support import sample_events

ITEM, ORDER, FOUND = "31999000000014", "aaaa1111aaaa1111", "bbbb2222bbbb2222"
MARK = "ZEBRA"
TIM, BEA, TESS = "w-tim00000", "w-bea00000", "w-tess0000"
UID = sample_events.UID


def first_check() -> tuple[list[events.AnyEvent], list[deliveries.NewDelivery]]:
    """Return what Tim's check found, in every event and delivery that contains it."""
    bad = Finding(
        "spine-label", f"{MARK} title", Severity.MAJOR, Outcome.FAIL, TIM, Sentence.verbatim(f"{MARK} reason")
    )
    item = sample_events.record(ITEM)
    told: list[events.AnyEvent] = [
        *(events.WorkerRegistered(worker=one, role=role) for one, role in ROLES.items()),
        events.ItemScanned(barcode=ITEM, part=1, item=item, operator=TIM),
        sample_events.started("one", UID, ITEM),
        sample_events.verified("one", UID, ITEM),
        events.CheckAnswered(barcode=ITEM, finding=bad, operator=TIM),
        events.CorrectionOpened(
            correction=FOUND,
            barcode=ITEM,
            rule="spine-label",
            title=Sentence.verbatim(f"{MARK} title"),
            due="2020-01-01",
            owner="Marking",
            worker=TIM,
            found_by=TIM,
            reason=Sentence.verbatim(f"{MARK} reason"),
            item_title="A title",
        ),
        events.CorrectionMended(correction=FOUND, note=Sentence.verbatim(f"{MARK} note"), operator=TIM),
        events.RetrainingHeld(worker=TIM, rules=(f"{MARK}",), corrections=(FOUND,), note=f"{MARK}", operator=TESS),
        events.ReleaseItemListed(release="t1", barcode=ITEM),
        events.TruckReleased(
            release="t0", wrong=(ReleaseLine(barcode=ITEM, reasons=(Sentence.verbatim(f"{MARK} reason"),)),)
        ),
        events.SamplingCounted(
            barcode=ITEM,
            operator=TIM,
            streams=(Stream(whose=Whose.VENDOR, subject=f"{MARK}", plan=sample_events.STREAM.plan),),
        ),
        events.CorrectionOpened(
            correction=ORDER,
            what=CorrectionKind.RECHECK,
            barcode=ITEM,
            title=Sentence.verbatim("All checks once more"),
            due="2020-01-01",
            worker=TIM,
            found_by="machine",
            reason=Sentence.verbatim("drawn"),
            item_title="A title",
        ),
        events.BoxOpened(site="EAST", operator=TIM),
        events.ItemJudged(
            barcode=ITEM, uid=UID, part=1, parts=1, verdict=Verdict.FAIL, findings=(bad,), item=item, operator=TIM
        ),
    ]
    result = ResultIntent(barcode=ITEM, uid=UID, part=1, parts=1, verdict=Verdict.FAIL, findings=(bad,))
    sent = [
        deliveries.NewDelivery("file", ITEM, result),
        deliveries.NewDelivery("alma", ITEM, NoteIntent(barcode=ITEM, text=MARK)),
    ]
    return told, sent


ROLES = {TESS: Role.TECHNICIAN, BEA: Role.OPERATOR, TIM: Role.OPERATOR}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A station's data after the first check; the tests only read it."""
    return made(tmp_path_factory.mktemp("blind"))


def made(data: Path, *, sign_on: bool = False) -> Path:
    text = template(**{"library.isil": "US-TxDa", "station.operator": "bea", "people.sign_on": sign_on})
    (data / "station.toml").write_text(text, encoding="utf-8")
    people = People(data / PEOPLE)
    for ident, login in ((TIM, "tim"), (BEA, "bea"), (TESS, "tess")):
        people.add(ident, login, login.title())
    told, sent = first_check()
    store = open_store(data / JOURNAL, FakeClock())
    try:
        store.journal.record(*told, deliveries=sent)
    finally:
        assert store.close()
    (data / "list.txt").write_text(f"{ITEM}\n", encoding="utf-8")
    return data


def ran(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["--data", str(data), *words])


# --- commands ---------------------------------------------------------------------------------------------------------

WALKED: dict[str, tuple[str, ...]] = {
    "journal show": ("--limit", "1000"),
    "tag history": (ITEM,),
    "item": (ITEM,),
    "corrections list": ("--all",),
    "corrections overdue": (),
    "corrections show": (ITEM,),
    "corrections slip": (ITEM,),
    "corrections figures": ("--by", "rule"),
    "outbox list": (),
    "outbox show": ("DELIVERY",),
    "board": (),
    "release check": ("LIST",),
    "receiving boxes pack": ("BOX", ITEM),
    "transfers list": ("--all",),
    "quality stats": ("--by", "material"),
    "people record": ("tim",),
    "label": (ITEM, "--type", "flag"),
    # Given a barcode or the beginning of an id, a command that changes a correction lists those that match.
    "corrections mend": (FOUND[:8],),
    "corrections assign": (FOUND[:8], "--owner", "me"),
    "corrections recheck": (FOUND[:8],),
    "corrections close": (FOUND[:8], "--result", "no-defect", "--reason", "x"),
    "corrections waive": (ITEM, "--rule", "spine-label", "--reason", "x"),
}
"""Command -> its arguments; tested as text and as JSON."""
RECORDS = "asks records, rules, tags or settings; the journal's verdicts are not read"
BENCH = "works at the bench or the reader: shows what lies there now and who has it in hand"
PEOPLE_ONLY = "names, roles, PINs and cards"
ELSE = "the checks of a withdrawal or a lease return, which no second check repeats"
PAGES = "serves pages, which have a test of their own here"
WHOLE = "copies, checks or changes the whole data directory: names files, versions and counts"
WRITES = "journals or sends what it is told, and answers with that"
SETS_OF = {
    RECORDS: "init doctor tag_abandon tag_decode tag_diff tag_doctor tag_encode tag_explain tag_ledger tag_migrate tag_plan "
    "tag_read catalog_check catalog_import catalog_inspect catalog_rebuild catalog_search catalog_show orders_list "
    "receiving_list receiving_read receiving_show receiving_vendors_list receiving_vendors_show receiving_vendors_export "
    "receiving_accounts_export receiving_accounts_show receiving_accounts_try "
    "receiving_shipment_list receiving_shipment_show receiving_differences_list receiving_differences_show "
    "receiving_invoices_list receiving_invoices_show receiving_invoices_sheet receiving_invoices_exports "
    "receiving_orders_list receiving_orders_show receiving_orders_review receiving_orders_notice receiving_orders_export "
    "receiving_expenditure receiving_boxes_list receiving_boxes_show receiving_receipts_list "
    "receiving_order-lines_list receiving_order-lines_show receiving_invoices_compare "
    "cataloging_add cataloging_list cataloging_resolve "
    "cataloging_show callnumber_anscr callnumber_cutter callnumber_explain callnumber_label callnumber_parse "
    "callnumber_sort quality_check quality_rules_accept quality_rules_explain quality_rules_lint quality_rules_list "
    "quality_sampling_draw quality_sampling_plan quality_sampling_rejected quality_sampling_replay "
    "settings quality_sampling_state quality_sampling_tells quality_sampling_unasked journal_rebuild journal_verify "
    "sets manual sync_check library_facts "
    "library_members serve web_certificate_make web_certificate_show web_certificate_trust-help web_check outbox_retry "
    "fleet_migrate fleet_serve fleet_project fleet_invite fleet_join fleet_status fleet_benches fleet_ledger "
    "fleet_quarantine fleet_goals fleet_goal fleet_doctor fleet_leave fleet_rebuild fleet_adopt fleet_demo",
    BENCH: "run demo process convert stack_verify set inspect undo tag_erase tag_write reader_badge reader_capture "
    "reader_configuration_default reader_configuration_read reader_configuration_restart reader_configuration_save "
    "reader_configuration_write reader_health reader_info reader_label reader_placement reader_scan reader_signal "
    "emulate_3m emulate_feig emulate_nfcudp emulate_pn532 emulate_say emulate_scenarios emulate_trf7970a harness "
    "pad_items pad_security pad_update sound_mute sound_test sound_unmute sound_volume",
    PEOPLE_ONLY: "people_add people_card_add people_card_remove people_erase people_leave people_list people_pin_change "
    "people_pin_list people_pin_recover people_pin_reset people_pin_set people_rename people_retrain people_role people_sign-on "
    "people_speak "
    "sign-on sign-off who",
    ELSE: "withdraw_answer withdraw_list withdraw_show withdraw_report withdraw_cart_list withdraw_watch "
    "withdraw_lists_list withdraw_lists_show withdraw_lists_print",
    PAGES: "office",
    WHOLE: "backup_create backup_verify restore update fleet_restore",
    WRITES: "release_truck journal_archive journal_continue corrections_order corrections_look outbox_discard outbox_resolve "
    "roll_load call-staff sound_check receiving_close receiving_import receiving_type "
    "receiving_vendors_import receiving_accounts_import "
    "receiving_shipment_open receiving_shipment_close receiving_count receiving_fault receiving_undo "
    "receiving_return receiving_bind receiving_claim "
    "receiving_differences_assign receiving_differences_note receiving_differences_end "
    "receiving_invoices_import receiving_invoices_type receiving_invoices_code receiving_invoices_rate "
    "receiving_invoices_credit receiving_invoices_okay receiving_invoices_take-back receiving_invoices_paid "
    "receiving_invoices_void receiving_invoices_correct receiving_invoices_export receiving_orders_record "
    "receiving_orders_import receiving_boxes_open receiving_boxes_take-out receiving_boxes_close receiving_boxes_receive "
    "receiving_boxes_reopen receiving_receipts_order "
    "transfers_show transfers_decide transfers_import transfers_cancel transfers_confirm transfers_read transfers_lost "
    "transfers_found "
    "withdraw_decide withdraw_cancel withdraw_confirm withdraw_destroyed withdraw_place withdraw_oclc withdraw_assign "
    "withdraw_cart_open withdraw_cart_close "
    "withdraw_lists_import withdraw_lists_tick withdraw_lists_without withdraw_lists_close "
    "library_note library_scan-in",
}  # fmt: skip
SILENT = {name.replace("_", " "): why for why, names in SETS_OF.items() for name in names.split()}
"""Command -> why it cannot reveal a result. `release truck` uses the same function as `release check` for its
report."""


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(loaded(found), (*path, name))
    else:
        yield " ".join(path)


def test_every_command_is_walked_or_says_why_not() -> None:
    assert set(leaves(station)) == {*WALKED, *SILENT}
    assert not WALKED.keys() & SILENT.keys()


@pytest.mark.parametrize("name", WALKED)
def test_no_command_tells_whoever_owes_the_second_check(before: Path, name: str) -> None:
    queries = Queries(before / JOURNAL, FakeClock())
    (box,) = queries.boxes()
    named = {"DELIVERY": queries.outbox_page()[0].id, "LIST": str(before / "list.txt"), "BOX": box.id}
    words = [named.get(word, word) for word in WALKED[name]]
    for shape in ((), ("--json",), ("--json", "--full")) if name == "journal show" else ((), ("--json",)):
        said = ran(before, *name.split(), *words, *shape)
        assert not isinstance(said.exception, Exception) or isinstance(said.exception, SystemExit), said.exception
        assert MARK not in said.output
        assert '"fail"' not in said.output


def test_the_walk_would_find_it(tmp_path: Path) -> None:
    """Tim, who did the work, sees the text in each of them, so the test can find it."""
    data = made(tmp_path)
    for name in (
        "journal show",
        "tag history",
        "item",
        "corrections list",
        "corrections show",
        "corrections slip",
        "outbox show",
        "board",
    ):
        delivery = next(
            one.id for one in Queries(data / JOURNAL, FakeClock()).outbox_page() if isinstance(one.intent, NoteIntent)
        )
        words = [delivery if word == "DELIVERY" else word for word in WALKED[name]]
        assert MARK in ran(data, *name.split(), *words, "--operator", "tim").output, name
    assert MARK in ran(data, "release", "check", str(data / "list.txt"), "--operator", "tim").output
    (box,) = Queries(data / JOURNAL, FakeClock()).boxes()
    assert MARK in ran(data, "receiving", "boxes", "pack", box.id, ITEM, "--operator", "tim").output


def test_no_page_of_the_office_tells_whoever_owes_the_second_check(before: Path) -> None:
    settings = load(before / "station.toml")
    as_tim = msgspec.structs.replace(settings, station=msgspec.structs.replace(settings.station, operator="tim"))
    for path in (f"/items/{ITEM}", "/journal", "/fix", "/quality/reasons"):
        for form in ("", "?as=csv"):
            with office(before) as desk:
                assert MARK not in desk.get(path + form).text
            with office(before, settings=as_tim) as desk:
                assert MARK in desk.get(path + form).text, "Tim, who did the work, sees it"


def test_a_technician_looks_on_purpose_and_it_is_journaled(tmp_path: Path) -> None:
    data = made(tmp_path)
    assert MARK not in ran(data, "corrections", "list", "--operator", "tess").output
    refused = ran(data, "corrections", "look", ITEM, "--operator", "bea")
    assert refused.exit_code == 35 and MARK not in refused.output
    assert MARK not in ran(data, "journal", "show").output
    looked = ran(data, "corrections", "look", ITEM, "--operator", "tess", "--json")
    assert looked.exit_code == 0 and MARK in looked.output and json.loads(looked.stdout)["looked"] == [ORDER]
    assert MARK in ran(data, "journal", "show", "--limit", "100", "--operator", "tess").output
    assert MARK not in ran(data, "journal", "show", "--limit", "100").output, "every other person must stay blind"
    seen = [
        row.event
        for row in Queries(data / JOURNAL, FakeClock()).events()
        if isinstance(row.event, events.SecondCheckSeen)
    ]
    assert [(event.correction, event.operator) for event in seen] == [(ORDER, TESS)]
    assert ran(data, "corrections", "recheck", ORDER[:8], "--operator", "tess").exit_code == 35
    assert "seen the findings" in ran(data, "corrections", "recheck", ORDER[:8], "--operator", "tess").output
    assert ran(data, "corrections", "recheck", ORDER[:8], "--operator", "bea").exit_code == 0
    assert MARK in ran(data, "corrections", "list").output, "after the second check everything is shown"


def test_where_people_sign_on_nobody_in_particular_is_told_nothing(tmp_path: Path) -> None:
    data = made(tmp_path, sign_on=True)
    for words in (("journal", "show", "--limit", "100"), ("tag", "history", ITEM), ("outbox", "list"), ("board",)):
        said = ran(data, *words)
        assert said.exit_code in (0, 1) and MARK not in said.output, words


def test_what_another_bench_ordered_is_covered_here_too(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    made(here)
    made(there)
    store = open_store(there / JOURNAL, FakeClock())
    store.journal.record(events.CorrectionRechecked(correction=ORDER, passed=True, operator=BEA))
    assert store.close()
    assert MARK in ran(there, "corrections", "list").output
    assert MARK not in ran(here, "corrections", "list", "--also", str(there)).output
    assert MARK not in ran(there, "corrections", "list", "--also", str(here)).output


# --- the journal's views ----------------------------------------------------------------------------------------------

READ: dict[str, Callable[[Queries], object]] = {
    "journal_page": lambda q: q.journal_page(limit=100),
    "journal_search": lambda q: q.journal_search(EventFilter(item=ITEM)),
    "events": lambda q: q.events(),
    "outbox_page": lambda q: q.outbox_page(),
    "outbox_after": lambda q: q.outbox_after("", 50),
    "delivery": lambda q: q.delivery(Queries(q._file.path, q._clock).outbox_page()[0].id),
    "corrections": lambda q: q.corrections(closed=True),
    "correction_briefs": lambda q: (
        "spine-label" in repr(q.correction_briefs("")) and MARK,
        q.correction_briefs(titles=True),
    ),
    "corrections_named": lambda q: q.corrections_named([FOUND]),
    "waiting_corrections": lambda q: q.waiting_corrections(10)[0] > 1 and MARK,
    "correction": lambda q: q.correction(FOUND),
    "tallies": lambda q: q.tallies(By.MATERIAL),
    "groups": lambda q: q.groups(By.MATERIAL, 1),
    "reasons": lambda q: q.reasons(),
    "judged_by": lambda q: q.judged_by(TIM)[1] and MARK,
    "last_judged": lambda q: q.last_judged(ITEM),
    "judged": lambda view: view.judged(ITEM),
    "about_tag": lambda q: q.about_tag(UID),
    "life": lambda q: q.life(ITEM),
    "about_item": lambda q: q.about_item(ITEM),
    "item_history": lambda view: view.item_history(ITEM),
    "state_of": lambda q: (found := q.state_of(ITEM), MARK if found.state is ItemState.FAILED else ""),
    "lately": lambda q: q.lately(),
}
TELLS_NOTHING = {
    "seen_by viewer covered at_once": "who reads, and when",
    "newest_about": "a number",
    "delivery_history": "what became of a delivery that `delivery` has shown; nothing of a covered item",
    "verify break_between head check_heads lost_heads restored archives first_at weights": "the chain, its archives and its size",
    "binding_of bindings_for open_uids newest_write writes rolls": "tags and writes",
    "outbox_counts waiting_since delivery_rates judged_barcodes set_ids": "numbers; barcodes without a verdict",
    "exists packing_lists packing_list_lines fitting_lines open_vendors lists_taken_over": "packing lists; the items that "
    "arrived for them, whatever their verdict",
    "lists_to_open shipment_line lines_for_copy": "lines of lists",
    "vendors vendor_named shipments shipment shipment_lines shipment_with_carton lists_of_carton counts_of count "
    "count_of_item line_proposals differences difference differences_of_count difference_history waiting_differences "
    "claim": "what vendors sent, before an item is checked",
    "account_plan account_plan_seq export exports invoice invoice_history invoice_waiting invoices "
    "log_of_invoice order orders recorded replacement_price": "invoices, orders and accounts: no verdict of an item",
    "box boxes packed box_of_item box_history boxes_waiting": "items in boxes: each of them passed",
    "transfer transfers transfer_of_item transfer_history lost_item departures_in_period": "transfers: a hidden verdict "
    "proves nothing (tests/store/projections/test_transfers.py)",
    "presence_is_news presence_contradictions gone_items items_in_use": "what library systems have, whatever the verdict",
    "listed_copy may_be_received order_line order_lines system_invoice system_invoice_read_at receipt "
    "receipts": "what vendors and Alma say of copies, whatever their verdict",
    "cataloging workers retrainings rules_accepted pin_trace": "other queues, PINs; retrainings: one's own, or a technician's",
    "streams unasked rejected_lots switch_reasons sampling_events": "lots and levels of streams; no item's verdict",
    "open_withdrawal withdrawal_checklists withdraw_orders": ELSE,
    "withdrawal withdrawals withdrawal_of_item withdrawal_history withdrawn_in_period ready_to_strip withdrawal_cart open_cart "
    "carts watched watched_tags": ELSE,
    "pull_lists pull_list pull_lines pull_line": "weeding lists and what was found at the shelf",
    "staff_call": "the caller, and the title in hand; no verdict",
    "unjudged": "items that have no verdict",
    "open_sets": "sets with parts without a tag",
    "titles": "titles of items",
    "open_session of_session newest_session open_release of_set open_set sets deliveries_of": "what the bench makes its "
    "sessions, lists and sets of anew; what it shows of them is below",
}


def test_every_view_of_the_journal_is_covered_or_tells_nothing(before: Path) -> None:
    methods = {name for name, _ in inspect.getmembers(Queries) if not name.startswith("_")}
    silent = {name for names in TELLS_NOTHING for name in names.split()}
    assert methods == {*READ, *silent} and not READ.keys() & silent
    queries = Queries(before / JOURNAL, FakeClock())
    for name, read in READ.items():
        try:
            said = repr(read(queries.seen_by(BEA)))
        except StillBlind:
            said = ""
        assert MARK not in said and "FAIL" not in said and "bad=1" not in said, name
        full = repr(read(queries))
        assert MARK in full or "bad=1" in full, f"{name} must show the text to other viewers"


RELEASED = events.TruckReleased(release="t2", right=(ITEM,))


@pytest.mark.parametrize("state", [ItemState.PASSED, ItemState.FAILED, ItemState.RELEASED])
def test_the_state_of_an_item_does_not_tell_its_verdict(tmp_path: Path, state: ItemState) -> None:
    """A truck releases only items that passed, so "released" tells the verdict, too."""
    data = made(tmp_path)
    verdict = Verdict.FAIL if state is ItemState.FAILED else Verdict.PASS
    store = open_store(data / JOURNAL, FakeClock())
    store.journal.record(sample_events.judged(ITEM, verdict), *((RELEASED,) if state is ItemState.RELEASED else ()))
    assert store.close()
    queries = Queries(data / JOURNAL, FakeClock())
    full, covered = queries.state_of(ITEM), queries.seen_by(BEA).state_of(ITEM)
    assert full is not None and full.state is state
    assert covered is not None and (covered.state, covered.kind) == (ItemState.TAGGED, "hidden")


# --- what screens read ------------------------------------------------------------------------------------------------

UNSEEN = {
    "QueryPort.outbox_counts": "numbers",
    "QueryPort.delivery_rates": "numbers",
    "Views.journal_page": "of one viewer already",
    "Views.outbox_page": "of one viewer already",
    "Views.judged": "of one viewer already; refused while it is covered",
    "Views.item_history": "of one viewer already",
    "Views.state_of": "of one viewer already; without the verdict while it is covered",
    "Views.withdrawal_of_item": "steps of a withdrawal; no verdict of processing",
    "Views.titles": "titles of items",
    "LabelPort.label": "prints the record's label",
    "LabelPort.slip": "prints what is on the screen: own findings",
    "LabelPort.truck": "prints what the release shows",
    "LabelPort.box_label": "prints a site and numbers",
    "LabelPort.packing_slip": "prints items that passed",
    "LabelPort.item_slip": "prints an item that passed",
    "OutboxPort.give": "gives orders",
    "OutboxPort.offers": "what can be ordered",
    "OutboxPort.retry": "sends again",
    "OutboxPort.decide": "decides",
    "ReportPort.photos": "paths of photos of one directory",
    "ReportPort.checklist": "the rules for a record",
    "ManualPort.topics": "the manual",
    "ManualPort.rules": "the manual",
    "ManualPort.page": "the manual",
    "ManualPort.picture": "the manual",
}
SEEN_PORTS = (
    ports.QueryPort,
    ports.Views,
    ports.WorkPort,
    ports.LabelPort,
    deliveries.OutboxPort,
    ports.ReportPort,
    ports.StatusBoardPort,
    ports.ManualPort,
)  # fmt: skip


def test_every_port_of_the_screens_asks_who_reads(before: Path) -> None:
    for port in SEEN_PORTS:
        for name, method in inspect.getmembers(port, inspect.isfunction):
            if not name.startswith("_"):
                asks = "viewer" in inspect.signature(method).parameters
                assert asks != (f"{port.__name__}.{name}" in UNSEEN), f"{port.__name__}.{name}"
    queries = Queries(before / JOURNAL, FakeClock())
    force = workforce(before, queries)
    work = WorkViews(queries, force)
    boards = StatusBoards(queries, FakeClock(), lambda: None, lambda: None)
    reports = Reports(queries, force, Settings(), before, FakeClock())
    ways: dict[str, Callable[[str], Any]] = {
        "journal": lambda who: queries.seen_by(who).journal_page(limit=100),
        "plain journal": lambda who: queries.seen_by(who).journal_page(limit=100, plain=True),
        "outbox": lambda who: queries.seen_by(who).outbox_page(),
        "queue": lambda who: work.corrections(who),
        "item to fix": lambda who: work.item_to_fix(who, ITEM),
        "board": lambda who: boards.board(who),
    }
    for name, way in ways.items():
        assert MARK not in repr(way(BEA)), name
        assert MARK not in repr(way(TESS)), f"{name}: must be hidden until her second check"
        assert MARK in repr(way(TIM)), name
    with pytest.raises(StillBlind):
        work.correction(BEA, FOUND)
    assert isinstance(work.correction(BEA, ORDER), Entry)
    assert "no item" in repr(reports.shares(BEA, By.MATERIAL)) or MARK not in repr(reports.shares(BEA, By.MATERIAL))


WORKFLOWS = {
    "ConvertView": "a conversion asks nobody: there is no first answer to hide",
    "PackView": "tests/bench/workflows/pack/test_pack.py: an item that owes a second check says only that",
    "ReceiveView": "copies before they are items",
    "ReleaseView": "tests/bench/item/test_second_check.py: a truck tells no reason",
    "InspectView": "tests/bench/item/test_second_check.py: histories",
    "SetView": "parts and counts, which are no answers to checks",
    "WithdrawView": "another task than the one whose check is done twice",
    "RetagView": "one tag and what becomes of it",
}


def test_every_view_of_a_workflow_was_thought_of() -> None:
    assert {view.__name__ for view in get_args(WorkflowView)} == set(WORKFLOWS)
