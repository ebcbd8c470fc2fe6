"""Work lists of a batch: what each reader process is told, and what it hands back."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from ketaclaims.errors import KetaclaimsError
from ketaclaims.raw.manifest import Action, CommitKind, DataFile, InputRecord
from ketaclaims.settings import Settings


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class Overrides(_Record):
    """What a person allowed for one reading."""

    accept_test_files: bool = False
    accept_bad_rows: bool = False
    complete_transactions: bool = False


class SpecInput(_Record):
    """One input of a work list. ``record`` says all but the outcome; only ``read`` ones are opened."""

    step: Literal["read", "settled"]
    record: InputRecord


class Spec(_Record):
    """The work of one reader process."""

    batch_id: str
    worker: str
    inputs: tuple[SpecInput, ...]


class Batch(_Record):
    """A batch in flight. ``base_commit`` is what the ledger knew when it was planned.

    ``mode`` says why: ``feed`` new files; ``reread`` newer versions; ``release`` a person's decision, which
    is committed even where bytes and reader are known.
    """

    batch_id: str
    kind: CommitKind
    mode: Literal["feed", "reread", "release"]
    base_commit: int
    specs: tuple[str, ...]
    actions: tuple[Action, ...] = ()
    overrides: Overrides = Overrides()


class Fragment(_Record):
    """What one reader process did."""

    batch_id: str
    worker: str
    inputs: tuple[InputRecord, ...]
    data_files: tuple[DataFile, ...]


Form = TypeVar("Form", Spec, Fragment)


def spec_path(batch_id: str, worker: str) -> str:
    """A work list, relative to the raw folder."""
    return f"inflight/{batch_id}/{worker}.spec.json"


def fragment_path(batch_id: str, worker: str) -> str:
    """What came of it, relative to the raw folder."""
    return f"inflight/{batch_id}/{worker}.fragment.json"


def batch_path(settings: Settings, batch_id: str) -> Path:
    """The description of a batch in flight."""
    return settings.raw_dir / "inflight" / batch_id / "batch.json"


def batch_id_of(relative: str) -> str:
    """The batch a spec or fragment path belongs to. Raises BAD_SPEC for any other text."""
    parts = relative.split("/")
    if (
        len(parts) != 3
        or parts[0] != "inflight"
        or parts[1] in ("", ".", "..")
        or not parts[2].endswith(".json")
    ):
        raise KetaclaimsError("BAD_SPEC", "Not a path that ingest.plan or ingest.read has returned.")
    return parts[1]


def load(settings: Settings, relative: str, form: type[Form]) -> Form | None:
    """A spec or fragment by its relative path; None when it is gone. Raises BAD_SPEC when unreadable."""
    try:
        return form.model_validate_json((settings.raw_dir / relative).read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise KetaclaimsError(
            "BAD_SPEC",
            "The work list cannot be read.",
            where=f"raw/{relative}",
            next_step="Run the ingest again.",
        ) from None


def load_batch(settings: Settings, batch_id: str) -> Batch | None:
    """A batch in flight; None when it is committed, swept or was never finished being planned."""
    try:
        return Batch.model_validate_json(batch_path(settings, batch_id).read_bytes())
    except FileNotFoundError:
        return None
