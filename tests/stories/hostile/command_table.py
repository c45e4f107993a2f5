"""One table of test calls for every command of the command line (`test_exports` compares it with the command tree).

`{evil}` is the whole corpus as one argument, `{formula}` a formula, `{dump}` a hostile tag, `{data}` the data
directory, `{out}` an empty folder; `{list}`, `{csv}`, `{json}`, `{edi}`, `{vendors}`, `{plan}` and `{mrc}` are hostile files;
`{shipment}`, `{count}` and `{difference}` are ids.
"""

from __future__ import annotations

from typing import Final, NamedTuple

BARCODE, SECOND, DISCS = "31999000000014", "31999000000022", "31999000000147"
FIRST = "0000000000000000"
"""Id of the correction that was mended and failed its recheck."""
COLOURS: Final = "\x1b"
"""Escape character of our own colors, which the test removes with the pattern of `click.style` before it checks the
output."""


class Row(NamedTuple):
    """One call."""

    words: str
    shows: bool = True
    """The output (text and JSON) must contain the mark, because this call shows text from outside."""
    stdin: str = ""
    live: bool = False
    """The call goes to a running station whose every answer is hostile."""
    reader: bool = False
    """The call uses a reader whose name, firmware and tags are hostile."""
    json: bool = True
    """The call is repeated with --json."""
    allowed: str = ""
    """Our own control characters in the output besides the line feed, such as a tab between columns."""
    files: tuple[str, ...] = ()
    """Suffixes of the files that the call must write to {out}. Each is checked by its type."""


def said(*words: str) -> tuple[Row, ...]:
    return tuple(Row(one) for one in words)


def live(*words: str) -> tuple[Row, ...]:
    """Rows for a running station."""
    return tuple(Row(one, live=True) for one in words)


def reader(*words: str) -> tuple[Row, ...]:
    """Rows for a hostile reader."""
    return tuple(Row(one, reader=True) for one in words)


def silent(*words: str) -> tuple[Row, ...]:
    """Rows that show no text from outside. Their output must be harmless all the same."""
    return tuple(Row(one, shows=False) for one in words)


TABLE: Final[dict[str, tuple[Row, ...]]] = {
    "station init": said("init --force --name {evil} --isil {evil}"),
    "station release check": (
        Row("release check {list} --csv {out}/a.csv", files=(".csv",)),
        Row("release check - --csv {out}/b.csv", stdin="{lines}", files=(".csv",)),
        Row("release check --session --csv {out}/c.csv", shows=False),
    ),
    "station release truck": (
        Row("release truck {list} --truck {evil} --slip --csv {out}/a.csv --operator {evil}", files=(".csv",)),
    ),
    "station sets": said("sets --incomplete"),
    "station doctor": silent("doctor"),
    "station tag abandon": silent("tag abandon E004010012345678 --reason {evil}", "tag abandon {evil}"),
    "station tag decode": said("tag decode {dump}", "tag decode {title}"),
    "station tag diff": said("tag diff {dump} {title}"),
    "station tag doctor": said("tag doctor {dump} --barcode {evil} --part {evil}"),
    "station tag encode": said("tag encode --id {evil} --owner {evil} --set {evil}"),
    "station tag explain": (
        *said("tag explain {dump}"),
        Row("tag explain {dump} --color", json=False, allowed=COLOURS),
    ),
    "station tag history": said(f"tag history {BARCODE}", "tag history E004010012345678"),
    "station item": (*said(f"item {BARCODE}"), Row("item {evil}", shows=False)),
    "station tag ledger": silent("tag ledger"),
    "station tag migrate": said("tag migrate {title}"),
    "station tag plan": said("tag plan {dump} --id {evil}"),
    "station tag read": silent("tag read {dump}"),
    "station corrections list": (
        *said("corrections list --all"),
        *silent("corrections list --rechecks --owner {evil}"),
    ),
    "station corrections overdue": said("corrections overdue"),
    "station corrections show": said(f"corrections show {FIRST}", f"corrections show {BARCODE}"),
    "station corrections slip": (
        Row(f"corrections slip {BARCODE}", json=True),
        Row(f"corrections slip {SECOND} --print", shows=False, files=(".pdf",)),
    ),
    "station corrections figures": said("corrections figures --by owner", "corrections figures --by rule"),
    "station corrections assign": said(f"corrections assign {FIRST} --owner {{evil}} --reason {{evil}}"),
    "station corrections mend": said(f"corrections mend {FIRST} --note {{evil}}"),
    "station corrections recheck": silent(f"corrections recheck {FIRST} --failed --reason {{evil}}"),
    "station corrections close": said(f"corrections close {FIRST} --result withdrawn --reason {{evil}}"),
    "station corrections order": said(f"corrections order {BARCODE} --worker {{evil}} --reason {{evil}}"),
    "station corrections waive": silent(f"corrections waive {BARCODE} --rule spine-label --reason {{evil}}"),
    "station people list": said("people list"),
    "station people add": silent("people add new --name {evil} --role trainee"),
    "station people rename": said("people rename bea {evil}"),
    "station people speak": silent("people speak bea --language es"),
    "station people record": said("people record bea"),
    "station people role": silent("people role bea technician --reason {evil}"),
    "station people retrain": silent("people retrain bea --note {evil}"),
    "station people leave": silent("people leave bea --reason {evil}"),
    "station people erase": silent("people erase bea --reason {evil}"),
    "station people card add": silent("people card add bea {evil}"),
    "station people card remove": silent("people card remove {evil}"),
    "station people pin recover": said("people pin recover {evil} --reason {evil}"),
    "station people pin list": silent("people pin list"),
    "station people pin set": said("people pin set {evil}"),
    "station people pin reset": said("people pin reset {evil}"),
    "station people pin change": said("people pin change {evil}"),
    "station people sign-on": silent("people sign-on {evil}"),
    "station catalog show": said(f"catalog show {BARCODE}"),
    "station catalog search": (
        *said("catalog search Atlas --limit 3"),
        *silent("catalog search {evil} --title {evil} --author {evil} --call-number {evil} --isbn {evil}"),
    ),
    "station catalog check": (
        *said("catalog check --all --limit 5"),
        *silent("catalog check {evil} --queue"),
        Row("catalog check --file {mrc} --csv {out}/a.csv", files=(".csv",)),
        Row("catalog check --file {bytes} --csv {out}/b.csv", shows=False, files=(".csv",)),
    ),
    "station catalog import": silent(
        "catalog import {mrc}", "catalog import {csv}", "catalog import {bytes}", "catalog import {evil}"
    ),
    "station catalog inspect": (
        *said("catalog inspect {mrc}"),
        *silent("catalog inspect {csv}", "catalog inspect {bytes}"),
    ),
    "station catalog rebuild": silent("catalog rebuild --from {data}"),
    "station orders list": said("orders list {mrc} --profile evergreen-970"),
    "station receiving list": said("receiving list --all"),
    "station receiving show": said("receiving show 1"),
    "station receiving close": said("receiving close 1"),
    "station receiving read": (
        *said("receiving read {edi}"),
        *silent("receiving read {bytes}"),
        *said("receiving read {csv}"),
    ),
    "station receiving import": (
        *said("receiving import {csv} --vendor {evil}", "receiving import {edi}"),
        *silent("receiving import {json}", "receiving import {mrc}", "receiving import {bytes}"),
    ),
    "station receiving type": (
        *said("receiving type {evil} --vendor {evil} --line isbn=9780262033848"),
        *silent("receiving type {evil} --line {evil}"),
    ),
    "station receiving vendors list": said("receiving vendors list --all"),
    "station receiving vendors show": said("receiving vendors show vendor-1", "receiving vendors show {evil}"),
    "station receiving vendors import": (
        *said("receiving vendors import {vendors}"),
        *silent("receiving vendors import {bytes}"),
    ),
    "station receiving vendors export": said("receiving vendors export"),
    "station receiving accounts import": (
        *silent("receiving accounts import {plan}"),
        *silent("receiving accounts import {bytes}"),
    ),
    "station receiving accounts export": silent("receiving accounts export"),
    "station receiving accounts show": silent("receiving accounts show"),
    "station receiving accounts try": said(
        "receiving accounts try --plan {plan} --vendor {evil} --library {evil} --material {evil} --fund {evil} "
        "--date {evil}"
    ),
    "station receiving shipment open": said("receiving shipment open --carton {evil} --vendor {evil} --donor {evil}"),
    "station receiving shipment close": said("receiving shipment close {shipment}"),
    "station receiving shipment list": said("receiving shipment list --all"),
    "station receiving shipment show": said("receiving shipment show {shipment}", "receiving shipment show {evil}"),
    "station receiving count": said(
        "receiving count {evil} --shipment {shipment}", "receiving count --title {evil} --shipment {shipment}"
    ),
    "station receiving fault": said("receiving fault {count} damaged --note {evil} --photo {evil}"),
    "station receiving undo": said("receiving undo {count}", "receiving undo {evil}"),
    "station receiving return": said("receiving return {count} --reason {evil}"),
    "station receiving bind": said(f"receiving bind {{count}} {SECOND}"),
    "station receiving claim": (
        Row("receiving claim {difference} --preview --csv {out}/a.csv --pdf {out}/a.pdf", files=(".csv", ".pdf")),
        *said("receiving claim {difference}", "receiving claim {evil}"),
    ),
    "station receiving differences list": said("receiving differences list --overdue", "receiving differences list"),
    "station receiving differences show": said("receiving differences show {difference}"),
    "station receiving differences assign": said(
        "receiving differences assign {difference} --owner {evil} --reason {evil}"
    ),
    "station receiving differences note": said("receiving differences note {difference} --note {evil} --photo {evil}"),
    "station receiving differences end": said(
        "receiving differences end {difference} accepted --reason {evil} --reference {evil} --second {evil}"
    ),
    "station cataloging list": said("cataloging list --all"),
    "station cataloging show": said(f"cataloging show {BARCODE}"),
    "station cataloging add": silent("cataloging add 31999000000048 --title {evil} --note {evil} --reason {evil}"),
    "station cataloging resolve": silent(f"cataloging resolve {BARCODE} --record {{evil}} --reason {{evil}}"),
    "station callnumber anscr": said("callnumber anscr {mrc}"),
    "station callnumber cutter": (Row("callnumber cutter {evil}", allowed="\t"),),
    "station callnumber explain": said("callnumber explain {evil}"),
    "station callnumber label": said("callnumber label {evil} --location {evil} --copy {evil} --volume {evil}"),
    "station callnumber parse": (Row("callnumber parse {evil}", allowed="\t"),),
    "station callnumber sort": (Row("callnumber sort {evil}"), Row("callnumber sort", stdin="{lines}")),
    "station label": (
        Row(f"label {BARCODE}", shows=False),
        Row(f"label {BARCODE} --kind pocket"),
        Row(f"label {BARCODE} --kind flag --reason {{evil}}"),
        Row(f"label {BARCODE} --kind pocket --print --to {{out}}", shows=False, files=(".pdf",)),
        Row(f"label {SECOND} --kind pocket --print --format zpl --to {{out}}", shows=False, files=(".zpl",)),
        Row(f"label {BARCODE} --seen {{evil}}"),
    ),
    "station quality check": said(
        f"quality check {BARCODE}", f"quality check {BARCODE} --label {{evil}} --scanned {{evil}}"
    ),
    "station quality rules list": silent("quality rules list --all"),
    "station quality rules lint": said("quality rules lint {rules}"),
    "station quality rules explain": said("quality rules explain {evil}"),
    "station quality rules accept": silent("quality rules accept --operator {evil}"),
    "station quality stats": (
        *said("quality stats --by vendor", "quality stats --by material"),
        Row("quality stats --by vendor --csv", json=False),
        Row("quality stats --by vendor --chart --group 2 --svg {out}/a.svg", files=(".svg",)),
        Row("quality stats --by vendor --chart --group 2 --csv", json=False),
        Row("quality stats --since {evil}"),
        *said("quality stats --reasons"),
    ),
    "station quality sampling draw": silent("quality sampling draw {evil} 10 2"),
    "station quality sampling plan": silent("quality sampling plan --lot 10"),
    "station quality sampling replay": said("quality sampling replay"),
    "station quality sampling rejected": silent("quality sampling rejected"),
    "station quality sampling state": said("quality sampling state"),
    "station quality sampling tells": silent("quality sampling tells 20 1"),
    "station quality sampling unasked": silent("quality sampling unasked vendor {evil}"),
    "station journal continue": silent("journal continue --restored --yes --reason {evil} --operator {evil}"),
    "station journal show": (
        *said("journal show --limit 200", "journal show --limit 200 --full"),
        *silent("journal show --limit 200 --person {evil} --since 2020-01-01"),
    ),
    "station journal verify": silent("journal verify --head {evil}"),
    "station journal rebuild": silent("journal rebuild"),
    "station journal archive": silent("journal archive --older-than 1 --to {out}"),
    "station backup create": silent("backup create {out}/a.zip", "backup create {out} --keep-days 1"),
    "station backup verify": silent("backup verify {list}", "backup verify {bytes}"),
    "station restore": silent("restore {list}"),
    "station update": silent("update", "update --back"),
    "station outbox list": said("outbox list"),
    "station outbox show": said("outbox show", "outbox show {delivery}"),
    "station outbox retry": silent("outbox retry {evil}"),
    "station outbox resolve": silent("outbox resolve {evil} again --reason {evil}"),
    "station outbox discard": silent("outbox discard {delivery} --reason {evil}"),
    "station board": said("board"),
    "station settings": silent("settings"),
    "station call-staff": silent("call-staff"),
    "station roll load": said("roll load {evil}"),
    "station manual": said("manual {evil}"),
    "station sync check": said("sync check {evil}"),
    "station library note": silent(f"library note {BARCODE} {{evil}} --reason {{evil}}"),
    "station library facts": silent(f"library facts {BARCODE} --condition {{evil}} --reason {{evil}}"),
    "station library scan-in": silent(f"library scan-in {BARCODE} --library {{evil}} --department {{evil}}"),
    "station library members": silent("library members {evil} {evil}"),
    "station reader health": said("reader health"),
    "station process": live(f"process {BARCODE} --timeout 1 --note {{evil}} --photo {{evil}} --pass-all"),
    "station withdraw list": said("withdraw list --all"),
    "station withdraw watch": silent("withdraw watch --ask"),
    "station withdraw answer": (
        *live(f"withdraw answer {BARCODE} --timeout 0.5 --note rule={{evil}} --photo rule={{evil}} --pass-all"),
        *silent(f"withdraw answer {BARCODE} --timeout 0.5 --operator {{evil}} --note {{evil}} --answer {{evil}}"),
    ),
    "station corrections look": (
        *said(f"corrections look {BARCODE}"),
        *silent("corrections look {evil}", f"corrections look {BARCODE} --operator {{evil}}"),
    ),
    "station convert": live("convert {list} --timeout 1"),
    "station stack verify": live("stack verify {evil}"),
    "station set": live(f"set {BARCODE} --timeout 1 --choose {{evil}}"),
    "station inspect": live("inspect"),
    "station undo": (*live("undo --yes"), Row("undo --yes --uid {evil}", live=True, shows=False)),
    "station tag write": live(f"tag write {BARCODE} --timeout 1 --choose {{evil}}"),
    "station tag erase": live(f"tag erase --barcode {BARCODE} --timeout 1"),
    "station sign-on": silent("sign-on {evil}"),
    "station sign-off": silent("sign-off"),
    "station who": live("who"),
    "station pad items": live("pad items"),
    "station pad security": live(f"pad security {BARCODE} on"),
    "station pad update": live(f"pad update {BARCODE} --uid {{evil}}"),
    "station sound test": silent("sound test good"),
    "station sound check": silent("sound check --heard --seen"),
    "station sound mute": silent("sound mute"),
    "station sound unmute": silent("sound unmute"),
    "station sound volume": silent("sound volume 10"),
    "station web check": silent("web check"),
    "station web certificate make": silent("web certificate make"),
    "station web certificate show": silent("web certificate show"),
    "station web certificate trust-help": silent("web certificate trust-help"),
    "station fleet migrate": silent("fleet migrate"),
    "station fleet serve": (Row("fleet serve", shows=False, json=False),),
    "station fleet project": (Row("fleet project", shows=False, json=False),),
    "station fleet invite": silent("fleet invite --site {evil}"),
    "station fleet join": silent("fleet join {evil}"),
    "station fleet adopt": silent("fleet adopt {evil}"),
    "station fleet status": silent("fleet status"),
    "station fleet doctor": silent("fleet doctor --all"),
    "station fleet leave": silent("fleet leave", "fleet leave --bench {evil}"),
    "station fleet rebuild": silent("fleet rebuild --bench {evil}"),
    "station fleet restore": silent("fleet restore {evil}"),
    "station fleet benches": silent("fleet benches"),
    "station fleet ledger": silent("fleet ledger {evil}"),
    "station fleet quarantine": silent("fleet quarantine"),
    "station fleet goals": silent("fleet goals"),
    "station fleet demo": silent("fleet demo"),
    "station fleet goal": silent("fleet goal {evil} --site {evil} --items 1"),
    "station reader info": (Row("reader info", reader=True),),
    "station reader signal": (Row("reader signal good", reader=True, shows=False),),
    "station reader placement": (Row("reader placement --polls 2", reader=True, shows=False),),
    "station reader badge": reader("reader badge --port {evil} --wait 0.1"),
    "station reader label": reader("reader label --port {evil}", "reader label --port {evil} --text {evil} --yes"),
    "station reader scan": reader("reader scan {evil}", "reader scan {evil} --write --yes"),
    "station reader capture": (Row("reader capture {out}/x.jsonl reader info", reader=True, json=False),),
    "station reader configuration read": reader("reader configuration read", "reader configuration read 1 2 --eeprom"),
    "station reader configuration write": reader(f"reader configuration write 1 {'11' * 14} --yes"),
    **{
        f"station reader configuration {what.split()[0]}": (
            Row(f"reader configuration {what}", reader=True, shows=False),
        )
        for what in ("default --all --yes", "restart --yes", "save --all --yes")
    },
    "station harness": (
        Row("harness --reader {evil} --capture {out} --yes", reader=True, files=(".json", ".jsonl")),
        Row("harness --reader replay:{list}", shows=False),
    ),
    "station emulate scenarios": silent("emulate scenarios"),
}

