"""The cards of the demo never show a PIN that no longer holds."""

from __future__ import annotations

from pathlib import Path

import msgspec

from station.base.clock import SystemClock
from station.base.settings import Settings
from station.demo.staff import STAFF, cards, employ
from station.domain.events import PinSet
from station.domain.people.sign_on import Pin
from station.runtime.identity.authenticator import open_authenticator
from station.runtime.open_journal import open_journal


def test_the_card_of_a_person_who_changed_the_pin_does_not_show_it(tmp_path: Path) -> None:
    employ(Settings(), tmp_path)
    assert [card.pin for card in cards(tmp_path)] == [pin for _, _, _, pin, _ in STAFF]
    store = open_journal(Settings(), tmp_path, SystemClock())
    changed = PinSet(worker="w-demo-tim", operator="w-demo-tim")
    authenticator = open_authenticator(Settings(), tmp_path, store.queries, SystemClock())
    authenticator.change(
        changed.worker,
        Pin("902811"),
        lambda mark: store.journal.record(msgspec.structs.replace(changed, mark=mark)),
    )
    store.close()
    employ(Settings(), tmp_path)  # the second start
    assert {card.card: bool(card.pin) for card in cards(tmp_path)} == {
        "STAFF-ann": True,
        "STAFF-tess": True,
        "STAFF-tim": False,
    }
