"""station.toml: what `init` writes, what `parse` refuses, and its messages."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from station.base.errors import SettingsError, SettingsMissing
from station.base.setting_fields import sections, toml_value
from station.base.settings import Settings, load, parse
from station.cli import station
from station.cli.admin.init import judge_isil
from station.cli.admin.settings_file import template
from tests.support.for_each import for_each
from tests.support.told import told


def _fields() -> list[str]:
    def walk(struct: type[msgspec.Struct], path: str) -> list[str]:
        found, nested = [], list[str]()  # a table's own keys come before its tables
        for field in msgspec.structs.fields(struct):
            if isinstance(field.default, msgspec.Struct):
                nested += walk(type(field.default), f"{path}{field.name}.")
            else:
                found.append(f"{path}{field.name}")
        return found + nested

    return walk(Settings, "")


def test_the_written_file_holds_every_key_with_its_default() -> None:
    assert parse(template()) == Settings()
    listed = [f"{section.path}.{field.name}" for section in sections() for field in section.fields]
    assert listed == _fields()


def test_every_key_and_table_has_its_sentence() -> None:
    text = template()
    for section in sections():
        assert section.sentence.endswith("."), section.path
        for field in section.fields:
            assert len(field.sentence) > 10, f"{section.path}.{field.name}"
            start = field.sentence.split()[0]
            assert any(line.startswith(f"# {start}") for line in text.splitlines()), field.name


@pytest.mark.parametrize("value", ["", 'Ünï "q" \\ \n\t\x7f\x00', "a'b", "]=#"])
def test_any_text_can_be_given(value: str) -> None:
    assert parse(template(**{"library.name": value})).library.name == value


def test_what_is_no_setting_has_no_toml() -> None:
    with pytest.raises(TypeError):
        toml_value(object())


@for_each(
    ("text", "reason"),
    [
        ("[library", "not valid TOML"),
        ("\x00", "not valid TOML"),
        ("[library]\nisli = 'US-X'", 'unknown key "library.isli"; did you mean "library.isil"?'),
        ("[libary]\n", 'unknown key "libary"; did you mean "library"?'),
        ("[delivery.alma]\nurl = 'x'\nbase-url = 'x'", 'unknown key "delivery.alma.url"'),
        ("[delivery.alma]\nbase-url = 'x'", 'did you mean "delivery.alma.base_url"?'),
        ("zzz = 1", "known are: library, station"),
        ("[library]\nisil = 5", "Expected `str`, got `int` - at `$.library.isil`"),
        ("library = 'x'", "Expected `object`, got `str` - at `$.library`"),
        ("[reader]\nbaud = '38400'", "$.reader.baud"),
        ("[reader]\nbaud = 12345", "Invalid enum value 12345 - at `$.reader.baud`"),
        ("[reader]\nbus_address = 256", "`int` <= 255 - at `$.reader.bus_address`"),
        ("[reader]\npoll_ms = 10", "`int` >= 50 - at `$.reader.poll_ms`"),
        ("[tag]\ndsfid = -1", "`int` >= 0 - at `$.tag.dsfid`"),
        ("[library]\nisil = 'US-12345678901234567'", "length <= 16 - at `$.library.isil`"),
        ("[barcodes]\nprefixes = [3]", "Expected `str`, got `int`"),
        ("[delivery.alma]\ntimeout_s = 0", "`float` > 0.0 - at `$.delivery.alma.timeout_s`"),
        ("[library]\nisil = 'a'\nisil = 'b'", "not valid TOML"),
    ],
)
def test_wrong_settings_are_refused_naming_file_and_key(text: str, reason: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse(text, "bench.toml")
    assert told(refused.value.detail).startswith("bench.toml: ")
    assert reason in told(refused.value.detail)
    assert reason in told(refused.value.sentence), "staff must read it on the screen, too"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[tag]\nafi_in_stock = 21", "line 2: tag.afi_in_stock must be written in hexadecimal. Write 0x21 for"),
        ("[tag]\nafi_in_stock = 21", "or 0x15 for decimal 21."),
        (
            "[tag]\nafi_on_loan = 194 # C2",
            "tag.afi_on_loan must be written in hexadecimal. Write 0xC2 for decimal 194.",
        ),
        ("tag.dsfid = 6_2", "0x3E for decimal 62"),
        ("tag = {afi_in_stock = 0x07, afi_on_loan = 20}", "line 1: tag.afi_on_loan"),
        ("[tag]\ntype_of_usage = +16", "or 0x10 for decimal 16."),
    ],
)
def test_a_byte_in_decimal_is_refused_with_both_readings(text: str, reason: str) -> None:
    """TOML reads `afi_in_stock = 21` as AFI 15 without a message."""
    with pytest.raises(SettingsError) as refused:
        parse(text, "bench.toml")
    assert told(refused.value.detail).startswith("bench.toml, line ")
    assert reason in told(refused.value.detail)


def test_a_byte_in_hexadecimal_is_taken() -> None:
    said = parse(
        "[tag]\nafi_in_stock = 0x21 # 33 in decimal\nafi_on_loan = 0xC2\ndsfid = 6\nmax_attempts = 12\nprofile = '99'"
    )
    assert (said.tag.afi_in_stock, said.tag.afi_on_loan, said.tag.dsfid) == (0x21, 0xC2, 0x06)
    assert parse("tag = {afi_in_stock = 0x21}").tag.afi_in_stock == 0x21


def test_a_missing_file_names_init(tmp_path: Path) -> None:
    with pytest.raises(SettingsMissing, match="station.toml does not exist"):
        load(tmp_path / "station.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError):
        load(path)


@pytest.mark.parametrize(
    ("isil", "warning"),
    [("US-TxDa", ""), ("DE-526", ""), ("OCLC-DLC", ""), ("XX-foo", "'XX'"), ("", "must be set"), ("US-ImagCC", "")],
)
def test_a_doubtful_isil_is_warned_about(isil: str, warning: str) -> None:
    found = judge_isil(isil)
    assert warning in found
    assert bool(found) == bool(warning)


@for_each("isil", ["USTxDa", "US-", "-x", "US-Tx Da", "US-äö", "US-123456789012", "ABCDE-1", "US_1"])
def test_what_cannot_be_an_isil_is_refused(isil: str) -> None:
    with pytest.raises(SettingsError, match="ISO 15511"):
        judge_isil(isil)


def _init(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(station, ["init", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_init_makes_the_directory_and_the_file(tmp_path: Path) -> None:
    data = tmp_path / "new" / "bench"
    code, out, err = _init("--data", str(data), "--isil", "US-TxDa", "--name", "Größte [Library]")
    assert code == 0
    assert out == f"{data / 'station.toml'}\n"
    assert "station doctor" in err
    settings = load(data / "station.toml")
    assert (settings.library.isil, settings.library.name) == ("US-TxDa", "Größte [Library]")
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert sorted(path.name for path in data.iterdir()) == ["station.toml"]


def test_init_never_overwrites_unasked(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text("# mine", encoding="utf-8")
    code, _, err = _init("--data", str(tmp_path), "--isil", "US-TxDa")
    assert code == 3
    assert "--force" in err
    assert path.read_text() == "# mine"
    assert _init("--data", str(tmp_path), "--isil", "US-TxDa", "--force")[0] == 0
    assert load(path).library.isil == "US-TxDa"


def test_init_warns_and_refuses(tmp_path: Path) -> None:
    code, _, err = _init("--data", str(tmp_path / "a"), "--isil", "XX-1")
    assert (code, "Warning" in err) == (0, True)
    code, _, err = _init("--data", str(tmp_path / "b"), "--isil", "nonsense")
    assert (code, "ISO 15511" in err) == (3, True)
    assert not (tmp_path / "b").exists()


def test_init_lets_only_the_library_s_own_alma_use_the_pad(tmp_path: Path) -> None:
    origin = "https://example.alma.exlibrisgroup.com"
    assert _init("--data", str(tmp_path / "d"), "--isil", "US-TxDa", "--alma", origin)[0] == 0
    assert load(tmp_path / "d" / "station.toml").web.origins == (origin,)
    code, _, err = _init("--data", str(tmp_path / "e"), "--isil", "US-TxDa", "--alma", "example.alma.exlibrisgroup.com")
    assert (code, "is not an origin" in err, (tmp_path / "e").exists()) == (3, True, False)
