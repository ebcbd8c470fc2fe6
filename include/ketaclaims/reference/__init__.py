"""Reference data others publish: NCCI pairs and limits, code sets, reason codes. Never their texts."""
