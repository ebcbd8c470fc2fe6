"""What dbt's ``adapter`` gives a template, for sqlfluff only: it cannot run dispatched macros."""

from collections.abc import Callable


def dispatch(macro_name: str) -> Callable[..., str]:
    """Stand in for a dispatched macro: its first argument, or its name, is SQL of the same kind."""
    return lambda *arguments: str(arguments[0]) if arguments else macro_name
