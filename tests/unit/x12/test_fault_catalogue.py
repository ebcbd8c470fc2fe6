"""Every fault of real 835s and of the fault catalogue's parts A, B and C, and the tests that cover it.

``COVERED`` is the table: what goes wrong → the tests that hold its outcome. The tests at the end are those
that stood nowhere else. A name that is no test of the project fails.
"""

import ast
from decimal import Decimal
from pathlib import Path

import pytest
from x12_kit import CLAIM, FIXTURES, HEAD, interchange, payment, read, render

TESTS = Path(__file__).parents[2]
D = Decimal

COVERED = {
    # faults A: envelope and encoding
    "A1 empty": ["test_empty"],
    "A2 truncated": [
        "test_a_cut_at_any_byte_is_truncated",
        "test_a_missing_trailer_is_truncated",
        "test_a_released_truncated_file_loads_its_whole_transactions_only",
    ],
    "A3 still growing": ["test_a_file_that_grows_while_it_is_looked_at_waits"],
    "A4 counts and control numbers": [
        "test_wrong_se_warns_its_transaction",
        "test_wrong_envelopes_warn_the_file_and_no_transaction",
    ],
    "A5 other delimiters": ["test_rows_do_not_depend_on_the_delimiters"],
    "A6 one line, one huge segment": [
        "test_segment_length_limit",
        "test_hostile_bytes_take_linear_time",
    ],
    "A7 BOM, UTF-16, Latin-1, NUL": [
        "test_byte_order_mark_and_banner_are_skipped_with_a_note",
        "test_utf16_is_refused",
        "test_latin_1_nul_and_controls_hold_their_transaction_only",
        "test_invalid_bytes_in_the_envelope_refuse_the_file",
    ],
    "A8 not X12": ["test_not_x12"],
    "A9 wrong version": ["test_unsupported_version"],
    "A10 test file": ["test_test_files_are_refused_unless_the_settings_take_them"],
    "A11 several ISA, one bad ST": [
        "test_each_interchange_has_its_own_delimiters",
        "test_one_bad_transaction_among_good_ones_is_held_alone",
    ],
    # faults B: content
    "B12 a cent off": ["test_a_cent_out_of_balance_holds"],
    "B13 claim or lines off": ["test_what_does_not_add_up_is_flagged_with_its_difference"],
    "B14 reversal and correction": [
        "test_a_reversal_and_its_correction_net",
        "test_money_reversals_find_their_originals",
        "test_money_any_order_of_arrival_changes_nothing",
    ],
    "B15 PLB, negative and zero payment": [
        "test_a_positive_plb_lowers_the_payment",
        "test_a_negative_payment_loads_flagged",
        "test_a_missing_payment_date_holds_only_where_money_moves",
    ],
    "B16 a claim never sent": ["test_money_unmatched_and_ambiguous_claims_are_kept_and_not_guessed"],
    "B17 unknown codes": ["test_odd_codes_load_flagged_and_as_sent", "test_money_unknown_codes_stay_visible"],
    "B18 dates": [
        "test_an_unreadable_payment_date_holds",
        "test_other_dates_warn_and_keep_their_text",
        "test_unreadable_dates",
    ],
    "B19 amounts": ["test_an_unreadable_amount_is_null_and_holds", "test_unreadable_amounts"],
    # faults C: duplicates, order, late data
    "C24 same bytes twice": ["test_known_bytes_under_other_names_and_times_are_recorded_once"],
    "C25 same remit again": [
        "test_spelling_and_envelope_do_not_change_the_identity",
        "test_content_changes_the_identity_and_not_the_reference",
        "test_money_payment_states",
    ],
    "C26 any order": ["test_money_any_order_of_arrival_changes_nothing"],
    "C28 run again": ["test_nothing_new_commits_nothing", "test_overlapping_runs_count_once"],
    # domain 10: what real payers get wrong
    "BOM, blank lines, banner before ISA": ["test_byte_order_mark_and_banner_are_skipped_with_a_note"],
    "line breaks after or as terminator": ["test_rows_do_not_depend_on_the_delimiters"],
    "wrapped at 80 columns": [
        "test_lines_wrapped_at_80_columns_are_joined",
        "test_lines_wrapped_at_any_width_rebuild_the_same_segments",
    ],
    "ISA of wrong length": ["test_trimmed_and_padded_headers_are_counted_out"],
    "terminator in data": [
        "test_a_terminator_inside_a_name_is_given_back_to_it",
        "test_a_piece_that_looks_like_a_segment_is_flagged_and_kept",
    ],
    "text after IEA, two ISA, two sets of delimiters": [
        "test_text_after_the_last_interchange_is_flagged_and_padding_is_not",
        "test_each_interchange_has_its_own_delimiters",
    ],
    "lower-case ids and qualifier hc": ["test_lower_case_ids_and_qualifiers_are_read"],
    "CLP without NM1, any order in the loop": [
        "test_a_claim_needs_no_name",
        "test_segments_of_a_claim_come_in_any_order",
    ],
    "CAS holes, zero amounts, repeated groups": [
        "test_holes_between_adjustments_are_kept",
        "test_a_repeated_group_and_a_zero_amount_are_added_up",
    ],
    "claim CAS repeating the line CAS": ["test_a_claim_cas_that_repeats_the_line_cas_is_flagged"],
    "units 0, missing or in SVC07": ["test_units_stay_as_sent"],
    "empty tails, modifiers in one string": ["test_procedures", "test_modifiers_in_one_string_are_split"],
    "bundled and split codes": ["test_the_billed_code_and_units_stand_beside_the_paid_ones"],
    "CLP01 changed": ["test_money_match_methods"],
    "lines do not add up to the claim": ["test_what_does_not_add_up_is_flagged_with_its_difference"],
    "BPR02 off": ["test_a_cent_out_of_balance_holds"],
    "LQ without qualifier, claim RARC in LQ": ["test_remarks_without_a_qualifier_or_a_line_are_kept"],
    "CO45 glued": ["test_a_glued_reason_is_taken_apart"],
    "4010 habits": ["test_odd_codes_load_flagged_and_as_sent", "test_a_positive_reversal_is_never_flipped"],
    "same ST in two files": ["test_spelling_and_envelope_do_not_change_the_identity"],
    "blanks around TRN02": ["test_blanks_around_a_trace_number_are_cut_and_zeros_are_not"],
    "two payees": ["test_several_transactions_keep_their_own_payee"],
    # segments of the structure that carry no column of their own, or several
    "zero-pay NON": ["test_a_zero_payment_with_denials_is_loaded"],
    "CUR": ["test_a_foreign_currency_is_named"],
    "TS2, TS3": ["test_provider_summaries_are_kept"],
    "PLB with six pairs": ["test_six_pairs_of_one_plb"],
    "several N1 loops": ["test_the_first_payer_and_payee_count_and_every_party_is_kept"],
    "MIA, MOA": ["test_remarks", "test_inpatient_remarks_and_holes"],
    "no segment lost": ["test_every_segment_is_in_a_table", "test_any_segments", "test_samples"],
}


