"""The ``ketaclaims`` command: one sub-command group per part, each defined beside its part."""

import typer

from ketaclaims.alerts import commands as alert_commands
from ketaclaims.ehr import commands as ehr_commands
from ketaclaims.orchestration import commands as run_commands
from ketaclaims.publish import commands as publish_commands
from ketaclaims.quality import commands as quality_commands
from ketaclaims.raw import commands as raw_commands
from ketaclaims.reference import commands as reference_commands
from ketaclaims.simulate import commands as simulate_commands
from ketaclaims.x12 import commands as x12_commands
from ketaclaims.x12.p837 import commands as claim_commands

app = typer.Typer(
    help="Billing data pipeline for ketamine and esketamine clinics.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for part in (
    run_commands,
    raw_commands,
    ehr_commands,
    x12_commands,
    claim_commands,
    quality_commands,
    publish_commands,
    alert_commands,
    reference_commands,
    simulate_commands,
):
    part.register(app)
