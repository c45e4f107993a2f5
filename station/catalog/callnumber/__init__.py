"""Call numbers of libraries: parse, sort and explain LC, Dewey, NLM, SuDoc, ANSCR and local schemes.

    from station.catalog.callnumber import parse, sort_key
    sorted(numbers, key=lambda text: sort_key(text, "lc"))

Pure and without dependencies; sources and choices in each file's docstring and in docs/call-numbers.md.
"""

from station.catalog.callnumber.cutter import cutter
from station.catalog.callnumber.explain import Explained, explain
from station.catalog.callnumber.parse import GUESSES, STANDARD, Options, parse, sort_key
from station.catalog.callnumber.value import CallNumber, Piece, Role, Scheme

__all__ = [
    "GUESSES",
    "STANDARD",
    "CallNumber",
    "Explained",
    "Options",
    "Piece",
    "Role",
    "Scheme",
    "cutter",
    "explain",
    "parse",
    "sort_key",
]