def names_of_all_tests() -> set[str]:
    names = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                names.add(node.name)
    return names


def test_every_fault_names_tests_that_exist():
    named = {name for names in COVERED.values() for name in names}
    assert named - names_of_all_tests() == set()
    assert all(COVERED.values())


def test_every_835_row_of_the_fault_catalogue_is_here():
    # B20 to B23 are of CSV exports and authorisations, C27 of the marts
    wanted = {f"A{n}" for n in range(1, 12)} | {f"B{n}" for n in range(12, 20)} | {"C24", "C25", "C26", "C28"}
    assert wanted <= {fault.split()[0] for fault in COVERED}


# tests that stood nowhere else

CLP = CLAIM[0]
SVC = ("SVC*HC:99213*150*100", *CLAIM[1:])


def outcome(tmp_path, *claims, head=HEAD):
    result = read(tmp_path, interchange(payment(*claims, head=head)))
    return result, result.statuses[0], result.codes


def test_a_piece_that_looks_like_a_segment_is_flagged_and_kept(tmp_path):
    """``PL~AN*XV``: the second piece has the form of a segment, so it is not given back; both are kept."""
    result = read(tmp_path, render(interchange(payment())).replace(b"N1*PR*PLAN*", b"N1*PR*PL~AN*"))
    assert (result.statuses, result.codes) == (["warned"], ["UNKNOWN_SEGMENT", "SEGMENT_COUNT"])
    assert "AN*XV*90001" in result.column("remit_segment_other", "segment_text")


