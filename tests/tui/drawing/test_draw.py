"""Pictures keep to their cells with any text: no line too wide, no picture too high, columns straight."""

from __future__ import annotations

import re
import string
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.content import Content

import station.base.words
from station.base import errors
from station.base.cells import filled
from station.base.sentence import EMPTY, Sentence
from station.base.words import english, tell
from station.base.words.telling import what_to_do
from station.base.words.times import time_words
from station.domain.choice import Choice
from station.domain.correction_states import CorrectionState, Flag
from station.domain.findings import Finding, Outcome, Severity
from station.domain.notices import Notice
from station.domain.ports import JournalRow
from station.domain.snapshot import Fault, Light, Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import InspectView, UndoState, Workflow
from station.tui.drawing import draw, snapshot_views
from station.tui.drawing.bigfont import HEIGHT, big
from station.tui.drawing.checks import check_lines, label_of
from station.tui.drawing.local import Local
from station.tui.drawing.shedding import SHED
from station.tui.drawing.verdict import verdict_lines
from station.tui.drawing.words import LIGHTS, say
from station.tui.pages.journal import help_pages, journal_lines
from tests.support.for_each import for_each
from tests.support.pseudo_language import catalogue
from tests.support.told import told
from tests.tui.running_app import BAND, STOP
from tests.tui.scenes import DISCS, ITEM, SCENES

TEXT = st.text(
    st.one_of(
        st.characters(categories=["L", "N", "P", "S", "Zs", "M"]),
        st.sampled_from("日本語한국어ｆｕｌｌ [/]\\𠀋é\u0301"),
    ),
    max_size=120,
)
SYMBOLS = {words.symbol for words in LIGHTS.values()}
SIZES = st.tuples(st.integers(20, 160), st.integers(1, 45))
replace = msgspec.structs.replace


def lines_of(content: Content) -> list[Content]:
    return content.split("\n", allow_blank=True)


@given(TEXT, st.integers(2, 100), st.integers(1, 5))
def test_a_paragraph_keeps_to_its_width_and_lines(text: str, width: int, most: int) -> None:
    lines = draw.paragraph(text, width, "", most)
    assert len(lines) <= most
    assert all(line.cell_length <= width for line in lines)


@given(st.lists(TEXT, max_size=9), st.integers(12, 60), st.integers(1, 12))
def test_a_label_shows_all_its_lines_in_straight_rows(texts: list[str], width: int, height: int) -> None:
    rows = draw.paper([say(text) for text in texts], width, height, "label", "bold")
    assert {row.cell_length for row in rows} <= {width}
    lines = [f"L{number}" for number in range(len(texts))]
    shown = [row.plain.strip(" │") for row in draw.paper([say(one) for one in lines], width, height, "label", "bold")]
    assert [row for row in shown if row in lines] == lines, "one row per line, in their order, however little room"


@given(TEXT, TEXT, st.integers(5, 60))
def test_columns_are_straight(left: str, right: str, width: int) -> None:
    rows = draw.beside(draw.paragraph(left, 90), draw.box([say(right)], 20), width)
    assert {row.cell_length for row in rows if row.plain.rstrip().endswith(("┐", "│", "┘"))} <= {width + 22}


@example("aside", "", "000000000000ᄀ⺀⺀⺀⺀", (60, 1))
@given(st.sampled_from(sorted(SCENES)), TEXT, TEXT, SIZES)
def test_no_view_leaves_its_rectangle(name: str, one: str, two: str, size: tuple[int, int]) -> None:
    width, height = size
    base = SCENES[name]
    item = replace(
        DISCS, title=one, author=two, call_number=one, call_number_source=two, location=two, label_lines=(one, two) * 4
    )
    fault = (
        Fault(
            "code",
            Sentence.of(one),
            Sentence.of(two),
            Sentence.of(one),
            Sentence.of(two),
            (Choice("a", Sentence.of(one)),),
        )
        if base.fault
        else None
    )
    checks = tuple(
        replace(check, question=Sentence.verbatim(one), expectation=Sentence.verbatim(f"{two}\n{one}"))
        for check in base.checks
    )
    snapshot = replace(
        base,
        item=item if base.item else None,
        fault=fault,
        checks=checks,
        prompt=Sentence.of(two),
        notice=Notice("notice", Sentence.of(one)),
        reader=two,
        operator=one,
        web=two,
    )
    for content, rows in (
        (snapshot_views.header(snapshot, one, two, width, "2:05 PM"), 1),
        (snapshot_views.band(snapshot, width, height), height),
        (draw.stack(snapshot_views.notice(snapshot, width), 2), 2),
        (snapshot_views.card(snapshot, width, height), height),
        (snapshot_views.stage(snapshot, width, height), height),
    ):
        lines = lines_of(content)
        assert len(lines) <= rows
        if content.plain and width >= 60:
            assert max(line.cell_length for line in lines) <= width


