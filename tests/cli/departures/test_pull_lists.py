"""`station withdraw lists`: a weeding list from its file to the shelf, and what follows from each tick."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.receiving.test_lists import run, value
from tests.conftest import ROOT
from tests.support.sample_labels import lines_of

BARCODE, OTHER, DISCS = "31999000000014", "31999000000022", "31999000000147"
CHOICE = ("--reason", "weeded", "--destination", "recycle")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with the sample catalog, a technician and an operator."""
    data = tmp_path_factory.mktemp("desk")
    (data / "station.toml").write_text('[library]\nisil = "US-TxImag"\n[station]\noperator = "tess"\n')
    value(data, "people", "add", "tess", "--name", "Tess", "--role", "technician")
    value(data, "people", "add", "bea", "--name", "Bea", "--role", "operator")
    run(data, "catalog", "import", str(ROOT / "station/catalog/data/sample.mrc"))
    return data


def lists(data: Path, *words: str) -> Any:
    return value(data, "withdraw", "lists", *words)


def refused(data: Path, *words: str) -> str:
    ran = run(data, "withdraw", "lists", *words)
    assert ran.exit_code not in (0, 1), ran.output
    return " ".join(ran.output.split())


def weeding(data: Path, *rows: str) -> str:
    """Write a list with the heads of an Alma export, and return its path."""
    file = data / "cooking.csv"
    file.write_text("\r\n".join(("Barcode,Permanent Call Number,Library,Note", *rows)), encoding="utf-8")
    return str(file)


def test_a_list_is_pulled_in_shelf_order(desk: Path) -> None:
    file = weeding(desk, f"{OTHER},QA76.9 .B2,MAIN,3 loans", f"{BARCODE},QA76 .A10,MAIN,", f"{DISCS},QA76 .A9,EAST,")
    assert refused(desk, "import", file, *CHOICE, "--operator", "bea"), "an operator decides nothing"
    lines = lists(desk, "import", file, *CHOICE, "--approver", "Ida Lund")
    assert [line["barcode"] for line in lines] == [DISCS, BARCODE, OTHER]
    assert lines[2]["note"] == "3 loans" and all(line["title"] for line in lines), "titles come from the catalog"
    (row,) = lists(desk, "list")
    assert (row["name"], row["count"], row["unseen"]) == ("cooking", 3, 3)
    ident = row["id"]
    ticked = lists(desk, "tick", ident, DISCS, "on-loan", "--recalled", "--operator", "bea")
    assert next(line["outcome"] for line in ticked if line["barcode"] == DISCS) == "recalled"
    lists(desk, "tick", ident, OTHER, "not-found")
    assert [line["barcode"] for line in lists(desk, "show", ident, "--open")] == [BARCODE]
    assert "no line" in refused(desk, "tick", ident, "31999000000055", "found")
    lists(desk, "without", ident, OTHER, "--as", "missing", "--despite", "nobody found it")
    (row,) = lists(desk, "list")
    assert (row["unseen"], row["on_loan"], row["withdrawn"]) == (1, 1, 1)
    (gone,) = value(desk, "withdraw", "list", "--list", ident)
    assert (gone["barcode"], gone["piece"]) == (OTHER, "missing")
    assert "was withdrawn already" in refused(desk, "tick", ident, OTHER, "found")
    value(desk, "withdraw", "cancel", gone["id"], "--reason", "it is back")
    lists(desk, "tick", ident, OTHER, "found")
    lists(desk, "close", ident)
    assert lists(desk, "list") == [] and len(lists(desk, "list", "--all")) == 1
    assert "is closed" in refused(desk, "tick", ident, BARCODE, "found")


def test_a_list_is_printed_in_shelf_order_into_a_file_or_where_labels_go(desk: Path) -> None:
    file = weeding(desk, f"{OTHER},QA76.9 .B2,MAIN,", f"{BARCODE},QA76 .A10,MAIN,", f"{DISCS},QA76 .A9,EAST,")
    lists(desk, "import", file, *CHOICE, "--name", "To print")
    ident = lists(desk, "list")[-1]["id"]
    lists(desk, "tick", ident, DISCS, "not-found")
    paper = desk / "list.pdf"
    made = lists(desk, "print", ident, "--pdf", str(paper))
    assert made == {"list": ident, "lines": 3, "pages": 1, "to": str(paper)}
    text = lines_of(paper.read_bytes())
    whole = " ".join(text)
    assert whole.index("QA76 .A9") < whole.index("QA76 .A10") < whole.index("QA76.9 .B2") and "not found" in whole
    assert "To print" in text[0] and "Weeded" in text[1]
    kept = lists(desk, "print", ident, "--open")
    assert kept["lines"] == 2 and "not found" not in " ".join(lines_of(Path(kept["to"]).read_bytes()))
    assert "--pdf or --to" in refused(desk, "print", ident, "--pdf", str(paper), "--to", "cups:desk")
    assert "No such file" in refused(desk, "print", ident, "--pdf", str(desk / "no/list.pdf"))
    lists(desk, "close", ident)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((BARCODE, BARCODE), "line 3"),
        (("12",), "line 2"),
        ((), "no lines"),
    ],
)
def test_a_bad_list_changes_nothing(desk: Path, rows: tuple[str, ...], says: str) -> None:
    before = lists(desk, "list", "--all")
    assert says in refused(desk, "import", weeding(desk, *rows), *CHOICE)
    assert lists(desk, "list", "--all") == before
