"""Every fault of real 835s and of the fault catalogue's parts A, B and C, and the tests that cover it.

``COVERED`` is the table: what goes wrong → the tests that hold its outcome. The tests at the end are those
that stood nowhere else. A name that is no test of the project fails.
"""

import ast
from decimal import Decimal
from pathlib import Path

import pytest
from x12_kit import CLAIM, FIXTURES, HEAD, interchange, payment, read

from ketaclaims.x12 import claim_segments

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
    "A10 test file, unknown partner": [
        "test_test_files_are_refused_unless_the_settings_take_them",
        "test_partners_outside_the_known_ones_are_refused",
    ],
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
        "test_a_piece_that_looks_like_a_segment_and_completes_one_is_given_back",
    ],
    "text after IEA, two ISA, two sets of delimiters": [
        "test_text_after_the_last_interchange_is_flagged_and_padding_is_not",
        "test_each_interchange_has_its_own_delimiters",
    ],
    "lower-case ids and qualifier hc": [
        "test_lower_case_ids_and_qualifiers_are_read",
        "test_small_letters_are_kept_as_sent",
    ],
    "CLP without NM1, any order in the loop": [
        "test_a_claim_needs_no_name",
        "test_segments_of_a_claim_come_in_any_order",
    ],
    "CAS holes, zero amounts, repeated groups": [
        "test_holes_between_adjustments_are_kept",
        "test_a_repeated_group_and_a_zero_amount_are_added_up",
    ],
    "claim CAS repeating the line CAS": ["test_a_claim_cas_that_repeats_the_line_cas_counts_once"],
    "units 0, missing or in SVC07": ["test_units_stay_as_sent"],
    "empty tails, modifiers in one string": ["test_procedures", "test_modifiers_in_one_string_are_split"],
    "bundled and split codes": ["test_the_billed_code_and_units_stand_beside_the_paid_ones"],
    "CLP01 changed": ["test_money_match_methods"],
    "lines do not add up to the claim": ["test_what_does_not_add_up_is_flagged_with_its_difference"],
    "BPR02 off": ["test_a_cent_out_of_balance_holds"],
    "LQ without qualifier, claim RARC in LQ": ["test_remarks_without_a_qualifier_or_a_line_are_kept"],
    "CO45 glued": ["test_a_glued_reason_is_taken_apart"],
    "4010 habits": [
        "test_odd_codes_load_flagged_and_as_sent",
        "test_a_positive_reversal_is_negated_where_only_that_balances",
    ],
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


@pytest.mark.parametrize(
    ("before", "piece", "table", "values"),
    [
        ("N1*PR*PL", "AN*XV*90001", "remit_party", ("PL~AN", "XV", "90001")),
        ("NM1*QC*1*SMITH", "JO*ANN****MI*M1", "remit_party", ("SMITH~JO", "MI", "M1")),
        ("NM1*QC*1*SMITH*ANN*M", "Jr****MI*M1", "remit_party", ("SMITH", None, None)),
        ("PER*CX*HELP", "OF*TE*8005550100", "remit_segment_other", None),
        ("N4*ST", "LO*MO*63101", "remit_segment_other", None),
    ],
)
def test_a_piece_that_looks_like_a_segment_and_completes_one_is_given_back(
    tmp_path, before, piece, table, values
):
    result, status, codes = outcome(tmp_path, CLP, f"{before}~{piece}", *CLAIM[1:])
    is_whole = values is None or values[2] is not None
    found = ["TERMINATOR_IN_DATA"] if is_whole else ["UNKNOWN_SEGMENT", "SEGMENT_COUNT"]
    assert (status, [code for code in codes if code != "SEGMENT_COUNT" or not is_whole]) == ("warned", found)
    if values is None:
        assert f"{before}~{piece}" in result.column(table, "segment_text")
    else:
        assert values in result.column(table, "name_last_or_org", "id_qualifier", "party_id")


def test_a_piece_that_completes_nothing_stays_an_unknown_segment(tmp_path):
    result, status, codes = outcome(tmp_path, CLP, "NM1*QC*1*SMITH*ANN****MI*M1", "ZZ*TE*1", *CLAIM[1:])
    assert (status, codes) == ("warned", ["UNKNOWN_SEGMENT"])
    assert "ZZ*TE*1" in result.column("remit_segment_other", "segment_text")


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


def test_a_claim_cas_that_repeats_the_line_cas_counts_once(tmp_path):
    result, status, codes = outcome(tmp_path, *CLAIM, *SVC)
    assert (status, codes) == ("warned", ["REPEATED_ADJUSTMENT"])
    claim = result.one("remit_claim")
    sums = ("claim_adjustment_amount", "line_adjustment_amount", "unexplained_amount")
    assert [claim[name] for name in sums] == [0, D(50), 0]
    assert result.column("remit_adjustment", "level", "carc", "adjustment_amount", "is_repeat") == [
        ("claim", "45", D(30), True),
        ("claim", "2", D(20), True),
        ("line", "45", D(30), False),
        ("line", "2", D(20), False),
    ]
    assert (result.totals.cas, result.totals.n_cas_adj) == (10_000, 4)  # the file's own figures, as sent


