"""Tear a write at every point and in every modeled way: no wrong identifier and no blank tag
(docs/reference/tag-writing.md#fault-model to #the-algorithm).

`torn_judge` judges millions of states. The station's own recognizer also judges every state that `torn_judge` accepts.
The companion tests show that the proof can fail: a naive order, a reader that ignores DSFID, or a body written in any
order do meet wrong identifiers or blank tags in the same kinds of torn states.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from random import Random

import numpy as np
import pytest

from station.domain.tag_image import TagImage
from station.encoding.content import BEING_WRITTEN, TagContent, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan import plan as plan_module
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_item, plan_write, undo
from station.encoding.write_plan.steps import SetDsfid
from tests.encoding.write_plan.simulated_tag import run, tears, with_blocks
from tests.encoding.write_plan.torn_judge import judge
from tests.encoding.write_plan.torn_pairs import (
    PART3,
    PROFILE_3,
    TELEPHONE,
    Pair,
    random_hazards,
    random_mixed,
    random_part2,
    random_part3,
    random_sets,
    vector_pairs,
)
from tests.encoding.write_plan.torn_proof import Allowed, Proof, Tally
from tests.encoding.write_plan.torn_states import Model, States, Tear, torn_run
from tests.support.sample_tags import PROFILE, barcode, danish, image, item, luhn, three_m

pytestmark = pytest.mark.timeout(600)
KINDS = (random_part2, random_mixed, random_part3, random_sets, random_hazards)


def prove_random(proof: Proof, random: Random, rounds: int, *ways: Tear) -> None:
    """Prove `rounds` of random pairs, torn in each of these ways in turn, with commands of 1 to 32 blocks."""
    for turn in range(rounds):
        tear = ways[turn % len(ways)]
        for kind in KINDS:
            for pair in kind(random):
                proof.pair(pair, tear, most=random.choice((1, 1, 2, 5, 32)), twice=turn // len(ways) % 2)


# --- the proof ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def vectors() -> Tally:
    """Tear every full-tag vector as old and each writable one as new, with the three models in turn; the soak tears all
    pairs in all models.
    """
    proof = Proof(28560)
    ways = itertools.cycle((Tear(Model.ERASE_0, 8, 80), Tear(Model.ERASE_1, 6, 60), Tear(Model.ANY, 0, 200)))
    every = list(vector_pairs())
    some = every[::5]
    assert {old.memory for _, old, *_ in some} == {old.memory for _, old, *_ in every}
    assert {new.memory for _, _, new, *_ in some} == {new.memory for _, _, new, *_ in every}
    for pair in some:
        proof.pair(pair, next(ways))
    return proof.tally


@pytest.fixture(scope="module")
def made() -> Tally:
    """Tear hundreds of random pairs. In every second round resume torn writes, both ways, and tear them again."""
    proof = Proof(15693)
    ways = Tear(Model.ERASE_0, 10, 1024), Tear(Model.ERASE_1, 6, 200), Tear(Model.ANY, 0, 400)
    prove_random(proof, Random(15693), 5, *ways)
    return proof.tally


def test_vector_pairs(vectors: Tally) -> None:
    assert vectors.wrong == []
    assert vectors.pairs > 100
    assert vectors.total > 250_000
    assert vectors.accepted_checked > 2000
    assert sum(vectors.rejected_checked.values()) > 400


def test_random_pairs(made: Tally) -> None:
    assert made.wrong == []
    assert made.pairs > 130
    assert made.total > 800_000
    assert min(made.states[model] for model in Model) > 100_000
    assert made.accepted_checked > 1500
    assert sum(made.rejected_checked.values()) > 400


def test_random_pairs_of_a_reader_that_is_tried_first() -> None:
    """The order that tries a reader with its first tag is as safe."""
    proof = Proof(1856, tried_first=True)
    prove_random(proof, Random(1856), 2, Tear(Model.ERASE_0, 8, 200), Tear(Model.ANY, 0, 200))
    assert proof.tally.wrong == []
    assert proof.tally.finished > 100
    assert proof.tally.total > 50_000


def test_the_count_is_not_empty(vectors: Tally, made: Tally) -> None:
    """The states hold whole tags, torn DSFIDs, and memories that a reader without a gate takes for another item."""
    for tally in (vectors, made):
        assert tally.finished > 1500
        assert set(tally.rejected_checked) == {TagState.INCOMPLETE, TagState.UNKNOWN}
        assert tally.rejected_checked[TagState.INCOMPLETE] > 3 * tally.rejected_checked[TagState.UNKNOWN]
        assert all(tally.lenient_wrong[model] > 100 for model in Model)


def test_the_inner_gate_of_28560_3_holds_alone_if_blocks_are_erased_to_0(made: Tally) -> None:
    """docs/reference/tag-writing.md#torn-writes-of-iso-28560-3: no subset of block 0 of a single part keeps the CRC.
    Erased to 1, or with any content, about one state in 2^19 does: there DSFID gives the guarantee.
    """
    assert made.states[Model.ERASE_0] > 400_000
    assert made.part3_torn[Model.ERASE_0] == made.part3_wrong[Model.ERASE_0] == 0


def test_the_inner_gate_of_28560_2_holds_for_a_reader_that_asks_for_the_prefix(made: Tally) -> None:
    """docs/reference/tag-writing.md#torn-writes-of-iso-28560-2: a torn block 0 moves the number by at least 2^32, and
    with it the prefix."""
    assert made.prefixed > 10_000
    assert sum(made.prefix_wrong.values()) == 0


def test_the_recogniser_itself_on_every_state_of_a_smaller_proof() -> None:
    """Without the judge: pure Python, one state at a time."""
    random = Random(28560)
    states = 0
    for make in (random_part2, random_mixed, random_part3, random_hazards):
        for _, old, new, *_ in make(random):
            plan = plan_write(old, new, max_blocks_per_write=random.choice((1, 32)))
            assert run(plan) == new
            allowed = Allowed.of(old, new)
            for state in tears(plan, 3, 4, random):
                found = recognise(state, PROFILE)
                states += 1
                assert found.identifier in allowed.texts | {""}
                assert allowed.blank or found.state is not TagState.BLANK
    assert states > 7_000


# --- the proof can fail ---------------------------------------------------------------------------------------------


def ascending(old: TagImage, new: TagImage, tear: Tear, random: np.random.Generator) -> Iterator[States]:
    """Yield the fewest writes: changed blocks in ascending order, DSFID unchanged."""
    current = old
    for block in range(new.block_count):
        if current.block(block) != new.block(block):
            yield from torn_run(current, block, new.block(block), tear, random)
            current = with_blocks(current, block, new.block(block))


def near(identifier: str) -> str:
    return luhn(identifier[:-2] + str((int(identifier[-2]) + 1) % 10))


def test_the_naive_order_does_read_as_wrong_items() -> None:
    random, proof = Random(28560), Proof(1)
    for _ in range(4):
        one = barcode(random)
        for other in (barcode(random), near(one)):
            old, new = item(other), item(one)
            for states in ascending(old, new, Tear(Model.ERASE_0, 8, 256), proof.random):
                proof.judge(states, judge(states), Allowed.of(old, new))
    assert proof.tally.total > 4000
    assert len(proof.tally.wrong) > 3000


def test_the_crc_alone_does_not_catch_it() -> None:
    """docs/reference/tag-writing.md#torn-writes-of-iso-28560-3: about one state in 2^16 passes; about seven per
    re-encoding if every subset is tried."""
    random, proof = Random(28560), Proof(1)
    for _ in range(15):
        old, new = (image(danish(barcode(random)), dsfid=PART3, afi=7) for _ in range(2))
        for states in ascending(old, new, Tear(Model.ERASE_0, 14, 4096), proof.random):
            proof.judge(states, judge(states), Allowed.of(old, new))
    assert proof.tally.total > 500_000
    assert len(proof.tally.wrong) > 2


def test_a_reader_that_ignores_dsfid_does_meet_wrong_items_even_in_our_order() -> None:
    random, wrong = Random(28560), 0
    for _, old, new, *_ in random_part2(random):
        allowed = Allowed.of(old, new).texts
        for state in tears(plan_write(old, new), 6, 12, random):
            wrong += recognise(dataclasses.replace(state, dsfid=0x06), PROFILE).identifier not in allowed | {""}
    assert wrong > 10


@pytest.mark.parametrize(
    ("old", "most"),
    [
        (image(TELEPHONE), 32),
        (image(bytes.fromhex("11012A"), dsfid=0x06), 1),
        (image(b"45678901234"), 1),
        (image(b"TEXT12345678", dsfid=0xFF), 32),
    ],
    ids=["telephone", "number in block 0", "plain digits", "plain text"],
)
def test_dsfid_00_as_the_gate_does_let_something_through(
    monkeypatch: pytest.MonkeyPatch, old: TagImage, most: int
) -> None:
    """Two blocks that become zero at once look like a new tag. Text with a torn first block has the layout
    of a 3M tag.
    """
    for gate in (BEING_WRITTEN, 0x00):
        monkeypatch.setattr(plan_module, "BEING_WRITTEN", gate)
        proof = Proof(1)
        for _ in range(8):
            proof.pair(Pair("", old, item(barcode(Random(1)))), Tear(Model.ERASE_0, 12, 64, at_once=4096), most=most)
        assert (proof.tally.wrong == []) == (gate == BEING_WRITTEN), proof.tally.wrong[:3]


def test_a_torn_write_of_a_new_tag_is_taken_up_block_0_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Block 0 was torn under DSFID 00 and gives another number. If DSFID were written first, it could stay at 06."""
    one, two = barcode(Random(1)), barcode(Random(2))
    whole = item(one)
    old = [with_blocks(dataclasses.replace(whole, dsfid=0), 0, bytes((0x11, 0x06, 0x10, low))) for low in range(32)]
    for careful in (True, False):
        if not careful:
            monkeypatch.setattr(plan_module, "_exposed", lambda _image: True)
        claims = {recognise(dataclasses.replace(torn, dsfid=6), PROFILE).identifier for torn in old}
        assert len(claims - {one, two}) == 32
        # For the proof, the number on the torn tag is "old": so this checks for the two real numbers.
        seen = {
            recognise(state, PROFILE).identifier
            for torn in old[::8]
            for state in tears(plan_write(torn, item(two)), 2, 2, Random(3))
        }
        assert (seen <= {one, two, ""}) == careful


