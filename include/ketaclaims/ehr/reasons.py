"""Why a row or a value is not taken, by reason code, as a person reads it. Never holds content."""

from collections.abc import Mapping

BROKEN_MESSAGES: Mapping[str, str] = {
    "RAGGED_ROW": "The row has {got} fields, the header has {wanted}.",
    "UNCLOSED_QUOTE": "A quote is opened and not closed.",
    "BAD_QUOTING": "Text follows a closing quote; a quote inside a field is written twice.",
    "FIELD_TOO_LONG": "Longer than a field may be.",
    "CONTROL_CHARACTER": "The row holds a NUL character.",
    "BAD_ENCODING": "The row is not UTF-8; export the file as UTF-8.",
}
VALUE_MESSAGES: Mapping[str, str] = {
    "BAD_DATE": "Not a date of the calendar in the form {form}.",
    "BAD_TIMESTAMP": "Not a time in the form {form}.",
    "BAD_AMOUNT": "Not an amount: {form}.",
    "BAD_NUMBER": "Not a number: {form}.",
    "BAD_INTEGER": "Not a whole number.",
    "BAD_BOOLEAN": "Not {form}.",
    "NOT_ALLOWED_VALUE": "Not one of the allowed values of this column (docs/data_contract.md).",
    "MISSING_VALUE": "Empty, but every row needs it.",
    "FIELD_TOO_LONG": "Longer than a field may be.",
}
# of vendor reports only
PROFILE_MESSAGES: Mapping[str, str] = {
    "AMBIGUOUS_DATE": "Reads as different days in the forms {form}; name the one form in the profile.",
    "NEEDS_TIME_ZONE": "A time in UTC for a date: name the site's time_zone in the profile.",
    "CLOCK_CHANGE_HOUR": "In the hour a clock change skips or repeats; export the time with its offset.",
    "LOST_DIGITS": "Scientific notation: digits are lost. Export the column as text.",
    "BAD_CODE": "Not a code of its system.",
    "BAD_MODIFIER": "Not modifiers of two characters.",
    "BAD_POINTER": "Not diagnosis pointers 1 to 12.",
    "BAD_DIAGNOSIS": "Not an ICD-10-CM or SNOMED code.",
    "SNOMED_NOT_ICD": "A SNOMED code where only ICD-10-CM is billed.",
    "TOO_MANY_VALUES": "The cell holds more values than the profile has columns for.",
    "BAD_NDC": "Not an NDC of eleven digits, or of ten with hyphens.",
    "AMBIGUOUS_NDC": "Ten digits without hyphens: 5-4-1, 5-3-2 or 4-4-2? Export it with hyphens.",
    "BAD_DOSE": "Not a dose such as 56 mg, 0.5 mg/kg or 50 mg/mL x 1 mL.",
    "MISSING_UNIT": "A dose without its unit.",
    "MISSING_WEIGHT": "A dose per kg, but the row has no weight.",
    "BAD_WEIGHT": "Not a weight in kg or lb.",
    "BAD_BLOOD_PRESSURE": "Not systolic/diastolic of at most 300 mmHg.",
}
# of workbooks only
CELL_MESSAGES: Mapping[str, str] = {
    "EXCEL_ERROR": "A cell shows an error such as #N/A.",
    "FORMULA_WITHOUT_VALUE": "A formula without its result: open the workbook in Excel and save it.",
}
MESSAGES: Mapping[str, str] = {**VALUE_MESSAGES, **PROFILE_MESSAGES}
