"""Changed quality rules of the site: a person with the right accepts them before the next item is begun."""

from __future__ import annotations

from collections.abc import Callable

from station.base.sentence import Sentence
from station.bench.desk import Desk, always
from station.domain.events import RulesAccepted
from station.domain.people.rights import Right
from station.domain.ports import Worker
from station.domain.snapshot import Sound


def rules_changed(desk: Desk, go_on: Callable[[], None]) -> bool:
    """Ask for a person who accepts the changed rules, then call `go_on`. Return False if this is not needed. A site
    that never had rules of its own is not asked."""
    if desk.authenticator is None or desk.ports.rules_accepted is None:
        return False
    accepted, digest = desk.ports.rules_accepted(), desk.rules.digest
    if accepted == digest or not (accepted or desk.settings.rules.site_file):
        return False

    def accept(who: Worker) -> None:
        lent = who.id if who.id != desk.worker.id else ""
        event = RulesAccepted(digest=digest, rules=len(desk.rules.rules), operator=desk.worker.id, authorised=lent)
        desk.journal.order(event)
        desk.say(Sentence("people.rules-accepted"), Sound.ACCEPTED)
        go_on()

    desk.say(Sentence("people.rules-changed"), Sound.WARNING)
    return desk.ask_for(Right.CHANGE_RULES, accept, always)
