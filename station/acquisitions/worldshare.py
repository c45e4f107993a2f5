"""Names of the files that OCLC's WorldShare Collection Manager delivers: the library, the kind and the time.

    metacoll.SYMBOL.TYPE[.COLLECTION].DYYYYMMDD.THHMMSS[.REPORT].N.mrc

Source: help.oclc.org, "Files of records and file names" (docs/reference/systems.md#oclc). The letter before the date is
D, W, M or Q (daily, weekly, monthly, quarterly); files of cataloging partners are always daily; the time is that of the
eastern United States. Files with hour 24 occur ("D20150302.T240553"); it is taken as hour 0 of that day, which no
source settles. Reports have further parts and end in .txt. The content of the records is each library's own choice: see
the profile worldshare-949.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.base.text import clean

_NAME: Final = re.compile(
    r"metacoll\.(?P<symbol>[A-Z0-9#@$&*+]{2,9})\.(?P<kind>[a-z]+)(?:\.(?P<collection>[^.]+))?"
    r"\.(?P<rhythm>[DWMQ])(?P<date>[0-9]{8})\.T(?P<time>[0-9]{6})(?:\.(?P<report>[A-Za-z]+))?\.(?P<number>[0-9]{1,6})"
    r"\.(?P<end>mrc|xml|mrc\.txt|txt)\Z"
)
_RHYTHM: Final = {"D": "daily", "W": "weekly", "M": "monthly", "Q": "quarterly"}
_KINDS: Final = ("new", "updates", "deletes")


class PartnerFile(msgspec.Struct, frozen=True):
    """Data in a file name."""

    symbol: str
    """The library's OCLC symbol."""
    kind: str
    """"new", "updates", ... as in the name."""
    collection: str
    rhythm: str
    made: datetime
    """Eastern United States time, without a zone, as in the name."""
    number: int
    report: str = ""
    """Subject of an exception or processing report; "" for records."""
    is_report: bool = False

    @property
    def sentence(self) -> Sentence:
        """Return the data as a sentence."""
        if self.is_report:
            what = Sentence("partner.report", of=self.report or self.kind)
        elif self.kind in _KINDS:
            what = Sentence(f"partner.kind.{self.kind}")
        else:
            what = Sentence("partner.kind", kind=self.kind)
        sentence = Sentence(
            f"partner.file.{self.rhythm}",
            symbol=self.symbol,
            what=what,
            made=f"{self.made:%Y-%m-%d %H:%M}",
            number=self.number,
        )
        return Sentence("partner.no-records", said=sentence) if self.is_report else sentence


def partner_file(name: str) -> PartnerFile | None:
    """Return the data in a file name; None if the name has another form, or its date is invalid."""
    match = _NAME.match(name)
    if match is None:
        return None
    time = match["time"]
    if time.startswith("24"):
        time = f"00{time[2:]}"
    try:
        made = datetime.strptime(match["date"] + time, "%Y%m%d%H%M%S")  # noqa: DTZ007 - the name has no zone
    except ValueError:
        return None
    return PartnerFile(
        symbol=match["symbol"],
        kind=match["kind"],
        collection=clean(match["collection"] or ""),
        rhythm=_RHYTHM[match["rhythm"]],
        made=made,
        number=int(match["number"]),
        report=match["report"] or "",
        is_report=match["end"].endswith("txt"),
    )
