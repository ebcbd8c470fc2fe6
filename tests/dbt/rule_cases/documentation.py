"""What the note of a session holds."""

from typing import Any

from rule_case_kit import Case, Chart, hit, near, unknown

ELEMENTS = (
    "indication",
    "history",
    "vitals",
    "dose_mg_per_kg",
    "rate",
    "duration",
    "dissociation",
    "status_after",
    "plan",
)


def noted(chart: Chart, *, drug: str = "ketamine", route: str = "iv", **given: Any) -> None:
    """A session whose note holds everything but what is given."""
    number = chart.visit()
    chart.give(number, "40", drug=drug, route=route)
    held = {f"has_{element}": True for element in ELEMENTS}
    chart.add("session_documentation", {"encounter_id": number, **held, **given})


CASES: list[Case] = [
    *(
        hit(
            "iv-ketamine-documentation", f"no {element}", lambda c, e=element: noted(c, **{f"has_{e}": False})
        )  # type: ignore[misc]
        for element in ELEMENTS
    ),
    near("iv-ketamine-documentation", "everything", noted),
    near("iv-ketamine-documentation", "by injection", lambda c: noted(c, route="im", has_rate=False)),
    near("iv-ketamine-documentation", "another drug", lambda c: noted(c, drug="midazolam", has_rate=False)),
    unknown("iv-ketamine-documentation", "not known", lambda c: noted(c, has_plan=None)),
]