def test_only_the_codes_that_repeat_are_left_out(tmp_path):
    split = ("CLP*A1*1*150*95*20*12*ICN1", "CAS*CO*45*10**45*20", "CAS*CO*253*5", *SVC)
    result, status, codes = outcome(tmp_path, *split, head=(HEAD[0].replace("*100*", "*95*"), *HEAD[1:]))
    assert (status, codes) == ("warned", ["REPEATED_ADJUSTMENT"])
    assert result.column("remit_adjustment", "is_repeat") == [True, True, False, False, False]
    assert result.one("remit_claim")["claim_adjustment_amount"] == D(5)


@pytest.mark.parametrize(
    "claim",
    [
        (*CLAIM[:2], "CAS*PR*1*20", *SVC),  # another code: it says something of its own
        (CLP, "CAS*CO*45*29.99", "CAS*PR*2*20.01", *SVC),  # the right sum in other amounts
        ("CLP*A1*1*150*100.01*20*12*ICN1*11*1", *CLAIM[1:], *SVC),  # a cent off without it too
        (*CLAIM, SVC[0]),  # no line CAS to repeat
    ],
)
def test_a_claim_cas_that_does_not_repeat_the_lines_stays_flagged(tmp_path, claim):
    result, _, codes = outcome(tmp_path, *claim)
    assert not any(result.column("remit_adjustment", "is_repeat"))
    assert "REPEATED_ADJUSTMENT" not in codes


def test_a_claim_that_adds_up_with_equal_cas_on_both_levels_is_left_alone(tmp_path):
    result, status, codes = outcome(
        tmp_path, "CLP*A1*1*150*90*0*12*ICN1", "CAS*CO*45*30", "SVC*HC:99213*150*120", "CAS*CO*45*30",
        head=(HEAD[0].replace("*100*", "*90*"), *HEAD[1:]),
    )  # fmt: skip
    assert (status, codes) == ("loaded", [])
    assert result.column("remit_adjustment", "is_repeat") == [False, False]


def test_a_claim_of_very_many_adjustments_is_not_looked_through(tmp_path, monkeypatch):
    monkeypatch.setattr(claim_segments, "_MOST_HELD", 4)
    result, status, codes = outcome(tmp_path, *CLAIM, *SVC, *["CAS*OA*94*0"] * 3)
    assert (status, codes) == ("warned", ["CLAIM_UNBALANCED", "PATIENT_SHARE"])
    assert result.column("remit_adjustment", "is_repeat") == [False] * 7


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
    result, status, codes = outcome(
        tmp_path, CLP, "LQ*HE*N130", SVC[0], *CLAIM[1:], "LQ**n54", "LQ*MA01", "LQ*HE", "LQ*RX*70"
    )
    assert (status, codes) == ("warned", ["MISSING_ELEMENT", "CODE_NORMALISED", "MISSING_ELEMENT"])
    assert result.column("remit_remark", "line_index", "source", "qualifier", "rarc") == [
        (None, "LQ", "HE", "N130"),
        (1, "LQ", None, "N54"),
        (1, "LQ", None, "MA01"),
        (1, "LQ", "RX", "70"),
    ]
    texts = result.column("remit_segment_other", "segment_text")
    assert [text for text in texts if text.startswith("LQ")] == ["LQ**n54", "LQ*MA01", "LQ*HE"]
    assert result.column("remit_issue", "element") == ["LQ01", "LQ01", "LQ02"]


POSITIVE = ("CLP*A1*22*150*100**12*ICN1", "CAS*CO*45*50")
AGAIN = "CLP*A1*1*100*100**12*ICN2"


def paying(amount):
    return (f"BPR*I*{amount}*C*NON************20260115", *HEAD[1:])


def test_a_positive_reversal_is_negated_where_only_that_balances(tmp_path):
    result, status, codes = outcome(tmp_path, *POSITIVE, AGAIN, head=paying("0"))
    assert (status, codes) == ("warned", ["HABIT_4010", "SIGN_REPAIRED"])
    row = result.one("remittance")
    assert (row["is_reversal_sign_repaired"], row["unexplained_amount"]) == (True, 0)
    assert (row["claim_paid_amount"], result.totals.clp04) == (D(200), 20_000)  # as sent
    assert result.column("remit_claim", "paid_amount", "is_positive_reversal") == [
        (D(100), True),
        (D(100), False),
    ]
    assert result.totals.is_balanced is False  # as sent it does not


@pytest.mark.parametrize(
    ("claims", "amount", "status", "positive"),
    [
        ((*POSITIVE, AGAIN), "200", "warned", [True, False]),  # balances as sent
        ((*POSITIVE, AGAIN), "0.01", "held", [True, False]),  # balances neither way
        ((*POSITIVE, *POSITIVE), "0", "held", [True, True]),  # with one of two negated: which one is a guess
        (("CLP*A1*22*-150*100**12*ICN1", AGAIN), "0", "held", [False, False]),  # of two signs
        (("CLP*A1*1*150*100**12*ICN1", AGAIN), "0", "held", [False, False]),  # no reversal
    ],
)
def test_a_positive_reversal_is_left_as_sent(tmp_path, claims, amount, status, positive):
    result, found, codes = outcome(tmp_path, *claims, head=paying(amount))
    assert (found, "SIGN_REPAIRED" in codes, "OUT_OF_BALANCE" in codes) == (status, False, status == "held")
    assert result.one("remittance")["is_reversal_sign_repaired"] is False
    assert result.column("remit_claim", "is_positive_reversal") == positive


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
