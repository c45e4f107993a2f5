"""The bench writes as the site's profile requires: another model, other elements, another file, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.base import words
from station.base.errors import SettingsError
from station.base.settings import Library, Reader, Settings, Tag
from station.bench.bench import Bench
from station.bench.bench_ports import BenchPorts
from station.bench.item.tag_content import content_of, site_profile, tag_profile
from station.domain import events
from station.domain.snapshot import Light, Phase
from station.domain.tag_image import Uid
from station.encoding.content import TagContent, TagState
from station.encoding.profiles.profiles import READY, parse
from station.encoding.profiles.value import SOURCES, SiteProfile
from station.encoding.recognition.recognise import recognise
from station.runtime.station import Station, load_profile
from tests.bench.checked_parts import image_of
from tests.bench.test_state_machine import run
from tests.support.for_each import for_each
from tests.support.simulated_bench import BOOK, CATALOG, DVD, ISIL, NO_CALL, OTHER, MemoryJournal, Rig, World, record
from tests.support.told import raises_told, told

PART_3 = Settings(library=Library(isil=ISIL), tag=Tag(profile="iso-28560-3"))
DANISH = Settings(library=Library(isil=ISIL), tag=Tag(profile="danish-32"))

RICH = """\
name = "Everything that the sources give"
model = "28560-2"
dsfid = 0x06
afi_in_stock = 0x9E
afi_on_loan = 0x55

