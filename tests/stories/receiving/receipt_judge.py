"""The judge of receipts: it compares what a desk did, and what the station says of it, with the library system's own log.

* Each copy was received once, or stands as a difference. It was sent no more often than ordered.
* Every claim is true: a received copy has our barcode in Alma, at its order line and library, and a date; a kept one is in
  the work order of the department, by one scan-in that counted no use.
* A copy that is gone, and that Alma may have received, stands as a difference; a received copy that is here does not.
* Every receipt names our department and a date, and carries a barcode of ours. Nothing else was changed.
"""

from __future__ import annotations

from typing import Any

from station.domain.receiving.difference import DifferenceKind, DifferenceState
from station.domain.receiving.order_line import ReceiptState
from tests.stories.receiving.receipt_schedule import DEPARTMENT, Copy, Outcome

Json = dict[str, Any]
RECEIPTS = ("receive", "item-create")
ARRIVED = (ReceiptState.RECEIVED, ReceiptState.KEPT, ReceiptState.NOT_KEPT)


def judge(outcome: Outcome) -> list[str]:
    """Return the faults as sentences; empty if all is well."""
    wrong = strange_effects(outcome)
    for copy in outcome.copies:
        wrong += [f"{copy.barcode} of {copy.line}: {fault}" for fault in faults(copy, outcome)]
    packed = [barcode for inside in outcome.boxes.values() for barcode in inside]
    wrong += [f"{barcode} is in two boxes" for barcode in set(packed) if packed.count(barcode) > 1]
    return wrong


def faults(copy: Copy, outcome: Outcome) -> list[str]:
    state = outcome.states[copy.count]
    sent = [row for row in outcome.log["effects"] if row["kind"] in RECEIPTS and row["sent_barcode"] == copy.barcode]
    differences = [row for row in outcome.differences.get(copy.count, []) if row.state is not DifferenceState.UNDONE]
    stands = [row for row in differences if row.kind is DifferenceKind.RECEIPT]
    wrong = []
    if len(sent) > copy.orders:
        wrong.append(f"received {len(sent)} times, ordered {copy.orders} times")
    if state is ReceiptState.WAITING:
        wrong.append("waits for ever")
    if state is ReceiptState.RECEIVED and not copy.gone:
        wrong.append("received, and nothing keeps it")
    if state in ARRIVED:
        wrong += claims(copy, state, outcome)
        if stands and not copy.gone:
            wrong.append("received, and stands as a difference")
    elif not copy.gone and not differences:
        wrong.append(f"neither received nor a difference: {state}")
    if copy.gone and sent and not stands:
        wrong.append("gone, received in Alma, and no difference")
    return wrong


def claims(copy: Copy, state: ReceiptState | None, outcome: Outcome) -> list[str]:
    """Return what is not true of a copy that the station calls received."""
    rows = [
        item
        for item in outcome.items.values()
        if (item["item_data"]["barcode"], item["item_data"].get("po_line")) == (copy.barcode, copy.line)
    ]
    if len(rows) != 1 or not rows[0]["item_data"].get("arrival_date"):
        return [f"called {state}, and Alma has not received it"]
    data = rows[0]["item_data"]
    log = outcome.log["effects"] + outcome.log["edits"]
    received = [row["seq"] for row in log if row["kind"] in RECEIPTS and row["pid"] == data["pid"]]
    wrong = []
    if not received:
        wrong.append("called received, and no effect shows it")
    if data["library"]["value"] != copy.library:
        wrong.append(f"received at {data['library']['value']}")
    scans = [row for row in outcome.log["effects"] if row["kind"] == "scan-in" and row["pid"] == data["pid"]]
    if state is ReceiptState.KEPT and (not scans or scans[-1]["seq"] < min(received)):
        wrong.append("called kept, and no scan-in shows it")
    return wrong


def strange_effects(outcome: Outcome) -> list[str]:
    """Return the effects that no receipt of this desk could have caused."""
    lines = {copy.barcode: copy.line for copy in outcome.copies}
    wrong = []
    for row in outcome.log["effects"]:
        if row["kind"] in RECEIPTS:
            place = (row["department"], row["department_library"])
            if row["at_random"] or place != DEPARTMENT or not row["params"].get("receive_date"):
                wrong.append(f"{row['sent_barcode']} was received at {place}, on {row['params'].get('receive_date')!r}")
            if lines.get(row["sent_barcode"]) != row["po_line"]:
                wrong.append(f"{row['po_line']} got the barcode {row['sent_barcode']!r}")
        elif row["kind"] == "scan-in":
            place = (row["params"].get("department"), row["params"].get("library"))
            if place != DEPARTMENT or row["in_house_use"] or not row["params"].get("work_order_type"):
                wrong.append(f"a scan-in at {place}: {row['params']}")
        elif row["kind"] != "holding-create":
            wrong.append(f"nobody asked for {row['kind']} of {row.get('barcode')}")
    return wrong
