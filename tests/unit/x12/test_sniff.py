"""X12 is told by content."""

import pytest
from x12_kit import interchange, payment, render

from ketaclaims.x12.sniff import is_x12, transaction_set

REMIT = render(interchange(payment()))
CLAIM_FILE = REMIT.replace(b"GS*HP", b"GS*HC").replace(b"ST*835", b"ST*837")


@pytest.mark.parametrize(
    "head",
    [
        REMIT,
        b"\xef\xbb\xbf" + REMIT,
        b"\r\n\n" + REMIT,
        b"220 welcome\r\n" + REMIT,
        render(interchange(payment()), "|", ">", "\n"),
        REMIT.decode().encode("utf-16"),
        REMIT[:40],
    ],
    ids=["plain", "bom", "blank lines", "banner", "other delimiters", "utf-16", "cut"],
)
def test_x12(head):
    assert is_x12(head)


@pytest.mark.parametrize(
    "head", [b"", b"ISA", b"ISABEL,1,2\n", b"name,charge\nLISA*,5\n", b"PK\x03\x04", b"{}", b"\xff\xfe"]
)
def test_not_x12(head):
    assert not is_x12(head)
    assert transaction_set(head) is None


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (REMIT, "835"),
        (CLAIM_FILE, "837"),
        (b"\xef\xbb\xbf" + CLAIM_FILE, "837"),
        (REMIT.decode().encode("utf-16"), "835"),
        (REMIT[: REMIT.index(b"ST*")], "835"),  # from GS01
        (REMIT.replace(b"GS*HP", b"GS*ZZ")[: REMIT.index(b"ST*")], None),
        (REMIT[:40], None),
    ],
)
def test_transaction_set(head, expected):
    assert transaction_set(head) == expected
