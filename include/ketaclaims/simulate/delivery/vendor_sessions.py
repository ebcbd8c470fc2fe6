"""An Osmind-like session export: one row per drug given, with the visit, a vitals grid and scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ketaclaims.simulate.delivery.forms import (
    ACQUISITIONS,
    CONTAINERS,
    GIVEN,
    MODES,
    ROUTES,
    Forms,
    words,
)
from ketaclaims.simulate.model import Cell, Patient, Row

GRID = ("Pre BP", "40 Min BP", "Discharge BP")
SCORES = ("PHQ-9", "GAD-7")
# kind of observation -> the cell it has if it was taken at the time of that blood pressure
BESIDE = {
    "hr": ("Pre BP", "Pre HR"),
    "spo2": ("Pre BP", "Pre SpO2"),
    "sedation": ("40 Min BP", "Sedation Score"),
    "dissociation": ("40 Min BP", "Dissociation Score"),
}


@dataclass
class Sessions:
    """The rows of the report, and the rows of the tables it has no place for."""

    rows: list[dict[str, str]] = field(default_factory=list)
    encounters: list[Row] = field(default_factory=list)
    observations: list[Row] = field(default_factory=list)


def sessions(tables: Mapping[str, Sequence[Row]], people: Mapping[str, Patient], forms: Forms) -> Sessions:
    """Visits at which something was given; what else happened at a visit stays for other exports."""
    given: dict[Cell, list[Row]] = {}
    for row in tables.get("administration", ()):
        given.setdefault(row["encounter_id"], []).append(row)
    seen: dict[Cell, list[Row]] = {}
    for row in tables.get("observation", ()):
        seen.setdefault(row.get("encounter_id"), []).append(row)
    report = Sessions()
    for visit in tables.get("encounter", ()):
        administrations = given.get(visit["encounter_id"], [])
        observations = seen.pop(visit["encounter_id"], [])
        if not administrations:
            report.encounters.append(visit)
            report.observations += observations
            continue
        grid, left = _grid(observations, forms)
        report.observations += left
        person = people[str(visit["patient_id"])]
        for number, row in enumerate(administrations):
            cells = {**_visit(visit, person, forms), **_given(row, forms)}
            report.rows.append({**cells, **(grid if number == 0 else dict.fromkeys(grid, ""))})
    report.observations += [row for rows in seen.values() for row in rows]
    return report


def _visit(visit: Row, person: Patient, forms: Forms) -> dict[str, str]:
    return {
        "Session ID": str(visit["encounter_id"]),
        "Patient ID": str(visit["patient_id"]),
        "Patient Name": f"{person.last_name}, {person.first_name}",
        "Site ID": str(visit["site_id"]),
        "Rendering NPI": forms.digits(visit["rendering_npi"]),
        "Supervising NPI": str(visit.get("supervising_npi") or ""),
        "Session Status": str(visit["status"]),
        "Session Type": str(visit["visit_type"]),
        "Mode": words(MODES, visit["mode"]),
        "Patient State": str(visit["patient_state"] or ""),
        "New Patient": forms.flag(visit["new_patient"]),
        "Check-in Time": forms.clock(visit["start_at"]),
        "Check-out Time": forms.clock(visit["end_at"]),
        "Note ID": str(visit["note_id"] or ""),
        "Signed At": forms.clock(visit["signed_at"]),
        "Amended At": forms.clock(visit.get("amended_at")),
        "Scheduled At": forms.clock(visit.get("scheduled_at")),
    }


def _given(row: Row, forms: Forms) -> dict[str, str]:
    return {
        "Administration ID": str(row["administration_id"]),
        "Medication": str(row["drug"]),
        "Route": words(ROUTES, row["route"]),
        "Dose": forms.dose(row["dose_mg"], row["weight_kg"]),
        "Weight": forms.amount(row["weight_kg"], "kg"),
        "Wasted": forms.amount(row["wasted_mg"], "mg"),
        "NDC": forms.ndc(row["ndc11"]),
        "Lot Number": str(row["lot"] or ""),
        "Container Type": words(CONTAINERS, row["container_type"]),
        "Acquisition": words(ACQUISITIONS, row["acquisition"]),
        "Strength (mg/mL)": forms.number(row["strength_mg_per_ml"]),
        "Containers": forms.number(row["container_count"]),
        "Dose Start": forms.clock(row["start_at"]),
        "Dose End": forms.clock(row["stop_at"]),
        "Last Device Time": forms.clock(row["last_device_at"]),
        "Discharge Time": forms.clock(row["discharged_at"]),
        "Administration Status": words(GIVEN, row["status"]),
        "Administered By": str(row["given_by"] or ""),
        "Ordering NPI": str(row["ordering_npi"] or ""),
    }


def _grid(observations: Sequence[Row], forms: Forms) -> tuple[dict[str, str], list[Row]]:
    """The vitals grid of one session and the observations it has no cell for."""
    cells = {name: "" for place in GRID for name in (place, f"{place} Time")}
    cells |= {cell: "" for _, cell in BESIDE.values()}
    cells |= {f"{score} {part}": "" for score in SCORES for part in ("Score", "Completed At")}
    pressures = sorted((row for row in observations if row["kind"] == "bp"), key=_taken_at)
    times: dict[str, Cell] = {}
    for place, row in zip(GRID, pressures, strict=False):
        cells[place], times[place] = forms.pressure(row["sbp"], row["dbp"]), row["taken_at"]
        cells[f"{place} Time"] = forms.clock(row["taken_at"])
    left = pressures[len(GRID) :]
    for row in sorted((row for row in observations if row["kind"] != "bp"), key=_taken_at):
        place, cell = BESIDE.get(str(row["kind"]), ("", ""))
        score = str(row.get("instrument"))
        if cell and not cells[cell] and row["taken_at"] == times.get(place):
            cells[cell] = forms.number(row["value_num"])
        elif score in SCORES and not cells[f"{score} Score"]:
            cells[f"{score} Score"] = forms.number(row["value_num"])
            cells[f"{score} Completed At"] = forms.clock(row["taken_at"])
        else:
            left.append(row)
    return cells, left


def _taken_at(row: Row) -> str:
    return str(row["taken_at"])
