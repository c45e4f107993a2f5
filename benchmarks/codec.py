"""Tags per second of the codec. There is no peer for comparison, only the copying of the bytes."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.cycle import CONTENT_BYTES, ISIL
from benchmarks.report import Row, Section, rate
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile, TagState
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_write


def section(seconds: float) -> Section:
    """Measure each operation for this many seconds."""
    profile = TagProfile(isil=ISIL)
    content = TagContent(primary_item_identifier="30980000000015", owner_institution=ISIL, type_of_usage=0x10)
    encoded = iso28560_2_codec.encode(content)
    if len(encoded) != CONTENT_BYTES:
        raise RuntimeError(f"the content has {len(encoded)} bytes, counted by hand it has {CONTENT_BYTES}")
    uid = Uid("E004015000000001")
    blank = TagImage(uid=uid, block_size=4, memory=bytes(112), locked=(False,) * 28, afi=0, dsfid=0)
    ours = new_image(blank, content, profile)
    memory = ours.memory
    if recognise(ours, profile).state is not TagState.OURS:
        raise RuntimeError("the tag is not recognised as ours")
    work: tuple[tuple[str, Callable[[], object], str], ...] = (
        ("encode", lambda: iso28560_2_codec.encode(content), "4 elements and the content parameter"),
        ("decode", lambda: iso28560_2_codec.decode(memory), "28 x 4 bytes"),
        ("recognise", lambda: recognise(ours, profile), "every data model tried"),
        ("plan", lambda: plan_write(blank, new_image(blank, content, profile)), "new image and write plan"),
        ("copy of the bytes", lambda: bytearray(memory), "for scale"),
    )
    rows = []
    figures = {}
    for name, job, how in work:
        count, took = _repeat(job, seconds)
        figures[f"{name} per s"] = count / took
        rows.append(Row(what=name, value=rate(count, took, "tags"), how=how))
    return Section(
        title="4. Codec",
        how=f"ISO 28560-2, content of {CONTENT_BYTES} bytes, one thread",
        rows=tuple(rows),
        figures=figures,
    )


def _repeat(job: Callable[[], object], seconds: float) -> tuple[int, float]:
    count = 0
    began = time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        for _ in range(100):
            job()
        count += 100
    return count, took
