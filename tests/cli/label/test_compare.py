"""`station label BARCODE --seen`: exit code and sentences, on the sample catalog."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.catalog.sample.sample import numbered, numbered_barcode
from station.cli import station
from station.cli.admin.settings_file import template

BARCODE = numbered_barcode(1)
"""PZ4.C68 I43 no.1"""


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(station, [*arguments, "--data", str(data)])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("seen")
    (made / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    (made / "numbered.mrc").write_bytes(numbered(1))
    (made / "narrow.toml").write_text('name = "narrow"\nwidth = 4\nheight = 3\n', encoding="utf-8")
    assert run(made, "catalog", "import", str(made / "numbered.mrc")).exit_code == 0
    sample = resources.files("station.catalog") / "data" / "sample.mrc"
    with resources.as_file(sample) as path:
        assert run(made, "catalog", "import", str(path)).exit_code == 0
    return made


def test_the_right_label(data: Path) -> None:
    for seen in ("PZ|4|.C68|I43|no.1", "PZ4.C68 I43 no.1"):
        found = run(data, "label", BARCODE, "--seen", seen)
        assert (found.exit_code, found.stdout) == (0, "The label is right: PZ | 4 | .C68 | I43 | no.1\n")


def test_a_wrong_label(data: Path) -> None:
    found = run(data, "label", BARCODE, "--seen", "PZ|4|.C86|no.1|c.2")
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        "Line 3 says .C86, it must say .C68",
        "Line 4 is missing: I43",
        "Line 5 should not be there: c.2",
        "It must say: PZ | 4 | .C68 | I43 | no.1",
    ]
    value = json.loads(run(data, "label", BARCODE, "--seen", "PZ|4", "--json").stdout)
    assert (value["same"], value["seen"], len(value["sentences"])) == (False, ["PZ", "4"], 3)


def test_what_cannot_be_compared(data: Path) -> None:
    assert run(data, "label", "--seen", "PZ|4").exit_code == 2
    assert run(data, "label", BARCODE, BARCODE, "--seen", "PZ|4").exit_code == 2
    assert run(data, "label", "31999999999996", "--seen", "PZ|4").exit_code != 0


def test_what_does_not_fit_is_shown_with_the_item(data: Path) -> None:
    settings = data / "station.toml"
    before = settings.read_text(encoding="utf-8")
    try:
        settings.write_text(before.replace('"us-common"', '"narrow.toml"'), encoding="utf-8")
        shown = run(data, "catalog", "show", BARCODE).stdout
    finally:
        settings.write_text(before, encoding="utf-8")
    assert "PZ | 4 | .C68 | I43 | no.1" in shown
    assert "There are 5 lines, the label takes 3." in shown
    assert "The item's own call number counts" in shown


def test_the_doctor_names_the_files_of_the_site_that_are_wrong(data: Path) -> None:
    settings = data / "station.toml"
    before = settings.read_text(encoding="utf-8")
    (data / "bad.toml").write_text(
        'name = "bad"\nabout = "a"\nsource = "s"\ntag = "94"\nbarcode = "i"\n', encoding="utf-8"
    )
    try:
        settings.write_text(
            before.replace('"us-common"', '"none.toml"').replace('"symphony-949"', '"bad.toml"'), encoding="utf-8"
        )
        found = {line["name"]: line for line in json.loads(run(data, "doctor", "--json").stdout)["lines"]}
    finally:
        settings.write_text(before, encoding="utf-8")
    assert found["catalog profile"]["level"] == found["label template"]["level"] == "FAIL"
    assert "bad.toml, line 4" in found["catalog profile"]["found"]
    assert "none.toml" in found["label template"]["found"]
    right = {line["name"]: line["level"] for line in json.loads(run(data, "doctor", "--json").stdout)["lines"]}
    assert right["catalog profile"] == right["label template"] == "OK"
