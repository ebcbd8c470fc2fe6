"""Airflow listener that shows each task of a run on the terminal as it starts and ends."""

import time
from typing import Any

from airflow.listeners import hookimpl
from rich.console import Console
from rich.status import Status


class TaskProgress:
    """One line per finished task, a spinner for the one at work."""

    def __init__(self, console: Console, status: Status) -> None:
        self.console, self.status, self.dag_id, self.began = console, status, "", time.monotonic()

    def start(self, dag_id: str) -> None:
        """Head the lines of the next DAG."""
        self.dag_id = dag_id
        self.console.print(f"[bold]{dag_id}[/bold]")
        self.status.update(f"{dag_id} …")

    @hookimpl
    def on_task_instance_running(self, previous_state: Any, task_instance: Any) -> None:
        """Show what is at work."""
        self.began = time.monotonic()
        self.status.update(f"{self.dag_id}: {task_instance.task_id} …")

    @hookimpl
    def on_task_instance_success(self, previous_state: Any, task_instance: Any) -> None:
        """Show a finished task."""
        self._line("[green]✓[/green]", task_instance)

    @hookimpl
    def on_task_instance_skipped(self, previous_state: Any, task_instance: Any) -> None:
        """Show a task with nothing to do."""
        self._line("[dim]·[/dim]", task_instance)

    @hookimpl
    def on_task_instance_failed(self, previous_state: Any, task_instance: Any, error: Any) -> None:
        """Show a failed task and the reason meant for people."""
        self._line("[red]✗[/red]", task_instance)
        if error is not None:
            self.console.print(f"    {error}", style="red", markup=False, highlight=False)

    def _line(self, mark: str, task_instance: Any) -> None:
        index = f" [{task_instance.map_index}]" if (task_instance.map_index or -1) >= 0 else ""
        name = f"{task_instance.task_id}{index}"
        self.console.print(f"  {mark} {name:<36}{time.monotonic() - self.began:6.1f} s", highlight=False)
