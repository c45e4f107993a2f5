"""`station label`: preview, print, batches, sheets, flag slips from the journal, a stop in the middle."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.base.sentence import Sentence
from station.base.settings import CatalogSettings
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.deliveries.intents import WithdrawIntent
from station.domain.events import DeliveryOrdered, ItemJudged
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord
from station.domain.verdict import Verdict
from station.printing import content, zpl
from station.runtime.data_directory import CATALOG, JOURNAL
from station.store.catalog_index.import_file import import_file
from station.store.owner import open_store
from tests.conftest import ROOT, FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.sample_labels import FONTS, lines_of, picture, scanned, set_page, sizes, write

# Items of the project's own sample catalog (station/catalog/sample/works.toml).
RIVERS, RIVERS_LINES = "31999000000014", ["QH", "541.5", ".S7", "Q55", "2024"]
DVD_SET = "31999000000147"  # three discs
NO_NUMBER = "31999000000253"
HINT_ONLY = "31999000000246"  # no number in its item field, 050 #4 GT2210 .P37 2024
SAMPLE = resources.files("station.catalog") / "data/sample.mrc"


def run(*arguments: object, data: Path, stdin: str = "") -> Result:
    return CliRunner().invoke(station, ["label", "--data", str(data), *map(str, arguments)], input=stdin)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the sample catalog. Tests print to separate places."""
    data = tmp_path_factory.mktemp("data")
    write(data / "station.toml", template(**{"library.name": "Example Library"}))
    settings = CatalogSettings()
    with resources.as_file(SAMPLE) as file:
        import_file(file, data / CATALOG, settings.profile, settings)
    return data


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def files(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir()) if out.exists() else []


def test_a_preview_draws_the_label_and_prints_nothing(made: Path) -> None:
    result = run(RIVERS, data=made)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "spine-25x38: 25.4 x 38.1 mm, 11 points",
        "┌───────┐",
        *(f"│ {line.ljust(5)} │" for line in RIVERS_LINES),
        "└───────┘",
    ]
    assert files(made / "labels") == []


def test_a_withdrawn_item_gets_no_label_and_the_search_says_why(tmp_path: Path, out: Path, made: Path) -> None:
    shutil.copytree(made, data := tmp_path / "data")
    store = open_store(data / JOURNAL, FakeClock())
    try:
        store.journal.record(DeliveryOrdered(system="alma", intent=WithdrawIntent(barcode=RIVERS)))
    finally:
        store.close()
    result = run(RIVERS, "--print", "--to", out, data=data)
    assert result.exit_code == 30 and " leaves the library. " in result.stderr and files(out) == []
    found = CliRunner().invoke(station, ["catalog", "search", "--data", str(data), "--json", "imaginary", "rivers"])
    states = {one["barcode"]: one["state"] for one in json.loads(found.stdout)["items"]}
    assert states[RIVERS] == "withdrawn"


def test_a_spine_label_is_printed_as_it_was_shown(made: Path, out: Path) -> None:
    result = run(RIVERS, "--print", "--to", out, data=made)
    assert result.exit_code == 0
    assert result.stdout == f"{out}/spine-{RIVERS}.pdf\n"
    assert lines_of((out / f"spine-{RIVERS}.pdf").read_bytes()) == RIVERS_LINES


def test_the_default_place_is_in_the_data_directory(made: Path) -> None:
    assert run(RIVERS, "--print", "--format", "zpl", data=made).exit_code == 0
    kept = made / "labels" / f"spine-{RIVERS}.zpl"
    page = set_page(content.spine(tuple(RIVERS_LINES), RIVERS), "spine-25x38")
    assert kept.read_bytes() == zpl.render([page], FONTS)
    kept.unlink()


def test_copies(made: Path, out: Path) -> None:
    run(RIVERS, "--print", "--to", out, "--copies", 3, data=made)
    run(RIVERS, "--print", "--to", out, "--copies", 3, "--format", "zpl", data=made)
    assert len(sizes((out / f"spine-{RIVERS}.pdf").read_bytes())) == 3
    assert (out / f"spine-{RIVERS}.zpl").read_text().count("^PQ3\n") == 1


