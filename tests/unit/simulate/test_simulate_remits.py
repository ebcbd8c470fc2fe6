from collections import Counter
from decimal import Decimal

from simulate_support import Simulation, Transaction, money, transactions


def cas_total(segments: list[list[str]]) -> Decimal:
    return sum((money(s[i]) for s in segments if s[0] == "CAS" for i in range(3, len(s), 3)), Decimal(0))


def split_at(segments: list[list[str]], head: str) -> list[list[list[str]]]:
    """Segments before the first ``head``, then one group per ``head``."""
    groups: list[list[list[str]]] = [[]]
    for segment in segments:
        if segment[0] == head:
            groups.append([])
        groups[-1].append(segment)
    return groups


def claims_of(transaction: Transaction) -> list[list[list[str]]]:
    body = [s for s in transaction.segments if s[0] not in ("PLB", "SE")]
    return split_at(body, "CLP")[1:]


def plb_total(transaction: Transaction) -> Decimal:
    found = [s for s in transaction.segments if s[0] == "PLB"]
    return sum((money(s[i]) for s in found for i in range(4, len(s), 2)), Decimal(0))


def all_transactions(practice: Simulation) -> list[Transaction]:
    return [t for content in practice.remits.values() for t in transactions(content)]


def test_every_transaction_balances_to_the_cent(practice: Simulation) -> None:
    for transaction in all_transactions(practice):
        paid = sum((money(claim[0][4]) for claim in claims_of(transaction)), Decimal(0))
        payment = money(transaction.first("BPR")[2])
        assert payment == paid - plb_total(transaction)
        assert payment >= 0


def test_every_claim_and_line_balances_to_the_cent(practice: Simulation) -> None:
    line_count = 0
    for transaction in all_transactions(practice):
        for claim in claims_of(transaction):
            head, *lines = split_at(claim, "SVC")
            clp = claim[0]
            assert money(clp[3]) - cas_total(claim) == money(clp[4])
            for line in lines:
                assert money(line[0][2]) - cas_total(line) == money(line[0][3])
            if lines:
                assert cas_total(head) == 0
                assert sum((money(line[0][2]) for line in lines), Decimal(0)) == money(clp[3])
                assert sum((money(line[0][3]) for line in lines), Decimal(0)) == money(clp[4])
            share = sum(
                (money(s[i]) for s in claim if s[:2] == ["CAS", "PR"] for i in range(3, len(s), 3)),
                Decimal(0),
            )
            assert money(clp[5]) == (share if clp[2] != "22" else 0)
            line_count += len(lines)
    truth = sum(int(row["claim_count"]) for row in practice.truth("payments"))
    assert line_count > truth  # more lines than claims: most remits are by line


def test_payments_on_disk_are_those_of_the_truth(practice: Simulation) -> None:
    on_disk = Counter(
        (t.trace, t.first("BPR")[16], money(t.first("BPR")[2]), len(claims_of(t)))
        for t in all_transactions(practice)
    )
    told = {
        (r["trace"], r["payment_date"].replace("-", ""), Decimal(r["amount"]), int(r["claim_count"])): int(
            r["copies"]
        )
        for r in practice.truth("payments")
    }
    assert on_disk == told
    repeated = [c for name, c in practice.remits.items() if name.endswith(("_again.835", "_copy.835"))]
    assert len(repeated) == 4  # each clinic has a file sent again and one copied
    assert Counter(told.values())[2] == sum(len(transactions(c)) for c in repeated)
    assert max(told.values()) == 2
    traces = [row["trace"] for row in practice.truth("payments")]
    assert len(traces) == len(set(traces))


def test_resent_file_differs_in_control_numbers_alone(practice: Simulation) -> None:
    for again in (name for name in practice.remits if name.endswith("_again.835")):
        first = transactions(practice.remits[again.replace("_again", "")])
        second = transactions(practice.remits[again])
        assert [t.segments for t in first] == [t.segments for t in second]
        assert first[0].control != second[0].control
    for copy in (name for name in practice.remits if name.endswith("_copy.835")):
        assert practice.remits[copy] == practice.remits[copy.replace("_copy", "")]


def test_remits_show_the_situations_readers_must_know(practice: Simulation) -> None:
    files = practice.remits
    found = all_transactions(practice)
    claims = [claim for t in found for claim in claims_of(t)]
    statuses = Counter(claim[0][2] for claim in claims)
    plb_codes = {
        s[i].split(t.component)[0]
        for t in found
        for s in t.segments
        if s[0] == "PLB"
        for i in range(3, len(s), 2)
    }
    assert {"1", "2", "4", "19", "22"} == set(statuses)
    assert plb_codes == {"WO", "L6", "72", "FB"}
    assert any(len(split_at(claim, "SVC")) == 1 for claim in claims)  # claim level only
    assert any(t.first("BPR")[1] == "H" and t.first("BPR")[4] == "NON" for t in found)
    assert any(s[:2] == ["NM1", "TT"] for claim in claims for s in claim)  # forwarded to a second payer
    lines = [segments for claim in claims for segments in split_at(claim, "SVC")[1:]]
    assert any(["REF", "6R"] not in [s[:2] for s in line] for line in lines)  # two lines answered as one
    recoded = [line[0] for line in lines if len(line[0]) > 6 and line[0][6]]
    assert recoded and all(s[1][-5:] < s[6][-5:] for s in recoded)  # paid as a lower level, ours in SVC06
    controls = [Counter(s[2] for s in claim if s[:2] == ["REF", "6R"]) for claim in claims]
    assert any(max(found.values(), default=0) == 2 for found in controls)  # a line answered in two
    assert len({(c[3:4], c[104:106]) for c in files.values()}) == 5  # delimiter habits
    assert {b"\n", b"\r"} <= {c[106:107] for c in files.values()} and any(
        b"\n" not in c for c in files.values()
    )
    assert sum(name.endswith(".zip") for name in files) == 2
    assert max(len(transactions(c)) for c in files.values()) > 2


def test_a_reversal_nets_to_zero_against_the_payment_it_takes_back(practice: Simulation) -> None:
    reversals = [c for t in all_transactions(practice) for c in claims_of(t) if c[0][2] == "22"]
    originals = {
        (c[0][1], c[0][7]): c for t in all_transactions(practice) for c in claims_of(t) if c[0][2] in "14"
    }
    assert reversals
    for reversal in reversals:
        original = originals[reversal[0][1], reversal[0][7]]
        assert money(reversal[0][3]) == -money(original[0][3])
        assert money(reversal[0][4]) == -money(original[0][4])
        assert cas_total(reversal) == -cas_total(original)


def test_claim_truth_is_the_sum_of_its_remits(practice: Simulation) -> None:
    paid: Counter[tuple[str, str]] = Counter()
    seen = set()
    clinic_of = {
        row["npi"]: row["clinic_id"] for c in practice.clinics for row in practice.exports(c, "site")
    }
    for transaction in all_transactions(practice):
        if transaction.trace in seen:
            continue
        seen.add(transaction.trace)
        clinic = clinic_of[transaction.first("N1", "PE")[4]]
        for claim in claims_of(transaction):
            paid[clinic, claim[0][1]] += money(claim[0][4])  # type: ignore[assignment]
    truth = {
        (row["clinic_id"], row["pcn"]): Decimal(row["paid"])
        for row in practice.truth("claims")
        if row["remit_count"] != "0"
    }
    replaced = {(row["clinic_id"], row["pcn"]) for row in practice.truth("claims")}
    assert dict(paid) == truth and len(replaced) == len(practice.truth("claims"))
