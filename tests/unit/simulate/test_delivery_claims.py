"""837P interchanges of the simulator, read back by an independent tokeniser."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from delivery_support import billed_lines, is_valid_837, landed, segments
from simulate_support import Simulation

from ketaclaims.simulate.adjudicate import Adjustment, RemitClaim, RemitLine
from ketaclaims.simulate.delivery.claim_837 import PriorPayer, SentClaim
from ketaclaims.simulate.delivery.interchange_837 import Outbox, write_interchanges
from ketaclaims.simulate.model import Calendar, Claim, Line
from ketaclaims.simulate.practice import build_clinic
from ketaclaims.simulate.reference import load_reference
from ketaclaims.simulate.run import simulate

SENT = datetime(2026, 1, 6, 18, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    root = tmp_path_factory.mktemp("fhir")
    simulate(root, clinics=2, months=3, seed=3, delivery="fhir")
    return Simulation(root)


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    root = tmp_path_factory.mktemp("canonical")
    simulate(root, clinics=2, months=3, seed=3)
    return Simulation(root)


def test_every_claim_sent_is_billed_once_with_its_lines_and_numbers(
    claims: Simulation, canonical: Simulation
) -> None:
    for clinic in canonical.clinics:
        sent = {r["claim_id"]: r for r in canonical.exports(clinic, "claim") if r["submitted_at"]}
        folder = claims.root / "landing" / "ehr" / f"clinic={clinic}"
        found = [line for path in sorted(folder.glob("*.837")) for line in billed_lines(segments(path))]
        wanted = Counter()
        for row in canonical.exports(clinic, "claim_line"):
            claim = sent.get(row["claim_id"])
            if claim is None or claim["version"] != row["version"]:
                continue
            numbers = (("G1", claim["pa_number"]), ("F8", claim["original_icn"]), ("6R", row["line_control"]))
            money, units = Decimal(row["charge"]).normalize(), Decimal(row["units"]).normalize()
            wanted[
                claim["pcn"], claim["frequency"], row["code"], f"{money:f}", f"{units:f}",
                tuple(number for number in numbers if number[1]), row["ndc11"],
            ] += 1  # fmt: skip
        got = Counter((x.pcn, x.frequency, x.code, x.charge, x.units, x.references, x.ndc) for x in found)
        assert got == wanted
        assert {line.frequency for line in found} == {"1", "7"}


def test_control_totals_and_counts_of_every_interchange(claims: Simulation) -> None:
    days = Counter()
    for path in landed(claims.root, "*.837"):
        found = segments(path)
        isa, gs, ge, iea = found[0], found[1], found[-2], found[-1]
        days[path.parent.name, isa[9]] += 1
        begins = [at for at, segment in enumerate(found) if segment[0] == "ST"]
        ends = [at for at, segment in enumerate(found) if segment[0] == "SE"]
        assert iea[1:] == ["1", isa[13]] and ge[1:] == [str(len(begins)), gs[6]]
        for begin, end in zip(begins, ends, strict=True):
            assert found[end][1:] == [str(end - begin + 1), found[begin][2]]
            levels = [segment[1:] for segment in found[begin:end] if segment[0] == "HL"]
            below = [[str(number), "1", "22", "0"] for number in range(2, len(levels) + 1)]
            assert levels == [["1", "", "20", "1"], *below]
        charged, billed = Decimal(0), Decimal(0)
        for segment in found:
            charged += Decimal(segment[2]) if segment[0] == "CLM" else 0
            billed += Decimal(segment[2]) if segment[0] == "SV1" else 0
        assert charged == billed > 0
    assert set(days.values()) == {1}  # one interchange a clinic and day


def test_interchanges_obey_the_implementation_guide(claims: Simulation) -> None:
    files = landed(claims.root, "*.837")
    for path in (files[0], files[-1]):
        content = path.read_bytes().decode("ascii")
        assert is_valid_837(content)
        assert not is_valid_837(content.replace("DTP*472*", "DTP*999*"))


def _claim(pcn: str = "PCN1") -> Claim:
    reference = load_reference()
    clinic = build_clinic(0, reference, Calendar(date(2026, 1, 1), 1), 1)
    patient = replace(clinic.patients[0])
    day, first, second = date(2026, 1, 5), clinic.prescribers[0], clinic.therapists[0]
    drug = Line(1, f"{pcn}L1", day, "J3490", Decimal(1), Decimal("75.00"), first, "E1", ["JZ"], [1, 2])
    drug.ndc11, drug.ndc_qty, drug.ndc_uom = "00409205105", Decimal("0.415"), "ML"
    drug.noc_text = "KETAMINE 41.5 MG: IV*"
    lines = [drug, Line(2, f"{pcn}L2", day, "96365", Decimal(1), Decimal("260.00"), second, "E1")]
    return Claim(
        clinic.clinic_id, "C1", pcn, patient, clinic.prescribers[0], SENT, SENT, ["F33.2", "R45.851"], lines
    )


def _sent(claim: Claim, **more: object) -> SentClaim:
    reference = load_reference()
    row = {
        "claim_id": claim.claim_id, "version": 1, "pcn": claim.pcn, "pos": "11", "frequency": "7",
        "original_icn": "ICN0", "pa_number": "AUTH1", "total_charge": claim.total_charge, "dx1": "F33.2",
        "dx2": "R45.851", "rendering_npi": claim.rendering_npi, "site_id": "S01", "submitted_at": SENT,
    }  # fmt: skip
    lines = [
        {
            "line_no": line.line_no, "line_control": line.line_control, "dos_from": line.dos,
            "dos_to": line.dos, "code": line.code, "units": line.units, "charge": line.charge,
            "rendering_npi": line.rendering_npi, "ndc11": line.ndc11,
            "ndc_qty": line.ndc_qty, "ndc_uom": line.ndc_uom, "noc_text": line.noc_text,
            **{f"mod{n}": m for n, m in enumerate(line.mods, 1)},
            **{f"dx_ptr{n}": p for n, p in enumerate(line.dx_ptrs, 1)},
        }
        for line in claim.lines
    ]  # fmt: skip
    coverage = {"coverage_id": "V2", "member_id": "M2", "group_id": "", "priority": 2}
    return SentClaim(row, lines, claim.patient, coverage, reference.payers["medicare_b"], **more)


def _tokens(sent: SentClaim, tmp_path: Path) -> list[list[str]]:
    clinic = build_clinic(0, load_reference(), Calendar(date(2026, 1, 1), 1), 1)
    ((moment, content),) = write_interchanges(clinic, 1, [sent])
    assert moment == SENT and is_valid_837(content.decode("ascii"))
    file = tmp_path / "one.837"
    file.write_bytes(content)
    return segments(file)


def test_an_unlisted_drug_says_what_it_is_and_no_delimiter_slips_in(tmp_path: Path) -> None:
    found = _tokens(_sent(_claim()), tmp_path)
    first = found.index(["LX", "1"])
    assert found[first : first + 6] == [
        ["LX", "1"],
        ["SV1", "HC:J3490:JZ::::KETAMINE 41.5 MG  IV", "75", "UN", "1", "", "", "1:2"],
        ["DTP", "472", "D8", "20260105"],
        ["REF", "6R", "PCN1L1"],
        ["LIN", "", "N4", "00409205105"],
        ["CTP", "", "", "", "0.415", "ML"],
    ]
    assert ["HI", "ABK:F332", "ABF:R45851"] in found
    assert ["REF", "F8", "ICN0"] in found and ["REF", "G1", "AUTH1"] in found
    # the second line was another clinician's, the first the claim's own
    assert [s[9] for s in found if s[:2] == ["NM1", "82"]] == [
        _claim().rendering_npi,
        _claim().lines[1].rendering_npi,
    ]


def test_a_secondary_claim_tells_what_the_first_payer_did(tmp_path: Path) -> None:
    claim, payers = _claim(), load_reference().payers
    cut = (Adjustment("CO", "45", Decimal(37)),)
    share = (Adjustment("PR", "1", Decimal(3)), Adjustment("PR", "2", Decimal(5)))
    bundled = (Adjustment("CO", "97", Decimal(260)),)
    lines = (
        RemitLine(claim.lines[0], Decimal(75), Decimal(30), Decimal(38), (*cut, *share)),
        RemitLine(claim.lines[1], Decimal(260), Decimal(0), Decimal(0), bundled),
    )
    answer = RemitClaim(claim.clinic_id, claim, payers["aetna"], "1", "ICN9", date(2026, 1, 4), lines)
    prior = PriorPayer({"coverage_id": "V1", "member_id": "M1", "group_id": "G1"}, payers["aetna"], answer)
    found = _tokens(_sent(claim, rank="S", prior=prior), tmp_path)
    levels = [s[1:3] for s in found if s[0] == "SBR"]
    assert levels == [["S", "18"], ["P", "18"]]
    assert ["AMT", "D", "30"] in found
    assert [s for s in found if s[0] in ("SVD", "CAS") or s[:2] == ["DTP", "573"]] == [
        ["SVD", "60054", "30", "HC:J3490:JZ", "", "1"],
        ["CAS", "CO", "45", "37"],
        ["CAS", "PR", "1", "3", "", "2", "5"],
        ["DTP", "573", "D8", "20260104"],
        ["SVD", "60054", "0", "HC:96365", "", "1"],
        ["CAS", "CO", "97", "260"],
        ["DTP", "573", "D8", "20260104"],
    ]
    whole = replace(prior, answer=replace(answer, claim_level=True))
    found = _tokens(_sent(claim, rank="S", prior=whole), tmp_path)
    assert not [s for s in found if s[0] == "SVD"] and [s for s in found if s[0] == "CAS"] == [
        ["CAS", "CO", "45", "37", "", "97", "260"],
        ["CAS", "PR", "1", "3", "", "2", "5"],
    ]


def test_a_claim_leaves_once_with_lines_exported_while_it_was_a_draft() -> None:
    outbox = Outbox()
    draft = {"claim_id": "C1", "version": 1, "submitted_at": None}
    lines = [{"claim_id": "C1", "version": 1, "line_no": n} for n in (2, 1)]
    assert list(outbox.take([draft], lines)) == []
    ((_, found),) = outbox.take([{**draft, "submitted_at": SENT}], [])
    assert [line["line_no"] for line in found] == [1, 2]
    assert list(outbox.take([{**draft, "submitted_at": SENT}], [])) == []
