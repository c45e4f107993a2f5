"""The table of workflows: the steps of each, and the conditions for its item at the end.

`done` of a step is the check that an operator makes in the journal if no answer came: was it recorded? Steps without
`done` are repeated without a check, so the station itself must notice the repetition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.image import new_image
from tests.stories.kill import checker
from tests.stories.kill.killed_bench import Row, Step
from tests.support import station_process

OURS: Final = TagProfile(station_process.ISIL)
FOREIGN: Final = TagProfile("DE-99", model="28560-3", dsfid=0x3E)


def written(code: str, owner: str, profile: TagProfile, part: int = 1, parts: int = 1) -> dict[str, object]:
    """Return memory, AFI and DSFID of a finished tag, for the emulator."""
    blank = TagImage(Uid("E004015000000001"), 4, bytes(112), (False,) * 28, 0, 0)
    made = new_image(blank, TagContent(code, owner, part, parts), profile)
    return {"chip": "slix", "memory": made.memory.hex(), "afi": made.afi, "dsfid": made.dsfid}


class Process(Row):
    """Scan, write, verify, check, verdict, delivery."""

    name = "process"
    menu = ("process", "search")

    def steps(self) -> list[Step]:
        self.item, self.uid = self.world.code(), self.world.tag()
        return [
            Step(
                args=lambda: ("process", self.item, "--pass-all", "--json"),
                hands=lambda: self.world.lay(self.uid),
                done=lambda: bool(self.world.look().of("item-judged", barcode=self.item)),
            )
        ]

    def finish(self, now: checker.Journal) -> Iterator[str]:
        yield from checker.finished(now, self.world.dumps())
        yield from self.world.delivered(now, self.item)
        if station_process.identifier(self.world.desk.reader.dump(self.uid)) != self.item:
            yield "the tag does not say what it is"


class ConvertSession(Row):
    """Two items in a session, their stack verified, the session ended, the truck released."""

    name = "convert, stack, truck"
    menu = ("convert", "release")

    def steps(self) -> list[Step]:
        self.pair = [(self.world.code(), self.world.tag()) for _ in range(2)]
        self.truck = f"truck of {self.pair[0][0]}"
        self.list = self.world.desk.folder / "list"
        return [
            *(self._one(code, uid) for code, uid in self.pair),
            Step(
                args=lambda: ("stack", "verify", *(code for code, _ in self.pair), "--json"),
                hands=lambda: self.world.lay(*(uid for _, uid in self.pair)),
            ),
            Step(
                args=lambda: ("convert", "/dev/null", "--json"),
                hands=lambda: self.world.lay(),
                done=lambda: len(self.world.look().of("conversion-ended", session=self._session())) == 1,
            ),
            Step(
                args=lambda: ("release", "truck", str(self.list), "--truck", self.truck, "--json"),
                hands=lambda: self.list.write_text("".join(f"{code}\n" for code, _ in self.pair)),
                done=lambda: bool(self.world.look().of("truck-released", truck=self.truck)),
            ),
        ]

    def _one(self, code: str, uid: str) -> Step:
        one = self.world.desk.folder / f"{uid}.list"
        one.write_text(f"{code}\n")
        return Step(
            args=lambda: ("convert", str(one), "--keep-open", "--json"),
            hands=lambda: self.world.lay(uid),
            done=lambda: bool(self.world.look().of("item-judged", barcode=code)),
        )

    def _session(self) -> str:
        return str(self.world.look().of("item-judged", barcode=self.pair[0][0])[0]["session"])

    def finish(self, now: checker.Journal) -> Iterator[str]:
        yield from checker.finished(now, self.world.dumps())
        for code, uid in self.pair:
            yield from self.world.delivered(now, code)
            if station_process.identifier(self.world.desk.reader.dump(uid)) != code:
                yield f"the tag of {code} does not say what it is"
        sessions = {one["session"] for code, _ in self.pair for one in now.of("item-judged", barcode=code)}
        if len(sessions) != 1:
            yield f"two items of one session fell in {len(sessions)}"
        for session in sessions:
            told = (len(now.of(kind, session=session)) for kind in ("conversion-began", "conversion-ended"))
            if (counts := tuple(told)) != (1, 1):
                yield f"the session began and ended {counts} times"
        released = now.of("truck-released", truck=self.truck)
        if [one["right"] for one in released] != [[code for code, _ in self.pair]]:
            yield f"the truck was released {len(released)} times, or not with both"


class Undo(Row):
    """A tag is written, inspected in every view, and its write is undone."""

    name = "inspect, undo"
    menu = ("inspect", "undo")

    def steps(self) -> list[Step]:
        self.item, self.uid = self.world.code(), self.world.tag()
        lay = lambda: self.world.lay(self.uid)  # noqa: E731
        return [
            Step(args=lambda: ("tag", "write", self.item, "--json"), hands=lay),
            Step(args=lambda: ("inspect", "--json"), hands=lay),
            Step(args=lambda: ("undo", "--yes", "--json"), hands=lay, again=("undo-refused",)),
        ]

    def finish(self, now: checker.Journal) -> Iterator[str]:
        yield from checker.finished(now, self.world.dumps())
        tag = self.world.desk.reader.dump(self.uid)
        if (int(tag["memory"], 16), tag["dsfid"], tag["afi"]) != (0, 0, 0):
            yield "the tag is not blank as it was"
        if (count := len(now.of("tag-undo-verified", uid=self.uid))) != 1:
            yield f"the write was taken back {count} times"


class Sets(Row):
    """A set of three becomes a set of four; a kit of three pieces gets a tag on the main piece."""

    name = "sets and kits"
    menu = ("sets",)

    def steps(self) -> list[Step]:
        self.set, self.kit = self.world.code(), self.world.code()
        self.parts = [self.world.tag() for _ in range(4)]
        self.main = self.world.tag()

        def sized(parts: int) -> Step:
            return Step(
                args=lambda: ("set", self.set, "--parts", str(parts), "--any-order", "--loose", "0", "--json"),
                hands=lambda: self.world.lay(*self.parts[:parts]),
            )

        kit = Step(
            args=lambda: ("set", self.kit, "--parts", "3", "--model", "main", "--loose", "0", "--json"),
            hands=lambda: self.world.lay(self.main),
        )
        return [sized(3), sized(4), kit]

    def finish(self, now: checker.Journal) -> Iterator[str]:
        dumps = self.world.dumps()
        yield from checker.finished(now, dumps)
        said = [station_process.identifier(dumps[uid]) for uid in (*self.parts, self.main)]
        if said != [self.set] * 4 + [self.kit]:
            yield f"the tags say {said}"
        last = {one["uid"]: (one["part"], one["parts"]) for one in now.of("tag-write-verified", barcode=self.set)}
        if sorted(last.values()) != [(part, 4) for part in range(1, 5)]:
            yield f"the parts are {sorted(last.values())}"
        sizes = [one["parts"] for one in now.of("set-sized", barcode=self.set)]
        if sizes != [3, 4]:
            yield f"the set was given the sizes {sizes}"
        closed = now.of("set-closed", barcode=self.set, complete=True)
        if {one["parts"] for one in closed} != {3, 4}:
            yield f"the set was closed with {[one['parts'] for one in closed]}"
        kits = {(one["model"], one["parts"]) for one in now.of("set-closed", barcode=self.kit, complete=True)}
        on_tag = [(one["part"], one["parts"]) for one in now.of("tag-write-verified", uid=self.main)]
        if kits != {("main", 3)} or on_tag[-1:] != [(1, 3)]:
            yield f"the kit was closed as {kits}, its tag says {on_tag}"


class Correct(Row):
    """A finding: assigned, mended, sent back, mended, rechecked; then a blind second check in which two people
    disagree."""

    name = "correct"
    menu = ("to-fix",)

    def steps(self) -> list[Step]:
        self.item, self.uid = self.world.code(), self.world.tag()

        def judged(who: str, times: int, *answers: str) -> Step:
            return Step(
                args=lambda: ("process", self.item, "--pass-all", *answers, "--operator", who, "--json"),
                hands=lambda: self.world.lay(self.uid),
                codes=(1,),
                done=lambda: len(self.world.look().of("item-judged", barcode=self.item)) == times,
            )

        def corrected(word: str, rule: str, *words: str, who: str, again: tuple[str, ...] = ()) -> Step:
            return Step(
                args=lambda: ("corrections", word, self._id(rule), *words, "--operator", who, "--json"), again=again
            )

        gone = ("correction-not-open",)
        return [
            judged("tim", 1, "--answer", "spine-label=fail:No label"),
            corrected("assign", "spine-label", "--owner", "ann", who="tess"),
            corrected("mend", "spine-label", who="ann", again=gone),
            corrected("recheck", "spine-label", "--failed", "--reason", "still none", who="tess", again=gone),
            corrected("mend", "spine-label", who="ann", again=gone),
            corrected("recheck", "spine-label", who="tess", again=gone),
            Step(
                args=lambda: (
                    *("corrections", "order", self.item, "--worker", "tim", "--reason", "drawn"),
                    *("--operator", "tess", "--json"),
                ),
            ),
            judged("ann", 2, "--answer", "title-in-hand=fail:Other title"),
            corrected("close", "second-check", "--result", "no-defect", "--reason", "seen", who="tess", again=gone),
        ]

    def _id(self, rule: str) -> str:
        found = [one for one in self.world.look().corrections if (one["barcode"], one["rule"]) == (self.item, rule)]
        return str(found[-1]["correction"]) if found else "none-at-all"

    def finish(self, now: checker.Journal) -> Iterator[str]:
        yield from checker.finished(now, self.world.dumps())
        yield from self.world.delivered(now, self.item, 2)
        whose = [one["operator"] for one in now.of("item-judged", barcode=self.item)]
        if whose != ["w-demo-tim", "w-demo-ann"]:
            yield f"the verdicts are those of {whose}"
        kept = {one["rule"] or one["kind"]: one for one in now.corrections if one["barcode"] == self.item}
        ends = {name: (one["state"], one["result"]) for name, one in kept.items()}
        wanted = {
            "spine-label": ("closed", "mended"),
            "recheck": ("closed", "failed"),
            "second-check": ("closed", "no-defect"),
        }
        if {name: end for name, end in ends.items() if name in wanted} != wanted:
            yield f"the corrections ended as {ends}"
        if len(kept) != len([one for one in now.corrections if one["barcode"] == self.item]):
            yield "a correction is there twice"
        label = kept.get("spine-label", {}).get("correction")
        steps = [one["kind"].removeprefix("correction-") for one in now.events if one.get("correction") == label]
        steps = [step for place, step in enumerate(steps) if step != "assigned" or step != steps[place - 1]]
        if steps != ["opened", "assigned", "mended", "rechecked", "mended", "rechecked"]:
            yield f"the finding went through {steps}"
        if len(now.of("correction-rechecked", correction=kept.get("recheck", {}).get("correction"))) != 1:
            yield "the order of a second check was not carried out once"


class Erase(Row):
    """A finished tag of the library is erased."""

    name = "erase"
    menu = ("erase",)

    def steps(self) -> list[Step]:
        self.item = self.world.code()
        self.uid = self.world.tag(**written(self.item, station_process.ISIL, OURS))
        return [
            Step(
                args=lambda: ("tag", "erase", "--barcode", self.item, "--operator", "tess", "--json"),
                hands=lambda: self.world.lay(self.uid),
                again=("not-finished",),
                codes=(0,),
                done=lambda: bool(self.world.look().of("tag-erased", uid=self.uid)),
            )
        ]

    def finish(self, now: checker.Journal) -> Iterator[str]:
        yield from checker.finished(now, self.world.dumps())
        tag = self.world.desk.reader.dump(self.uid)
        if (int(tag["memory"], 16), tag["dsfid"], tag["afi"]) != (0, 0, 0):
            yield "the tag is not blank"
        if (count := len(now.of("tag-erased", uid=self.uid))) != 1:
            yield f"it was erased {count} times"


class Leaving(Erase):
    """An item goes back to its vendor while its tag is not at hand, which leaves the question of the tag open; its tag is
    erased; it is checked again with the blank tag."""

    name = "checklist of what leaves"
    menu = ("withdraw",)

    def steps(self) -> list[Step]:
        erase = super().steps()
        return [self._checked(1), *erase, self._checked(2, lambda: self.world.lay(self.uid))]

    def _checked(self, times: int, hands: Callable[[], object] | None = None) -> Step:
        return Step(
            args=lambda: ("withdraw", "answer", self.item, "--task", "lease-return", "--pass-all", "--json"),
            hands=hands or self.world.lay,
            done=lambda: len(self.world.look().of("checklist-judged", barcode=self.item)) == times,
        )

    def finish(self, now: checker.Journal) -> Iterator[str]:
        yield from super().finish(now)
        judged = now.of("checklist-judged", barcode=self.item)
        if [one["verdict"] for one in judged] != ["pass", "pass"]:
            yield f"the withdrawal was judged {[one['verdict'] for one in judged]}"
        answers = [
            {one["finding"]["rule"]: one["finding"]["outcome"] for one in now.of("check-answered", checklist=checklist)}
            for checklist in (one["checklist"] for one in judged)
        ]
        looked = {"title-in-hand": "pass", "undamaged": "pass", "own-marks-off": "pass"}
        wanted = [{**looked, "tag-released": "abstained"}, looked]
        if [{rule: how for rule, how in one.items() if rule != "volume-in-hand"} for one in answers] != wanted:
            yield f"answered were {answers}"
        given = Counter(
            (one["checklist"], one["finding"]["rule"]) for one in now.of("check-answered", barcode=self.item)
        )
        if twice := [rule for (_, rule), count in given.items() if count > 1]:
            yield f"answered twice were {twice}"


class Migrate(Row):
    """A tag of another library in another model becomes the library's own."""

    name = "migrate"
    menu = ("migrate",)

    def steps(self) -> list[Step]:
        self.item = self.world.code()
        self.uid = self.world.tag(**written(self.item, "DE-99", FOREIGN))
        return [
            Step(
                args=lambda: ("tag", "migrate", "--write", "--barcode", self.item, "--operator", "tess", "--json"),
                hands=lambda: self.world.lay(self.uid),
                done=lambda: bool(self.world.look().of("tag-write-verified", uid=self.uid)),
            )
        ]

    def finish(self, now: checker.Journal) -> Iterator[str]:
        yield from checker.finished(now, self.world.dumps())
        if station_process.identifier(self.world.desk.reader.dump(self.uid)) != self.item:
            yield "the tag is not ours"
        if (count := len(now.of("tag-write-verified", uid=self.uid))) != 1:
            yield f"it was migrated {count} times"


ROWS: Final[tuple[type[Row], ...]] = (Process, ConvertSession, Undo, Sets, Correct, Erase, Leaving, Migrate)