def test_a_collection_in_which_dsfid_00_is_finished_keeps_its_gate() -> None:
    """Deichman's 28560-3 tags have DSFID 00. Under that profile a new tag is marked too, so that the decision does not
    depend on a CRC.
    """
    random = Random(5)
    profile = dataclasses.replace(PROFILE_3, dsfids_28560_3=(0x3E, 0x00))
    unmarked = image(danish(barcode(random)), dsfid=0x00)
    for old in (image(), unmarked):
        text = barcode(random)
        plan = plan_item(old, TagContent(text), profile)
        assert plan.steps[0] == SetDsfid(BEING_WRITTEN)
        assert run(plan) == plan.new
        for state in tears(plan, 5, 8, random):
            found = recognise(state, profile)
            assert not found.identifier or state.memory in (old.memory, plan.new.memory)
            assert found.state is not TagState.BLANK or old.memory == bytes(112)
    # With the usual profile 00 is unfinished anyway, so that a new tag needs no extra command.
    assert SetDsfid(BEING_WRITTEN) not in plan_item(image(), TagContent(text), PROFILE_3).steps


def test_a_torn_28560_3_tag_is_no_3m_tag() -> None:
    """Usage class 4, CRC with a low byte of 0: block 0 torn to 04 00 00 33 has the layout of a 3M tag, and its barcode
    would lack the first digit. 3M tags have no mark, so that DSFID does not help.
    """
    random = Random(4)
    memory = danish("0", "DE705")
    while memory[19]:
        memory = danish(barcode(random), "DE705", first=0x14)
    torn = image(b"\x04\x00\x00\x01" + memory[4:])
    found = recognise(torn, PROFILE)
    assert (found.state, found.identifier) == (TagState.INCOMPLETE, "")
    # A real 3M tag is still recognized.
    assert recognise(image(three_m("31234567890128")), PROFILE).identifier == "31234567890128"


