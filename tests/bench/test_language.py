"""The station speaks the language of the worker at the bench, and its own while no one is signed on."""

from __future__ import annotations

import msgspec

from station.base import words
from station.base.sentence_json import encode_sentence
from station.base.words import tell
from station.domain.commands import SignOff, SignOn, Speak
from station.domain.snapshot import Snapshot
from station.domain.verdict import Verdict
from tests.bench.item.test_rules import at_the_checks
from tests.bench.staff import Staff, rig_with
from tests.bench.test_regressions import half_written
from tests.bench.test_sign_on import sign_on
from tests.support.simulated_bench import BOOK, SETTINGS, Rig
from tests.support.told import told


def verdict_word(rig: Rig) -> str:
    """Return the word of a good verdict, told for the reader of the newest snapshot."""
    words.speak(rig.now.language)
    return tell("word.verdict.pass")


def test_signing_on_and_off_switches_the_language() -> None:
    rig, _ = rig_with(Staff(languages={"ann": "es"}))
    sign_on(rig, "ann")
    assert (rig.now.language, verdict_word(rig)) == ("es", "APTO")
    rig.bench.handle(SignOff())
    assert (rig.now.language, verdict_word(rig)) == ("", "PASS")
    sign_on(rig, "ann")
    sign_on(rig, "tess")
    assert rig.now.language == ""


def test_a_language_changed_elsewhere_applies_at_once() -> None:
    rig, staff = rig_with()
    sign_on(rig, "ann")
    staff.languages["ann"] = "es"
    rig.bench.handle(SignOn())  # `station people speak` sends it
    assert rig.now.language == "es"


def test_a_worker_whose_language_has_no_texts_works_in_that_of_the_station() -> None:
    rig, _ = rig_with(Staff(languages={"bea": "xx"}))
    sign_on(rig, "bea")
    assert (rig.now.language, verdict_word(rig)) == ("", "PASS")


def test_a_tap_changes_the_language_until_another_person_works_here() -> None:
    rig = Rig(SETTINGS, people=Staff())
    rig.bench.handle(Speak("es"))
    assert (rig.now.notice.code, rig.now.language) == ("people.language", "es")
    rig.scan(BOOK)
    assert rig.now.language == "es"
    rig.bench.handle(Speak("xx"))
    assert (rig.now.notice.code, rig.now.language) == ("people.no-language", "")
    rig.bench.handle(Speak("es"))
    rig.bench.handle(SignOn("tess"))
    assert rig.now.language == ""


def journal(language: str) -> list[object]:
    """Return what one item writes to the journal of a bench whose worker has this language."""
    rig = Rig(SETTINGS, people=Staff())
    rig.bench.handle(Speak(language))
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    rig.pass_all()
    assert rig.now.language == language
    return [msgspec.to_builtins(event, enc_hook=encode_sentence) for event in rig.journal.events]


def test_the_journal_is_the_same_in_every_language() -> None:
    spanish = journal("es")
    assert spanish == journal("en")
    assert len(spanish) > 4


def questions_and_reasons(snapshot: Snapshot) -> tuple[set[str], set[tuple[str, ...]]]:
    """Return what the checks of this snapshot ask, and the reasons that each offers, told for its reader."""
    words.speak(snapshot.language)
    checks = snapshot.checks
    return {told(check.question) for check in checks}, {tuple(map(told, check.reasons)) for check in checks}


def test_the_item_in_hand_changes_its_language_and_keeps_its_answers() -> None:
    rig = Rig(SETTINGS, people=Staff())
    english = at_the_checks(rig)
    rig.answer()
    rig.bench.handle(Speak("es"))
    spanish = rig.now
    assert [check.rule for check in spanish.checks] == [check.rule for check in english.checks]
    english_questions, english_reasons = questions_and_reasons(english)
    spanish_questions, spanish_reasons = questions_and_reasons(spanish)
    assert not english_questions & spanish_questions
    assert not english_reasons & spanish_reasons
    assert (told(spanish.tag_summary), told(spanish.prompt)) == (tell("tag.verified", barcode=BOOK), tell("check.page"))
    assert (spanish.current_check, spanish.checks[0].answer is not None) == (1, True)
    assert told(spanish.reader) == "listo"
    assert rig.pass_all().verdict is Verdict.PASS


def test_the_line_for_staff_tells_in_spanish_how_far_a_write_came() -> None:
    rig = Rig(SETTINGS, people=Staff())
    rig.bench.handle(Speak("es"))
    half_written(rig, at=3)
    fault = rig.now.fault
    assert fault is not None
    words.speak(rig.now.language)
    assert told(fault.detail).startswith("0 de 9 pasos verificados; tag-absent: ")
