"""Text from tags, records and journals on the screens of convert, release and inspect is shown and has no effect."""

from __future__ import annotations

import unicodedata

from textual.content import Content

from station.base.sentence import Sentence
from station.domain.workflows import (
    ConvertState,
    ConvertView,
    DoneItem,
    HistoryLine,
    InspectedTag,
    InspectView,
    ReleaseLine,
    ReleaseView,
    StackLine,
    StackReport,
    StackState,
    TagDiagnosis,
    UndoOffer,
)
from station.tui.drawing.words import safe
from station.tui.workflows.convert import newest, report_lines, stack_lines
from station.tui.workflows.inspect import TABS, item_lines, tag_lines
from station.tui.workflows.release import list_lines
from tests.support.for_each import for_each
from tests.support.hostile_text import CORPUS

BIDI = {0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x200E, 0x200F, 0x061C}


def views(evil: str) -> list[Content]:
    """Return every line of every screen, with this text wherever text can come from outside."""
    item = DoneItem(evil, title=evil)
    lines = tuple(
        StackLine(state=state, barcode=evil, title=evil, uid=evil, reasons=(evil,), parts=2) for state in StackState
    )
    convert = ConvertView(state=ConvertState.LAY_STACK, newest=(item,), stack=(item,))
    release = ReleaseView(
        lines=tuple(
            ReleaseLine(barcode=evil, title=evil, right=right, reasons=(evil,), notes=(evil,))
            for right in (True, False)
        )
    )
    history = (HistoryLine(seq=1, at=evil, said=Sentence.verbatim(evil)),)
    tag = InspectedTag(
        uid=evil,
        chip=evil,
        state=evil,
        summary=evil,
        barcode=evil,
        lines=(evil,),
        dump=(evil,),
        diagnoses=(TagDiagnosis(code=evil, severity=evil, sentence=evil, advice=evil),),
        ledger=(evil,),
        history=history,
        undo=UndoOffer(attempt=evil, barcode=evil, at=evil, operator=evil, back_to=evil, begun=True, refused=evil),
    )
    shown = [*newest(convert, 76), *stack_lines(convert, 76, 9), *report_lines(StackReport(lines), 76)]
    shown += [*list_lines(release, 76), *(line for side in TABS for line in tag_lines(tag, side, 76))]
    return [*shown, *item_lines(InspectView(barcode=evil, title=evil, history=history, ledger=(evil,)), 76)]


@for_each("evil", CORPUS)
def test_it_is_text_and_nothing_else(evil: str) -> None:
    seen = ""
    for line in views(evil):
        plain = line.plain
        assert line.cell_length <= 76, plain
        assert not [c for c in plain if unicodedata.category(c) == "Cc" or ord(c) in BIDI], ascii(plain)
        assert not [span for span in line.spans if "@" in str(span.style) or "link" in str(span.style)], (
            "the text is not read as markup"
        )
        seen += plain
    word = next(iter(safe(evil).split()), "")
    if word and len(word) < 20:
        assert word in seen
