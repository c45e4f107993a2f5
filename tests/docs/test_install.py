"""`make unit-test` can follow the pages: each command is found, and each text that a person fills in."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.unit_test.__main__ import INSTALL, PAGES, REMOVE
from scripts.unit_test.machine import Machine
from scripts.unit_test.page import filled, steps


def test_the_commands_of_the_page_are_found_with_what_they_change() -> None:
    todo = filled(steps(PAGES / "install.md", "Start at boot"), INSTALL)
    assert [todo[0].command, todo[-1].command] == ["apt update", "systemctl enable --now rfid-station"]
    assert len(filled(steps(PAGES / "uninstall.md", "The program"), REMOVE)) > 10
    table = (PAGES / "install.md").read_text().partition("\n## Start at boot\n")[2].partition("\n## ")[0]
    assert len(todo) == table.count("\n|") - 2  # all rows but the head


def test_a_text_that_the_page_no_longer_has_is_noticed() -> None:
    with pytest.raises(ValueError, match="have 'FILE'"):
        filled(steps(PAGES / "install.md", "Update"), {"FILE": "a.mrc"})


def test_what_is_left_on_a_machine_is_what_its_disk_did_not_have(tmp_path: Path) -> None:
    machine = Machine("bench", tmp_path / "disk", [tmp_path / "fresh"])
    for place in (
        "fresh/etc/passwd",
        "disk/changes/etc/passwd",
        "disk/changes/etc/udev/rules.d/99-rfid-station.rules",
    ):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    (tmp_path / "disk/changes/etc/station").symlink_to("/nowhere")
    assert sorted(machine.added()) == ["etc/station", "etc/udev/rules.d/99-rfid-station.rules"]
