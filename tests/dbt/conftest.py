from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_raw import TinyRaw
from warehouse import Warehouse

MakeWarehouse = Callable[[str], Warehouse]


@pytest.fixture(scope="session")
def make_warehouse(tmp_path_factory: pytest.TempPathFactory) -> MakeWarehouse:
    """A new empty raw store and warehouse; dbt parses the project once for all of them."""
    pytest.importorskip("dbt.cli.main")
    root: Path = tmp_path_factory.mktemp("dbt_project_tests")

    def make(name: str) -> Warehouse:
        folder = root / name
        folder.mkdir()
        return Warehouse(TinyRaw(folder / "raw"), folder / "warehouse.duckdb")

    return make
