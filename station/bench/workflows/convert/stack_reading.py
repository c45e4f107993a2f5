"""Read a stack: every tag on the pad once, when the pad is at rest, with the facts from journal and catalog."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from station.base.errors import CatalogError, EncodingError, SyncError, TagAbsent, TagsCollide, TagUnreadable
from station.base.sentence import Sentence
from station.bench.item.tag_writer import TagWriter
from station.bench.item.write_steps import read_image
from station.bench.workflows.convert.stack import Look, compare
from station.domain.inventory import Inventory
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Binding, Catalog, Journal, Reader
from station.domain.tag_image import Uid
from station.domain.workflows import DoneItem, StackReport
from station.encoding.content import Recognition, TagContent, TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import as_written
from station.encoding.write_plan.verify import element_differences


class Stacking:
    """Reads stacks. Keeps only the tags of the last two looks."""

    def __init__(
        self, reader: Reader, journal: Journal, catalog: Catalog, tag_writer: TagWriter, profile: TagProfile
    ) -> None:
        self._reader = reader
        self._journal = journal
        self._catalog = catalog
        self._tag_writer = tag_writer
        self._profile = profile
        self.begin()

    def begin(self) -> None:
        """Start a new check of a stack."""
        self._before: frozenset[Uid] = frozenset()
        self._read: frozenset[Uid] = frozenset()

    def steady(self, seen: Inventory) -> bool:
        """Return True if the same tags answered in two consecutive looks and were not read yet."""
        at_rest = not seen.collision and seen.uids == self._before and seen.uids != self._read
        self._before = frozenset() if seen.collision else seen.uids
        return at_rest

    def compare(self, uids: Iterable[Uid], expected: Sequence[DoneItem]) -> StackReport | None:
        """Read and compare. Return None if a tag left meanwhile; the next look repeats the check."""
        try:
            looks = [self._look(uid) for uid in sorted(uids)]
        except TagAbsent:
            self._before = frozenset()
            return None
        self._read = self._before
        return compare(expected, looks)

    def look(self, seen: Inventory, expected: Sequence[DoneItem]) -> StackReport:
        """Read and compare at once, for another program. Empty `expected`: expect the items that the journal has for
        these tags. Raises `TagsCollide` and `TagAbsent`."""
        if seen.collision:
            raise TagsCollide(Sentence("detail.told-apart", count=len(seen.uids)))
        if not seen.uids:
            raise TagAbsent(Sentence("pad.empty"))
        return compare(expected or self._lying(seen.uids), [self._look(uid) for uid in sorted(seen.uids)])

    def parts_of(self, barcodes: Sequence[str]) -> tuple[DoneItem, ...]:
        """Return every part of these items."""
        items: list[DoneItem] = []
        for barcode in barcodes:
            item = self._record(barcode)
            parts, tags = (item.parts, item.tags) if item is not None else (1, 1)
            title = item.title if item is not None else ""
            items += [DoneItem(barcode, part, parts, title) for part in range(1, tags + 1)]
        return tuple(items)

    def _lying(self, uids: Iterable[Uid]) -> tuple[DoneItem, ...]:
        bound = [binding for binding in map(self._journal.binding_of, sorted(uids)) if binding is not None]
        records = {binding.barcode: self._record(binding.barcode) for binding in bound}
        return tuple(
            DoneItem(binding.barcode, binding.part, binding.parts, _title(records[binding.barcode]))
            for binding in bound
        )

    def _look(self, uid: Uid) -> Look:
        bound = self._journal.binding_of(uid)
        half = self._journal.open_attempt(uid) is not None
        try:
            image = read_image(self._reader, uid)
        except TagUnreadable:
            return Look(uid=uid, bound=bound, half=half, item=self._record(bound.barcode) if bound else None)
        seen = recognise(image, self._profile)
        content = seen.content if seen.state is TagState.OURS else None
        barcode = content.primary_item_identifier if content else bound.barcode if bound else ""
        item = self._record(barcode)
        return Look(
            uid=uid,
            recognition=seen,
            secure=None if image.afi is None else image.afi == self._profile.afi_in_stock,
            bound=bound,
            holder=self._holder(content),
            half=half,
            item=item,
            differs=self._differs(item, content, seen),
            passed=content is None or content.part in self._journal.passed_parts(Barcode(barcode)),
        )

    def _holder(self, content: TagContent | None) -> str:
        if content is None:
            return ""
        bindings: tuple[Binding, ...] = self._journal.bindings_for(Barcode(content.primary_item_identifier))
        return next((binding.uid for binding in bindings if binding.part == content.part), "")

    def _differs(self, item: ItemRecord | None, content: TagContent | None, seen: Recognition) -> tuple[Sentence, ...]:
        """Return the differences, by element, from the content that this library would write for the item today."""
        if item is None or content is None:
            return ()
        if content.part > item.parts:
            return (Sentence("stack.no-such-part", part=content.part, parts=item.parts),)
        try:
            wanted = as_written(self._tag_writer.content(item, content.part), self._profile)
        except EncodingError as error:
            return (error.sentence,)
        return tuple(
            Sentence.verbatim(f"{difference}.") for difference in element_differences(wanted, seen, self._profile.model)
        )

    def _record(self, barcode: str) -> ItemRecord | None:
        if not barcode:
            return None
        try:
            return self._catalog.find(Barcode(barcode))
        except (CatalogError, SyncError):
            return None


def _title(item: ItemRecord | None) -> str:
    return item.title if item is not None else ""
