"""Cases of every coding rule: a module per suite, found by its name."""