[elements]
primary-item-identifier = "item.barcode"
owner-institution = "settings.isil"
set-information = "item.part"
type-of-usage = "constant:11"
shelf-location = "item.call_number"
title = "item.title"
media-format-other = "item.media_format"
local-data-a = "item.location"
gs1-product-identifier = "item.isbn"
"""


def site_rig(site: SiteProfile, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr("station.bench.desk.site_profile", lambda settings: site)
    return Rig()


def content_on(rig: Rig, uid: Uid, settings: Settings) -> TagContent:
    found = recognise(image_of(rig.world.tags[uid]), tag_profile(settings))
    assert found.state is TagState.OURS, found.reasons
    assert found.content is not None
    return found.content


# --- ISO 28560-3, from the scan to the result -------------------------------------------------------------------------


def test_a_tag_of_part_3_is_planned_written_and_verified() -> None:
    rig = Rig(PART_3)
    tag = rig.world.tag(1)
    planned = rig.scan(BOOK).planned
    assert planned is not None
    assert "28560-3" in planned.model
    assert told(dict(planned.elements)["Primary item identifier"]) == BOOK
    shown = rig.place(tag)
    assert shown.phase is Phase.CHECKING, shown.fault
    written = rig.world.tags[tag]
    assert (written.dsfid, written.afi) == (0x3E, 0x07)
    assert written.memory[:3] == b"\x11\x01\x01"
    assert written.memory[3:19] == BOOK.encode().ljust(16, b"\0")
    assert written.memory[21:34] == ISIL.replace("-", "", 1).encode().ljust(13, b"\0")
    content = content_on(rig, tag, PART_3)
    assert (content.primary_item_identifier, content.owner_institution) == (BOOK, ISIL)
    assert rig.pass_all().light is Light.GOOD


def test_every_part_of_a_set_has_its_number_in_part_3() -> None:
    rig = Rig(PART_3)
    for part in (1, 2, 3):
        tag = rig.world.tag(part)
        rig.scan(DVD)
        rig.place(tag)
        rig.pass_all()
        content = content_on(rig, tag, PART_3)
        assert (content.part, content.parts) == (part, 3)
        rig.lift()


def test_a_tag_of_part_3_that_is_right_already_is_not_written() -> None:
    rig = Rig(PART_3)
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    rig.pass_all()
    rig.lift()
    writes = rig.world.tags[tag].writes
    rig.scan(BOOK)
    assert rig.place(tag).phase is Phase.CHECKING
    assert rig.world.tags[tag].writes == writes


def test_a_tag_of_part_3_is_encoded_again_when_asked() -> None:
    rig = Rig(PART_3)
    tag = rig.world.tag(1)
    rig.scan(OTHER)
    rig.place(tag)
    rig.pass_all()
    rig.lift()
    rig.scan(BOOK)
    assert rig.place(tag).phase is Phase.STOPPED
    rig.choose("overwrite")
    assert rig.scan(BOOK).phase is Phase.CHECKING
    assert content_on(rig, tag, PART_3).primary_item_identifier == BOOK


def test_a_tag_of_part_2_becomes_one_of_part_3() -> None:
    journal, world = MemoryJournal(), World()
    rig = Rig(world=world, journal=journal)
    tag = world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    rig.pass_all()
    rig.lift()
    assert world.tags[tag].memory[0] != 0x11 or world.tags[tag].dsfid == 0x06
    new = Rig(PART_3, world, journal)
    new.scan(BOOK)
    shown = new.place(tag)
    assert shown.phase is Phase.CHECKING, shown.fault
    assert world.tags[tag].dsfid == 0x3E
    assert content_on(new, tag, PART_3).primary_item_identifier == BOOK


@for_each("write", range(1, 8))
@for_each("old", ["", OTHER])
def test_a_torn_write_of_part_3_is_never_another_identity_and_is_taken_up(write: int, old: str) -> None:
    rig = Rig(PART_3)
    tag = rig.world.tag(1)
    if old:
        rig.scan(old)
        rig.place(tag)
        rig.pass_all()
        rig.lift()
    rig.scan(BOOK)
    rig.world.lift_at_write = write
    rig.world.tear = lambda was, new: new[:2] + was[2:]
    rig.place(tag)
    if old:
        rig.choose("overwrite")
        rig.scan(BOOK)
    if rig.world.lift_at_write is not None:
        assert rig.now.phase is Phase.CHECKING, "the write has fewer commands, so it must be finished"
        return
    seen = recognise(image_of(rig.world.tags[tag]), tag_profile(PART_3))
    assert seen.identifier in ("", old, BOOK)
    assert "TagWriteInterrupted" in [type(event).__name__ for event in rig.journal.events]
    rig.start()
    assert rig.place(tag).phase is Phase.CHECKING
    assert content_on(rig, tag, PART_3).primary_item_identifier == BOOK
    assert (rig.world.tags[tag].dsfid, rig.world.tags[tag].afi) == (0x3E, 0x07)


def test_no_history_makes_a_wrong_tag_of_part_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state machine of test_state_machine, with tags of both models on the pad and ISO 28560-3 as the model to write."""
    monkeypatch.setattr("tests.bench.checked_parts.PROFILE", tag_profile(PART_3))
    stats = run(30, 40, PART_3, derandomize=True, database=None)
    least = {"tag-write-verified": 20, "tag-write-interrupted": 2, "resumed": 2, "overwritten": 1, "torn": 1}
    assert {what: stats[what] for what, count in least.items() if stats[what] < count} == {}


@pytest.mark.soak
@pytest.mark.parametrize("settings", [PART_3, DANISH], ids=["iso-28560-3", "danish-32"])
def test_no_history_at_all_in_the_soak(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.checked_parts.PROFILE", tag_profile(settings))
    stats = run(600, 50, settings, database=None)
    assert stats["tag-write-verified"] > 500 and stats["resumed"] > 30 and stats["killed"] > 50


# --- small tags -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "size", "code"),
    [
        (PART_3, 32, "does-not-fit"),
        (PART_3, 36, ""),
        (DANISH, 28, "does-not-fit"),
        (DANISH, 32, ""),
        (Settings(library=Library(isil=ISIL)), 28, "does-not-fit"),
        (Settings(library=Library(isil=ISIL)), 32, ""),
        (Settings(library=Library(isil="US-TooLongItIs")), 32, ""),
        (Settings(library=Library(isil="US-TooLongItIs"), tag=Tag(profile="danish-32")), 32, "element-invalid"),
    ],
)
def test_a_tag_smaller_than_the_profile_wants_is_refused_before_anything_is_written(
    settings: Settings, size: int, code: str
) -> None:
    rig = Rig(settings)
    tag = rig.world.tag(1, memory=bytearray(size))
    before = rig.world.tags[tag].image()
    rig.scan(BOOK)
    shown = rig.place(tag)
    if code:
        assert shown.fault is not None
        assert shown.fault.code == code
        assert rig.world.tags[tag].image() == before
        assert rig.world.tags[tag].writes == 0
        assert "TagWriteStarted" not in rig.journal.kinds()
    else:
        assert shown.phase is Phase.CHECKING, shown.fault
        assert len(rig.world.tags[tag].memory) == size