@pytest.mark.parametrize(
    ("bars", "read"), [("code39", RIVERS), ("code128", RIVERS), ("qr", RIVERS), ("codabar", f"A{RIVERS}A")]
)
def test_a_pocket_label_with_each_kind_of_bars(made: Path, out: Path, bars: str, read: str) -> None:
    assert run(RIVERS, "--print", "--to", out, "--kind", "pocket", "--barcode", bars, data=made).exit_code == 0
    data = (out / f"pocket-{RIVERS}.pdf").read_bytes()
    assert [text for _, text in scanned(picture(data))] == [read]
    assert lines_of(data)[:2] == ["Quillfeather, Ada.", "A field guide to imaginary rivers"]


def test_a_set_gets_a_label_for_each_part_or_for_one(made: Path, out: Path) -> None:
    assert run(DVD_SET, "--print", "--to", out, "--kind", "part", data=made).exit_code == 0
    data = (out / f"part-{DVD_SET}.pdf").read_bytes()
    assert [lines_of(data, page)[0] for page in range(3)] == ["Part 1 of 3", "Part 2 of 3", "Part 3 of 3"]
    assert len(sizes(data)) == 3
    one = run(DVD_SET, "--kind", "part", "--part", 2, data=made)
    assert one.stdout.count("Part 2 of 3") == 1
    assert one.stdout.count("Part ") == 1
    too_many = run(DVD_SET, "--kind", "part", "--part", 4, data=made)
    assert too_many.exit_code == 60
    assert "there is no part 4" in too_many.stderr
    assert "one part only" in run(RIVERS, "--kind", "part", data=made).stderr


def test_an_item_without_a_call_number_has_no_label(made: Path, out: Path) -> None:
    result = run(NO_NUMBER, "--print", "--to", out, data=made)
    assert result.exit_code == 60
    assert "no call number" in result.stderr
    assert files(out) == []


def test_a_hint_of_the_record_is_said_to_be_one(made: Path, out: Path) -> None:
    """docs/reference/quality-sources.md#label-rules, rule 21: a class number of the record is a hint only. It is
    printed, and reported as a hint."""
    shown = run(HINT_ONLY, data=made)
    assert (shown.exit_code, "! The call number comes from 050. A hint of the record" in shown.stdout) == (0, True)
    printed = run(HINT_ONLY, "--print", "--to", out, data=made)
    assert f"{HINT_ONLY}: The call number comes from 050. A hint of the record" in printed.stdout
    assert lines_of((out / f"spine-{HINT_ONLY}.pdf").read_bytes()) == ["GT", "2210", ".P37", "2024"]
    (label,) = json.loads(run(HINT_ONLY, RIVERS, "--json", data=made).stdout)["labels"][:1]
    assert "A hint of the record" in label["notes"][0]
    assert "hint" not in run(RIVERS, data=made).stdout


def test_what_the_template_says_against_a_label_is_told_with_it(made: Path, tmp_path: Path) -> None:
    """Paper is measured in millimeters, a template in characters and lines. Each has its own message."""
    write(tmp_path / "narrow.toml", 'name = "narrow"\nwidth = 4\nheight = 3\n')
    write(tmp_path / "station.toml", template(**{"labels.template": "narrow.toml"}))
    (tmp_path / CATALOG).write_bytes((made / CATALOG).read_bytes())
    shown = run(RIVERS, data=tmp_path).stdout
    assert "! Line 2 (541.5) has 5 characters, the label takes 4. Use small type, or other lines." in shown
    assert "There are 5 lines, the label takes 3. Use small type, or other lines." in shown


