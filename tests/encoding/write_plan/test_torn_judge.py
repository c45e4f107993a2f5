"""The judge of the tear proof against the recognizer: it misses no identity, and never takes a tag for new wrongly."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np
import pytest
from crccheck.crc import Crc16CcittFalse

from station.encoding.content import TagState
from tests.conftest import SOAK
from tests.encoding.write_plan.torn_judge import MESSAGE, crc_start, crc_table, judge
from tests.encoding.write_plan.torn_proof import recognised
from tests.encoding.write_plan.torn_states import Model, Tear, one_block, subsets, torn_words, whole
from tests.support.sample_tags import barcode, danish, image, item, of_model, three_m

SIZE = 112


def reversed_blocks(memory: bytes) -> bytes:
    return b"".join(memory[at : at + 4][::-1] for at in range(0, len(memory), 4))


def elements(random: Random) -> bytes:
    """Return a sequence of elements as a careless writer makes it: repeated, padded, extended, with any content."""
    memory = b""
    for _ in range(random.randrange(10)):
        precursor = random.choice((0, 0x80)) | random.randrange(8) << 4 | random.choice((1, 1, 2, 3, 4, 5, 6, 15))
        length, pad = random.choice((0, 1, 2, 5, 9)), random.choice((0, 1, 3)) if precursor & 0x80 else 0
        head = [precursor]
        if precursor & 15 == 15:
            head.append(random.randrange(12))
        if precursor & 0x80:
            head.insert(random.choice((1, len(head))), pad)
        memory += bytes([*head, length]) + random.randbytes(length) + bytes(pad)
    return memory[:SIZE].ljust(SIZE, b"\0")


@cache
def memories() -> tuple[bytes, ...]:
    """Yield whole tags of all models, each changed in many ways; sequences of elements; any bytes."""
    random = Random(1)
    seeds = [item(barcode(random)).memory for _ in range(4)]
    seeds += [danish(barcode(random)), danish("AB12", size=32), three_m("12345"), b"\x55" * 24, b"\x55" * 20, b""]
    for name in ("28560-2", "28560-3"):
        seeds += [bytes.fromhex(vector["hex"].replace(" ", "")) for vector in of_model(name, name)]
    seeds = [seed.ljust(SIZE, b"\0")[:SIZE] for seed in seeds]
    seeds += [reversed_blocks(seed) for seed in seeds[4:6]]
    found = list(seeds)
    for seed in seeds:
        for _ in range(120 if SOAK else 30):
            changed = bytearray(seed)
            for _ in range(random.choice((1, 1, 2, 3))):
                at = random.randrange(random.choice((4, 8, 40, SIZE)))
                changed[at] = random.choice((0, 0xFF, random.randrange(256), 1 << random.randrange(8), changed[at] & 7))
            found.append(bytes(changed))
    for _ in range(1500 if SOAK else 400):
        found += [random.randbytes(SIZE), elements(random)]
    return tuple(found)


@pytest.mark.parametrize("dsfid", [0x06, 0x3E, 0x00, 0xC0])
def test_the_judge_misses_no_identity(dsfid: int) -> None:
    rows = np.frombuffer(b"".join(memories()), np.uint8).reshape(-1, SIZE)
    marks = np.full(len(rows), dsfid, np.uint8)
    verdict = judge(whole(rows, marks))
    finished, new = verdict.committed(marks), verdict.new(marks)
    identities = 0
    for at, memory in enumerate(memories()):
        found = recognised(memory, dsfid)
        identities += bool(found.identifier)
        assert finished[at] or not found.identifier, memory.hex()
        assert new[at] == (found.state is TagState.BLANK), memory.hex()
    # The judge accepts more (it decodes no text), but not many more, and nothing without its mark except 3M tags.
    assert int(finished.sum()) <= 3 * identities + 5
    assert identities > {0x06: 200, 0x3E: 60, 0x00: 8, 0xC0: -1}[dsfid]
    assert identities == 0 or dsfid != 0xC0


def test_one_block_that_varies_is_judged_like_whole_memories() -> None:
    random = Random(2)
    for memory in random.sample(memories(), 60 if SOAK else 20):
        for block in (0, 1, 4, 5, 8):
            words = torn_words(
                int.from_bytes(memory[block * 4 : block * 4 + 4], "big"), 0, Tear(Model.ERASE_0, 4, 8), RNG
            )
            states = one_block(image(memory, dsfid=0x06), block, words, Model.ERASE_0)
            one, many = judge(states), judge(whole(states.rows(np.arange(states.count)), states.dsfid))
            for name in ("blank", "part3", "part3_plain", "three_m", "part2"):
                assert (getattr(one, name) == getattr(many, name)).all(), name


RNG = np.random.default_rng(3)


def test_the_linear_crc_is_the_crc() -> None:
    random = Random(3)
    for _ in range(200):
        message = random.randbytes(32)
        crc = crc_start()
        for place, byte in enumerate(message):
            crc ^= int(crc_table()[place, byte])
        assert crc == Crc16CcittFalse.calc(message)
    assert len(MESSAGE) == 32


def test_the_judge_sees_what_it_should() -> None:
    """By hand: a 28560-3 tag with a wrong bit, a sequence of elements without an end, and a 3M tag."""
    good = danish("31234567890128").ljust(SIZE, b"\0")
    wrong = good[:25] + b"\x01" + good[26:]
    rows = np.frombuffer(
        b"".join((good, wrong, item("31234567890128").memory, three_m("1").ljust(SIZE, b"\0"))), np.uint8
    )
    verdict = judge(whole(rows.reshape(4, SIZE), np.zeros(4, np.uint8)))
    assert verdict.part3.tolist() == verdict.part3_plain.tolist() == [True, False, False, False]
    # 11 01 01, 33 31 ..: by its structure the Danish block is also a sequence of elements.
    assert verdict.part2.tolist() == [True, True, True, False]
    assert verdict.three_m.tolist() == [False, False, False, True]
    found = verdict.elements
    assert (found.which.tolist(), found.scheme.tolist(), found.length.tolist()) == ([0, 1, 2], [1, 1, 1], [1, 1, 6])
    assert int.from_bytes(found.data[2][:6].tobytes(), "big") == 31234567890128


def test_the_tear_models_hold_every_subset_and_mix() -> None:
    old, new = 0x0000_00F1, 0x0000_0F03
    words = set(torn_words(old, new, Tear(Model.ERASE_0, 12, 0), RNG).tolist())
    assert {old, new, 0, 0xF1 & 0x91, 0x0F03 & 0x0501} <= words
    assert {0x0000_00F3, 0x0000_0F01, 0x0000_0FF3} <= words  # mixtures of old and new bits and bytes
    assert all(not word & ~(old | new) for word in words)
    ones = set(torn_words(0xFFFF_FF0F, 0xFFFF_FFF0, Tear(Model.ERASE_1, 8, 0), RNG).tolist())
    assert ones == {0xFFFF_FF0F | bits << 4 for bits in range(16)} | {0xFFFF_FFF0 | bits for bits in range(16)}
    assert len(subsets(0xFF, 8, 0, RNG)) == 256
    assert len(set(subsets(0xFFFF, 8, 50, RNG).tolist())) > 40
