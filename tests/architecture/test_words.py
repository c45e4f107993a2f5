"""Every sentence that an operator reads is in the message catalog: none is missing, none is left over, none bypasses
it.

What to do when a test here fails: docs/how-to/add-a-sentence.md.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from typing import Final

import pytest

from station.base.errors import StationDefect, walk
from station.base.words import SHIPPED, english
from station.base.words.by_english import AREAS, CODECS
from station.base.words.catalogue import KEY, RETIRED
from tests.architecture.source_files import HOUSE, Source, parsed, read, sources
from tests.support.for_each import for_each

ENTRIES = english().entries

KEYED: Final = ("tell", "Sentence", "fail", "abstain", "fitted", "drawing")
"""Calls whose first value is a key: `fail` and `abstain` of `quality.checks.judgement`, `fitted` and `drawing` of sketches."""
PREFIXED: Final = ("MemberWords", "word_of")
"""Calls whose first value is the beginning of keys."""


@functools.cache
def told() -> list[tuple[Source, ast.Call]]:
    return [
        (source, call)
        for source in sources()
        if not source.name.startswith("station/emulators/")
        for call in source.nodes(ast.Call)
        if isinstance(call.func, ast.Name) and call.func.id in KEYED
    ]


def problems_of(call: ast.Call) -> Iterator[str]:
    """Yield the faults of one `tell(...)`: a missing key, or a value too many or too few."""
    key = call.args[0]
    if isinstance(key, ast.IfExp):
        keys = [branch for branch in (key.body, key.orelse) if isinstance(branch, ast.Constant)]
    else:
        keys = [key] if isinstance(key, ast.Constant) else []
    given = {keyword.arg for keyword in call.keywords}
    for one in keys:
        entry = ENTRIES.get(one.value)
        if entry is None:
            yield f"no such key: {one.value}"
        elif None not in given and given - {"count"} != entry.places - {"count"}:
            yield f"{one.value} takes {sorted(entry.places)}, given {sorted(map(str, given))}"
        elif "count" in entry.places and "count" not in given:
            yield f"{one.value} takes a count"
        elif len(entry.forms) > 1 and "count" not in given:
            yield f"{one.value} has plural forms and gets no count"


def test_every_key_that_is_told_exists_and_gets_its_values() -> None:
    wrong = [f"{source.name}:{call.lineno}: {problem}" for source, call in told() for problem in problems_of(call)]
    assert not wrong, "\n".join(wrong)
    assert len(told()) > 40


def _used() -> tuple[set[str], set[str]]:
    """Return the keys that the source contains whole, and the beginnings of keys that it composes."""
    whole, begun = set(), {f"{beginning}." for beginning in (*AREAS[CODECS], *AREAS.keys() - {CODECS})}
    for source in sources():
        for text in source.nodes(ast.Constant):
            if isinstance(text.value, str) and KEY.fullmatch(text.value):
                whole.add(text.value)
        for call in source.nodes(ast.Call):
            if isinstance(call.func, ast.Name) and call.func.id in (*KEYED, *PREFIXED, "Column"):
                first = call.args[0]
                if isinstance(first, ast.JoinedStr) and isinstance(first.values[0], ast.Constant):
                    begun.add(str(first.values[0].value))
                if call.func.id == "Column" and len(call.args) > 3 and isinstance(call.args[3], ast.Constant):
                    begun.add(f"{call.args[3].value}.")
                if call.func.id in PREFIXED and isinstance(first, ast.Constant):
                    begun.add(f"{first.value}.")
            if ast.unparse(call.func) in ("Sentence.english", "cls.english") and isinstance(
                call.args[1], ast.JoinedStr
            ):
                begun.add(str(ast.literal_eval(call.args[1].values[0])))
    for page in HOUSE.glob("office/html/*.html"):
        whole |= set(re.findall(r'\btell\("([^"]+)"', page.read_text("utf-8")))
    return whole, begun


def test_every_sentence_is_told_somewhere() -> None:
    whole, begun = _used()
    left = [
        key
        for key, entry in ENTRIES.items()
        if key not in whole and not key.startswith(tuple(begun)) and not entry.where.startswith(RETIRED)
    ]
    assert not left, left


def test_a_key_that_is_put_together_has_sentences() -> None:
    _, begun = _used()
    for beginning in begun:
        assert any(key.startswith(beginning) for key in ENTRIES), beginning


def test_a_file_holds_its_own_area() -> None:
    areas = {
        path.stem: {key.partition(".")[0] for key in re.findall(r'^msgid "(.+)"$', path.read_text("utf-8"), re.M)}
        for path in (SHIPPED / "en").glob("*.po")
        if path.stem != RETIRED
    }
    assert {area: keys for area, keys in areas.items() if keys != {area}} == {}
    assert len(areas) > 10


# --- nothing bypasses it ----------------------------------------------------------------------------------------------

_STYLE = re.compile(r"\s*((bold|italic|reverse|dim|not|on|\$[\w-]+|#[0-9a-f]+|\d+%)\s*)+")
_PATTERNS = ("re.compile", "re.match", "re.findall", "re.sub", "re.search")
_TOKEN = re.compile(r"[a-z0-9_#.:$/+*@-]*")
_CODE = re.compile(r"[A-Z0-9_]+")
"""Codes of library systems, in files of `CODED`."""
_SHOWING = {"say", "assemble", "paragraph", "field", "rule", "one_line", "box", "paper", "styled", "Content", "Action"}
"""Calls whose first texts are shown in any case."""
NOT_FOR_PEOPLE = "# not for people"
"""Marks a line whose text no operator reads."""


def shown_texts(tree: ast.Module, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line, text) that a person would read and that the catalog does not contain."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    refusing = {  # faults of a rule file: for its author
        ast.unparse(node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "refuse"
    }
    silent: set[int] = set(docs)
    showing: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in refusing:
            silent |= {id(child) for child in ast.walk(node)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(id(node.value))  # the docstring of an attribute
        elif isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _name(node).startswith("_log")):
            silent |= {id(child) for child in ast.walk(node)}
        elif isinstance(node, ast.AnnAssign):
            silent |= {id(child) for child in ast.walk(node.annotation)}
        elif isinstance(node, ast.FunctionDef) and node.decorator_list:
            silent |= {id(child) for one in node.decorator_list for child in ast.walk(one)}  # --help: docs/cli.md
        elif isinstance(node, ast.Call) and _name(node) in ("click.option", "click.argument"):
            silent |= {id(child) for child in ast.walk(node)}
        elif isinstance(node, ast.Call) and _name(node) in (*KEYED, "MemberWords", "TypeVar", *_PATTERNS):
            silent |= {id(child) for child in ast.walk(node.args[0])}
        elif isinstance(node, ast.Call) and _name(node).rpartition(".")[2] in _SHOWING:
            for argument in node.args[: 1 if _name(node).rpartition(".")[2] != "assemble" else None]:
                text = argument.elts[0] if isinstance(argument, ast.Tuple) and argument.elts else argument
                showing.add(id(text))
    found: list[tuple[int, int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(child) for child in node.values}
            text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            wordy = re.search(r"[A-Za-z]{2}", text) is not None and not text.startswith(("#", ".", "$", "<"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            wordy = re.search(r"[A-Za-z]{2}", text) is not None and (
                id(node) in showing or _TOKEN.fullmatch(text) is None
            )
        else:
            continue
        if id(node) in silent or not wordy or _STYLE.fullmatch(text) or KEY.fullmatch(text):
            continue
        if NOT_FOR_PEOPLE not in lines[node.lineno - 1]:
            found.append((node.lineno, node.col_offset, text))
    yield from ((line, text) for line, _, text in sorted(found))


def _name(call: ast.Call) -> str:
    """Return the called function as NAME.NAME; "?" if it is not a name."""
    parts = []
    called = call.func
    while isinstance(called, ast.Attribute):
        parts.append(called.attr)
        called = called.value
    parts.append(called.id if isinstance(called, ast.Name) else "?")
    return ".".join(reversed(parts))


_ERRORS: Final = {error.__name__ for error in walk()} - {StationDefect.__name__}
"""A defect is reported to the programmer."""


def told_details(tree: ast.Module, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of details of a `StationError` that the catalog does not contain; screens and commands show
    them.

    A wrong command line (`click.UsageError`) is not such an error.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node).rpartition(".")[2] in _ERRORS:
            bare = ast.Module([ast.Expr(ast.List([*node.args, *(word.value for word in node.keywords)]))], [])
            yield from shown_texts(bare, lines)


COMMANDS: Final = (
    "cli/tag/abandon.py",
    "cli/shared/who_asks.py",
    "cli/catalog/check.py",
    "cli/catalog/show.py",
    "cli/catalog/cataloging.py",
    "cli/workflows/withdraw.py",
    "cli/workflows/convert.py",
    "cli/quality/correction_view.py",
    "cli/quality/corrections.py",
    "cli/quality/machine_recheck.py",
    "cli/quality/waive.py",
    "cli/session/demo.py",
    "cli/workflows/follow.py",
    "cli/workflows/operator.py",
    "cli/workflows/inspect.py",
    "cli/admin/journal.py",
    "cli/label/label.py",
    "cli/label/compare.py",
    "cli/label/source.py",
    "cli/label/view.py",
    "cli/library_systems/library.py",
    "cli/catalog/purchase_orders.py",
    "cli/library_systems/outbox.py",
    "cli/workflows/pad_request.py",
    "cli/people/people.py",
    "cli/people/pin.py",
    "cli/workflows/process.py",
    "cli/shared/prove_identity.py",
    "cli/quality/check.py",
    "cli/quality/rules.py",
    "cli/reader/health.py",
    "cli/reader/info.py",
    "cli/reader/nfc.py",
    "cli/reader/scan.py",
    "cli/receiving/boxes.py",
    "cli/receiving/claims.py",
    "cli/receiving/counts.py",
    "cli/receiving/differences.py",
    "cli/receiving/imports.py",
    "cli/receiving/lists.py",
    "cli/receiving/named.py",
    "cli/receiving/read.py",
    "cli/receiving/receipts.py",
    "cli/receiving/rows.py",
    "cli/receiving/shipments.py",
    "cli/receiving/vendors.py",
    "reports/screens.py",
    "cli/quality/sampling.py",
    "cli/workflows/sets.py",
    "cli/session/sign_on.py",
    "cli/quality/flag_slip.py",
    "cli/session/sound.py",
    "cli/shared/authorise.py",
    "cli/workflows/stack.py",
    "cli/quality/statistics.py",
    "reports/statistics_text.py",
    "cli/library_systems/sync.py",
    "cli/tag/rewrite.py",
    "cli/tag/history.py",
    "cli/tag/look.py",
    "cli/tag/plan.py",
    "cli/tag/view.py",
    "cli/tag/words.py",
    "cli/workflows/release.py",
)
"""Files of `cli/` that say nothing by themselves; docs/how-to/add-a-sentence.md, draws the border."""
QUALITY: Final = (
    "quality/checks/applies.py",
    "quality/verdict/checklist.py",
    "quality/checks/identity.py",
    "quality/checks/label.py",
    "quality/checks/record.py",
    "quality/checks/tag.py",
    "quality/verdict/correction_figures.py",
    "quality/verdict/corrections.py",
    "manual/rule_facts.py",
    "quality/checks/facts.py",
    "quality/checks/site_fields.py",
    "quality/statistics/figures.py",
    "quality/checks/judgement.py",
    "quality/checks/table.py",
    "manual/pictures/__init__.py",
    "manual/pictures/frames.py",
    "manual/pictures/says.py",
    "manual/pictures/sides.py",
    "quality/verdict/second_check.py",
    "quality/checks/piece_count.py",
    "quality/verdict/verdict.py",
    "quality/verdict/waivers.py",
)
"""Files of `quality/` whose reasons and questions are read at the bench. Faults of rule files are in the others."""
PRINTING: Final = (
    "printing/label_port.py",
    "printing/content.py",
    "printing/job.py",
    "printing/layout.py",
    "printing/outputs.py",
    "printing/paper.py",
    "printing/pdf.py",
    "printing/symbology.py",
)
"""Files of `printing/` with the content of labels and its faults. Names of fonts, scripts and printer commands are in
the others.
"""
CODED: Final = ("catalog", "sync")
"""Folders whose files hold codes of records and library systems, in capitals."""
SCREENS = [
    *sorted((HOUSE / "tui").rglob("*.py")),
    *sorted((HOUSE / "bench").rglob("*.py")),
    *(
        HOUSE / name
        for name in (
            "domain/corrections/words.py",
            "domain/deliveries/delivery.py",
            "domain/deliveries/intents.py",
            "domain/reader_health.py",
        )
    ),
    *(
        HOUSE / name
        for name in (
            *PRINTING,
            "drivers/search/discovery.py",
            "runtime/identity/authenticator.py",
            "store/queries/plain_summaries.py",
            "store/queries/summaries.py",
            "domain/ports/items.py",
            "domain/item.py",
            "catalog/barcodes/barcode.py",
            "catalog/record/call_number.py",
            "catalog/findings/findings.py",
            "catalog/findings/facts.py",
            "catalog/findings/checks.py",
            "catalog/labels/compare.py",
            "catalog/record/record.py",
            "catalog/record/sets.py",
            "store/catalog_index/live.py",
            "sync/alma/record.py",
            "catalog/labels/expected.py",
            "acquisitions/worldshare.py",
            "demo/auto.py",
            "demo/operator.py",
            *QUALITY,
            "quality/sampling/sampler.py",
            "quality/sampling/switching.py",
        )
    ),
    *(HOUSE / name for name in COMMANDS),
]
"""The screens and the bench; the modules that turn events, corrections, deliveries and the reader's health into
sentences for screens and commands; and the commands of operators and technicians.
"""


def test_no_sentence_goes_around_the_catalogue() -> None:
    around = [
        f"{source.name}:{line}: {text!r}"
        for source in map(read, SCREENS)
        for line, text in shown_texts(source.tree, source.text.splitlines())
        if source.name.split("/")[1] not in CODED or _CODE.fullmatch(text) is None
    ]
    assert not around, (
        "These texts are shown without the catalogue. Put them into station/base/words/en/AREA.po and show tell(KEY): "
        "see docs/how-to/add-a-sentence.md.\n" + "\n".join(around)
    )
    assert len(SCREENS) > 200


REFUSING: Final = (
    *COMMANDS,
    "catalog/barcodes/barcode.py",
    "catalog/findings/record_facts.py",
    "acquisitions/packing_lists.py",
    "catalog/record/record.py",
    "domain/corrections/correction.py",
    "cli/shared/read_pad.py",
    "base/credentials.py",
    "sync/sip2/voyager.py",
    "sync/sip2/codec.py",
    "sync/alma/codes.py",
    "sync/alma/errors.py",
    "runtime/socket/client.py",
    "runtime/lock.py",
    "runtime/socket/server.py",
    "runtime/socket/wire.py",
    *sorted(str(path.relative_to(HOUSE)) for path in (HOUSE / "store").rglob("*.py")),
    "sync/alma/system.py",
    "sync/alma/client.py",
    "sync/alma/item.py",
    "sync/alma/marc.py",
    "sync/alma/moves.py",
    "sync/alma/note.py",
    "sync/alma/sets.py",
    "sync/alma/write.py",
    "sync/http.py",
    "sync/courier/shared_quota.py",
    "sync/sip2/session.py",
    "sync/sip2/system.py",
    "runtime/station.py",
    *PRINTING,
    "printing/fonts.py",
    "printing/zpl.py",
    *sorted(str(path.relative_to(HOUSE)) for path in (HOUSE / "bench").rglob("*.py")),
)
"""Files whose errors give their reasons by the catalog."""


def test_no_refusal_goes_around_the_catalogue() -> None:
    around = [
        f"{source.name}:{line}: {text!r}"
        for source in (read(HOUSE / name) for name in REFUSING)
        for line, text in told_details(source.tree, source.text.splitlines())
    ]
    assert not around, "Details of errors, said without the catalogue:\n" + "\n".join(around)


def told_early(tree: ast.AST) -> list[int]:
    """Return the lines on which the detail of an error is told where it is raised, in nobody's language."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _ERRORS & set(_name(node).split("."))
        for child in ast.walk(node)
        if isinstance(child, ast.Call) and _name(child) == "tell"
    ]


