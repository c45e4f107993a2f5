"""A random history of several benches and their center, and its judge.

The judge keeps each event that any machine recorded. Before each send it computes the expected outcome from these events
and the center's copy.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, cast

import msgspec
import pytest

from station.base.errors import StoreCorrupt
from station.bench.signed_journal import SignedJournal
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.heartbeat import Move
from station.domain.item import Barcode
from station.domain.journal_copy import Batch, CopiedEvent, JoinRequest
from station.fleet.center import Center
from station.fleet.elsewhere import ElsewhereThread
from station.fleet.fetched import make
from station.fleet.link import Link, acknowledged_file
from station.fleet.machine import machine_digest
from station.fleet.projector import Projector
from station.store.database.database import open_reader
from station.store.journal import newest_head, tail
from station.store.journal.timeline import restored_file
from station.store.owner import open_store
from station.store.postgres.connection import connect
from station.store.postgres.copies import Copies
from station.store.postgres.invitations import code_digest, invite
from station.store.postgres.sql import PostgresSql
from station.store.projections import projections
from tests.fleet.direct_center import DirectCenter
from tests.fleet.shelf import ITEMS, TAGS, Shelf
from tests.store.postgres.both_engines import tables_of
from tests.support import sample_events
from tests.support.copied_bench import CopiedBench
from tests.support.tag_writes import erased, looked, memory, tagged

BENCHES: Final = 3
MOST_STEPS: Final = 60
"""Steps of a link after which it sends the same again and again."""
Row = tuple[Any, ...]


class Machine(CopiedBench):
    """A machine that runs a station on a bench's journal."""

    def __init__(self, folder: Path, center: DirectCenter, random: Random) -> None:
        super().__init__(folder)
        self.center = center
        self.clock.pause(random.randrange(10**8))  # clocks are wrong by years
        self.writes: dict[str, tuple[ev.TagWriteStarted, str]] = {}
        """Newest write of each tag, and the tag's text before it."""

    def start(self) -> None:
        self._store = open_store(self.path, self.clock)
        journal = self.timelines()[-1]
        self.elsewhere = ElsewhereThread(self.center, journal, self.clock)
        self.journal = SignedJournal(self._store.journal, lambda: "tess", lambda _: None, self.elsewhere)
        self.outbox_port = self._store.outbox

    def rows(self) -> list[Row]:
        return list(super().rows())

    def stop(self) -> None:
        self._store.close()

    def timelines(self) -> list[str]:
        """Return the ids of the timelines, the newest last."""
        with closing(open_reader(self.path)) as sql:
            return [place.journal for place in reversed(tail.path(sql))]

    @contextmanager
    def off(self) -> Iterator[None]:
        """Stop the station inside the block."""
        self.stop()
        yield
        self.start()

    def ask(self, item: str, tag: str = "") -> list[str]:
        """Ask the center. Return the tags of the item's first part that the gate then knows."""
        self.journal.ledger.ask(barcode=item)
        self.journal.ledger.ask(uid=tag or TAGS[0])
        while self.elsewhere.step():
            pass
        return [binding.uid for binding in self.journal.bindings_for(Barcode(item)) if binding.part == 1]

    def tables(self) -> dict[str, list[Row]]:
        with closing(open_reader(self.path)) as sql:
            return projections.dump(sql)

    def send(self, steps: int = MOST_STEPS) -> tuple[str, str]:
        """Let the link send until it waits. Return its state and `why`."""
        link = Link(self.path, cast(Center, self.center), self.clock)
        for _ in range(steps):
            status = link.step()
            if status.state != "sent":
                return status.state, status.why
        return "sent", ""


