"""The program log is for engineers, who read English."""

from __future__ import annotations

import logging
import sys

from station.base import words
from station.base.errors import TagAbsent
from station.base.logs import CleanFormatter
from station.base.sentence import Sentence

LOST = "E1 left the field"


def test_a_spanish_station_logs_english() -> None:
    words.use("es")
    try:
        raise TagAbsent(Sentence("detail.left-field", uid="E1"))
    except TagAbsent as error:
        raised, info = error, sys.exc_info()
    record = logging.LogRecord("station", logging.ERROR, "", 1, "%s; %s", (raised, raised.detail), info)
    lines = CleanFormatter("%(message)s").format(record).split("\n")
    assert lines[0] == f"tag-absent: {LOST}; {LOST}"
    assert lines[-1].endswith(f"TagAbsent: tag-absent: {LOST}"), "the traceback, too"
    assert LOST not in words.tell(raised.detail), "the station's readers keep their language"
