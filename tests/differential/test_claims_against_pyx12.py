"""Our 837P reading against pyx12, which finds loops by the maps of the guide: the same claims and lines."""

from collections.abc import Iterator
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from claims_rebuild import canonical, read_claim_tables, rebuild
from peers import of_pyx12
from test_claims_round_trip import FIXTURE, SAMPLES
from x12_rebuild import split_file

from ketaclaims.simulate.run import simulate

pytestmark = pytest.mark.skipif(find_spec("pyx12") is None, reason="pyx12 is not installed")
LINE = ("SV101-2", "SV101-3", "SV102", "SV104", "DTP[472]03", "2410/LIN03", "2410/CTP04", "REF[6R]02")
FILES = [pytest.param(path, id=path.name) for path in (FIXTURE, *SAMPLES)]
Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The largest 837Ps of a practice; their writer shares no code with our reader."""
    out = tmp_path_factory.mktemp("claims") / "practice"
    simulate(out, 1, 1, seed=7, patients=20, delivery="vendor")
    found = [path for path in out.rglob("*") if path.is_file() and b"005010X222" in path.read_bytes()[:400]]
    assert len(found) > 1
    return sorted(found, key=lambda path: path.stat().st_size)[-5:]  # pyx12 loads its maps for each


def of_maps(path: Path) -> list[Row]:
    """Claims with their payer, subscriber and lines, as pyx12's tree of loops shows them."""
    from pyx12.error_handler import errh_null
    from pyx12.params import params
    from pyx12.x12context import X12ContextReader

    with path.open(encoding="utf-8") as stream:
        reader = X12ContextReader(params(), errh_null(), stream)
        trees = [tree for tree in reader.iter_segments("2000A") if tree.id == "2000A"]
    return [
        claim
        for tree in trees
        for subscriber in tree.select("2000B")
        for holder in (subscriber, *subscriber.select("2000C"))
        for claim in _claims(tree, subscriber, holder)
    ]


def _claims(tree: Any, subscriber: Any, holder: Any) -> Iterator[Row]:
    for claim in holder.select("2300"):
        lines = tuple(
            tuple(_known(name, line.get_value(name)) for name in LINE) for line in claim.select("2400")
        )
        yield (
            claim.get_value("CLM01"),
            Decimal(claim.get_value("CLM02")),
            *(claim.get_value(f"CLM05-{part}") for part in (1, 3)),
            tree.get_value("2010AA/NM109"),
            subscriber.get_value("2010BB/NM109"),
            subscriber.get_value("2010BA/NM109"),
            lines,
        )


def _known(name: str, text: str | None) -> Any:
    """A number as a number, a day or the first of a range as eight digits, nothing as None."""
    if text and name in ("SV102", "SV104", "2410/CTP04"):
        return Decimal(text)
    return text.partition("-")[0] if text and name.startswith("DTP") else text or None


def of_tables(path: Path) -> list[Row]:
    """The same from our tables."""
    _, tables = read_claim_tables(path.read_bytes())
    lines: dict[Any, list[Row]] = {}
    for row in tables["billed_claim_line"]:
        day = row["service_from_date"]
        lines.setdefault((row["st_index"], row["claim_index"]), []).append(
            (
                *(row[name] for name in ("procedure_code", "modifier_1", "charge_amount", "billed_units")),
                day and f"{day:%Y%m%d}",
                *(row[name] for name in ("ndc", "ndc_quantity", "line_control_number")),
            )
        )
    names = (
        *("patient_control_number", "charge_amount", "place_of_service_code", "frequency_code"),
        *("billing_provider_npi", "payer_id", "subscriber_member_id"),
    )
    return [
        (*(row[name] for name in names), tuple(lines[row["st_index"], row["claim_index"]]))
        for row in tables["billed_claim"]
    ]


def assert_same_segments(path: Path) -> None:
    data = path.read_bytes()
    components = [component for component, _ in split_file(data)]
    rebuilt = rebuild(read_claim_tables(data)[1])
    mine = [canonical(rebuilt[number], components[number - 1]) for number in sorted(rebuilt)]
    theirs = [canonical(s, component) for s, component in zip(of_pyx12(data), components, strict=True)]
    assert mine == theirs


@pytest.mark.parametrize("path", FILES)
def test_same_claims_and_lines_in_the_examples(path: Path) -> None:
    assert of_tables(path) == of_maps(path)
    assert_same_segments(path)


def test_same_claims_and_lines_of_a_simulated_practice(simulated: list[Path]) -> None:
    for path in simulated:
        assert of_tables(path) == of_maps(path)
    assert_same_segments(simulated[0])
    lines = [line for path in simulated for row in of_tables(path) for line in row[-1]]
    assert {line[5] is None for line in lines} == {True, False}  # with an NDC and without
