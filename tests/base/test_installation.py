"""Advice fits how the program was installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base.installation import Installer, install_command, installer, project_file


@pytest.mark.parametrize(
    ("mark", "kind", "command"),
    [
        ("pipx_metadata.json", Installer.PIPX, "pipx inject rfid-processing-station nfcpy"),
        ("uv-receipt.toml", Installer.UV, "uv pip install --python {environment}/bin/python nfcpy"),
        ("pyvenv.cfg", Installer.PIP, "{environment}/bin/pip install 'rfid-processing-station[badges]'"),
    ],
)
def test_an_installed_wheel(tmp_path: Path, mark: str, kind: Installer, command: str) -> None:
    package = tmp_path / "lib" / "station"
    (tmp_path / mark).touch()
    assert installer(package, tmp_path) is kind
    assert install_command("nfc", "badges", package, tmp_path) == command.format(environment=tmp_path)
    assert (
        project_file("docs/people.md", package, tmp_path) == tmp_path / "share/rfid-processing-station/docs/people.md"
    )


def test_a_source_directory(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").touch()
    package, elsewhere = tmp_path / "station", tmp_path / "elsewhere"
    assert installer(package, elsewhere) is Installer.SOURCE
    assert install_command("nfc", "badges", package, elsewhere) == f"cd {tmp_path} && rm -r .venv && make demo"
    assert project_file("docs/people.md", package, elsewhere) == tmp_path / "docs/people.md"