# --- undo, and the models with each other ---------------------------------------------------------------------------


def test_undo_from_any_torn_state_brings_back_the_old_tag() -> None:
    random = Random(7)
    profile = dataclasses.replace(PROFILE_3, type_of_usage=0x10)
    three = new_image(image(), TagContent(barcode(random)), profile)
    for old in (image(), item(barcode(random)), image(three_m("123456"), afi=0xD6), three):
        new = item(barcode(random))
        plan = plan_write(old, new)
        assert run(undo(plan)) == old
        for torn in random.sample(list(tears(plan, 3, 4, random)), 40):
            back = undo(plan, torn)
            assert run(back) == old
            assert back.empty == (torn == old)


@pytest.mark.soak
def test_three_hundred_million_torn_states_and_no_wrong_item() -> None:
    proof, random = Proof(299792458, every=16), Random(299792458)
    ways = (
        *(Tear(Model.ERASE_0, few, 1 << few) for few in (12, 14, 10, 16)),
        Tear(Model.ERASE_1, 12, 2048),
        Tear(Model.ANY, 0, 8192),
    )
    for tear in (Tear(Model.ERASE_0, 12, 2048), Tear(Model.ERASE_1, 10, 1024), Tear(Model.ANY, 0, 2048)):
        for pair in vector_pairs():
            proof.pair(pair, tear, most=random.choice((1, 32)), twice=1)
    while proof.tally.total < 300_000_000:
        prove_random(proof, random, len(ways) * 2, *ways)
    tally = proof.tally
    print(f"\n{tally.report()}")
    assert tally.wrong == []
    assert tally.part3_torn[Model.ERASE_0] == 0
    assert tally.prefix_wrong[Model.ERASE_0] == 0
    assert tally.total >= 300_000_000
    assert tally.pairs > 4000
