"""From content to paper: papers by name, pages, bytes, and delivery; used by the command line and the screens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from station.base.clock import Clock
from station.base.errors import LabelRefused, SettingsError
from station.base.sentence import Sentence
from station.base.settings import Labels
from station.printing import pdf, zpl
from station.printing.content import Content
from station.printing.fonts import Fonts
from station.printing.layout import Format, Page, Setter
from station.printing.outputs import Printed, PrintJob, Target, send
from station.printing.paper import SHIPPED, Kind, Paper, parse, shipped

OWN_FILE: Final = ".toml"
COMMANDS: Final = "commands-sheet-letter"
"""The shipped paper of command barcodes."""
LETTER: Final = "claim-letter"
"""The shipped paper of claims to vendors, of invoices with an okay to pay, and of pull lists."""
BOX: Final = "box-102x152"
"""The shipped paper of packing slips on a label printer."""
PACKING_SLIP: Final = "packing-slip-letter"
"""The shipped paper of packing slips on any other printer."""


def load_paper(name: str, data: Path) -> Paper:
    """Return a shipped paper by name, or the paper of a site's own file, relative to `data`. Raises `SettingsError`."""
    if not name.endswith(OWN_FILE):
        return shipped(name)
    path = data / name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error
    return parse(text, str(path))


def paper_of(kind: Kind, settings: Labels, form: Format | None = None) -> str:
    """Return the paper that the settings name for this kind of label. `form`: the format; None = that of the
    settings."""
    of_slip = BOX if (form or settings.format) == "zpl" else PACKING_SLIP
    return {
        "spine": settings.paper,
        "pocket": settings.pocket_paper,
        "part": settings.part_paper,
        "flag": settings.flag_paper,
        "command": COMMANDS,
        "claim": LETTER,
        "okay": LETTER,
        "pull-list": LETTER,
        "box": settings.box_paper,
        "packing-slip": settings.packing_slip_paper or of_slip,
        "item-slip": settings.item_slip_paper,
    }[kind]


class Printer:
    """One paper, one format, one target. Raises `SettingsError` for a paper of another kind of label."""

    def __init__(
        self, paper: Paper, kind: Kind, form: Format, where: Target, *, settings: Labels, data: Path, clock: Clock
    ) -> None:
        if kind not in paper.kinds:
            fitting = ", ".join(name for name in SHIPPED if kind in shipped(name).kinds)
            raise SettingsError(
                Sentence("print.wrong-paper", paper=paper.name, kinds=", ".join(paper.kinds), kind=kind, papers=fitting)
            )
        if form == "zpl" and paper.sheet is not None:
            raise SettingsError(Sentence("print.sheet", paper=paper.name))
        if form == "pdf" and where.kind == "device":
            raise SettingsError(Sentence("print.zpl-only"))
        self.paper = paper
        self.form = form
        self.where = where
        self.fonts = Fonts([str(data / name) for name in settings.fonts])
        self._setter = Setter(paper, self.fonts, settings.barcode)
        self._data = data
        self._clock = clock

    def page(self, content: Content) -> Page:
        """Lay out a label. Its `problems` state why it cannot be printed."""
        return self._setter.page(content)

    def render(self, pages: Sequence[Page], *, copies: int = 1, skip: int = 0) -> bytes:
        """Return the job's bytes. Raises `LabelRefused` if a label has a problem, or if there is no label."""
        problems = list(dict.fromkeys(problem for page in pages for problem in page.problems))
        if problems or not pages:
            raise LabelRefused(" ".join(problems) or Sentence("print.no-label"))
        if self.form == "zpl":
            return zpl.render(pages, self.fonts, copies=copies)
        return pdf.render([page for page in pages for _ in range(copies)], self.fonts, skip=skip)

    def print(self, pages: Sequence[Page], name: str, *, copies: int = 1, skip: int = 0) -> Printed:
        """Render and deliver. `name`: file name without suffix. Raises `PrintError`."""
        content = self.render(pages, copies=copies, skip=skip)
        job = PrintJob(content=content, name=name, suffix=self.form, media=self.paper.media)
        return send(job, self.where, self._data, self._clock)
