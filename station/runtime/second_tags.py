"""Opens a correction for each second tag that the center found afterwards: this bench and another one tagged the same part
while they could not know of each other."""

from __future__ import annotations

import hashlib
from datetime import datetime

from station.base.clock import Clock
from station.base.sentence import Sentence
from station.base.settings import Corrections
from station.base.text import clean
from station.domain.correction_states import Recheck
from station.domain.events import CorrectionOpened
from station.domain.item import Barcode
from station.domain.people.sign_on import MACHINE
from station.domain.ports import Journal
from station.domain.tags_elsewhere import SecondTag, SecondTags
from station.quality.rules import Catalogue, Rule
from station.store.queries.queries import Queries

RULE = "second-tag"


class SecondTagOrders:
    """Opens each once. `journal`: of this bench alone, for any thread."""

    def __init__(
        self, journal: Journal, views: Queries, rules: Catalogue, corrections: Corrections, clock: Clock
    ) -> None:
        self._journal = journal
        self._views = views
        self._rules = rules
        self._corrections = corrections
        self._clock = clock

    def __call__(self, tags: SecondTags) -> None:
        rule = self._rules.rule(RULE, self._clock.day())
        if rule is None:
            return
        for tag in tags:
            name = _name(tag)
            # The center may not have heard yet that the tag is gone.
            held = any(bound.uid == tag.uid for bound in self._journal.bindings_for(Barcode(tag.barcode)))
            if held and self._journal.correction(name) is None:
                self._journal.record(self._opened(name, tag, rule))

    def _opened(self, name: str, tag: SecondTag, rule: Rule) -> CorrectionOpened:
        last = self._views.last_judged(tag.barcode, tag.part)
        return CorrectionOpened(
            correction=name,
            barcode=tag.barcode,
            part=tag.part,
            parts=last.event.item.parts if last is not None else max(1, tag.part),
            item_title=last.event.item.title if last is not None else "",
            rule=RULE,
            title=Sentence.of(rule.title),
            severity=rule.severity,
            recheck=Recheck.MACHINE,
            owner=rule.owner,
            due=self._clock.day(self._corrections.major_days),
            found_by=MACHINE,
            operator=MACHINE,
            reason=Sentence(
                "finding.tagged-elsewhere", bench=clean(tag.bench), day=_day(tag.at), tag=clean(tag.other_uid)
            ),
        )


def _name(tag: SecondTag) -> str:
    """Return the id of the report: the same tags are reported once."""
    return hashlib.sha256("\n".join((tag.barcode, str(tag.part), tag.uid, tag.other_uid)).encode()).hexdigest()[:32]


def _day(at: str) -> str:
    try:
        return datetime.fromisoformat(at).astimezone().date().isoformat()
    except (ValueError, OverflowError):
        return "?"
