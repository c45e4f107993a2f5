"""A shipment on the command line, from its opening to the end of its differences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.cli import station
from station.store.owner import open_store
from tests.acquisitions.edifact.samples import sample
from tests.cli.receiving.test_lists import events, run, value
from tests.cli.session.test_sign_on import PINS, prepare
from tests.conftest import ROOT, FakeClock

CARTON, OTHER_CARTON = "(00)016921002621109648", "00016921002621109655"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(
        '[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n[receiving]\ntwo_people = ["accepted"]\n'
    )
    value(tmp_path, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    (tmp_path / "advice.edi").write_bytes(sample())
    value(tmp_path, "receiving", "import", str(tmp_path / "advice.edi"))
    return tmp_path


def counted(desk: Path, *words: str, code: int = 0) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = value(desk, "receiving", "count", *words, code=code)
    return rows


def test_a_carton_is_opened_by_its_id_and_each_copy_is_counted_at_once(desk: Path) -> None:
    opened = value(desk, "receiving", "shipment", "open", "--carton", CARTON)
    assert (opened["carton"], opened["lists"], opened["listed"]) == ("016921002621109648", "SHIP-7", 2)
    first, second = counted(desk, "978-0-262-03384-8", "POL-11")
    assert [row["outcome"] for row in (first, second)] == ["matched", "matched"]
    (third,) = counted(desk, "9780306406157", code=1)
    assert (third["outcome"], third["order_line"]) == ("not-ordered", "")
    shown = value(desk, "receiving", "shipment", "show", code=1)
    assert [row["id"] for row in shown["counts"]] == [third["id"], second["id"], first["id"]]
    assert value(desk, "receiving", "undo", str(third["id"]))[0]["state"] == "undone"
    shown_list = run(desk, "receiving", "show", "SHIP-7")
    assert (shown_list.exit_code, "2 of 2  all here" in shown_list.stdout) == (1, True), "the other carton is missing"
    value(desk, "receiving", "shipment", "show")  # exit code 0: all is here, and no difference is open
    value(desk, "receiving", "shipment", "close", opened["id"])
    assert value(desk, "receiving", "shipment", "list") == []
    (closed,) = value(desk, "receiving", "shipment", "list", "--all")
    assert (closed["counted"], bool(closed["closed_at"])) == (2, True)


@pytest.mark.parametrize("typed", [["SHIP-7"], ["ship-7"], ["--list", "SHIP-7"]])
def test_a_shipment_is_opened_by_the_list_as_people_type_it(desk: Path, typed: list[str]) -> None:
    opened = value(desk, "receiving", "shipment", "open", *typed)
    assert (opened["carton"], opened["lists"]) == ("", "SHIP-7")
    assert value(desk, "receiving", "close", "ship-7")["closed"], "the other commands name the list alike"


def test_a_carton_number_in_place_of_the_list_opens_the_carton(desk: Path) -> None:
    opened = value(desk, "receiving", "shipment", "open", CARTON)
    assert (opened["carton"], opened["lists"]) == ("016921002621109648", "SHIP-7")
    assert value(desk, "receiving", "shipment", "open", CARTON, OTHER_CARTON, code=2)["error"]["code"] == "usage"


def test_a_copy_with_nothing_to_scan_is_counted_by_the_words_of_its_title(desk: Path) -> None:
    lines = ("isbn=9780140449136 title=Homer: the Iliad", "isbn=9780140268867 title=Homer: the Odyssey")
    value(desk, "receiving", "type", "PAPER", "--line", lines[0], "--line", lines[1])
    value(desk, "receiving", "shipment", "open", "--list", "PAPER")
    several = run(desk, "receiving", "count", "--title", "homer")
    assert (several.exit_code, "Homer: the Iliad; list-" in several.stderr) == (35, True)
    (iliad,) = counted(desk, "--title", "iliad HOMER")
    assert iliad["title"] == "Homer: the Iliad"
    odyssey = next(line for line in value(desk, "receiving", "shipment", "show", code=1)["lines"] if not line["here"])
    (other,) = counted(desk, "--line", odyssey["id"], "--edition", code=1)
    assert other["outcome"] == "wrong-edition"


def test_a_bound_copy_has_its_barcode_and_a_faulty_one_goes_back(desk: Path) -> None:
    value(desk, "receiving", "shipment", "open", "--carton", OTHER_CARTON, "--purpose", "gift", "--donor", "A friend")
    (first,) = counted(desk, "--title", "A given book")
    assert value(desk, "receiving", "bind", f"count-{first['id']}", "31999000000014")[0]["barcode"] == "31999000000014"
    (event,) = events(desk, "gift")
    assert (event["donor"], event["copy"]["title"], event["copy"].get("title_effect")) == (
        "A friend",
        "A given book",
        None,
    )
    (second,) = counted(desk, "--title", "Another one")
    copy = str(second["id"])
    fault = run(desk, "receiving", "fault", copy, "damaged", "--note", "cover torn", "--photo", "a.jpg")
    assert "Damaged" in fault.stdout
    assert value(desk, "receiving", "return", copy, "--reason", "torn")[0]["state"] == "returned"
    assert value(desk, "receiving", "undo", copy, code=35)["error"]["code"] == "receiving-refused"
    assert value(desk, "receiving", "undo", "count-x", code=35)["error"]["code"] == "receiving-refused"


def test_the_catalog_tells_what_a_copy_is(desk: Path) -> None:
    value(desk, "catalog", "import", str(ROOT / "station/catalog/data/sample.mrc"))
    record = value(desk, "catalog", "show", "31999000000014")
    value(desk, "receiving", "shipment", "open", "--purpose", "lease", "--plan", "McNaughton")
    (copy,) = counted(desk, record["isbns"][0])
    assert (copy["title"], copy["outcome"]) == (record["title"], "matched")
    value(desk, "receiving", "bind", str(copy["id"]), "31999000000014", "--points", "two", code=2)
    value(desk, "receiving", "bind", str(copy["id"]), "31999000000014", "--points", "1.5")
    (event,) = events(desk, "lease-in")
    assert (event["plan"], event["points"], event["copy"]["record_id"], event["copy"]["title_effect"]) == (
        "McNaughton",
        "1.5",
        record["record_id"],
        1,
    )


def test_a_difference_is_assigned_noted_and_ended_by_two(desk: Path) -> None:
    value(desk, "receiving", "shipment", "open", "--carton", CARTON)
    counted(desk, "POL-11")
    value(desk, "receiving", "shipment", "close", code=1)
    (short,) = value(desk, "receiving", "differences", "list")
    assert (short["kind"], short["copies"], short["owner"]) == ("short", 1, "Acquisitions")
    words = ("receiving", "differences")
    assigned = value(desk, *words, "assign", short["id"], "--owner", "me", "--due", "2020-01-01")
    assert assigned[0]["due"] == "2020-01-01"
    overdue = ("list", "--overdue", "--owner", "me", "--vendor", "7654321", "--kind", "short")
    assert [row["id"] for row in value(desk, *words, *overdue)] == [short["id"]]
    assert value(desk, *words, "list", "--vendor", "nobody") == []
    value(desk, *words, "note", short["id"], "--note", "asked by phone")
    alone = run(desk, *words, "end", short["id"], "accepted", "--reason", "never mind")
    assert (alone.exit_code, events(desk, "difference-ended")) == (35, [])
    ended = value(desk, *words, "end", short["id"], "accepted", "--reason", "never mind", "--second", "Mary")
    assert ended[0]["end"] == "accepted"
    (event,) = events(desk, "difference-ended")
    assert (event["second"], event["unproven"]) == ("Mary", True)
    shown = run(desk, *words, "show", short["id"])
    assert (shown.exit_code, "second person, unproven: Mary" in shown.stdout) == (0, True)
    assert value(desk, *words, "list") == [] and len(value(desk, *words, "list", "--state", "ended")) == 1


def test_where_people_sign_on_the_second_person_proves_who_they_are(tmp_path: Path) -> None:
    data = prepare(tmp_path, **{"receiving.two_people": ["credited"]})
    store = open_store(data / "journal.db", FakeClock())
    store.close()

    def done(*words: str, lines: tuple[str, ...], code: int = 0) -> Any:
        typed = "".join(f"{line}\n" for line in lines)
        result = CliRunner().invoke(station, ["--data", str(data), "receiving", *words, "--json"], input=typed)
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    (typed_list,) = done("type", "PAPER-7", lines=("isbn=9780262033848", "", PINS["ann"]))
    assert typed_list["lines"] == 1
    done("shipment", "open", lines=(PINS["ann"],))
    done("count", "9780306406157", lines=(PINS["ann"],), code=1)
    (found,) = done("differences", "list", lines=(PINS["ann"],))
    end = ("differences", "end", found["id"], "credited", "--reason", "agreed", "--operator", "tess", "--second", "ann")
    refused = done(*end, lines=(PINS["tess"], PINS["tess"]), code=35)
    assert refused["error"]["code"].startswith("pin")
    assert events(data, "difference-ended") == []
    done(*end, lines=(PINS["ann"], PINS["tess"]))
    (event,) = events(data, "difference-ended")
    assert (event["second"], event.get("unproven", False)) == ("w-ann", False)


def test_a_claim_is_shown_made_and_written(desk: Path, tmp_path: Path) -> None:
    (desk / "vendors.toml").write_text(
        '[[vendor]]\nid = "seven"\nname = "Seven Books"\ncodes = ["7654321"]\nclaim_days = 5\n'
        '[[vendor.contacts]]\nname = "Desk"\ntask = "claims"\nmail = "claims@example.org"\n'
    )
    value(desk, "receiving", "vendors", "import", str(desk / "vendors.toml"))
    value(desk, "receiving", "shipment", "open", "--carton", CARTON)
    counted(desk, "9780306406157", code=1)
    value(desk, "receiving", "shipment", "close", code=1)
    found = [row["id"] for row in value(desk, "receiving", "differences", "list")]
    assert len(found) == 2
    preview = run(desk, "receiving", "claim", *found, "--preview")
    assert (preview.exit_code, "Desk <claims@example.org>" in preview.stdout) == (0, True)
    assert events(desk, "claim-made") == []
    csv, pdf = tmp_path / "claim.csv", tmp_path / "claim.pdf"
    made = value(desk, "receiving", "claim", *found, "--csv", str(csv), "--pdf", str(pdf))
    (event,) = events(desk, "claim-made")
    assert (event["vendor"], event["differences"], made["vendor"]) == ("seven", found, "Seven Books")
    assert len(csv.read_text(encoding="utf-8-sig").splitlines()) == 3 and pdf.read_bytes().startswith(b"%PDF")
    again = value(desk, "receiving", "claim", made["id"])
    assert again == made
    assert value(desk, "receiving", "claim", "claim-1", code=35)["error"]["code"] == "receiving-refused"
    assert {row["state"] for row in value(desk, "receiving", "differences", "list", "--state", "claimed")} == {
        "claimed"
    }
