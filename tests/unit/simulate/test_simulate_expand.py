from pathlib import Path

import duckdb
import pytest
from simulate_support import Simulation, read_csv

from ketaclaims.errors import KetaclaimsError
from ketaclaims.simulate.expand import expand
from ketaclaims.simulate.headers import HEADERS


def test_every_record_stands_that_many_times_under_other_clinics(
    practice: Simulation, tmp_path: Path
) -> None:
    rows = expand(practice.root, tmp_path, 3)
    lines = [row for clinic in practice.clinics for row in practice.exports(clinic, "claim_line")]
    assert rows["claim_line"] == 3 * len(lines)
    table = duckdb.read_parquet(str(tmp_path / "claim_line.parquet"))
    assert tuple(table.columns) == HEADERS["claim_line"]
    totals = table.aggregate("clinic_id, count(*) as rows, sum(cast(charge as decimal(18, 2))) as charge")
    found = {clinic: (count, charge) for clinic, count, charge in totals.fetchall()}
    assert set(found) == {f"{clinic}_{copy:04d}" for clinic in practice.clinics for copy in range(3)}
    assert found["clinic_01_0000"] == found["clinic_01_0002"]


def test_the_last_export_of_a_record_counts(practice: Simulation, tmp_path: Path) -> None:
    expand(practice.root, tmp_path, 1, "csv")
    newest = {
        (clinic, row["claim_id"], row["version"]): row["status"]
        for clinic in practice.clinics
        for row in practice.newest(clinic, "claim", "claim_id", "version")
    }
    found = {
        (row["clinic_id"].removesuffix("_0000"), row["claim_id"], row["version"]): row["status"]
        for row in read_csv(tmp_path / "claim.csv")
    }
    assert found == newest


def test_only_a_simulation_into_an_empty_folder(practice: Simulation, tmp_path: Path) -> None:
    with pytest.raises(KetaclaimsError, match="NO_SIMULATION"):
        expand(tmp_path, tmp_path / "out", 2)
    with pytest.raises(KetaclaimsError, match="FOLDER_NOT_EMPTY"):
        expand(practice.root, practice.root, 2)
