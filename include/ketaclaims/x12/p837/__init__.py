"""837P professional claims: what was truly billed. Reads with the X12 core of the 835 reader."""
