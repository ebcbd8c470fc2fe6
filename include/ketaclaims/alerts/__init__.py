"""Alerts: decide what is worth telling (pure), tell each audience once, remember what was told."""

from ketaclaims.alerts.runner import run

__all__ = ["run"]
