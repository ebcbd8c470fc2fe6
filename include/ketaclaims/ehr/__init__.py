"""EHR exports to canonical tables. A profile says how a report is written; one reader reads them all.

``READER_VERSION`` changes whenever the same bytes would give other rows: it is part of the commit key.
Every profile carries its own version beside its rules, in ``profiles/<name>.yml``.
"""

READER = "ehr_csv"
READER_VERSION = "1"
