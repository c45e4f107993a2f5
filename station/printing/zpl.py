"""Labels as ZPL II: the printer's own fonts and bars.

Commands as in Zebra's "ZPL II Programming Guide" (P1012728). Written here and not by a library: of those on PyPI, `zpl`
is under the AGPL and puts field data into the command stream as it is, so that a title with "^XZ" in it ends the label;
`simple-zpl2`, `zpl2` and `zplgen` have had no release since 2022 or longer; `zebrafy` turns pictures into ^GF only. What a
label needs is twenty commands.

Field data is safe by construction: every byte that is no letter, digit or one of a few harmless marks is written in
hexadecimal behind ^FH, so no text can be read as a command.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from station.errors import LabelRefused
from station.printing import symbology
from station.printing.layout import MM, Bars, Page, Sign, Text
from station.printing.paper import Paper

_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .-")
_CODE128_B: Final = {"^": "><", ">": ">0", "~": ">="}
"""Characters that code set B takes by invocation codes only (^BC, table of invocation characters)."""
_SIGN_LINE: Final = 0.12


def render(pages: Sequence[Page], *, copies: int = 1) -> bytes:
    """One format (^XA ... ^XZ) a label. Raises `LabelRefused` for a sheet: a label printer has none."""
    if pages and pages[0].paper.sheet is not None:
        raise LabelRefused(f"{pages[0].paper.name} is a sheet of labels; ZPL is for printers with single labels")
    return "".join(_label(page, copies) for page in pages).encode("ascii")


def field(text: str, *, switch: str = "") -> str:
    """^FH and ^FD with data that cannot be a command; UTF-8, as ^CI28 says. `switch` is the station's own, as it is."""
    data = "".join(chr(byte) if byte in _PLAIN else f"_{byte:02X}" for byte in text.encode("utf-8"))
    return f"^FH_^FD{switch}{data}^FS"


def _label(page: Page, copies: int) -> str:
    paper = page.paper
    lines = [
        "^XA",
        "^CI28",
        f"^PW{_dots(paper.width_mm, paper)}",
        f"^LL{_dots(paper.height_mm, paper)}",
        "^LH0,0",
        *(_text(text, page) for text in page.texts),
    ]
    if page.sign is not None:
        lines += _sign(page.sign, page)
    if page.bars is not None:
        lines.append(_bars(page.bars, page))
    # One copy is what a printer prints by itself.
    lines += [f"^PQ{copies}", "^XZ"] if copies > 1 else ["^XZ"]
    return "\n".join(lines) + "\n"


def _dots(millimetres: float, paper: Paper) -> int:
    return round(millimetres * paper.dots_per_mm)


def _origin(x: float, y: float, height: float, page: Page) -> str:
    """^FO of a field whose upper left corner, as one reads it, is (x, y); its height matters where text is turned."""
    paper = page.paper
    if paper.orientation == "sideways":
        return f"^FO{_dots(paper.width_mm - y - height, paper)},{_dots(x, paper)}"
    return f"^FO{_dots(x, paper)},{_dots(y, paper)}"


def _turn(page: Page) -> str:
    return "R" if page.paper.orientation == "sideways" else "N"


def _text(text: Text, page: Page) -> str:
    height = _dots(text.size * MM, page.paper)
    paper = page.paper
    font = f"^A{paper.zpl_font}{_turn(page)},{height},{height}"
    if text.centred and "\\" not in text.text:
        # The printer knows best how wide its letters are. A backslash would mean something in a field block.
        at = _origin(paper.left_mm, text.y, text.size * MM, page)
        wide = _dots(page.across - paper.left_mm - paper.right_mm, paper)
        return f"{at}{font}^FB{wide},1,0,C{field(text.text)}"
    return f"{_origin(text.x, text.y, text.size * MM, page)}{font}{field(text.text)}"


def _sign(sign: Sign, page: Page) -> list[str]:
    """A box (^GB) and both diagonals inside it (^GD, which is wider than it says by its thickness)."""
    paper = page.paper
    side = _dots(sign.side, paper)
    line = max(1, round(side * _SIGN_LINE))
    inner = side - 5 * line
    inset = 2 * line / paper.dots_per_mm
    at = _origin(sign.x, sign.y, sign.side, page)
    inside = _origin(sign.x + inset, sign.y + inset, sign.side - 2 * inset, page)
    return [
        f"{at}^GB{side},{side},{line}^FS",
        f"{inside}^GD{inner},{inner + line},{line},B,L^FS",
        f"{inside}^GD{inner},{inner + line},{line},B,R^FS",
    ]


def _bars(bars: Bars, page: Page) -> str:
    paper = page.paper
    dots = _dots(bars.module_mm, paper)
    height = _dots(bars.height, paper)
    at = _origin(bars.x, bars.y, bars.height, page)
    turn = _turn(page)
    narrow = f"^BY{dots},{bars.ratio:.1f},{height}"
    match bars.symbology:
        case "code39":
            return f"{at}{narrow}^B3{turn},N,{height},N,N{field(bars.value)}"
        case "codabar":
            ends = f"{symbology.CODABAR_START},{symbology.CODABAR_STOP}"
            return f"{at}{narrow}^BK{turn},N,{height},N,N,{ends}{field(bars.value)}"
        case "code128":
            # Start characters >; (code set C) and >: (B); mode N = as written, no check digit of UCC.
            start = ">;" if symbology.pairs(bars.value) else ">:"
            data = "".join(_CODE128_B.get(char, char) for char in bars.value)
            return f"{at}{narrow}^BC{turn},{height},N,N,N,N{field(data, switch=start)}"
        case _:
            # A printer moves a QR code at ^FO down by the height of ^BY, so that one is made 1. ^BQ cannot be turned.
            return f"{at}^BY{dots},2.0,1^BQN,2,{min(dots, 10)}{field(bars.value, switch='MA,')}"
