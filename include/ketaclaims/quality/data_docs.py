"""Great Expectations Data Docs of the newest suite results: counts and percentages, never a cell value."""

import html
import re
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ketaclaims.quality import quiet_gx
from ketaclaims.quality.results import SuiteResult, load_results
from ketaclaims.quality.run import Outcome

if TYPE_CHECKING:
    import duckdb

_SITE = "ketaclaims"
# GX pages fetch fonts, scripts and styles from outside servers; ours are static and ask nobody
_OUTSIDE = re.compile(
    r"<script\b.*?</script>"
    r"|<(?:link|img)\b[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//[^>]*>"
    r"|<footer>.*?</footer>"
    r"|background: url\('https?://[^;]*;",
    re.IGNORECASE | re.DOTALL,
)
_STYLE = """<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { border-bottom: 1px solid #ddd; padding: .35rem .6rem;
text-align: left; vertical-align: top; } .modal, .sidebar, .navbar, .collapse, input, label { display: none; }
.fa-check-circle::before { content: "met"; } .fa-times::before { content: "not met"; }
</style>"""


def build_data_docs(connection: "duckdb.DuckDBPyConnection", folder: Path) -> Path:
    """Write the site of all kept suite results into ``folder`` (replaced); returns its ``index.html``.

    The pages are built from counts alone: outcomes hold no values, so there are none to scrub.
    """
    return write_site(load_results(connection), folder)


def write_site(results: Sequence[SuiteResult], folder: Path) -> Path:
    """The site of these results."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="data_docs_", dir=folder.parent) as scratch:
        site = Path(scratch) / "site"
        context = quiet_gx.context(mode="file", project_root_dir=scratch)
        for name in list(context.get_site_names()):
            context.delete_data_docs_site(name)
        context.add_data_docs_site(_SITE, _site_config(site))
        run_time = datetime.now(UTC)
        for result in results:
            _add_result(context, result, run_time)
        context.build_data_docs(site_names=[_SITE])
        for page in site.rglob("*.html"):
            text = _OUTSIDE.sub("", page.read_text(encoding="utf-8"))
            page.write_text(text.replace("</head>", f"{_STYLE}</head>", 1), encoding="utf-8")
        (site / "index.html").write_text(_index_page(site, results), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        site.rename(folder)
    return folder / "index.html"


def _site_config(site: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(site)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }


def _index_page(site: Path, results: Sequence[SuiteResult]) -> str:
    """Our own first page: the one of GX stays empty without scripts from outside."""
    rows = []
    for result in results:
        (page,) = (site / "validations" / result.suite).rglob("*.html")
        failing = [outcome for outcome in result.outcomes if not outcome.success]
        cells = [
            f'<a href="{html.escape(page.relative_to(site).as_posix())}">{html.escape(result.suite)}</a>',
            *map(html.escape, (result.table, result.kind, result.as_of_date.isoformat())),
            f"{result.row_count:,}",
            str(len(result.outcomes)),
            str(len(failing)),
            f"{sum(outcome.unexpected_count or 0 for outcome in failing):,}",
        ]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    heads = ("suite", "table", "kind", "as of", "rows judged", "expectations", "not met", "failing rows")
    header = "".join(f"<th>{head}</th>" for head in heads)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Data Docs</title>'
        f"{_STYLE}</head><body>"
        "<h1>Data Docs</h1><p>Newest result of every suite. A coding suite judges only what changed since "
        "the run before; what it finds are findings, not faults of the data. No page holds a row value.</p>"
        f"<table><thead><tr>{header}</tr></thead><tbody>{''.join(rows)}</tbody></table></body></html>\n"
    )


def _add_result(context: Any, result: SuiteResult, run_time: datetime) -> None:
    from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    suite = ExpectationSuite(name=result.suite, expectations=[o.expectation for o in result.outcomes])
    context.suites.add(suite)
    run_id = RunIdentifier(run_name=result.as_of_date.isoformat(), run_time=run_time)
    met = sum(outcome.success for outcome in result.outcomes)
    total = len(result.outcomes)
    key = ValidationResultIdentifier(ExpectationSuiteIdentifier(result.suite), run_id, result.table)
    value = ExpectationSuiteValidationResult(
        success=met == total,
        results=[_validation_result(outcome) for outcome in result.outcomes],
        suite_name=result.suite,
        statistics={
            "evaluated_expectations": total,
            "successful_expectations": met,
            "unsuccessful_expectations": total - met,
            "success_percent": 100 * met / total if total else None,
        },
        meta={
            "run_id": run_id,
            "batch_spec": {},
            "active_batch_definition": {"datasource_name": "warehouse", "data_asset_name": result.table},
            "checkpoint_name": f"{result.stage} {result.kind}",
        },
    )
    context.validation_results_store.set(key, value)


def _validation_result(outcome: Outcome) -> Any:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    unexpected, total = outcome.unexpected_count, outcome.element_count
    counts: dict[str, Any] = {}
    if unexpected is not None:
        percent = 100 * unexpected / total if total else 0.0
        counts = {"element_count": total, "unexpected_count": unexpected, "unexpected_percent": percent}
        counts |= {"unexpected_percent_total": percent, "unexpected_percent_nonmissing": percent}
        counts |= {"partial_unexpected_list": []}
    return ExpectationValidationResult(
        success=outcome.success,
        expectation_config=ExpectationConfiguration(**outcome.expectation),
        result=counts,
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )
