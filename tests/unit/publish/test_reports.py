import base64
import hashlib
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from ketaclaims.publish.publish import publish
from ketaclaims.publish.reports import bar_chart, shown

AS_OF = date(2026, 6, 30)
HOSTILE = "<img src=x onerror=alert(1)>\"'</style><script>alert(2)</script> {{ 7*7 }} {0}"


class Page(HTMLParser):
    """Tags, attributes and text of a page as a browser would take them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(html)
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


def render(installation, rows):
    installation.fill(rows)
    folder = publish(installation.settings, "r1", AS_OF, installation.manifest, None)
    return (folder / "reports" / "index.html").read_text()


def sample():
    return {
        "dim_payers": [{"payer_key": "k", "payer_id": "1", "payer_name": HOSTILE}],
        "fct_claims": [
            {
                "claim_key": "a",
                "claim_status": "submitted",
                "claim_outcome": "paid",
                "charge_amount": Decimal("100.10"),
            },
            {
                "claim_key": "b",
                "claim_status": "submitted",
                "claim_outcome": "not_answered",
                "charge_amount": Decimal("1200.00"),
                "denial_amount": Decimal(0),
                "first_service_date": AS_OF - timedelta(days=31),
            },
            {
                "claim_key": "c",
                "claim_status": "draft",
                "claim_outcome": "not_answered",
                "charge_amount": Decimal(7),
            },
            {
                "claim_key": "d",
                "claim_status": "replaced",
                "claim_outcome": "denied",
                "charge_amount": Decimal(9),
            },
        ],
        "fct_denials": [
            {
                "payer_key": "k",
                "group_code": "CO",
                "carc": "16",
                "service_date": AS_OF - timedelta(days=121),
                "carc_desc": HOSTILE,
                "denial_amount": Decimal("40.05"),
            }
        ],
        "fct_remit_events": [
            {
                "payer_key": "k",
                "charge_amount": Decimal("80.10"),
                "paid_amount": Decimal("-0.05"),
                "is_final": True,
            }
        ],
        "fct_coding_findings": [
            {
                "rule_code": "COD-001",
                "rule_title": HOSTILE,
                "finding_status": status,
                "at_stake_amount": amount,
            }
            for status, amount in [
                ("fail", Decimal("5.25")),
                ("resolved", Decimal(100)),
                ("not_evaluable", None),
            ]
        ],
        "fct_remittance_reconciliation": [
            {
                "payment_state": state,
                "payment_amount": Decimal(10),
                "unexplained_cents": cents,
                "event_difference_cents": 0,
                "payer_key": "k",
            }
            for state, cents in [("counted", 0), ("counted", 1), ("held", 0), ("duplicate", 0)]
        ],
        "fct_file_ledger": [
            {"input_kind": "x12_835", "input_status": "committed", "committed_at": datetime(2026, 6, 1)}
        ],
    }


@pytest.fixture(scope="module")
def sample_page(shared_installation):
    return render(shared_installation, sample())


def test_headline_figures(sample_page):
    text = Page(sample_page).text
    assert "Billed $1,300.10 2 standing claims" in text
    assert "Paid by payers -$0.05" in text
    assert "Denied $40.05 1 final denials" in text
    assert "At stake in open findings $5.25 1 open findings; 1 checks could not be judged" in text
    assert "Payments reconciled to the cent 1 of 2 $20.00 counted" in text
    assert "Payments held for a person 1 $10.00" in text
    assert "Awaiting a payer's answer $1,200.00 1 claims" in text
    assert "31\N{EN DASH}60 days 1 $1,200.00 0 $0.00 $1,200.00" in text
    assert "Over 120 days 0 $0.00 1 $40.05 $40.05" in text
    assert "As of 2026-06-30" in text and "published 20" in text


def test_hostile_names_stay_text(sample_page):
    page = Page(sample_page)
    assert HOSTILE in page.text
    assert not {"script", "img", "iframe", "object", "link", "form"} & set(page.tags)
    assert [name for name, _ in page.attributes if name.startswith("on")] == []


def test_page_loads_nothing_and_its_policy_allows_only_its_own_style(sample_page):
    page = Page(sample_page)
    assert [
        value for name, value in page.attributes if name in {"src", "srcset", "action", "xlink:href"}
    ] == []
    assert [value for name, value in page.attributes if name == "href"] == []
    assert not re.search(r"https?://|url\(|@import|//[a-z]", sample_page)
    (style,) = re.findall(r"<style>(.*?)</style>", sample_page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(value for _, value in page.attributes if value and "default-src" in value)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert [name for name, _ in page.attributes if name == "style"] == []


def test_an_empty_warehouse_gives_a_page_that_says_so(installation):
    text = Page(render(installation, {})).text
    assert "No open findings." in text and "No denials." in text
    assert "Billed $0.00 0 standing claims" in text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (Decimal("-1234.5"), "money", "-$1,234.50"),
        (Decimal("12345678901234.55"), "money", "$12,345,678,901,234.55"),
        (1234, "count", "1,234"),
        (Decimal("11.500"), "number", "11.5"),
        (Decimal("1000.000"), "number", "1,000"),
        (Decimal("12.34"), "percent", "12.3 %"),
        (date(2026, 1, 2), "date", "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4), "date", "2026-01-02 03:04 UTC"),
        (None, "money", "\N{EN DASH}"),
        ("<b>", "text", "<b>"),
    ],
)
def test_values_as_people_read_them(value, kind, text):
    assert shown(value, kind) == text


def test_chart_keeps_equal_labels_apart_and_shows_every_amount():
    svg = bar_chart(["same", "same", "<b>"], [Decimal("3.10"), Decimal(2), Decimal(0)])
    assert [text in svg for text in ("$3.10", "$2.00", "$0.00", "&lt;b&gt;")] == [True] * 4
    assert svg.count(">same<") == 2 and "http" not in svg
