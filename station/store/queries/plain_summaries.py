"""Events in the words of the bench's screens: titles in place of barcodes, and sentences in place of codes. Ids and codes
are left out; `summaries` has the sentences of both."""

from __future__ import annotations

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain import events as ev
from station.store.database.database import Sql
from station.store.queries.names_of_items import item_of_correction, stop_before, title_of
from station.store.queries.summaries import EXACT, SENTENCES, Words, authorised, because, summary, within


class Plain:
    """Makes the sentences of one page or history. Implements `summaries.Names`. `exactly`: adds each item's barcode to its
    title. `about`: barcode of the item whose page it is, which the sentences then do not repeat."""

    plain = True

    def __init__(self, db: Sql, *, exactly: bool, about: str = "") -> None:
        self._db = db
        self._key = "journal.plain.item" if exactly else "journal.plain.title"
        self._items: dict[str, Words] = {about: Sentence("journal.plain.this-item")} if about else {}

    def sentence(self, seq: int, event: ev.AnyEvent) -> Sentence:
        """Return the sentence of one event. An item that was set aside has the sentence of its stop."""
        if isinstance(event, ev.ItemSetAside) and event.reason.text:
            code = event.reason.text
            sentence = SENTENCES[ev.ItemSetAside](msgspec.structs.replace(event, reason=EMPTY), self)
            stop = stop_before(self._db, seq, code)
            return authorised(within(sentence, stop) if stop else because(sentence, code), event)
        return summary(event, self)

    def item(self, barcode: str) -> Words:
        """Return the title of an item, or its barcode if the journal has no title."""
        if barcode and barcode not in self._items:
            title = title_of(self._db, barcode)
            self._items[barcode] = Sentence(self._key, title=title, barcode=barcode) if title else barcode
        return self._items.get(barcode, "")

    def flag(self, correction: str) -> Words:
        barcode = item_of_correction(self._db, correction)
        return Sentence("journal.plain.flag-of", item=self.item(barcode)) if barcode else EXACT.flag(correction)
