"""The row of sign-on: the process that is killed is the station with its screens on a terminal, or a command that sets
a PIN.

Questions and answers go over the socket, as in `station sign-on`. A kill must never lose a person's count of wrong
PINs.
"""

from __future__ import annotations

import os
import pty
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

import msgspec

from station.base import settings
from station.base.clock import SystemClock
from station.domain.events import PinSet, WorkerRegistered
from station.domain.people.rights import Role
from station.domain.people.sign_on import Pin
from station.runtime.data_directory import JOURNAL, PEOPLE, head_directory
from station.runtime.identity.authenticator import open_authenticator
from station.store.owner import open_store
from station.store.people.names import People
from tests.stories.kill import checker
from tests.stories.kill.killed_bench import PATIENCE, Point, Ran, Station, World

SETTINGS: Final = """\
[people]
sign_on = true
idle_minutes = {idle}
pin_memory_kib = 8192
pin_passes = 1
lock_after = 3
[station]
operator = "nobody-here"
"""
RIGHT, WRONG, NEW, FIRST = "482913", "000111", "650284", "771904"
NOBODY = "nobody"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """An action of a person."""

    args: Callable[[], tuple[str, ...]]
    lines: tuple[str, ...]
    codes: tuple[str, ...] = ("",)
    """Codes of errors that may occur ("" = none)."""
    at_station: bool = True
    """True if the station is killed, False if the command is."""
    done: Callable[[], bool] | None = None


