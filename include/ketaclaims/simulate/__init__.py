"""Clinic simulator: EHR exports and 835s with planted faults and their known answers.

It shares no code with the readers, the rules or the canonical schema, so that the two can disagree.
"""

from datetime import date

DEFAULT_DEFECT_SHARE = 0.15
DEFAULT_START = date(2025, 11, 1)  # the change from S0013 to J0013 on 2026-01-01 falls inside three months
