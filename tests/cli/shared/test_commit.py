"""`station --version` names the commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from station.cli.shared.commit import COMMIT, commit
from tests.conftest import ROOT


def test_the_commit_of_a_built_package_and_of_a_source_directory(tmp_path: Path) -> None:
    assert commit(tmp_path) == ""
    (tmp_path / COMMIT).write_text("0123456789ab\n")
    assert commit(tmp_path) == "0123456789ab"
    if (ROOT / ".git").exists():
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert head.startswith(commit(ROOT / "station").removesuffix("-dirty"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another user")
def test_the_commit_of_a_source_directory_of_another_user(tmp_path: Path) -> None:
    """The station's account does not own the program that it runs."""
    asking = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=b"]
    subprocess.run([*asking, "init", "-q"], check=True)
    subprocess.run([*asking, "commit", "-q", "--allow-empty", "-m", "c"], check=True)
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, 65534, 65534)
    assert len(commit(tmp_path / "station")) == 12
