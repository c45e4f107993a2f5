"""Every fuzz target on its seeds and on mutated seeds, without atheris: the targets keep working, and they can fail."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fuzz import __main__ as program
from fuzz import cases, commands, files, models, moving, oracle, writing
from fuzz.running import Result
from fuzz.targets import TARGETS
from station.base.errors import SettingsError
from station.domain.tag_image import TagImage
from station.encoding.content import Part, Range, TagContent
from station.encoding.dumps.value import Format
from station.encoding.dumps.write import write_dump
from station.encoding.iso15962 import compaction, elements, isil
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_4 import codec as iso28560_4_codec
from station.encoding.iso28560_4 import urn40
from station.encoding.migration.migration import Migration, migrate
from station.encoding.profiles.value import SiteProfile
from station.encoding.write_plan import image as write_plan_image
from station.encoding.write_plan import plan, steps
from tests.conftest import ROOT, SOAK
from tests.support.for_each import for_each
from tests.support.patience import PATIENCE_S
from tests.support.sample_tags import image, vectors

MUTATIONS = 1000 if SOAK else 50


def mutated(random: Random, seeds: list[bytes]) -> bytes:
    """Return one of the seeds with some bytes changed, inserted or removed, or with the tail of another seed."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(data) + 1)
        match random.randrange(5):
            case 0 if data:
                data[at % len(data)] = random.randrange(256)
            case 1 if data:
                data[at % len(data)] ^= 1 << random.randrange(8)
            case 2:
                data[at:at] = random.randbytes(random.randrange(1, 5))
            case 3:
                del data[at : at + random.randrange(1, 5)]
            case _:
                data[at:] = random.choice(seeds)[at:]
    return bytes(data)


@for_each("name", TARGETS)
def test_a_target_finds_nothing_on_its_seeds_and_beside_them(name: str) -> None:
    target = TARGETS[name]
    seeds = list(target.seeds())
    assert len(set(seeds)) > 4, "a fuzzer needs several seeds"
    random = Random(f"fuzz {name}")
    for data in (*seeds, *(mutated(random, seeds) for _ in range(MUTATIONS))):
        try:
            target.function(data)
        except Exception as error:
            raise AssertionError(f"python -m fuzz --reproduce {name} {data.hex() or '-'}") from error


def test_every_found_input_stays_right() -> None:
    """tests/vectors/fuzz.jsonl holds the inputs that `make fuzz` has found. All are handled correctly since."""
    for vector in vectors("fuzz"):
        name = vector["model"].removeprefix("fuzz/")
        TARGETS[name].function(bytes.fromhex(vector["hex"]))


# --- the targets can fail ---------------------------------------------------------------------------------------------


def first_finding(name: str) -> str:
    random = Random(1)
    seeds = list(TARGETS[name].seeds())
    for data in (*seeds, *(mutated(random, seeds) for _ in range(400))):
        try:
            TARGETS[name].function(data)
        except Exception as error:
            return type(error).__name__
    return ""


def test_a_wrong_scheme_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = compaction.decode
    monkeypatch.setattr(compaction, "decode", lambda data, scheme, offset=0: right(data, scheme, offset)[:7])
    assert first_finding("compaction") == "Finding"


def test_a_wrong_isil_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = isil.decode
    monkeypatch.setattr(isil, "decode", lambda data, offset=0: right(data, offset).upper())
    assert first_finding("isil") == "Finding"


def test_a_wrong_element_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = elements.encode
    monkeypatch.setattr(
        elements,
        "encode",
        lambda oid, scheme, data, pad=0, **choices: right(oid, scheme, data, pad - 1 if pad > 1 else pad, **choices),
    )
    assert first_finding("elements") == "Finding"


def test_a_decoder_that_trips_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def tripping(memory: bytes, **choices: object) -> tuple[int, ...]:
        return (memory[200],)

    monkeypatch.setattr(iso28560_2_codec, "decode", tripping)
    assert first_finding("28560-2") == "IndexError"


def test_a_plan_that_writes_a_locked_block_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (plan, write_plan_image):
        monkeypatch.setattr(module, "is_locked", lambda image, block: False)
    assert first_finding("plan") == "Finding"


def test_a_plan_without_its_outer_gate_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_all_the_time(old: TagImage, new: TagImage, changed: list[int], *_: object) -> list[steps.Step]:
        return [steps.SetDsfid(new.dsfid), *(steps.SetBlocks(block, new.block(block)) for block in changed)]

    monkeypatch.setattr(plan, "_change", open_all_the_time)
    assert first_finding("plan") == ""
    assert first_finding("torn") == "Finding"


def test_a_migration_that_is_silent_about_an_element_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*given: Any, **more: Any) -> Migration:
        made = migrate(*given, **more)
        return replace(made, notes=made.notes[1:])

    monkeypatch.setattr(moving, "migrate", silent)
    assert first_finding("migrate") == "Finding"