@given(st.integers(-5, 500), st.integers(-5, 500), st.integers(1, 160))
def test_progress_keeps_to_its_width(done: int, total: int, width: int) -> None:
    assert draw.progress(done, total, width).cell_length <= max(width, 30)


@pytest.mark.parametrize("word", ["GUT", "PASSÉ", "ПРОЙДЕНО", "PASS!"])
def test_a_word_with_a_letter_that_is_not_there_stands_as_it_is(word: str) -> None:
    assert draw.large(word) == [word]


@for_each("word", ["PASS", "FAIL", "ASIDE", "1", "2", "3"])
@for_each("scale", [1, 2])
def test_large_letters_are_rectangles_of_half_blocks(word: str, scale: int) -> None:
    rows = draw.large(word, scale)
    assert len(rows) == (3 if scale == 1 else 5)
    assert len({len(row) for row in rows}) == 1
    assert set("".join(rows)) <= set("█▀▄ ")


@pytest.mark.parametrize("name", sorted(set(snapshot_views.PICTURES.values())))
def test_pictures_are_three_lines(name: str) -> None:
    rows = draw.picture(name)
    assert len(rows) == 3
    assert len({len(row) for row in rows}) == 1


def test_the_number_of_a_copy_is_not_taken_for_that_of_a_part() -> None:
    item = msgspec.structs.replace(ITEM, description="v.1", copy="2", material="book")
    shown = snapshot_views.card(Snapshot(phase=Phase.NEED_TAG, item=item), 80, 20).plain
    assert re.search(r"Item +v\.1 · copy 2 · book", shown)


@pytest.mark.parametrize(("width", "height"), [(60, 3), (80, 8), (80, 14), (120, 30)])
def test_the_age_of_a_record_and_where_the_item_stands_are_always_shown(width: int, height: int) -> None:
    """By symbol and words, however little room there is."""
    item = msgspec.structs.replace(
        ITEM,
        origin=Sentence.verbatim("Alma"),
        age=Sentence.verbatim("3 hours old"),
        standing=(Sentence.verbatim("The item is on loan. It should not be here."),),
    )
    shown = snapshot_views.card(Snapshot(phase=Phase.NEED_TAG, item=item), width, height).plain
    assert "3 hours old" in shown
    assert "▲ The item is on loan" in shown
    fresh = snapshot_views.card(Snapshot(phase=Phase.NEED_TAG, item=ITEM), width, height).plain
    assert "old" not in fresh
    assert "▲" not in fresh


@pytest.mark.parametrize(
    ("web", "ready", "opened", "narrow", "wide"),
    [
        ("", False, False, "", ""),
        ("port 8443", True, False, "✓ Alma page on ", "✓ Alma page port 8443 "),
        (
            "open to the network, port 8443",
            True,
            True,
            "✓ Alma page open ",
            "✓ Alma page open to the network, port 8443",
        ),
        (
            "port 8443 is taken or not allowed",
            False,
            False,
            "× Alma page off ",
            "× Alma page port 8443 is taken or not allowed ",
        ),
    ],
)
def test_the_light_of_almas_page(web: str, ready: bool, opened: bool, narrow: str, wide: str) -> None:
    shown = Snapshot(
        reader=Sentence.verbatim("ready"), reader_ready=True, web=Sentence.of(web), web_ready=ready, web_open=opened
    )
    for width, words in ((80, narrow), (160, wide)):
        line = snapshot_views.header(shown, "Library", "bench-1", width, "2:05 PM").plain
        assert (words in line) if words else ("Alma" not in line)
        assert len(line) == width


