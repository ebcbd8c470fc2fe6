"""Write the generated pages of this folder: `make docs`. Tests fail when one is stale."""

import os
import tempfile
from pathlib import Path

from ketaclaims.ehr import data_contract
from ketaclaims.orchestration.data_dictionary import as_markdown, parsed_manifest
from ketaclaims.quality import contract_pages, rule_book
from ketaclaims.x12 import diagnostics
from ketaclaims.x12.p837 import diagnostics as claim_diagnostics

HERE = Path(__file__).parent


def main() -> None:
    """Write all pages."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.setdefault("KETACLAIMS_WAREHOUSE_FILE", f"{scratch}/none.duckdb")
        os.environ.setdefault("KETACLAIMS_RAW_DIR", scratch)
        (HERE / "data_dictionary.md").write_text(as_markdown(parsed_manifest(Path(scratch))))
    (HERE / "data_contract.md").write_text(data_contract.data_contract())
    contract = HERE / "data_contract"
    contract.mkdir(exist_ok=True)
    for name, page in contract_pages.pages().items():
        (contract / name).write_text(page)
    (HERE / "rule_book.md").write_text(rule_book.rule_book())
    (HERE / "835_diagnostics.md").write_text(diagnostics.as_markdown())
    (HERE / "837_diagnostics.md").write_text(claim_diagnostics.as_markdown())


if __name__ == "__main__":
    main()
