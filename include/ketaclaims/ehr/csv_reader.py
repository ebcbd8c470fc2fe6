"""Reads one delimited EHR export into canonical tables (design 4.4). The report is found by its header."""

from pathlib import Path

from ketaclaims.ehr import READER, READER_VERSION
from ketaclaims.ehr.header import read_header
from ketaclaims.ehr.loading import Tally, clinic_refusal, finished, load_records, report_of
from ketaclaims.ehr.profile_build import all_profiles
from ketaclaims.ehr.records import open_text, read_records
from ketaclaims.raw.contract import InputReport, Issue, ReadContext, Sink

KIND = "ehr_csv"


def read_ehr_csv(source: Path, context: ReadContext, sink: Sink) -> InputReport:
    """Read one EHR export; never raises on bad input. A ``rejected`` report may follow pushed rows."""
    tally = Tally()
    try:
        header = read_header(source, all_profiles(context.profiles_dir))
        if isinstance(header, Issue):
            return _rejected(tally, header)
        refusal = clinic_refusal(header.match, context)
        if refusal:
            return _rejected(tally, refusal)
        # the fewest bytes a row can have, hence the most rows: beyond their share nothing can save the file
        most_rows = source.stat().st_size // header.width + 1
        with open_text(source) as stream:
            records = read_records(stream, header.delimiter, header.match.profile.fallback_encoding)
            load_records(records, header, context, sink, tally, most_rows)
        return finished(tally, context, KIND, READER, READER_VERSION)
    except UnicodeError:  # only UTF-16 is decoded strictly
        text = "The byte order mark says UTF-16, but the file is not. Export it as UTF-8."
        return _rejected(Tally(), Issue("BAD_ENCODING", "error", text))


def _rejected(tally: Tally, issue: Issue) -> InputReport:
    tally.issues.insert(0, issue)
    return report_of(tally, "rejected", KIND, READER, READER_VERSION)
