"""Calls of each command that journals for a person, on the data directory of `tests.office.desk`, in the name of Tess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tests.office.desk import BLIND, CRITICAL, ITEM, MENDED, OPEN, ORDER, PINS, TICKED, UNSEEN

SAMPLE: Final = "31999000000030"
"""Barcode of a record of the sample catalog."""
NEW_PIN: Final = "650284"
FILES: Final = {
    "list.csv": "line,isbn,title,Qty\n1,9780306406157,First,1\n",
    "vendors.toml": '[[vendor]]\nid = "other"\nname = "Other Books"\n',
    "orders.toml": '[[order]]\nnumber = "B-2"\nvendor = "ybp"\namount = "10.00"\n',
    "plan.toml": '[[codes]]\naccount = "11-6399"\ntitle = "Maps"\n',
    "invoice.csv": "line,title,amount\n1,Books,20.00\n",
    "moves.csv": f"barcode,library,location\n{SAMPLE},EAST,STACKS\n",
    "pull.csv": f"barcode\n{SAMPLE}\n",
}


class Act(NamedTuple):
    """One call."""

    words: str
    lines: tuple[str, ...] = (PINS["tess"],)
    """Lines of stdin with which the act is done."""
    code: int = 0
    """Exit code with them."""
    done: bool = True
    """False: what is on the desk does not allow the act, and only its refusal without a proof is tried."""


WITH_SUE: Final = (PINS["sue"], PINS["tess"])
LENT_BY_SUE: Final = (PINS["tess"], "sue", PINS["sue"])

ACTS: Final[Mapping[str, Act]] = {
    "catalog import": Act("catalog import --replace {sample}"),
    "catalog check": Act(f"catalog check {SAMPLE} --queue", done=False),
    "cataloging add": Act("cataloging add 31999000000345 --title Maps --reason no-record"),
    "cataloging resolve": Act("cataloging resolve 31999000000352 --record 1"),
    "corrections assign": Act(f"corrections assign {OPEN} --owner bea"),
    "corrections mend": Act(f"corrections mend {OPEN}"),
    "corrections recheck": Act(f"corrections recheck {MENDED} --passed"),
    "corrections close": Act(f"corrections close {OPEN} --result no-defect --reason right"),
    "corrections order": Act(f"corrections order {ITEM} --worker tim --reason sample"),
    "corrections look": Act(f"corrections look {BLIND}"),
    "corrections waive": Act(f"corrections waive {CRITICAL} --reason rare"),
    "library note": Act(f"library note {SAMPLE} hello --reason asked --system file"),
    "library facts": Act(f"library facts {SAMPLE} --condition good --reason asked --system file"),
    "outbox retry": Act("outbox retry {delivery}"),
    "outbox resolve": Act("outbox resolve {delivery} discard --reason old"),
    "outbox discard": Act("outbox discard {delivery} --reason old"),
    "people add": Act("people add eve --name Eve --role trainee"),
    "people role": Act("people role tim operator --reason learned"),
    "people retrain": Act("people retrain tim"),
    "people leave": Act("people leave tim --reason moved"),
    "people erase": Act("people erase tim --reason asked", LENT_BY_SUE),
    "people card add": Act("people card add tim STAFF-7"),
    "people pin reset": Act("people pin reset tim", (PINS["tess"], NEW_PIN)),
    "people pin change": Act("people pin change tess", (PINS["tess"], NEW_PIN)),
    "quality rules accept": Act("quality rules accept"),
    "receiving import": Act("receiving import {list.csv} --list L-1 --vendor YBP"),
    "receiving type": Act("receiving type L-1 --vendor YBP --line isbn=9780306406157"),
    "receiving close": Act("receiving close INV-7"),
    "receiving vendors import": Act("receiving vendors import {vendors.toml}"),
    "receiving accounts import": Act("receiving accounts import {plan.toml}"),
    "receiving shipment open": Act("receiving shipment open --vendor YBP"),
    "receiving shipment close": Act("receiving shipment close {open}"),
    "receiving count": Act("receiving count 9780140449136 --shipment {open}"),
    "receiving fault": Act("receiving fault {count} damaged --note torn"),
    "receiving undo": Act("receiving undo {count}"),
    "receiving return": Act("receiving return {count} --reason not-chosen"),
    "receiving bind": Act("receiving bind {count} 31234000000148"),
    "receiving claim": Act("receiving claim {short}"),
    "receiving differences assign": Act("receiving differences assign {short} --owner bea"),
    "receiving differences note": Act("receiving differences note {short} --note seen"),
    "receiving differences end": Act(
        "receiving differences end {short} replaced --reason came --reference R-1 --second sue", WITH_SUE
    ),
    "receiving boxes open": Act("receiving boxes open WEST"),
    "receiving boxes pack": Act("receiving boxes pack {open-box} 31234000000015 --despite elsewhere", done=False),
    "receiving boxes take-out": Act("receiving boxes take-out {open-box} 31234000000049"),
    "receiving boxes close": Act("receiving boxes close {open-box}"),
    "receiving boxes receive": Act("receiving boxes receive {box}"),
    "receiving boxes reopen": Act("receiving boxes reopen {box} --reason one-more"),
    "receiving invoices import": Act(
        "receiving invoices import {invoice.csv} --number N-1 --vendor ybp --column title=title", code=1
    ),
    "receiving invoices type": Act("receiving invoices type N-1 --vendor ybp --date 2026-07-14 --total 5.00", code=1),
    "receiving invoices code": Act("receiving invoices code Y-1 all --share account=11-6320"),
    "receiving invoices rate": Act("receiving invoices rate HB-2 1.10"),
    "receiving invoices credit": Act("receiving invoices credit CM-1 Y-1"),
    "receiving invoices okay": Act("receiving invoices okay Y-1 --reason came --second sue", WITH_SUE),
    "receiving invoices take-back": Act("receiving invoices take-back Y-2 --reason wrong"),
    "receiving invoices export": Act("receiving invoices export --to {out}/a.csv"),
    "receiving invoices paid": Act("receiving invoices paid Y-3"),
    "receiving invoices void": Act("receiving invoices void Y-1 --reason wrong"),
    "receiving invoices correct": Act("receiving invoices correct Y-3 --line amount=1.00"),
    "receiving orders record": Act(f"receiving orders record {ORDER} --amount 120.00 --reason more"),
    "receiving orders import": Act("receiving orders import {orders.toml}"),
    "release truck": Act("release truck {barcodes} --truck T-1", code=1),
    "roll load": Act("roll load R-1"),
    "sound check": Act("sound check --heard --seen", code=1),
    "call-staff": Act("call-staff"),
    "transfers decide": Act(f"transfers decide {SAMPLE} --library EAST"),
    "transfers import": Act("transfers import {moves.csv} --name move"),
    "transfers cancel": Act("transfers cancel {transfer} --reason no"),
    "transfers confirm": Act("transfers confirm {transfer} --reason seen"),
    "transfers lost": Act(f"transfers lost {SAMPLE}"),
    "transfers found": Act(f"transfers found {UNSEEN}"),
    "withdraw decide": Act(
        f"withdraw decide {SAMPLE} --reason weeded --destination recycle --approver Lee --despite worn"
    ),
    "withdraw cancel": Act("withdraw cancel {leaving} --reason no"),
    "withdraw confirm": Act("withdraw confirm {leaving} --reason seen"),
    "withdraw destroyed": Act("withdraw destroyed {gone} --how tag-cut"),
    "withdraw place": Act("withdraw place {gone} --in B-1", done=False),
    "withdraw oclc": Act("withdraw oclc {gone}"),
    "withdraw assign": Act("withdraw assign {leaving} --owner bea"),
    "withdraw cart open": Act(
        "withdraw cart open Autumn --reason weeded --destination recycle --approver Lee", done=False
    ),
    "withdraw cart close": Act("withdraw cart close {cart}"),
    "withdraw lists import": Act(
        "withdraw lists import {pull.csv} --name Maps --reason weeded --destination recycle --approver Lee"
    ),
    "withdraw lists tick": Act(f"withdraw lists tick {{pull}} {UNSEEN} not-found"),
    "withdraw lists without": Act(f"withdraw lists without {{pull}} {TICKED} --despite worn"),
    "withdraw lists close": Act("withdraw lists close {pull}"),
    "catalog rebuild": Act("catalog rebuild --from {out}", done=False),
    "library members": Act(f"library members S-1 {SAMPLE} --reason asked --system alma", done=False),
    "library scan-in": Act(f"library scan-in {SAMPLE} --system alma", done=False),
    "people card remove": Act("people card remove STAFF-7", done=False),
    "people pin set": Act("people pin set eve", done=False),
    "people pin recover": Act("people pin recover tess --reason lost", (NEW_PIN,)),
    "people rename": Act("people rename tim Timothy", done=False),
    "people speak": Act("people speak tim --language es", done=False),
    "quality sampling unasked": Act("quality sampling unasked worker tim --recheck", done=False),
    "receiving invoices compare": Act("receiving invoices compare Y-1", done=False),
    "receiving order-lines show": Act("receiving order-lines show POL-1", done=False),
    "receiving receipts order": Act("receiving receipts order {count} --yes", done=False),
    "tag abandon": Act("tag abandon E004010012345678 --reason broken", done=False),
    "transfers read": Act("transfers read {transfer}", done=False),
    "withdraw watch": Act("withdraw watch --ask", done=False),
    "withdraw lists show": Act("withdraw lists show {pull} --ask", done=False),
}

LOOKS: Final = {
    path
    for group, names in {
        "": "demo run serve office init doctor manual process convert set sets inspect undo harness item "
        "label sign-on sign-off who board settings restore update",
        "stack": "verify",
        "release": "check",
        "withdraw": "answer list report show",
        "withdraw cart": "list",
        "withdraw lists": "list print",
        "tag": "decode diff doctor encode erase explain history ledger migrate plan read write",
        "pad": "items security update",
        "reader": "badge capture health info label placement scan signal",
        "reader configuration": "default read restart save write",
        "emulate": "3m feig nfcudp pn532 say scenarios trf7970a",
        "web certificate": "make show trust-help",
        "web": "check",
        "catalog": "inspect search show",
        "callnumber": "anscr cutter explain label parse sort",
        "cataloging": "list show",
        "orders": "list",
        "receiving accounts": "export show try",
        "receiving boxes": "list show",
        "receiving differences": "list show",
        "receiving": "expenditure list read show",
        "receiving invoices": "exports list sheet show",
        "receiving order-lines": "list",
        "receiving orders": "export list notice review show",
        "receiving receipts": "list",
        "receiving shipment": "list show",
        "receiving vendors": "export list show",
        "transfers": "list show",
        "quality": "check stats",
        "quality rules": "explain lint list",
        "quality sampling": "draw plan rejected replay state tells",
        "corrections": "figures list overdue show slip",
        "people": "list record sign-on",
        "people pin": "list",
        "sound": "mute test unmute volume",
        "journal": "archive continue rebuild show verify",
        "backup": "create verify",
        "fleet": "adopt benches demo doctor goal goals invite join leave ledger migrate project quarantine "
        "rebuild restore serve status",
        "outbox": "list show",
        "sync": "check",
    }.items()
    for name in names.split()
    for path in [f"{group} {name}".strip()]
}
"""Commands that journal nothing for a person: they look, print, or keep files and readers in order. Those of the bench
(`process`, `tag write`, ...) submit commands of the bench, which are tried at the socket."""