def test_what_does_not_fit_is_shown_and_not_printed(made: Path, out: Path, tmp_path: Path) -> None:
    small = write(tmp_path / "small.toml", 'name = "small"\nkinds = ["spine"]\nwidth_mm = 12\nheight_mm = 38.1\n')
    shown = run(RIVERS, "--paper", small, data=made)
    assert shown.exit_code == 1
    assert "× Line 2 (541.5) is" in shown.stdout
    printed = run(RIVERS, "--print", "--to", out, "--paper", small, data=made)
    assert printed.exit_code == 60
    assert "Line 2 (541.5) is" in printed.stderr
    assert "the label takes 9.0 mm" in printed.stderr
    assert files(out) == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["123"], 30, "not one of our barcodes"),
        (["31234000000016"], 30, "The station's catalog has no record with this barcode"),
        ([RIVERS, "--paper", "nope"], 3, "There is no paper 'nope'"),
        ([RIVERS, "--paper", "nope.toml"], 3, "nope.toml"),
        ([RIVERS, "--paper", "part-57x32"], 3, "is for part, pocket; for spine there are spine-25x38"),
        ([RIVERS, "--to", "cups:a b"], 3, "not the name of a print queue"),
        ([RIVERS, "--to", "device:/dev/null"], 3, "ZPL only"),
        ([RIVERS, "--format", "zpl", "--paper", "spine-sheet-letter"], 3, "sheet"),
        ([RIVERS, "--first", "2"], 2, "has 1 places, not 2"),
        ([RIVERS, "--copies", "0"], 2, ""),
        ([RIVERS, "--kind", "flag"], 60, "give the reason with --reason"),
        ([RIVERS, "--print", "--to", "device:/dev/full", "--format", "zpl"], 60, "out of paper"),
    ],
)
def test_what_is_refused(made: Path, arguments: list[str], code: int, said: str) -> None:
    result = run(*arguments, data=made)
    assert result.exit_code == code
    assert said in result.stderr
    found = run(*arguments, "--json", data=made)
    assert json.loads(found.stdout)["error"]["exit_code"] == code
    for kept in (made / "labels").glob("*"):
        kept.unlink()


# --- many -------------------------------------------------------------------------------------------------------------

MANY = [RIVERS, "31999000000022", NO_NUMBER, "123", "31999000000030"]


def test_many_from_standard_input_go_on_after_one_that_is_refused(made: Path, out: Path) -> None:
    result = run("--print", "--to", out, data=made, stdin="\n".join([*MANY, ""]))
    assert result.exit_code == 1
    assert files(out) == [f"spine-{barcode}.pdf" for barcode in (RIVERS, "31999000000022", "31999000000030")]
    refused = [line for line in result.stdout.splitlines() if "not printed" in line]
    assert [line.partition(":")[0] for line in refused] == [NO_NUMBER, "123"]


def test_many_as_json_are_one_value(made: Path, out: Path) -> None:
    result = run("--print", "--to", out, "--json", *MANY, data=made)
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [bool(label["problems"]) for label in found["labels"]] == [False, False, True, True, False]
    assert found["labels"][0]["lines"] == RIVERS_LINES
    assert [Path(workflow_view["file"]).name for workflow_view in found["jobs"]] == files(out)
    assert (found["paper"], found["width_mm"], found["kind"], found["stopped_before"]) == (
        "spine-25x38",
        25.4,
        "spine",
        "",
    )


def test_hostile_lines_on_standard_input_are_only_text(made: Path, out: Path) -> None:
    result = run("--print", "--to", out, data=made, stdin="\x1b[2J../../etc\n\x00\n" + "9" * 5000 + "\n")
    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert files(out) == []


def test_a_sheet_is_filled_from_its_first_free_place(made: Path, out: Path) -> None:
    """56 places: the first 54 are used, so three labels need two sheets."""
    result = run(
        "--print",
        "--to",
        out,
        "--paper",
        "spine-sheet-letter",
        "--first",
        55,
        RIVERS,
        "31999000000022",
        "31999000000030",
        data=made,
    )
    assert result.exit_code == 0
    assert files(out) == ["spine-sheet-2.pdf", "spine-sheet.pdf"]
    first = "".join(lines_of((out / "spine-sheet.pdf").read_bytes()))
    assert "QH" in first
    assert "QA" in first
    assert lines_of((out / "spine-sheet-2.pdf").read_bytes()) == ["PN", "6081", ".U58", "2022"]


