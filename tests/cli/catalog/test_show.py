"""`station catalog show` names what a record lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import station
from station.cli.admin.settings_file import template
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("barcode", "missing"),
    [("31999000000261", "title"), ("31999000000253", "call number"), ("31999000000014", "")],
)
def test_what_is_missing_is_named(tmp_path: Path, barcode: str, missing: str) -> None:
    """The first two records of the sample catalog lack a field on purpose (station/catalog/sample/works.toml)."""
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")

    def run(*words: str) -> str:
        done = CliRunner().invoke(station, ["--data", str(tmp_path), *words])
        assert done.exit_code == 0, done.output
        return done.stdout

    run("catalog", "import", str(ROOT / "station/catalog/data/sample.mrc"))
    rows = {line[:20].strip(): line[20:].strip() for line in run("catalog", "show", barcode).splitlines()}
    assert rows.get("missing", "") == missing
