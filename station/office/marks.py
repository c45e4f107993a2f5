"""Symbols of states, as the bench's screens show them: a state is a symbol, a word and a color."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LOOK: Final = "▲"
"""A person should look at it."""
_GOOD, _WRONG, _WAITS, _ASIDE = "✓×○»"
_MARKS: Final[Mapping[str, Mapping[str, str]]] = {
    "outbox.state": {
        "delivered": _GOOD,
        "pending": _WAITS,
        "leased": _WAITS,
        "deferred": _WAITS,
        "in-doubt": LOOK,
        "parked": LOOK,
        "discarded": _ASIDE,
    },
    "item.state": {
        "tagged": _WAITS,
        "passed": _GOOD,
        "failed": _WRONG,
        "set-aside": _ASIDE,
        "erased": _ASIDE,
        "released": _ASIDE,
        "withdrawn": _ASIDE,
    },
    "last-items": {
        "pass": _GOOD,
        "fail": _WRONG,
        "covered": _WAITS,
        "set-aside": _ASIDE,
        "tag-gone": _ASIDE,
        "parts-left": LOOK,
        "withdrawn": _ASIDE,
    },
    "shipment.line": {"short": LOOK, "over": LOOK, "complete": _GOOD, "cancelled": _ASIDE},
    "shipment.outcome": {
        "matched": _GOOD,
        **dict.fromkeys(("over", "not-ordered", "wrong-edition", "cancelled", "duplicate"), LOOK),
    },
    "shipment.count": {"undone": _ASIDE, "returned": _ASIDE},
    "invoice.state": {
        "open": _WAITS,
        "signed": _GOOD,
        "exported": _GOOD,
        "paid": _GOOD,
        "void": _ASIDE,
    },
    "box.state": {"open": _WAITS, "closed": _WAITS, "received": _GOOD},
    "box.item": {"missing": LOOK},
    "withdrawal.late": {"amber": LOOK, "red": _WRONG},
    "withdrawal.proof": {
        "proven": _GOOD,
        "by-hand": _GOOD,
        "waiting": _WAITS,
        "open": "□",
        "refused": LOOK,
        "not-needed": _ASIDE,
        "not-known": "?",
    },
    "withdrawal.reply": {"yes": LOOK, "no": _GOOD, "not-known": "?"},
    "withdrawal.tag": {"live": "□", "erased": _GOOD, "destroyed": _GOOD, "watched": _ASIDE},
    "withdrawal.step": {
        **dict.fromkeys(("decide", "settle"), LOOK),
        **dict.fromkeys(("wait", "oclc"), _WAITS),
        **dict.fromkeys(("confirm", "strip", "strike", "place"), "□"),
        "nothing": _GOOD,
    },
    "pull.outcome": {
        **dict.fromkeys(("unseen", "back"), "□"),
        "found": _GOOD,
        **dict.fromkeys(("not-found", "wrong-edition"), LOOK),
        **dict.fromkeys(("on-loan", "recalled"), _WAITS),
        **dict.fromkeys(("gone", "without"), _ASIDE),
    },
    "transfer.step": {"wait": _WAITS, "settle": LOOK, "process": _WAITS, "pack": _WAITS, "nothing": _GOOD},
    "transfer.proof": {
        "proven": _GOOD,
        "by-hand": _GOOD,
        "waiting": _WAITS,
        "open": _WAITS,
        "refused": LOOK,
        "not-needed": _ASIDE,
    },
    "receipt.is": {"waiting": _WAITS, "received": _GOOD, "kept": _GOOD, "refused": LOOK, "not-kept": LOOK},
    "receipt.line": {"late": LOOK, "cancelled": LOOK},
    "sampling.level": {"tightened": LOOK},
    "fleet.bench": {"alive": _GOOD, "silent": _ASIDE, "never": _ASIDE, "moved": LOOK, "stopped": LOOK},
    "fleet.only": {"open": LOOK, "lost": LOOK, "second": LOOK},
    "fleet.reader": {"ready": _GOOD, "starts": _WAITS, "look": LOOK, "away": _WRONG, "not-known": "?"},
    "sync-check.is": {"good": _GOOD, "bad": _WRONG, "not-tested": _WAITS},
}


def mark(words: str, code: str) -> str:
    """Return the symbol of a code whose sentences begin with `words`; "" = it has none."""
    return _MARKS.get(words, {}).get(code, "")