def test_a_printer_that_fails_in_the_middle_says_how_far_it_came(made: Path, tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = write(
        folder / "lp",
        f'#!/bin/sh\n[ -e "{tmp_path}/once" ] && {{ echo "lp: offline" >&2; exit 1; }}\n: >"{tmp_path}/once"\n',
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    result = run("--print", "--to", "cups:Zebra", RIVERS, "31999000000022", "31999000000030", data=made)
    assert result.exit_code == 60
    assert "lp: offline" in result.stderr
    assert "; one label was printed before" in result.stderr
    assert files(made / "labels") == ["spine-31999000000022.pdf"]
    (made / "labels/spine-31999000000022.pdf").unlink()


def test_ctrl_c_stops_between_two_labels_and_says_where_to_go_on(made: Path, out: Path, tmp_path: Path) -> None:
    """A slow program `lp`; the signal comes while it prints the first label."""
    folder = tmp_path / "bin"
    folder.mkdir()
    write(folder / "lp", f'#!/bin/sh\n: >"{tmp_path}/begun"\nsleep 1\n').chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", "station", "label", "--data", made, "--print", "--to", "cups:Q", RIVERS, "31999000000022"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        start_new_session=True,
    )  # fmt: skip
    while not (tmp_path / "begun").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert said.splitlines() == ["cups:Q", "Stopped; continue with 31999000000022."]
    assert files(made / "labels") == []


# --- flag slips -------------------------------------------------------------------------------------------------------


def judge(data: Path, verdict: Verdict, *findings: Finding) -> None:
    item = ItemRecord(barcode=Barcode(RIVERS), title="A field guide", label_lines=("QH", "541.5"))
    store = open_store(data / JOURNAL, FakeClock(), head_directory=data / "heads")
    store.journal.record(
        ItemJudged(
            barcode=RIVERS, uid="E004010000000001", part=1, parts=1, verdict=verdict, findings=findings, item=item,
            operator="A. Student",
        )
    )  # fmt: skip
    store.close()


def test_a_slip_says_what_the_newest_verdict_found(tmp_path: Path) -> None:
    write(tmp_path / "station.toml", template())
    judge(
        tmp_path,
        Verdict.FAIL,
        Finding(
            "property-stamp", "Ownership stamp", Severity.MINOR, Outcome.FAIL, "ann", Sentence.verbatim("is smeared")
        ),
        Finding(
            "spine-label", "Spine label", Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim("cutter is missing")
        ),
        Finding("title-in-hand", "Title", Severity.CRITICAL, Outcome.PASS, "ann"),
    )
    result = run(RIVERS, "--kind", "flag", data=tmp_path)
    assert result.exit_code == 0, result.output
    shown = [line.strip("│ ") for line in result.stdout.splitlines()]
    assert shown[2] == "[X] STOP"
    assert "- Spine label: cutter is missing" in shown
    assert shown.index("- Spine label: cutter is missing") < shown.index("- Ownership stamp: is smeared")
    assert not any("Title" in line for line in shown)
    assert "Corrected by: Technical Services" in shown
    assert "Found by: A. Student" in shown
    assert f"Date: {FakeClock().now()[:10]}" in shown
    judge(tmp_path, Verdict.PASS)
    assert "The newest verdict of this item is pass" in run(RIVERS, "--kind", "flag", data=tmp_path).stderr


def test_a_slip_by_hand(made: Path, out: Path) -> None:
    result = run(
        RIVERS,
        "--kind",
        "flag",
        "--print",
        "--to",
        out,
        "--reason",
        "Page 3 \x1b[2Jtorn",
        "--reason",
        "^XZ~JA",
        data=made,
    )
    assert result.exit_code == 0
    shown = lines_of((out / f"flag-{RIVERS}.pdf").read_bytes())
    assert shown[:2] == ["STOP", "Not ready for the shelf"]
    assert "- Page 3 [2Jtorn" in shown
    assert "- ^XZ~JA" in shown
    assert "Found by: operator" in shown


def test_every_item_of_the_sample_has_a_label_or_a_reason(made: Path) -> None:
    """27 items, one of them without a call number (counted in works.toml: "Uncut pages")."""
    from station.catalog.sample.sample import catalog

    barcodes = sorted(set(re.findall(rb"31999\d{9}", catalog())))
    result = run("--json", *(barcode.decode() for barcode in barcodes), data=made)
    labels = json.loads(result.stdout)["labels"]
    assert len(labels) == 27
    assert [label["barcode"] for label in labels if label["problems"]] == [NO_NUMBER]
