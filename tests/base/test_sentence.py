"""A sentence crosses rooms, journal and socket as a key with its values, and is told at the end."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.sentence import EMPTY, LONGEST_VALUE, Sentence
from station.base.sentence_json import decode_sentence, encode_sentence
from station.base.words import tell

_KEYS = st.from_regex(r"[a-z0-9-]{1,8}(\.[a-z0-9-]{1,8}){1,3}", fullmatch=True)
_NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
_SCALARS = (
    st.text(max_size=20)
    | st.integers(-(2**60), 2**60)
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
)


def _with_values(inner: st.SearchStrategy[Sentence]) -> st.SearchStrategy[Sentence]:
    values = st.dictionaries(_NAMES, _SCALARS | inner | st.lists(inner, max_size=3).map(tuple), max_size=4)
    keyed = st.tuples(_KEYS, values).map(lambda drawn: Sentence(drawn[0], **drawn[1]))
    return keyed | st.lists(inner, max_size=3).map(Sentence.joined)


_SENTENCES = st.recursive(st.text().map(Sentence.verbatim), _with_values, max_leaves=8)


class _Holder(msgspec.Struct):
    reason: Sentence = EMPTY


def _through_json(sentence: Sentence) -> Sentence:
    line = msgspec.json.encode(_Holder(sentence), enc_hook=encode_sentence)
    return msgspec.json.decode(line, type=_Holder, dec_hook=decode_sentence).reason


@given(_SENTENCES)
def test_json_keeps_each_sentence(sentence: Sentence) -> None:
    assert _through_json(sentence) == sentence
    assert hash(_through_json(sentence)) == hash(sentence)


@given(st.text())
def test_a_verbatim_text_has_the_bytes_of_a_text(text: str) -> None:
    hooked = msgspec.json.encode(Sentence.verbatim(text), enc_hook=encode_sentence)
    assert hooked == msgspec.json.encode(text)


def test_an_encoder_without_the_hook_fails() -> None:
    with pytest.raises(TypeError):
        msgspec.json.encode(_Holder(Sentence("board.unusable", count=1)))


@pytest.mark.parametrize(
    "line",
    [
        '{"reason": 7}',
        '{"reason": ["board.unusable"]}',
        '{"reason": ["not a key", {}]}',
        '{"reason": ["", {"text": "x"}]}',
        '{"reason": ["board.unusable", {"Count": 1}]}',
        '{"reason": ["board.unusable", {"count": null}]}',
        '{"reason": ' + '["a.b", {"c": ' * 40 + "1" + "}]" * 40 + "}",
    ],
)
def test_a_malformed_sentence_is_refused(line: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(line, type=_Holder, dec_hook=decode_sentence)


def test_sentences_are_told_with_the_sentences_in_them() -> None:
    three, disc = Sentence("board.unusable", count=3), Sentence.verbatim("1 disc")
    assert tell(three) == "3 of your own files are not used"
    assert tell(Sentence.joined([three, EMPTY, disc])) == "3 of your own files are not used; 1 disc"
    assert tell(Sentence("error.with-detail", sentence=three, detail=disc)) == (
        "1 disc. 3 of your own files are not used"
    )
    assert not EMPTY and not Sentence.joined([EMPTY]) and three and disc


def test_a_long_value_is_cut_and_a_sentence_is_immutable() -> None:
    sentence = Sentence("error.with-detail", sentence="x" * 9000, detail="")
    assert len(str(sentence.values["sentence"])) == LONGEST_VALUE
    with pytest.raises(AttributeError):
        sentence.key = "other.key"


_ANY_VALUE = st.none() | st.text(max_size=8) | st.floats() | st.binary(max_size=4) | st.integers()


@given(st.text(max_size=12), st.dictionaries(st.text(min_size=1, max_size=6), _ANY_VALUE, max_size=3))
def test_a_sentence_that_could_not_be_read_again_is_not_written(key: str, values: dict[str, Any]) -> None:
    """An event with such a sentence would make the journal unreadable."""
    values.pop("self", None)
    sentence = Sentence(key, **values)
    try:
        line = msgspec.json.encode(_Holder(sentence), enc_hook=encode_sentence)
    except (ValueError, TypeError):
        return
    assert msgspec.json.decode(line, type=_Holder, dec_hook=decode_sentence).reason == sentence


@pytest.mark.parametrize(
    "sentence", [Sentence("no-area"), Sentence("a.b", Name=1), Sentence("a.b", x=None), Sentence("a.b", x=float("nan"))]
)
def test_a_malformed_sentence_is_refused_before_it_is_written(sentence: Sentence) -> None:
    with pytest.raises(ValueError, match="not "):
        msgspec.json.encode(_Holder(sentence), enc_hook=encode_sentence)


def test_a_text_of_the_site_is_told_with_the_sentences_in_it() -> None:
    """No message repeats the text, because the site has changed it."""
    inner = Sentence("board.unusable", count=3)
    site_text = Sentence.english("Ask staff: {what}! See {unknown}.", "question.title-page", what=inner)
    assert tell(site_text) == "Ask staff: 3 of your own files are not used! See {unknown}."
