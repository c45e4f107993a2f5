"""The account plan as a file: what is written is read back, and every defect is refused by its line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from station.acquisitions.account_plan_file import read, write
from station.base.errors import VendorFileRefused
from station.base.text import clean
from station.domain.invoices.invoice import ChargeKind, Share
from station.domain.invoices.plan import (
    AccountCode,
    AccountPlan,
    ChargeRule,
    CodeRule,
    ExportColumn,
    Rounding,
    Spread,
    TaxRounding,
    TaxRule,
    TaxTreatment,
)
from tests.support.for_each import for_each
from tests.support.told import raises_told

FILE = """\
currency = "USD"
rounding = "half-even"
tax_rounding = "line"
year_begins = "10-01"
tolerance = "0.02"
warn_percent = 75
warn_days = 30

[[codes]]
account = "10-BOOKS"
title = "Books \\u007F"
valid_to = "2027-09-30"

[[codes]]
account = "90-MAIL"

[[rules]]
id = "films"
vendor = "gobi"
material = "dvd"
shares = [{account = "10-BOOKS", fund = "B", percent = "60"}, {account = "90-MAIL", percent = "40"}]

[[rules]]
id = "rest"
shares = [{account = "10-BOOKS"}]

[[charges]]
kind = "shipping"
spread = "account"
account = "90-MAIL"

[[taxes]]
library = "MAIN"
treatment = "accrued"
percent = "8.25"
on_charges = true
valid_from = "2026-07-01"

[[taxes]]
treatment = "exempt"
note = "Certificate 7"

[[columns]]
field = "invoice"
title = "Number"
"""
PLAN = AccountPlan(
    rounding=Rounding.HALF_EVEN,
    tax_rounding=TaxRounding.LINE,
    year_begins="10-01",
    warn_percent=75,
    warn_days=30,
    codes=(
        AccountCode(account="10-BOOKS", title=clean("Books \x7f"), valid_to="2027-09-30"),
        AccountCode(account="90-MAIL"),
    ),
    rules=(
        CodeRule(
            id="films",
            vendor="gobi",
            material="dvd",
            shares=(Share(account="10-BOOKS", fund="B", percent="60"), Share(account="90-MAIL", percent="40")),
        ),
        CodeRule(id="rest", shares=(Share(account="10-BOOKS"),)),
    ),
    charges=(ChargeRule(kind=ChargeKind.SHIPPING, spread=Spread.ACCOUNT, account="90-MAIL"),),
    taxes=(
        TaxRule(
            library="MAIN", treatment=TaxTreatment.ACCRUED, percent="8.25", on_charges=True, valid_from="2026-07-01"
        ),
        TaxRule(treatment=TaxTreatment.EXEMPT, note="Certificate 7"),
    ),
    columns=(ExportColumn(field="invoice", title="Number"),),
)


def test_a_file_holds_the_whole_plan() -> None:
    assert read(FILE.encode(), "plan.toml") == PLAN
    assert write(PLAN).decode() == FILE.replace("Books \\u007F", clean("Books \x7f"))
    assert read(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode(), "plan.toml") == PLAN


@for_each(
    "before, after, refusal",
    [
        ('year_begins = "10-01"', 'year_begins = "02-30"', r"p\.toml, line 4: .*year_begins"),
        ('title = "Books', 'colour = "Books', r"p\.toml, line 11: .*`colour`"),
        (
            'account = "90-MAIL"\n\n[[rules]]',
            'account = "10-BOOKS"\n\n[[rules]]',
            r'line 15: "10-BOOKS" is there twice',
        ),
        ('id = "rest"', 'id = "films"', r'line 24: "films" is there twice'),
        (
            '[{account = "10-BOOKS"}]',
            '[{account = "77"}]',
            r'line 25: the list of codes does not have the account "77"',
        ),
        ('percent = "40"', 'percent = "41"', r"line 21: several shares need percent, together 100"),
        ('spread = "account"', 'spread = "copies"', r'line 30: only spread = "account" has an account'),
        ('percent = "8.25"', 'percent = "101"', r"line 35: percent is a number from 0 to 100"),
        ('treatment = "exempt"', 'treatment = "charged"', r"line 3\d: percent is a number from 0 to 100"),
        ('valid_from = "2026-07-01"', 'valid_from = "2026-02-30"', r"line 37: 2026-02-30 is not a day"),
        ('valid_to = "2027-09-30"', 'valid_to = "2027-09-31"', r"line 12: 2027-09-31 is not a day"),
        ('field = "invoice"', 'field = "iban"', r"`\$\.columns\[0\]\.field`"),
        ("warn_days = 30", "warn_days = 30\nwarn_days = 31", r"p\.toml is no TOML"),
    ],
)
def test_a_defect_is_refused_by_its_line(before: str, after: str, refusal: str) -> None:
    assert before in FILE
    with raises_told(VendorFileRefused, match=refusal):
        read(FILE.replace(before, after).encode(), "p.toml")


TEXTS = st.text(max_size=30).map(clean)
CODES = st.lists(TEXTS.filter(bool), min_size=1, max_size=4, unique=True)


@given(CODES, TEXTS, TEXTS)
def test_what_is_written_is_read_back_and_written_as_the_same_bytes(accounts: list[str], title: str, note: str) -> None:
    plan = AccountPlan(
        codes=tuple(AccountCode(account=account, title=title) for account in accounts),
        rules=(CodeRule(id="any", vendor=note, shares=(Share(account=accounts[0], fund=title),)),),
        taxes=(TaxRule(treatment=TaxTreatment.EXEMPT, note=note),),
    )
    assert read(write(plan), "plan.toml") == plan
    assert write(read(write(plan), "plan.toml")) == write(plan)