def test_a_detail_is_told_where_a_reader_sees_it() -> None:
    early = [f"{source.name}:{line}" for source in sources() for line in told_early(source.tree)]
    assert not early, "Raise the error with Sentence(KEY, ...):\n" + "\n".join(early)
    assert told_early(ast.parse('raise LabelRefused(tell("label.wide", mm=7))')) == [1]


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ('raise LabelRefused("too wide")\n', ["too wide"]),
        ('raise errors.LabelRefused(f"{n} mm too wide")\n', [" mm too wide"]),
        ('found = StationBusy("in hand") if held else None\n', ["in hand"]),
        ('raise LabelRefused(Sentence("label.wide", mm=f"{n:g}"))\n', []),
        ('raise click.UsageError("give a barcode")\n', []),
        ('raise SettingsError(f"{path}: {error}")\n', []),
    ],
)
def test_details_around_the_catalogue_are_found(code: str, texts: list[str]) -> None:
    assert [text for _, text in told_details(ast.parse(code), code.splitlines())] == texts


@for_each(
    ("code", "texts"),
    [
        ('say("Nothing here")\n', ["Nothing here"]),
        ('say("empty")\n', ["empty"]),
        ('x = f"{n} waiting"\n', [" waiting"]),
        ('Action("Close", Go.CLOSE)\n', ["Close"]),
        ('WORDS = {"a": "No record"}\n', ["No record"]),
        ('Content.assemble(("later", "bold"), " reader ")\n', ["later", " reader "]),
        ('say(tell("state.idle"), "bold $key")\n', []),
        ('say(tell(f"demo.{name}"))\n', []),
        ('self.query_one("#page", Pane)\n_log.warning("It broke at %s", x)\nraise ValueError("Not so")\n', []),
        ('"""Doc string."""\nclass A:\n    """More."""\n    x: int = 1\n    """And more."""\n', []),
        ('x = "Fira Code"  # not for people\n', []),
        (
            'def wrong(r):\n    return f"{r} needs codes"\n@predicate(needs="a tag", refuse=wrong)\ndef f():\n    pass\n',
            [],
        ),
        ('def f():\n    return fail_as_told(f"{x} is wrong")\n', [" is wrong"]),
        ('@click.option("--all", help="What is done, too.")\ndef f():\n    say("All done")\n', ["All done"]),
    ],
)
def test_texts_around_the_catalogue_are_found(code: str, texts: list[str]) -> None:
    assert [text for _, text in shown_texts(ast.parse(code), code.splitlines())] == texts


