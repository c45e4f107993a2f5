"""Advice fits how the program was installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from station.base.installation import COMMIT, Installer, commit, install_command, installer, project_file
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("mark", "kind", "command"),
    [
        ("pipx_metadata.json", Installer.PIPX, "pipx inject rfid-processing-station nfcpy"),
        ("uv-receipt.toml", Installer.UV, "uv pip install --python {environment}/bin/python nfcpy"),
        ("pyvenv.cfg", Installer.PIP, "{environment}/bin/pip install 'rfid-processing-station[web]'"),
    ],
)
def test_an_installed_wheel(tmp_path: Path, mark: str, kind: Installer, command: str) -> None:
    package = tmp_path / "lib" / "station"
    (tmp_path / mark).touch()
    assert installer(package, tmp_path) is kind
    assert install_command("nfc", "web", package, tmp_path) == command.format(environment=tmp_path)
    assert (
        project_file("docs/people.md", package, tmp_path) == tmp_path / "share/rfid-processing-station/docs/people.md"
    )


def test_a_source_directory(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").touch()
    package, elsewhere = tmp_path / "station", tmp_path / "elsewhere"
    assert installer(package, elsewhere) is Installer.SOURCE
    assert install_command("nfc", "", package, elsewhere) == f"cd {tmp_path} && rm -r .venv && make demo"
    assert project_file("docs/people.md", package, elsewhere) == tmp_path / "docs/people.md"


def test_the_commit_of_a_built_package_and_of_a_source_directory(tmp_path: Path) -> None:
    assert commit(tmp_path) == ""
    (tmp_path / COMMIT).write_text("0123456789ab\n")
    assert commit(tmp_path) == "0123456789ab"
    if (ROOT / ".git").exists():
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert head.startswith(commit(ROOT / "station").removesuffix("-dirty"))