def test_a_dump_that_loses_a_byte_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def shorter(given: TagImage, form: Format) -> bytes:
        return write_dump(replace(given, memory=given.memory[:-1] + b"\x01"), form)

    monkeypatch.setattr(files, "write_dump", shorter)
    assert first_finding("dumps") == "Finding"


def test_a_doctor_with_a_code_of_nobodys_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "CODES", models.CODES - {"owner-other"})
    assert first_finding("doctor") == "Finding"


def test_an_encoder_that_drops_the_title_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = iso28560_2_codec.Iso28560Part2.encode

    def dropping(self: Any, content: TagContent, *rest: Any) -> Any:
        return right(self, replace(content, further=()), *rest)

    monkeypatch.setattr(iso28560_2_codec.Iso28560Part2, "encode", dropping)
    assert first_finding("encode") == "Finding"


def test_wrong_urn_code_40_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(urn40, "ALPHABET", urn40.ALPHABET.replace("1", "7"))
    assert first_finding("urn-code-40") == "Finding"


def test_a_user_bank_that_is_not_written_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iso28560_4_codec, "encode_user_bank", lambda content, owner: b"")
    assert first_finding("28560-4") == "Finding"


def test_text_that_is_not_cleaned_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "clean", lambda text: text[:200])
    assert first_finding("text") == "Finding"


def test_a_profile_error_without_its_line_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless(text: str, name: str) -> SiteProfile:
        raise SettingsError("something is wrong")

    monkeypatch.setattr(files, "parse", nameless)
    assert first_finding("profiles") == "Finding"


def test_a_command_with_an_exit_code_of_nobodys_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "EXIT_CODES", {0: "all is well"})
    assert first_finding("commands") == "Finding"


def test_characters_that_act_are_found_at_any_depth() -> None:
    oracle.demand_clean(TagContent("fine", further=((17, "Märchen"),)))
    for bad in ("\x1b[2J", "a\u202eb", "\ud800", "\x7f", "\u2028"):
        with pytest.raises(oracle.Finding):
            oracle.demand_clean(TagContent("fine", further=((17, bad),)))
        with pytest.raises(oracle.Finding):
            oracle.demand_clean({"key": [bad]})


@pytest.mark.parametrize("ranges", [((0, 3),), ((0, 2), (3, 1)), ((0, 3), (2, 2)), ((0, 0), (0, 4)), ((0, 5),), ()])
def test_ranges_with_gaps_are_found(ranges: tuple[tuple[int, int], ...]) -> None:
    oracle.demand_cover((Range(0, 4, Part.DATA, "all"),), 4)
    with pytest.raises(oracle.Finding):
        oracle.demand_cover((Range(at, length, Part.DATA, "some") for at, length in ranges), 4)


@pytest.mark.parametrize(
    "content",
    [
        TagContent("1", part=0),
        TagContent("1", type_of_usage=256),
        TagContent("1", further=((9, "a"), (7, "b"))),
        TagContent("1", further=((6, "a"),)),
    ],
)
def test_contents_that_break_their_promise_are_found(content: TagContent) -> None:
    oracle.demand_sane(TagContent("1", part=2, parts=1))  # "2 of 1" is a cataloging mistake, but readable
    with pytest.raises(oracle.Finding):
        oracle.demand_sane(content)


# --- inputs -----------------------------------------------------------------------------------------------------------


def test_an_input_is_the_tag_that_its_head_says() -> None:
    found = cases.image(cases.seed(bytes(range(12)), dsfid=6, afi=7, locks=0xA000_0000))
    assert (found.block_size, found.dsfid, found.afi, found.memory) == (4, 6, 7, bytes(range(12)))
    assert found.locked == (True, False, True)
    assert cases.image(b"").memory == b""


def test_a_whole_tag_has_whole_blocks() -> None:
    for kind in range(256):
        ragged = cases.image(cases.seed(bytes(13), kind=kind))
        whole = cases.whole(ragged)
        assert len(whole.memory) % whole.block_size == 0
        assert whole.memory[:13] == bytes(13)


def test_seeds_reach_every_data_model() -> None:
    seen = set()
    for data in TARGETS["recognise"].seeds():
        found = cases.image(data)
        seen.add(models.recognise(found, models.PROFILE).model)
    assert seen >= {"28560-2", "28560-3", "3m", "blank", "unknown"}


def test_an_image_of_the_samples_can_be_said_as_an_input() -> None:
    wanted: TagImage = image(b"\x11\x05", dsfid=6, afi=7)
    assert cases.image(cases.seed(wanted.memory, 6, 7)) == wanted


# --- the program around them ------------------------------------------------------------------------------------------


def test_the_seconds_are_shared_by_weight() -> None:
    names = list(TARGETS)
    budget = program.shares(names, 600, 2)
    assert 1200 - len(names) <= sum(budget.values()) <= 1200
    assert budget["recognise"] > budget["isil"]
    assert program.shares(["isil"], 60, 8) == {"isil": 60}
    assert set(program.shares(names, 1, 1).values()) == {program.SHORTEST}