class History:
    """Several benches, random acts on them, and the judge of the center's copies."""

    def __init__(self, database: str, folder: Path, seed: int) -> None:
        self._random = Random(seed)
        self._database, self._folder = database, folder
        self._copies = Copies(database.replace("user=owner", "user=station_receiver"))
        self._owner = connect(database)
        self._projecting = connect(database)
        self._projecting.execute("SET ROLE station_projector")
        self._projector = Projector(self._projecting)
        self._made = self._benches = 0
        self._shelf = Shelf()
        self._recorded: dict[bytes, tuple[bytes, Row]] = {}
        """Each event of any machine: its hash, the hash before it, its row."""
        self._names: dict[bytes, set[str]] = {}
        """Items and tags that an event names, by its hash."""
        self._outboxes: dict[bytes, list[Row]] = {}
        self._taken: dict[tuple[str, bytes], Row] = {}
        """Events that the center has stored, by bench and hash. It must keep them."""
        self._kept: list[tuple[str, bytes, Path]] = []
        """Copies of disks: bench, key, folder."""
        self.machines: list[Machine] = []
        self._away: list[Machine] = []
        """Stopped machines, which may return."""
        self.ends: list[str] = []
        """Acts and outcomes, in their order."""
        for _ in range(BENCHES):
            self._join()

    def close(self) -> None:
        for machine in self.machines:
            machine.stop()
        self._copies.close()
        self._owner.close()
        self._projecting.close()

    def run(self, steps: int = 45) -> None:
        acts = {
            self._work: 16,
            self._send: 8,
            self._send_in_bad_weather: 8,
            self._project: 5,
            self._late: 2,
            self._keep: 2,
            self._clone: 2,
            self._outrun: 1,
            self._set_back: 2,
            self._die: 1,
            self._restore: 2,
            self._return: 1,
            self._move: 3,
            self._forge: 2,
            self._continue: 1,
            self._adopt: 1,
            self._audit: 1,
        }
        rest = self._random.choices(list(acts), list(acts.values()), k=steps - len(acts))
        for act in self._random.sample([*acts, *rest], k=steps):  # each at least once
            self.ends.append(act.__name__)
            act()
            self._require_kept()
        self.ends.append("_audit")
        self._audit()

    # --- what happens -----------------------------------------------------------------------------------------------

    def _new_folder(self) -> Path:
        self._made += 1
        return self._folder / f"machine-{self._made}"

    def _key(self) -> bytes:
        return self._random.randbytes(8)

    def _join(self) -> None:
        key = self._key()
        machine = Machine(self._new_folder(), DirectCenter(self._copies, "", key, self._random), self._random)
        open_store(machine.path, machine.clock).close()
        machine.center.bench = self._joined(machine, key)
        machine.start()
        self.machines.append(machine)
        self._remember(machine)

    def _joined(self, machine: Machine, key: bytes, newest: str = "") -> str:
        """Let a machine join with this key, or be adopted if `newest` names its newest timeline. Return the bench's id."""
        self._benches += 1
        # Every run of a seed gives a bench the same id.
        self._owner.execute(f"ALTER TABLE bench ALTER bench SET DEFAULT 'bench{self._benches}'")
        code = invite(self._owner, "Main", timedelta(hours=1))
        digest = hashlib.sha256(key).digest()
        request = JoinRequest(code, machine.timelines()[0], machine.folder.name, digest, newest)
        joined = self._copies.join(request, code_digest(code))
        assert joined.outcome == "joined"
        return joined.bench

    def _any(self) -> Machine | None:
        return self._random.choice(self.machines) if self.machines else None

    def _remember(self, machine: Machine, names: Sequence[str] = ()) -> None:
        """Keep the events that a machine has recorded since the last call. `names`: items and tags that they name."""
        before = b""
        for row in machine.rows():
            if row[5] not in self._recorded:
                self._recorded[row[5]] = (before, row)
                self._names[row[5]] = set(names)
            before = row[5]
        self._outboxes[before] = machine.outbox()

    def _record(self, machine: Machine, *events: ev.AnyEvent, names: Sequence[str]) -> None:
        machine.clock.pause(self._random.choice((0, 1, 3600)))
        machine.journal.record(*events)
        names = [name for name in names if name]
        self._shelf.join(names)
        self._remember(machine, names)

    def _work(self) -> None:
        machine = self._any()
        if machine is None:
            return
        machine.center.away = self._random.random() < 0.3
        for _ in range(self._random.randrange(1, 4)):
            self._random.choices((self._tag, self._erase, self._undo, self._judge), (8, 2, 1, 4))[0](machine)
        machine.center.away = False

    def _tag(self, machine: Machine) -> None:
        """Write an item to a tag as a bench does, which asks the center first."""
        random, shelf = self._random, self._shelf
        item = random.choice(ITEMS)
        inside = sorted(shelf.tags_of(item))
        tag = random.choice(inside) if inside and random.random() < 0.4 else random.choice(TAGS)
        found = shelf.says[tag]
        scanned = ev.ItemScanned(barcode=item, part=1, item=sample_events.record(item), operator="tess")
        self._record(machine, scanned, names=())
        others = [uid for uid in machine.ask(item, tag) if uid != tag]
        replaced = others[0] if others else ""
        if replaced and random.random() < 0.3:
            return  # the operator sets the item aside
        names = (item, tag, found, replaced)
        if found == item:
            self._record(machine, *looked(tag, item, replaces=replaced), names=names)
        else:
            started, verified = tagged(tag, item, found, replaces=replaced)
            machine.writes[tag] = (started, found)
            if random.random() < 0.1:
                shelf.cut_off(tag, f"cut-off-{random.random()}" if random.random() < 0.5 else found)
                self._record(machine, started, names=names)
                return
            self._record(machine, started, verified, names=names)
            shelf.write(tag, item)
        shelf.glue(tag, item)
        shelf.take_out(replaced, item)

    def _erase(self, machine: Machine) -> None:
        tag = self._random.choice(TAGS)
        found = self._shelf.says[tag]
        if found in ITEMS:
            self._record(machine, *erased(tag, found), names=(tag, found))
            self._shelf.write(tag, "")

    def _undo(self, machine: Machine) -> None:
        """Undo the newest write of a tag, if the tag still has it."""
        tag = self._random.choice(TAGS)
        started, found = machine.writes.pop(tag, (None, ""))
        if started is None or self._shelf.says[tag] != started.barcode:
            return
        item, restored = started.barcode, found if found in ITEMS else ""
        undo: dict[str, Any] = {
            "attempt": f"undo-{started.attempt}",
            "undoes": started.attempt,
            "uid": tag,
            "barcode": item,
            "part": 1,
        }
        images: dict[str, Any] = {
            "old": memory(tag, item),
            "new": memory(tag, found),
            "plan_digest": "0" * 64,
            "steps": 3,
        }
        self._shelf.again |= {item, tag}
        self._record(
            machine,
            ev.TagUndoStarted(**undo, **images),
            ev.TagUndoVerified(**undo, restored=restored, parts=2),
            names=(tag, item, found, started.replaces),
        )
        self._shelf.write(tag, found)
        self._shelf.glue(tag, restored)

    def _judge(self, machine: Machine) -> None:
        """Judge an item, with a delivery for each of two systems; or settle a delivery."""
        waiting = machine.outbox_port.heads()
        if waiting and self._random.random() < 0.6:
            machine.outbox_port.lease(waiting[0].id)
            machine.outbox_port.settle(waiting[0].id, DeliveryState.DELIVERED)
        else:
            item = self._random.choice(ITEMS)
            deliveries = [sample_events.delivery(system, item) for system in ("file", "alma")]
            machine.journal.record(sample_events.judged(item), deliveries=deliveries)
        self._remember(machine)

    def _project(self) -> None:
        for _ in range(self._random.randrange(1, 4)):
            self._projector.run()

    def _keep(self) -> None:
        """Copy a disk."""
        if machine := self._any():
            with machine.off():
                self._kept.append((machine.center.bench, machine.center.key, self._copied(machine)))

    def _copied(self, machine: Machine) -> Path:
        folder = self._new_folder()
        folder.mkdir(parents=True)
        shutil.copy(machine.path, folder)
        return folder

    def _clone(self) -> None:
        """Start another machine on a copy of a disk, while the first one works on."""
        if (machine := self._any()) and len(self.machines) < BENCHES + 2:
            with machine.off():
                folder = self._copied(machine)
            self._start_machine(folder, machine.center.bench, machine.center.key)

    def _outrun(self) -> None:
        """Continue an older copy of a journal on another machine: the center loses a part. The first machine works on."""
        with_key = [machine for machine in self.machines if self._has_key(machine)]
        if not with_key:
            return
        machine = self._random.choice(with_key)
        with machine.off():
            folder = self._copied(machine)
        self._tag(machine)
        self._move_and_send(machine)
        clone = self._start_machine(folder, machine.center.bench, machine.center.key)
        with clone.off():
            self._begin_timeline(clone)
        self._remember(clone)
        self._move_and_send(clone)
        self._judge(machine)
        self._move_and_send(machine)
        self._stop(machine)

    def _move_and_send(self, machine: Machine) -> None:
        self._confirm_move(machine)
        self._send_and_check(machine)

    def _start_machine(self, folder: Path, bench: str, key: bytes) -> Machine:
        machine = Machine(folder, DirectCenter(self._copies, bench, key, self._random), self._random)
        machine.start()
        self.machines.append(machine)
        return machine

    def _set_back(self) -> None:
        """Put an older copy on a machine's disk. In most cases, `journal continue` gives it a new timeline."""
        machine = self._any()
        older = [folder for bench, _, folder in self._kept if machine and bench == machine.center.bench]
        if machine is None or not older:
            return
        with machine.off():
            for file in (machine.path, newest_head.file_of(machine.path)):
                file.unlink(missing_ok=True)
            shutil.copy(self._random.choice(older) / machine.path.name, machine.path)
            if restored_file(machine.path).exists() or self._random.random() < 0.6:
                self._begin_timeline(machine)
        self._remember(machine)
        if self._random.random() < 0.7:
            self._confirm_move(machine)

    def _begin_timeline(self, machine: Machine) -> None:
        machine.go_on(self._random.randbytes(8).hex())

    def _continue(self) -> None:
        if machine := self._any():
            with machine.off():
                self._begin_timeline(machine)
            self._remember(machine)

    def _adopt(self) -> None:
        """Adopt a machine as a bench of its own."""
        if (machine := self._any()) and self._benches < 2 * BENCHES:
            with machine.off():
                self._begin_timeline(machine)
                key = self._key()
                machine.center.bench = self._joined(machine, key, machine.timelines()[-1])
                machine.center.key = key
                acknowledged_file(machine.path).unlink(missing_ok=True)
            self._remember(machine)

    def _die(self) -> None:
        if (machine := self._any()) and len(self.machines) > 1:
            self._stop(machine)

    def _stop(self, machine: Machine) -> None:
        machine.stop()
        self.machines.remove(machine)
        self._away.append(machine)

    def _restore(self) -> None:
        """Restore a bench on a new machine. The key of the former machine ends."""
        benches = sorted({machine.center.bench for machine in (*self.machines, *self._away)})
        if len(self.machines) > BENCHES + 1:
            return
        bench, key = self._random.choice(benches), self._key()
        code = invite(self._owner, "Main", timedelta(hours=1), bench)
        request = JoinRequest(code, self._random.randbytes(8).hex(), "again", hashlib.sha256(key).digest())
        assert self._copies.join(request, code_digest(code)).outcome == "joined"
        center = DirectCenter(self._copies, bench, key, self._random)
        folder = self._new_folder()
        fresh = Machine(folder, center, self._random)
        events = list(self._fetched(center))
        journal = center.path()[-1].journal
        with_results = [place for place, event in enumerate(events) if event.deliveries]
        if with_results and self._random.random() < 0.3:
            bare = list(events)
            place = self._random.choice(with_results)
            bare[place] = msgspec.structs.replace(bare[place], deliveries=())
            with pytest.raises(StoreCorrupt):
                make(fresh.path, journal, bare, fresh.clock)
            assert not fresh.path.exists()
        report = make(fresh.path, journal, events, fresh.clock)
        assert report.ok
        path = self._path(bench)
        assert fresh.rows() == path
        head = path[-1][5] if path else b""
        if head in self._outboxes:
            assert fresh.outbox() == self._outboxes[head]
        self._begin_timeline(fresh)
        fresh.start()
        self.machines.append(fresh)
        self._remember(fresh)

    def _fetched(self, center: DirectCenter) -> Iterator[CopiedEvent]:
        after = 0
        while events := center.events(after):
            yield from events
            after += len(events)

    def _return(self) -> None:
        """Start a stopped machine again."""
        if self._away and len(self.machines) < BENCHES + 2:
            machine = self._away.pop(self._random.randrange(len(self._away)))
            machine.start()
            self.machines.append(machine)

    def _move(self) -> None:
        if machine := self._any():
            self._confirm_move(machine)

    def _confirm_move(self, machine: Machine) -> None:
        if self._has_key(machine):
            machine.center.move(Move(machine_digest(machine.path)))

    def _has_key(self, machine: Machine) -> bool:
        return self._copies.key_digest(machine.center.bench) == hashlib.sha256(machine.center.key).digest()

    def _send_in_bad_weather(self) -> None:
        if machine := self._any():
            machine.center.bad = True
            machine.send(self._random.randrange(1, 5))
            machine.center.bad = False

    def _late(self) -> None:
        if machine := self._any():
            machine.center.deliver_late_batch()

    def _forge(self) -> None:
        """Send forged events, or events of another bench, with a bench's key."""
        if not (machine := self._any()) or not self._has_key(machine):
            return
        bench = machine.center.bench
        other = self._random.choice(self.machines)
        with closing(open_reader(other.path)) as sql:
            after = tail.common(sql, self._copies.path(other.center.bench))
            assert after is not None
            events = list(tail.events_after(sql, after.seq, 500))
        if other.center.bench == bench:
            if not events:
                return
            place = self._random.randrange(len(events))
            changes: list[dict[str, Any]] = [
                {"at": events[place].at + "0"},
                {"kind": "tag-erased" if events[place].kind != "tag-erased" else "item-judged"},
                {"kind": "timeline-began", "payload": b'{"type":"timeline-began","journal":"00000000000000aa"}'},
                {"payload": events[place].payload + b" "},
                {"hash": bytes(32)},
                {"deliveries": ()} if events[place].deliveries else {"payload": b""},
            ]
            events[place] = msgspec.structs.replace(events[place], **self._random.choice(changes))
        elif not events or set(machine.timelines()) & set(other.timelines()):
            return  # these events belong to both benches, by adoption
        batch = Batch(after, tuple(events), machine_digest(machine.path))
        assert self._copies.receive(bench, batch).outcome != "taken"

    # --- the judge --------------------------------------------------------------------------------------------------

    def _of_center(self, statement: str, *parameters: object) -> list[Row]:
        return self._owner.execute(statement, parameters).fetchall()

    def _path(self, bench: str) -> list[Row]:
        return self._of_center(
            "SELECT seq, at, kind, payload, deliveries, hash FROM events WHERE bench = %s ORDER BY seq", bench
        )

    def _all_of(self, bench: str) -> dict[bytes, Row]:
        return {
            row[5]: row
            for row in self._of_center(
                "SELECT seq, at, kind, payload, deliveries, hash FROM event JOIN timeline USING (journal) WHERE bench = %s",
                bench,
            )
        }

    def _require_kept(self) -> None:
        """Check that the center lost no event, stores none twice, has none that no machine recorded, and merged no journals."""
        rows = self._of_center(
            "SELECT bench, seq, at, kind, payload, deliveries, hash FROM event JOIN timeline USING (journal)"
        )
        there = {(bench, row[5]): tuple(row) for bench, *row in rows}
        assert len(there) == len(rows), "an event is there twice"
        assert self._taken.items() <= there.items(), "the center lost an event"
        for (_, value), row in there.items():
            assert self._recorded[value][1] == row, "no machine recorded this event"
        self._taken = there
        for bench in {machine.center.bench for machine in self.machines}:
            path = self._path(bench)
            before = b""
            for row in path:
                assert self._recorded[row[5]][0] == before, "the path has a hole, or a merge"
                before = row[5]

    def _expected(self, machine: Machine) -> tuple[str, str]:
        """Return the state and `why` with which a machine's link must end on a good network."""
        bench, own = machine.center.bench, machine.rows()
        path = self._path(bench)
        if not self._has_key(machine):
            return "away", "credentials-refused"
        if own == path:
            return "current", ""
        if path[: len(own)] == own:
            return "older", ""
        known = self._all_of(bench)
        with closing(open_reader(machine.path)) as sql:
            common = tail.common(sql, self._copies.path(bench))
        assert common is not None
        base = common.seq
        if base == len(own):
            return ("older", "") if len(path) > base else ("refused", "fork")
        ((at_center,),) = self._of_center("SELECT machine FROM bench WHERE bench = %s", bench)
        if at_center not in (None, machine_digest(machine.path)):
            return "refused", "moved"
        new = next((place for place, row in enumerate(own) if row[5] not in known), len(own))
        if new == len(own):
            return "older", ""  # it is in a lost part
        follows = own[:new] == path or own[new][2] == "timeline-began"
        return ("current", "") if follows and base <= new else ("refused", "fork")

    def _send(self) -> None:
        if machine := self._any():
            self._send_and_check(machine)

    def _send_and_check(self, machine: Machine) -> None:
        expected, own, bench = self._expected(machine), machine.rows(), machine.center.bench
        before = self._path(bench)
        assert machine.send() == expected
        self.ends.append(" ".join(expected))
        assert self._path(bench) == (own if expected[0] == "current" else before)
        if expected == ("refused", "fork"):
            self._require_refused(machine, own)

    def _require_refused(self, machine: Machine, own: list[Row]) -> None:
        """Check that quarantine has each event that the center refused."""
        bench = machine.center.bench
        known = self._all_of(bench)
        with closing(open_reader(machine.path)) as sql:
            common = tail.common(sql, self._copies.path(bench))
        assert common is not None
        there = {value for (value,) in self._of_center("SELECT hash FROM quarantine WHERE bench = %s", bench)}
        assert {row[5] for row in own[common.seq :] if row[5] not in known} <= there

    def _audit(self) -> None:
        """Let every machine send. Check tables, outbox and ledger against the journals and the shelf."""
        for machine in self.machines:
            self._send_and_check(machine)
        while self._projector.run():
            pass
        self._require_lost()
        missing = [names for value, names in self._names.items() if names and value not in self._taken_now()]
        for machine in self.machines:
            if machine.rows() == self._path(machine.center.bench) and self._has_key(machine):
                self._require_tables(machine)
                self._require_ledger(machine, missing)
        for uid, other, item in self._of_center("SELECT uid, other_uid, barcode FROM second_tag"):
            if self._shelf.is_clear(item, missing):
                assert {uid, other} <= self._shelf.tags_of(item), "a correction names the right tag"

    def _require_lost(self) -> None:
        """Check that the ledger marks the writes that are not on their bench's path, and no others."""
        for (bench,) in self._of_center("SELECT bench FROM bench"):
            path = {row[5] for row in self._path(bench)}
            for value, lost in self._of_center(
                "SELECT e.hash, w.lost FROM tag_write w JOIN event e "
                "ON e.journal = w.journal AND e.seq = coalesce(w.ended_seq, w.seq) WHERE w.bench = %s",
                bench,
            ):
                assert lost == (value not in path), "the ledger does not know what is lost"

    def _taken_now(self) -> set[bytes]:
        return {value for (value,) in self._of_center("SELECT hash FROM event")}

    def _require_tables(self, machine: Machine) -> None:
        sql = PostgresSql(self._projecting)
        assert tables_of(sql, machine.center.bench) == machine.tables()
        columns = "id, event_seq, place, system, lane, intent, not_before, holds, count_seq, state, changed_seq"
        with closing(open_reader(machine.path)) as own:
            statement = f"SELECT {columns} FROM outbox ORDER BY id"
            assert list(sql.execute(statement)) == own.execute(statement).fetchall()

    def _require_ledger(self, machine: Machine, missing: Sequence[set[str]]) -> None:
        # A write that was cut off can hide the order of a tag's writes. Then the bench relies on its own tables.
        uncertain = {uid for (uid,) in self._of_center("SELECT uid FROM holding WHERE NOT certain")} & self._shelf.again
        for item in ITEMS:
            if not self._shelf.is_clear(item, missing):
                continue
            scanned = ev.ItemScanned(barcode=item, part=1, item=sample_events.record(item), operator="tess")
            self._record(machine, scanned, names=())
            known, carried = set(machine.ask(item)), self._shelf.tags_of(item)
            assert known <= carried | uncertain, "the gate stops the right tag"
            self.ends.append("ledger")
            if self._shelf.is_plain(item):
                assert known == carried, "the gate does not know a second tag"
                self.ends.append("ledger plain")
