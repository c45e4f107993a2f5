"""Call numbers of libraries: parse, sort and explain LC, Dewey, NLM, SuDoc, ANSCR and local schemes.

    from station.catalog.callnumber import parse
    sorted(numbers, key=lambda text: parse(text, "lc").key)

Pure and dependency-free; sources and choices in each file's docstring and in docs/call-numbers.md.
"""

from station.catalog.callnumber.parse import parse, sort_key
from station.catalog.callnumber.value import CallNumber, Piece, Role, Scheme

__all__ = ["CallNumber", "Piece", "Role", "Scheme", "parse", "sort_key"]