@pytest.mark.parametrize(
    ("error", "narrow", "wide"),
    [
        (errors.PortLost, "gone", "unplugged"),
        (errors.PortMissing, "gone", "unplugged"),
        (errors.ReaderSilent, "mute", "silent"),
        (errors.PortBusy, "busy", "busy"),
        (errors.PortDenied, "error", "error"),
        (errors.RemoteProtocolError, "error", "error"),
    ],
)
def test_why_the_reader_is_away_is_a_word_that_is_not_cut(
    error: type[errors.StationError], narrow: str, wide: str
) -> None:
    """The title line has no room for the bench's whole sentence. At 80 cells the word has five."""
    shown = Snapshot(reader=error("detail").sentence, reader_code=error.code)
    for width, word in ((80, narrow), (100, wide), (160, wide)):
        line = snapshot_views.header(shown, "Library", "bench-1", width, "2:05 PM").plain
        assert f"× reader {word} " in line and len(line) == width


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_library_is_named_whole_and_no_light_is_cut(language: str) -> None:
    """At 80 and 100 columns, whatever the lights say; without sound, its first word at least."""
    station.base.words.speak(language)
    away = Snapshot(reader_code=errors.PortLost.code, outbox_note=Sentence.verbatim("away"), outbox_parked=99)
    noon = time_words(datetime(2026, 11, 24, 12, 5, tzinfo=UTC))
    try:
        for width in (80 - 4, 100 - 4):
            for shown in (SCENES["idle"], away, replace(away, outbox_note=EMPTY)):
                line = snapshot_views.header(shown, "Imaginary Commons", "", width, noon).plain
                assert line.startswith("Imaginary Commons") and "…" not in line[18:], line
            silent = snapshot_views.header(replace(away, silent=True), "Imaginary Commons", "", width, noon).plain
            assert silent.startswith("Imaginary") and "…" not in silent[20:] and silent.endswith(noon), silent
    finally:
        station.base.words.use()


@pytest.mark.parametrize(("width", "height"), [(80, 8), (100, 12), (160, 30)])
def test_the_verdict_says_what_was_not_asked(width: int, height: int) -> None:
    left = Finding("spine-label", "The spine label is right", Severity.CRITICAL, Outcome.NOT_SAMPLED, "machine")
    good = Finding("title-in-hand", "Title", Severity.CRITICAL, Outcome.PASS, "ann")
    shown = Snapshot(phase=Phase.DONE, item=ITEM, verdict=Verdict.PASS, findings=(good, left))
    assert "1 not sampled this time" in snapshot_views.stage(shown, width, height).plain


SENTENCES = [
    (key, form)
    for key, entry in english().entries.items()
    for form in entry.forms
    if re.fullmatch(r"(error|fault|state)\.[a-z-]+", key) and not key.endswith("with-detail")
]


@for_each(("key", "sentence"), SENTENCES)
def test_every_sentence_fits_the_band_of_the_smallest_screen(key: str, sentence: str) -> None:
    """A state in the rows of a state, in every light; an error or fault in those of a stop, in large text. The values have
    their greatest length."""
    code = "scan-again" if key == "fault.scan-again" else key.partition(".")[2]
    whole = re.sub(r"\{[a-z]+\}", "US-12AB", sentence.replace("{title}", "A title of forty cells, which is the mos"))
    fault = Fault(code=code, sentence=Sentence.of(whole), do=Sentence.of(what_to_do(code)))
    if key.startswith("state."):
        shown = [(Snapshot(light=light, prompt=Sentence.of(whole)), BAND) for light in Light]
    else:
        whole = f"{told(fault.sentence)} {told(fault.do)}".rstrip()
        shown = [(Snapshot(light=Light.BAD, fault=fault, phase=Phase.STOPPED), STOP)]
    for snapshot, cells in shown:
        text = re.sub("[█▀▄ \n]+", " ", snapshot_views.band(snapshot, *cells, large=True).plain)
        assert whole in text, (key, text)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("height", [3, 4, 10])
def test_a_stop_shows_its_picture_before_its_word_however_long_its_sentence_is(
    language: str, large: bool, height: int
) -> None:
    """Letters three rows high give way first, then the end of the sentence, and last what to do."""
    station.base.words.speak(language)
    try:
        for times in (1, 12):
            fault = Fault(
                code="other-item", sentence=Sentence.of("Check it. " * times), do=Sentence.of("Set it aside.")
            )
            shown = Snapshot(light=Light.BAD, fault=fault, phase=Phase.STOPPED)
            rows = snapshot_views.band(shown, 80 - 4, height, large=large).plain.split("\n")
            for row, drawn in zip(rows, draw.picture("cross"), strict=False):
                assert row.startswith(drawn)
            beside = " ".join(row[snapshot_views.ART :].strip() for row in rows)
            assert "Set it aside." in beside
            assert tell("light.bad.word") in beside or (large and height > 3 and "█" in beside)
    finally:
        station.base.words.use()


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_workflow_but_process_names_itself_whatever_the_band_says(language: str) -> None:
    station.base.words.speak(language)
    try:
        for workflow in Workflow:
            name = tell(f"menu.{workflow}").upper()
            for key, sentence in SENTENCES:
                fault = Fault(
                    code="code", sentence=Sentence.of(sentence), do=Sentence.of(what_to_do(key.partition(".")[2]))
                )
                stopped = Snapshot(workflow=workflow, light=Light.BAD, fault=fault, phase=Phase.STOPPED)
                for shown in (Snapshot(workflow=workflow), stopped):
                    assert (name in snapshot_views.band(shown, 80 - 4, 3).plain) is (workflow is not Workflow.PROCESS)
    finally:
        station.base.words.use()


