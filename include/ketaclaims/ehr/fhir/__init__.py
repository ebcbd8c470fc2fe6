"""FHIR R4 to canonical tables. ``fhir_map.yml`` says which field becomes which column; the code walks it.

``READER_VERSION`` changes whenever the same bytes would give other rows, so also when the map changes
(its ``version``, kept as the profile version): it is part of the commit key.
"""

READER = "ehr_fhir"
READER_VERSION = "1"
