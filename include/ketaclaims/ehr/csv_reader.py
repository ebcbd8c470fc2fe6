"""Reads one delimited EHR export into canonical tables (design 4.4). The report is found by its header."""

from collections.abc import Iterator
from pathlib import Path

from ketaclaims.ehr import READER, READER_VERSION
from ketaclaims.ehr.header import Header, read_header
from ketaclaims.ehr.loading import Tally, clinic_refusal, finished, has_no_odd_rows, load_records, report_of
from ketaclaims.ehr.plain_blocks import PlainBlocks
from ketaclaims.ehr.profile_build import all_profiles
from ketaclaims.ehr.records import BrokenRow, Row, is_utf16, open_text, open_text_at, read_records
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
        blocks = PlainBlocks(
            source,
            header.delimiter,
            header.width,
            header.row_number,
            lambda rows: has_no_odd_rows(rows, header),
        )
        load_records(
            _records_after(blocks, header, source),
            header,
            context,
            sink,
            tally,
            most_rows,
            () if is_utf16(source) else blocks,
        )
        return finished(tally, context, KIND, READER, READER_VERSION)
    except UnicodeError:  # only UTF-16 is decoded strictly
        text = "The byte order mark says UTF-16, but the file is not. Export it as UTF-8."
        return _rejected(Tally(), Issue("BAD_ENCODING", "error", text))


def _records_after(blocks: PlainBlocks, header: Header, source: Path) -> Iterator[Row | BrokenRow]:
    """The records behind the plain blocks, once these are read; all of them where there are none."""
    encoding = header.match.profile.fallback_encoding
    if not blocks.offset:
        with open_text(source) as stream:
            yield from read_records(stream, header.delimiter, encoding)
        return
    with open_text_at(source, blocks.offset) as stream:
        yield from read_records(stream, header.delimiter, encoding, blocks.row_number)


def _rejected(tally: Tally, issue: Issue) -> InputReport:
    tally.issues.insert(0, issue)
    return report_of(tally, "rejected", KIND, READER, READER_VERSION)
