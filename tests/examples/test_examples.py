"""Each example of examples/ does what its page says, in a separate process."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"


def run(*words: str | Path, cwd: Path, beside: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a Python module or script that can import the station, and what is in the folder `beside`."""
    environment = {**os.environ, "PYTHONPATH": f"{beside}:{ROOT}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run([sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True)


def test_the_third_party_reader_is_found_by_its_entry_point_and_keeps_the_contract(tmp_path: Path) -> None:
    folder = EXAMPLES / "third_party_reader"
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    installed = tmp_path / f"acme_reader-{project['version']}.dist-info"  # as pip installs it
    installed.mkdir()
    (installed / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        f"[station.reader]\nacme = {project['entry-points']['station.reader']['acme']}\n"
    )
    (tmp_path / "acme_reader.py").symlink_to(folder / "acme_reader.py")
    with subprocess.Popen([sys.executable, folder / "acme_device.py"], stdout=subprocess.PIPE, text=True) as device:
        assert device.stdout is not None
        port = device.stdout.readline().strip()
        harness = ("-m", "station", "harness", "--driver", "acme", "--reader", port, "--no-hands", "--yes")
        done = run(*harness, "--data", tmp_path, cwd=tmp_path, beside=tmp_path)
        device.terminate()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "16 passed, 0 failed, 7 skipped." in done.stdout


def test_a_site_s_rules_are_sound_and_in_force(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_bytes((EXAMPLES / "site_rules" / "rules.toml").read_bytes())
    (tmp_path / "station.toml").write_text('[rules]\nsite_file = "rules.toml"\n')
    listed = run("-m", "station", "quality", "rules", "list", "--data", tmp_path, cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert all(rule in listed.stdout for rule in ("date-due-slip", "fund-code"))


def test_the_codec_alone_reads_a_dump() -> None:
    done = run(
        "-S", "which_item.py", "on_loan.nfc", cwd=EXAMPLES / "codec"
    )  # -S: the standard library and no other package
    assert done.stdout.splitlines()[:2] == [
        "on_loan.nfc: 123456789012 (ours)",
        "  major: The tag says that the item is on loan (AFI C2): the gate lets it pass.",
    ], done.stderr


def test_somebody_s_tests_run_against_an_emulated_reader() -> None:
    """In the folder, as its page says: pytest must not read this repository's own options."""
    options = ("-p", "station.pytest_plugin", "-p", "no:cacheprovider", "-p", "no:timeout")
    done = run("-m", "pytest", "-q", *options, cwd=EXAMPLES / "emulators_in_ci")
    assert "2 passed" in done.stdout, done.stdout + done.stderr
