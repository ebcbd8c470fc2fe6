"""Tables and views of the compacted ledger; a new SCHEMA_VERSION makes every installation rebuild it."""

SCHEMA_VERSION = 2
INPUT_COLUMNS = (
    "file_sha256", "kind", "status", "reason_code", "report_status", "reader", "reader_version", "profile",
    "profile_version", "read_signature", "landing_path", "landing_size_bytes", "landing_mtime_ns",
    "container_sha256", "member_name", "exported_at", "size_bytes", "quarantined_rows",
    "corrections_sha256",
)  # fmt: skip
SCHEMA = f"""
create table commits (commit_number integer primary key, commit_id text unique, kind text, committed_at text);
create table inputs (commit_number integer, ordinal integer, row_count integer, {", ".join(INPUT_COLUMNS)},
    primary key (commit_number, ordinal)) without rowid;
create index inputs_by_sha on inputs (file_sha256, commit_number);
create index inputs_by_landing on inputs (landing_path, landing_size_bytes, landing_mtime_ns);
create index inputs_by_container on inputs (container_sha256) where container_sha256 is not null;
create index inputs_in_quarantine on inputs (kind, read_signature) where status = 'quarantined';
create index inputs_held on inputs (file_sha256) where report_status = 'held';
create table data_files (commit_number integer, table_name text, relative_path text, row_count integer);
create index data_files_by_table on data_files (table_name, commit_number);
create table actions (commit_number integer, file_sha256 text, st_index integer, action text, reason text,
    acted_at text);
create index actions_by_sha on actions (file_sha256, commit_number);
create table registered (landing_path text, landing_size_bytes integer, landing_mtime_ns integer, feed text,
    registration text, primary key (landing_path, landing_size_bytes, landing_mtime_ns)) without rowid;
create index registered_by_feed on registered (feed, landing_path);
-- the version of an input that counts: its newest committed one, unless a person rejected it since
create view active_inputs as
select versions.* from inputs as versions
where versions.status = 'committed'
    and not exists (select 1 from inputs as newer where newer.file_sha256 = versions.file_sha256
        and newer.status = 'committed' and newer.commit_number > versions.commit_number)
    and not exists (select 1 from actions as decisions where decisions.file_sha256 = versions.file_sha256
        and decisions.st_index is null and decisions.action = 'reject'
        and decisions.commit_number > versions.commit_number);
-- inputs whose latest reading ended in quarantine and which no earlier version stands in for
create view quarantined_inputs as
select latest.*, (select decisions.action from actions as decisions
        where decisions.file_sha256 = latest.file_sha256 and decisions.st_index is null
        order by decisions.commit_number desc limit 1) as decision
from inputs as latest
where latest.status = 'quarantined'
    and not exists (select 1 from inputs as other where other.file_sha256 = latest.file_sha256
        and other.status in ('committed', 'quarantined')
        and (other.commit_number, other.ordinal) > (latest.commit_number, latest.ordinal))
    and not exists (select 1 from active_inputs as active where active.file_sha256 = latest.file_sha256);
"""