def test_a_claim_needs_no_name(tmp_path):
    result, status, codes = outcome(tmp_path, *CLAIM)
    assert (status, codes) == ("loaded", [])
    assert {row["segment_id"] for row in result.tables["remit_party"]} == {"N1"}


def test_segments_of_a_claim_come_in_any_order(tmp_path):
    usual, _, _ = outcome(tmp_path, *CLAIM, "NM1*QC*1*A*B", "DTM*232*20260101", "DTM*050*20260102")
    mixed, status, codes = outcome(
        tmp_path, CLP, "DTM*050*20260102", "NM1*QC*1*A*B", CLAIM[2], "DTM*232*20260101", CLAIM[1]
    )
    assert (status, codes) == ("loaded", [])
    assert mixed.one("remit_claim") == usual.one("remit_claim")


def test_a_repeated_group_and_a_zero_amount_are_added_up(tmp_path):
    result, status, codes = outcome(tmp_path, CLP, "CAS*CO*45*10", "CAS*CO*45*20**253*0", CLAIM[2])
    assert (status, codes) == ("loaded", [])
    assert result.column("remit_adjustment", "sequence", "carc", "adjustment_amount") == [
        (1, "45", D(10)),
        (2, "45", D(20)),
        (3, "253", D(0)),
        (4, "2", D(20)),
    ]
    assert result.one("remit_claim")["claim_adjustment_amount"] == D(50)


def test_a_claim_cas_that_repeats_the_line_cas_is_flagged(tmp_path):
    result, status, codes = outcome(tmp_path, *CLAIM, *SVC)
    assert (status, codes) == ("warned", ["CLAIM_UNBALANCED", "PATIENT_SHARE"])
    claim = result.one("remit_claim")
    assert claim["claim_adjustment_amount"] == claim["line_adjustment_amount"] == -claim["unexplained_amount"]
    assert result.one("remit_service_line")["unexplained_amount"] == 0


@pytest.mark.parametrize(
    ("tail", "paid", "billed"),
    [("", None, None), ("**0", D(0), None), ("**0**3", D(0), D(3)), ("****3", None, D(3))],
)
def test_units_stay_as_sent(tmp_path, tail, paid, billed):
    result, status, codes = outcome(tmp_path, CLP, SVC[0] + tail, *CLAIM[1:])
    assert (status, codes) == ("loaded", [])
    assert result.column("remit_service_line", "paid_units", "original_units") == [(paid, billed)]


def test_modifiers_in_one_string_are_split(tmp_path):
    result, status, codes = outcome(tmp_path, CLP, "SVC*HC:99213:25,59*150*100", *CLAIM[1:])
    assert (status, codes) == ("warned", ["CODE_NORMALISED"])
    assert result.column("remit_service_line", "modifier_1", "modifier_2") == [("25", "59")]
    assert "SVC*HC:99213:25,59*150*100" in result.column("remit_segment_other", "segment_text")


def test_remarks_without_a_qualifier_or_a_line_are_kept(tmp_path):
    result, status, codes = outcome(tmp_path, *CLAIM, "LQ*HE*N130", SVC[0], *CLAIM[1:], "LQ**n54")
    assert (status, codes) == ("warned", ["CLAIM_UNBALANCED", "PATIENT_SHARE"])
    assert result.column("remit_remark", "line_index", "source", "qualifier", "rarc") == [
        (None, "LQ", "HE", "N130"),
        (1, "LQ", None, "N54"),
    ]


