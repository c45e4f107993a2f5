"""`station tag erase` and `tag migrate --write` as processes with the emulated reader (killed: tests/stories/kill)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from station.catalog.sample.sample import SAMPLE_ITEMS
from station.cli.shared.authorise import TerminalAuthoriser
from station.cli.tag.rewrite import _lines, _Worker
from station.domain.commands import Enter
from station.domain.events import TagErased, TagWriteVerified
from station.domain.ports import BenchPort
from station.domain.snapshot import Snapshot
from station.domain.tag_image import TagImage, Uid
from station.domain.workflows import RetagState, RetagView, Workflow
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.image import new_image
from tests.cli.session.test_sign_on import running
from tests.cli.workflows.test_sets import happened, parts_of
from tests.stories.test_command_line import FIRST, Bench, _import, bench  # noqa: F401 - the fixture

BARCODES = [str(SAMPLE_ITEMS[number][0]) for number in (0, 1, 8)]


def foreign(bench: Bench, uid: str, barcode: str = FIRST) -> None:  # noqa: F811
    """Place a finished tag of another library in the Danish model, alone on the pad."""
    blank = TagImage(Uid(uid), 4, bytes(112), (False,) * 28, 0, 0)
    profile = TagProfile("DE-99", model="28560-3", dsfid=0x3E)
    made = new_image(blank, TagContent(barcode, "DE-99", 2, 3), profile)
    bench.reader.call("lift", uid="all")
    bench.reader.call(
        "create", uid=uid, chip="slix", memory=made.memory.hex(), afi=made.afi, dsfid=made.dsfid, locked=[]
    )
    bench.reader.call("place", uid=uid)


def test_shown_refused_migrated_and_erased(bench: Bench) -> None:  # noqa: F811
    _import(bench)
    uid = "E004010000000051"
    foreign(bench, uid)
    assert bench.run("people", "add", "tess", "--role", "technician")[0] == 0
    code, told = bench.json("tag", "migrate", "--write", "--barcode", FIRST, "--operator", "tess")
    assert (code, told["done"]) == (0, True), told
    assert parts_of(bench, uid) == [(FIRST, 2, 3)]

    code, told = bench.json("tag", "erase")
    assert (code, told["done"], told["tag"]["barcode"]) == (1, False, FIRST)
    assert parts_of(bench, uid) == [(FIRST, 2, 3)]
    code, told = bench.json("tag", "erase", "--barcode", FIRST)
    assert (code, told["done"]) == (0, True), told
    tag = bench.reader.call("dump", uid=uid)["tag"]
    assert (int(tag["memory"], 16), tag["afi"], tag["dsfid"]) == (0, 0, 0)
    ends = [event for event in happened(bench) if isinstance(event, TagErased | TagWriteVerified)]
    assert [type(one) for one in ends] == [TagWriteVerified, TagErased]


def test_one_after_the_other_at_a_running_station(bench: Bench) -> None:  # noqa: F811
    """Each command finds the tag that is on the pad now, and nothing of the previous command. During the second, the
    station's screen is still in the workflow, which is not entered again; the third starts from the main job."""
    _import(bench)
    assert bench.run("people", "add", "tess", "--role", "technician")[0] == 0
    with running(bench.data) as station:
        for number, barcode in enumerate(BARCODES):
            station.bench.submit(Enter(Workflow.PROCESS if number == 2 else Workflow.MIGRATE))
            uid = f"E00401000000006{number}"
            foreign(bench, uid, barcode)
            words = ("tag", "migrate", "--write", "--barcode", barcode, "--operator", "tess")
            code, told = bench.json(*words)
            assert code == 0, told
            assert (told["done"], told["tag"]["uid"]) == (True, uid)
            assert parts_of(bench, uid) == [(barcode, 2, 3)]
    assert [one.barcode for one in happened(bench) if isinstance(one, TagWriteVerified)] == BARCODES


def test_an_erasure_that_the_bench_sets_aside_ends_its_command() -> None:
    printed: list[str] = []
    authoriser = cast(TerminalAuthoriser, SimpleNamespace(answer_prompt=lambda _: False))
    worker = _Worker(cast(BenchPort, SimpleNamespace()), authoriser, printed.append, FIRST, Uid(""))
    held = Snapshot(workflow=Workflow.ERASE, workflow_view=RetagView(), sender="ann (pts/3)")
    free = Snapshot(workflow=Workflow.ERASE, workflow_view=RetagView())
    shown = worker.run(iter([held, free]), Workflow.ERASE)
    assert shown.state is not RetagState.DONE
    assert printed[-1] == "Set aside at the bench."
    assert _lines(shown, done=False) == ["Nothing was written."], "no tag came"
