"""Two benches of one process, two readers: each snapshot is told in the language of its own reader."""

from __future__ import annotations

from collections.abc import Iterator

from station.base.sentence import Sentence
from station.base.words import Library, Session, open_session, tell
from station.domain.commands import Speak
from station.domain.snapshot import Snapshot
from tests.bench.staff import Staff
from tests.bench.test_bench import encoded
from tests.support.simulated_bench import BOOK, CATALOG, OTHER, SETTINGS, Rig


def bench(language: str) -> Rig:
    """Return a bench whose worker has this language."""
    rig = Rig(SETTINGS, people=Staff())
    rig.bench.handle(Speak(language))
    return rig


def stop(rig: Rig) -> None:
    """Put the tag of another item on the pad."""
    rig.scan(BOOK)
    rig.place(rig.world.tag(1, **encoded(OTHER)))


def sentences(snapshot: Snapshot) -> Iterator[Sentence]:
    """Return what the bench says with a stop."""
    yield from (snapshot.prompt, snapshot.notice.sentence, snapshot.tag_summary, snapshot.reader)
    if snapshot.fault is not None:
        fault = snapshot.fault
        yield from (fault.sentence, fault.do, fault.old, fault.new, *(choice.label for choice in fault.choices))


def as_read(snapshot: Snapshot, library: Library) -> list[str]:
    """Return the same, told for the reader of this snapshot."""
    session = Session(library)
    session.speak(snapshot.language)
    open_session(session)
    return [tell(sentence) for sentence in sentences(snapshot)]


def test_two_benches_of_one_process_speak_two_languages() -> None:
    library = Library()
    benches = {language: bench(language) for language in ("es", "en")}
    for rig in benches.values():
        stop(rig)
    assert {code: rig.now.language for code, rig in benches.items()} == {"es": "es", "en": "en"}
    read = {code: as_read(rig.now, library) for code, rig in benches.items()}
    title, other = CATALOG[BOOK].title, CATALOG[OTHER].title
    for code, texts in read.items():
        session = Session(library)
        session.speak(code)
        open_session(session)
        assert tell("fault.other-item", title=other, scanned=title) in texts
        for key in ("do.other-item", "choice.set-aside", "choice.overwrite", "page.reader-ready"):
            assert tell(key) in texts, (code, key)
    names = {"", title, other}
    assert not set(read["es"]) & set(read["en"]) - names, "a text was made in the language of the other bench"
