"""International Standard Book Numbers (ISO 2108), with 10 or 13 digits.

Three facts and three rules read the numbers of each record: for that, stdnum's general cleaning takes a tenth of a look-up.
"""

from __future__ import annotations


def plain(text: str) -> str:
    """Return an ISBN in ASCII without hyphens and spaces. Nine digits are a Standard Book Number, in use until 1974: an ISBN
    behind a zero."""
    number = text.replace("-", "").replace(" ", "").upper()
    return f"0{number}" if len(number) == 9 else number


def is_valid(number: str) -> bool:
    """Return True if length, prefix and check digit of a `plain` number are right."""
    digits = number.encode()
    if not digits[:-1].isdigit():
        return False
    if len(digits) == 10:
        check = sum(place * (digit - 48) for place, digit in enumerate(digits[:-1], 1)) % 11
        return "0123456789X"[check] == number[-1]
    # the sum of the codes of 13 digits, weighed by 1 and 3, differs from that of the digits by 25 times 48
    return (
        len(digits) == 13
        and digits.isdigit()
        and number[:3] in ("978", "979")
        and not (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10
    )


def as_13(number: str) -> str:
    """Return a valid `plain` number with 13 digits."""
    if len(number) == 13:
        return number
    digits = f"978{number[:-1]}".encode()
    return digits.decode() + str(-(sum(digits[::2]) + 3 * sum(digits[1::2]) - 24 * 48) % 10)
