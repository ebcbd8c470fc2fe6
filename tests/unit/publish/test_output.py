import io
import json
from datetime import date
from decimal import Decimal

import pytest

from ketaclaims.publish.output import printable, spreadsheet_safe, write_csv, write_json


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_a_spreadsheet_would_run_gets_an_apostrophe(start):
    assert spreadsheet_safe(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("value", ["1-2", "a=b", "", None, -5, Decimal("-12.50"), date(2026, 1, 2)])
def test_numbers_dates_and_other_text_stay(value):
    assert spreadsheet_safe(value) is value


def test_csv_keeps_negative_amounts_numeric_and_quotes_what_needs_it():
    out = io.StringIO()
    write_csv(out, ["name", "=amount"], [["=cmd|x", Decimal("-3.10")], ['a,"b"\nc', None]])
    assert out.getvalue() == 'name,\'=amount\n\'=cmd|x,-3.10\n"a,""b""\nc",\n'


def test_json_keeps_cents_exact():
    out = io.StringIO()
    write_json(out, ["amount", "day"], [[Decimal("0.10"), date(2026, 2, 3)]])
    assert json.loads(out.getvalue()) == [{"amount": "0.10", "day": "2026-02-03"}]


def test_terminal_control_characters_are_shown_not_obeyed():
    assert printable("a\x1b[31mb\n") == "a\\x1b[31mb\\n"
    assert printable("Ærø 1,5") == "Ærø 1,5"