# --- a profile with more elements, from the site's own file -----------------------------------------------------------


def test_elements_come_from_the_item(monkeypatch: pytest.MonkeyPatch) -> None:
    site = parse(RICH, "rich.toml")
    monkeypatch.setitem(
        CATALOG, BOOK, record(BOOK, title="Grüße", isbns=("0-306-40615-2", "978-0-306-40615-7"), material="dvd")
    )
    rig = site_rig(site, monkeypatch)
    tag = rig.world.tag(1)
    planned = rig.scan(BOOK).planned
    assert planned is not None
    assert planned.afi == 0x9E
    rows = {name: told(value) for name, value in planned.elements}
    assert rows["Title"] == "Grüße"
    assert rows["Shelf location"] == "QA76.73 .P98 D64 2026"
    shown = rig.place(tag)
    assert shown.phase is Phase.CHECKING, shown.fault
    found = recognise(image_of(rig.world.tags[tag]), site.tag_profile(ISIL)).content
    assert found is not None
    assert found.shelf_location == "QA76.73 .P98 D64 2026"
    assert found.further == ((13, "9780306406157"), (15, "STACKS"), (17, "Grüße"), (19, "02"))
    assert found.type_of_usage == 0x11
    assert rig.world.tags[tag].afi == 0x9E
    assert rig.pass_all().light is Light.GOOD, "the profile must decide which AFI is right"
    rig.lift()
    rig.world.tags[tag].afi = 0x55
    assert "on loan" in told(rig.place(tag).tag_summary)


def test_the_running_station_takes_the_sites_own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.toml").write_text(RICH, encoding="utf-8")
    settings = Settings(
        library=Library(isil=ISIL), tag=Tag(profile="own.toml"), reader=Reader(port=str(tmp_path / "no-reader"))
    )
    seen: list[SiteProfile | None] = []

    class Watched(Bench):
        def __init__(self, ports: BenchPorts) -> None:
            seen.append(ports.site)
            super().__init__(ports)

    monkeypatch.setattr("station.runtime.station.Bench", Watched)
    station = Station(settings, tmp_path, words.Session())
    station.start()
    station.stop()
    assert [site.name for site in seen if site] == ["Everything that the sources give"]