def test_a_notice_in_the_band_begins_its_own_line() -> None:
    notice = "i Compare edition, binding and volume: the ISBN of the piece is not the one of its record."
    first, *rest = snapshot_views.band(SCENES["check-page"], 80 - 4, 3, notice).plain.split("\n")
    assert told(SCENES["check-page"].prompt) in first and " ".join(rest) == notice


def test_bulk_conversion_shows_no_check_and_no_pass_unless_an_item_was_checked() -> None:
    done = replace(SCENES["pass"], workflow=Workflow.CONVERT, checks=())
    for shown, checked in ((done, False), (replace(done, checks=SCENES["check-page"].checks), True)):
        assert ("Check" in snapshot_views.rail(shown, 76).plain) is checked
        assert ("PASS" in snapshot_views.band(shown, 76, 3).plain) is checked


@pytest.mark.parametrize("height", [8, 11, 12, 20])
def test_the_label_is_whole_and_facts_for_staff_give_way(height: int) -> None:
    lines = ("PM", "8898.3", ".Q55", "2019", "v.2", "no.3", "c.1")
    item = replace(ITEM, label_lines=lines)
    shown = replace(SCENES["need-tag"], item=item)
    drawn = snapshot_views.card(shown, 76, height).plain
    assert all(line in drawn for line in lines)
    assert ("(for circulation)" in drawn) is (height >= 12)


@pytest.mark.parametrize(
    ("text", "width", "fits"), [("SCAN A BARCODE", 76, True), ("GOOD", 10, False), ("ÄH", 76, False)]
)
def test_big_letters_or_nothing(text: str, width: int, fits: bool) -> None:
    rows = big(text, width)
    assert (rows is not None) is fits
    if rows is not None:
        assert len(rows) == HEIGHT
        assert len({len(row) for row in rows}) == 1
        assert len(rows[0]) <= width


def test_no_two_big_letters_look_alike() -> None:
    letters = string.ascii_uppercase + string.digits
    drawn = {letter: tuple(big(letter, 20) or ()) for letter in letters}
    assert len(set(drawn.values())) == len(letters)


@for_each("key", [key for key in english().entries if key.endswith(".big") or key.startswith("display.big.")])
def test_every_state_and_workflow_can_be_said_in_big_letters(key: str) -> None:
    assert big(english().entries[key].forms[0], 80 - 4) is not None


@for_each("workflow", [workflow for workflow in Workflow if not workflow.row.handles_items])
def test_the_big_letters_name_the_workflow_that_has_the_screen(workflow: Workflow) -> None:
    """The state is that of the item underneath, which waits in another workflow."""
    over = Snapshot(workflow=workflow, state="idle")
    assert snapshot_views.big_words(over) == english().entries[f"display.big.{workflow}"].forms[0]
    writing = replace(over, phase=Phase.WRITING, state="writing")
    assert snapshot_views.big_words(writing) == "DO NOT MOVE IT"


def test_the_big_letters_say_stop_only_with_the_red_light() -> None:
    lifted, other = SCENES["lifted"], SCENES["other-item"]
    assert (lifted.light, snapshot_views.big_words(lifted)) == (Light.WARNING, "LOOK: READ THIS")
    assert (other.light, snapshot_views.big_words(other)) == (Light.BAD, "STOP: READ THIS")


def test_the_big_letters_name_the_undo() -> None:
    asked = Snapshot(workflow=Workflow.INSPECT, workflow_view=InspectView(undo=UndoState.ASKED), state="done-pass")
    assert snapshot_views.big_words(asked) == "UNDO A WRITE"


def test_a_page_over_the_work_has_its_own_title_and_only_a_stop_of_the_work() -> None:
    shown = snapshot_views.heading("Menu", "", 60, 3, large=True).plain
    assert shown.split("\n") == big("Menu", 60)
    assert snapshot_views.meanwhile(SCENES["idle"]) == ""
    assert snapshot_views.meanwhile(SCENES["lifted"]).startswith("▲ LOOK: The item was lifted")


