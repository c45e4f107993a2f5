"""PO and MO files are read as Babel and the standard library's gettext read them."""

from __future__ import annotations

import gettext
import io
from pathlib import Path

import pytest
from babel.messages.pofile import read_po as babel_reads

from station.base.words import ENGLISH, SHIPPED, english
from station.base.words.catalogue import Areas, Catalogue, files_of, load
from station.base.words.gettext_files import GERMANIC, GettextError, compile_mo, read_mo, read_po
from tests.support.for_each import for_each

THREE = '"Plural-Forms: nplurals=3; plural=(n%10==1 ? 0 : n==2 ? 1 : 2);\\n"\n'
ODD = f"""
# of nobody
msgid ""
msgstr ""
{THREE}
#, fuzzy
msgid "a.guessed"
msgstr "Guessed"
msgid "a.long"
msgstr ""
  "One line\\n"

"and \\"another\\" \\\\ one\\t"

#: where.py:3
#| msgid "a.old"
msgid "a.many"
msgid_plural "a.many"
msgstr[0] "ein"
msgstr[1] "zwei"
msgstr[2] "viele"

msgid "a.few"
msgid_plural "a.few"
msgstr[0] "ein"

#~ msgid "a.gone"
#~ msgstr "Gone"
msgid "a.empty"
msgstr ""
"""
FILES = files_of(ENGLISH, SHIPPED)


@for_each("text", [*(path.read_text(encoding="utf-8") for path in FILES), ODD])
def test_a_po_file_is_read_as_babel_reads_it(text: str) -> None:
    theirs = babel_reads(io.StringIO(text), abort_invalid=True)
    rule, messages = read_po(text)
    assert (rule.forms, rule.expression.strip("() ")) == (theirs.num_plurals, theirs.plural_expr.strip("() "))
    assert {message.key: (message.forms, message.line) for message in messages if message.translated} == {
        key: (forms, message.lineno)
        for message in theirs
        for key in [message.id if isinstance(message.id, str) else message.id[0]]
        for forms in [(message.string,) if isinstance(message.string, str) else message.string]
        if key and not message.fuzzy and all(forms)
    }


@for_each("text", [*(path.read_text(encoding="utf-8") for path in FILES), ODD])
def test_an_mo_file_is_read_as_gettext_reads_it(text: str) -> None:
    rule, sentences = read_mo(compile_mo(text))
    theirs = gettext.GNUTranslations(io.BytesIO(compile_mo(text)))
    plural = gettext.c2py(rule.expression)
    assert sentences == {message.key: message.forms for message in read_po(text)[1] if message.translated}
    for key, forms in sentences.items():
        for count in range(12):
            if len(forms) > 1:
                assert theirs.ngettext(key, key, count) == forms[plural(count)]
            else:
                assert theirs.gettext(key) == forms[0]


@for_each(
    ("text", "says"),
    [
        ("msgid a.b\n", "line 1"),
        ('"a"\n', "line 1"),
        ('msgstr "a"\n', "line 1"),
        ('msgid "a.b"\nmsgstr "A\n', "line 2"),
        ('msgid "a.b"\nmsgstr "A" "B"\n', "line 2"),
        ('msgid "a.b"\nmsgstr "A"\nmsgstr "B"\n', "line 3"),
        ('msgctxt "c"\nmsgid "a.b"\nmsgstr "A"\n', "line 1"),
        ('\nmsgid "a.b"\n', "line 2: a msgid needs"),
        ('msgid "a.b"\nmsgstr[0] "A"\n', "line 1: a msgid needs"),
        ('msgid "a.b"\nmsgid_plural "a.b"\nmsgstr "A"\n', "line 1: a msgid needs"),
        ('msgid "a.b"\nmsgid_plural "a.b"\nmsgstr[1] "A"\n', "line 1: a msgid needs"),
        ('msgid "a.b"\nmsgid_plural "a.b"\nmsgstr[0] ""\nmsgstr[1] ""\nmsgstr[2] ""\n', "line 1: more plural forms"),
        ('msgid "a.b"\nmsgstr "\\a"\n', "line 1: unknown escape"),
    ],
)
def test_what_is_no_po_file_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(GettextError, match=says):
        read_po(text)


def test_a_file_without_a_header_has_the_plural_forms_of_english() -> None:
    assert read_po("") == (GERMANIC, [])


def test_what_is_shipped_is_checked_here_and_not_at_each_start() -> None:
    told = {key: entry.forms for key, entry in english().entries.items()}
    assert told == {key: entry.forms for key, entry in load(FILES, None).entries.items()}


def test_only_the_areas_that_are_told_are_read(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.po").write_text(f'msgid "{name}.a"\nmsgstr "A"\n', encoding="utf-8")
    areas = Areas(tmp_path)
    (tmp_path / "two.po").unlink()
    assert areas["one.a"].forms == ("A",)
    assert "three.a" not in areas
    with pytest.raises(FileNotFoundError):
        areas["two.a"]


def test_a_message_that_only_older_journals_tell_is_told_in_their_readers_language(tmp_path: Path) -> None:
    for language, words in (("en", "{count} attempts"), ("es", "{count} intentos")):
        folder = tmp_path / language
        folder.mkdir()
        (folder / "detail.po").write_text('msgid "detail.now"\nmsgstr "Now"\n', encoding="utf-8")
        (folder / "retired.po").write_text(f'msgid "detail.attempts"\nmsgstr "{words}"\n', encoding="utf-8")
    english_words = Catalogue(Areas(tmp_path / "en"))
    spanish = Catalogue(Areas(tmp_path / "es"), english_words)
    assert english_words.tell("detail.attempts", 3, {}) == "3 attempts"
    assert spanish.tell("detail.attempts", 3, {}) == "3 intentos"
    assert spanish.tell("detail.now", None, {}) == "Now"
