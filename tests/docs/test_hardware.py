"""The files of hardware/: udev's rules can be read, set only names and rights, and know every badge reader."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess

import pytest

from scripts.reference.pages import all_commands
from station.cli.admin.backup import create
from tests.conftest import ROOT, missing

RULES = ROOT / "hardware" / "99-rfid-station.rules"
TOKEN = re.compile(r'([A-Z]+(?:\{[^}]+\})?)\s*(==|!=|\+=|=)\s*"([^"]*)"')


def rules() -> list[list[tuple[str, str, str]]]:
    lines = [line for line in RULES.read_text().splitlines() if line and not line.startswith("#")]
    found = [TOKEN.findall(line) for line in lines]
    for line, tokens in zip(lines, found, strict=True):
        assert ", ".join(f'{key}{how}"{value}"' for key, how, value in tokens) == line, (
            "every part of the rule is understood"
        )
    return found


def test_udev_can_read_them() -> None:
    if (
        shutil.which("udevadm") is None
        or b"verify" not in subprocess.run(["udevadm", "--help"], capture_output=True).stdout
    ):
        missing("udevadm verify")
    done = subprocess.run(["udevadm", "verify", str(RULES)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    broken = subprocess.run(
        ["udevadm", "verify", "--no-summary", "/dev/stdin"],
        input='SUBSYSTEM=="tty", MODUS="1"\n',
        capture_output=True,
        text=True,
    )
    assert broken.returncode != 0, "a wrong rule is found"


def test_names_are_the_station_s_rights_are_a_group_s_and_nothing_runs() -> None:
    names = set()
    for tokens in rules():
        words = {key: value for key, how, value in tokens if how in ("=", "+=")}
        allowed = {"GOTO", "LABEL", "GROUP", "MODE", "SYMLINK", "ENV{ID_MM_DEVICE_IGNORE}", "ATTR{latency_timer}"}
        assert set(words) <= allowed, tokens
        if "MODE" in words:
            assert words["MODE"] == "0660"
            assert words["GROUP"] in ("dialout", "lp")
        if "SYMLINK" in words:
            names.add(words["SYMLINK"])
            matches = [value for _, how, value in tokens if how == "=="]
            assert any(value.startswith("CHANGE-ME-") for value in matches), "as delivered, no device gets a name"
    assert names == {"station-reader", "station-badge", "station-printer"}
    page = (ROOT / "hardware" / "README.md").read_text()
    assert all(f"`/dev/{name}`" in page for name in names)


def test_a_reader_is_left_alone_by_modem_manager() -> None:
    for tokens in rules():
        words = {key: value for key, _, value in tokens}
        if words.get("SUBSYSTEM") == "tty":
            assert words["ENV{ID_MM_DEVICE_IGNORE}"] == "1"


def test_every_usb_reader_that_nfcpy_knows_may_be_opened() -> None:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    import nfc.clf.device

    known = {
        (int(v, 16), int(p, 16)) for v, p in re.findall(r'idVendor}=="(\w+)".*idProduct}=="(\w+)"', RULES.read_text())
    }
    assert known == set(nfc.clf.device.usb_device_map)


@pytest.mark.parametrize("page", ["README.md", "BOM.md", "captures/README.md", "harness/README.md"])
def test_it_is_said_plainly_what_was_not_tried(page: str) -> None:
    text = (ROOT / "hardware" / page).read_text()
    assert re.search(r"[Nn]othing (of this|here)|[Nn]one yet|none there yet", text), page


UNIT = ROOT / "hardware" / "station.service"
SERVICES = [
    ROOT / "hardware" / f"station-{name}.service" for name in ("serve", "office", "fleet-serve", "fleet-project")
]
MOST_EXPOSED = 3.0


def test_the_unit_has_few_rights() -> None:
    if shutil.which("systemd-analyze") is None:
        missing("systemd-analyze")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED * 10:.0f}"]
    for unit in (UNIT, *SERVICES):
        done = subprocess.run([*command, str(unit)], capture_output=True, text=True)
        assert done.returncode == 0, f"{unit}: {done.stdout[-200:]}{done.stderr}"


def test_the_services_run_commands_that_the_station_has() -> None:
    commands = [re.findall(r"^ExecStart=\S+/station (.+)$", unit.read_text(), re.M) for unit in SERVICES]
    names = ["serve", "office", "fleet serve", "fleet project"]
    assert commands == [[name] for name in names]
    assert set(names) <= {path.removeprefix("station ") for path, _ in all_commands()}


def test_each_right_of_the_unit_has_its_reason() -> None:
    rights = UNIT.read_text().partition("# Least rights.")[2].partition("[Install]")[0]
    named = {line.partition("=")[0] for line in rights.splitlines() if re.match("[A-Z]", line)}
    page = (ROOT / "docs" / "how-to" / "hardening.md").read_text()
    rows = {name for line in page.splitlines() if line.startswith("| `") for name in re.findall(r"`([A-Za-z]+)=", line)}
    assert len(named) > 20 and named == rows


def test_the_backup_service_runs_a_command_that_the_station_has() -> None:
    unit = (ROOT / "hardware" / "station-backup.service").read_text()
    (words,) = re.findall(r"^ExecStart=\S+/station (.+)$", unit, re.M)
    context = create.make_context("create", words.split()[2:], resilient_parsing=False)
    assert words.split()[:2] == ["backup", "create"]
    directory = context.params.pop("target")
    assert f"RequiresMountsFor={directory}" in unit
    assert context.params == {
        "credentials": False,
        "catalog": False,
        "keep_days": 7,
        "keep_weeks": 5,
        "keep_months": 12,
    }
