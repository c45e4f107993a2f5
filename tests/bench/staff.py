"""Staff for the bench, in memory: workers with cards, badges and PINs, and counts of wrong PINs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from station.base.settings import Settings
from station.base.settings.people import People
from station.domain.people.rights import Role
from station.domain.people.sign_on import Pin, has_pin_form
from station.domain.ports import Proof, Tried, Worker
from tests.conftest import FakeClock
from tests.support.simulated_bench import SETTINGS, Rig

ROLES = {"tim": Role.TRAINEE, "ann": Role.OPERATOR, "bea": Role.OPERATOR, "tess": Role.TECHNICIAN, "sys": Role.SYSTEMS}
PINS = {"tim": "305882", "ann": "482913", "bea": "771904", "tess": "739105", "sys": "650284"}
CARDS = {f"staff-{login}": login for login in ROLES}
BADGES = {f"04AABBCCDDEE{number:02X}": login for number, login in enumerate(ROLES)}
BADGE_OF = {login: badge for badge, login in BADGES.items()}
SIGN_ON = msgspec.structs.replace(SETTINGS, people=People(sign_on=True, tries=2, lock_after=6))


@dataclass
class Staff:
    """`ports.Workforce` and `domain.ports.Authenticator`. An id is "w-" and the login."""

    clock: FakeClock = field(default_factory=FakeClock)
    roles: dict[str, Role | None] = field(default_factory=lambda: dict(ROLES))
    pins: dict[str, str] = field(default_factory=lambda: dict(PINS))
    first: set[str] = field(default_factory=set)
    wrong: dict[str, int] = field(default_factory=dict)
    until: dict[str, float] = field(default_factory=dict)
    grants: dict[str, tuple[str, str]] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    """Language of the screens, by login."""
    looked: list[tuple[str, str]] = field(default_factory=list)
    """Every (login, PIN) that was compared."""

    def find(self, name: str) -> Worker:
        login = name.removeprefix("w-")
        if login in self.roles:
            language = self.languages.get(login, "")
            return Worker(
                id=f"w-{login}", name=login.title(), role=self.roles[login], registered=True, language=language
            )
        return Worker(id=name, name=name)

    def identify(self, text: str) -> Worker | None:
        login = CARDS.get(text, text)
        found = self.find(login) if login in self.roles else None
        return found if found is not None and found.role is not None else None

    def identify_badge(self, badge: str) -> Worker | None:
        return self.identify(BADGES[badge]) if badge in BADGES else None

    def prove(self, worker: str, pin: Pin) -> Tried:
        login = worker.removeprefix("w-")
        if login not in self.pins:
            return Tried(proof=Proof.NONE)
        wrong = self.wrong.get(login, 0)
        if wrong >= 6:
            return Tried(proof=Proof.LOCKED)
        left = self.until.get(login, 0.0) - self.clock.monotonic()
        if left > 0:
            return Tried(proof=Proof.WAIT, wait_s=left)
        self.looked.append((login, pin.text))
        if pin.text != self.pins[login]:
            self.wrong[login] = wrong + 1
            wait = 0.0 if wrong + 1 < 2 else 60.0 * 2 ** (wrong - 1)
            self.until[login] = self.clock.monotonic() + wait
            return Tried(proof=Proof.WRONG, wait_s=wait, left=5 - wrong)
        self.wrong[login] = 0
        return Tried(proof=Proof.RIGHT, must_change=login in self.first)

    def unfit(self, worker: str, pin: Pin) -> str:
        return "" if has_pin_form(pin.text) and pin.text != self.pins[worker.removeprefix("w-")] else "not that one"

    def change(self, worker: str, pin: Pin, journaled: Callable[[str], object]) -> None:
        journaled("mark")
        login = worker.removeprefix("w-")
        self.pins[login] = pin.text
        self.first.discard(login)

    def redeem(self, grant: str, purpose: str) -> str:
        worker, granted = self.grants.pop(grant, ("", ""))
        return worker if granted == purpose else ""


def rig_with(staff: Staff | None = None, settings: Settings = SIGN_ON) -> tuple[Rig, Staff]:
    """Return a bench where people sign on, and its staff."""
    staff = staff or Staff()
    rig = Rig(settings, people=staff, keeper=staff)
    staff.clock = rig.clock
    return rig, staff
