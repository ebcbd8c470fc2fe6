"""Reference data others publish: NCCI pairs and limits, code sets, reason codes. No descriptor texts are kept."""
