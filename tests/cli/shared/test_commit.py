"""`station --version` names the commit."""

from __future__ import annotations

import subprocess
from pathlib import Path

from station.cli.shared.commit import COMMIT, commit
from tests.conftest import ROOT


def test_the_commit_of_a_built_package_and_of_a_source_directory(tmp_path: Path) -> None:
    assert commit(tmp_path) == ""
    (tmp_path / COMMIT).write_text("0123456789ab\n")
    assert commit(tmp_path) == "0123456789ab"
    if (ROOT / ".git").exists():
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert head.startswith(commit(ROOT / "station").removesuffix("-dirty"))
