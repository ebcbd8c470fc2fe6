"""Every repair of a value: a hit, and the near miss that is not (fact base, EHR exports, section 6)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaclaims.ehr import code_repairs as codes
from ketaclaims.ehr.bad_text import BadTextError
from ketaclaims.ehr.dose_text import WEIGHT_MARK, dose_mg, weight_kg
from ketaclaims.ehr.number_forms import NumberForm, decimal_reader, integer_reader, money_reader


def outcome(convert, *args):
    """The result, or the reason why there is none."""
    try:
        return convert(*args)
    except BadTextError as error:
        return error.reason


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("00104", "00104"),
        ("104", "00104"),
        ("104.0", "00104"),
        ("9921 4", "99214"),
        ("j0013 ", "J0013"),
        ("0820T", "0820T"),
        ("820T", "BAD_CODE"),
        ("992144", "BAD_CODE"),
        ("ketam", "BAD_CODE"),
        ("9.9214E+04", "LOST_DIGITS"),
    ],
)
def test_procedure_codes(text, result):
    assert outcome(codes.procedure, text) == result


def test_procedure_lists():
    assert codes.procedures("J0013, 99214/G2083") == "J0013;99214;G2083"
    assert outcome(codes.procedures, "J0013, and 99214") == "BAD_CODE"


@pytest.mark.parametrize(
    ("text", "width", "result"),
    [("636", 4, "0636"), ("0636", 4, "0636"), ("2", 2, "02"), ("11.0", 2, "11"), ("12345", 4, "BAD_CODE")],
)
def test_numeric_codes_get_their_zeros_back(text, width, result):
    assert outcome(codes.padded, text, width) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("10234.0", "10234"),
        ("0010234", "0010234"),
        ("A-10.5", "A-10.5"),
        ("1.02E+10", "LOST_DIGITS"),
        ("5E+10", "LOST_DIGITS"),
        ("12E5", "12E5"),
        ("2E", "2E"),
    ],
)
def test_ids(text, result):
    assert outcome(codes.plain_id, text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("JZ,25", ["JZ", "25"]),
        ("25/59", ["25", "59"]),
        ("jz 25", ["JZ", "25"]),
        ("25.0", ["25"]),
        ("25.0,59.0", ["25", "59"]),
        ("JZ", ["JZ"]),
        ("JZ25", "BAD_MODIFIER"),
        ("254", "BAD_MODIFIER"),
    ],
)
def test_modifiers(text, result):
    assert outcome(codes.modifiers, text) == result


@pytest.mark.parametrize(
    ("text", "result"), [("1,2", ["1", "2"]), ("A:B", ["1", "2"]), ("12", ["1", "2"]), ("0", "BAD_POINTER")]
)
def test_diagnosis_pointers(text, result):
    assert outcome(codes.pointers, text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("F332", [("icd10cm", "F33.2")]),
        ("F33.2", [("icd10cm", "F33.2")]),
        ("f33.2", [("icd10cm", "F33.2")]),
        ("F33.2 - MDD", [("icd10cm", "F33.2")]),
        ("F33.2 \u2013 MDD, recurrent, severe", [("icd10cm", "F33.2")]),
        ("F33.2;R45.851", [("icd10cm", "F33.2"), ("icd10cm", "R45.851")]),
        ("F332, R45851", [("icd10cm", "F33.2"), ("icd10cm", "R45.851")]),
        ("I10", [("icd10cm", "I10")]),
        ("370143000", [("snomed", "370143000")]),
        ("F33.2;370143000 | MDD", [("icd10cm", "F33.2"), ("snomed", "370143000")]),
        ("MDD", "BAD_DIAGNOSIS"),
        ("33.2", "BAD_DIAGNOSIS"),
        ("F3", "BAD_DIAGNOSIS"),
    ],
)
def test_diagnoses(text, result):
    assert outcome(codes.diagnoses, text) == result


def test_a_claim_takes_no_snomed_code():
    assert outcome(codes.icd_diagnoses, "F33.2;370143000") == "SNOMED_NOT_ICD"
    assert codes.icd_diagnoses("F33.2;R45.851") == ["F33.2", "R45.851"]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("50458-028-02", "50458002802"),
        ("50458002802", "50458002802"),
        ("0143-9508-01", "00143950801"),
        ("50458-0028-2", "50458002802"),
        ("50458-0028-02", "50458002802"),
        ("5.0458E+10", "LOST_DIGITS"),
        ("0143950801", "AMBIGUOUS_NDC"),
        ("143950801", "BAD_NDC"),
        ("0143-9508-1", "BAD_NDC"),
        ("50458-028", "BAD_NDC"),
        ("N450458002802", "BAD_NDC"),
    ],
)
def test_ndcs(text, result):
    assert outcome(codes.ndc, text) == result


@given(st.text("0123456789", min_size=10, max_size=10), st.sampled_from([(4, 8), (5, 8), (5, 9)]))
def test_hyphens_decide_where_the_zero_goes(digits, cuts):
    """The eleven digits hold the ten in order, one zero put in; without hyphens nothing is decided."""
    first, second = cuts
    code = codes.ndc(f"{digits[:first]}-{digits[first:second]}-{digits[second:]}")
    assert len(code) == 11
    assert code in {digits[:at] + "0" + digits[at:] for at in (0, 5, 9)}
    assert outcome(codes.ndc, digits) == "AMBIGUOUS_NDC"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("120/80", ("120", "80")),
        ("120 / 80 sitting", ("120", "80")),
        ("120/80 (left arm)", ("120", "80")),
        ("300/80", ("300", "80")),
        ("301/80", "BAD_BLOOD_PRESSURE"),
        ("12080", "BAD_BLOOD_PRESSURE"),
        ("120/80/60", "BAD_BLOOD_PRESSURE"),
        ("120", "BAD_BLOOD_PRESSURE"),
    ],
)
def test_blood_pressure(text, result):
    assert outcome(codes.blood_pressure, text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("56mg", "56"),
        ("56 MG", "56"),
        (".5mg", "0.5"),
        ("84 (3 devices)", "84"),
        ("84 mg (3 devices)", "84"),
        ("50 mg/mL x 1 mL", "50"),
        ("50mg/ml x 1.5ml", "75"),
        ("500 mcg", "0.5"),
        ("0", "0"),
        (f"0.5 mg/kg{WEIGHT_MARK}80 kg", "40"),
        (f"0.5 mg/kg{WEIGHT_MARK}72.575", "36.288"),
        (f"0.5 mg/kg{WEIGHT_MARK}160 lb", "36.287"),
        (f"40 mg{WEIGHT_MARK}", "40"),
        (f"0.5 mg/kg{WEIGHT_MARK}", "MISSING_WEIGHT"),
        (f"0.5 mg/kg{WEIGHT_MARK}heavy", "BAD_WEIGHT"),
        ("56", "MISSING_UNIT"),
        ("84 (3 vials)", "MISSING_UNIT"),
        ("84 (see note)", "BAD_DOSE"),
        ("1 mL", "BAD_DOSE"),
        ("56-84 mg", "BAD_DOSE"),
        ("-5 mg", "BAD_DOSE"),
    ],
)
def test_doses(text, result):
    assert outcome(dose_mg, text) == result


def test_the_profile_may_name_the_unit_of_bare_numbers():
    assert dose_mg("56", "mg") == "56"
    assert outcome(dose_mg, f"0.5/kg{WEIGHT_MARK}80", "mg") == "MISSING_UNIT"


@given(st.integers(1, 10**6))
def test_a_dose_in_mg_is_itself(thousandths):
    amount = Decimal(thousandths).scaleb(-3)
    assert Decimal(dose_mg(f"{amount} mg")) == amount


@pytest.mark.parametrize(
    ("text", "result"),
    [("72.5", "72.5"), ("72.5 kg", "72.5"), ("100 lbs", "45.359"), ("12 st", "BAD_WEIGHT")],
)
def test_weights(text, result):
    assert outcome(weight_kg, text) == result


US, EU = NumberForm(), NumberForm(decimal=",", thousands=".", currency=("\u20ac",))


@pytest.mark.parametrize(
    ("text", "form", "result"),
    [
        ("$1,290.00", US, "1290.00"),
        ("1290", US, "1290"),
        ("(25.00)", US, "-25.00"),
        ("($25.00)", US, "-25.00"),
        ("-$25.00", US, "-25.00"),
        ("$-25.00", US, "-25.00"),
        ("$ .50", US, "0.50"),
        ("129.5000", US, "129.50"),
        ("1.290,00", EU, "1290.00"),
        ("1.290,00 \u20ac", EU, "1290.00"),
        ("1.290,00", US, "BAD_AMOUNT"),
        ("$1,290.00", EU, "BAD_AMOUNT"),
        ("1,29", US, "BAD_AMOUNT"),
        ("12,90.00", US, "BAD_AMOUNT"),
        ("12.345", US, "BAD_AMOUNT"),
        ("(-25.00)", US, "BAD_AMOUNT"),
        ("--5", US, "BAD_AMOUNT"),
        ("-", US, "BAD_AMOUNT"),
        ("-", NumberForm(dash="zero"), "0"),
        ("-", NumberForm(dash="empty"), None),
        ("$", US, "BAD_AMOUNT"),
        ("1e5", US, "BAD_AMOUNT"),
    ],
)
def test_amounts(text, form, result):
    assert outcome(money_reader(form), text) == result


@given(st.integers(-(10**11), 10**11))
def test_amounts_come_back_to_the_cent_whatever_their_dress(cents):
    amount = Decimal(cents).scaleb(-2)
    us, read = f"{abs(amount):,.2f}", money_reader(US)
    assert Decimal(read(f"({us})" if cents < 0 else f"${us}")) == amount
    swapped = us.replace(",", " ").replace(".", ",").replace(" ", ".")
    assert Decimal(money_reader(EU)(("-" if cents < 0 else "") + swapped)) == amount


def test_numbers_take_no_currency_and_whole_numbers_no_fraction():
    assert outcome(decimal_reader(US), "1,234.5") == "1234.5"
    assert outcome(decimal_reader(US), "$5") == "BAD_NUMBER"
    assert outcome(decimal_reader(US), "0.1255") == "BAD_NUMBER"
    assert outcome(integer_reader(US), "25.0") == "25"
    assert outcome(integer_reader(US), "25.5") == "BAD_INTEGER"
