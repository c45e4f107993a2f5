"""A report as lines of text, for the technician and for a vendor's support."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from station.base.text import clean
from station.drivers.harness.results import Outcome, Report, Result, TagFacts

MARKS: Final = {Outcome.PASSED: "passed ", Outcome.FAILED: "FAILED ", Outcome.SKIPPED: "skipped"}
_LONGEST: Final = 400


def lines(report: Report) -> Iterator[str]:
    """Return all lines of the report. Text from outside is cleaned."""
    yield f"Contract of a reader, run on {report.began} by station {report.station}"
    yield f"Driver {report.driver} at {clean(report.port, _LONGEST)}{f', {report.line}' if report.line else ''}"
    if report.recording:
        yield clean(report.recording, _LONGEST)
    can = report.reader
    if can is not None:
        yield f"Reader: {clean(can.name, 80)}, firmware {clean(can.firmware, 80) or 'not reported'}"
        yield f"  declares: {_declared(report)}"
        if can.lacks:
            yield f"  was found to lack: {', '.join(can.lacks)}"
    if report.tag is not None:
        yield from tag_lines(report.tag)
    for result in report.results:
        yield result_line(result)
    counts = ", ".join(f"{report.count(outcome)} {outcome.value}" for outcome in Outcome)
    yield f"{counts}."
    if report.minimum.sentence:
        yield clean(report.minimum.sentence, _LONGEST)
    if report.no_item:
        yield report.no_item
    if report.stopped:
        yield f"The run did not come to its end: {report.stopped}."
    if report.restored is None:
        yield "Nothing was written to a tag."
    else:
        yield clean(report.restored.sentence, _LONGEST)
        if report.restored.image:
            yield (
                f"To put it back: station harness --reader {clean(report.port, _LONGEST)} --driver {report.driver} "
                + (f"--restore {clean(report.restored.image, _LONGEST)}")
            )
    if report.capture:
        yield f"Recorded in {clean(report.capture, _LONGEST)}; it holds UIDs and contents of the tags."


def _declared(report: Report) -> str:
    can = report.reader
    if can is None:
        return ""
    sizes = f"blocks of {', '.join(map(str, can.block_sizes))} bytes only" if can.block_sizes else "any block size"
    features = {
        "EAS": can.can_eas,
        "locks": can.can_lock,
        "field reset": can.can_reset_field,
        "lamp or buzzer": can.can_signal,
        "ISO 15693": can.iso15693,
    }
    has = [name if there else f"no {name}" for name, there in features.items()]
    limits = f"{can.max_blocks_per_read} blocks a read, {can.max_blocks_per_write} a write"
    return ", ".join([limits, sizes, *has, f"{can.antennas} antenna{'s' * (can.antennas != 1)}"])


def result_line(result: Result) -> str:
    """Return the line about one case."""
    head = f"  {MARKS[result.outcome]} {result.case:<13} {result.says}"
    return f"{head} [{clean(result.detail, _LONGEST)}]" if result.detail else head


def tag_lines(tag: TagFacts) -> Iterator[str]:
    """Return the lines about the scratch tag and its content."""
    yield f"Tag {tag.uid}: {tag.chip}, {tag.block_count} blocks of {tag.block_size} bytes, {len(tag.locked)} of them locked"
    for sentence in tag.content:
        yield f"  {clean(sentence, _LONGEST)}"
    for what in tag.unsaved:
        yield f"  Not saved, so it is not changed: {clean(what, _LONGEST)}"
