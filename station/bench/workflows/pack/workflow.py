"""Boxes to the sites: put items in that are done and of that site, close the box, and compare it where it arrives.

Each item is journaled at once. The store checks in the same transaction what it knows alone: that the item is done, that
it is in no other box, and that the box is open. A tag is read, never written.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import BarcodeMalformed, ReceivingRefused, StationError, WorkError
from station.base.sentence import Sentence
from station.base.text import clean
from station.bench.by_right import Answer, by_right, id_of
from station.bench.desk import Desk
from station.bench.moves import moved
from station.bench.pad import GONE
from station.bench.snapshot import Shown
from station.bench.workflows.pack.candidate import candidate_of
from station.bench.workflows.pack.rules import MOVES, Trigger, found_at_first, light, prompt, short
from station.bench.workflows.pack.tags import barcodes_of
from station.bench.workflows.release.line import line_now, record_now
from station.bench.workflows.workflow import BenchWorkflow, stopped_by
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.commands import Act
from station.domain.distribution.box import Box, BoxState, PackedItem, Site, box_id, box_number, box_scanned
from station.domain.distribution.obstacle_words import obstacle_words
from station.domain.distribution.packing import WITH_REASON, Candidate, Obstacle, obstacles, site_of
from station.domain.distribution.sites import site_with, sites_of
from station.domain.events import BoxClosed, BoxOpened, BoxPacked, BoxReceived, DistributionStep
from station.domain.notices import Notice
from station.domain.people.rights import Right
from station.domain.ports import Worker
from station.domain.snapshot import Fault, Light, Phase, Sound
from station.domain.tag_image import Uid
from station.domain.workflows import Offered, PackState, PackView, Paper, PaperOrder

_LONGEST: Final = 200
"""Characters of a title or a reason."""
_PAPERS: Final = 8
"""Papers to print that a snapshot names: as many as the screen may miss between two looks."""
_TAGS: Final = frozenset({Obstacle.OTHER_TAG, Obstacle.NO_TAG})
"""Obstacles that are settled at the pad, before all others."""
_S = PackState


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """An item that waits for its tag, or that stops."""

    item: Candidate
    stops: tuple[Sentence, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
    """() with `stops`: no reason makes it right."""
    tag: Uid | None = None


class PackWorkflow(BenchWorkflow):
    """One box at a time. Others stay open, and are offered at the start."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._read = desk.ports.boxes
        self._sites = sites_of(desk.settings.distribution)
        self._state = _S.START
        self._box: Box | None = None
        self._items: tuple[PackedItem, ...] = ()
        """Items of the box, in the order of packing."""
        self._newest: PackedItem | None = None
        self._fresh = False
        """True if the large sentence is about the newest item."""
        self._offered: tuple[Offered, ...] = ()
        self._doubt: Doubt | None = None
        self._doubted_by = ""
        """Id of the worker to whom the doubt is shown: another one may not see the reasons."""
        self._found_barcodes: tuple[str, ...] = ()
        self._left: frozenset[Uid] = frozenset()
        """Tags of the last item that are still on the pad."""
        self._seen: frozenset[Uid] = frozenset()
        self._papers: tuple[PaperOrder, ...] = ()
        self._paper_number = 0
        self._fault: Fault | None = None

    def _move(self, trigger: Trigger) -> None:
        self._state = moved(MOVES, self._state, trigger)

    # --- BenchWorkflow ---------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Look at the box again: other programs may have changed it."""
        self._leave_question()
        if self._box is not None:
            self._look_again(self._box)
        if self._state is _S.START:
            self._offered = self._boxes()

    def scan(self, text: str, part: int = 0) -> None:  # noqa: ARG002 - an item is packed with all its parts
        """Take a box by its label, or an item."""
        self._desk.require_worker()
        self._fault = None
        ident = box_scanned(text)
        if ident:
            self._leave_question()
            self._scan_box(ident)
            return
        try:
            barcode = check_barcode(text, self._desk.settings.barcodes)
        except BarcodeMalformed as error:
            self._desk.wrong_scan(text, error)
            return
        if self._state is _S.LACKS:
            self._leave_question()
        if self._state is _S.ARRIVED and self._box is not None:
            self._find(self._box, barcode)
            return
        self._leave_question()
        if self._box is None:
            self._without_box(barcode)
        else:
            self._scan_item(self._box, barcode)

    def act(self, act: Act) -> None:
        """Handle the buttons. Those at an item name it, so that a late tap changes no other one."""
        self._desk.require_worker()
        self._fault = None
        box, doubt = self._box, self._doubt
        is_doubted = doubt is not None and act.argument == doubt.item.barcode
        match self._state, act.name:
            case _S.START, "new":
                self._offered = tuple(Offered(key=site.code, title=site.heading) for site in self._sites)
                self._move(Trigger.NEW)
            case _S.START, "box" if self._is_offered(act.argument):
                self._scan_box(act.argument)
            case _S.SITE, "site" if self._is_offered(act.argument):
                self._open(site_with(act.argument, self._sites))
            case ((_S.WHERE | _S.STOP), "other-box") if is_doubted and doubt is not None:
                self._to_other_box(doubt.item)
            case _S.TAG, "no-tag" if is_doubted and doubt is not None and box is not None:
                self._decide(box, doubt.item, ())
            case _S.STOP, "despite" if doubt is not None and box is not None:
                self._pack_despite(box, doubt, clean(act.argument, _LONGEST))
            case _S.STOP, "process" if is_doubted and doubt is not None:
                self._leave_question()
                self._desk.next_item = doubt.item.barcode
            case _S.OPEN, "take-out" if self._is_newest(act.argument) and box is not None and self._newest is not None:
                self._take_out(box, self._newest)
            case _S.OPEN, "close" if box is not None:
                self._close(box)
            case ((_S.CLOSED | _S.ARRIVED), "reopen") if box is not None and act.argument.strip():
                self._reopen(box, clean(act.argument, _LONGEST))
            case _S.ARRIVED, "all-here" if box is not None:
                self._receive(box, ())
            case _S.ARRIVED, "rest-missing" if self._lacking:
                self._move(Trigger.LACKING)
                self._desk.play(Sound.WARNING)
            case _S.LACKS, "missing" if box is not None:
                self._receive(box, self._lacking)
            case ((_S.CLOSED | _S.ARRIVED), "back"):
                self.leave()
            case _, "back":
                self._leave_question()
            case _:
                return

    def look(self) -> None:
        """Read the tag for which an item waits, once the pad is at rest."""
        pad = self._desk.pad
        self._left = frozenset(uid for uid in self._left if pad.looks_without(uid) < GONE)
        steady, self._seen = pad.uids == self._seen and not pad.inventory.collision, pad.uids
        if self._state is _S.TAG and steady and self._new_tags and self._box is not None and self._doubt is not None:
            tags = barcodes_of(self._desk, self._new_tags)
            if tags is not None:
                self._decide(self._box, self._doubt.item, tags)

    def leave(self) -> None:
        """Put the box aside; an open one stays open."""
        self._desk.require_worker()
        self._leave_question()
        if self._box is not None:
            if self._state is _S.OPEN:
                self._desk.say(Sentence("pack.aside", number=box_number(self._box.id)), Sound.ACCEPTED)
            self._put_aside(Trigger.LEFT)

    def failed(self, error: StationError) -> None:
        self._fault = stopped_by(self._desk, error)

    def shown(self) -> Shown:
        if self._doubt is not None and self._doubted_by != self._desk.worker.id:
            self._leave_question()
        view = self._view()
        if self._fault is not None:
            return Shown(
                view=view, phase=Phase.STOPPED, prompt=Sentence("state.stopped"), light=Light.BAD, fault=self._fault
            )
        return Shown(
            view=view,
            prompt=prompt(view, fresh=self._fresh),
            light=light(view, fresh=self._fresh),
            without_reader=True,
        )

    def _view(self) -> PackView:
        box, doubt = self._box, self._doubt
        of_item = site_of(doubt.item.place, self._sites) if doubt is not None else None
        site = site_with(box.site, self._sites) if box is not None else None
        to_process = doubt is not None and Obstacle.NOT_DONE in doubt.obstacles and not _TAGS & set(doubt.obstacles)
        elsewhere = doubt is not None and (site is None or Obstacle.OTHER_SITE in doubt.obstacles)
        return PackView(
            state=self._state,
            box=box,
            site=_clean_site(site) if site is not None else None,
            items=tuple(reversed(self._items)),
            newest=self._newest,
            offered=self._offered,
            barcode=doubt.item.barcode if doubt is not None else "",
            title=(doubt.item.title or doubt.item.barcode) if doubt is not None else "",
            stops=doubt.stops if doubt is not None else (),
            despite=doubt is not None and bool(doubt.obstacles) and WITH_REASON.issuperset(doubt.obstacles),
            to_process=to_process,
            other_site=_clean_site(of_item).heading if of_item is not None and elsewhere and not to_process else "",
            found_barcodes=self._found_barcodes,
            papers=self._papers,
        )

    # --- boxes -----------------------------------------------------------------------------------------------------------

    def _scan_box(self, ident: str) -> None:
        box = self._read.box(ident)
        if box is None:
            self._desk.say(Sentence("pack.no-such-box", number=box_number(ident)), Sound.WARNING)
        elif self._box is not None and box.id == self._box.id and box.state is BoxState.OPEN:
            self._desk.say(Sentence("pack.same-box"), Sound.ACCEPTED)
        else:
            if self._box is not None:
                self._put_aside(Trigger.LEFT)
            self._take_up(box)
            self._desk.play(Sound.ACCEPTED)

    def _take_up(self, box: Box) -> None:
        """Show a box: an open one to be packed, another one to be compared with its list."""
        self._move(Trigger.TAKEN_UP if box.state is BoxState.OPEN else Trigger.CAME)
        self._offered, self._newest, self._fresh = (), None, False
        self._read_box(box)
        self._found_barcodes = found_at_first(box.state, self._items)

    def _read_box(self, box: Box) -> None:
        self._box = self._read.box(box.id) or box
        self._items = tuple(_clean_item(item) for item in self._read.packed(box.id))

    def _look_again(self, box: Box) -> None:
        """Read the box again. If it was closed or opened elsewhere, leave it."""
        now = self._read.box(box.id)
        if now is None or (now.state is BoxState.OPEN) != (box.state is BoxState.OPEN):
            self._put_aside(Trigger.GONE if self._state is not _S.CLOSED else Trigger.LEFT)
        else:
            self._read_box(now)

    def _boxes(self) -> tuple[Offered, ...]:
        """Return the boxes to choose from, the open ones first."""
        boxes = sorted(self._read.boxes(), key=lambda box: box.state is not BoxState.OPEN)
        return tuple(
            Offered(
                key=box.id,
                title=_clean_site(site_with(box.site, self._sites)).heading,
                detail=Sentence(
                    f"pack.box.{box.state}",
                    number=box_number(box.id),
                    count=box.missing if box.state is BoxState.RECEIVED else box.count,
                ),
            )
            for box in boxes
        )

    def _open(self, site: Site) -> None:
        seq = self._order(BoxOpened(site=site.code))
        box = self._read.box(box_id(seq)) if seq else None
        if box is not None:
            self._take_up(box)
            self._desk.play(Sound.ACCEPTED)

    def _reopen(self, box: Box, reason: str) -> None:
        if self._order(BoxOpened(site=box.site, box=box.id, reason=reason)):
            self._take_up(self._read.box(box.id) or box)
            self._desk.say(Sentence("pack.reopened", number=box_number(box.id)), Sound.WARNING)

    def _close(self, box: Box) -> None:
        site = site_with(box.site, self._sites)
        due = self._desk.clock.day(site.days) if site.days else ""
        if all(item.missing for item in self._items):
            self._desk.say(Sentence("pack.empty"), Sound.WARNING)
        elif self._order(BoxClosed(box=box.id, due=due)):
            self._move(Trigger.CLOSED)
            self._fresh, self._newest = False, None
            self._read_box(box)
            self._print(Paper.BOX, self._items)
            self._desk.play(Sound.GOOD)

    def _put_aside(self, trigger: Trigger) -> None:
        self._move(trigger)
        self._box, self._items, self._newest, self._found_barcodes, self._fresh = None, (), None, (), False
        self._offered = self._boxes()

    def _leave_question(self) -> None:
        """Leave an open question: nothing is changed by it."""
        if self._state in (_S.SITE, _S.WHERE, _S.TAG, _S.STOP, _S.LACKS):
            self._move(Trigger.LEFT)
        if self._state is _S.CLOSED:
            self._put_aside(Trigger.LEFT)
        self._doubt, self._fresh = None, False
        if self._state is _S.START:
            self._offered = self._boxes()

    # --- packing ---------------------------------------------------------------------------------------------------------

    def _without_box(self, barcode: str) -> None:
        """Take up the only open box of an item's site; otherwise show its site."""
        item = self._candidate(barcode)
        site = site_of(item.place, self._sites)
        if site is None:
            self._desk.say(obstacle_words(Obstacle.UNKNOWN_SITE, item, self._sites), Sound.WARNING)
            return
        boxes = self._open_boxes(site)
        if len(boxes) == 1:
            self._take_up(boxes[0])
            self._scan_item(boxes[0], barcode)
            return
        self._move(Trigger.WITHOUT_BOX)
        self._set_doubt(Doubt(item=item))
        self._desk.play(Sound.WARNING)

    def _open_boxes(self, site: Site) -> list[Box]:
        wanted = site.code.casefold()
        return [box for box in self._read.boxes() if box.state is BoxState.OPEN and box.site.casefold() == wanted]

    def _to_other_box(self, item: Candidate) -> None:
        """Go on with the newest open box of the item's site, or a new one, and put the item in."""
        site = site_of(item.place, self._sites)
        if site is None:
            return
        self._leave_question()
        if self._box is not None:
            self._put_aside(Trigger.LEFT)
        boxes = self._open_boxes(site)
        if boxes:
            self._take_up(boxes[-1])
        else:
            self._move(Trigger.NEW)
            self._open(site)
        if self._box is not None:
            self._scan_item(self._box, item.barcode)
        else:
            self._leave_question()

    def _scan_item(self, box: Box, barcode: str) -> None:
        inside = next((item for item in self._items if item.barcode == barcode and not item.missing), None)
        if inside is not None:
            self._newest, self._fresh = inside, False
            title = short(inside.title or barcode)
            self._desk.say(Sentence("pack.already-in", title=title), Sound.WARNING)
            return
        item = self._candidate(barcode)
        other = self._read.box_of_item(barcode)
        at = self._read.box(other) if other and other != box.id else None
        if at is not None and at.state is not BoxState.RECEIVED:  # from a received one it may have come back
            site = _clean_site(site_with(at.site, self._sites)).heading
            self._stop(Doubt(item=item, stops=(Sentence("pack.in-other-box", number=box_number(other), site=site),)))
            return
        self._desk.look()
        asks_pad = self._desk.pad.ready and item.has_tag
        tags = barcodes_of(self._desk, self._new_tags) if self._desk.pad.ready and self._new_tags else None
        against = obstacles(item, site_with(box.site, self._sites), self._sites)
        if asks_pad and tags is None and WITH_REASON.issuperset(against):
            self._move(Trigger.NEEDS_TAG)
            self._set_doubt(Doubt(item=item))
            self._desk.play(Sound.ACCEPTED)
        else:
            self._decide(box, item, tags)

    def _candidate(self, barcode: str) -> Candidate:
        desk, record = self._desk, record_now(self._desk, barcode)
        item = candidate_of(
            line_now(desk, barcode, lambda: record),
            self._read.listed_copy(barcode),
            record or desk.titles.record(barcode),
            has_tag=bool(desk.journal.bindings_for(check_barcode(barcode, desk.settings.barcodes))),
        )
        return msgspec.structs.replace(
            item,
            title=clean(item.title, _LONGEST),
            library=clean(item.library, _LONGEST),
            order_library=clean(item.order_library, _LONGEST),
            listed_barcode=clean(item.listed_barcode, _LONGEST),
            listed_title=clean(item.listed_title, _LONGEST),
        )

    @property
    def _new_tags(self) -> frozenset[Uid]:
        return self._desk.pad.uids - self._left

    def _decide(self, box: Box, item: Candidate, tags: tuple[str, ...] | None) -> None:
        """Put the item in, or stop. `tags`: see `Candidate.tag_barcodes`."""
        item = msgspec.structs.replace(item, tag_barcodes=tags)
        tag = next(iter(sorted(self._new_tags)), None) if tags else None
        against = obstacles(item, site_with(box.site, self._sites), self._sites)
        if not against:
            self._pack(box, item, tag)
            return
        hidden = {Obstacle.OTHER_SITE} if Obstacle.NOT_DONE in against else set()  # no box comes before processing
        stops = tuple(obstacle_words(obstacle, item, self._sites) for obstacle in against if obstacle not in hidden)
        self._stop(Doubt(item=item, stops=stops, obstacles=against, tag=tag))

    def _stop(self, doubt: Doubt) -> None:
        self._move(Trigger.STOPPED)
        self._set_doubt(doubt)
        self._fresh = False
        self._desk.play(Sound.BAD)

    def _set_doubt(self, doubt: Doubt) -> None:
        self._doubt, self._doubted_by = doubt, self._desk.worker.id

    def _pack(self, box: Box, item: Candidate, tag: Uid | None) -> None:
        if self._order(self._packed(item, tag, box)):
            self._is_packed(box, item.barcode)
            self._desk.play(Sound.GOOD)

    def _pack_despite(self, box: Box, doubt: Doubt, reason: str, lent: Worker | None = None) -> None:
        """Put the item in although vendor or order say otherwise, by a person with the right."""
        if not reason or not WITH_REASON.issuperset(doubt.obstacles) or not doubt.obstacles:
            return

        def order() -> Answer:
            event = msgspec.structs.replace(
                self._packed(doubt.item, doubt.tag, box),
                despite=tuple(obstacle.value for obstacle in doubt.obstacles),
                reason=reason,
                operator=self._desk.worker.id,
                authorised=id_of(lent) or self._desk.lent(Right.SETTLE_DIFFERENCE) or "",
            )
            try:
                self._desk.journal.order(event)
            except ReceivingRefused as error:
                return _notice(error), Sound.WARNING
            self._is_packed(box, doubt.item.barcode)
            return Sentence("pack.despite", title=short(doubt.item.title or doubt.item.barcode)), Sound.WARNING

        by_right(
            self._desk,
            order,
            lent,
            lambda who: self._pack_despite(box, doubt, reason, who),
            still=lambda: self._doubt is doubt,
            what=Sentence("pack.lend"),
        )

    def _packed(self, item: Candidate, tag: Uid | None, box: Box) -> BoxPacked:
        record = self._desk.titles.record(item.barcode)
        return BoxPacked(
            box=box.id,
            barcode=item.barcode,
            title=item.title,
            call_number=clean(record.call_number, _LONGEST) if record is not None else "",
            library=item.place,
            tag=tag or "",
        )

    def _is_packed(self, box: Box, barcode: str) -> None:
        self._move(Trigger.PACKED)
        self._doubt, self._left = None, self._desk.pad.uids
        self._read_box(box)
        self._newest = next((item for item in reversed(self._items) if item.barcode == barcode), None)
        self._fresh = True
        if site_with(box.site, self._sites).slip and self._newest is not None:
            self._print(Paper.ITEM, (self._newest,))

    def _take_out(self, box: Box, item: PackedItem) -> None:
        if self._order(BoxPacked(box=box.id, barcode=item.barcode, removed=True, title=item.title)):
            self._move(Trigger.TAKEN_OUT)
            self._newest, self._fresh, self._left = None, False, frozenset()
            self._read_box(box)
            self._desk.say(Sentence("pack.taken-out", title=short(item.title or item.barcode)), Sound.ACCEPTED)

    # --- at the site -----------------------------------------------------------------------------------------------------

    @property
    def _lacking(self) -> tuple[str, ...]:
        return tuple(item.barcode for item in self._items if item.barcode not in self._found_barcodes)

    def _find(self, box: Box, barcode: str) -> None:
        """Find an item of the box at the site."""
        item = next((item for item in self._items if item.barcode == barcode), None)
        if item is None:
            other = self._read.box_of_item(barcode)
            key = "pack.of-other-box" if other and other != box.id else "pack.not-listed"
            title = short(self._desk.titles.of(barcode))
            self._desk.say(Sentence(key, title=title, number=box_number(other)), Sound.WARNING)
            return
        self._newest = item
        self._found_barcodes = tuple(dict.fromkeys((*self._found_barcodes, barcode)))
        self._desk.play(Sound.ACCEPTED if self._lacking else Sound.GOOD)

    def _receive(self, box: Box, missing: tuple[str, ...]) -> None:
        if self._order(BoxReceived(box=box.id, missing=missing)):
            self._put_aside(Trigger.RECEIVED)
            number = box_number(box.id)
            if missing:
                self._desk.say(Sentence("pack.received-missing", number=number, count=len(missing)), Sound.WARNING)
            else:
                self._desk.say(Sentence("pack.received", number=number), Sound.GOOD)

    # --- writing ---------------------------------------------------------------------------------------------------------

    def _is_offered(self, key: str) -> bool:
        return any(offered.key == key for offered in self._offered)

    def _is_newest(self, barcode: str) -> bool:
        return self._newest is not None and self._newest.barcode == barcode

    def _print(self, paper: Paper, items: tuple[PackedItem, ...]) -> None:
        """Ask the screen to print papers of the box."""
        box = self._box
        if box is None:
            return
        self._paper_number += 1
        site = _clean_site(site_with(box.site, self._sites))
        order = PaperOrder(number=self._paper_number, paper=paper, box=box, site=site, items=items)
        self._papers = (*self._papers, order)[-_PAPERS:]

    def _order(self, event: DistributionStep) -> int:
        """Journal what the worker asks for. Return its number; 0 = it was refused, and said so."""
        try:
            return self._desk.journal.order(msgspec.structs.replace(event, operator=self._desk.worker.id))
        except WorkError as error:
            self._desk.say(_notice(error), Sound.WARNING)
        if self._state in (_S.TAG, _S.STOP, _S.LACKS):
            self._leave_question()
        if self._box is not None:
            self._look_again(self._box)
        return 0


def _notice(error: WorkError) -> Notice:
    return Notice(error.code, error.detail if isinstance(error, ReceivingRefused) else error.sentence)


def _clean_site(site: Site) -> Site:
    return msgspec.structs.replace(site, code=clean(site.code, _LONGEST), name=clean(site.name, _LONGEST))


def _clean_item(item: PackedItem) -> PackedItem:
    return msgspec.structs.replace(
        item,
        barcode=clean(item.barcode, _LONGEST),
        title=clean(item.title, _LONGEST),
        call_number=clean(item.call_number, _LONGEST),
        library=clean(item.library, _LONGEST),
    )