def test_what_the_record_does_not_have_is_not_on_the_tag(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = site_rig(parse(RICH, "rich.toml"), monkeypatch)
    tag = rig.world.tag(1)
    rig.scan(NO_CALL)
    assert rig.place(tag).phase is Phase.CHECKING
    found = recognise(image_of(rig.world.tags[tag]), tag_profile(rig.settings)).content
    assert found is not None
    assert found.shelf_location == ""
    assert [oid for oid, _ in found.further] == [15, 17, 19]


def test_every_source_has_a_value() -> None:
    item = record(BOOK)
    text = RICH + "".join(
        f'{name} = "{source}"\n'
        for name, source in zip(
            (
                "order-number",
                "local-data-b",
                "local-data-c",
                "supplier-identifier",
                "marc-media-format",
                "supplier-invoice-number",
                "product-identifier-local",
                "alternative-item-identifier",
            ),
            (
                "item.parts",
                "item.author",
                "item.library",
                "item.item_type",
                "item.description",
                "item.copy",
                "item.record_id",
                "item.barcode",
            ),
            strict=True,
        )
    )
    site = parse(text, "all.toml")
    assert {source for _, source in site.elements} >= set(SOURCES) - {"settings.isil"}
    content = content_of(site, ISIL, item, 1)
    assert dict(content.further)[10] == "1"
    assert dict(content.further)[16] == "Doe, Jane"
    assert dict(content.further)[22] == BOOK


@pytest.mark.parametrize(
    ("material", "code"),
    [("book", "01"), ("music-cd", "02"), ("dvd", "02"), ("", "00"), ("map", "04"), ("kit", "04")],
)
def test_media_format_from_the_kind_of_material(material: str, code: str) -> None:
    content = content_of(parse(RICH, "rich.toml"), ISIL, record(BOOK, material=material), 1)
    assert dict(content.further)[19] == code


# --- profiles that write nothing --------------------------------------------------------------------------------------


def test_with_a_read_only_profile_no_tag_is_written() -> None:
    rig = Rig(Settings(library=Library(isil=ISIL), tag=Tag(profile="3m-read-only")))
    tag = rig.world.tag(1)
    assert rig.scan(BOOK).planned is None
    shown = rig.place(tag)
    assert shown.phase is Phase.STOPPED
    assert shown.fault is not None
    assert shown.fault.code == "settings"
    assert "never writes them" in told(shown.fault.detail)
    assert rig.world.tags[tag].writes == 0
    assert events.TagWriteStarted.__name__ not in rig.journal.kinds()


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READY)
def test_every_ready_profile_can_be_named_in_the_settings(name: str) -> None:
    site = site_profile(Settings(tag=Tag(profile=name)))
    assert tag_profile(Settings(library=Library(isil="FI-Em"), tag=Tag(profile=name))) == site.tag_profile("FI-Em")


def test_single_settings_lie_over_the_profile() -> None:
    tag = Tag(dsfid=0x40, afi_in_stock=1, afi_on_loan=2, type_of_usage=0x60, call_number_on_tag=True)
    profile = tag_profile(Settings(library=Library(isil=ISIL), tag=tag))
    assert (profile.dsfid, profile.afi_in_stock, profile.afi_on_loan, profile.type_of_usage) == (0x40, 1, 2, 0x60)
    assert profile.call_number_on_tag
    assert content_of(site_profile(Settings(tag=tag)), ISIL, record(BOOK), 1).shelf_location


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        (Tag(profile="us-28560-3"), "known are us-28560-2"),
        (
            Tag(profile="iso-28560-3", model="28560-2"),
            "tag.model is 28560-2, but the profile iso-28560-3 needs 28560-3",
        ),
        (Tag(profile="iso-28560-3", dsfid=6), "tag.dsfid: DSFID 06 marks tags of ISO 28560-2"),
        (Tag(dsfid=0), "tag.dsfid: DSFID 00"),
        (Tag(profile="own.toml"), "tag.profile: own.toml was not read"),
    ],
)
def test_settings_that_contradict_the_profile_are_refused(tag: Tag, reason: str) -> None:
    with raises_told(SettingsError, match=reason):
        site_profile(Settings(tag=tag))


def test_the_settings_of_before_there_were_profiles_still_mean_the_same() -> None:
    old = Tag(model="28560-2", dsfid=6, afi_in_stock=7, afi_on_loan=0xC2, type_of_usage=16, call_number_on_tag=False)
    assert site_profile(Settings(tag=old)) == site_profile(Settings())


def test_the_sites_own_file_lies_in_the_data_directory(tmp_path: Path) -> None:
    settings = Settings(tag=Tag(profile="own.toml"))
    with raises_told(SettingsError, match="own.toml"):
        load_profile(settings, tmp_path)
    (tmp_path / "own.toml").write_text(RICH, encoding="utf-8")
    assert load_profile(settings, tmp_path).afi_in_stock == 0x9E
    (tmp_path / "own.toml").write_text(RICH.replace("0x9E", "0x19E"), encoding="utf-8")
    with raises_told(SettingsError, match="own.toml, line 4: "):
        load_profile(settings, tmp_path)
    (tmp_path / "own.toml").write_bytes(b"\xff\xfe")
    with raises_told(SettingsError, match="own.toml"):
        load_profile(settings, tmp_path)
    assert load_profile(Settings(), tmp_path) == site_profile(Settings())
