"""Amount of money as records, vendors' lists and order data write it: number, currency, text.

In doubt there is no amount: "1,234" may be a thousand or three decimals, "PBK12" is a binding, and "ALL3" is a code of
the vendor, although ALL is Albania's lek.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

import msgspec

_CODES: Final = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF"
    " CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK"
    " HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA"
    " MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD"
    " RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX"
    " USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW"
    " ATS BEF DEM ESP FIM FRF GRD IEP ITL LUF NLG PTE"
)
"""ISO 4217, without codes of metals and funds; then the currencies that the euro replaced, which older records name."""
_WORDS: Final = frozenset({"ALL", "CUP", "PEN", "TOP", "TRY"})
"""Of these, English words that stand before numbers ("ALL3", "All 3 vols.", "Top 10"). Before a number without decimals
they are no currency; the choice is the station's."""
_SIGNS: Final = {
    **{"US$": "USD", "CA$": "CAD", "CAN$": "CAD", "C$": "CAD", "AU$": "AUD", "A$": "AUD", "NZ$": "NZD", "HK$": "HKD"},
    **{"NT$": "TWD", "S$": "SGD", "R$": "BRL", "$": "$", "€": "EUR", "£": "GBP", "¥": "¥", "₩": "KRW", "₹": "INR"},
}
"""Signs, and the currency of each; the sign itself if it belongs to several currencies."""
_SEVERAL: Final = {
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN"}),
    "¥": frozenset({"JPY", "CNY"}),
    "KR": frozenset({"SEK", "NOK", "DKK", "ISK"}),
    "FR": frozenset({"CHF", "FRF", "BEF"}),
    "F": frozenset({"FRF"}),
    "RS": frozenset({"INR", "PKR", "LKR", "NPR"}),
    "L": frozenset({"ITL"}),
    "W": frozenset({"KRW"}),
}
"""Signs and abbreviations, and the currencies that each may mean."""
_ABBREVIATIONS: Final = {
    **{name: name for name in ("F", "FR", "KR", "L", "RS", "W", "R", "CZ$", "CR$", "NCR$")},
    **{"DM": "DEM", "SFR": "CHF", "FF": "FRF", "BF": "BEF", "HFL": "NLG", "LIT": "ITL", "KČ": "CZK", "ZŁ": "PLN"},
}
"""Abbreviations in prices of older records: Rs154.00, 33.00F, L8000, Cz$30.00."""
_CURRENCIES: Final = {**{code: code for code in _CODES.split()}, **_SIGNS}
_NUMBER: Final = (
    r"(?:[0-9]{1,3}(?:(?P<group>[,. '\u2019\u00a0\u202f])[0-9]{3})(?:(?P=group)[0-9]{3})?(?!(?P=group))[.,][0-9]{2}"
    r"|[0-9]{1,3}(?:(?P<only>[,.'\u2019])[0-9]{3})(?:(?P=only)[0-9]{3})"
    r"|[0-9]{1,9}(?:[.,][0-9]{1,2})?)"
)
"""Thousands in groups with two decimals; two groups of thousands; digits with at most two decimals."""


def _one_of(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_WHOLE: Final = re.compile(
    rf"(?P<before>{_one_of([*_CURRENCIES])})?\s*(?P<number>{_NUMBER})\s*(?P<after>{_one_of([*_CURRENCIES])})?\Z"
)
_MARK: Final = rf"(?:{_one_of([*_CURRENCIES])})|(?i:{_one_of([*_ABBREVIATIONS])})|[^\W\d_]{{1,3}}"
"""A currency, or letters that may be one."""
_WITHIN: Final = re.compile(
    rf"(?<![\w.,])(?:(?P<before>{_MARK})\.?\s?)?(?P<number>{_NUMBER})(?![.,]?[0-9])(?:\s?(?P<after>{_MARK})(?!\w))?"
)
_ASIDE: Final = re.compile(r"\([^()]*\)|\b(?:v|vol|pt|no|bd|t)\.?\s?[0-9]+(?![.,][0-9])", re.IGNORECASE)
"""Qualifiers and numbers of volumes in the terms of availability: "(v. 1)", "vol. 2"."""
_DECIMALS: Final = re.compile(r"[.,][0-9]{2}\Z")


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """Amount of money."""

    value: Decimal
    currency: str = ""
    """Code of ISO 4217; a sign or abbreviation, in capitals, that may mean several; "" = not given."""
    text: str
    """As written."""

    def comparable(self, other: Amount) -> bool:
        """Return False if the two amounts are in different currencies."""
        mine, theirs = self.currency, other.currency
        return (
            not mine
            or not theirs
            or mine == theirs
            or theirs in _SEVERAL.get(mine, ())
            or mine in _SEVERAL.get(theirs, ())
        )


def amount_of(text: str, *, cents: bool = False) -> Amount | None:
    """Return the amount that the whole text is; None for other text ("12.50 each", "PBK12", "1,234"). `cents`: an amount
    without a decimal mark counts hundredths ("6000" is 60.00), as in the invoice fields of GOBI's MARC records. Amounts
    of EDIFACT messages never do: they have their decimal mark (ISO 9735, 10.1)."""
    match = _WHOLE.match(text.strip().upper())
    if match is None or (match["before"] and match["after"] and match["before"] != match["after"]):
        return None
    if _is_word(match):
        return None
    value = _value(match["number"], match["group"] or match["only"] or "")
    if cents and match["number"].isdecimal():
        value = value.scaleb(-2)
    return Amount(value=value, currency=_CURRENCIES.get(match["before"] or match["after"] or "", ""), text=text)


@lru_cache(maxsize=64)
def amount_in(text: str) -> Amount | None:
    """Return the first amount in a price with other words ("$12.50 (pbk.)", "Rs154.00"), as in MARC 020 $c. A number
    that neither has a currency nor two decimals is none, unless it is the whole text."""
    plain = _ASIDE.sub(" ", text).strip(" :;,")
    whole = amount_of(plain)
    if whole is not None:
        return msgspec.structs.replace(whole, text=text)
    for match in _WITHIN.finditer(plain):
        if _is_word(match):
            continue
        marks = [mark for mark in (match["before"], match["after"]) if mark]
        known = [_CURRENCIES.get(mark) or _ABBREVIATIONS.get(mark.upper()) for mark in marks]
        currency = next((code for code in known if code), "")
        if currency or _DECIMALS.search(match["number"]):
            value = _value(match["number"], match["group"] or match["only"] or "")
            return Amount(value=value, currency=currency or "".join(marks[:1]).upper(), text=text)
    return None


def _is_word(match: re.Match[str]) -> bool:
    """Return True for a code that is a word here: "ALL3"."""
    return match["before"] in _WORDS and not _DECIMALS.search(match["number"])


def _value(number: str, group: str) -> Decimal:
    return Decimal((number.replace(group, "") if group else number).replace(",", "."))