def test_a_positive_reversal_is_never_flipped(tmp_path):
    positive = ("CLP*A1*22*150*100**12*ICN1", "CAS*CO*45*50")
    as_sent, status, codes = outcome(tmp_path, *positive)
    assert (status, codes) == ("warned", ["HABIT_4010"])
    assert as_sent.one("remit_claim")["paid_amount"] == D(100)
    again = "CLP*A1*1*100*100**12*ICN2"
    _, status, codes = outcome(
        tmp_path, *positive, again, head=("BPR*I*0*C*NON************20260115", *HEAD[1:])
    )
    assert (status, codes) == ("held", ["HABIT_4010", "OUT_OF_BALANCE"])


def test_blanks_around_a_trace_number_are_cut_and_zeros_are_not(tmp_path):
    result, _, _ = outcome(tmp_path, *CLAIM, head=(HEAD[0], "TRN*1* 0007 *1900000001 ", *HEAD[2:]))
    row = result.one("remittance")
    assert (row["trace_number"], row["originator_id"]) == ("0007", "1900000001")


def test_a_foreign_currency_is_named(tmp_path):
    result, status, _ = outcome(tmp_path, *CLAIM, head=(*HEAD[:2], "CUR*PR*CAD*1.25", *HEAD[2:]))
    assert (status, result.one("remittance")["currency_code"]) == ("loaded", "CAD")
    assert "CUR*PR*CAD*1.25" in result.column("remit_segment_other", "segment_text")


def test_provider_summaries_are_kept(tmp_path):
    summaries = ("TS3*1234567893*11*20261231*1*150", "TS2*1*2*3")
    result, status, codes = outcome(tmp_path, *CLAIM, head=(*HEAD, *summaries))
    assert (status, codes) == ("loaded", [])
    assert [t for t in result.column("remit_segment_other", "segment_text") if t[:2] == "TS"] == list(
        summaries
    )


def test_six_pairs_of_one_plb(tmp_path):
    pairs = "WO:A*1*FB:B*-1*72:C*2*L6:D*-2*CS:E*3.5*50*-3"
    result, status, codes = outcome(
        tmp_path, *CLAIM, f"PLB*1*20261231*{pairs}", head=(HEAD[0].replace("100", "99.5"), *HEAD[1:])
    )
    assert (status, codes) == ("loaded", [])
    columns = ("sequence", "reason_code", "reference_id", "adjustment_amount")
    assert result.column("remit_provider_adjustment", *columns) == [
        (1, "WO", "A", D(1)),
        (2, "FB", "B", D(-1)),
        (3, "72", "C", D(2)),
        (4, "L6", "D", D(-2)),
        (5, "CS", "E", D("3.5")),
        (6, "50", None, D(-3)),
    ]
    assert "PLB" not in result.column("remit_segment_other", "segment_id")


def test_the_first_payer_and_payee_count_and_every_party_is_kept(tmp_path):
    head = (*HEAD[:3], "N1*TT*THIRD*XV*5", HEAD[3], "N1*PE*OTHER*XX*1999999984", HEAD[4])
    result, status, codes = outcome(tmp_path, *CLAIM, head=head)
    assert (status, codes) == ("loaded", [])
    row = result.one("remittance")
    assert (row["payer_name"], row["payee_name"], row["payee_id"]) == ("PLAN", "CLINIC", "1234567893")
    assert result.column("remit_party", "entity_code", "name_last_or_org") == [
        ("PR", "PLAN"),
        ("TT", "THIRD"),
        ("PE", "CLINIC"),
        ("PE", "OTHER"),
    ]


def test_a_zero_payment_with_denials_is_loaded(tmp_path):
    result = read(tmp_path, (FIXTURES / "zero_pay_denial.835").read_bytes())
    assert (result.statuses, result.codes) == (["loaded"], [])
    row = result.one("remittance")
    assert (row["handling_code"], row["payment_method_code"], row["payment_amount"]) == ("H", "NON", D(0))
    assert result.totals.cas == result.totals.clp03 == 103_550