def test_texts_stand_whole_where_all_have_room_and_else_each_has_one_line() -> None:
    said = [("what is wrong and what would be right", "bold"), ("short", "")]
    assert [line.plain for line in draw.whole_or_cut(said, 20, 3)] == [
        "what is wrong and",
        "what would be right",
        "short",
    ]
    assert [line.plain for line in draw.whole_or_cut(said, 20, 2)] == ["what is wrong and w…", "short"]


@given(TEXT, TEXT, st.integers(20, 100))
def test_one_of_a_list_and_what_stands_behind_a_head_are_whole_and_keep_to_their_cells(
    head: str, text: str, width: int
) -> None:
    short = say(head).truncate(8).plain
    for rows in (
        draw.listed(f"x {text}", width),
        draw.headed(short, "bold", text, width, 10),
        draw.hanging(text, width),
    ):
        assert all(row.cell_length <= width for row in rows)
        assert re.sub(r"\s", "", "".join(row.plain for row in rows)).endswith(re.sub(r"\s", "", say(text).plain))
    assert draw.headed(short, "bold", "said", width, 10)[0].plain == f"{filled(say(short).plain, 10)}said"


def test_the_words_of_the_lights_and_of_the_journal_stand_in_columns_by_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())
    lights = [line.plain for page in help_pages(150, 60, False) for line in page if line.plain[:1] in SYMBOLS]
    assert len(lights) == len(LIGHTS)
    assert len({Content(re.match(r"\S+ \S+ +", line)[0]).cell_length for line in lights}) == 1  # type: ignore[index]
    rows = [
        JournalRow(1, f"2026-11-20T{hour}:00:00+00:00", "station-started", Sentence.verbatim("said"))
        for hour in ("08", "18")
    ]
    _, *said = journal_lines(rows, 60, 9, Local(lambda: datetime(2026, 11, 24, tzinfo=UTC)))[0]
    assert len({line.cell_length for line in said}) == 1


FLAG = Flag(
    "5b1c9a7e44f0",
    Sentence.verbatim(f"The spine label {'is not the one ' * 9}END"),
    "Marking",
    "2026-11-26",
    CorrectionState.OPEN,
)


@pytest.mark.parametrize(("width", "height"), [(76, 9), (46, 9), (96, 14), (156, 20), (76, 3)])
def test_a_flag_is_whole_or_counted_and_the_large_verdict_gives_way(width: int, height: int) -> None:
    fail = SCENES["fail"]
    lines = verdict_lines(replace(fail, flags=(FLAG, FLAG)), width, height)[:height]
    told = " ".join(" ".join(line.plain for line in lines).split())
    shown = told.count("END")
    assert told.count("goes to Marking") == shown and "…" not in told.partition("▲")[2]
    assert shown == 2 or f"and {'one more flag' if shown else '2 more flags'}; see To fix" in told
    if height >= 9 and width > 46:
        assert shown == 2


def test_what_is_signed_never_gives_way_to_decoration() -> None:
    """With every part left out in its order, the check shows its question, label and bullets; nothing grows."""
    scene = SCENES["check-looks"]
    label = replace(scene.checks[scene.current_check], expectation=Sentence.verbatim("REF\nPE\n1680\n.L49\n2019"))
    shown = replace(scene, checks=(label,), current_check=0)
    rows = []
    for count in range(len(SHED) + 1):
        lines = [line.plain for line in check_lines(shown, 76, frozenset(SHED[:count]))]
        told = " ".join(" ".join(lines).replace("│", " ").split())
        assert all(any(line in row for row in lines) for line in label_of(label))
        assert {word for look in label.looks for word in tell(look).split()} <= set(told.replace(";", "").split())
        rows.append(len(lines))
    assert rows == sorted(rows, reverse=True)


def test_the_notice_row_says_who_sent_the_work() -> None:
    shown = Snapshot(sender="ann (pts/3)", notice=Notice("notice", Sentence.verbatim("Checked.")))
    (line,) = snapshot_views.notice(shown, 80)
    assert line.plain == "i Sent by ann (pts/3). · Checked."
    assert snapshot_views.notice(Snapshot(), 80) == []


@pytest.mark.parametrize("title", ["Today", "Últimos ejemplares", "Se grabaría"])
def test_the_title_of_a_box_has_a_blank_on_both_sides(title: str) -> None:
    assert draw.box([say("x")], 40, title)[0].plain.startswith(f"╭─ {title} ─")
