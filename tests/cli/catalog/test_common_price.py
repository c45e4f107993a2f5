"""What is true of the price of every item of a file is said once: by the import and the check, and at no item."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.base.settings import CatalogSettings
from station.catalog.sample.sample import numbered_barcode
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain.item import Barcode
from station.store.catalog_index.index import CatalogIndex
from station.store.catalog_index.walk import changed
from tests.store.catalog_index.test_index import book

NO_PRICE = "No price in this file. No item gets a finding about it."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    return tmp_path


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["--data", str(data), *words])


def export(data: Path, name: str, numbers: range, price: str = "", last: str | None = None) -> Path:
    """Write a file with an item for each number; `last`: the price of the last one."""
    prices = [price] * len(numbers)
    if last is not None:
        prices[-1] = last
    priced = [
        f"{numbered_barcode(number)}\x1fp{said}" if said else numbered_barcode(number)
        for number, said in zip(numbers, prices, strict=True)
    ]
    path = data / name
    path.write_bytes(b"".join(book(f"n{number}", item) for number, item in zip(numbers, priced, strict=True)))
    return path


def outcomes(data: Path, number: int) -> dict[str, str]:
    """Return what the rules about prices say of an item."""
    found: Any = json.loads(run(data, "quality", "check", numbered_barcode(number), "--json").stdout)
    return {one["rule"]: one["outcome"] for one in found["findings"] if one["rule"].startswith("price-")}


def test_a_file_without_prices_says_so_once(data: Path) -> None:
    said = run(data, "catalog", "import", str(export(data, "all.mrc", range(1, 21))))
    assert said.stdout.count(NO_PRICE) == 1
    assert run(data, "catalog", "show").stdout.count(NO_PRICE) == 1
    checked = run(data, "catalog", "check", "--all").stdout
    assert checked.count(f"all.mrc: {NO_PRICE}") == 1
    assert "price-missing" not in checked
    assert outcomes(data, 1) == {"price-present": "abstained", "price-plausible": "abstained"}


def test_the_same_odd_price_on_all_items_is_said_once(data: Path) -> None:
    said = run(data, "catalog", "import", str(export(data, "all.mrc", range(1, 21), "$0.00")))
    assert "$0.00 is the price of all items of this file." in said.stdout
    assert outcomes(data, 1) == {"price-present": "abstained", "price-plausible": "abstained"}
    mixed = run(data, "catalog", "import", "--replace", str(export(data, "all.mrc", range(1, 21), "$0.00", "")))
    assert "No price above zero in this file." in mixed.stdout
    assert outcomes(data, 1)["price-plausible"] == outcomes(data, 20)["price-present"] == "abstained"


def test_prices_that_most_items_lack_are_told_once_and_one_that_is_missing_at_its_item(data: Path) -> None:
    said = run(data, "catalog", "import", str(export(data, "all.mrc", range(1, 21), last="$12.00")))
    assert NO_PRICE not in said.stdout
    assert "Price: 19 of 20 records that were looked at. No item fails by it." in said.stdout
    assert outcomes(data, 1)["price-present"] == "abstained"
    run(data, "catalog", "import", "--replace", str(export(data, "all.mrc", range(1, 21), "$12.00", last="")))
    assert outcomes(data, 20)["price-present"] == "fail"


def test_a_few_new_items_follow_the_rest_of_their_library(data: Path) -> None:
    """Nineteen items prove nothing. The next file proves it for both, and a file of two items needs no proof then."""
    assert NO_PRICE not in run(data, "catalog", "import", str(export(data, "a.mrc", range(1, 20)))).stdout
    assert outcomes(data, 1)["price-present"] == "fail"
    assert NO_PRICE in run(data, "catalog", "import", str(export(data, "b.mrc", range(20, 22)))).stdout
    assert outcomes(data, 1)["price-present"] == outcomes(data, 20)["price-present"] == "abstained"
    run(data, "catalog", "import", str(export(data, "c.mrc", range(22, 24), "$5.00", "")))
    assert outcomes(data, 23)["price-present"] == "abstained", "most records of the library have no price"
    assert outcomes(data, 22)["price-plausible"] == "pass"
    assert run(data, "catalog", "rebuild").exit_code == 0
    assert outcomes(data, 1)["price-present"] == "abstained"
    assert changed(data / "catalog.db") == ()


def test_a_price_in_a_title_without_items_is_a_price(data: Path) -> None:
    """Holdings may be records of their own, and the price in 020 $c of their title."""
    path = export(data, "all.mrc", range(1, 21))
    title = book("title").replace(b"245", b"020").replace(b"\x1faA book", b"\x1fc$9.00 ")
    path.write_bytes(path.read_bytes() + title)
    assert NO_PRICE not in run(data, "catalog", "import", str(path)).stdout


def test_the_bench_knows_it(data: Path) -> None:
    run(data, "catalog", "import", str(export(data, "all.mrc", range(1, 21))))
    index = CatalogIndex(data / "catalog.db", "symphony-949", CatalogSettings())
    try:
        item = index.find(Barcode(numbered_barcode(3)))
    finally:
        index.close()
    assert item.price_of_file
    assert item.marc is not None
    assert "price-missing" not in dict(item.marc.findings)


# --- station catalog check: one line for one cause ----------------------------------------------------------------------


def test_a_finding_of_a_record_is_one_line_however_many_items_it_has(data: Path) -> None:
    barcodes = [numbered_barcode(number) for number in range(1, 13)]
    path = data / "all.mrc"
    path.write_bytes(book("n1", *barcodes) + book("n2", numbered_barcode(13)))
    run(data, "catalog", "import", str(path))
    lines = [line for line in run(data, "catalog", "check", "--all").stdout.splitlines() if "price-missing:" in line]
    assert [line.split("  ")[0] for line in lines] == [f"{barcodes[0]} and 11 more items", numbered_barcode(13)]


def test_a_finding_of_every_item_is_one_line_for_all(data: Path) -> None:
    """The records lack a publication. One of them lacks its title, too: its own line remains."""
    titles = ["A book"] * 24 + [""]
    path = data / "all.mrc"
    path.write_bytes(
        b"".join(book(f"n{number}", numbered_barcode(number), title=title) for number, title in enumerate(titles, 1))
    )
    run(data, "catalog", "import", str(path))
    shown = run(data, "catalog", "check", "--all", "--limit", "3").stdout.splitlines()
    assert [line for line in shown if "publication-missing:" in line and line.startswith("all 25 items")]
    assert sum("publication-missing:" in line for line in shown) == 1
    assert [line.split("  ")[0] for line in shown if "title-missing:" in line] == [numbered_barcode(25)]
    report: Any = json.loads(run(data, "catalog", "check", "--all", "--json").stdout)
    assert "publication-missing" in {one["code"] for one in report["of_all"]}
    assert [one["barcode"] for one in report["listed"]] == [numbered_barcode(25)]
    assert report["counts"]["publication-missing"] == 25


def test_what_the_last_item_lacks_is_no_finding_of_all(data: Path) -> None:
    """Until the last item every record lacks a title: each of them is listed after all, up to the limit."""
    titles = [""] * 24 + ["A book"]
    path = data / "all.mrc"
    path.write_bytes(
        b"".join(book(f"n{number}", numbered_barcode(number), title=title) for number, title in enumerate(titles, 1))
    )
    run(data, "catalog", "import", str(path))
    shown = run(data, "catalog", "check", "--all", "--limit", "20").stdout
    assert sum("title-missing:" in line for line in shown.splitlines()) == 20
    assert "4 more items with findings" in shown
