"""Full report of one tag: state, bytes, diagnoses, history, ledger, and what an undo of its last write would do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from station.base.errors import BarcodeMalformed, ItemWithdrawn, StationError
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Barcodes
from station.bench.item.ledger import ledger, of_tag, state_lines
from station.bench.item.undo import LastWrite, is_the_one, last_write
from station.bench.item.withdrawn import refuse_return
from station.bench.item.write_steps import read_image
from station.bench.snapshot import tag_in_words
from station.catalog.barcodes.barcode import check as check_barcode
from station.domain.ports import Departures, History, Journal, Logged, Reader
from station.domain.tag_image import TagImage, Uid
from station.domain.workflows import HistoryLine, InspectedTag, TagDiagnosis, TagRange, UndoOffer
from station.encoding.chips import chip_of
from station.encoding.content import Recognition, TagContent, TagProfile, TagState, locked_blocks
from station.encoding.doctor.doctor import examine
from station.encoding.recognition.annotate import annotate
from station.encoding.recognition.recognise import recognise
from station.quality.diagnoses import advice, sentence
from station.quality.tag_overview import dump, overview

MOST_HISTORY: Final = 60
"""Most history lines shown, newest first; `station tag history` lists all."""


class TagReporter:
    """Reads and explains tags. Keeps no state between calls."""

    def __init__(
        self,
        *,
        reader: Reader,
        journal: Journal,
        history: History,
        profile: TagProfile,
        barcodes: Barcodes,
        title_of: Callable[[str], str],
        departures: Departures,
    ) -> None:
        """`title_of`: returns the name of the item with a barcode."""
        self._title_of = title_of
        self._reader = reader
        self._journal = journal
        self._history = history
        self._profile = profile
        self._barcodes = barcodes
        self._departures = departures

    def look(self, uid: Uid, siblings: Iterable[TagContent] = (), viewer: str = "") -> InspectedTag:
        """Read and explain one tag. The history is limited to what `viewer` may see ("" = viewer unknown).

        Raises `TagAbsent`, `TagUnreadable`, and the errors of the transport.
        """
        image = read_image(self._reader, uid)
        recognition = recognise(image, self._profile)
        content = recognition.content if recognition.state in (TagState.OURS, TagState.FOREIGN) else None
        logged, seen_history = self._history.about_tag(uid), self._history.seen_by(viewer)
        ranges = annotate(image, recognition)
        summary = tag_in_words(recognition, on_loan=image.afi == self._profile.afi_on_loan)
        if recognition.state is TagState.BLANK and locked_blocks(image):
            summary = Sentence("tag.blank-locked")
        says = (content.primary_item_identifier, content.part) if content is not None else None
        return InspectedTag(
            uid=uid,
            chip=chip_of(uid).name,
            state=recognition.state.value,
            summary=summary,
            barcode=says[0] if says else "",
            afi=image.afi,
            dsfid=image.dsfid,
            block_size=image.block_size,
            memory=image.memory,
            locked=tuple(block for block, locked in enumerate(image.locked) if locked),
            lines=(
                *overview(image, recognition, self._profile),
                *(self._item_stands(says[0], seen_history) if says is not None else ()),
            ),
            ranges=tuple(
                TagRange(offset=r.offset, length=r.length, part=r.part.value, label=r.label, value=r.value, note=r.note)
                for r in ranges
            ),
            dump=dump(image.memory, ranges),
            diagnoses=self._diagnoses(image, siblings),
            ledger=of_tag(ledger(self._history.writes()), uid, says, self._journal.binding_of(uid)),
            history=history_lines(seen_history.about_tag(uid)),
            undo=self._offer(last_write(logged), image, recognition),
        )

    def _item_stands(self, barcode: str, seen_history: History) -> tuple[Sentence, ...]:
        return state_lines(seen_history.state_of(barcode), self._departures.withdrawal_of_item(barcode))

    def contents(self, uids: Iterable[Uid]) -> dict[Uid, TagContent]:
        """Return the contents of finished tags. Skips tags that cannot be read."""
        contents = {}
        for uid in uids:
            try:
                recognition = recognise(read_image(self._reader, uid), self._profile)
            except StationError:
                continue
            if recognition.content is not None and recognition.state is TagState.OURS:
                contents[uid] = recognition.content
        return contents

    def _diagnoses(self, image: TagImage, siblings: Iterable[TagContent]) -> tuple[TagDiagnosis, ...]:
        diagnoses = examine(
            image,
            self._profile,
            unfinished=self._journal.open_attempt(image.uid) is not None,
            siblings=siblings,
            in_stock=image.afi != self._profile.afi_on_loan,
            is_barcode=self._is_barcode,
        )
        return tuple(
            TagDiagnosis(
                code=diagnosis.code,
                severity=diagnosis.severity.value,
                sentence=sentence(diagnosis),
                advice=advice(diagnosis),
            )
            for diagnosis in diagnoses
        )

    def _is_barcode(self, text: str) -> bool:
        try:
            check_barcode(text, self._barcodes)
        except BarcodeMalformed:
            return False
        return True

    def _offer(self, last: LastWrite | None, image: TagImage, recognition: Recognition) -> UndoOffer | None:
        if last is None:
            return None
        old = recognise(last.write.old, self._profile)
        back_to = tag_in_words(old, on_loan=last.write.old.afi == self._profile.afi_on_loan)
        title = self._title_of(last.write.barcode) if last.write.barcode else last.write.uid
        question = Sentence("undo.really", title=title)
        if old.state is not TagState.BLANK:
            question = Sentence("undo.really-old", title=title, before=back_to)
        why = EMPTY if is_the_one(last, image, recognition) else Sentence("undo.not-the-one")
        try:
            refuse_return(self._journal, old, self._title_of)
        except ItemWithdrawn as error:
            why = error.with_remedy
        return UndoOffer(
            attempt=last.write.attempt,
            barcode=last.write.barcode,
            at=last.at,
            operator=last.write.operator,
            title=title,
            question=question,
            back_to=back_to,
            begun=last.begun is not None,
            refused=why,
        )


def history_lines(logged: Iterable[Logged]) -> tuple[HistoryLine, ...]:
    """Return the newest lines first, at most `MOST_HISTORY`."""
    lines = [HistoryLine(seq=entry.seq, at=entry.at, said=entry.said, plain=entry.plain) for entry in logged]
    return tuple(reversed(lines))[:MOST_HISTORY]
