"""`station quality rules` and `station quality check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.catalog.sample.sample import SAMPLE_ITEMS
from station.cli import station
from station.quality.rulebook.shipped import shipped
from tests.conftest import ROOT

SITE = '[[retire]]\nid = "price-present"\nwhy = "no prices here"\n[[change]]\nid = "finish"\ntable = { STACKS = "date slip" }\n'
BOOK = SAMPLE_ITEMS[0][0]
GIFT = next(code for code, _, special in SAMPLE_ITEMS if "gift" in special)
UNCUT = next(code for code, _, special in SAMPLE_ITEMS if special == "no call number anywhere")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("desk")
    assert run(data, "init").exit_code == 0
    assert run(data, "catalog", "import", str(ROOT / "station/catalog/data/sample.mrc")).exit_code == 0
    text = (data / "station.toml").read_text()
    (data / "station.toml").write_text(
        text.replace('isil = ""', 'isil = "US-TxImag"').replace('site_file = ""', 'site_file = "own.toml"')
    )
    (data / "own.toml").write_text(SITE)
    return data


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["--data", str(data), *words])


def value(data: Path, *words: str, code: int = 0) -> dict[str, object]:
    found = run(data, *words, "--json")
    assert found.exit_code == code, found.output
    said = json.loads(found.stdout)
    assert isinstance(said, dict | list)
    return said  # type: ignore[return-value]


def test_the_list_has_what_is_in_force(desk: Path, tmp_path: Path) -> None:
    every = {rule.id for rule in shipped().rules}
    listed = {one["id"] for one in value(tmp_path, "quality", "rules", "list")}  # type: ignore[index]
    assert listed == every, "without a station.toml the shipped rules must apply"
    assert {one["id"] for one in value(desk, "quality", "rules", "list")} == every - {"price-present"}  # type: ignore[index]
    states = {one["id"]: one["state"] for one in value(desk, "quality", "rules", "list", "--all")}  # type: ignore[index]
    assert states["price-present"] == "retired" and states["finish"] == "in force"
    assert value(desk, "quality", "rules", "list", "--day", "2025-12-31") == []
    assert "title-in-hand" in run(desk, "quality", "rules", "list").stdout


def test_lint_says_what_changed_or_where_it_is_wrong(desk: Path, tmp_path: Path) -> None:
    said = value(desk, "quality", "rules", "lint")
    assert (said["new"], said["changed"]) == ([], ["finish", "price-present"])
    bad = tmp_path / "bad.toml"
    bad.write_text('\n[[change]]\nid = "finish"\ncolour = 1\n')
    found = run(desk, "quality", "rules", "lint", str(bad))
    assert found.exit_code != 0
    assert "bad.toml, line 4" in found.stderr
    assert run(desk, "quality", "rules", "lint", str(tmp_path / "none.toml")).exit_code != 0


def test_explain_tells_everything_and_draws(desk: Path) -> None:
    said = value(desk, "quality", "rules", "explain", "property-stamp")
    assert said["words"]["Owner"] == "Technical Services"  # type: ignore[index]
    assert "No stamp" in said["reasons"]  # type: ignore[operator]
    shown = run(desk, "quality", "rules", "explain", "property-stamp").stdout
    assert "LIBRARY" in shown and "it is not known to be leased" in shown
    assert run(desk, "quality", "rules", "explain", "price-present").exit_code == 1, "retired"
    assert run(desk, "quality", "rules", "explain", "nobody").exit_code == 2


def test_check_is_the_twin_of_the_screen(desk: Path) -> None:
    said = value(desk, "quality", "check", BOOK)
    assert said["verdict"] == "pass"
    assert [check["rule"] for check in said["checks"]] == ["title-in-hand", "spine-label", "property-stamp"]  # type: ignore[index, union-attr]
    each = value(desk, "quality", "check", BOOK, "--each")
    assert len(each["checks"]) > len(said["checks"])  # type: ignore[arg-type]
    assert value(desk, "quality", "check", UNCUT, code=1)["verdict"] == "fail"
    unknown = value(desk, "quality", "check", "31999000099999", code=1)
    assert {"barcode-known"} <= {one["rule"] for one in unknown["findings"] if one["outcome"] == "fail"}  # type: ignore[index, union-attr]
    covered = {cover["rule"] for check in value(desk, "quality", "check", GIFT)["checks"] for cover in check["covers"]}  # type: ignore[index, union-attr]
    assert {"gift-plate", "foreign-marks"} <= covered


def outcome(said: dict[str, object], rule: str) -> tuple[str, str]:
    found = next(one for one in said["findings"] if one["rule"] == rule)  # type: ignore[union-attr, attr-defined]
    return found["outcome"], found["reason"]


def test_what_is_known_of_the_piece_is_judged(desk: Path) -> None:
    said = value(
        desk, "quality", "check", BOOK, "--scanned", "9780131103627", "--label", "GB|1203", "--count", "2", code=1
    )
    assert outcome(said, "piece-number")[0] == "fail"
    assert outcome(said, "spine-label")[0] == "fail"
    assert outcome(said, "pieces-counted")[0] == "not-applicable"
    assert "spine-label" not in [check["rule"] for check in said["checks"]]  # type: ignore[index, union-attr]
    assert outcome(value(desk, "quality", "check", BOOK), "call-number-unique") == ("pass", "")
    assert run(desk, "quality", "check", BOOK, "--on-pad", "--tag", str(desk / "own.toml")).exit_code == 2


def test_a_dump_of_the_tag_is_judged(desk: Path) -> None:
    made = value(desk, "tag", "encode", "--id", "31999000000022", "--owner", "US-TxImag")
    dump = desk / "tag.hex"
    dump.write_text(str(made["image"]["memory"]))  # type: ignore[index]
    said = value(desk, "quality", "check", BOOK, "--tag", str(dump), code=1)
    assert outcome(said, "tag-identifier") == ("fail", "the tag says 31999000000022")
    assert outcome(said, "tag-owner") == ("pass", "")
