"""Other forms of the same simulated practice: vendor reports, FHIR and 837P instead of canonical CSV.

Everything here writes what ``ehr_writer`` exports, row by row, from the public descriptions of those forms;
no code, table or header list is shared with the readers, so that the two can disagree.
"""
