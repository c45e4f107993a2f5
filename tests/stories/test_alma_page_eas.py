"""Alma's page lends and returns over a 3M reader with a profile that uses the EAS bit; judged by the emulated tag's own
bit. On a chip without EAS the answer is a refusal, and nothing is written."""

from __future__ import annotations

from station.base.errors import NotPossible
from tests.bench.test_bench import encoded
from tests.support import station_process
from tests.support.served_pad import security, update
from tests.support.station_with_web import BOOKS, IN_STOCK, ISIL, ON_LOAN, whole
from tests.support.told import told

PROFILE = """\
name = "With the EAS bit"
model = "28560-2"
dsfid = 0x06
afi_in_stock = 0x07
afi_on_loan = 0xC2
eas = true
[elements]
primary-item-identifier = "item.barcode"
owner-institution = "settings.isil"
set-information = "item.part"
type-of-usage = "constant:10"
"""


def test_lent_and_returned_over_a_reader_that_can() -> None:
    with station_process.short_folder() as folder, whole(folder, driver="3m", profile=PROFILE) as station:
        uid, barcode = station.create(1), BOOKS[0]
        station.place(uid)
        assert station.desk.call("POST", "/itemUpdate", update(barcode)).status == 200
        for secure, afi in ((True, IN_STOCK), (False, ON_LOAN), (True, IN_STOCK)):
            answer = station.desk.call("POST", "/setSecurity", security(barcode, str(secure).lower()))
            assert answer.status == 200, answer.body
            tag = station.memory(uid)
            assert (tag["afi"], tag["eas"]) == (afi, secure)
            (item,) = station.desk.call("GET", "/getItems").xml.iter("item")
            assert item.findtext("is_secure") == str(secure).lower()
        station.reader.call("poke", uid=uid, eas=False)
        (item,) = station.desk.call("GET", "/getItems").xml.iter("item")
        assert item.findtext("is_secure") == "false", "the EAS bit must be off, so that the gate gives no alarm"


def test_on_a_chip_that_has_none_it_is_refused_and_nothing_written() -> None:
    with station_process.short_folder() as folder, whole(folder, profile=PROFILE) as station:
        lent = encoded(BOOKS[1], ISIL)
        blank, ours = "E007000000000001", "E007000000000002"
        for uid, memory, afi, dsfid in ((blank, b"", 0, 0), (ours, bytes(lent["memory"]), IN_STOCK, 6)):
            station.reader.call(
                "create", uid=uid, chip="tag-it-hfi-plus", memory=memory.hex(), afi=afi, dsfid=dsfid, locked=[]
            )
        for uid, path, body in (
            (blank, "/itemUpdate", update(BOOKS[0])),
            (ours, "/setSecurity", security(BOOKS[1], "false")),
        ):
            station.reader.call("lift")
            station.place(uid)
            before = station.memory(uid)
            answer = station.desk.call("POST", path, body)
            assert answer.status == 409, answer.body
            assert told(NotPossible().sentence) in (answer.xml.findtext("ExceptionDetail/Message") or "")
            after = station.memory(uid)
            assert [after[key] for key in ("memory", "afi", "dsfid")] == [
                before[key] for key in ("memory", "afi", "dsfid")
            ]
        refused = station.journal("pad-request-refused")
        assert [(event["code"], event["barcode"]) for event in refused] == [
            ("not-possible", BOOKS[0]),
            ("not-possible", BOOKS[1]),
        ]