def test_what_libfuzzer_says_is_understood() -> None:
    result = Result("isil")
    for line in (
        "#2048\tNEW    cov: 38 ft: 192 corp: 35/1Kb lim: 48 exec/s: 1024 rss: 48Mb L: 12/48 MS: 1 ChangeBit-\n",
        "Traceback (most recent call last):\n",
        "Done 115461 runs in 8 second(s)\n",
        "stat::slowest_unit_time_sec:    1\n",
        "stat::peak_rss_mb:              44\n",
    ):
        result.hear(line)
    assert (result.executions, result.coverage, result.features, result.corpus) == (115461, 38, 192, 35)
    assert (result.slowest, result.peak) == (1, 44)
    assert result.last == ["Traceback (most recent call last):"]
    assert result.good


def test_a_finding_is_kept_and_shown_as_hexadecimal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "FOUND", tmp_path / "found")
    artifact = tmp_path / "crash-12ab"
    artifact.write_bytes(b"\x01\xff")
    result = Result("isil", findings=(artifact,), last=["Finding: wrong"])
    assert [path.read_bytes() for path in program.keep(result)] == [b"\x01\xff"]
    said = capsys.readouterr().out
    assert "python -m fuzz --reproduce isil 01ff" in said
    assert "Finding: wrong" in said


def test_an_input_can_be_run_alone(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert program.main(["--reproduce", "isil", "acc09ebaa06f6b"]) == 0
    assert "nothing wrong" in capsys.readouterr().out
    wrong = isil.encode("US-InU")
    monkeypatch.setattr(isil, "encode", lambda text: wrong)
    with pytest.raises(oracle.Finding):
        program.main(["--reproduce", "isil", "acc09ebaa06f6b"])


@pytest.mark.parametrize("words", [("isil", "abc"), ("isil", "zz"), ("isil", ""), ("nonsense", "00")])
def test_a_wrong_command_line_is_told(words: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--reproduce", *words])
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_without_atheris_there_is_a_clear_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program.importlib.util, "find_spec", lambda name: None)
    assert program.main(["--seconds", "1"]) == 1
    assert "atheris is not installed" in capsys.readouterr().err


FAKE_ATHERIS = '''
"""Stands in for atheris: finds something at once, or fuzzes until it is ended."""
import contextlib, os, sys, time
def instrument_imports(include): return contextlib.nullcontext()
def Setup(arguments, function): globals().update(arguments=arguments)
def Fuzz():
    options = dict(word[1:].split("=", 1) for word in arguments[1:] if word.startswith("-"))
    sys.stderr.write("#1024\\tNEW    cov: 9 ft: 8 corp: 7/1Kb lim: 4 exec/s: 5 rss: 48Mb\\n"); sys.stderr.flush()
    if os.environ["FAKE"] == "find":
        open(options["artifact_prefix"] + "crash-1", "wb").write(b"\\xab\\xcd")
        sys.exit(77)
    if os.environ["FAKE"] == "fail":
        sys.exit(3)
    if os.environ["FAKE"] == "run":
        time.sleep(60)
'''


def fake(tmp_path: Path, does: str, *more: str) -> subprocess.Popen[str]:
    (tmp_path / "atheris.py").write_text(FAKE_ATHERIS)
    code = "import sys; from pathlib import Path; from fuzz import __main__ as program;"
    code += f"program.FOUND = Path({str(tmp_path / 'found')!r}); sys.exit(program.main(sys.argv[1:]))"
    return subprocess.Popen(
        [sys.executable, "-c", code, "--seconds", "1", "--jobs", "1", "--target", "isil", *more],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "FAKE": does},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize(("does", "code"), [("nothing", 0), ("find", 1), ("fail", 1)])
def test_the_exit_code_says_whether_something_was_found(tmp_path: Path, does: str, code: int) -> None:
    process = fake(tmp_path, does)
    said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == code, said
    assert ("--reproduce isil abcd" in said) == (does == "find")
    summary = said.rpartition("target ")[2]
    assert re.search(rf"^isil +1,024 +9 +8 +7 +0 +{'failed' if does == 'fail' else code}$", summary, re.M)
    assert summary.splitlines()[-1].startswith("1,024 executions, ")
    assert (tmp_path / "found").exists() == (does == "find")


def test_ctrl_c_stops_the_workers_and_keeps_what_was_found(tmp_path: Path) -> None:
    process = fake(tmp_path, "run")
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if " runs, cov" in line:  # the worker has started
            break
    else:
        pytest.fail(said)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert "Stopped" in rest
    assert "stopped before the end" in rest


def test_inputs_can_be_kept_for_the_next_run_and_findings_are_not_found_twice(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    assert fake(tmp_path, "find", "--corpus", str(inputs)).wait(PATIENCE_S) == 1
    kept = {path.read_bytes() for path in (inputs / "isil").iterdir()}
    assert kept == set(TARGETS["isil"].seeds())
    assert fake(tmp_path, "nothing", "--corpus", str(inputs)).wait(PATIENCE_S) == 0