class SignOn:
    """A wrong PIN, sign-on, another operator, sign-off; own PIN changed; three wrong PINs lock, a first PIN unlocks."""

    name = "sign-on, PINs"
    menu = ("sign-off",)

    def __init__(self, world: World, idle: float = 0.0) -> None:
        self.world = world
        self.idle = idle
        text = (world.data / "station.toml").read_text()
        (world.data / "station.toml").write_text(text + SETTINGS.format(idle=idle))
        self.station = Station(world.desk.folder / "y")
        self._number = 0
        self._master = -1
        self._looks: dict[str, int] = {}
        self._employ(("boss", Role.SYSTEMS))

    def close(self) -> None:
        self.stop()
        self.station.close()

    # --- people ---------------------------------------------------------------------------------------------------------

    def _employ(self, *staff: tuple[str, Role]) -> None:
        """Register people with PINs while no station runs."""
        data = self.world.data
        found = settings.load(data / "station.toml")
        people, clock = People(data / PEOPLE), SystemClock()
        store = open_store(data / JOURNAL, clock, head_directory=head_directory(found, data))
        try:
            for login, role in staff:
                people.add(f"w-{login}", login, login.title())
                store.journal.record(WorkerRegistered(worker=f"w-{login}", role=role))
            authenticator = open_authenticator(found, data, store.queries, clock)
            for login, _ in staff:
                store.journal.record(PinSet(worker=f"w-{login}"))
                authenticator.pins.give(f"w-{login}", Pin(RIGHT), must_change=False)
        finally:
            store.close()

    # --- the station ------------------------------------------------------------------------------------------------------

    def start(self, kill: str = "") -> None:
        """Start `station run` on a terminal; return when it answers or is dead."""
        self._master, slave = pty.openpty()
        self.station.start("run", "--data", str(self.world.data), kill=kill, mutant=self.world.mutant, tty=slave)
        threading.Thread(target=self._drain, args=(self._master, slave), daemon=True).start()
        end = time.monotonic() + PATIENCE
        while not self.station.poll() and not self._listens():
            assert time.monotonic() < end, "the station's socket never appeared"
            time.sleep(0.01)

    def _listens(self) -> bool:
        """Return whether the socket accepts a connection. Its file exists an instant earlier."""
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.world.data / "station.sock")) == 0

    @staticmethod
    def _drain(master: int, slave: int) -> None:
        with suppress(OSError):
            while os.read(master, 65536):
                pass
        os.close(slave)

    def stop(self) -> Ran | None:
        """Kill the station and clean up after it."""
        if self._master < 0:
            return None
        self.station.kill()
        ran = self.station.wait()
        with suppress(OSError):
            os.close(self._master)
        self._master = -1
        (self.world.data / "station.sock").unlink(missing_ok=True)
        return ran

    # --- what is done -----------------------------------------------------------------------------------------------------

    def acts(self) -> list[Act]:
        """Return the acts, with newly registered people."""
        self._number += 1
        one, two, three = (f"{name}{self._number}" for name in ("ann", "bea", "cat"))
        self._employ((one, Role.OPERATOR), (two, Role.TECHNICIAN), (three, Role.OPERATOR))
        self.persons = (one, two, three)

        def on(login: str, pin: str, *codes: str) -> Act:
            return Act(args=lambda: ("sign-on", login, "--json"), lines=(pin,), codes=codes or ("",))

        def locked() -> bool:
            return checker.wrong_tries(self.world.data)[f"w-{three}"] >= 3

        def given(login: str, first: bool) -> Callable[[], bool]:
            return lambda: (
                bool(self.world.look().of("pin-set", worker=f"w-{login}", first=first))
                and self._fits(login, FIRST if first else NEW)
            )

        return [
            on(one, WRONG, "pin-wrong"),
            on(one, RIGHT),
            on(two, RIGHT),
            Act(args=lambda: ("sign-off", "--json"), lines=()),
            Act(
                args=lambda: ("people", "pin", "change", one, "--json"),
                lines=(RIGHT, NEW),
                at_station=False,
                done=given(one, False),
            ),
            on(one, NEW),
            *(msgspec.structs.replace(on(three, WRONG, "pin-wrong", "pin-locked"), done=locked) for _ in range(3)),
            on(three, RIGHT, "pin-locked"),
            Act(
                args=lambda: ("people", "pin", "reset", three, "--operator", "boss", "--json"),
                lines=(RIGHT, FIRST),
                at_station=False,
                done=given(three, True),
            ),
            on(three, FIRST, "pin-change-needed"),
        ]

    def _fits(self, login: str, pin: str) -> bool:
        """Return whether this PIN is set. The station's own verifier compares it without counting."""
        found = settings.load(self.world.data / "station.toml")
        from station.store.queries.queries import Queries

        authenticator = open_authenticator(
            found, self.world.data, Queries(self.world.data / JOURNAL, SystemClock()), SystemClock()
        )
        return authenticator.pins.is_present(f"w-{login}", Pin(pin))

    def ask(self, act: Act, kill: str = "") -> Ran:
        """Run the act in a separate process beside the station."""
        return self.world.run(*act.args(), lines="".join(f"{line}\n" for line in act.lines), kill=kill)

    # --- runs -------------------------------------------------------------------------------------------------------------

    def dry(self) -> list[Point]:
        """Run all acts once. Return the points of each act in the process that is to be killed in it."""
        acts = self.acts()
        self.start()
        found = [Point(-1, name) for name in self._passed(self.station.trace())]
        for place, act in enumerate(acts):
            before = len(self.station.trace())
            ran = self.ask(act)
            assert ran.error in act.codes, f"act {place}: {ran}"
            told = self.station.trace()[before:] if act.at_station else ran.trace
            found += [Point(place, name) for name in self._passed(told)]
        self.stop()
        self._demand(self.finish(), "the run without a kill")
        return found

    @staticmethod
    def _passed(trace: tuple[str, ...]) -> list[str]:
        return [line for line in trace if not line.startswith("ack ")]

    def strike(self, point: Point, chance: random.Random, most: int = 99) -> bool:
        """Run the acts with a kill at the point (a late kill of the station comes from outside); `most`: run only this
        many acts."""
        acts = self.acts()[:most]
        at_station = point.step < 0 or acts[point.step].at_station
        self.start(point.name if at_station and not point.late else "")
        struck = False
        for place, act in enumerate(acts):
            for _ in range(3):
                if self.station.poll():  # dead, so start it again
                    struck = True
                    self._killed()
                    self._check(point)
                    self.start()
                    if act.done is not None and act.done():
                        break
                wrong = self._tries()
                late = None
                if point.late and place == max(point.step, 0) and at_station and not struck:
                    late = threading.Timer(point.late * 10, self.station.kill)
                    late.start()
                ran = self.ask(act, "" if at_station or struck or place != point.step else point.name)
                if late is not None:
                    late.join()
                self._counted(act, ran, wrong, point)
                if ran.killed:
                    struck = True
                    self.world.counts["kills"] += 1
                    self._check(point)
                    if act.done is not None and act.done():
                        break
                elif not self._dies(ran):
                    if ran.error == "pin-wrong" and "" in act.codes and act.done is not None and act.done():
                        break
                    assert ran.error in act.codes, f"act {place} at {point}: {ran}"
                    break
            else:
                raise AssertionError(f"act {place} at {point} does not end")
        if not self.station.poll() and chance.random() < 0.5:
            self.station.kill()  # also kill it while it is idle
        self._killed(last=True)
        if most > len(acts):
            self._demand(self.finish(), point)
        return struck

    def strike_idle(self, name: str, late: float, chance: random.Random) -> None:
        """Sign on and leave: kill the station at a point of the automatic sign-off, or (late) before or after it."""
        login = self._newcomer()
        self.start("" if late else name)
        on = Act(args=lambda: ("sign-on", login, "--json"), lines=(RIGHT,))
        ran = self.ask(on)
        assert ran.code == 0 or self._dies(ran), ran
        if late:
            time.sleep(late)  # only the moment of the kill varies; nothing is asserted about time
            self.station.kill()
        end = time.monotonic() + PATIENCE
        while not self.station.poll():
            assert time.monotonic() < end, f"{name} was never reached"
            time.sleep(0.01)
        self._killed()
        self._check(name)

        def idle() -> int:
            return len(self.world.look().of("signed-off", operator=f"w-{login}", why="idle"))

        before = idle()
        self.start()
        who = self.ask(Act(args=lambda: ("who", "--json"), lines=()))
        assert '"worker": "nobody"' in who.out, who
        if chance.random() < 0.5:  # the person signs on again and is signed off
            assert self.ask(on).code == 0
            while idle() == before:
                assert time.monotonic() < end + PATIENCE, "no person was signed off"
                time.sleep(0.05)
        self.stop()
        self._check(name)

    def _newcomer(self) -> str:
        self._number += 1
        login = f"dan{self._number}"
        self._employ((login, Role.OPERATOR))
        self.persons = (login, login, login)
        return login

    def _dies(self, ran: Ran) -> bool:
        """Return whether the station is dead. It may have answered just before its end was noticed; after
        `station-closed`, wait for it."""
        end = time.monotonic() + (PATIENCE if ran.error == "station-closed" else 0.0)
        while not (dead := self.station.poll()) and time.monotonic() < end:
            time.sleep(0.01)
        return dead

    def _killed(self, *, last: bool = False) -> None:
        ran = self.stop()
        assert ran is not None
        self.world.counts["kills"] += ran.killed and not last
        self._demand(checker.acknowledged(self.world.look(), ran.acks), "the station's end")

    def _tries(self) -> dict[str, int]:
        return checker.wrong_tries(self.world.data)

    def _counted(self, act: Act, ran: Ran, before: dict[str, int], point: Point) -> None:
        """Check that a wrong PIN that was compared is counted, whichever process was killed, and no kill reverts a
        count."""
        person = next((f"w-{word}" for word in act.args() if word in self.persons), "")
        told = self.station.trace() if act.at_station else ran.trace
        looks = sum(line.startswith("look:") and line.endswith(":before") for line in told)
        seen = self._looks.get("station", 0) if act.at_station else 0
        if act.at_station:
            self._looks["station"] = looks
            looks = looks - seen if looks >= seen else looks
        now = self._tries()
        if act.lines[:1] == (WRONG,) and person:
            assert now[person] >= before[person] + looks, f"{point}: {looks} looks, {before[person]} -> {now[person]}"
        elif act.lines[:1] != (RIGHT,) and act.lines[:1] != (NEW,) and person and act.at_station:
            assert now[person] >= before[person] or ran.error in ("pin-change-needed", ""), f"{point}: forgotten"

    # --- what must hold -----------------------------------------------------------------------------------------------------

    def _check(self, where: object) -> None:
        now = self.world.look()
        self._demand(checker.chain(now), where)
        self._demand(checker.signed(now), where)

    def finish(self) -> Iterator[str]:
        """Check that every person's state is as if no kill had happened."""
        now = self.world.look()
        yield from checker.chain(now)
        yield from checker.signed(now)
        one, two, three = (f"w-{name}" for name in self.persons)
        for person in (one, two):
            if not now.of("signed-on", operator=person):
                yield f"{person} never was signed on"
        if now.of("signed-on", operator=three):
            yield f"{three}, locked out and with a first PIN, was signed on"
        for person, pin, first in ((one, NEW, False), (three, FIRST, True)):
            if not now.of("pin-set", worker=person, first=first):
                yield f"the journal knows nothing of the PIN of {person}"
            if not self._fits(person.removeprefix("w-"), pin):
                yield f"the PIN of {person} is not the one that was set last"

    def _demand(self, problems: Iterator[str], where: object) -> None:
        found = list(problems)
        assert not found, f"{self.name} at {where}: " + "; ".join(found)
