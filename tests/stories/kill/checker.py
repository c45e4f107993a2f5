"""The conditions after every kill, checked against the emulator's memory, the journal's chain and the deliveries,
without any code of the station. Each check yields sentences about faults, none if all is well."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support import station_process

Image = tuple[str, int, int]
"""Memory (hexadecimal), DSFID, AFI."""
STARTS = ("tag-write-started", "tag-undo-started")
ENDS = ("tag-write-verified", "tag-erased", "tag-write-abandoned", "tag-undo-verified")


def image(tag: dict[str, Any]) -> Image:
    """Return the image of a tag from the emulator's dump."""
    return (tag["memory"].lower(), tag["dsfid"], tag["afi"])


class Journal:
    """Every event as stored, read once, and the rows of the outbox and of the corrections."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with station_process.journal(data) as sql:
            self.id = str(sql.execute("SELECT id FROM journal").fetchone()[0])
            self.rows = sql.execute(
                "SELECT seq, at, kind, payload, deliveries, hash FROM events ORDER BY seq"
            ).fetchall()
            self.sent = sql.execute("SELECT event_seq, system, lane, intent, id, state FROM outbox").fetchall()
            names = ("correction", "barcode", "rule", "kind", "state", "result")
            found = sql.execute(f"SELECT {', '.join(names)} FROM corrections").fetchall()
            self.corrections = [dict(zip(names, row, strict=True)) for row in found]
        self.events = [{"seq": row[0], "kind": row[2], **_plain(row[3])} for row in self.rows]

    def of(self, *kinds: str, **fields: object) -> list[dict[str, Any]]:
        """Return the events of these kinds with these values. A missing field counts as False, its default."""
        return [
            one
            for one in self.events
            if one["kind"] in kinds and all(one.get(k, False) == v for k, v in fields.items())
        ]

    def open_attempts(self) -> dict[str, dict[str, Any]]:
        """Return UID -> the start event of each attempt that has not ended."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.of(*STARTS, *ENDS):
            if one["kind"] in STARTS:
                found[one["uid"]] = one
            else:
                found.pop(one["uid"], None)
        return found


