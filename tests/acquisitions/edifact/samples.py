"""An interchange that is made up, with what vendors' files have: UNOC with bytes of ISO 8859-1, a despatch advice with
two cartons, and an invoice with barcoded copies, a charge, and a title in pieces.
"""

from __future__ import annotations

from typing import Final

SEGMENTS: Final = (
    "UNB+UNOC:3+7654321:31B+1234567:31B+261130:0825+99'",
    "UNH+1+DESADV:D:96A:UN'",
    "BGM+351+SHIP-7+9'",
    "DTM+137:20261130:102'",
    "CPS+1'",
    "PAC+1+5'",
    "GIN+BJ+00016921002621109648'",
    "LIN+1++9780262033848:EN'",
    "QTY+12:2'",
    "RFF+ON:POL-11'",
    "CPS+2'",
    "PAC+1+5'",
    "GIN+BJ+00016921002621109655'",
    "LIN+2++9780140449136:EN'",
    "QTY+12:1'",
    "RFF+ON:POL-12'",
    "CNT+2:2'",
    "UNT+17+1'",
    "UNH+2+INVOIC:D:96A:UN:EAN008'",
    "BGM+380+INV-7+9'",
    "DTM+137:20261130:102'",
    "RFF+ON:FREE TEXT'",
    "CUX+2:EUR:4'",
    "LIN+1'",
    "PIA+5+0262033844:IB+9780262033848:EN'",
    "IMD+L+050+:::INTRODUCTION TO ALGORITHMS AND MUL'",
    "IMD+L+050+:::TI-CORE COMPUTERS?: CAF\xc9 ?+ ?'99'",
    "QTY+47:3'",
    "GIR+001+31999000000014:LAC+MAIN:LLO'",
    "GIR+002+EAST:LLO+31999000000022:LAC'",
    "GIR+003+EAST:LLO'",
    "MOA+203:150'",
    "PRI+AAB:60'",
    "RFF+LI:POL-11/1'",
    "ALC+A++++DI::28'",
    "QTY+47:1'",
    "MOA+8:30'",
    "UNS+S'",
    "CNT+1:3'",
    "CNT+2:1'",
    "MOA+79:156.60'",
    "ALC+C++++PAB::28:POSTAGE'",
    "MOA+8:6.60'",
    "UNT+26+2'",
    "UNZ+2+99'",
)


def sample(*, replaced: tuple[str, str] = ("", ""), between: str = "\r\n") -> bytes:
    """Return the file with one text replaced in it."""
    text = "UNA:+.? '" + between + between.join(SEGMENTS) + between
    before, after = replaced
    if before not in text:
        raise ValueError(before)
    return text.replace(before, after, 1 if before else 0).encode("iso-8859-1")
