"""Site profiles: the built-in ones, the errors of wrong ones with their lines, and the tags of a good one."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ElementInvalid, SettingsError
from station.base.toml_lines import line_of
from station.encoding.content import READ_AS, TagContent, TagProfile, TagState
from station.encoding.doctor.doctor import examine
from station.encoding.profiles.profiles import READY, parse, ready
from station.encoding.profiles.value import ELEMENT_NAMES, SOURCES, SiteProfile
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import BY_NAME, DATA_MODELS, writable
from tests.conftest import ROOT
from tests.support.for_each import for_each
from tests.support.sample_tags import image
from tests.support.told import told

FOLDER = ROOT / "station/encoding/data/profiles"
GOOD = """\
# A site's own profile.
name = "Our tags"
about = '''
model = "wrong, and inside a text"
'''
model = "28560-2"
dsfid = 0x06
afi_in_stock = 0x07
afi_on_loan = 0xC2
smallest = 64
reserve = 2
lock = [
  "primary-item-identifier", # for ever
  "owner-institution",
]
leave_out = ["title"]
eas = true

[elements]
primary-item-identifier = "item.barcode"
owner-institution = "settings.isil"
set-information = "item.part"
type-of-usage = "constant:11"
"shelf-location" = "item.call_number"
title = "item.title"
media-format-other = "item.media_format"
local-data-a = "constant:Bench 1"
"""
VALUES = {
    "item.barcode": "31234000000016",
    "item.call_number": "QA 76.73",
    "item.title": "A title",
    "item.media_format": "01",
    "settings.isil": "US-InU-Mu",
}


# --- the built-in profiles --------------------------------------------------------------------------------------------


def test_the_folder_holds_the_ready_profiles_and_nothing_else() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(READY)


@pytest.mark.parametrize("name", READY)
def test_a_ready_profile_is_sound_and_says_where_it_comes_from(name: str) -> None:
    site = ready(name)
    assert site.name
    assert site.about
    assert site.sources
    assert site.open, "some choice is always open, because the standards themselves were not available"
    assert site.afi_in_stock != site.afi_on_loan


def test_the_default_is_what_the_station_wrote_before_there_were_profiles() -> None:
    before = TagProfile("US-InU-Mu")
    now = ready("us-28560-2").tag_profile("US-InU-Mu")
    for field in ("isil", "dsfid", "afi_in_stock", "afi_on_loan", "type_of_usage", "call_number_on_tag", "model"):
        assert getattr(now, field) == getattr(before, field), field
    assert (now.lock, now.reserve, now.eas) == (frozenset(), 0, False)
    content = ready("us-28560-2").content(VALUES, part=2, parts=3)
    assert content == TagContent("31234000000016", "US-InU-Mu", 2, 3, 0x10)


@pytest.mark.parametrize(
    ("name", "model", "dsfid", "afi", "smallest"),
    [
        ("us-28560-2", "28560-2", 0x06, (0x07, 0xC2), 32),
        ("finnish-28560-2", "28560-2", 0x06, (0x07, 0xC2), 32),
        ("iso-28560-3", "28560-3", 0x3E, (0x07, 0xC2), 34),
        ("danish-32", "danish-32", 0x3E, (0x07, 0xC2), 32),
        ("3m-read-only", "", 0x06, (0xDA, 0xD7), 0),
    ],
)
def test_what_a_ready_profile_says(name: str, model: str, dsfid: int, afi: tuple[int, int], smallest: int) -> None:
    profile = ready(name).tag_profile("FI-Em")
    assert (profile.isil, profile.model, profile.dsfid, profile.smallest) == ("FI-Em", model, dsfid, smallest)
    assert (profile.afi_in_stock, profile.afi_on_loan) == afi
    reads_as = READ_AS.get(model, model)
    assert profile.commits(reads_as, dsfid)
    assert not profile.commits(reads_as, 0) or not model
    assert profile.lock == frozenset(), "nothing is locked unless a site requires it"


def test_a_dsfid_of_ones_own_marks_tags_of_ones_own_model_only() -> None:
    for model, other in (("28560-2", "28560-3"), ("28560-3", "28560-2")):
        profile = TagProfile("US-X", dsfid=0x40, model=model)
        assert profile.commits(model, 0x40)
        assert not profile.commits(other, 0x40)
        assert profile.commits("28560-2", 0x06)
        assert profile.commits("28560-3", 0x3E)


@pytest.mark.parametrize("name", ["danish", "danish-32"])
def test_a_way_of_writing_marks_its_tags_for_the_model_as_which_they_read(name: str) -> None:
    assert {each: model.name for each, model in BY_NAME.items()} == READ_AS
    profile = TagProfile("DK-718500", dsfid=0x40, model=name)
    assert profile.commits("28560-3", 0x40)
    assert not profile.commits("28560-2", 0x40)
    made = writable(name).encode(TagContent("3012", "DK-718500"), profile, 4, 112).data.ljust(112, b"\0")
    tag = image(made, dsfid=0x40, afi=0x07)
    assert recognise(tag, profile).state is TagState.OURS
    assert [each.code for each in examine(tag, profile)] == []


def test_the_danish_profile_writes_the_mandatory_block_alone_also_on_a_larger_tag() -> None:
    """Doc 067, 3.2.3: country and nine characters. ISO 28560-3 would put a longer identifier in an extension block."""
    site = ready("danish-32")
    for isil, barcode, refused in (
        ("DK-718500123", "31234000000016", ""),
        ("DK-7185001234", "31234000000016", "10 characters behind its country; there is room for 9"),
        ("DK-718500", "12345678901234567", "it has 17 characters; its field has 16"),
    ):
        profile = site.tag_profile(isil)
        content = site.content({"item.barcode": barcode, "settings.isil": isil})
        for size in (32, 112):
            if refused:
                with pytest.raises(ElementInvalid, match=refused):
                    writable(profile.model).encode(content, profile, 4, size)
            else:
                assert not writable(profile.model).encode(content, profile, 4, size).data[32:].strip(b"\0")


@pytest.mark.parametrize(
    ("model", "line", "reason"),
    [
        ("danish-32", 'supplier-identifier = "constant:X"', "supplier-identifier has no place on a Danish tag of 32"),
        ("danish-32", 'type-of-usage = "constant:30"', "type-of-usage: the Danish model has no class 3"),
        ("danish-32", 'type-of-usage = "constant:11"', "no place for the qualifier"),
        ("danish", 'title = "item.title"', "title has no place in the Danish model"),
        ("danish", 'shelf-location = "item.call_number"', "shelf-location has no place in the Danish model"),
        ("danish", 'media-format-other = "item.media_format"', ""),
    ],
)
def test_what_has_no_place_in_the_danish_model(model: str, line: str, reason: str) -> None:
    text = (FOLDER / "danish-32.toml").read_text(encoding="utf-8").replace('"danish-32"', f'"{model}"')
    text = "\n".join(row for row in text.splitlines() if not row.startswith(line.split(" ")[0])) + f"\n{line}\n"
    if not reason:
        assert 19 in parse(text, "x").oids
        return
    with pytest.raises(SettingsError, match=f"x, line {_line(line, text)}: .*{reason}"):
        parse(text, "x")


def test_settings_over_a_danish_profile_are_told_by_their_own_name() -> None:
    with pytest.raises(SettingsError, match="tag.call_number_on_tag: shelf-location has no place"):
        ready("danish-32").changed(call_number=True)
    with pytest.raises(SettingsError, match="tag.type_of_usage: .* no class 6"):
        ready("danish-32").changed(type_of_usage=0x60)


def test_nobody_puts_a_title_on_tags_unasked() -> None:
    assert all(17 not in ready(name).oids for name in READY)


def test_the_3m_profile_writes_nothing() -> None:
    site = ready("3m-read-only")
    assert site.read_only
    with pytest.raises(ElementInvalid, match="never written"):
        site.content(VALUES)
    with pytest.raises(ElementInvalid):
        writable(site.tag_profile("US-X").model)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="us-28560-2, iso-28560-3"):
        ready("../../etc/passwd")


# --- a valid profile --------------------------------------------------------------------------------------------------


def test_everything_that_a_profile_can_say() -> None:
    site = parse(GOOD, "ours.toml")
    assert site.oids == (1, 3, 4, 5, 6, 15, 17, 19)
    assert (site.model, site.smallest, site.reserve, site.eas) == ("28560-2", 64, 2, True)
    assert site.lock == {1, 3}
    assert site.leave_out == (17,)
    assert site.type_of_usage == 0x11
    profile = site.tag_profile("US-InU-Mu")
    assert profile == TagProfile(
        "US-InU-Mu",
        type_of_usage=0x11,
        call_number_on_tag=True,
        lock=frozenset({1, 3}),
        reserve=2,
        smallest=64,
        eas=True,
        leave_out=(17,),
    )
    assert site.content(VALUES, part=1, parts=2) == TagContent(
        "31234000000016",
        "US-InU-Mu",
        1,
        2,
        0x11,
        "QA 76.73",
        ((15, "Bench 1"), (17, "A title"), (19, "01")),
    )


def test_an_empty_source_is_not_written() -> None:
    content = parse(GOOD, "ours.toml").content({**VALUES, "item.title": "", "item.call_number": ""})
    assert content.shelf_location == ""
    assert content.further == ((15, "Bench 1"), (19, "01"))


def test_a_source_without_a_value_is_an_error_not_an_empty_element() -> None:
    values = dict(VALUES)
    del values["item.title"]
    with pytest.raises(ElementInvalid, match="item.title"):
        parse(GOOD, "ours.toml").content(values)


def test_what_a_good_profile_says_can_be_encoded() -> None:
    site = parse(GOOD, "ours.toml")
    profile = site.tag_profile("US-InU-Mu")
    model = writable(profile.model)
    encoded = model.encode(site.content(VALUES), profile, 4, 112)
    assert len(encoded.data) <= 112


def test_single_settings_lie_over_a_profile() -> None:
    site = parse(GOOD, "ours.toml")
    assert site.changed() == site
    new = site.changed(dsfid=0x40, afi_in_stock=1, afi_on_loan=2, type_of_usage=0x60, call_number=False)
    assert (new.dsfid, new.afi_in_stock, new.afi_on_loan, new.type_of_usage) == (0x40, 1, 2, 0x60)
    assert 6 not in new.oids
    assert new.changed(call_number=True).oids == site.oids
    assert parse(GOOD.replace('  "owner-institution",', '  "shelf-location",'), "x").changed(
        call_number=False
    ).lock == {1}
    with pytest.raises(SettingsError, match="no gate could tell them apart"):
        site.changed(afi_in_stock=0xC2)
    for wrong in (0, 0x3E, 0xC0):
        with pytest.raises(SettingsError, match=f"tag.dsfid: DSFID {wrong:02X}"):
            site.changed(dsfid=wrong)


# --- invalid profiles -------------------------------------------------------------------------------------------------


def _line(marker: str, text: str = GOOD) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(marker))


@for_each(
    ("old", "new", "at", "reason"),
    [
        # unknown keys and values
        ("smallest = 64", "smalest = 64", "smalest", 'unknown key "smalest"; did you mean "smallest"?'),
        ("smallest = 64", "zzz = 64", "zzz", 'unknown key "zzz"; known are name, model'),
        ('model = "28560-2"', 'model = "28560-5"', 'model = "28560-5"', 'unknown data model "28560-5"'),
        ("title =", "titel =", "titel", 'unknown data element "titel"; did you mean "title"?'),
        ("title =", "17 =", "17", 'unknown data element "17"'),
        ("title =", "content-parameter =", "content-parameter", 'unknown data element "content-parameter"'),
        ("title =", "reserved =", "reserved", 'unknown data element "reserved"'),
        ('"item.title"', '"item.titel"', "title", 'unknown source "item.titel"; did you mean "item.title"?'),
        ('"item.title"', '"catalog"', "title", "unknown source"),
        ('"owner-institution",', '"owner",', '  "owner",', 'unknown data element "owner"'),
        ('leave_out = ["title"]', 'leave_out = ["tittle"]', "leave_out", 'did you mean "title"?'),
        # wrong types
        ("smallest = 64", 'smallest = "64"', "smallest", "must be a whole number from 0 to 8192"),
        ("smallest = 64", "smallest = true", "smallest", "must be a whole number"),
        ("smallest = 64", "smallest = 64.0", "smallest", "must be a whole number"),
        ("eas = true", "eas = 1", "eas", "must be true or false"),
        ('name = "Our tags"', "name = 5", "name", "must be a text"),
        ('name = "Our tags"', 'name = "  "', "name", "is empty"),
        ('leave_out = ["title"]', 'leave_out = "title"', "leave_out", "must be a list of texts"),
        ("eas = true", 'eas = true\nsources = ["a", 1]', "sources", "must be a list of texts"),
        ("eas = true", "eas = true\ndsfids_28560_2 = [256]", "dsfids", "whole numbers from 0 to 255"),
        (
            "afi_on_loan = 0xC2",
            "afi_on_loan = 21",
            "afi_on_loan",
            "Write 0x21 for hexadecimal 21, or 0x15 for decimal 21.",
        ),
        ("eas = true", "eas = true\ndsfids_28560_2 = [0x06, 62]", "dsfids", "0x3E for decimal 62"),
        ('title = "item.title"', "title = 17", "title", "must be a text that names a source"),
        ("[elements]", "[[elements]]", "[[elements]]", "must be a table"),
        # bytes out of range
        ("dsfid = 0x06", "dsfid = 0x106", "dsfid", "must be a whole number from 0 to 255"),
        ("afi_in_stock = 0x07", "afi_in_stock = -1", "afi_in_stock", "must be a whole number from 0 to 255"),
        ("afi_on_loan = 0xC2", "afi_on_loan = 256", "afi_on_loan", "must be a whole number from 0 to 255"),
        ("reserve = 2", "reserve = 99", "reserve", "must be a whole number from 0 to 16"),
        ("constant:11", "constant:111", "type-of-usage", "is one byte: two hexadecimal digits"),
        ("constant:11", "constant:1G", "type-of-usage", "is one byte"),
        # settings that would make untrustworthy tags
        ("dsfid = 0x06", "dsfid = 0x00", "dsfid", "DSFID 00 marks a tag that is not finished"),
        ("afi_on_loan = 0xC2", "afi_on_loan = 7", "afi_on_loan", "no gate could tell them apart"),
        ("dsfid = 0x06", "dsfid = 0xC0", "dsfid", "DSFID C0 marks a tag that is being written"),
        ("dsfid = 0x06", "dsfid = 0x3E", "dsfid", "DSFID 3E marks tags of ISO 28560-3"),
        ("dsfid = 0x06\n", "", "", 'the key "dsfid" is missing'),
        ("afi_on_loan = 0xC2\n", "", "", 'the key "afi_on_loan" is missing'),
        ('owner-institution = "settings.isil"\n', "", "[elements]", '"owner-institution" is missing'),
        ('"settings.isil"', '"constant:US-X"', "owner-institution", "is different for every tag"),
        (
            '"settings.isil"',
            '"item.library"',
            "owner-institution",
            "cannot come from item.library, only from settings.isil",
        ),
        ('"item.barcode"', '"item.copy"', "primary-item-identifier", "only from item.barcode"),
        ('"constant:11"', '"item.copy"', "type-of-usage", "only from a constant"),
        ('"item.media_format"', '"item.title"', "media-format-other", "only from item.media_format or a constant"),
        ('"item.title"', '"item.part"', "title", "item.part is for set-information only"),
        ("constant:Bench 1", "constant:", "local-data-a", "the constant is empty"),
        ("constant:Bench 1", "constant:\\u202e", "local-data-a", "cannot be stored on a tag"),
        ('title = "item.title"', 'gs1-product-identifier = "constant:123"', "gs1", "exactly 13 digits"),
        (
            '  "owner-institution",',
            '  "order-number",',
            '  "order-number",',
            "order-number cannot be locked: it is not written",
        ),
        ('["title"]', '["primary-item-identifier"]', "leave_out", "is never left out"),
        ('model = "28560-2"', 'model = "3m"', "primary-item-identifier", "are read, never written"),
        # text that is not TOML
        ("eas = true", "eas = true\neas = false", "eas = false", "not valid TOML: Cannot overwrite a value"),
        ("eas = true", "eas = ", "eas", "not valid TOML"),
        ('title = "item.title"', 'title = "item.title', "title", "not valid TOML"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_line(old: str, new: str, at: str, reason: str) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1) if old != 'model = "28560-2"' else GOOD.replace("\n" + old, "\n" + new, 1)
    with pytest.raises(SettingsError) as refused:
        parse(text, "ours.toml")
    line = _line(at, text) if at else 1
    assert told(refused.value.detail).startswith(f"ours.toml, line {line}: "), told(refused.value.detail)
    assert reason in told(refused.value.detail)


def test_a_profile_of_a_writable_model_says_what_is_written() -> None:
    text = GOOD.split("[elements]")[0].replace("lock = [", "about_lock = [").replace("about_lock", "sources")
    with pytest.raises(SettingsError, match="line 6: there is no .elements. table"):
        parse(text, "ours.toml")


def test_a_read_only_profile_has_no_dsfid() -> None:
    text = 'name = "x"\nmodel = "3m"\nafi_in_stock = 1\nafi_on_loan = 2\ndsfid = 6\n'
    with pytest.raises(SettingsError, match="line 5: a profile that writes no tags"):
        parse(text, "x.toml")
    assert parse(text.replace("dsfid = 6\n", ""), "x.toml").read_only


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("reserve = 1", "only 28560-2"),
    ],
)
def test_what_only_28560_2_can_do(line: str, reason: str) -> None:
    text = (FOLDER / "iso-28560-3.toml").read_text(encoding="utf-8").replace("smallest = 34", line)
    with pytest.raises(SettingsError, match=reason) as refused:
        parse(text, "x")
    assert f"line {_line(line, text)}: " in told(refused.value.detail)


def test_a_qualifier_has_no_place_in_28560_3() -> None:
    text = (FOLDER / "iso-28560-3.toml").read_text(encoding="utf-8").replace("constant:10", "constant:11")
    with pytest.raises(SettingsError, match=f"line {_line('type-of-usage', text)}: .*qualifier"):
        parse(text, "x")
    with pytest.raises(SettingsError, match="tag.type_of_usage: .*qualifier"):
        ready("iso-28560-3").changed(type_of_usage=0x11)
    assert ready("iso-28560-3").changed(type_of_usage=0x20).type_of_usage == 0x20


@pytest.mark.parametrize("name", ["local-data-a", "local-data-b", "alternative-unique-item-identifier"])
def test_what_has_no_place_in_28560_3(name: str) -> None:
    text = (FOLDER / "iso-28560-3.toml").read_text(encoding="utf-8") + f'{name} = "item.copy"\n'
    with pytest.raises(SettingsError, match=f"{name} has no place on a tag of ISO 28560-3"):
        parse(text, "x")


@pytest.mark.parametrize("text", ["a = " + "[" * 5000 + "]" * 5000, "a = " + "9" * 5000, "a = 1\r\nb", "\ufeffa = 1"])
def test_hostile_text_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(SettingsError, match="x.toml, line [12]: "):
        parse(text, "x.toml")


@given(st.text(max_size=60))
def test_any_text_is_a_profile_or_refused_with_a_line(text: str) -> None:
    sentence = ""
    try:
        parse(text, "any.toml")
    except SettingsError as error:
        sentence = told(error.detail)
    assert sentence.startswith("any.toml, line "), "a text this short is never a complete profile"


@given(st.data())
def test_a_mutated_profile_is_a_profile_or_refused_with_a_line_of_it(data: st.DataObject) -> None:
    lines = GOOD.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.sampled_from(["", lines[at][: len(lines[at]) // 2], lines[at] * 2, "x = 1", *lines]))
    text = "\n".join(lines)
    try:
        site = parse(text, "m.toml")
    except SettingsError as error:
        number = int(told(error.detail).removeprefix("m.toml, line ").split(":")[0])
        assert 1 <= number <= len(lines) + 1
    else:
        assert isinstance(site, SiteProfile)
        assert set(site.oids) >= {1, 3, 4, 5} or site.read_only


# --- the line of a key ------------------------------------------------------------------------------------------------

PLACES = '''\
a = """
b = 1
"""
"b" = [ # b
  1, "x", # [
  'y' ]
[t."u v"]
c.d = { e = 1, "f" = "}" }
[[l]]
g = 'a = 1'
[t]
h = 1  # a
'''


@for_each(
    ("path", "value", "line"),
    [
        (("a",), "", 1),
        (("b",), "", 4),
        (("b",), "y", 6),
        (("t", "u v"), "", 7),
        (("t", "u v", "c", "d", "e"), "", 8),
        (("l", "g"), "", 10),
        (("t", "h"), "", 12),
        (("t", "nothing"), "", 11),
        (("nothing",), "", 1),
    ],
)
def test_the_line_of_a_key(path: tuple[str, ...], value: str, line: int) -> None:
    tomllib.loads(PLACES)
    assert line_of(PLACES, path, value) == line


def test_names_and_sources_are_closed_lists() -> None:
    assert set(ELEMENT_NAMES.values()) == set(range(1, 27)) - {2}
    assert ELEMENT_NAMES["media-format-other"] == 19
    assert ELEMENT_NAMES["ill-borrowing-institution"] == 11
    assert all(source.split(".")[0] in ("item", "settings") for source in SOURCES)
    assert {model.name for model in DATA_MODELS} >= {"28560-2", "28560-3", "3m"}