def _plain(payload: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(payload)
    found.pop("kind", None)
    return found


# --- the journal --------------------------------------------------------------------------------------------------------


def chain(now: Journal) -> Iterator[str]:
    """Recompute the chain as described in docs/journal and station/store/journal/hash_chain.py."""
    value = hashlib.sha256(f"station-journal-1\n{now.id}\n".encode()).digest()
    for place, (seq, at, kind, payload, digest, stated) in enumerate(now.rows, 1):
        if seq != place:
            yield f"event {place} is missing"
            return
        head = f"station-journal-1\n{now.id}\n{seq}\n{at}\n{kind}\n{bytes(digest).hex()}\n{len(payload)}\n"
        value = hashlib.sha256(value + head.encode() + bytes(payload)).digest()
        if bytes(stated) != value:
            yield f"the chain breaks at event {seq}"
            return
        wanted = hashlib.sha256()
        rows = sorted((system, lane, bytes(intent)) for event, system, lane, intent, *_ in now.sent if event == seq)
        for row in rows:
            for field in (row[0].encode(), row[1].encode(), row[2]):
                wanted.update(len(field).to_bytes(8, "big") + field)
        if bytes(digest) != (wanted.digest() if rows else b""):
            yield f"the deliveries of event {seq} are not those that were committed with it"


def acknowledged(now: Journal, told: Iterable[int]) -> Iterator[str]:
    """Check that every acknowledged event is stored."""
    for seq in told:
        if seq > len(now.rows):
            yield f"event {seq} was acknowledged, and is lost"


def results(now: Journal, systems: tuple[str, ...]) -> Iterator[str]:
    """Check that a result and its deliveries exist together, and that no delivery is made twice or without its
    result."""
    for one in now.of("item-judged"):
        goes = sorted(row[1] for row in now.sent if row[0] == one["seq"])
        if goes != sorted(systems):
            yield f"the result {one['seq']} goes to {goes}"
    known = {row[4] for row in now.sent}
    path = now.data / "results.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    told = Counter(json.loads(line)["delivery"] for line in lines)
    yield from (f"delivery {name} stands {count} times in the file" for name, count in told.items() if count > 1)
    yield from (f"delivery {name} is of no result" for name in told if name not in known)


# --- tags ---------------------------------------------------------------------------------------------------------------


def tags(now: Journal, before: dict[str, Image], dumps: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Check that each tag is unchanged, as planned, or known to be unfinished, and never reads as another item."""
    unfinished = now.open_attempts()
    for uid, tag in dumps.items():
        starts = now.of(*STARTS, uid=uid)
        planned = [_planned(one["new"]) for one in starts]
        says, meant = station_process.identifier(tag), {one["barcode"] for one in starts}
        if image(tag) == before[uid]:
            continue
        if not starts:
            yield f"tag {uid} was changed, and the journal knows of no write"
        elif image(tag) not in planned and uid not in unfinished:
            yield f"tag {uid} is neither old nor new, and nobody knows that it is unfinished"
        elif says is not None and says not in meant:
            yield f"tag {uid} reads as {says}, wanted was {meant}"


def _planned(new: dict[str, Any]) -> Image:
    import base64

    memory = base64.b64decode(new["memory"])
    return (memory.hex(), new["dsfid"], new["afi"])


def finished(now: Journal, dumps: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Check the end: no attempt is open, none ended twice, and each tag holds what its last write planned."""
    yield from (f"the write to {uid} is still open" for uid in now.open_attempts() if uid in dumps)
    ends = Counter(one["attempt"] for one in now.of(*ENDS))
    yield from (f"the attempt {name} ended {count} times" for name, count in ends.items() if count > 1)
    for uid, tag in dumps.items():
        starts = now.of(*STARTS, uid=uid)
        if starts and _planned(starts[-1]["new"]) != image(tag):
            yield f"tag {uid} does not hold what was written last"


# --- corrections --------------------------------------------------------------------------------------------------------


def corrections(now: Journal, code: str) -> Iterator[str]:
    """Check that no correction of the item is lost or closed twice: each was opened, and at most one step ends it."""
    kept = {one["correction"]: one for one in now.corrections if one["barcode"] == code}
    for verdict in now.of("item-judged", barcode=code):
        failed = {finding["rule"] for finding in verdict["findings"] if finding["outcome"] == "fail"}
        for rule in failed - {one["rule"] for one in kept.values()}:
            yield f"{rule} failed, and no correction stands for it"
    for event in now.of("correction-opened", barcode=code):
        joined = [
            one
            for one in kept.values()
            if one["rule"] == event.get("rule", "") or one["correction"] == event["correction"]
        ]
        if not joined:
            yield f"the correction {event['correction']} is lost"
    for name, one in kept.items():
        ends = now.of("correction-closed", correction=name)
        ends += [
            step
            for step in now.of("correction-rechecked", correction=name)
            if step["passed"] or one["kind"] == "recheck"
        ]
        if len(ends) > 1:
            yield f"the correction {name} was closed {len(ends)} times"
        if one["state"] == "closed" and one["rule"] != "second-check" and not ends:
            yield f"the correction {name} is closed, and nobody closed it"


# --- people -------------------------------------------------------------------------------------------------------------


def wrong_tries(data: Path) -> dict[str, int]:
    """Return person -> wrong PINs in succession, as stored in people.db."""
    with closing(sqlite3.connect(f"file:{data / 'people.db'}?mode=rw", uri=True)) as sql:
        return dict(sql.execute("SELECT worker, failures FROM pins").fetchall())


def signed(now: Journal) -> Iterator[str]:
    """Check that between two starts of a station a person signs off only when signed on, and that no person signs on
    while another is signed on."""
    here = ""
    for one in now.of("station-started", "signed-on", "signed-off"):
        if one["kind"] == "station-started":
            here = ""
        elif one["kind"] == "signed-on":
            if here:
                yield f"event {one['seq']}: {one['operator']} signs on while {here} is signed on"
            here = one["operator"]
        elif here != one["operator"]:
            yield f"event {one['seq']}: {one['operator']} signs off and was not signed on"
        else:
            here = ""
