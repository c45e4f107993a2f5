"""ANSCR: read its numbers (`parse`), make them from the facts of a recording (`generate`) and check them (`check`).

work = Work(title="Louis Armstrong", names=(Name("Armstrong, Louis", roles=frozenset({"prf"})),), ...)
categories(work)            categories proposed from the record's codes, for a person to confirm
generate(work, "MJ")        the number, and the source of each term
check("MJ ARMS LA A22", work)
"""

from station.catalog.callnumber.anscr.category import CategoryProposal, categories
from station.catalog.callnumber.anscr.facts import Contained, Heading, Name, Work
from station.catalog.callnumber.anscr.notation import CATEGORIES, STANDARD, Kind, Rules, parse
from station.catalog.callnumber.anscr.work import Finding, Proposal, Term, check, generate

__all__ = [
    "CATEGORIES",
    "STANDARD",
    "CategoryProposal",
    "Contained",
    "Finding",
    "Heading",
    "Kind",
    "Name",
    "Proposal",
    "Rules",
    "Term",
    "Work",
    "categories",
    "check",
    "generate",
    "parse",
]
