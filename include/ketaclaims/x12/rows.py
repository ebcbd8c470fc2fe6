"""A row of a remit table while it is gathered."""

from typing import Any

Row = tuple[Any, ...]  # _segment_number, then the table's own columns; amounts and dates as integers
