"""Labels and slips as PDF, for the printer of the desk."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.errors import CorrectionNotOpen, CorrectionUnknown, ItemWithdrawn, LabelRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.domain.corrections.words import waits_for
from station.domain.item_state import ItemState
from station.office.asked import Asked, Page
from station.printing import content
from station.printing.content import Content
from station.printing.outputs import Target
from station.printing.paper import Kind
from station.reports.flag_slip import slip


def item_label(asked: Asked) -> Page:
    """The spine label of an item, as the station prints it."""
    with asked.sources.catalog() as index:
        item = index.find(check(asked.names["barcode"], asked.sources.settings.barcodes))
    state = asked.queries.state_of(item.barcode) if asked.queries.exists else None
    if state is not None and state.state is ItemState.WITHDRAWN:
        raise ItemWithdrawn(clean(item.title) or item.barcode)
    if not item.label_lines:
        raise LabelRefused(Sentence("label.no-number"))
    return pdf(asked, "spine", [content.spine(item.label_lines, item.barcode)], f"label-{item.barcode}")


def item_slip(asked: Asked) -> Page:
    """The slip of an item, with all that is to fix on it."""
    return _slips(asked, [asked.names["barcode"]])


def correction_slip(asked: Asked) -> Page:
    """The slip of the item of one correction."""
    entry = asked.sources.correction(asked.viewer, asked.names["id"])
    if entry.closed_at:
        raise CorrectionNotOpen(Sentence("correction.nothing-open", state=waits_for(entry)))
    return _slips(asked, [entry.correction.barcode])


def slips(asked: Asked) -> Page:
    """The slips of the items of several corrections, as one file."""
    entries = [asked.sources.correction(asked.viewer, name) for name in asked.every.get("id", ())]
    return _slips(asked, list(dict.fromkeys(entry.correction.barcode for entry in entries if not entry.closed_at)))


def _slips(asked: Asked, barcodes: Sequence[str]) -> Page:
    names = asked.names_seen()
    by_item = [asked.sources.corrections_of(asked.viewer, barcode) for barcode in barcodes]
    contents = [slip(asked.queries, entries, names) for entries in by_item if entries]
    if not contents:
        raise CorrectionUnknown(clean(" ".join(barcodes)))
    return pdf(asked, "flag", contents, f"slip-{barcodes[0]}" if len(barcodes) == 1 else tell("form.slips"))


def pdf(asked: Asked, kind: Kind, contents: Sequence[Content], name: str) -> Page:
    """Return the answer that is these contents on paper, as a PDF with this name."""
    from station.printing.job import Printer, load_paper, paper_of  # 15 MB that reading needs not

    sources = asked.sources
    labels = sources.settings.labels
    paper = load_paper(paper_of(kind, labels, "pdf"), sources.data)
    nowhere = Target("directory", "")  # not for people
    printer = Printer(paper, kind, "pdf", nowhere, settings=labels, data=sources.data, clock=sources.clock)
    return Page(template="", title=name, file=printer.render([printer.page(content) for content in contents]))