@for_each(
    ("code", "problem"),
    [
        ('tell("state.nowhere")', "no such key"),
        ('tell("state.need-tag-part", part=1)', "takes ['part', 'parts']"),
        ('tell("state.idle", x=1)', "takes []"),
        ('fail("it is wrong")', "no such key"),
        ('abstain("finding.no-tag", tag=1)', "takes []"),
        ('Sentence("finding.tag-says", said=1)', ""),
        ('tell("button.pass-count")', "takes a count"),
        ('tell("state.idle")', ""),
        ('tell("state.need-tag-part", **values)', ""),
        ('tell("button.part" if here else "button.parts", part=1)', "no such key"),
    ],
)
def test_wrong_tellings_are_found(code: str, problem: str) -> None:
    (call,) = parsed("told.py", code).nodes(ast.Call)
    said = "; ".join(problems_of(call))
    assert problem in said
    assert bool(said) == bool(problem)


OF_THE_OFFICE: Final = frozenset({"office", "form"})
"""Areas that only the office shows."""
NAMES_THE_OFFICE: Final = frozenset(
    {"control.not-here", "control.not-shared", "demo.office", "journal.face.office", "okay.approves"}
)
"""Sentences of its socket, of its start, and of what was done there; and of the fiscal office, which pays."""


def test_no_screen_needs_the_office_and_none_sends_anyone_there() -> None:
    """The pages of the office add to the screens. A bench without them does its whole day (tests/stories/test_workflows.py)."""
    at_the_bench = tuple(f"station/{room}/" for room in ("tui", "bench", "manual", "web", "printing", "quality"))
    importing = [
        source.name for source in sources() if source.name.startswith(at_the_bench) and "station.office" in source.text
    ]
    assert not importing
    sent = [
        key
        for key, entry in ENTRIES.items()
        if key.split(".")[0] not in OF_THE_OFFICE and re.search(r"\boffice\b", " ".join(entry.forms), re.I)
    ]
    assert set(sent) == NAMES_THE_OFFICE
