import shutil
from collections.abc import Callable

import duckdb
import pytest
from tiny_raw import TinyRaw
from warehouse import Warehouse

MakeWarehouse = Callable[[str], Warehouse]


@pytest.fixture(scope="session")
def make_warehouse(tmp_path_factory: pytest.TempPathFactory) -> MakeWarehouse:
    """A new empty raw store and a warehouse that holds the seeds; dbt parses and seeds once a session."""
    pytest.importorskip("dbt.cli.main")

    def empty(name: str) -> Warehouse:
        folder = tmp_path_factory.mktemp(f"dbt_project_tests_{name}")  # numbered: two tests may use one name
        return Warehouse(TinyRaw(folder / "raw"), folder / "warehouse.duckdb")

    seeded = empty("seeded")
    seeded.run("seed")
    with duckdb.connect(str(seeded.file)) as connection:
        connection.execute("checkpoint")

    def make(name: str) -> Warehouse:
        warehouse = empty(name)
        shutil.copyfile(seeded.file, warehouse.file)
        return warehouse

    return make