INVOICE_ACTS: Final = (
    *("list", "show", "import", "type", "code", "rate", "credit", "okay", "take-back", "paid", "void", "correct"),
    *("sheet", "export", "exports", "compare"),
)
ORDER_ACTS: Final = ("list", "show", "record", "review", "notice", "import", "export")
BOX_ACTS: Final = ("list", "show", "open", "pack", "take-out", "close", "receive", "reopen")
RECEIPT_ACTS: Final = ("list", "order")
TRANSFER_ACTS: Final = ("list", "show", "decide", "import", "cancel", "confirm", "read", "lost", "found")
WITHDRAWAL_ACTS: Final = (
    *("show", "decide", "cancel", "confirm", "destroyed", "place", "oclc", "assign", "report"),
    *("cart open", "cart close", "cart list"),
)
PULL_ACTS: Final = ("import", "list", "show", "print", "tick", "without", "close")
ORDER_LINE_ACTS: Final = ("list", "show")
ELSEWHERE: Final[dict[str, str]] = {
    "station run": "the screen: tests/tui/test_hostile.py",
    "station serve": "it shows no text from outside: tests/cli/session/test_serve.py",
    "station office": "the pages: tests/office/test_pages.py",
    "station demo": "the screen; with --auto its own imaginary items: tests/demo/test_auto.py",
    **dict.fromkeys(
        [
            *(f"station receiving invoices {name}" for name in INVOICE_ACTS),
            *(f"station receiving orders {name}" for name in ORDER_ACTS),
            "station receiving expenditure",
        ],
        "a place with invoices and orders: tests/stories/hostile/test_purchases.py",
    ),
    **dict.fromkeys(
        [
            *(f"station receiving boxes {name}" for name in BOX_ACTS),
            *(f"station receiving receipts {name}" for name in RECEIPT_ACTS),
            *(f"station receiving order-lines {name}" for name in ORDER_LINE_ACTS),
        ],
        "a place with boxes and receipts: tests/stories/hostile/test_boxes.py",
    ),
    **dict.fromkeys(
        [
            *(f"station withdraw {name}" for name in WITHDRAWAL_ACTS),
            *(f"station withdraw lists {name}" for name in PULL_ACTS),
        ],
        "a place with withdrawals: tests/stories/hostile/test_withdrawals.py",
    ),
    **dict.fromkeys(
        [f"station transfers {name}" for name in TRANSFER_ACTS],
        "a place with a transfer: tests/stories/hostile/test_transfers.py",
    ),
    **dict.fromkeys(
        [f"station emulate {name}" for name in ("3m", "feig", "nfcudp", "pn532", "trf7970a", "say")],
        "an emulator as a process of its own, which imports nothing of the station: tests/cli/reader/test_emulate.py",
    ),
}
"""Commands that do not run as a call with an answer, and where they are tested."""
