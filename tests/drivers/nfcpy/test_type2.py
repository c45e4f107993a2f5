"""Memory of a Type 2 tag: messages found and placed, locks by their bits; frames of the serial cable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from station.drivers.nfcpy.type2 import (
    CHIPS,
    PAGE,
    by_capability,
    find_message,
    locked_pages,
    message_steps,
    with_message,
)
from tests.support.for_each import for_each

NTAG213 = CHIPS[bytes.fromhex("0004040201000f03")]
# Factory content by the data sheet: lock control TLV, empty message, end.
FRESH = bytes.fromhex("0103a00c340300fe").ljust(144, b"\0")
TEXT = bytes.fromhex("d1010d5402656e31333031323334353637")
"""The message of traces/nfcpy-udp-type2.jsonl: a text record "1301234567"."""


def test_the_message_of_a_genuine_conversation() -> None:
    user = bytes.fromhex("0311d1010d5402656e3133303132333435363 7fe".replace(" ", "")).ljust(144, b"\0")
    assert find_message(user) == TEXT


@for_each(
    ("user", "found"),
    [
        (FRESH, b""),
        (bytes(144), None),
        (b"\0\0\x03\x01X\xfe", b"X"),
        (b"\xfd\x02ab\x03\x01X", b"X"),  # a proprietary TLV is skipped
        (b"\x03\xff\x00\x02XY", b"XY"),  # length in three bytes
        (b"\xfe\x03\x01X", None),  # nothing counts after the end
        (b"\x03\xff\x01", None),
        (b"\x03\x05X", None),
        (b"\x03", None),
        (b"", None),
    ],
)
def test_where_a_message_is(user: bytes, found: bytes | None) -> None:
    assert find_message(user) == found


@given(st.binary(max_size=300))
def test_any_memory_is_read_without_an_error(user: bytes) -> None:
    found = find_message(user)
    assert found is None or len(found) <= len(user)
    by_capability(user)


USERS = st.sampled_from(
    [FRESH, bytes(144), bytes(504), b"\x03\x05hello\xfe".ljust(144, b"\xaa"), b"\0" * 7 + b"\x03\0\xfe" + bytes(134)]
)


@given(USERS, st.binary(max_size=600))
def test_a_message_put_there_is_found_again_or_does_not_fit(user: bytes, message: bytes) -> None:
    new = with_message(user, message)
    if new is None:
        assert len(message) + 4 > len(user) - 12
    else:
        assert (len(new), find_message(new)) == (len(user), message)


@given(USERS, st.binary(max_size=130), st.data())
def test_a_write_stopped_anywhere_leaves_old_new_or_nothing(user: bytes, message: bytes, data: st.DataObject) -> None:
    """The write may also stop in the middle of a page: then its bytes are old or new in any mixture, except in the page
    with the length.
    """
    steps = message_steps(user, message)
    assert steps is not None
    old = find_message(user)
    memory = bytearray(user)
    stopped = data.draw(st.integers(0, len(steps)))
    for page, content in steps[:stopped]:
        memory[page * PAGE : (page + 1) * PAGE] = content
    assert find_message(bytes(memory)) in (old, message, b"", None)
    if stopped == len(steps):
        assert find_message(bytes(memory)) == message
    elif 0 < stopped < len(steps):
        page = steps[stopped][0]
        memory[page * PAGE : (page + 1) * PAGE] = data.draw(st.binary(min_size=PAGE, max_size=PAGE))
        if page != steps[0][0]:
            assert find_message(bytes(memory)) in (old, message, b"", None)


def test_the_lock_control_before_the_message_stays() -> None:
    new = with_message(FRESH, TEXT)
    assert new is not None
    assert new[:5] == FRESH[:5]
    assert next(page for page, _ in message_steps(FRESH, TEXT) or ()) == 1


def test_nothing_is_written_where_nothing_changes() -> None:
    there = with_message(FRESH, TEXT)
    assert there is not None
    assert message_steps(there, TEXT) == ()


def test_what_the_chip_says_of_its_size() -> None:
    head = bytes.fromhex("04a1b29fc3d4e5f604480000e1101200")  # pages 0 to 3 of the recorded conversation
    chip = by_capability(head)
    assert chip is not None
    assert (chip.name, chip.user_pages) == ("Type 2 tag", 36)
    for broken in ("00101200", "e1201200", "e1100000"):
        assert by_capability(head[:12] + bytes.fromhex(broken)) is None


@for_each("page", range(4, 40))
def test_each_lock_bit_closes_its_pages(page: int) -> None:
    """NTAG213 data sheet 8.5.2 and 8.5.3: static bits 4 to 15; dynamic bit n closes pages 16 + 2n and 17 + 2n."""
    head = bytearray.fromhex("04a1b29fc3d4e5f604480000e1101200")
    dynamic = bytearray(4)
    if page < 16:
        head[10 + page // 8] |= 1 << page % 8
        expected = {page}
    else:
        bit = (page - 16) // 2
        dynamic[bit // 8] |= 1 << bit % 8
        expected = {16 + 2 * bit, 17 + 2 * bit}
    found = locked_pages(NTAG213, bytes(head), bytes(dynamic))
    assert {4 + n for n, is_locked in enumerate(found) if is_locked} == expected


def test_a_read_only_container_closes_all() -> None:
    assert all(locked_pages(NTAG213, bytes.fromhex("04a1b29fc3d4e5f604480000e110120f"), bytes(4)))
