"""Every rule on simulated practices at several seeds: simulate, run the pipeline, compare with the truth.

``python benchmarks/rules_on_truth.py [--seeds 1 2 3] [--clinics 1] [--months 1]`` writes
``docs/rule_measurements.md`` and ends with 1 when a rule is not as planted. Some minutes a seed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from ketaclaims.quality.truth_measure import Measure, added, as_markdown, measure_practice
from ketaclaims.settings import Settings
from ketaclaims.simulate import DEFAULT_START
from ketaclaims.simulate.run import simulate

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rule_measurements.md"
HEAD = """# Rules measured on planted truth
Written by `benchmarks/rules_on_truth.py`, do not edit. Simulated practices (clinics: {clinics}, months:
{months}) at seeds {seeds}, each through the whole pipeline; counts are added up. A *planted* finding is one
the simulator's truth declares, not evaluable ones included. Applied: rows under the rule's condition;
evaluable: those with every input known. On payers' answers the same rules are measured by
`fct_rule_performance`.

{verdict}

"""


def measured(seed: int, clinics: int, months: int) -> list[Measure]:
    """One practice, from simulation to measure, in a folder of its own."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        simulate(root / "practice", clinics=clinics, months=months, seed=seed)
        as_of = DEFAULT_START + timedelta(days=31 * months + 15)
        data = root / "data"
        run = ["run", "--landing", str(root / "practice" / "landing"), "--data-root", str(data)]
        command = [sys.executable, "-m", "ketaclaims", *run, "--as-of", as_of.isoformat()]
        environment = {**os.environ, "KETACLAIMS_STABILITY_SECONDS": "0"}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        return measure_practice(Settings(data_root=data), root / "practice" / "truth")


def page(seeds: list[int], clinics: int, months: int, total: list[Measure]) -> str:
    """The page: what holds in a sentence, then the table."""
    wrong = [f"`{one.rule_id}`" for one in total if not one.is_perfect]
    silent = [f"`{one.rule_id}`" for one in total if not one.expected]
    verdict = f"{len(total) - len(silent)} of {len(total)} rules have planted findings"
    verdict += (
        "; every one was found, and nothing else." if not wrong else f"; not as planted: {', '.join(wrong)}."
    )
    if silent:
        verdict += f"\n\nNothing planted, so not measured here: {', '.join(silent)}."
    head = HEAD.format(clinics=clinics, months=months, seeds=", ".join(map(str, seeds)), verdict=verdict)
    return f"{head}{as_markdown(total)}\nMeasured on {date.today().isoformat()}.\n"


def main() -> int:
    """Measure, print, write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--clinics", type=int, default=1)
    parser.add_argument("--months", type=int, default=3)
    given = parser.parse_args()
    total = added([measured(seed, given.clinics, given.months) for seed in given.seeds])
    PAGE.write_text(page(given.seeds, given.clinics, given.months, total), encoding="utf-8")
    print(as_markdown(total))
    return int(any(not one.is_perfect for one in total))


if __name__ == "__main__":
    sys.exit(main())
