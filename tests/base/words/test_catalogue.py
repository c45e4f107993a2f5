"""Catalog files: what is read, what is refused with its line, and what another language or a site may change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base import words
from station.base.errors import TagLost, TagsCollide, WorkerGone
from station.base.words import WordsError, english, tell
from station.base.words.catalogue import read
from tests.support.for_each import for_each
from tests.support.told import told

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
TWO = '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
THREE = (
    '"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && '
    '(n%100<10 || n%100>=20) ? 1 : 2);\\n"\n'
)
FIRST = read(
    HEAD
    + TWO
    + '\n#. who: a name\nmsgid "a.hello"\nmsgstr "Hello {who}"\n\nmsgid "a.plain"\nmsgstr "Plain"\n'
    + '\nmsgid "a.items"\nmsgid_plural "a.items"\nmsgstr[0] "one item"\nmsgstr[1] "{count} items"\n',
    "first.po",
)


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    words.use()


def test_a_sentence_takes_its_values() -> None:
    assert FIRST.tell("a.hello", None, {"who": "Mary"}) == "Hello Mary"
    assert FIRST.tell("a.items", 1, {}) == "one item"
    assert FIRST.tell("a.items", 0, {}) == "0 items"
    assert FIRST.entries["a.hello"].where == "first.po:7"


def test_a_value_is_never_read_as_a_sentence() -> None:
    """The text of a title cannot refer to other values."""
    assert (
        FIRST.tell("a.hello", None, {"who": "{who} {count} {0.__class__} %s"}) == "Hello {who} {count} {0.__class__} %s"
    )


def test_a_missing_key_or_value_does_not_stop_the_bench() -> None:
    assert FIRST.tell("a.nothing", None, {}) == "a.nothing"
    assert FIRST.tell("a.hello", None, {}) == "Hello {who}"


@for_each(
    ("text", "says"),
    [
        ('msgid "a.hello"\nmsgstr "Hallo"\n', "de.po:4: a.hello: the sentence must have these values: {who}"),
        ('msgid "a.plain"\nmsgstr "Klar {who}"\n', "de.po:4: a.plain: the sentence must have these values: none"),
        (
            'msgid "a.hello"\nmsgstr "Hallo {who.__class__}"\n',
            "de.po:4: a.hello: only the name of a value is allowed in braces",
        ),
        ('msgid "a.hello"\nmsgstr "Hallo {who} {0}"\n', "allowed in braces"),
        ('msgid "a.unknown"\nmsgstr "Was"\n', "de.po:4: a.unknown: no such key"),
        ('msgid "Hello"\nmsgstr "Hallo"\n', "de.po:4: 'Hello' is not a valid key"),
        ('msgid "a.plain"\nmsgstr "Klar\\nund"\n', "cannot show this text"),
        ('msgid "a.plain"\nmsgstr "Klar \u202eund"\n', "cannot show this text"),
        ('msgid "a.plain"\nmsgstr "A"\n\nmsgid "a.plain"\nmsgstr "B"\n', "de.po:7: a.plain is also at de.po:4"),
        ("msgid a.plain\n", "de.po: not a PO file"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(WordsError) as caught:
        read(HEAD + text, "de.po", FIRST)
    assert says in str(caught.value)


def test_what_a_language_does_not_say_is_told_in_english() -> None:
    other = read(HEAD + 'msgid "a.plain"\nmsgstr "Klar"\n\nmsgid "a.hello"\nmsgstr ""\n', "de.po", FIRST)
    assert other.tell("a.plain", None, {}) == "Klar"
    assert other.tell("a.hello", None, {"who": "Mary"}) == "Hello Mary"
    fuzzy = read(HEAD + '#, fuzzy\nmsgid "a.plain"\nmsgstr "Klar"\n', "de.po", FIRST)
    assert fuzzy.tell("a.plain", None, {}) == "Plain"


def test_a_language_has_its_own_plural_forms() -> None:
    """Ukrainian has three: 1, 21 / 2-4, 22 / 5-20 (CLDR's cardinal rules for uk; gettext manual, "Plural forms")."""
    forms = 'msgid "a.items"\nmsgid_plural "a.items"\n' + "".join(f'msgstr[{n}] "{{count}} {n}"\n' for n in range(3))
    other = read(HEAD + THREE + forms, "uk.po", FIRST)
    assert [other.tell("a.items", n, {})[-1] for n in (1, 2, 5, 11, 21, 22, 25)] == list("0122012")


# --- the station's own -------------------------------------------------------------------------------------------------


def test_errors_speak_from_the_catalogue() -> None:
    assert (
        told(TagsCollide().sentence)
        == english().entries["error.tags-collide"].forms[0]
        == told(TagsCollide("2 tags").sentence)
    )
    assert told(TagLost(1, 2).sentence) == english().entries["error.tag-lost"].forms[0]
    assert told(WorkerGone("w17").sentence) == "w17 does not work here any more."


def _site(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(HEAD + text, encoding="utf-8")
    return folder


def test_another_language_is_a_file_and_a_setting(tmp_path: Path) -> None:
    site = _site(tmp_path, "de.po", 'msgid "error.tags-collide"\nmsgstr "Mehr als ein Etikett liegt auf dem Feld."\n')
    words.use("de", site)
    assert told(TagsCollide().sentence) == told(TagsCollide("2").sentence) == "Mehr als ein Etikett liegt auf dem Feld."
    assert tell("state.idle") == "Scan a barcode, or put an item on the pad"
    words.use("en", site)
    assert told(TagsCollide().sentence).startswith("More than one tag")


@pytest.mark.parametrize("language", ["W" * 10_000, "../words/es"], ids=["long", "path"])
def test_a_hostile_code_of_a_language_is_never_a_path(language: str, tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="no texts for the language"):
        words.use(language, tmp_path)


def test_a_site_rewords_english(tmp_path: Path) -> None:
    site = _site(tmp_path, "en.po", 'msgid "error.defect"\nmsgstr "Stop. Call Mary, 4711."\n')
    words.use("en", site)
    assert tell("error.defect") == "Stop. Call Mary, 4711."
    (tmp_path / "fr").mkdir()
    _site(tmp_path / "fr", "errors.po", 'msgid "error.tag"\nmsgstr "Une étiquette pose problème."\n')
    words.use("fr", site)
    assert tell("error.tag") == "Une étiquette pose problème."
    assert tell("error.defect") == "Stop. Call Mary, 4711."


def test_a_language_without_words_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match=r"no texts for the language 'de': put de\.po"):
        words.use("de", tmp_path)
    assert told(TagsCollide().sentence).startswith("More than one tag")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (HEAD + 'msgid "error.barcode-unknown"\nmsgstr "Ohne {what}"\n', "de.po:4: error.barcode-unknown: "),
        ('msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n%0;\\n"\n', "Plural-Forms: "),
        ("\0", "not a PO file: line 1"),
    ],
)
def test_a_wrong_file_is_left_out_and_named(tmp_path: Path, text: str, wrong: str) -> None:
    (tmp_path / "de.po").write_text(text)
    (tmp_path / "en.po").write_text(HEAD + 'msgid "error.defect"\nmsgstr "Call Mary."\n')
    words.use("de", tmp_path)
    assert (words.spoken(), tell("error.barcode-unknown")) == ("de", english().tell("error.barcode-unknown", None, {}))
    assert tell("error.defect") == "Call Mary.", "the other files count"
    (found,) = words.unusable()
    assert wrong in found
    (tmp_path / "de.po").write_text(HEAD + 'msgid "error.barcode-unknown"\nmsgstr "Kein Titel."\n')
    words.use("de", tmp_path)
    assert (tell("error.barcode-unknown"), words.unusable()) == ("Kein Titel.", ())


def test_a_worker_speaks_another_language_for_a_while(tmp_path: Path) -> None:
    words.use("es", _site(tmp_path, "de.po", 'msgid "word.language"\nmsgstr "Deutsch"\n'))
    assert words.languages() == {"de": "Deutsch", "en": "English", "es": "Español"}
    words.speak("de")
    assert (words.spoken(), tell("word.verdict.pass")) == ("de", "PASS")
    words.speak()
    assert (words.spoken(), tell("word.verdict.pass")) == ("es", "APTO")
    with pytest.raises(WordsError):
        words.speak("fr")
    assert words.spoken() == "es"


def test_a_site_rewords_spanish(tmp_path: Path) -> None:
    words.use("es", _site(tmp_path, "es.po", 'msgid "word.verdict.pass"\nmsgstr "APROBADO"\n'))
    assert (tell("word.verdict.pass"), tell("word.verdict.fail")) == ("APROBADO", "NO APTO")
