"""``python -m ketaclaims`` is the ``ketaclaims`` command."""

from ketaclaims.cli import app

app()
