"""The conversation with a reader, for every family: each literal frame, and what is never taken for an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import LocalProtocolError, RemoteProtocolError
from station.drivers.feig.protocol import conversation as feig
from station.drivers.line.conversation import Conversation
from station.drivers.threem.protocol import conversation as threem
from tests.drivers.feig.frames import WORDS as FEIG
from tests.drivers.threem.frames import WORDS as THREEM
from tests.drivers.words import Words
from tests.support.for_each import for_each

Talk = Conversation[Any, Any, Any]


@dataclass(frozen=True)
class Family:
    name: str
    open: Callable[[], Talk]
    words: tuple[Words, ...]

    def __str__(self) -> str:
        return self.name

    @property
    def answered(self) -> list[Words]:
        return [words for words in self.words if words.answered]

    def asked(self, words: Words) -> Talk:
        talk = self.open()
        talk.send(words.request)
        return talk

    def first(self, name: str) -> Words:
        return next(words for words in self.words if words.name == name)


FAMILIES = (Family("feig", feig, FEIG), Family("3m", threem, THREEM))
families = pytest.mark.parametrize("family", FAMILIES, ids=str)
each_answer = for_each(
    ("family", "words"),
    [pytest.param(family, words, id=f"{family} {words}") for family in FAMILIES for words in family.answered],
)


def hear(talk: Talk, data: bytes) -> Any:
    """Feed the data byte by byte; return the first event."""
    for byte in data:
        talk.receive_data(bytes((byte,)))
        if (event := talk.next_event()) is not None:
            return event
    return None


def ends(talk: Talk) -> RemoteProtocolError:
    """Return the error if nothing more arrives."""
    talk.receive_data(b"")
    with pytest.raises(RemoteProtocolError) as caught:
        talk.next_event()
    return caught.value


@for_each(
    ("family", "words"),
    [
        pytest.param(family, words, id=f"{family} {words}")
        for family in FAMILIES
        for words in family.words
        if words.sent
    ],
)
def test_each_request_is_these_bytes(family: Family, words: Words) -> None:
    assert family.open().send(words.request) == bytes.fromhex(words.sent)


class TestEachReply:
    @each_answer
    def test_means_this(self, family: Family, words: Words) -> None:
        talk = family.asked(words)
        talk.receive_data(words.reply)
        assert talk.next_event() == words.event
        assert talk.settled
        assert talk.next_event() is None

    @each_answer
    def test_is_an_event_with_its_last_byte_and_not_before(self, family: Family, words: Words) -> None:
        talk = family.asked(words)
        assert hear(talk, words.reply[:-1]) is None
        assert hear(talk, words.reply[-1:]) == words.event

    @each_answer
    def test_with_any_bit_flipped_is_no_event(self, family: Family, words: Words) -> None:
        for bit in range(len(words.reply) * 8):
            flipped = bytearray(words.reply)
            flipped[bit // 8] ^= 1 << bit % 8
            talk = family.asked(words)
            assert hear(talk, bytes(flipped)) is None
            assert ends(talk).data == flipped
            assert not talk.settled

    @each_answer
    def test_answers_no_request_with_another_command(self, family: Family, words: Words) -> None:
        for other in family.words:
            if other.request.row == words.request.row:
                continue
            code = other.request.row.code
            if code == words.request.row.code and not hasattr(other.request.row, "start"):
                continue  # sub-commands of FEIG's B0 differ only in the shape of DATA
            talk = family.asked(other)
            assert hear(talk, words.reply) is None, other
            ends(talk)


@families
def test_silence_alone_is_no_event_and_no_error(family: Family) -> None:
    talk = family.asked(family.words[0])
    talk.receive_data(b"")
    assert talk.next_event() is None


@families
def test_a_second_request_before_the_answer_is_our_own_fault(family: Family) -> None:
    words = family.words[0]
    talk = family.asked(words)
    with pytest.raises(LocalProtocolError):
        talk.send(words.request)
    talk.reset()
    assert talk.send(words.request) == family.open().send(words.request)


@families
def test_bytes_behind_the_answer_leave_the_line_unsettled(family: Family) -> None:
    words = family.answered[0]
    talk = family.asked(words)
    talk.receive_data(words.reply * 2)
    assert talk.next_event() == words.event
    assert talk.next_event() is None
    assert not talk.settled


@families
def test_what_came_before_a_request_does_not_answer_it(family: Family) -> None:
    words = family.answered[0]
    talk = family.asked(words)
    talk.receive_data(words.reply * 2)
    assert talk.next_event() == words.event
    talk.send(words.request)
    assert talk.next_event() is None
    assert hear(talk, words.reply) == words.event
    assert talk.settled


@families
def test_a_quiet_line_is_quiet_for_one_request_only(family: Family) -> None:
    words = family.answered[0]
    talk = family.asked(words)
    talk.receive_data(words.reply)
    assert talk.next_event() == words.event
    talk.receive_data(b"")
    talk.send(words.request)
    talk.receive_data(words.reply[:-1])
    assert talk.next_event() is None
    talk.receive_data(words.reply[-1:])
    assert talk.next_event() == words.event


@families
def test_the_answer_behind_a_late_one_is_taken(family: Family) -> None:
    first = family.answered[0]
    other = next(words for words in family.answered if words.request.row.code != first.request.row.code)
    talk = family.asked(first)
    assert hear(talk, other.reply) is None
    assert hear(talk, first.reply) == first.event
    assert not talk.settled


@families
def test_a_line_that_babbles_is_given_up(family: Family) -> None:
    talk = family.asked(family.words[0])
    with pytest.raises(RemoteProtocolError):
        for _ in range(200):
            talk.receive_data(bytes(100))
            assert talk.next_event() is None


@families
@given(data=st.data(), pieces=st.lists(st.binary(max_size=60), max_size=10))
def test_random_bytes_raise_nothing_but_their_error_and_never_loop(
    family: Family, data: st.DataObject, pieces: list[bytes]
) -> None:
    talk = family.asked(data.draw(st.sampled_from(family.answered)))
    try:
        for piece in [*pieces, b""]:
            talk.receive_data(piece)
            talk.next_event()
    except RemoteProtocolError:
        pass


@each_answer
def test_an_answer_is_mistakable_for_exactly_those_requests_that_take_it(family: Family, words: Words) -> None:
    """The oracle is the conversation: each known answer is offered to each known request."""
    last = family.open()
    assert last.mistakable(words.request), "no answer is known yet"
    last.send(words.request)
    last.receive_data(words.reply)
    assert last.next_event() is not None
    for other in family.words:
        taken = family.asked(other)
        taken.receive_data(words.reply)
        assert last.mistakable(other.request) == (taken.next_event() is not None), other
    last.send(words.request)
    assert all(last.mistakable(other.request) for other in family.words)
