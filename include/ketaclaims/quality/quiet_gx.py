"""Great Expectations without telemetry, progress bars and log lines."""

import logging
import os
from typing import Any


def import_gx() -> Any:
    """The package, silenced: its logs and tracebacks may hold cell values, and none may reach ours."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    import great_expectations as gx

    logger = logging.getLogger("great_expectations")
    # some of its loggers set their own level, so what they say is stopped on its way up
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return gx


def context(**kwargs: Any) -> Any:
    """A data context of the given kind, without progress bars."""
    made = import_gx().get_context(**kwargs)
    made.variables.progress_bars = {"globally": False}
    return made
